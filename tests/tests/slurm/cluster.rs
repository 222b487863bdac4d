//! A Slurm of a test's own: munged, a controller, and nodes that are processes on this machine. Each node is the first process of
//! a PID namespace, so that ending it ends all that it ever started, as when a machine loses its power. All of them end with the
//! thread of the test, however that ends. They listen on loopback alone.

use std::fmt::Write as _;
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use sha2::{Digest, Sha256};
use tempfile::TempDir;

/// The nodes.
pub(crate) const NODES: [&str; 2] = ["node1", "node2"];
/// The controller takes a node for dead that does not answer for so long.
const SILENCE: Duration = Duration::from_secs(5);
const PATIENCE: Duration = Duration::from_secs(60);

pub(crate) struct Cluster {
    /// Machines that the helper takes the nodes for, which its containers are labelled with.
    pub(crate) machines: Vec<String>,
    // Ended in this order.
    nodes: Vec<Daemon>,
    _controller: Daemon,
    _munged: Daemon,
    folder: TempDir,
}

/// A daemon that ends with this, or with the thread that started it.
struct Daemon {
    name: String,
    child: Child,
    log: PathBuf,
}

impl Daemon {
    fn start(name: &str, folder: &Path, argv: &[&str]) -> Daemon {
        let log = folder.join(format!("{name}.log"));
        let file = std::fs::File::create(&log).unwrap();
        let mut command = Command::new("setpriv");
        command.args(["--pdeathsig", "KILL", "--"]).args(argv).env("SLURM_CONF", folder.join("slurm.conf"));
        command.stdin(Stdio::null()).stdout(file.try_clone().unwrap()).stderr(file);
        let child = command.spawn().unwrap_or_else(|error| panic!("`setpriv` for {argv:?}: {error}"));
        Daemon { name: name.to_owned(), child, log }
    }

    /// What it said, for a test that fails.
    fn said(&self) -> String {
        let text = std::fs::read_to_string(&self.log).unwrap_or_default();
        let lines: Vec<&str> = text.lines().collect();
        format!("{}:\n{}\n", self.name, lines[lines.len().saturating_sub(20)..].join("\n"))
    }

    fn runs(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(None))
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        let _gone = self.child.kill();
        let _reaped = self.child.wait();
    }
}

impl Cluster {
    /// Starts it and waits until both nodes take jobs. Needs Debian's `slurm-wlm`, and root.
    pub(crate) fn start() -> Cluster {
        let folder = tempfile::tempdir().unwrap();
        let at = folder.path();
        // munged talks to nobody through a folder that others cannot enter.
        std::fs::set_permissions(at, std::fs::Permissions::from_mode(0o755)).unwrap();
        for name in ["state", "spool", "munge"] {
            std::fs::create_dir(at.join(name)).unwrap();
        }
        std::fs::write(at.join("slurm.conf"), configuration(at)).unwrap();
        let munged = munged(at);
        let configuration = at.join("slurm.conf");
        let configuration = configuration.to_str().unwrap();
        let hosts = at.join("hosts");
        std::fs::write(&hosts, format!("127.0.0.1 localhost {}\n", NODES.join(" "))).unwrap();
        let hosts = hosts.to_str().unwrap();
        let controller = Daemon::start("slurmctld", at, &["slurmctld", "-D", "-f", configuration]);
        let node = |name: &&str| {
            // It listens where its own name leads to.
            let script = "mount --bind \"$2\" /etc/hosts && hostname \"$0\" && exec slurmd -D -N \"$0\" -f \"$1\"";
            let own = ["unshare", "--pid", "--fork", "--kill-child", "--mount-proc", "--uts", "--", "sh", "-c", script];
            Daemon::start(name, at, &[&own[..], &[name, configuration, hosts]].concat())
        };
        let nodes: Vec<Daemon> = NODES.iter().map(node).collect();
        let machines = NODES.iter().zip(&nodes).map(|(name, daemon)| machine(name, &daemon.child)).collect();
        let mut cluster = Cluster { machines, nodes, _controller: controller, _munged: munged, folder };
        cluster.wait("both nodes are idle", |it| {
            it.slurm("sinfo", &["--noheader", "--Node", "--format=%N %T"])
                .is_some_and(|said| said.lines().filter(|line| line.ends_with(" idle")).count() == NODES.len())
        });
        cluster
    }

    /// Sets what a program needs to talk to this Slurm.
    pub(crate) fn environment(&self, command: &mut Command) {
        command.env("SLURM_CONF", self.folder.path().join("slurm.conf"));
    }

    /// What one of Slurm's programs prints, if it ends well.
    pub(crate) fn slurm(&self, program: &str, words: &[&str]) -> Option<String> {
        let mut command = Command::new(program);
        self.environment(&mut command);
        let output =
            command.args(words).stdin(Stdio::null()).output().unwrap_or_else(|error| panic!("{program}: {error}"));
        output.status.success().then(|| String::from_utf8_lossy(&output.stdout).into_owned())
    }

    /// Ends a node as if its power went: with all that runs there, at once and without a word.
    pub(crate) fn kill(&mut self, node: &str) {
        let node = self.nodes.iter_mut().find(|daemon| daemon.name == node).unwrap();
        node.child.kill().unwrap();
        node.child.wait().unwrap();
    }

    /// Whether the controller has none of these jobs in its queue any more.
    pub(crate) fn is_over(&self, jobs: &[&str]) -> bool {
        let jobs = format!("--jobs={}", jobs.join(","));
        // Jobs that it has forgotten are an error.
        self.slurm("squeue", &["--noheader", &jobs]).is_none_or(|said| said.trim().is_empty())
    }

    /// Lets what was put back into the queue start at once: Slurm gives a node two minutes to come back.
    pub(crate) fn hurry(&self) {
        let waiting =
            self.slurm("squeue", &["--noheader", "--array", "--states=PENDING", "--format=%i %r"]).unwrap_or_default();
        for (job, _) in
            waiting.lines().filter_map(|line| line.split_once(' ')).filter(|(_, reason)| *reason == "BeginTime")
        {
            self.slurm("scontrol", &["update", &format!("JobId={job}"), "StartTime=now"]);
        }
    }

    /// Waits for something.
    pub(crate) fn wait(&mut self, what: &str, is_so: impl FnMut(&Cluster) -> bool) {
        self.wait_for(PATIENCE, what, is_so);
    }

    /// Waits so long for something.
    pub(crate) fn wait_for(&mut self, patience: Duration, what: &str, mut is_so: impl FnMut(&Cluster) -> bool) {
        let since = Instant::now();
        while !is_so(self) {
            assert!(since.elapsed() < patience, "{what}: not within {} s\n{}", patience.as_secs(), self.said());
            std::thread::sleep(Duration::from_millis(100));
        }
    }

    /// What controller and nodes say of themselves, and the queue.
    pub(crate) fn said(&mut self) -> String {
        let mut said = String::new();
        for (program, words) in [("sinfo", &["--Node", "--long"][..]), ("squeue", &["--long"])] {
            said += &self.slurm(program, words).unwrap_or_default();
        }
        for daemon in std::iter::once(&mut self._controller).chain(&mut self.nodes) {
            let runs = daemon.runs();
            writeln!(said, "runs: {runs}, {}", daemon.said()).unwrap();
        }
        said
    }
}

/// What the helper knows the machine of a node by: the machine's id, its name, and the namespace of its process ids.
fn machine(name: &str, unshare: &Child) -> String {
    let link = format!("/proc/{}/ns/pid_for_children", unshare.id());
    let own = std::fs::read_link("/proc/self/ns/pid").unwrap();
    let since = Instant::now();
    let theirs = loop {
        let theirs = std::fs::read_link(&link).unwrap_or_else(|_| own.clone());
        if theirs != own {
            break theirs;
        }
        assert!(since.elapsed() < PATIENCE, "{name} has no namespace of its own");
        std::thread::sleep(Duration::from_millis(20));
    };
    let mut hash = Sha256::new();
    for part in [&std::fs::read("/etc/machine-id").unwrap_or_default()[..], format!("{name}\n").as_bytes()] {
        hash.update(part);
        hash.update([0]);
    }
    hash.update(theirs.as_os_str().as_encoded_bytes());
    hash.finalize().iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}

/// Starts munged with a key of its own, and waits until it answers.
fn munged(at: &Path) -> Daemon {
    let path = |name: &str| at.join("munge").join(name).to_str().unwrap().to_owned();
    let mut key = [0; 128];
    std::io::Read::read_exact(&mut std::fs::File::open("/dev/urandom").unwrap(), &mut key).unwrap();
    std::fs::write(path("key"), key).unwrap();
    std::fs::set_permissions(path("key"), std::fs::Permissions::from_mode(0o400)).unwrap();
    std::fs::set_permissions(at.join("munge"), std::fs::Permissions::from_mode(0o755)).unwrap();
    let options = [("key-file", "key"), ("socket", "socket"), ("pid-file", "pid"), ("seed-file", "seed")]
        .map(|(option, name)| format!("--{option}={}", path(name)));
    let argv: Vec<&str> = ["munged", "--foreground"].into_iter().chain(options.iter().map(String::as_str)).collect();
    let mut daemon = Daemon::start("munged", at, &argv);
    let since = Instant::now();
    let socket = format!("--socket={}", path("socket"));
    let answers = || {
        let mut command = Command::new("munge");
        command.args(["--no-input", &socket]).stdout(Stdio::null()).stderr(Stdio::null());
        command.status().is_ok_and(|status| status.success())
    };
    while !answers() {
        assert!(daemon.runs() && since.elapsed() < PATIENCE, "{}", daemon.said());
        std::thread::sleep(Duration::from_millis(50));
    }
    daemon
}

/// Of a cluster without accounting and without control groups, where one who is silent is soon taken for dead.
fn configuration(at: &Path) -> String {
    let taken: Vec<TcpListener> = (0..=NODES.len()).map(|_| TcpListener::bind(("127.0.0.1", 0)).unwrap()).collect();
    let ports: Vec<u16> = taken.iter().map(|it| it.local_addr().unwrap().port()).collect();
    let (folder, silence) = (at.display(), SILENCE.as_secs());
    let mut text = format!(
        "ClusterName=provenear\nSlurmctldHost=localhost(127.0.0.1)\nSlurmctldPort={}\nSlurmUser=root\nSlurmdUser=root\n\
         AuthType=auth/munge\nCredType=cred/munge\nAuthInfo=socket={folder}/munge/socket\n\
         CommunicationParameters=NoCtldInAddrAny,NoInAddrAny\n\
         StateSaveLocation={folder}/state\nSlurmdSpoolDir={folder}/spool/%n\n\
         SlurmctldPidFile={folder}/slurmctld.pid\nSlurmdPidFile={folder}/slurmd-%n.pid\n\
         ProctrackType=proctrack/linuxproc\nTaskPlugin=task/none\nSwitchType=switch/none\nMpiDefault=none\n\
         JobAcctGatherType=jobacct_gather/none\nAccountingStorageType=accounting_storage/none\n\
         SelectType=select/cons_tres\nSelectTypeParameters=CR_Core\nSchedulerType=sched/builtin\n\
         JobRequeue=1\nReturnToService=2\nSlurmdTimeout={silence}\nInactiveLimit=0\nKillWait=5\nMinJobAge=300\n\
         SlurmdParameters=config_overrides\nPropagateResourceLimits=NONE\nMailProg=/bin/true\n",
        ports[0]
    );
    for (name, port) in NODES.iter().zip(&ports[1..]) {
        writeln!(
            text,
            "NodeName={name} NodeHostname={name} NodeAddr=127.0.0.1 Port={port} CPUs=2 RealMemory=4096 State=UNKNOWN"
        )
        .unwrap();
    }
    text + "PartitionName=builds Nodes=ALL Default=YES MaxTime=INFINITE State=UP\n"
}
