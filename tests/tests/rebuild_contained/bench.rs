//! A place to rebuild in: repositories behind a git server on loopback, a folder for everything that the helper keeps,
//! and an engine that really runs containers.

use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use provenear_tests::documents;
use provenear_tests::git_server::GitServer;
use provenear_tests::ground::{Engine, Ground};
use serde_json::{Value, json};
use tempfile::TempDir;

/// Which engine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Docker,
    Podman,
}

/// What lies in a repository.
#[derive(Debug, Clone, Copy)]
pub(crate) enum File<'a> {
    Text(&'a str),
    Bytes(&'a [u8]),
    Program(&'a str),
    Link(&'a str),
}

pub(crate) struct Bench {
    pub(crate) ground: Ground,
    pub(crate) git: GitServer,
    pub(crate) folder: TempDir,
    pub(crate) kind: Kind,
}

/// How a run ended.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) exit: i32,
    pub(crate) json: Value,
    pub(crate) stderr: String,
    /// The process id of the helper.
    pub(crate) pid: u32,
}

impl Ended {
    /// Runs a command to its end.
    pub(crate) fn by(mut command: Command) -> Ended {
        let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let pid = child.id();
        Ended { pid, ..Ended::of(&child.wait_with_output().unwrap()) }
    }

    /// How it ended that printed this.
    pub(crate) fn of(out: &Output) -> Ended {
        let stderr = String::from_utf8_lossy(&out.stderr).into_owned();
        let json = documents::read(&out.stdout).unwrap_or_else(|e| panic!("{e:#}, stderr `{stderr}`"));
        Ended { exit: out.status.code().unwrap_or(-1), json, stderr, pid: 0 }
    }

    /// What the build printed.
    pub(crate) fn log(&self) -> String {
        std::fs::read_to_string(self.json.pointer("/rebuild/log").unwrap().as_str().unwrap()).unwrap()
    }

    /// The limits that the manifest records.
    pub(crate) fn limits(&self) -> Value {
        self.statement()["predicate"]["buildDefinition"]["internalParameters"]["limits"].clone()
    }

    /// The code of the error, or "" where there was none.
    pub(crate) fn code(&self) -> &str {
        self.json.pointer("/error/code").and_then(Value::as_str).unwrap_or_default()
    }

    /// The statement inside the manifest that was written.
    pub(crate) fn statement(&self) -> Value {
        let path = self.json.pointer("/rebuild/manifest").and_then(Value::as_str).expect("a manifest was written");
        let text = std::fs::read_to_string(path).unwrap();
        payload(text.lines().last().unwrap())
    }

    /// The notices of the manifest that was written.
    pub(crate) fn notices(&self) -> Vec<String> {
        let statement = self.statement();
        let notices = &statement["predicate"]["buildDefinition"]["internalParameters"]["notices"];
        serde_json::from_value(notices.clone()).unwrap()
    }
}

impl Bench {
    pub(crate) fn new(kind: Kind) -> Bench {
        let ground = Ground::read().unwrap();
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("git")).unwrap();
        let git = GitServer::start(folder.path().join("git"), 0).unwrap();
        Bench { ground, git, folder, kind }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn engine(&self) -> &Engine {
        match self.kind {
            Kind::Docker => self.ground.docker().unwrap(),
            Kind::Podman => self.ground.podman().unwrap(),
        }
    }

    /// Makes `git/<name>.git` with one commit of these files, and gives the commit.
    pub(crate) fn repository(&self, name: &str, files: &[(&str, File<'_>)]) -> String {
        let tree = tempfile::tempdir().unwrap();
        for (path, file) in files {
            let path = tree.path().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            match file {
                File::Text(text) => std::fs::write(&path, text).unwrap(),
                File::Bytes(bytes) => std::fs::write(&path, bytes).unwrap(),
                File::Link(target) => symlink(target, &path).unwrap(),
                File::Program(text) => {
                    std::fs::write(&path, text).unwrap();
                    std::fs::set_permissions(&path, PermissionsExt::from_mode(0o755)).unwrap();
                }
            }
        }
        git(tree.path(), &["init", "--quiet", "--initial-branch", "main"]);
        git(tree.path(), &["add", "--all", "--force"]);
        git(tree.path(), &["commit", "--quiet", "--allow-empty", "--message", "c"]);
        let bare = self.bare(name);
        git(tree.path(), &["clone", "--quiet", "--bare", ".", bare.to_str().unwrap()]);
        git(&bare, &["rev-parse", "HEAD"])
    }

    pub(crate) fn bare(&self, name: &str) -> PathBuf {
        self.path("git").join(format!("{name}.git"))
    }

    /// The metadata of a claim on `<name>.git` at `commit`: what `--recipe` takes.
    pub(crate) fn claim(&self, name: &str, commit: &str, command: &[&str]) -> Value {
        json!({"version": "1.0.0", "link": null, "standards": [], "build_info": {
            "build_environment": self.ground.image.reference,
            "source_code_snapshot": format!("git+{}/{name}.git?rev={commit}", self.git.url()),
            "contract_path": "", "build_command": command, "output_wasm_path": "/home/near/code/out/a.wasm"}})
    }

    /// A command that rebuilds a claim, with a cache, a key and an output folder of this bench's own.
    pub(crate) fn command(&self, claim: &Value, more: &[&str]) -> Command {
        let recipe = self.path("recipe.json");
        std::fs::write(&recipe, serde_json::to_vec(claim).unwrap()).unwrap();
        let mut command = self.ground.provenear().unwrap();
        command
            .envs(&self.engine().env)
            .env("PROVENEAR_CACHE", self.path("cache"))
            .env("PROVENEAR_DATA", self.path("data"));
        command
            .args(["rebuild", "--json", "--allow-local-source", "--recipe"])
            .arg(&recipe)
            .arg("--out")
            .arg(self.path("out"));
        command.arg("--engine").arg(&self.engine().command).args(more);
        if let Some(ca_file) = &self.ground.ca_file {
            command.arg("--ca-file").arg(ca_file);
        }
        command.stdin(Stdio::null());
        command
    }

    pub(crate) fn rebuild(&self, claim: &Value, more: &[&str]) -> Ended {
        Ended::by(self.command(claim, more))
    }

    /// A rebuild of a repository with `build.sh` in it, which is what the claim runs.
    pub(crate) fn script(&self, script: &str, more: &[&str]) -> Ended {
        let commit = self
            .repository("script", &[("build.sh", File::Text(script)), ("pre.wasm", File::Bytes(b"\0asm\x01\0\0\0"))]);
        let ended = self.rebuild(&self.claim("script", &commit, &["bash", "build.sh"]), more);
        std::fs::remove_dir_all(self.bare("script")).unwrap();
        ended
    }

    /// Containers of the helper with this process id; of any helper of this bench's cache where there is none.
    pub(crate) fn containers(&self, pid: u32) -> Vec<String> {
        let format = "{{.Names}} {{.Labels}}";
        let out = self
            .engine()
            .command()
            .args(["ps", "--all", "--filter", "label=provenear.owner", "--format", format])
            .output();
        let text = String::from_utf8(out.unwrap().stdout).unwrap();
        text.lines().filter(|line| line.contains(&format!(".{pid}."))).map(ToOwned::to_owned).collect()
    }

    /// Nothing of this helper is left: no container, no folder of work.
    pub(crate) fn nothing_left(&self, ended: &Ended, of: &str) {
        assert_eq!(self.containers(ended.pid), Vec::<String>::new(), "{of}");
        assert_eq!(self.work(), Vec::<String>::new(), "{of}");
    }

    /// Folders of work in progress.
    pub(crate) fn work(&self) -> Vec<String> {
        let entries = std::fs::read_dir(self.path("cache/work")).into_iter().flatten().flatten();
        entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect()
    }

    /// Starts a rebuild and waits until its container runs the claimed command.
    pub(crate) fn start(&self, claim: &Value, more: &[&str]) -> Child {
        let mut command = self.command(claim, more);
        let child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let until = std::time::Instant::now() + std::time::Duration::from_secs(120);
        while !self.containers(child.id()).iter().any(|line| line.contains("-build")) {
            assert!(std::time::Instant::now() < until, "the container never came up");
            std::thread::sleep(std::time::Duration::from_millis(100));
        }
        child
    }
}

/// The statement in a line.
pub(crate) fn payload(line: &str) -> Value {
    let envelope: Value = serde_json::from_str(line).unwrap();
    let base64 = &base64::engine::general_purpose::STANDARD;
    let payload = base64::Engine::decode(base64, envelope["payload"].as_str().unwrap()).unwrap();
    serde_json::from_slice(&payload).unwrap()
}

pub(crate) fn git(folder: &Path, args: &[&str]) -> String {
    let out = Command::new("git")
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .args(["-c", "user.name=t", "-c", "user.email=t@example.com", "-c", "commit.gpgSign=false"])
        .args(["-c", "protocol.file.allow=always"])
        .args(args)
        .current_dir(folder)
        .output()
        .unwrap();
    assert!(out.status.success(), "git {args:?}: {}", String::from_utf8_lossy(&out.stderr));
    String::from_utf8(out.stdout).unwrap().trim().to_owned()
}
