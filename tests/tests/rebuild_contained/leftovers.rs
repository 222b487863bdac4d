//! What is left behind: nothing, after Ctrl-C at once, after `kill -9` by the next run; and a second helper is not disturbed.

use std::process::Command;
use std::time::{Duration, Instant};

use crate::bench::{Bench, File, Kind};

const SLOW: [&str; 3] = ["sh", "-c", "sleep 600"];
const QUICK: [&str; 3] = ["sh", "-c", "mkdir out; cp pre.wasm out/a.wasm"];

fn signal(pid: u32, name: &str) {
    assert!(Command::new("kill").args(["-s", name, &pid.to_string()]).status().unwrap().success());
}

fn leaves_nothing(kind: Kind) {
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

#[test]
fn nothing_is_left_docker() {
    leaves_nothing(Kind::Docker);
}

#[test]
fn nothing_is_left_podman() {
    leaves_nothing(Kind::Podman);
}

#[test]
fn without_an_engine_there_is_one_sentence() {
    let bench = Bench::new(Kind::Docker);
    let commit = bench.repository("r", &[("x", File::Text(""))]);
    let mut command = bench.command(&bench.claim("r", &commit, &QUICK), &[]);
    command.env("DOCKER_HOST", "unix:///nonexistent/docker.sock");
    let out = command.output().unwrap();
    let json: serde_json::Value = serde_json::from_slice(&out.stdout).unwrap();
    assert_eq!((out.status.code(), json["error"]["code"].as_str()), (Some(4), Some("engine-missing")));
}

/// Killed in every phase: the next run takes away what is left, and does its work as if nothing had been.
#[test]
fn killed_at_any_moment_nothing_stays_half_done() {
    let bench = Bench::new(Kind::Docker);
    let claim = crate::dependencies::honest(&bench);
    let mut pids = Vec::new();
    for tenths in [1, 3, 5, 8, 12, 17, 23, 30, 40] {
        let mut command = bench.command(&claim, &[]);
        let mut child =
            command.stdout(std::process::Stdio::null()).stderr(std::process::Stdio::null()).spawn().unwrap();
        std::thread::sleep(Duration::from_millis(tenths * 100));
        child.kill().unwrap();
        child.wait().unwrap();
        pids.push(child.id());
    }
    let next = bench.rebuild(&claim, &[]);
    assert_eq!(next.exit, 0, "{} {}", next.json["error"], next.stderr);
    for pid in pids {
        assert_eq!(bench.containers(pid), Vec::<String>::new());
    }
    assert_eq!(bench.work(), Vec::<String>::new());
    let out = Command::new("find").arg(bench.folder.path()).args(["-name", ".provenear-*-*"]).output().unwrap();
    assert_eq!(String::from_utf8_lossy(&out.stdout), "");
}
