//! The chain of a scenario, answered without a network. The host's last part says how the endpoint behaves.

use base64::{Engine, prelude::BASE64_STANDARD};
use provenear_shared::deployment::{Stored, Transport, TransportError};
use provenear_shared::digest::Sha256Digest;
use provenear_shared::rpc::Reply;
use serde_json::{Value, json};

use super::{NOW_MS, Scenario};
use crate::notary::Notary;

const HEIGHT: u64 = 200;
/// Under this name a node tells of a block that there is not.
const MADE_UP: u64 = 7_777;
/// How far one node is ahead of the others.
const AHEAD: u64 = 1_000;
const TOO_MANY: &str = "TOO_MANY_ACCESS_KEYS";

pub(super) struct StandIn<'a> {
    pub(super) scenario: &'a Scenario,
    pub(super) stored: String,
}

impl Transport for StandIn<'_> {
    async fn post(&self, url: &str, body: Vec<u8>) -> Result<Reply, TransportError> {
        let host = url.trim_start_matches("https://").split(['/', ':']).next().unwrap_or_default();
        let host = host.trim_end_matches('.');
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
            Err(cause) => {
                let info = if cause == TOO_MANY { json!({ "limit": 100 }) } else { json!({}) };
                json!({ "jsonrpc": "2.0", "id": request["id"], "error":
                    { "name": "HANDLER_ERROR", "cause": { "name": cause, "info": info }, "code": -32000, "message": "Server error" } })
            }
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
                let (height, hash) = match fault {
                    "lagging" => (HEIGHT - 60, hash_of_block(HEIGHT - 60)),
                    "ahead" => (HEIGHT + AHEAD, hash_of_block(HEIGHT + AHEAD)),
                    "made-up" => (HEIGHT - 10, hash_of_block(MADE_UP)),
                    "other-height" => (HEIGHT - 1, hash_of_block(HEIGHT)),
                    _ => (HEIGHT, hash_of_block(HEIGHT)),
                };
                let is_final = params["finality"].is_string();
                let age_ms = match fault {
                    "no-final" if is_final => return Err("NOT_SYNCED_YET"),
                    "stale" => 200_000,
                    "lagging" => 40_000,
                    "other-time" if !is_final => 1_000,
                    // The block that was asked for is its newest one.
                    _ if fault != "stuck" && is_final => 1_000,
                    _ => self.scenario.block_age * 1_000,
                };
                Ok(json!({ "header": { "height": height, "hash": hash, "timestamp": (NOW_MS - age_ms) * 1_000_000 } }))
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
        if scenario.deployed == "unknown" || fault == "says-unknown" {
            return Err("UNKNOWN_ACCOUNT");
        }
        let (height, block_hash) = self.block(fault, &params["block_id"]).ok_or("UNKNOWN_BLOCK")?;
        let code = if fault == "other-code" { scenario.module("evil") } else { scenario.code() };
        let hash = Sha256Digest::of(&code).to_base58();
        let mut result = match params["request_type"].as_str().unwrap_or_default() {
            "view_account" => match fault {
                // Lies about kind and owner that leave the bytes as they are.
                "says-global" => json!({ "code_hash": "1".repeat(32), "global_contract_hash": hash }),
                "says-local" => json!({ "code_hash": hash }),
                "says-other-owner" => {
                    json!({ "code_hash": "1".repeat(32), "global_contract_account_id": "honest-looking.near" })
                }
                "says-initialized" => json!({ "code_hash": "1".repeat(32) }),
                _ => self.account(&hash),
            },
            "view_code" if scenario.deployed == "none" || fault == "hides-code" => return Err("NO_CONTRACT_CODE"),
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
            "view_access_key_list" => self.keys(params)?,
            _ => return Err("UNKNOWN_REQUEST"),
        };
        let lists_elsewhere = params["request_type"] == "view_access_key_list" && scenario.key_listing == "other-block";
        let block_hash = if lists_elsewhere { hash_of_block(height + 1) } else { block_hash };
        result["block_height"] = json!(height + u64::from(lists_elsewhere));
        result["block_hash"] = json!(block_hash);
        Ok(result)
    }

    /// The block that an answer is of, by height and hash; none that the node does not know.
    fn block(&self, fault: &str, asked: &Value) -> Option<(u64, String)> {
        let of = |height: u64| (height, hash_of_block(height));
        let Some(asked) = asked.as_str() else { return Some(of(HEIGHT)) };
        let known = (HEIGHT - 60..=HEIGHT).map(of).find(|(_, hash)| hash == asked);
        match fault {
            "other-block" => Some(of(HEIGHT + 1)),
            "made-up" => known.or(Some((HEIGHT - 10, hash_of_block(MADE_UP)))),
            "other-height" => known.map(|(height, hash)| (height - 1, hash)),
            _ => known,
        }
    }

    /// A page of keys, or all of them.
    fn keys(&self, params: &Value) -> Result<Value, &'static str> {
        let all: Vec<Value> = self.scenario.access_keys.iter().map(|name| key(name)).collect();
        let after = params["after_key"].as_str();
        let begin = all.iter().position(|key| key["public_key"].as_str() == after).map_or(0, |at| at + 1);
        match self.scenario.key_listing.split_once(' ').unwrap_or((&self.scenario.key_listing, "")) {
            ("pages", size) => {
                let rest = &all[begin..];
                let page = &rest[..rest.len().min(size.parse().unwrap_or(1))];
                let last = page.last().filter(|_| page.len() < rest.len()).map(|key| key["public_key"].clone());
                Ok(json!({ "keys": page, "last_key": last }))
            }
            ("repeats", _) => Ok(json!({ "keys": all, "last_key": all.last().map(|key| key["public_key"].clone()) })),
            ("endless", _) => {
                let next = key(&format!("fc:{}", after.unwrap_or_default()));
                Ok(json!({ "keys": [next], "last_key": next["public_key"] }))
            }
            ("twice", _) => Ok(json!({ "keys": all.iter().flat_map(|key| [key, key]).collect::<Vec<_>>() })),
            ("more-than-asked-for", _) => {
                let keys: Vec<Value> = (0..101).map(|at| key(&format!("fc:{at}"))).collect();
                Ok(json!({ "keys": keys, "last_key": keys[100]["public_key"] }))
            }
            ("at-once", count) => {
                let keys = (0..count.parse().unwrap_or(0)).map(|at: u32| key(&format!("fc:{at}")));
                Ok(json!({ "keys": keys.collect::<Vec<_>>() }))
            }
            ("no-key", _) => {
                let mut malformed = key("x");
                malformed["public_key"] = json!("ed25519:x");
                Ok(json!({ "keys": [malformed] }))
            }
            ("refused", _) => Err(TOO_MANY),
            ("unread", _) => {
                let mut unread = key("x");
                unread["access_key"]["permission"] = json!("Everything");
                Ok(json!({ "keys": [unread] }))
            }
            (_, _) => Ok(json!({ "keys": all })),
        }
    }

    fn account(&self, hash: &str) -> Value {
        let none = "1".repeat(32);
        match (self.scenario.deployed.as_str(), self.scenario.contract.as_str()) {
            ("none", "uninitialized") => json!({ "code_hash": none, "state": "uninitialized", "bootstrap_nonce": 7 }),
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
    let call = json!({ "allowance": null, "receiver_id": "x.near", "method_names": [] });
    let gas_call =
        json!({ "balance": "1", "num_nonces": 1, "allowance": null, "receiver_id": "x.near", "method_names": [] });
    let (kind, name) = name.split_once(':').unwrap_or(("", name));
    let permission = match kind {
        "fc" => json!({ "FunctionCall": call }),
        "gas" => json!({ "GasKeyFullAccess": { "balance": "1", "num_nonces": 1 } }),
        "gas-fc" => json!({ "GasKeyFunctionCall": gas_call }),
        _ => json!("FullAccess"),
    };
    let public_key = Notary::named(name).public_key().to_near();
    let public_key = if kind == "ml-dsa" { public_key.replace("ed25519:", "ml-dsa-65-hash:") } else { public_key };
    json!({ "public_key": public_key, "access_key": { "nonce": 1, "permission": permission } })
}

fn hash_of_block(height: u64) -> String {
    Sha256Digest::of(format!("block {height}").as_bytes()).to_base58()
}
