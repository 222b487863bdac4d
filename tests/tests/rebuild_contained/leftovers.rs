//! What is left behind: nothing, after Ctrl-C at once, after `kill -9` by the next run; and a second helper is not disturbed.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::bench::{Bench, File, Kind};

const SLOW: [&str; 3] = ["sh", "-c", "sleep 600"];
const QUICK: [&str; 3] = ["sh", "-c", "mkdir out; cp pre.wasm out/a.wasm"];

fn signal(pid: u32, name: &str) {
    assert!(Command::new("kill").args(["-s", name, &pid.to_string()]).status().unwrap().success());
}

fn nothing_is_left(kind: Kind) {
    let bench = Bench::new(kind);
    let commit = bench.repository("r", &[("pre.wasm", File::Bytes(b"\0asm\x01\0\0\0"))]);
    let slow = bench.claim("r", &commit, &SLOW);

    let mut interrupted = bench.start(&slow, &[]);
    signal(interrupted.id(), "INT");
    let since = Instant::now();
    assert_eq!(interrupted.wait().unwrap().code(), Some(130));
    assert!(since.elapsed() < Duration::from_secs(60));
    assert_eq!((bench.containers(interrupted.id()), bench.work()), (vec![], vec![]));

    let mut killed = bench.start(&slow, &[]);
    let mut living = bench.start(&slow, &[]);
    signal(killed.id(), "KILL");
    killed.wait().unwrap();
    assert_eq!(bench.containers(killed.id()).len(), 1);
    let next = bench.rebuild(&bench.claim("r", &commit, &QUICK), &[]);
    assert_eq!(next.exit, 0, "{}", next.stderr);
    assert_eq!(bench.containers(killed.id()), Vec::<String>::new());
    // The second helper is at work as before.
    assert_eq!(bench.containers(living.id()).len(), 1);
    assert_eq!(bench.work().len(), 1);
    assert!(living.try_wait().unwrap().is_none());
    signal(living.id(), "TERM");
    assert_eq!(living.wait().unwrap().code(), Some(130));
    assert_eq!((bench.containers(living.id()), bench.work()), (vec![], vec![]));
}

docker_and_podman!(nothing_is_left);

#[test]
fn without_an_engine_there_is_one_sentence() {
    let bench = Bench::new(Kind::Docker);
    let commit = bench.repository("r", &[("x", File::Text(""))]);
    let mut command = bench.command(&bench.claim("r", &commit, &QUICK), &[]);
    command.env("DOCKER_HOST", "unix:///nonexistent/docker.sock");
    let out = command.output().unwrap();
    let json = provenear_tests::documents::read(&out.stdout).unwrap();
    assert_eq!((out.status.code(), json["error"]["code"].as_str()), (Some(4), Some("engine-missing")));
}

/// What the helper says when a phase begins, in their order.
const PHASES: [&str; 6] =
    ["fetching commit", "looking for the image", "fetching the dep", "copying the", "running `", "reading `"];

/// Starts a rebuild, and kills it a moment after a phase has begun.
fn killed(bench: &Bench, claim: &serde_json::Value, phase: &str, moment: Duration) -> u32 {
    let mut command = bench.command(claim, &[]);
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    let mut said = BufReader::new(child.stderr.take().unwrap());
    let mut line = Vec::new();
    while !String::from_utf8_lossy(&line).contains(phase) {
        line.clear();
        assert_ne!(said.read_until(b'\n', &mut line).unwrap(), 0, "it ended before `{phase}`");
    }
    std::thread::sleep(moment);
    child.kill().unwrap();
    child.wait().unwrap();
    child.id()
}

/// Killed in every phase: the next run takes away what is left, and does its work as if nothing had been.
#[test]
fn killed_in_every_phase_nothing_stays_half_done() {
    let bench = Bench::new(Kind::Docker);
    let claim = crate::dependencies::honest(&bench);
    let mut pids = Vec::new();
    for phase in PHASES {
        for moment in [0, 150] {
            pids.push(killed(&bench, &claim, phase, Duration::from_millis(moment)));
        }
    }
    let next = bench.rebuild(&claim, &[]);
    assert_eq!(next.exit, 0, "{} {}", next.json["error"], next.stderr);
    for pid in pids {
        assert_eq!(bench.containers(pid), Vec::<String>::new());
    }
    bench.nothing_left(&next, "next");
    let out = Command::new("find").arg(bench.folder.path()).args(["-name", ".provenear-*-*"]).output().unwrap();
    assert_eq!(String::from_utf8_lossy(&out.stdout), "");
    // Nothing half-written: whatever was kept for later gives the same once more, without any network.
    let again = bench.rebuild(&claim, &["--network-access", "none"]);
    assert_eq!(again.exit, 0, "{} {}", again.json["error"], again.stderr);
    let manifest = std::fs::read_to_string(again.json.pointer("/rebuild/manifest").unwrap().as_str().unwrap()).unwrap();
    assert!(manifest.lines().all(|line| serde_json::from_str::<serde_json::Value>(line).is_ok()), "{manifest}");
    let hash = |ended: &crate::bench::Ended| ended.json.pointer("/rebuild/artifact/sha256").cloned();
    assert_eq!(hash(&again), hash(&next));
}
