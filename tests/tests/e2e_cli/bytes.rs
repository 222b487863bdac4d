//! What the bytes and the chain say of themselves: every vector of the room `claim` as a file, the ABI, the modules inside, the
//! references to global contracts, and the shape of the JSON.

use std::path::Path;

use provenear_tests::claims::Claim;
use provenear_tests::devnet::{Account, Contract, Devnet, Hash};
use provenear_tests::fixtures::{COUNTER_PINNED, COUNTER_PINNED_CODE_HASH};
use provenear_tests::hostile::{MARKUP, inside_with_markup};
use provenear_tests::rows::Row;
use serde_json::{Value, json};

use crate::asking::{Ended, ask, ended, helper};

fn inspect(folder: &Path, bytes: &[u8]) -> Ended {
    let file = folder.join("given.wasm");
    std::fs::write(&file, bytes).unwrap();
    ended(&helper(folder).args(["inspect", "--json"]).arg(file).output().unwrap())
}

#[test]
fn every_claim_is_what_its_vector_says() {
    let folder = tempfile::tempdir().unwrap();
    let mut wrong = Vec::new();
    for claim in Claim::all().unwrap() {
        let found = inspect(folder.path(), &claim.bytes);
        let version = found.json.pointer("/metadata/nep330/version").and_then(Value::as_str);
        let from = found.json.pointer("/metadata/from").and_then(Value::as_str);
        let holds = found.codes("/gaps") == claim.gaps
            && version == claim.version
            && from == claim.version.map(|_| "code")
            && claim.is_said_in(found.text("/gaps/0/message"));
        if !holds {
            wrong.push(format!("{}: {} {}", claim.name, found.json["gaps"], found.json["metadata"]));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn what_is_inside_is_told_verbatim_and_what_disagrees_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let found = inspect(folder.path(), &inside_with_markup());
    assert_eq!(found.text("/abi/schema_version"), "0.4.0");
    assert_eq!(found.text("/abi/body/functions/0/name"), MARKUP);
    // The one method of the ABI is exported; what the ABI leaves out is nothing.
    assert_eq!(found.codes("/abi_notes"), Vec::<&str>::new());
    assert_eq!(found.text("/module/embedded/0/metadata/version"), MARKUP);
    // Of the paths in the data only the plain piece of the second is believed.
    assert_eq!(found.text("/module/fingerprint/crates/0/name"), "near-sdk");
    assert!(found.json["module"]["fingerprint"]["build_home"].is_null());
    assert_eq!(found.json["module"]["data"]["segments"], 4);
    let counter = inspect(folder.path(), COUNTER_PINNED);
    assert_eq!(counter.text("/module/fingerprint/rustc"), "1.85.0");
    let silent = wat::parse_str(r#"(module (func (export "get")))"#).unwrap();
    assert_eq!(inspect(folder.path(), &silent).codes("/abi_notes"), ["abi-missing"]);
}

#[test]
fn where_nothing_was_rebuilt_no_empty_row_says_what() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("silent.wasm");
    std::fs::write(&file, wat::parse_str(r#"(module (func (export "get")))"#).unwrap()).unwrap();
    let rebuilt = helper(folder.path()).arg("rebuild").arg(&file).output().unwrap();
    let said = String::from_utf8(rebuilt.stdout).unwrap();
    assert!(said.contains("metadata-missing"), "{said}");
    let empty: Vec<&str> = said.lines().filter(|line| line.split_whitespace().count() == 1).collect();
    assert!(empty.is_empty(), "{empty:?} in {said}");
}

#[test]
fn contracts_by_reference_are_followed() {
    let devnet = Devnet::start().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let chain = devnet.chain();
    chain.publish_by_hash(COUNTER_PINNED);
    chain.publish_by_account("owner.devnet", COUNTER_PINNED);
    let hash = Hash::of(COUNTER_PINNED);
    chain.put("by-hash.devnet", Account::new(Contract::GlobalByHash(hash)));
    chain.put("by-account.devnet", Account::new(Contract::GlobalByAccount("owner.devnet".into())));
    chain.put("nowhere.devnet", Account::new(Contract::GlobalByHash(Hash([9; 32]))));
    let other = devnet.peer().unwrap();
    let look = |account: &str| ask(folder.path(), &[&devnet, &other], &["inspect", account]);
    for (account, kind, notices) in
        [("by-hash.devnet", "global", &[][..]), ("by-account.devnet", "global-by-account", &["mutable-by-owner"][..])]
    {
        let found = look(account);
        assert_eq!(found.text("/deployment/contract/kind"), kind);
        assert_eq!(found.text("/code/code_hash"), COUNTER_PINNED_CODE_HASH);
        assert_eq!(found.codes("/notices"), notices, "{account}");
    }
    assert_eq!(look("by-account.devnet").text("/changeable/owner"), "owner.devnet");
    let nowhere = look("nowhere.devnet");
    assert_eq!(nowhere.outcome(), ("unknown-code", 4), "{}", nowhere.json);
}

/// A report, member by member: null stands for what may be null.
fn shape() -> Value {
    json!({
        "schema": "", "error": null,
        "subject": { "kind": "", "name": "" },
        "code": { "code_hash": "", "sha256": "", "size": 0 },
        "deployment": {
            "network": "", "account_id": "", "block_height": 0, "block_hash": "", "block_time": "",
            "account_kind": "", "contract": { "kind": "", "message": "", "code_hash": "", "account_id": null },
            "endpoints": [{ "host": "", "agrees": true, "error": null }], "quorum": 0,
        },
        "metadata": { "from": "", "code": {}, "rpc": {}, "agree": true, "nep330": {} },
        "recipe": {
            "source": { "url": "", "commit": "" }, "image": { "name": "", "tag": "", "digest": "" },
            "contract_path": "", "build_command": [""], "output_wasm_path": null,
        },
        "gaps": [], "notices": [],
        "module": {
            "sections": [{ "name": "", "size": 0 }], "imports": [""], "exports": [""], "functions": 0, "embedded": [],
            "fingerprint": { "rustc": "", "crates": [{ "name": "", "version": "" }], "build_home": "" },
        },
        "abi": null,
        "changeable": {
            "message": "", "keys_message": "", "keys_from": "", "keys_extent": "", "full_access_keys": 0,
            "function_call_keys": 0, "owner": null, "redeploy_imports": [],
        },
        "manifests": [{
            "accepted": true, "key": "", "name": null, "artifact": "", "relation": "", "image": "",
            "image_linux_amd64": null, "finished_on": "",
            "source": "", "authority": null, "rejection": null, "holder": null,
        }],
        "stores": [],
        "verdict": { "code": "", "message": "", "keys": [], "threshold": 0, "trusted": 0, "dissent": [] },
    })
}

/// What of `shape` is missing in `found`, or of another type.
fn missing(shape: &Value, found: &Value, place: &str, out: &mut Vec<String>) {
    match (shape, found) {
        (Value::Object(members), Value::Object(there)) => {
            for (name, member) in members {
                match there.get(name) {
                    Some(value) => missing(member, value, &format!("{place}/{name}"), out),
                    None => out.push(format!("{place}/{name} is missing")),
                }
            }
        }
        (Value::Array(items), Value::Array(there)) => {
            if let (Some(item), Some(first)) = (items.first(), there.first()) {
                missing(item, first, &format!("{place}/0"), out);
            } else if !items.is_empty() {
                out.push(format!("{place} is empty"));
            }
        }
        (Value::Null, _) | (Value::String(_), Value::String(_)) | (Value::Number(_), Value::Number(_)) => {}
        (Value::Bool(_), Value::Bool(_)) => {}
        (_, other) => out.push(format!("{place} is {other}")),
    }
}

#[test]
fn the_json_has_every_member_whatever_was_found() {
    let devnet = Devnet::start().unwrap();
    let rows = Row::all(&devnet);
    let folder = tempfile::tempdir().unwrap();
    let manifest = folder.path().join("m.jsonl");
    std::fs::write(&manifest, Row::named(&rows, "honest").manifest.clone().unwrap()).unwrap();
    let trust = provenear_tests::rows::trusted().public_key().to_near();
    let words = ["inspect", "honest.devnet", "--manifest", manifest.to_str().unwrap(), "--trust", &trust];
    let found = ask(folder.path(), &[&devnet], &words);
    let mut wrong = Vec::new();
    missing(&shape(), &found.json, "", &mut wrong);
    assert!(wrong.is_empty(), "{wrong:?} in {}", found.json);
    // Nothing is left out where nothing was found, either.
    let none = ask(folder.path(), &[&devnet], &["inspect", "nobody.near"]);
    let names = |value: &Value| value.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(&none.json), names(&found.json));
}
