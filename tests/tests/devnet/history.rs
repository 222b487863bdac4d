//! Blocks, keys, references to code, and what accounts were before.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use base64::{Engine, prelude::BASE64_STANDARD};
use provenear_tests::devnet::{Account, Contract, Devnet, Hash, Key, Permission};
use serde_json::{Value, json};

use crate::ask::{call, query};

fn code_hash(devnet: &Devnet, params: Value) -> Value {
    query(devnet, "view_code", params)["hash"].clone()
}

#[test]
fn an_account_is_what_it_was_at_each_block() {
    let devnet = Devnet::start().unwrap();
    let chain = devnet.chain();
    let first = chain.put("app.near", Account::new(Contract::local(*b"one")));
    let second = chain.put("app.near", Account::new(Contract::local(*b"two")));
    let deleted = chain.delete("app.near");
    assert!(chain.final_block().height >= deleted);
    let at = |height: u64| json!({ "account_id": "app.near", "block_id": height });
    assert_eq!(code_hash(&devnet, at(first)), Hash::of(b"one").to_string());
    assert_eq!(code_hash(&devnet, at(second - 1)), Hash::of(b"one").to_string());
    assert_eq!(code_hash(&devnet, at(second)), Hash::of(b"two").to_string());
    let by_hash = json!({ "account_id": "app.near", "block_id": chain.block(second).hash.to_string() });
    assert_eq!(code_hash(&devnet, by_hash), Hash::of(b"two").to_string());
    for height in [first - 1, deleted] {
        assert_eq!(query(&devnet, "view_account", at(height))["error"]["cause"]["name"], "UNKNOWN_ACCOUNT");
    }
    chain.set_horizon(second);
    assert_eq!(query(&devnet, "view_account", at(first))["error"]["cause"]["name"], "GARBAGE_COLLECTED_BLOCK");
}

#[test]
fn blocks_follow_the_clock() {
    let devnet = Devnet::start().unwrap();
    let chain = devnet.chain();
    let header = |params: Value| call(&devnet, "block", params).1["result"]["header"].clone();
    let age = |header: &Value| {
        let nanos: u64 = header["timestamp_nanosec"].as_str().unwrap().parse().unwrap();
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_nanos();
        (now as i128 - i128::from(nanos)) / 1_000_000_000
    };
    let last = header(json!({ "finality": "final" }));
    assert!((0..10).contains(&age(&last)), "{}", age(&last));
    assert_eq!(header(json!({ "block_id": last["height"] })), last);
    assert_eq!(header(json!({ "block_id": last["hash"] })), last);
    assert_eq!(header(json!({ "block_id": last["prev_hash"] }))["height"], last["prev_height"]);
    std::thread::sleep(Duration::from_millis(1300));
    let later = header(json!({ "finality": "final" }));
    assert!(later["height"].as_u64().unwrap() >= last["height"].as_u64().unwrap() + 2);
    chain.set_clock_offset(-600);
    assert!(age(&header(json!({ "finality": "final" }))) >= 600);

    chain.freeze(200_000);
    assert_eq!(header(json!({ "finality": "final" }))["height"], 200_000);
    assert_eq!(header(json!({ "finality": "optimistic" }))["height"], 200_002);
    chain.skip(200_000);
    assert_eq!(header(json!({ "finality": "final" }))["height"], 199_999);
    let (status, answer) = call(&devnet, "block", json!({ "block_id": 200_000 }));
    assert_eq!((status, &answer["error"]["cause"]["name"]), (422, &json!("UNKNOWN_BLOCK")));
    assert_eq!(call(&devnet, "block", json!({ "block_id": 200_003 })).0, 200);
}

#[test]
fn keys_of_every_kind_are_listed() {
    let devnet = Devnet::start().unwrap();
    let gas = Permission::GasKeyFullAccess { balance: 7, num_nonces: 2 };
    let calls = Permission::GasKeyFunctionCall {
        balance: 1,
        num_nonces: 1,
        receiver_id: "x.near".into(),
        method_names: vec![],
    };
    let account = Account::new(Contract::None)
        .key(Key::full_access(
            "secp256k1:5ftgm7wYK5gtVqq1kxMGy7gSudkrfYCbpsjL6sH1nwx2oj5NR2JktohjzB6fbEhhRERQpiwJcpwnQjxtoX3GS3cQ",
        ))
        .key(Key { public_key: format!("ml-dsa-65-hash:{}", Hash::of(b"key")), nonce: 1, permission: gas })
        .key(Key { public_key: format!("ed25519:{}", Hash::of(b"gas")), nonce: 1, permission: calls })
        .key(Key::function_call(&format!("ed25519:{}", Hash::of(b"fc")), "x.near", &["go"]));
    devnet.chain().put("app.near", account);
    let listed = query(&devnet, "view_access_key_list", json!({ "account_id": "app.near" }));
    let permissions: Vec<Value> =
        listed["keys"].as_array().unwrap().iter().map(|key| key["access_key"]["permission"].clone()).collect();
    let call = json!({ "allowance": null, "receiver_id": "x.near", "method_names": ["go"] });
    let gas_call =
        json!({ "balance": "1", "num_nonces": 1, "allowance": null, "receiver_id": "x.near", "method_names": [] });
    assert_eq!(
        permissions,
        [
            json!("FullAccess"),
            json!({ "GasKeyFullAccess": { "balance": "7", "num_nonces": 2 } }),
            json!({ "GasKeyFunctionCall": gas_call }),
            json!({ "FunctionCall": call }),
        ]
    );
    let one = json!({ "account_id": "app.near", "public_key": format!("ed25519:{}", Hash::of(b"fc")) });
    assert_eq!(query(&devnet, "view_access_key", one)["permission"]["FunctionCall"], call);
    let other = json!({ "account_id": "app.near", "public_key": "ed25519:gone" });
    let error = "access key ed25519:gone does not exist while viewing";
    assert_eq!(query(&devnet, "view_access_key", other)["error"], error);
}

#[test]
fn code_by_reference_is_followed() {
    let devnet = Devnet::start().unwrap();
    let chain = devnet.chain();
    let wallet = Hash::of(b"wallet");
    chain.set_wallet(*b"wallet");
    let hash = chain.publish_by_hash(*b"shared");
    chain.publish_by_account("owner.near", *b"old");
    chain.put("hash.near", Account::new(Contract::GlobalByHash(hash)));
    let before = chain.put("user.near", Account::new(Contract::GlobalByAccount("owner.near".into())));
    chain.publish_by_account("owner.near", *b"new");
    let eth = "0x00a0b0c0d0e0f0a0b0c0d0e0f0a0b0c0d0e0f0a0";
    chain.put(eth, Account::new(Contract::EthImplicit));

    let of = |id: &str| code_hash(&devnet, json!({ "account_id": id }));
    assert_eq!(of("hash.near"), Hash::of(b"shared").to_string());
    assert_eq!(of("user.near"), Hash::of(b"new").to_string());
    let then = json!({ "account_id": "user.near", "block_id": before });
    assert_eq!(code_hash(&devnet, then), Hash::of(b"old").to_string());
    assert_eq!(of(eth), wallet.to_string());
    let account = query(&devnet, "view_account", json!({ "account_id": eth }));
    assert_eq!(account["code_hash"], Hash::of(format!("near{wallet}").as_bytes()).to_string());
}

#[test]
fn a_deployment_can_be_looked_up() {
    let devnet = Devnet::start().unwrap();
    let height = devnet.chain().put("app.near", Account::new(Contract::local(*b"code")));
    let params = json!({ "changes_type": "contract_code_changes", "account_ids": ["app.near"], "block_id": height });
    let (_, answer) = call(&devnet, "EXPERIMENTAL_changes", params);
    let change = &answer["result"]["changes"][0];
    assert_eq!(change["change"]["code_base64"], BASE64_STANDARD.encode(b"code"));
    let (_, answer) = call(&devnet, "tx", json!({ "tx_hash": "none", "sender_account_id": "app.near" }));
    assert_eq!(answer["error"]["cause"]["name"], "UNKNOWN_TRANSACTION");
}
