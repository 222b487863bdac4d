//! `diff` of two manifests: in what two rebuilds differ, and whose word each is.

use std::path::Path;

use provenear_shared::digest::Sha256Digest;
use provenear_shared::nep330::ContractSourceMetadata;
use provenear_shared::recipe::{Claimed, Recipe};
use provenear_tests::documents;
use provenear_tests::notary::{Notary, statement};
use serde_json::{Value, json};

use crate::asking::helper;

const COMMIT: &str = "0123456789abcdef0123456789abcdef01234567";

fn claimed() -> Claimed {
    let claim = json!({"version": "1", "link": null, "standards": [], "build_info": {
        "build_environment": format!("x/y@sha256:{}", "a".repeat(64)), "build_command": ["cargo", "near", "build"],
        "contract_path": "", "source_code_snapshot": format!("git+https://h.example/a/b?rev={COMMIT}"), "output_wasm_path": null}});
    let metadata = ContractSourceMetadata::parse(claim.to_string().as_bytes()).unwrap();
    Recipe::from_metadata(&metadata).unwrap().claimed().clone()
}

fn rebuilt() -> Value {
    let mut made = statement(&claimed(), &"a".repeat(64), COMMIT, &Sha256Digest::of(b"one"));
    made["predicate"]["runDetails"]["byproducts"] =
        json!([{"name": "build-log", "digest": {"sha256": "1".repeat(64)}}]);
    made["predicate"]["runDetails"]["builder"]["version"] = json!({"provenear": "0.1.0", "docker": "27.0"});
    made
}

/// Writes both lines, and gives what `diff --json` says of them, and its exit code.
fn diff(folder: &Path, lines: [&str; 2], more: &[&str]) -> (Value, Option<i32>) {
    for (name, line) in ["one.intoto.jsonl", "two.intoto.jsonl"].iter().zip(lines) {
        std::fs::write(folder.join(name), line).unwrap();
    }
    let mut command = helper(folder);
    let output = command.args(["diff", "one.intoto.jsonl", "two.intoto.jsonl", "--json"]).args(more).output().unwrap();
    let json = documents::read(&output.stdout);
    (json.unwrap_or_else(|error| panic!("{error:#} {}", String::from_utf8_lossy(&output.stderr))), output.status.code())
}

#[test]
fn two_rebuilds_are_the_same_in_all_but_who_when_and_where() {
    let folder = tempfile::tempdir().unwrap();
    let (alice, bob) = (Notary::named("alice"), Notary::named("bob"));
    let first = rebuilt();
    let mut second = rebuilt();
    second["predicate"]["runDetails"]["metadata"] =
        json!({"invocationId": "2", "startedOn": "2026-11-24T06:00:00Z", "finishedOn": "2026-11-24T06:01:00Z"});
    let own = second.pointer_mut("/predicate/buildDefinition/internalParameters").unwrap();
    own["observed"] = json!({"network": "testnet", "account_id": "a.testnet", "code_hash": "x", "block_height": "7", "block_hash": null, "endpoints": []});
    let trusted = ["--trust", &alice.public_key().to_near(), "--trust", &bob.public_key().to_near()];
    let (json, exit) = diff(folder.path(), [&alice.sign(&first), &bob.sign(&second)], &trusted);
    assert_eq!((&json["schema"], exit), (&"provenear/rebuilds/v1".into(), Some(0)), "{json}");
    assert_eq!((&json["same_artifact"], &json["differences"]), (&true.into(), &json!([])));
    for (side, notary) in [("a", &alice), ("b", &bob)] {
        let named = (&json[side]["signature"], &json[side]["key"]);
        assert_eq!(named, (&"trusted".into(), &notary.public_key().to_near().into()), "{json}");
    }
}

#[test]
fn each_thing_that_differs_is_named_with_both_values() {
    let folder = tempfile::tempdir().unwrap();
    let notary = Notary::named("alice");
    let one = notary.sign(&rebuilt());
    let definition = "/predicate/buildDefinition";
    let rows: [(&str, &str, Value, &str, Value); 14] = [
        ("/subject/0/digest/sha256", "", json!("b".repeat(64)), "artifact", Value::Null),
        (definition, "/resolvedDependencies/1/digest/sha256", json!("b".repeat(64)), "image", Value::Null),
        (definition, "/resolvedDependencies/0/digest/gitCommit", json!("f".repeat(40)), "source", json!("gitCommit")),
        (definition, "/resolvedDependencies/0/annotations/ref", json!("refs/heads/x"), "source", json!("ref")),
        (definition, "/internalParameters/limits/memory", json!("1"), "limit", json!("memory")),
        (definition, "/internalParameters/limits/network", json!("not enforced"), "limit", json!("network")),
        (definition, "/internalParameters/network_access", json!("full"), "network-access", Value::Null),
        (definition, "/internalParameters/argv/2", json!("cargo build"), "command", Value::Null),
        (definition, "/internalParameters/env", json!({"X": "1"}), "environment", json!("X")),
        (definition, "/internalParameters/notices", json!(["symlinks-in-tree"]), "notice", json!("symlinks-in-tree")),
        (definition, "/internalParameters/platform", json!("linux/arm64"), "platform", Value::Null),
        (definition, "/externalParameters/contract_path", json!("sub"), "claim", json!("contract_path")),
        ("/predicate/runDetails/builder/version/docker", "", json!("28.0"), "version", json!("docker")),
        ("/predicate/runDetails/byproducts/0/digest/sha256", "", json!("2".repeat(64)), "log", Value::Null),
    ];
    for (before, after, value, part, name) in rows {
        let mut other = rebuilt();
        let pointer = format!("{before}{after}");
        match other.pointer_mut(&pointer) {
            Some(member) => *member = value,
            None => {
                let (parent, member) = pointer.rsplit_once('/').unwrap();
                other.pointer_mut(parent).unwrap()[member] = value;
            }
        }
        let (json, exit) = diff(folder.path(), [&one, &notary.sign(&other)], &[]);
        let [found] = json["differences"].as_array().unwrap().as_slice() else { panic!("{pointer}: {json}") };
        assert_eq!((&found["part"], &found["name"], exit), (&part.into(), &name, Some(1)), "{pointer}: {json}");
        assert_ne!(found["a"], found["b"]);
        assert_eq!(json["same_artifact"], part != "artifact", "{json}");
        // Nobody chose this key.
        assert_eq!(json["a"]["signature"], "named-by-itself");
    }
}

#[test]
fn a_signature_that_does_not_fit_is_said_not_to() {
    let folder = tempfile::tempdir().unwrap();
    let notary = Notary::named("alice");
    let line = notary.sign(&rebuilt());
    let mut forged: Value = serde_json::from_str(&line).unwrap();
    let other: Value =
        serde_json::from_str(&notary.sign(&json!({"predicate": {"buildDefinition": {"internalParameters": {}}}})))
            .unwrap();
    forged["signatures"] = other["signatures"].clone();
    let trusted = ["--trust", &notary.public_key().to_near()];
    let (json, exit) = diff(folder.path(), [&line, &forged.to_string()], &trusted);
    assert_eq!(
        (&json["a"]["signature"], &json["b"]["signature"], exit),
        (&"trusted".into(), &"not-checked".into(), Some(0))
    );
    assert!(
        json["b"]["key"].is_null() && json["b"]["message"].as_str().unwrap().contains("anybody may have written it")
    );
    let text = helper(folder.path())
        .args(["diff", "one.intoto.jsonl", "two.intoto.jsonl", "--color", "always"])
        .args(trusted)
        .output()
        .unwrap();
    let text = String::from_utf8(text.stdout).unwrap();
    assert!(!text.contains("\u{1b}[32m") && !text.contains("\u{1b}[1m\u{1b}[32m"), "green by an unknown hand: {text}");
    assert!(text.contains("anybody may have written it"), "{text}");
}

#[test]
fn what_is_not_one_manifest_is_not_compared() {
    let folder = tempfile::tempdir().unwrap();
    let line = Notary::named("alice").sign(&rebuilt());
    let both = format!("{line}\n{line}\n");
    for (second, code, exit) in [("{}", "io", 4), ("", "io", 4), ("not JSON", "io", 4), (&both, "usage", 2)] {
        let (json, ended) = diff(folder.path(), [&line, second], &[]);
        assert_eq!((&json["error"]["code"], ended), (&code.into(), Some(exit)), "{second}: {json}");
    }
    // Spread over lines, after a byte order mark.
    let pretty = serde_json::to_string_pretty(&serde_json::from_str::<Value>(&line).unwrap()).unwrap();
    let (json, exit) = diff(folder.path(), [&line, &format!("\u{feff}{pretty}")], &[]);
    assert_eq!((&json["differences"], exit), (&json!([]), Some(0)), "{json}");
    let mut command = helper(folder.path());
    let output = command.args(["diff", "one.intoto.jsonl", "app.near", "--json"]).output().unwrap();
    let json = documents::read(&output.stdout).unwrap();
    assert_eq!((&json["error"]["code"], output.status.code()), (&"usage".into(), Some(2)), "{json}");
}
