//! The chain of a scenario, answered without a network. The host's last part says how the endpoint behaves.

use base64::{Engine, prelude::BASE64_STANDARD};
use provenear_shared::deployment::{Stored, Transport, TransportError};
use provenear_shared::digest::Sha256Digest;
use provenear_shared::rpc::Reply;
use serde_json::{Value, json};

use super::{NOW_MS, Scenario};
use crate::notary::Notary;

const HEIGHT: u64 = 200;

pub(super) struct StandIn<'a> {
    pub(super) scenario: &'a Scenario,
    pub(super) stored: String,
}

impl Transport for StandIn<'_> {
    async fn post(&self, url: &str, body: Vec<u8>) -> Result<Reply, TransportError> {
        let host = url.trim_start_matches("https://").trim_end_matches('/');
        let fault = host.split_once('.').map_or("honest", |(_, fault)| fault);
        match fault {
            "silent" => return Err(TransportError::Unreachable("connection refused".into())),
            "slow" => return Err(TransportError::Timeout(10)),
            "endless" => return Err(TransportError::TooLarge(8 << 20)),
            "limited" => return Ok(Reply { status: 429, retry_after: Some(7), body: Vec::new() }),
            "page" => return Ok(Reply { status: 200, retry_after: None, body: b"<html>".to_vec() }),
            _ => {}
        }
        let request: Value = serde_json::from_slice(&body).unwrap_or_default();
        let answer = match self.answer(fault, &request) {
            Ok(result) => json!({ "jsonrpc": "2.0", "id": request["id"], "result": result }),
            Err(cause) => json!({ "jsonrpc": "2.0", "id": request["id"], "error":
                { "name": "HANDLER_ERROR", "cause": { "name": cause, "info": {} }, "code": -32000, "message": "Server error" } }),
        };
        Ok(Reply { status: 200, retry_after: None, body: answer.to_string().into_bytes() })
    }

    async fn load(&self, store: &str, name: &str) -> Result<Stored, TransportError> {
        let code_hash = Sha256Digest::of(&self.scenario.code()).to_base58();
        if name != format!("{code_hash}.intoto.jsonl") {
            return Ok(Stored::Absent);
        }
        let how = store.rsplit('/').next().unwrap_or_default();
        match how.split_once(' ').unwrap_or((how, "")) {
            ("honest", _) => Ok(Stored::File(self.stored.clone())),
            ("junk", lines) => {
                let lines =
                    lines.parse().map_err(|_| TransportError::Unreachable(format!("`{lines}` is no number")))?;
                Ok(Stored::File("junk\n".repeat(lines) + &self.stored))
            }
            ("empty", _) => Ok(Stored::Absent),
            ("page", _) => Ok(Stored::WebPage),
            ("slow", _) => Err(TransportError::Timeout(20)),
            ("too-large", _) => Err(TransportError::TooLarge(16 << 20)),
            (_, _) => Err(TransportError::Unreachable("connection refused".into())),
        }
    }
}

impl StandIn<'_> {
    /// The result, or the name of the error's cause.
    fn answer(&self, fault: &str, request: &Value) -> Result<Value, &'static str> {
        let method = request["method"].as_str().unwrap_or_default();
        let params = &request["params"];
        match method {
            "status" => Ok(json!({ "chain_id": if fault == "other-chain" { "testnet" } else { "mainnet" } })),
            "block" if fault == "young" => Err("UNKNOWN_BLOCK"),
            "block" => {
                let height = if fault == "lagging" { HEIGHT - 60 } else { HEIGHT };
                let is_final = params["finality"].is_string();
                let age_ms = match fault {
                    "no-final" if is_final => return Err("NOT_SYNCED_YET"),
                    "stale" => 200_000,
                    // The block that was asked for is its newest one.
                    _ if fault != "stuck" && is_final => 1_000,
                    _ => self.scenario.block_age * 1_000,
                };
                Ok(
                    json!({ "header": { "height": height, "hash": hash_of_block(height), "timestamp": (NOW_MS - age_ms) * 1_000_000 } }),
                )
            }
            "query" => self.query(fault, params),
            _ => Err("METHOD_NOT_FOUND"),
        }
    }

    fn query(&self, fault: &str, params: &Value) -> Result<Value, &'static str> {
        let scenario = self.scenario;
        if fault == "pruned" {
            return Err("GARBAGE_COLLECTED_BLOCK");
        }
        if scenario.deployed == "unknown" {
            return Err("UNKNOWN_ACCOUNT");
        }
        let code = if fault == "other-code" { scenario.module("evil") } else { scenario.code() };
        let hash = Sha256Digest::of(&code).to_base58();
        let height = if fault == "other-block" { HEIGHT + 1 } else { HEIGHT };
        let mut result = match params["request_type"].as_str().unwrap_or_default() {
            "view_account" => self.account(&hash),
            "view_code" if scenario.deployed == "none" => return Err("NO_CONTRACT_CODE"),
            "view_code" if scenario.deployed == "unpublished" => return Err("NO_GLOBAL_CONTRACT_CODE"),
            "view_global_contract_code" if scenario.contract != "global" => return Err("NO_GLOBAL_CONTRACT_CODE"),
            "view_code" | "view_global_contract_code" => {
                let bytes = if fault == "other-bytes" { scenario.module("evil") } else { code };
                json!({ "code_base64": BASE64_STANDARD.encode(bytes), "hash": hash })
            }
            "call_function" => match scenario.node_claim.as_ref().unwrap_or(&scenario.claim) {
                Value::Bool(false) => {
                    json!({ "error": "wasm execution failed with error: MethodResolveError(MethodNotFound)" })
                }
                claim => json!({ "result": Scenario::claim_bytes(claim), "logs": [] }),
            },
            "view_access_key_list" => {
                json!({ "keys": scenario.access_keys.iter().map(|name| key(name)).collect::<Vec<_>>() })
            }
            _ => return Err("UNKNOWN_REQUEST"),
        };
        result["block_height"] = json!(height);
        result["block_hash"] = json!(hash_of_block(height));
        Ok(result)
    }

    fn account(&self, hash: &str) -> Value {
        let none = "1".repeat(32);
        match (self.scenario.deployed.as_str(), self.scenario.contract.as_str()) {
            ("none", _) => json!({ "code_hash": none }),
            (_, "global") => json!({ "code_hash": none, "global_contract_hash": hash }),
            (_, "global-by-account") => json!({ "code_hash": none, "global_contract_account_id": "owner.near" }),
            (_, "eth-implicit") => {
                json!({ "code_hash": Sha256Digest::of(format!("near{hash}").as_bytes()).to_base58() })
            }
            (_, _) => json!({ "code_hash": hash }),
        }
    }
}

fn key(name: &str) -> Value {
    let (permission, name) = match name.strip_prefix("fc:") {
        Some(name) => {
            (json!({ "FunctionCall": { "allowance": null, "receiver_id": "x.near", "method_names": [] } }), name)
        }
        None => (json!("FullAccess"), name),
    };
    let public_key = Notary::named(name).public_key().to_near();
    json!({ "public_key": public_key, "access_key": { "nonce": 1, "permission": permission } })
}

fn hash_of_block(height: u64) -> String {
    Sha256Digest::of(format!("block {height}").as_bytes()).to_base58()
}
