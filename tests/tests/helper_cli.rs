//! What `provenear` prints and how it ends, without any container: keys, look-ups, and every way in which it cannot look.
#![cfg(all(unix, not(target_arch = "wasm32")))]
#![allow(clippy::unwrap_used)] // these are tests, helpers included

use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::{Command, Output};

use provenear_shared::digest::Sha256Digest;
use provenear_shared::nep330::ContractSourceMetadata;
use provenear_shared::recipe::Recipe;
use provenear_tests::desk;
use provenear_tests::devnet::Devnet;
use provenear_tests::documents;
use provenear_tests::fixtures::{COUNTER_PINNED, COUNTER_PINNED_CODE_HASH};
use provenear_tests::ground;
use provenear_tests::notary::{Notary, statement};
use serde_json::Value;

struct Desk(desk::Desk);

impl Desk {
    fn new() -> Desk {
        Desk(desk::Desk::new())
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path(name)
    }

    fn run(&self, words: &[&str]) -> Output {
        self.0.command(words).output().unwrap()
    }

    /// The exit code and the one JSON object on stdout.
    fn json(&self, words: &[&str]) -> (i32, Value) {
        let out = self.run(&[words, &["--json"]].concat());
        let json = documents::read(&out.stdout).unwrap_or_else(|error| panic!("{error:#}"));
        (out.status.code().unwrap(), json)
    }

    fn look(&self, devnet: &Devnet, words: &[&str]) -> (i32, Value) {
        self.json(&[words, &["--allow-local-source", "--network", "devnet-test", "--rpc", &devnet.url()]].concat())
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
        .current_dir(desk.0.folder())
        .status();
    assert!(made.unwrap().success());
    let (exit, imported) = desk.json(&["keygen", "--import", "ssh", "--out", "imported.pem"]);
    let public = std::fs::read_to_string(desk.path("ssh.pub")).unwrap();
    assert_eq!((exit, public.starts_with(text(&imported, "/ssh"))), (0, true));
    let listed =
        Command::new("ssh-keygen").args(["-l", "-f", "ssh.pub"]).current_dir(desk.0.folder()).output().unwrap();
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
fn what_is_not_seen_is_no_verdict_and_ends_with_4() {
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
    // Every operator of `get` is there in both, and one number is another.
    assert!(plain.contains("99 % alike") && !plain.contains("100 %"), "{plain}");
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

/// What `name` signs of the pinned counter's own claim: that `artifact` came out.
fn manifest(desk: &Desk, name: &str, artifact: &Sha256Digest) -> String {
    std::fs::write(desk.path("counter.wasm"), COUNTER_PINNED).unwrap();
    let (_, json) = desk.json(&["inspect", "counter.wasm"]);
    let metadata = ContractSourceMetadata::parse(json["metadata"]["nep330"].to_string().as_bytes()).unwrap();
    let recipe = Recipe::from_metadata(&metadata).unwrap();
    let (image, commit) = (recipe.image().digest().to_hex(), recipe.source().commit());
    Notary::named(name).sign(&statement(recipe.claimed(), &image, commit, artifact))
}

#[test]
fn a_key_is_trusted_in_every_spelling() {
    let desk = Desk::new();
    let line = manifest(&desk, "alice", &Sha256Digest::of(COUNTER_PINNED));
    std::fs::write(desk.path("a.intoto.jsonl"), line).unwrap();
    let key = Notary::named("alice").public_key();
    std::fs::write(desk.path("key.pem"), key.to_pem()).unwrap();
    std::fs::write(desk.path("keys"), format!("# of mine\n\n{} alice of old\n", key.to_ssh())).unwrap();
    let on_one_line = key.to_pem().replace('\n', " ");
    for spelling in [key.to_near(), key.to_ssh(), key.to_pem(), on_one_line, "key.pem".into(), "keys".into()] {
        let words = ["verify", "a.intoto.jsonl", "counter.wasm", "--allow-local-source", "--trust", &spelling];
        let (exit, json) = desk.json(&words);
        assert_eq!((exit, text(&json, "/verdict/code")), (0, "reproduced"), "{spelling}: {json}");
        assert_eq!(text(&json, "/verdict/keys/0/key"), key.to_near());
    }
    // A secret key in the place of a public one is not repeated, be it given or in a file.
    let pair = format!("ed25519:{}", "9".repeat(88));
    let secrets = [
        "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIA99999\n-----END PRIVATE KEY-----".to_owned(),
        pair.clone(),
        format!("{{\"account_id\":\"a.near\",\"private_key\":\"{pair}\"}}"),
    ];
    for secret in &secrets {
        std::fs::write(desk.path("secret"), secret).unwrap();
        for wrong in [secret, "secret", "-----BEGIN PUBLIC KEY-----", "--json"] {
            let out = desk.run(&["verify", "a.intoto.jsonl", "counter.wasm", "--trust", wrong]);
            let said = String::from_utf8([out.stdout, out.stderr].concat()).unwrap();
            assert_eq!(out.status.code(), Some(2), "{said}");
            assert!(!said.contains("99999"), "{said}");
        }
    }
}

#[test]
fn who_says_both_is_shown_to_contradict_themselves() {
    let desk = Desk::new();
    let (same, other) = (Sha256Digest::of(COUNTER_PINNED), Sha256Digest::of(b"other"));
    let lines = [("alice", same), ("alice", other), ("bob", other)].map(|(name, it)| manifest(&desk, name, &it));
    std::fs::write(desk.path("all.intoto.jsonl"), lines.join("\n")).unwrap();
    let keys = ["alice", "bob"].map(|name| format!("{} {name}\n", Notary::named(name).public_key().to_near()));
    std::fs::write(desk.path("keys"), keys.concat()).unwrap();
    let words = ["verify", "all.intoto.jsonl", "counter.wasm", "--allow-local-source", "--trust", "keys"];
    let (exit, json) = desk.json(&words);
    assert_eq!((exit, text(&json, "/verdict/code")), (0, "reproduced"));
    let names = |list: &str| -> Vec<(String, bool)> {
        let keys = json["verdict"][list].as_array().unwrap();
        keys.iter().map(|key| (text(key, "/name").to_owned(), key["contradicts_itself"] == true)).collect()
    };
    assert_eq!(names("keys"), [("alice".to_owned(), true)]);
    assert_eq!(names("dissent"), [("alice".to_owned(), true), ("bob".to_owned(), false)]);
    let said = String::from_utf8(desk.run(&words).stdout).unwrap();
    assert!(said.contains("`alice` contradicts itself") && said.contains("`bob` rebuilt"), "{said}");
    let rows: Vec<&str> = said.lines().filter(|line| line.trim_start().starts_with("otherwise")).collect();
    assert!(rows.len() == 2 && rows[0].contains("contradicts itself"), "{said}");
    assert!(!rows[1].contains("contradicts itself"), "{said}");
    // Both of two are asked for: one has agreed, and contradicts itself.
    let (exit, json) = desk.json(&[&words[..], &["--threshold", "2"]].concat());
    assert_eq!((exit, text(&json, "/verdict/code")), (3, "not-rebuilt"));
    assert!(text(&json, "/verdict/message").contains("`alice` contradicts itself"), "{json}");
}

#[test]
fn publishers_at_the_same_time_lose_no_line() {
    let desk = Desk::new();
    let artifact = Sha256Digest::of(COUNTER_PINNED);
    let names: Vec<String> = (0..8).map(|n| format!("rebuilder {n}")).collect();
    let mut lines = Vec::new();
    for name in &names {
        lines.push(manifest(&desk, name, &artifact));
        std::fs::create_dir(desk.path(name)).unwrap();
        let beside = |end: &str| desk.path(name).join(format!("{COUNTER_PINNED_CODE_HASH}.{end}"));
        std::fs::write(beside("intoto.jsonl"), lines.last().unwrap()).unwrap();
        std::fs::write(beside("wasm"), COUNTER_PINNED).unwrap();
    }
    // Each three times: what is there already is not filed again.
    let publish = |name: &String| {
        let mut command = ground::provenear().unwrap();
        let manifest = desk.path(name).join(format!("{COUNTER_PINNED_CODE_HASH}.intoto.jsonl"));
        command.arg("publish").arg(manifest).arg("--to").arg(desk.path("store")).stdout(std::process::Stdio::null());
        command.spawn().unwrap()
    };
    let running: Vec<_> = names.iter().cycle().take(24).map(publish).collect();
    for mut child in running {
        assert!(child.wait().unwrap().success());
    }
    let bundle = desk.path("store/manifests").join(format!("{COUNTER_PINNED_CODE_HASH}.intoto.jsonl"));
    let filed = std::fs::read_to_string(bundle).unwrap();
    let mut filed: Vec<&str> = filed.lines().collect();
    filed.sort_unstable();
    lines.sort_unstable();
    assert_eq!(filed, lines);
    let mut kept: Vec<String> = Vec::new();
    for folder in ["code", "manifests"] {
        let entries = std::fs::read_dir(desk.path("store").join(folder)).unwrap();
        kept.extend(entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()));
    }
    let of = |end: &str| kept.iter().filter(|name| name.ends_with(end)).count();
    assert_eq!((of(".wasm"), of(".metadata.json"), of(".abi.json")), (1, 1, 1), "{kept:?}");
    assert_eq!((of(".intoto.jsonl"), of(".sigstore.json"), of(".lock")), (1, 8, 1), "{kept:?}");
    assert_eq!(kept.len(), 13, "something was left: {kept:?}");
    let code = desk.path("store/code").join(format!("{COUNTER_PINNED_CODE_HASH}.wasm"));
    assert!(std::fs::read(code).unwrap() == COUNTER_PINNED);
}

/// What listens on this machine is asked by itself, whatever proxies the environment names.
#[test]
fn loopback_is_never_asked_through_a_proxy() {
    let desk = Desk::new();
    let devnet = Devnet::start().unwrap();
    devnet.deploy("counter.devnet", COUNTER_PINNED);
    let nobody = "http://127.0.0.1:9";
    for host in ["127.0.0.1", "localhost"] {
        let mut command = ground::provenear().unwrap();
        for name in ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"] {
            command.env(name, nobody);
        }
        command.env_remove("NO_PROXY").env_remove("no_proxy").current_dir(desk.0.folder());
        let rpc = devnet.url().replace("127.0.0.1", host);
        command.args(["inspect", "counter.devnet", "--json", "--network", "devnet-test", "--rpc", &rpc]);
        let out = command.output().unwrap();
        let json = documents::read(&out.stdout).unwrap();
        assert_eq!((out.status.code(), text(&json, "/verdict/code")), (Some(3), "not-rebuilt"), "{host}: {json}");
    }
    // Everything else goes through it.
    let mut command = ground::provenear().unwrap();
    command.env("HTTPS_PROXY", nobody).env("ALL_PROXY", nobody).env_remove("NO_PROXY").env_remove("no_proxy");
    command.args(["inspect", "counter.devnet", "--json", "--network", "devnet-test", "--rpc", "https://rpc.example"]);
    let json = documents::read(&command.output().unwrap().stdout).unwrap();
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

/// Whichever option they came with, and however it ended.
#[test]
fn credentials_are_not_repeated() {
    let desk = Desk::new();
    std::fs::write(desk.path("a.wasm"), b"\0asm\x01\0\0\0").unwrap();
    std::fs::write(desk.path("r.json"), include_bytes!("../testdata/claim.json")).unwrap();
    let (url, engine) = ("http://me:hunter2@127.0.0.1:9/x", "tcp://me:hunter2@127.0.0.1:9");
    for words in [
        ["inspect", "a.wasm", "--manifest", url],
        ["inspect", "a.wasm", "--store", url],
        ["inspect", "a.wasm", "--trust", url],
        ["inspect", "a.wasm", "--accept-image", url],
        ["inspect", "a.near", "--rpc", url],
        ["verify", url, "--rpc", url],
    ]
    .iter()
    .map(|words| &words[..])
    .chain([&["rebuild", "--recipe", "r.json", "--source", url][..]])
    .chain([&["rebuild", "--recipe", "r.json", "--show-commands", "--engine", engine][..]])
    {
        let (json, plain) = (desk.run(&[words, &["--json"]].concat()), desk.run(words));
        for out in [json.stdout, json.stderr, plain.stdout, plain.stderr] {
            let out = String::from_utf8_lossy(&out).into_owned();
            assert!(!out.contains("hunter2"), "{words:?}: {out}");
        }
    }
}
