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
}

/// What listens on this machine is asked by itself, whatever proxies the environment names.
#[test]
fn loopback_is_never_asked_through_a_proxy() {
    let desk = Desk::new();
    let devnet = Devnet::start().unwrap();
    devnet.deploy("counter.devnet", COUNTER_PINNED);
    let nobody = "http://127.0.0.1:9";
    for host in ["127.0.0.1", "localhost"] {
        let mut command = desk.ground.provenear().unwrap();
        for name in ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"] {
            command.env(name, nobody);
        }
        command.env_remove("NO_PROXY").env_remove("no_proxy").current_dir(desk.folder.path());
        let rpc = devnet.url().replace("127.0.0.1", host);
        command.args(["inspect", "counter.devnet", "--json", "--network", "devnet-test", "--rpc", &rpc]);
        let out = command.output().unwrap();
        let json: Value = serde_json::from_slice(&out.stdout).unwrap();
        assert_eq!((out.status.code(), text(&json, "/verdict/code")), (Some(3), "not-rebuilt"), "{host}: {json}");
    }
    // Everything else goes through it.
    let mut command = desk.ground.provenear().unwrap();
    command.env("HTTPS_PROXY", nobody).env("ALL_PROXY", nobody).env_remove("NO_PROXY").env_remove("no_proxy");
    command.args(["inspect", "counter.devnet", "--json", "--network", "devnet-test", "--rpc", "https://rpc.example"]);
    let json: Value = serde_json::from_slice(&command.output().unwrap().stdout).unwrap();
    assert_eq!(text(&json, "/error/code"), "rpc-unreachable");
}

#[test]
fn the_cache_is_shown_and_cleared() {
    let desk = Desk::new();
    let (exit, empty) = desk.json(&["cache"]);
    assert_eq!((exit, &empty["files"], &empty["bytes"]), (0, &0.into(), &0.into()));
    let folder = PathBuf::from(text(&empty, "/path"));
    assert!(folder.starts_with(desk.path("cache")), "{}", folder.display());
    std::fs::create_dir_all(folder.join("blobs/aa")).unwrap();
    std::fs::write(folder.join("blobs/aa/x"), "1234").unwrap();
    let (_, one) = desk.json(&["cache"]);
    assert_eq!((&one["files"], &one["bytes"]), (&1.into(), &4.into()));
    let (exit, cleared) = desk.json(&["cache", "--clear"]);
    assert_eq!((exit, &cleared["files"], folder.exists()), (0, &0.into(), false));
    assert_eq!(desk.json(&["cache", "--clear"]).0, 0);
}
