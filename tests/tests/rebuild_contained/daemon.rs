//! A Docker daemon of a test's own, behind TLS on loopback, with storage of its own; and an image small enough to be
//! pulled into it in no time.

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use provenear_tests::ground::Ground;
use tempfile::TempDir;

pub(crate) struct Daemon {
    child: Child,
    folder: TempDir,
    port: u16,
    _bridge: Bridge,
}

/// A bridge of its own: told to have none, a daemon takes away the one that every other daemon on the machine uses.
struct Bridge(String);

impl Bridge {
    /// With an address that nobody else has, out of the range for tests of network devices (RFC 2544).
    fn new(port: u16) -> Bridge {
        let (name, at) = (format!("pn{port}"), u32::from(port % 8192) * 8 + 1);
        let address = format!("198.18.{}.{}/29", at / 256, at % 256);
        ip(&["link", "add", "name", &name, "type", "bridge"]);
        let bridge = Bridge(name);
        ip(&["addr", "add", &address, "dev", &bridge.0]);
        bridge
    }
}

impl Drop for Bridge {
    fn drop(&mut self) {
        ip(&["link", "delete", &self.0]);
    }
}

fn ip(words: &[&str]) {
    let out = Command::new("ip").args(words).output().expect("`ip` is installed");
    assert!(out.status.success(), "ip {words:?}: {}", String::from_utf8_lossy(&out.stderr));
}

impl Daemon {
    /// Starts it and waits until it answers. Only root can.
    pub(crate) fn start() -> Daemon {
        let folder = tempfile::tempdir().unwrap();
        certify(folder.path());
        let path = |name: &str| folder.path().join(name);
        std::fs::write(path("daemon.json"), "{}").unwrap();
        let port = TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port();
        let bridge = Bridge::new(port);
        let log = std::fs::File::create(path("dockerd.log")).unwrap();
        // The kernel ends it with the thread of the test.
        let mut command = Command::new("setpriv");
        command.args(["--pdeathsig", "TERM", "--", "dockerd", "--iptables=false", "--ip-forward=false"]);
        command.args(["--ip-masq=false", "--userland-proxy=false", "--bridge", &bridge.0]);
        command.args(["--shutdown-timeout", "1", "--tlsverify", "--host"]).arg(format!("tcp://127.0.0.1:{port}"));
        for (option, name) in [
            ("--config-file", "daemon.json"),
            ("--data-root", "data"),
            ("--exec-root", "exec"),
            ("--pidfile", "pid"),
            ("--tlscacert", "ca.pem"),
            ("--tlscert", "server-cert.pem"),
            ("--tlskey", "server-key.pem"),
        ] {
            command.arg(option).arg(path(name));
        }
        command.stdin(Stdio::null()).stdout(log.try_clone().unwrap()).stderr(log);
        let child = command.spawn().expect("`setpriv` and `dockerd` are installed");
        let daemon = Daemon { child, folder, port, _bridge: bridge };
        daemon.wait("the daemon", || daemon.docker(&["version"]).is_some());
        daemon
    }

    /// What `--engine` takes.
    pub(crate) fn url(&self) -> String {
        format!("tcp://127.0.0.1:{}", self.port)
    }

    /// The folder with `ca.pem`, `cert.pem` and `key.pem`, as Docker's client wants it.
    pub(crate) fn certificates(&self) -> &Path {
        self.folder.path()
    }

    /// A folder of certificates that this daemon knows nothing of.
    pub(crate) fn certificates_of_a_stranger() -> TempDir {
        let folder = tempfile::tempdir().unwrap();
        certify(folder.path());
        folder
    }

    /// The containers there.
    pub(crate) fn containers(&self) -> Vec<String> {
        let out = self.docker(&["ps", "--all", "--quiet"]).expect("the daemon answers");
        out.split_whitespace().map(ToOwned::to_owned).collect()
    }

    /// Waits until somebody has made a container.
    pub(crate) fn wait_for_container(&self) {
        self.wait("a container", || self.docker(&["ps", "--quiet"]).is_some_and(|ids| !ids.is_empty()));
    }

    /// Ends it, with the containers on it.
    pub(crate) fn stop(&mut self) {
        let asked = Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status();
        assert!(asked.unwrap().success());
        self.child.wait().unwrap();
    }

    fn docker(&self, words: &[&str]) -> Option<String> {
        let mut docker = Command::new("docker");
        docker.env("DOCKER_CERT_PATH", self.folder.path()).args(["--tlsverify", "--host", &self.url()]);
        let out = docker.args(words).output().unwrap();
        out.status.success().then(|| String::from_utf8(out.stdout).unwrap().trim().to_owned())
    }

    fn wait(&self, what: &str, is_there: impl Fn() -> bool) {
        let since = Instant::now();
        while !is_there() {
            let log = || std::fs::read_to_string(self.folder.path().join("dockerd.log")).unwrap_or_default();
            assert!(since.elapsed() < Duration::from_secs(90), "{what} never came up: {}", log());
            std::thread::sleep(Duration::from_millis(100));
        }
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        if self.child.try_wait().is_ok_and(|ended| ended.is_none()) {
            self.stop();
        }
    }
}

/// Makes an authority, a certificate for 127.0.0.1 and one for the client.
fn certify(folder: &Path) {
    let script = r#"
        set -e
        new="-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes"
        openssl req -x509 $new -keyout ca-key.pem -out ca.pem -days 2 -subj /CN=authority
        sign() {
            openssl req $new -keyout "$1.key" -out "$1.csr" -subj "/CN=$1"
            printf '%s\n' "$2" > "$1.ext"
            openssl x509 -req -in "$1.csr" -CA ca.pem -CAkey ca-key.pem -CAcreateserial -days 2 -extfile "$1.ext" -out "$1.crt"
        }
        sign server 'subjectAltName=IP:127.0.0.1'
        sign client 'extendedKeyUsage=clientAuth'
        mv server.crt server-cert.pem; mv server.key server-key.pem; mv client.crt cert.pem; mv client.key key.pem
    "#;
    let out = Command::new("sh").args(["-c", script]).current_dir(folder).output().unwrap();
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
}

/// A few programs of the build image and what they are linked with, as a tar.
pub(crate) fn programs(ground: &Ground) -> &'static [u8] {
    static TAR: OnceLock<Vec<u8>> = OnceLock::new();
    TAR.get_or_init(|| {
        let take = "cd /; for p in bash sh tar cat rm cp mkdir sleep; do echo bin/$p; ldd /bin/$p; done \
            | grep -o '[^ ]*bin/.*\\|/[^ ]*' | sed 's,^/,,' | sort -u | tar -chf - -T -";
        let mut run = ground.docker().unwrap().command();
        run.args(["run", "--rm", "--network", "none", "--entrypoint", "sh", &ground.image.reference, "-c", take]);
        let out = run.output().unwrap();
        assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
        out.stdout
    })
}

/// Those programs, as an image in the registry on loopback, by digest.
pub(crate) fn small_image(ground: &Ground) -> String {
    let engine = ground.docker().unwrap();
    let name =
        format!("{}/provenear/small:{}-{:?}", ground.registry.address, std::process::id(), std::thread::current().id());
    let name = name.replace(['(', ')'], "");
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), programs(ground)).unwrap();
    let docker = |words: &[&str]| {
        let out = engine.command().args(words).output().unwrap();
        assert!(out.status.success(), "{words:?}: {}", String::from_utf8_lossy(&out.stderr));
        String::from_utf8(out.stdout).unwrap().trim().to_owned()
    };
    let tar: PathBuf = file.path().into();
    docker(&["import", "--change", "ENV PATH=/bin HOME=/home/near", tar.to_str().unwrap(), &name]);
    docker(&["push", "--quiet", &name]);
    let digest = docker(&["image", "inspect", "--format", "{{index .RepoDigests 0}}", &name]);
    let digest = digest.rsplit_once('@').unwrap().1;
    docker(&["image", "rm", &name]);
    format!("{name}@{digest}")
}
