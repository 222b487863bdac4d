//! Counterparties that never answer, one for each phase: `--timeout` and a signal end the phase within a second, and nothing is
//! left behind.

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use provenear_tests::documents;
use provenear_tests::http::{Reply, Server};
use serde_json::Value;

use crate::bench::{Bench, File, Kind};

/// The time that a phase is given: each of those before gets it too, and needs less.
const TIME: Duration = Duration::from_secs(8);
const SECOND: Duration = Duration::from_secs(1);

/// A phase, and what it says when it begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    Source,
    Image,
    Fetch,
    Build,
}

impl Phase {
    const ALL: [Phase; 4] = [Phase::Source, Phase::Image, Phase::Fetch, Phase::Build];

    fn says(self) -> &'static str {
        match self {
            Phase::Source => "fetching commit",
            Phase::Image => "pulling `",
            Phase::Fetch => "fetching the dep",
            Phase::Build => "running `",
        }
    }

    /// The code of a phase that took too long.
    fn code(self) -> &'static str {
        match self {
            Phase::Source => "limit-exceeded",
            Phase::Image => "image-unavailable",
            Phase::Fetch | Phase::Build => "build-timeout",
        }
    }
}

/// A server, whoever asks it: a registry, or a proxy on the way to one.
struct Silent {
    server: Server,
    asked: Arc<AtomicUsize>,
}

impl Silent {
    fn start() -> Silent {
        let asked = Arc::<AtomicUsize>::default();
        let counted = asked.clone();
        let server = Server::start(0, move |_| {
            counted.fetch_add(1, Ordering::SeqCst);
            Reply::Hang
        });
        Silent { server: server.unwrap(), asked }
    }
}

/// A rebuild that hangs in a phase.
struct Hanging {
    child: Child,
    said: BufReader<std::process::ChildStderr>,
    /// When the phase began.
    since: Instant,
}

impl Hanging {
    fn start(bench: &Bench, phase: Phase, silent: &Silent, more: &[&str]) -> Hanging {
        let mut command = match phase {
            Phase::Source | Phase::Build => {
                let commit = bench.repository("r", &[("pre.wasm", File::Bytes(b"\0asm\x01\0\0\0"))]);
                bench.git.set_hang(phase == Phase::Source);
                bench.command(&bench.claim("r", &commit, &["sh", "-c", "sleep 600"]), more)
            }
            Phase::Image => {
                let commit = bench.repository("r", &[("a", File::Text("a"))]);
                let image = format!("127.0.0.1:{}/silent@sha256:{}", silent.server.port(), "a".repeat(64));
                bench.command(&bench.claim("r", &commit, &["true"]), &[more, &["--image", &image]].concat())
            }
            Phase::Fetch => {
                let mut command = bench.command(&crate::dependencies::honest(bench), more);
                command.env("no_proxy", "canary.example").env("NO_PROXY", "canary.example");
                for name in ["https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"] {
                    command.env(name, silent.server.url());
                }
                command
            }
        };
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut said = BufReader::new(child.stderr.take().unwrap());
        let mut line = Vec::new();
        while !String::from_utf8_lossy(&line).contains(phase.says()) {
            line.clear();
            assert_ne!(said.read_until(b'\n', &mut line).unwrap(), 0, "it ended before {phase:?}");
        }
        Hanging { child, said, since: Instant::now() }
    }

    /// Waits until nobody but the silent one is waited for.
    fn settle(&self, bench: &Bench, phase: Phase, silent: &Silent) {
        let is_asked = || match phase {
            Phase::Source => !bench.git.requests().is_empty(),
            Phase::Image => silent.asked.load(Ordering::SeqCst) > 0,
            // The container of the build is made meanwhile, and that is not cut off.
            Phase::Fetch => silent.asked.load(Ordering::SeqCst) > 0 && self.has_source(bench),
            Phase::Build => true,
        };
        while !is_asked() {
            assert!(self.since.elapsed() < Duration::from_secs(60), "{phase:?}");
            std::thread::sleep(Duration::from_millis(50));
        }
        std::thread::sleep(Duration::from_millis(500));
    }

    fn has_source(&self, bench: &Bench) -> bool {
        let name = |line: &String| line.split(' ').next().map(ToOwned::to_owned);
        let Some(container) = bench.containers(self.child.id()).first().and_then(name) else { return false };
        let look = ["exec", &container, "/bin/bash", "-c", "test -e /home/near/code/.git/config"];
        bench.engine().command().args(look).output().unwrap().status.success()
    }

    /// How it ended, and how long after the phase began.
    fn end(mut self) -> (Option<i32>, String, Duration) {
        let mut said = Vec::new();
        self.said.read_to_end(&mut said).unwrap();
        let out = self.child.wait_with_output().unwrap();
        let taken = self.since.elapsed();
        let json = documents::read(&out.stdout).unwrap();
        let code = json.pointer("/error/code").and_then(Value::as_str).unwrap_or_default().to_owned();
        (out.status.code(), code, taken)
    }
}

/// How long the engine takes to remove a container, where there is one in a phase.
fn removal(bench: &Bench, phase: Phase) -> Duration {
    match phase {
        Phase::Source | Phase::Image => Duration::ZERO,
        Phase::Fetch | Phase::Build => {
            let run = ["run", "--detach", "--entrypoint", "/bin/sleep", &bench.ground.image.reference, "600"];
            let made = bench.engine().command().args(run).output().unwrap();
            let id = String::from_utf8(made.stdout).unwrap().trim().to_owned();
            let since = Instant::now();
            assert!(bench.engine().command().args(["rm", "--force", &id]).output().unwrap().status.success());
            // It varies, and a container with a source in it has more to remove.
            since.elapsed() * 2
        }
    }
}

#[test]
fn the_timeout_ends_each_phase_within_a_second() {
    for phase in Phase::ALL {
        let (bench, silent) = (Bench::new(Kind::Docker), Silent::start());
        let removal = removal(&bench, phase);
        let hanging = Hanging::start(&bench, phase, &silent, &["--timeout", &format!("{}s", TIME.as_secs())]);
        let pid = hanging.child.id();
        let (_, code, taken) = hanging.end();
        assert_eq!(code, phase.code(), "{phase:?}");
        let late = taken.saturating_sub(TIME + removal);
        assert!(taken + SECOND > TIME && late < SECOND, "{phase:?} took {taken:?}, of which {removal:?} to clear up");
        assert_eq!((bench.containers(pid), bench.work()), (vec![], vec![]), "{phase:?}");
    }
}

#[test]
fn a_signal_ends_each_phase_within_a_second() {
    for phase in Phase::ALL {
        for name in ["INT", "TERM"] {
            let (bench, silent) = (Bench::new(Kind::Docker), Silent::start());
            let removal = removal(&bench, phase);
            let mut hanging = Hanging::start(&bench, phase, &silent, &[]);
            hanging.settle(&bench, phase, &silent);
            let pid = hanging.child.id();
            hanging.since = Instant::now();
            assert!(Command::new("kill").args(["-s", name, &pid.to_string()]).status().unwrap().success());
            let (exit, code, taken) = hanging.end();
            assert_eq!((exit, code.as_str()), (Some(130), "interrupted"), "{phase:?} {name}");
            let late = taken.saturating_sub(removal);
            assert!(late < SECOND, "{phase:?} {name} took {taken:?}, of which {removal:?} to clear up");
            assert_eq!((bench.containers(pid), bench.work()), (vec![], vec![]), "{phase:?} {name}");
        }
    }
}
