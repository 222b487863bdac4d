//! Replies as nearcore's own types write them, read by `shared::rpc`.

use near_crypto::{KeyType, PublicKey, PublicKeyHandle};
use near_jsonrpc_primitives::errors::RpcError as TheirError;
use near_jsonrpc_primitives::message::Message;
use near_jsonrpc_primitives::types::query::{QueryResponseKind, RpcQueryError, RpcQueryResponse};
use near_primitives::account::{AccessKey, Account, AccountContract as TheirContract};
use near_primitives::hash::CryptoHash;
use near_primitives::types::Balance;
use near_primitives::views::{AccessKeyInfoView, AccessKeyList, AccountView, CallResult, ContractCodeView};
use provenear_shared::digest::Sha256Digest;
use provenear_shared::near::{AccountContract, AccountId};
use provenear_shared::rpc::{self, At, Reply, RpcError};
use serde_json::{Value, json};

const HEIGHT: u64 = 123;

fn block() -> CryptoHash {
    CryptoHash::hash_bytes(b"block")
}

fn reply(result: Result<Value, TheirError>) -> Reply {
    let body = serde_json::to_vec(&Message::response(json!("provenear"), result)).unwrap();
    Reply { status: 200, retry_after: None, body }
}

fn answer(kind: QueryResponseKind) -> Reply {
    let response = RpcQueryResponse { kind, block_height: HEIGHT, block_hash: block() };
    reply(Ok(serde_json::to_value(response).unwrap()))
}

/// The value, of that very block.
fn of_the_block<T>(at: At<T>) -> T {
    assert_eq!((at.block_height, at.block_hash.as_bytes()), (HEIGHT, &block().0));
    at.value
}

fn ours(hash: CryptoHash) -> Sha256Digest {
    Sha256Digest::from_base58(&hash.to_string()).unwrap()
}

#[test]
fn each_kind_of_account_is_read_for_what_it_is() {
    let hash = CryptoHash::hash_bytes(b"code");
    let owner = "owner.near";
    let universal = format!("0u{}g", "0".repeat(51));
    let account = |contract| Account::new(Balance::from_near(1), Balance::ZERO, contract, 100);
    let uninitialized = Account::new_uninitialized(Balance::from_near(1), 100, 5);
    for (name, stands, expected) in [
        ("a.near", account(TheirContract::None), AccountContract::None),
        ("a.near", account(TheirContract::Local(hash)), AccountContract::Local(ours(hash))),
        ("a.near", account(TheirContract::Global(hash)), AccountContract::Global(ours(hash))),
        (
            "a.near",
            account(TheirContract::GlobalByAccount(owner.parse().unwrap())),
            AccountContract::GlobalByAccount(AccountId::parse(owner).unwrap()),
        ),
        (
            "0x0123456789012345678901234567890123456789",
            account(TheirContract::Local(hash)),
            AccountContract::EthImplicit(ours(hash)),
        ),
        // Only funded so far, which nothing in its record tells.
        ("0s0123456789012345678901234567890123456789", account(TheirContract::None), AccountContract::None),
        (&universal, uninitialized, AccountContract::Uninitialized),
        (&universal, account(TheirContract::Global(hash)), AccountContract::Global(ours(hash))),
    ] {
        let reply = answer(QueryResponseKind::ViewAccount(AccountView::from(&stands)));
        let found = rpc::parse_account(&reply, &AccountId::parse(name).unwrap()).unwrap();
        assert_eq!(of_the_block(found), expected, "{stands:?}");
    }
}

#[test]
fn code_and_answers_of_calls_are_read() {
    let code = b"\0asm\x01\0\0\0".to_vec();
    let hash = CryptoHash::hash_bytes(&code);
    let reply = answer(QueryResponseKind::ViewCode(ContractCodeView { code: code.clone(), hash }));
    let served = of_the_block(rpc::parse_code(&reply).unwrap());
    assert_eq!((served.bytes, served.hash), (code, ours(hash)));
    let reply = answer(QueryResponseKind::CallResult(CallResult { result: vec![1, 2, 255], logs: Vec::new() }));
    assert_eq!(of_the_block(rpc::parse_call(&reply).unwrap()), [1, 2, 255]);
}

/// Every kind of permission on every type of key, each with what we have to read of it.
fn keys() -> Vec<(AccessKeyInfoView, bool, bool, &'static str)> {
    let types = [(KeyType::ED25519, "ed25519"), (KeyType::SECP256K1, "secp256k1"), (KeyType::MLDSA65, "ml-dsa-65")];
    let mut keys = Vec::new();
    for (kind, name) in types {
        let call = || AccessKey {
            nonce: 7,
            permission: near_primitives::account::AccessKeyPermission::FunctionCall(
                near_primitives::account::FunctionCallPermission {
                    allowance: Some(Balance::from_near(1)),
                    receiver_id: "a.near".to_owned(),
                    method_names: vec!["m".to_owned()],
                },
            ),
        };
        let gas_call = || {
            AccessKey::gas_key_function_call(
                3,
                near_primitives::account::FunctionCallPermission {
                    allowance: None,
                    receiver_id: "a.near".to_owned(),
                    method_names: Vec::new(),
                },
            )
        };
        for (at, (key, full_access, gas_key)) in [
            (AccessKey::full_access(), true, false),
            (call(), false, false),
            (AccessKey::gas_key_full_access(3), true, true),
            (gas_call(), false, true),
        ]
        .into_iter()
        .enumerate()
        {
            let public_key = public_key(kind, at as u8);
            let view = AccessKeyInfoView { public_key: PublicKeyHandle::from(public_key), access_key: key.into() };
            keys.push((view, full_access, gas_key, name));
        }
    }
    keys
}

/// Bytes that make a key of this type, with one that tells it from others.
fn public_key(kind: KeyType, seed: u8) -> PublicKey {
    match kind {
        KeyType::ED25519 => PublicKey::ED25519(near_crypto::ED25519PublicKey([seed; 32])),
        KeyType::SECP256K1 => PublicKey::SECP256K1(near_crypto::Secp256K1PublicKey::try_from(&[seed; 64][..]).unwrap()),
        KeyType::MLDSA65 => PublicKey::MLDSA65(near_crypto::MlDsa65PublicKey::try_from(&[seed; 1952][..]).unwrap()),
    }
}

#[test]
fn keys_of_every_type_and_permission_are_read_and_pages_go_on_behind_the_last() {
    let keys = keys();
    for last in [None, keys.last().map(|(view, ..)| view.public_key.clone())] {
        let list = AccessKeyList { keys: keys.iter().map(|(view, ..)| view.clone()).collect(), last_key: last.clone() };
        let page = of_the_block(rpc::parse_access_keys(&answer(QueryResponseKind::AccessKeyList(list))).unwrap());
        assert_eq!(page.last_key, last.map(|key| key.to_string()));
        assert_eq!(page.keys.len(), keys.len());
        for (read, (view, full_access, gas_key, kind)) in page.keys.iter().zip(&keys) {
            assert_eq!(read.public_key, view.public_key.to_string());
            assert_eq!((read.full_access, read.gas_key, read.key_type()), (*full_access, *gas_key, *kind), "{view:?}");
        }
    }
}

#[test]
fn errors_are_read_for_what_they_are() {
    let account = || "a.near".parse().unwrap();
    let (block_height, block_hash) = (HEIGHT, block());
    let failed = |error: RpcQueryError| reply(Err(error.into()));
    let keys = failed(RpcQueryError::TooManyAccessKeys {
        requested_account_id: account(),
        limit: 100,
        block_height,
        block_hash,
    });
    assert_eq!(rpc::parse_access_keys(&keys).unwrap_err(), RpcError::TooManyAccessKeys(Some(100)));
    let read = |reply| rpc::parse_code(&reply).unwrap_err();
    for (error, expected) in [
        (
            RpcQueryError::UnknownAccount { requested_account_id: account(), block_height, block_hash },
            RpcError::UnknownAccount,
        ),
        (RpcQueryError::GarbageCollectedBlock { block_height, block_hash }, RpcError::GarbageCollectedBlock),
        (
            RpcQueryError::UnknownBlock { block_reference: near_primitives::types::Finality::Final.into() },
            RpcError::UnknownBlock,
        ),
        (
            RpcQueryError::NoContractCode { contract_account_id: account(), block_height, block_hash },
            RpcError::NoContractCode,
        ),
        (
            RpcQueryError::NoGlobalContractCode {
                identifier: near_primitives::action::GlobalContractIdentifier::CodeHash(block_hash),
                block_height,
                block_hash,
            },
            RpcError::NoGlobalContractCode,
        ),
    ] {
        assert_eq!(read(failed(error.clone())), expected, "{error:?}");
    }
    for error in [RpcQueryError::NoSyncedBlocks, RpcQueryError::InternalError { error_message: "busy".to_owned() }] {
        assert!(matches!(read(failed(error.clone())), RpcError::Unavailable(_)), "{error:?}");
    }
}
