//! What the chain tells about itself: `status`, `block`, `tx` and `EXPERIMENTAL_changes`.
//! Roots, signatures and gas are made up from labels: the devnet has no consensus, and nobody may rely on them.

use std::time::{Duration, UNIX_EPOCH};

use base64::{Engine, prelude::BASE64_STANDARD};
use serde_json::{Value, json};

use super::account::{Contract, Hash};
use super::chain::{Deploy, State};
use super::error::RpcError;
use super::request::{Params, parse};

/// The epoch length of the public networks.
const EPOCH: u64 = 43_200;
const PROTOCOL: u32 = 86;

fn derived(label: &str) -> String {
    Hash::of(label.as_bytes()).to_string()
}

fn key(label: &str) -> String {
    format!("ed25519:{}", derived(label))
}

fn signature(label: &str) -> String {
    let halves = [Hash::of(label.as_bytes()).0, Hash::of(format!("{label} 2").as_bytes()).0].concat();
    format!("ed25519:{}", bs58::encode(halves).into_string())
}

fn time(nanos: u64) -> String {
    humantime::format_rfc3339_nanos(UNIX_EPOCH + Duration::from_nanos(nanos)).to_string()
}

/// `status`: which chain, how far, since when.
pub(crate) fn status(state: &State, rpc_addr: &str, behind: Duration) -> Value {
    let latest = state.block(state.present(state.final_height(behind) + super::chain::FINALITY_LAG));
    let earliest = state.block(state.horizon);
    let epoch = latest.height / EPOCH;
    json!({
        "chain_id": state.chain_id,
        "genesis_hash": derived(&format!("{} genesis", state.chain_id)),
        "latest_protocol_version": PROTOCOL,
        "protocol_version": PROTOCOL,
        "node_public_key": key("node"),
        "rpc_addr": rpc_addr,
        "sync_info": {
            "earliest_block_hash": earliest.hash.to_string(),
            "earliest_block_height": earliest.height,
            "earliest_block_time": time(state.nanos(earliest.height)),
            "epoch_id": derived(&format!("epoch {epoch}")),
            "epoch_start_height": epoch * EPOCH,
            "latest_block_hash": latest.hash.to_string(),
            "latest_block_height": latest.height,
            "latest_block_time": time(state.nanos(latest.height)),
            "latest_state_root": derived(&format!("state {}", latest.height)),
            "syncing": false,
        },
        "uptime_sec": state.uptime(),
        "validator_account_id": "sandbox",
        "validator_public_key": key("validator"),
        "validators": [{ "account_id": "sandbox" }],
        "version": { "build": "unknown", "commit": "unknown", "rustc_version": "unknown", "version": "devnet" },
    })
}

/// `block`: a header and one chunk.
pub(crate) fn block(state: &State, params: &Params<'_>) -> Result<Value, RpcError> {
    let block = params.block(state)?;
    let height = block.height;
    if height < state.horizon && params.fields.get("block_id").is_some() {
        let id = &params.fields["block_id"];
        let data = format!("DB Not Found Error: BLOCK: {}", block.hash);
        return Err(super::request::unknown_block(id, data, id.is_number()));
    }
    let before = |n: u64| state.block(state.present(height.saturating_sub(n)));
    let make = |what: &str| derived(&format!("{what} {height}"));
    let prev = before(1);
    let nanos = state.nanos(height);
    Ok(json!({
        "author": "sandbox",
        "chunks": [{
            "balance_burnt": "0",
            "bandwidth_requests": { "V1": { "requests": [] } },
            "chunk_hash": make("chunk"),
            "congestion_info": {
                "allowed_shard": 0, "buffered_receipts_gas": "0", "delayed_receipts_gas": "0", "receipt_bytes": 0 },
            "encoded_length": 8,
            "encoded_merkle_root": make("encoded"),
            "gas_limit": 1_000_000_000_000_000_u64,
            "gas_used": 0,
            "height_created": height,
            "height_included": height,
            "outcome_root": Hash::NONE.to_string(),
            "outgoing_receipts_root": make("receipts"),
            "prev_block_hash": prev.hash.to_string(),
            "prev_state_root": make("chunk state"),
            "proposed_split": null,
            "rent_paid": "0",
            "shard_id": 0,
            "signature": signature(&format!("chunk {height}")),
            "tx_root": Hash::NONE.to_string(),
            "validator_proposals": [],
            "validator_reward": "0",
        }],
        "header": {
            "approvals": [signature(&format!("approval {height}"))],
            "block_body_hash": make("body"),
            "block_merkle_root": make("blocks"),
            "block_ordinal": height + 1,
            "challenges_result": [],
            "challenges_root": Hash::NONE.to_string(),
            "chunk_endorsements": [[1]],
            "chunk_headers_root": make("chunk headers"),
            "chunk_mask": [true],
            "chunk_receipts_root": make("chunk receipts"),
            "chunk_tx_root": make("chunk transactions"),
            "chunks_included": 1,
            "epoch_id": derived(&format!("epoch {}", height / EPOCH)),
            "epoch_sync_data_hash": null,
            "gas_price": "100000000",
            "hash": block.hash.to_string(),
            "height": height,
            "last_ds_final_block": prev.hash.to_string(),
            "last_final_block": before(2).hash.to_string(),
            "latest_protocol_version": PROTOCOL,
            "next_bp_hash": make("producers"),
            "next_epoch_id": derived(&format!("epoch {}", height / EPOCH + 1)),
            "outcome_root": make("outcomes"),
            "prev_hash": prev.hash.to_string(),
            "prev_height": prev.height,
            "prev_state_root": make("state"),
            "random_value": make("random"),
            "rent_paid": "0",
            "shard_split": null,
            "signature": signature(&format!("block {height}")),
            "timestamp": nanos,
            "timestamp_nanosec": nanos.to_string(),
            "total_supply": "2050000000000000000000000000000000",
            "validator_proposals": [],
            "validator_reward": "0",
        },
    }))
}

/// `EXPERIMENTAL_changes` of contract code: what changed in exactly this block.
pub(crate) fn changes(state: &State, params: &Params<'_>) -> Result<Value, RpcError> {
    let kind = params.text("changes_type")?;
    if kind != "contract_code_changes" {
        return Err(parse(format!("unknown variant `{kind}`, expected `contract_code_changes`")));
    }
    let ids = params.fields.get("account_ids").and_then(Value::as_array);
    let ids = ids.ok_or_else(|| parse("missing field `account_ids`".into()))?;
    let block = params.block(state)?;
    let mut changes = Vec::new();
    for id in ids.iter().filter_map(Value::as_str) {
        let Some((before, after)) = state.change(id, block.height) else {
            continue;
        };
        let local = |contract: &Contract| {
            if let Contract::Local(code) = contract { Some(code.clone()) } else { None }
        };
        let (old, new) = (before.and_then(|a| local(&a.contract)), after.and_then(|a| local(&a.contract)));
        let (kind, change) = match (&old, &new) {
            (old, Some(code)) if old.as_ref() != Some(code) => {
                ("contract_code_update", json!({ "account_id": id, "code_base64": BASE64_STANDARD.encode(code) }))
            }
            (Some(_), None) => ("contract_code_deletion", json!({ "account_id": id })),
            _ => continue,
        };
        let deploy = state.deploys.iter().find(|d| d.account_id == id && d.height == block.height);
        let receipt =
            deploy.map_or_else(|| derived(&format!("receipt {id} {}", block.height)), |d| d.receipt_id.to_string());
        let cause = json!({ "type": "receipt_processing", "receipt_hash": receipt });
        changes.push(json!({ "type": kind, "change": change, "cause": cause }));
    }
    Ok(json!({ "block_hash": block.hash.to_string(), "changes": changes }))
}

/// `tx`: a deployment, with the code replaced by its SHA-256, as the node shows it.
pub(crate) fn transaction(state: &State, params: &Params<'_>) -> Result<Value, RpcError> {
    let hash = params.text("tx_hash")?;
    params.account_id("sender_account_id")?;
    let Some(deploy) = state.deploys.iter().find(|deploy| deploy.tx_hash.to_string() == hash) else {
        let info = json!({ "requested_transaction_hash": hash });
        return Err(RpcError::handler("UNKNOWN_TRANSACTION", info, format!("Transaction {hash} doesn't exist")));
    };
    let mut view = transaction_view(state, deploy);
    if let Some(until) = params.fields.get("wait_until") {
        view["final_execution_status"] = until.clone();
    }
    Ok(view)
}

fn transaction_view(state: &State, deploy: &Deploy) -> Value {
    let Deploy { account_id, height, tx_hash, receipt_id, .. } = deploy;
    let (tx_hash, receipt_id) = (tx_hash.to_string(), receipt_id.to_string());
    let refund = derived(&format!("refund {receipt_id}"));
    let block = |height: u64| state.block(height).hash.to_string();
    let contracts = |height: u64| match state.account(account_id, height).map(|account| &account.contract) {
        Some(Contract::Local(code)) => json!([{ "local": Hash::of(code).to_string() }]),
        _ => json!([]),
    };
    let outcome = |gas: u64, tokens: &str, receipts: Value, status: Value, metadata: Value| {
        json!({ "executor_id": account_id, "gas_burnt": gas, "tokens_burnt": tokens, "logs": [],
            "receipt_ids": receipts, "status": status, "metadata": metadata })
    };
    let done = json!({ "SuccessValue": "" });
    let metadata = |height: u64| json!({ "contracts": contracts(height), "gas_profile": [], "version": 4 });
    let proof = |side: &str| json!([{ "direction": side, "hash": derived(&format!("proof {receipt_id}")) }]);
    json!({
        "final_execution_status": "FINAL",
        "status": done.clone(),
        "transaction": {
            "actions": [{ "DeployContract": { "code": BASE64_STANDARD.encode(deploy.code_hash.0) } }],
            "hash": tx_hash,
            "nonce": deploy.nonce,
            "priority_fee": 0,
            "public_key": deploy.public_key,
            "receiver_id": account_id,
            "signature": signature(&tx_hash),
            "signer_id": account_id,
        },
        "transaction_outcome": {
            "block_hash": block(*height), "id": tx_hash, "proof": proof("Right"),
            "outcome": outcome(298_030_381_236, "29803038123600000000", json!([receipt_id]),
                json!({ "SuccessReceiptId": receipt_id }), json!({ "gas_profile": null, "version": 1 })),
        },
        "receipts_outcome": [
            { "block_hash": block(*height), "id": receipt_id, "proof": proof("Left"),
              "outcome": outcome(342_158_979_216, "34215897921600000000", json!([refund]), done.clone(), metadata(height - 1)) },
            { "block_hash": block(height + 1), "id": refund, "proof": [],
              "outcome": outcome(223_182_562_500, "0", json!([]), done, metadata(*height)) },
        ],
    })
}
