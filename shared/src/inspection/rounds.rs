//! How often an inspection waits for an endpoint: what does not depend on an answer is asked together with it.
#![allow(clippy::unwrap_used)] // these are tests, helpers included

use std::cell::{Cell, RefCell};
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use base64::{Engine, prelude::BASE64_STANDARD};
use serde_json::{Value, json};

use super::{Question, Stores, Subject, inspect};
use crate::deployment::{ChainView, Endpoint, Stored, Transport, TransportError};
use crate::digest::Sha256Digest;
use crate::embedded::{Sandbox, SandboxEnd, SandboxRun};
use crate::manifest::Policy;
use crate::near::{AccountId, BlockReference, Network};
use crate::transport::Reply;
use crate::wasm::sandbox::Plan;

const NOW_MS: u64 = 1_795_392_000_000;

/// One endpoint, whose answers come only when nobody can go on without them.
#[derive(Default)]
struct Slow {
    code: Vec<u8>,
    round: Cell<usize>,
    /// What was asked in each round.
    asked: RefCell<Vec<Vec<String>>>,
}

impl Slow {
    fn answer(&self, request: &Value) -> Value {
        let (hash, block) = (Sha256Digest::of(&self.code).to_base58(), Sha256Digest::of(b"block").to_base58());
        let mut result = match name(request) {
            "status" => return json!({"chain_id": "mainnet"}),
            "block" => {
                return json!({"header": {"height": 200, "hash": block, "timestamp": (NOW_MS - 1000) * 1_000_000}});
            }
            "view_account" => json!({"code_hash": hash}),
            "view_code" => json!({"code_base64": BASE64_STANDARD.encode(&self.code), "hash": hash}),
            "view_access_key_list" => json!({"keys": []}),
            _ => json!({"error": "wasm execution failed with error: MethodResolveError(MethodNotFound)"}),
        };
        result["block_height"] = json!(200);
        result["block_hash"] = json!(block);
        result
    }
}

fn name(request: &Value) -> &str {
    request["params"]["request_type"].as_str().or(request["method"].as_str()).unwrap()
}

impl Transport for Slow {
    async fn post(&self, _url: &str, body: Vec<u8>) -> Result<Reply, TransportError> {
        let request: Value = serde_json::from_slice(&body).unwrap();
        let sent = self.round.get();
        self.asked.borrow_mut().resize(sent + 1, Vec::new());
        self.asked.borrow_mut()[sent].push(name(&request).to_owned());
        std::future::poll_fn(|_| if self.round.get() > sent { Poll::Ready(()) } else { Poll::Pending }).await;
        let answer = json!({"jsonrpc": "2.0", "id": request["id"], "result": self.answer(&request)});
        Ok(Reply { status: 200, retry_after: None, body: answer.to_string().into_bytes() })
    }

    async fn load(&self, _store: &str, _name: &str) -> Result<Stored, TransportError> {
        Ok(Stored::Absent)
    }
}

struct NoSandbox;

impl Sandbox for NoSandbox {
    async fn run(&self, _plan: &Plan) -> SandboxRun {
        SandboxRun { returned: None, called: Vec::new(), end: SandboxEnd::NotStarted(String::new()) }
    }
}

/// What was asked in each round until the answer was there.
fn rounds(code: &[u8]) -> Vec<Vec<String>> {
    let chain = ChainView {
        network: Network::mainnet(),
        endpoints: vec![Endpoint::own("https://rpc.example")],
        quorum: None,
        block: BlockReference::Final,
        now_ms: NOW_MS,
    };
    let subject = Subject::Account(AccountId::parse("app.near").unwrap());
    let stores = Stores::NotYet(Vec::new());
    let question = Question { subject, chain, policy: Policy::new(), manifests: Vec::new(), stores };
    let slow = Slow { code: code.to_vec(), ..Slow::default() };
    {
        let mut future = pin!(inspect(&question, &slow, &NoSandbox, |_| {}));
        let mut context = Context::from_waker(Waker::noop());
        while future.as_mut().poll(&mut context).is_pending() {
            slow.round.set(slow.round.get() + 1);
            assert!(slow.round.get() < 20, "it waits for ever: {:?}", slow.asked.borrow());
        }
    }
    slow.asked.into_inner()
}

#[test]
fn access_keys_are_asked_for_together_with_the_claim() {
    let asked = rounds(b"\0asm\x01\0\0\0");
    assert_eq!(asked.len(), 3, "{asked:?}");
    let mut last = asked[2].clone();
    last.sort();
    assert_eq!(last, ["call_function", "view_access_key_list"], "{asked:?}");
}

#[test]
fn what_is_no_module_is_an_error_whatever_was_asked_meanwhile() {
    let asked = rounds(b"<html>");
    assert!(asked.len() <= 3, "{asked:?}");
}
