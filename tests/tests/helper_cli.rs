//! What `provenear` prints and how it ends, without any container: keys, look-ups, and every way in which it cannot look.
#![cfg(all(unix, not(target_arch = "wasm32")))]
#![allow(clippy::unwrap_used)] // these are tests, helpers included

use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::{Command, Output};

use provenear_tests::devnet::{Devnet, Fault, Where};
use provenear_tests::fixtures::{COUNTER_PINNED, COUNTER_PINNED_CODE_HASH};
use provenear_tests::ground::Ground;
use serde_json::Value;
use tempfile::TempDir;

struct Desk {
    ground: Ground,
    folder: TempDir,
}

impl Desk {
    fn new() -> Desk {
        Desk { ground: Ground::read().unwrap(), folder: tempfile::tempdir().unwrap() }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn run(&self, words: &[&str]) -> Output {
        let mut command: Command = self.ground.provenear().unwrap();
        command.env("PROVENEAR_DATA", self.path("data")).env("PROVENEAR_CACHE", self.path("cache"));
        command.args(words).current_dir(self.folder.path()).output().unwrap()
    }

    /// The exit code and the one JSON object on stdout.
    fn json(&self, words: &[&str]) -> (i32, Value) {
        let out = self.run(&[words, &["--json"]].concat());
        let json = serde_json::from_slice(&out.stdout);
        let json = json.unwrap_or_else(|e| panic!("{e}: {}", String::from_utf8_lossy(&out.stdout)));
        (out.status.code().unwrap(), json)
    }

    fn look(&self, devnet: &Devnet, words: &[&str]) -> (i32, Value) {
        self.json(&[words, &["--network", "devnet-test", "--rpc", &devnet.url()]].concat())
    }
}

fn text<'a>(json: &'a Value, pointer: &str) -> &'a str {
    json.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
}

#[test]
fn a_key_is_made_once_for_its_owner_alone_and_its_secret_half_is_never_printed() {
    let desk = Desk::new();
    let (exit, made) = desk.json(&["keygen"]);
    assert_eq!(exit, 0);
    let path = PathBuf::from(text(&made, "/path"));
    let secret = std::fs::read_to_string(&path).unwrap();
    assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    let body = secret.lines().nth(1).unwrap();
    assert!(!made.to_string().contains(body));
    assert!(text(&made, "/public_key").starts_with("ed25519:") && text(&made, "/keyid").starts_with("SHA256:"));
    assert_eq!(desk.run(&["keygen"]).status.code(), Some(2));
    assert_eq!(std::fs::read_to_string(&path).unwrap(), secret);
    let (exit, again) = desk.json(&["keygen", "--import", path.to_str().unwrap(), "--out", "copy.pem"]);
    assert_eq!((exit, &again["public_key"]), (0, &made["public_key"]));
    let made = Command::new("ssh-keygen")
        .args(["-q", "-t", "ed25519", "-N", "", "-f", "ssh"])
        .current_dir(&desk.folder)
        .status();
    assert!(made.unwrap().success());
    let (exit, imported) = desk.json(&["keygen", "--import", "ssh", "--out", "imported.pem"]);
    let public = std::fs::read_to_string(desk.path("ssh.pub")).unwrap();
    assert_eq!((exit, public.starts_with(text(&imported, "/ssh"))), (0, true));
    let listed = Command::new("ssh-keygen").args(["-l", "-f", "ssh.pub"]).current_dir(&desk.folder).output().unwrap();
    assert!(String::from_utf8(listed.stdout).unwrap().contains(text(&imported, "/keyid")));
}

#[test]
fn a_file_needs_no_network_at_all() {
    let desk = Desk::new();
    std::fs::write(desk.path("counter.wasm"), COUNTER_PINNED).unwrap();
    let (exit, json) = desk.json(&["inspect", "counter.wasm"]);
    assert_eq!((exit, text(&json, "/verdict/code")), (3, "not-rebuilt"));
    assert_eq!(text(&json, "/code/code_hash"), COUNTER_PINNED_CODE_HASH);
    assert_eq!(text(&json, "/metadata/from"), "code");
    assert_eq!(text(&json, "/recipe/source/commit"), provenear_tests::fixtures::COUNTER_COMMIT);
    assert_eq!(text(&json, "/module/fingerprint/rustc"), "1.85.0");
    assert!(json["deployment"].is_null() && json["error"].is_null());
    let (exit, missing) = desk.json(&["inspect", "missing.wasm"]);
    assert_eq!((exit, text(&missing, "/error/code"), text(&missing, "/subject/kind")), (4, "io", "file"));
    std::fs::write(desk.path("not.wasm"), "not wasm").unwrap();
    let (exit, not) = desk.json(&["inspect", "not.wasm"]);
    assert_eq!((exit, text(&not, "/error/code")), (4, "module-malformed"));
}

#[test]
fn every_way_of_not_seeing_has_its_code_and_exit_4() {
    let desk = Desk::new();
    let devnet = Devnet::start().unwrap();
    devnet.deploy("counter.devnet", COUNTER_PINNED);
    let (exit, seen) = desk.look(&devnet, &["inspect", "counter.devnet"]);
    assert_eq!((exit, text(&seen, "/verdict/code")), (3, "not-rebuilt"));
    assert_eq!(text(&seen, "/notices/0/code"), "single-endpoint");
    let (exit, unknown) = desk.look(&devnet, &["inspect", "nobody.devnet"]);
    assert_eq!((exit, text(&unknown, "/error/code")), (4, "unknown-account"));
    assert!(unknown["verdict"].is_null());
    let url = devnet.url();
    let (exit, other) = desk.json(&["inspect", "counter.devnet", "--network", "testnet", "--rpc", &url]);
    assert_eq!((exit, text(&other, "/error/code")), (4, "network-mismatch"));
    for (fault, code) in [
        (Fault::OtherBytes(b"\0asm\x01\0\0\0".to_vec()), "code-hash-mismatch"),
        (Fault::html(), "rpc-malformed"),
        (Fault::Status(429, Some(7)), "rpc-rate-limited"),
        (Fault::Endless, "rpc-malformed"),
        (Fault::Close, "rpc-unreachable"),
        (Fault::Redirect("http://127.0.0.1:9/".into()), "rpc-malformed"),
        (Fault::Hang, "rpc-timeout"),
    ] {
        devnet.misbehave(Where::default(), fault.clone());
        let (exit, json) = desk.look(&devnet, &["inspect", "counter.devnet"]);
        assert_eq!((exit, text(&json, "/error/code")), (4, code), "{fault:?}");
        assert!(json["verdict"].is_null(), "{fault:?}");
        devnet.behave();
    }
    let (exit, gone) = desk.json(&["inspect", "a.near", "--network", "devnet-x", "--rpc", "http://127.0.0.1:9"]);
    assert_eq!((exit, text(&gone, "/error/code")), (4, "rpc-unreachable"));
}

#[test]
fn what_makes_no_sense_ends_with_2() {
    let desk = Desk::new();
    let hash = "ab".repeat(32);
    for words in [
        &["inspect", "NOT AN ACCOUNT"][..],
        &["inspect", &hash],
        &["inspect", "a.near", "--network", "no-such-net"],
        &["inspect", "a.near", "--trust", "ed25519:short"],
        &["inspect", "a.near", "--accept-image", "latest"],
        &["inspect", "a.near", "--block", "soon"],
        &["inspect", "a.near", "--quorum", "9"],
        &["rebuild"],
        &["rebuild", "a.near", "--memory", "lots"],
        &["publish", "x.jsonl"],
    ] {
        assert_eq!(desk.run(words).status.code(), Some(2), "{words:?}");
    }
    let (exit, json) = desk.json(&["inspect", &hash]);
    assert_eq!((exit, text(&json, "/error/code")), (2, "usage"));
}

#[test]
fn two_modules_are_compared_and_one_function_shown() {
    let desk = Desk::new();
    std::fs::write(desk.path("a.wasm"), COUNTER_PINNED).unwrap();
    let mut other = COUNTER_PINNED.to_vec();
    let at = other.windows(11).position(|w| w == b"counter.git").unwrap();
    other[at] = b'C';
    std::fs::write(desk.path("b.wasm"), other).unwrap();
    let (exit, same) = desk.json(&["diff", "a.wasm", "a.wasm"]);
    assert_eq!((exit, text(&same, "/class")), (0, "identical"));
    let (exit, differs) = desk.json(&["diff", "a.wasm", "b.wasm", "--function", "12"]);
    assert_eq!((exit, text(&differs, "/class"), text(&differs, "/schema")), (1, "metadata", "provenear/diff/v1"));
    assert!(!differs["side_by_side"]["rows"].as_array().unwrap().is_empty());
    let (exit, failed) = desk.json(&["diff", "a.wasm", "missing.wasm"]);
    assert_eq!((exit, text(&failed, "/error/code"), text(&failed, "/schema")), (4, "io", "provenear/diff/v1"));
    // Parts that were not looked at are null, never left out.
    let parts = |json: &Value| json.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    assert_eq!(parts(&failed), parts(&same));
    for part in ["class", "functions", "sections", "causes"] {
        assert!(failed[part].is_null() && !same[part].is_null(), "{part}");
    }
    let mut counts = parts(&same["functions"]);
    counts.sort_unstable();
    assert_eq!(counts, ["added", "changed", "guessed", "matched", "removed"]);
}

#[test]
fn a_comparison_is_told_in_words_and_colours() {
    let desk = Desk::new();
    let module = |constant: u8, name: &str| {
        let text = format!(
            r#"(module (import "env" "log" (func (param i32))) (func (export "get") (call 0 (i32.const {constant})))
            (func (export "{name}") (call 0 (i32.const 3)) (call 0 (i32.const 4))))"#
        );
        wat::parse_str(text).unwrap()
    };
    std::fs::write(desk.path("a.wasm"), module(1, "put")).unwrap();
    std::fs::write(desk.path("b.wasm"), module(2, r"put\1b[31m")).unwrap();
    let told = |words: &[&str]| {
        let ended = desk.run(&[&["diff", "a.wasm", "b.wasm"], words].concat());
        assert_eq!(ended.status.code(), Some(1), "{}", String::from_utf8_lossy(&ended.stderr));
        String::from_utf8(ended.stdout).unwrap()
    };
    let plain = told(&[]);
    assert!(plain.starts_with("functions  ") && plain.contains("1 the same, 1 changed"), "{plain}");
    assert!(plain.contains("#1 get") && plain.contains("cause") && !plain.contains('\u{1b}'), "{plain}");
    let coloured = told(&["--color", "always"]);
    assert!(coloured.contains("\u{1b}[1m") && !coloured.contains("put\u{1b}[31m"), "{coloured:?}");
    for function in ["get", "1", "b:1"] {
        let shown = told(&["--function", function]);
        let changed: Vec<&str> = shown.lines().filter(|line| line.starts_with('!')).collect();
        assert!(changed[0].contains("i32.const 1") && changed[0].ends_with("| i32.const 2"), "{shown}");
        assert!(shown.contains("call $env.log"), "{shown}");
    }
    let missing = desk.run(&["diff", "a.wasm", "b.wasm", "--function", "99"]);
    assert_eq!(missing.status.code(), Some(2));
}
