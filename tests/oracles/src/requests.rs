//! Requests as `shared::rpc` writes them, read by nearcore's own types.

use std::num::NonZeroU32;

use near_jsonrpc_primitives::message::Message;
use near_jsonrpc_primitives::types::blocks::RpcBlockRequest;
use near_jsonrpc_primitives::types::query::RpcQueryRequest;
use near_primitives::hash::CryptoHash;
use near_primitives::types::{BlockId, BlockReference as TheirReference, Finality};
use near_primitives::views::QueryRequest;
use provenear_shared::digest::Sha256Digest;
use provenear_shared::near::{AccountId, BlockReference};
use provenear_shared::rpc;
use serde_json::{Value, json};

/// Method and parameters.
fn read(body: &[u8]) -> (String, Value) {
    match serde_json::from_slice(body).unwrap() {
        Message::Request(request) => (request.method, request.params),
        other => panic!("no request: {other:?}"),
    }
}

fn query(body: &[u8]) -> (QueryRequest, TheirReference) {
    let (method, params) = read(body);
    assert_eq!(method, "query");
    let request: RpcQueryRequest = serde_json::from_value(params).unwrap();
    (request.request, request.block_reference)
}

fn references() -> [(BlockReference, TheirReference); 3] {
    let hash = CryptoHash::hash_bytes(b"block");
    [
        (BlockReference::Final, TheirReference::Finality(Finality::Final)),
        (BlockReference::Height(7), TheirReference::BlockId(BlockId::Height(7))),
        (BlockReference::Hash(Sha256Digest::of(b"block")), TheirReference::BlockId(BlockId::Hash(hash))),
    ]
}

#[test]
fn a_node_reads_each_query_as_it_is_meant() {
    let ours = AccountId::parse("app.near").unwrap();
    let account_id: near_primitives::types::AccountId = "app.near".parse().unwrap();
    let code_hash = CryptoHash::hash_bytes(b"code");
    let key = "ml-dsa-65-hash:C6BigBq66NmLxEZcouc4Ev8xF1vR14BnPbBeFeLAHrB4";
    let limit = NonZeroU32::new(rpc::KEYS_PER_PAGE as u32);
    let list = |after_key| QueryRequest::ViewAccessKeyList { account_id: account_id.clone(), after_key, limit };
    for (at, reference) in references() {
        for (body, meant) in [
            (rpc::view_account(&ours, &at), QueryRequest::ViewAccount { account_id: account_id.clone() }),
            (rpc::view_code(&ours, &at), QueryRequest::ViewCode { account_id: account_id.clone() }),
            (
                rpc::view_global_contract_code(&Sha256Digest::of(b"code"), &at),
                QueryRequest::ViewGlobalContractCode { code_hash },
            ),
            (
                rpc::call_function(&ours, "get", &[1, 2, 255], &at),
                QueryRequest::CallFunction {
                    account_id: account_id.clone(),
                    method_name: "get".to_owned(),
                    args: vec![1, 2, 255].into(),
                },
            ),
            (
                rpc::view_state_entry(&ours, b"key", &at),
                QueryRequest::ViewState {
                    account_id: account_id.clone(),
                    prefix: b"key".to_vec().into(),
                    after_key: None,
                    limit: NonZeroU32::new(1),
                    include_proof: false,
                },
            ),
            (rpc::view_access_key_list(&ours, None, &at), list(None)),
            (rpc::view_access_key_list(&ours, Some(key), &at), list(Some(key.parse().unwrap()))),
        ] {
            assert_eq!(query(&body), (meant, reference.clone()));
        }
    }
}

#[test]
fn a_node_reads_which_block_is_asked_for() {
    for (at, reference) in references() {
        let (method, params) = read(&rpc::block(&at));
        let request: RpcBlockRequest = serde_json::from_value(params).unwrap();
        assert_eq!((method.as_str(), request.block_reference), ("block", reference));
    }
    assert_eq!(read(&rpc::status()), ("status".to_owned(), json!([])));
}
