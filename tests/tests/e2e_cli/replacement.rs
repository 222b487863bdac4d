//! Who can replace the code, in JSON and text: keys with whose word they are, whole or not; the code itself; and what is said
//! of accounts that have no code.

use std::path::Path;

use provenear_tests::devnet::{Account, Contract, Devnet, Fault, Hash, Key, Permission, Where};
use provenear_tests::fixtures::COUNTER_PINNED;
use serde_json::json;

use crate::asking::{Ended, ask, helper};

fn key(kind: &str, seed: u8, permission: Permission) -> Key {
    Key { public_key: format!("{kind}:{}", Hash([seed; 32])), nonce: 1, permission }
}

/// An account with so many keys for calls and, listed last, one with full access.
fn with_keys(calls: u16) -> Account {
    let keys = (0..calls).map(|at| Hash::of(&at.to_be_bytes()));
    let account = keys.fold(Account::new(Contract::local(COUNTER_PINNED)), |account, hash| {
        account.key(Key::function_call(&format!("ed25519:{hash}"), "a.b", &[]))
    });
    account.key(key("ed25519", 255, Permission::FullAccess))
}

/// What the helper prints for a person.
fn text(folder: &Path, devnet: &Devnet, account: &str) -> String {
    let mut command = helper(folder);
    command.args(["inspect", account, "--network", "devnet-test", "--rpc", &devnet.url()]);
    String::from_utf8(command.output().unwrap().stdout).unwrap()
}

/// JSON and text about `account`, which have the same sentence about replacement.
fn look(devnet: &Devnet, account: &str) -> (Ended, String) {
    let folder = tempfile::tempdir().unwrap();
    let found = ask(folder.path(), &[devnet], &["inspect", account]);
    let text = text(folder.path(), devnet, account);
    assert!(text.contains(&format!("replaceable  {}\n", found.text("/changeable/message"))), "{text}\n{}", found.json);
    (found, text)
}

#[test]
fn keys_are_counted_by_what_they_can_do() {
    let devnet = Devnet::start().unwrap();
    let gas_full = Permission::GasKeyFullAccess { balance: 1, num_nonces: 1 };
    let gas_call =
        Permission::GasKeyFunctionCall { balance: 1, num_nonces: 1, receiver_id: "a.b".into(), method_names: vec![] };
    let account = Account::new(Contract::local(COUNTER_PINNED))
        .key(key("ed25519", 1, Permission::FullAccess))
        .key(key("ml-dsa-65-hash", 2, Permission::FullAccess))
        .key(key("ed25519", 3, gas_full))
        .key(key("ed25519", 4, gas_call))
        .key(Key::function_call(&format!("ed25519:{}", Hash([5; 32])), "a.b", &[]));
    devnet.chain().put("keys.devnet", account);
    let (found, text) = look(&devnet, "keys.devnet");
    let counted =
        ["full_access_keys", "function_call_keys", "gas_keys"].map(|name| found.json["changeable"][name].clone());
    assert_eq!(counted, [json!(3), json!(2), json!(2)], "{}", found.json["changeable"]);
    assert_eq!(found.json["changeable"]["key_types"], json!(["ed25519", "ml-dsa-65"]));
    let host = devnet.url().replace("http://", "");
    assert_eq!(found.text("/changeable/keys_from"), host);
    let keys = format!(
        "3 with full access, 2 for calls only, 2 of them gas keys (ed25519, ml-dsa-65), as `{host}` lists them"
    );
    assert_eq!(found.text("/changeable/keys_message"), keys);
    assert!(text.contains(&format!("keys  {keys}")), "{text}");
    assert!(text.contains(&format!("3 full-access keys can replace the code at any time, as `{host}` lists the keys")));
}

#[test]
fn every_page_of_keys_is_read() {
    let devnet = Devnet::start().unwrap();
    devnet.chain().put("many.devnet", with_keys(250));
    let (found, _) = look(&devnet, "many.devnet");
    let changeable = &found.json["changeable"];
    assert_eq!((&changeable["full_access_keys"], &changeable["function_call_keys"]), (&json!(1), &json!(250)));
    assert_eq!(changeable["keys_extent"], "all");
    let pages = devnet.calls().into_iter().filter(|call| call.kind == "view_access_key_list");
    let pages: Vec<bool> = pages.map(|call| call.params["after_key"].is_string()).collect();
    // Once for JSON and once for text.
    assert_eq!(pages, [false, true, true, false, true, true]);
}

#[test]
fn keys_that_no_node_lists_are_said_not_to_be_known() {
    let devnet = Devnet::start().unwrap();
    devnet.chain().put("many.devnet", with_keys(150));
    devnet.misbehave(Where::all(), Fault::NoPages);
    let (found, text) = look(&devnet, "many.devnet");
    assert_eq!(found.outcome(), ("not-rebuilt", 3), "{}", found.json);
    assert_eq!(found.codes("/notices"), ["access-keys-unlisted", "single-endpoint"]);
    let changeable = &found.json["changeable"];
    assert_eq!((&changeable["full_access_keys"], &changeable["keys_extent"]), (&json!(null), &json!("unlisted")));
    for said in ["more than 100 access keys", "there may be keys that can replace the code"] {
        assert!(text.contains(said) && found.text("/changeable/message").contains(said), "`{said}`: {text}");
    }
}

#[test]
fn a_page_that_comes_again_is_not_the_whole_list() {
    let devnet = Devnet::start().unwrap();
    devnet.chain().put("many.devnet", with_keys(150));
    devnet.misbehave(Where::all(), Fault::SamePage);
    let (found, text) = look(&devnet, "many.devnet");
    assert_eq!(found.json["changeable"]["keys_extent"], "more");
    assert!(!text.contains("no full-access key"), "{text}");
    assert!(text.contains("has more than the 100 access keys that were read"), "{text}");
    assert!(devnet.calls().len() < 30, "it is asked for again and again");
}

#[test]
fn a_gas_key_with_full_access_is_a_way_to_replace_the_code() {
    let folder = tempfile::tempdir().unwrap();
    for (name, cannot) in [
        ("promise_batch_action_add_gas_key_with_full_access", false),
        ("promise_batch_action_add_key_with_full_access", false),
        ("promise_batch_action_of_tomorrow", false),
        ("promise_batch_action_add_gas_key_with_function_call", true),
    ] {
        let wat = format!(r#"(module (import "env" "{name}" (func)) (memory (export "memory") 1))"#);
        let file = folder.path().join("app.wasm");
        std::fs::write(&file, wat::parse_str(wat).unwrap()).unwrap();
        let found =
            crate::asking::ended(&helper(folder.path()).args(["inspect", "--json"]).arg(&file).output().unwrap());
        let imports = if cannot { json!([]) } else { json!([name]) };
        assert_eq!(found.json["changeable"]["redeploy_imports"], imports);
        let said = found.text("/changeable/message");
        assert_eq!(said.contains("by itself the code cannot"), cannot, "{name}: {said}");
        assert_eq!(said.contains(&format!("it imports `{name}`")), !cannot, "{name}: {said}");
        let text = helper(folder.path()).arg("inspect").arg(&file).output().unwrap().stdout;
        let text = String::from_utf8(text).unwrap();
        assert!(text.contains(said) && !text.contains("strong evidence"), "{name}: {text}");
    }
}

#[test]
fn an_account_without_code_has_keys_alone() {
    let devnet = Devnet::start().unwrap();
    devnet.chain().put("empty.devnet", Account::new(Contract::None).key(key("ed25519", 1, Permission::FullAccess)));
    let universal = format!("0u{}g", "0".repeat(51));
    devnet.chain().put(&universal, Account::new(Contract::Uninitialized));
    let (found, text) = look(&devnet, "empty.devnet");
    assert_eq!(found.outcome(), ("no-contract", 3));
    assert!(found.json["changeable"]["redeploy_imports"].is_null());
    assert!(text.contains("1 full-access key can deploy code to this account at any time"), "{text}");
    assert!(!text.contains("itself") && !text.contains("import"), "{text}");
    let (found, text) = look(&devnet, &universal);
    assert_eq!(found.outcome(), ("no-contract", 3));
    assert_eq!(
        (found.text("/deployment/account_kind"), found.text("/deployment/contract/kind")),
        ("universal", "uninitialized")
    );
    assert!(text.contains("a universal account, named by the hash of its first code, state and keys"), "{text}");
    assert!(text.contains("the account was only funded so far"), "{text}");
    assert!(!text.contains("full-access key"), "{text}");
}
