//! A build that says nothing for long is told of on a terminal, and only there so soon; not where a program reads.

use std::process::{Command, Stdio};

use crate::bench::{Bench, File, Kind};

/// Long enough for a terminal to be told, and not for a log.
const BUILD: &str = "echo compiling the last crate; sleep 9; mkdir out; cp pre.wasm out/a.wasm";
const TOLD: &str = "the last was: compiling the last crate";

#[test]
fn a_silent_build_is_told_of_on_a_terminal_with_its_last_line() {
    let bench = Bench::new(Kind::Docker);
    let commit = bench.repository("silent", &[("pre.wasm", File::Bytes(b"\0asm\x01\0\0\0"))]);
    let claim = bench.claim("silent", &commit, &["sh", "-c", BUILD]);
    let on_a_terminal = |without: &[&str], more: &[&str]| {
        let inner = bench.command(&claim, more);
        let words = std::iter::once(inner.get_program()).chain(inner.get_args()).map(|word| word.to_str().unwrap());
        let line = shell_words::join(words.filter(|word| !without.contains(word)));
        let mut command = Command::new("script");
        command.args(["-qec", &line, "/dev/null"]).env("TERM", "xterm").stdin(Stdio::null());
        command.envs(inner.get_envs().filter_map(|(name, value)| Some((name, value?))));
        let out = command.output().unwrap();
        assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stdout));
        String::from_utf8(out.stdout).unwrap()
    };
    let (text, json, quiet) = std::thread::scope(|scope| {
        let json = scope.spawn(|| on_a_terminal(&[], &[]));
        let quiet = scope.spawn(|| on_a_terminal(&["--json"], &["--quiet"]));
        (on_a_terminal(&["--json"], &[]), json.join().unwrap(), quiet.join().unwrap())
    });
    let told: Vec<&str> = text.split("\r\u{1b}[2K").filter(|part| part.contains(TOLD)).collect();
    // Once a second from the fifth on, each over the one before, and nothing of it stays.
    assert!((3..=6).contains(&told.len()), "{told:?} in {text:?}");
    assert!(told.iter().all(|part| !part.contains('\n') && part.contains("no output for ")), "{told:?}");
    assert!(!json.contains(TOLD) && !quiet.contains(TOLD), "{json}\n{quiet}");
}
