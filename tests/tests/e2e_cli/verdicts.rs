//! Every row of the verdict table, on contracts with real bytes and manifests with real signatures.

use std::path::{Path, PathBuf};

use provenear_tests::devnet::{Devnet, Fault, Where};
use provenear_tests::fixtures::{COUNTER_PINNED, COUNTER_PINNED_CODE_HASH};
use provenear_tests::notary::Notary;
use provenear_tests::rows::{Row, counter_statement, trusted};
use tempfile::TempDir;

use crate::asking::{Ended, ask, ended, helper};

/// Two endpoints of one chain with the accounts of the rows, and a folder to work in.
struct Town {
    folder: TempDir,
    one: Devnet,
    two: Devnet,
    rows: Vec<Row>,
}

impl Town {
    fn new() -> Town {
        let one = Devnet::start().unwrap();
        let two = one.peer().unwrap();
        let rows = Row::all(&one);
        Town { folder: tempfile::tempdir().unwrap(), one, two, rows }
    }

    fn manifest(&self, row: &Row) -> Option<PathBuf> {
        let file = self.folder.path().join(format!("{}.intoto.jsonl", row.name));
        row.manifest.as_ref().map(|line| std::fs::write(&file, line).map(|()| file).unwrap())
    }

    fn ask(&self, words: &[&str]) -> Ended {
        ask(self.folder.path(), &[&self.one, &self.two], words)
    }

    fn inspect(&self, row: &Row, trust: &Notary) -> Ended {
        let key = trust.public_key().to_near();
        let manifest = self.manifest(row);
        let mut words = vec!["inspect", row.account, "--trust", &key];
        words.extend(manifest.iter().flat_map(|path| ["--manifest", utf8(path)]));
        self.ask(&words)
    }
}

fn utf8(path: &Path) -> &str {
    path.to_str().unwrap()
}

#[test]
fn every_row_of_the_table() {
    let town = Town::new();
    for row in &town.rows {
        let found = town.inspect(row, &trusted());
        assert_eq!(found.outcome(), (row.verdict, row.exit), "{}: {} {}", row.name, found.json, found.stderr);
        assert_eq!(found.codes("/notices"), row.notices, "{}", row.name);
        assert_eq!(found.codes("/gaps"), row.gaps, "{}", row.name);
        let rejection = found.json.pointer("/manifests/0/rejection/code").and_then(|code| code.as_str());
        assert_eq!(rejection, row.rejection, "{}", row.name);
        assert!(found.json["error"].is_null());
        assert_eq!(found.json.pointer("/deployment/quorum").unwrap(), 2);
    }
}

#[test]
fn what_is_printed_says_where_it_comes_from() {
    let town = Town::new();
    let honest = town.inspect(Row::named(&town.rows, "honest"), &trusted());
    assert_eq!(honest.text("/code/code_hash"), COUNTER_PINNED_CODE_HASH);
    assert_eq!(honest.text("/deployment/contract/kind"), "local");
    assert_eq!((honest.text("/metadata/from"), &honest.json["metadata"]["agree"]), ("code", &true.into()));
    assert_eq!(honest.text("/recipe/image/tag"), "0.13.4-rust-1.85.0");
    assert_eq!(honest.text("/manifests/0/relation"), "claimed");
    assert_eq!(honest.text("/verdict/keys/0/key"), trusted().public_key().to_near());
    assert_eq!(honest.json["changeable"]["full_access_keys"], 1);
    let of_state = town.inspect(Row::named(&town.rows, "claim-from-state"), &trusted());
    assert_eq!(of_state.text("/metadata/from"), "rpc");
}

#[test]
fn the_same_key_becomes_green_once_it_is_trusted() {
    let town = Town::new();
    let row = Row::named(&town.rows, "untrusted-key");
    assert_eq!(town.inspect(row, &trusted()).outcome(), ("not-rebuilt", 3));
    assert_eq!(town.inspect(row, &Notary::named("mallory")).outcome(), ("reproduced", 0));
    // In any spelling, and out of a file with names.
    let key = Notary::named("mallory").public_key();
    let manifest = town.manifest(row).unwrap();
    let list = town.folder.path().join("keys");
    std::fs::write(&list, format!("# people\n{} Mallory Smith\n", key.to_ssh())).unwrap();
    let pem = town.folder.path().join("key.pem");
    std::fs::write(&pem, key.to_pem()).unwrap();
    for trust in [&key.to_ssh(), utf8(&pem), utf8(&list)] {
        let found = town.ask(&["verify", utf8(&manifest), row.account, "--trust", trust]);
        assert_eq!(found.outcome(), ("reproduced", 0), "{trust}");
    }
    let named = town.ask(&["verify", utf8(&manifest), row.account, "--trust", utf8(&list)]);
    assert_eq!(named.text("/verdict/keys/0/name"), "Mallory Smith");
}

#[test]
fn two_keys_are_asked_for_and_counted_once_each() {
    let town = Town::new();
    let statement = counter_statement(COUNTER_PINNED, &[]);
    let file = town.folder.path().join("lines.intoto.jsonl");
    let key = |name| Notary::named(name).public_key().to_near();
    let (alice, bob) = (key("alice"), key("bob"));
    let by = |names: &[&str]| {
        let lines: Vec<String> = names.iter().map(|name| Notary::named(name).sign(&statement)).collect();
        std::fs::write(&file, lines.join("\n")).unwrap();
        town.ask(&["verify", utf8(&file), "honest.devnet", "--trust", &alice, "--trust", &bob, "--threshold", "2"])
    };
    assert_eq!(by(&["alice"]).outcome(), ("not-rebuilt", 3));
    assert_eq!(by(&["alice", "alice"]).outcome(), ("not-rebuilt", 3));
    assert_eq!(by(&["alice", "bob"]).outcome(), ("reproduced", 0));
}

#[test]
fn a_file_is_asked_about_without_any_endpoint() {
    let town = Town::new();
    let wasm = town.folder.path().join("counter.wasm");
    std::fs::write(&wasm, COUNTER_PINNED).unwrap();
    let manifest = town.manifest(Row::named(&town.rows, "honest")).unwrap();
    town.one.forget();
    let mut command = helper(town.folder.path());
    command.args([
        "verify",
        utf8(&manifest),
        utf8(&wasm),
        "--trust",
        &trusted().public_key().to_near(),
        "--json",
        "--allow-local-source",
    ]);
    let found = ended(&command.output().unwrap());
    assert_eq!(found.outcome(), ("reproduced", 0), "{}", found.json);
    assert!(found.json["deployment"].is_null());
    assert!(town.one.received().is_empty());
}

#[test]
fn a_hash_is_asked_about_and_unknown_bytes_are_no_verdict() {
    let town = Town::new();
    town.one.chain().publish_by_hash(COUNTER_PINNED);
    let manifest = town.manifest(Row::named(&town.rows, "honest")).unwrap();
    let trust = trusted().public_key().to_near();
    let asked = |hash: &str| town.ask(&["verify", utf8(&manifest), hash, "--trust", &trust]);
    assert_eq!(asked(COUNTER_PINNED_CODE_HASH).outcome(), ("reproduced", 0));
    assert_eq!(asked("hash:11111111111111111111111111111112").outcome(), ("unknown-code", 4));
}

#[test]
fn the_store_is_asked_by_the_hash() {
    let town = Town::new();
    let store = town.folder.path().join("store");
    std::fs::create_dir(&store).unwrap();
    let line = Row::named(&town.rows, "honest").manifest.clone().unwrap();
    std::fs::write(store.join(format!("{COUNTER_PINNED_CODE_HASH}.intoto.jsonl")), format!("no line\n{line}\n"))
        .unwrap();
    let trust = trusted().public_key().to_near();
    let found = town.ask(&["inspect", "honest.devnet", "--store", utf8(&store), "--trust", &trust]);
    assert_eq!(found.outcome(), ("reproduced", 0), "{}", found.json);
    assert_eq!(found.codes("/notices"), Vec::<&str>::new());
    assert_eq!(found.text("/manifests/0/rejection/code"), "envelope-malformed");
    assert_eq!(found.text("/manifests/1/source"), "store");
}

#[test]
fn a_node_that_lies_alone_is_found_out_or_outvoted() {
    let town = Town::new();
    let honest = Row::named(&town.rows, "honest");
    // What stands there is bad; the node shows good code and its hash.
    town.one.misbehave(Where::account("tampered.devnet"), Fault::OtherCode(COUNTER_PINNED.to_vec()));
    let manifest = town.manifest(honest).unwrap();
    let trust = trusted().public_key().to_near();
    let found = town.ask(&["inspect", "tampered.devnet", "--manifest", utf8(&manifest), "--trust", &trust]);
    assert_eq!(found.outcome(), ("rpc-disagreement", 4), "{}", found.json);
    assert!(found.json["verdict"].is_null());
}

#[test]
fn what_makes_no_sense_is_a_usage_error() {
    let town = Town::new();
    for words in [
        &["inspect", "Not An Account"][..],
        &["inspect", "honest.devnet", "--block", "yesterday"],
        &["inspect", "honest.devnet", "--quorum", "3"],
        &["inspect", "honest.devnet", "--trust", "ed25519:11111111111111111111111111111111"],
        &["inspect", "honest.devnet", "--accept-image", "sha256:00"],
        &["inspect", "honest.devnet", "--network", "Main Net"],
    ] {
        let mut command = helper(town.folder.path());
        command.args(words).arg("--json").args(["--rpc", &town.one.url()]);
        if !words.contains(&"--network") {
            command.args(["--network", "devnet-test"]);
        }
        let found = ended(&command.output().unwrap());
        assert_eq!((found.exit, found.text("/error/code")), (2, "usage"), "{words:?} {}", found.json);
        assert!(found.json["verdict"].is_null());
    }
}

#[test]
fn a_file_of_keys_brings_in_none_that_its_reader_does_not_see() {
    let town = Town::new();
    let key = |name| Notary::named(name).public_key().to_near();
    let list = town.folder.path().join("keys");
    for (text, said) in [
        (format!("{} {}\n", key("alice"), key("mallory")), "line 1: the name holds another key"),
        (format!("{} Alice\r{} Bob\n", key("alice"), key("mallory")), "line 1: the name holds an invisible character"),
        (format!("{0} Alice\n{0} Bob\n", key("alice")), "line 2: this key is already on line 1"),
    ] {
        std::fs::write(&list, text).unwrap();
        let found = town.ask(&["inspect", "honest.devnet", "--trust", utf8(&list)]);
        assert_eq!((found.exit, found.text("/error/code")), (2, "usage"), "{}", found.json);
        assert!(found.text("/error/message").contains(said), "{}", found.json);
    }
}
