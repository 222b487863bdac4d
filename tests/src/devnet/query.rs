//! Answers `query`: accounts, code, keys, state and calls at one block.

use base64::{Engine, prelude::BASE64_STANDARD};
use serde_json::{Map, Value, json};

use super::account::{Account, Contract, Hash};
use super::call::{self, Call};
use super::chain::{Block, State};
use super::error::RpcError;
use super::request::{Params, parse};

/// More keys than this are not listed without pages (`view_access_keys_limit`).
const MAX_KEYS: usize = 100;
/// State above this is refused by `view_state` (`trie_viewer_state_size_limit`), unless it is asked for page by page.
const MAX_STATE: usize = 50_000;

const REQUEST_TYPES: [&str; 8] = [
    "view_account",
    "view_code",
    "view_state",
    "view_access_key",
    "view_access_key_list",
    "call_function",
    "view_global_contract_code",
    "view_global_contract_code_by_account_id",
];

/// Whether a failed call is told as `query` tells it or as the newer methods do.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Style {
    /// `result.error`, a string.
    Query,
    /// `error`, with a cause.
    Experimental,
}

/// Answers one request type.
pub(crate) fn answer(state: &State, request_type: &str, params: &Params<'_>, style: Style) -> Result<Value, RpcError> {
    if !REQUEST_TYPES.contains(&request_type) {
        let expected = REQUEST_TYPES.map(|name| format!("`{name}`")).join(", ");
        return Err(parse(format!("unknown variant `{request_type}`, expected one of {expected}")));
    }
    if request_type == "view_global_contract_code" {
        let text = params.text("code_hash")?;
        let hash = Hash::parse(text).ok_or_else(|| parse(format!("invalid hash `{text}`")))?;
        let block = params.kept_block(state)?;
        let code = state.global_by_hash(hash, block.height);
        let told = format!("CodeHash({hash})");
        return global(block, code.as_deref(), json!({ "hash": text }), &told);
    }
    let id = params.account_id("account_id")?;
    let block = params.kept_block(state)?;
    if request_type == "view_global_contract_code_by_account_id" {
        let code = state.global_by_account(id, block.height);
        let told = format!("AccountId(AccountId(\"{id}\"))");
        return global(block, code.as_deref(), json!({ "account_id": id }), &told);
    }
    let Some(account) = state.account(id, block.height) else {
        let info = at(block, [("requested_account_id", json!(id))]);
        return Err(RpcError::handler("UNKNOWN_ACCOUNT", info, format!("account {id} does not exist while viewing")));
    };
    match request_type {
        "view_account" => Ok(view_account(state, account, block)),
        "view_code" => match state.code(account, block.height) {
            Some(code) => Ok(code_view(block, &code)),
            None => Err(RpcError::handler(
                "NO_CONTRACT_CODE",
                at(block, [("contract_account_id", json!(id))]),
                format!("Contract code for contract ID #{id} has never been observed on the node"),
            )),
        },
        "view_state" => view_state(id, account, block, params),
        "view_access_key" => view_access_key(account, block, params, style),
        "view_access_key_list" => view_access_key_list(id, account, block, params),
        _ => call_function(state, id, account, block, params, style),
    }
}

/// `fields` and the block that they hold for.
fn at<const N: usize>(block: Block, fields: [(&str, Value); N]) -> Value {
    let mut all: Map<String, Value> = fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    all.insert("block_height".into(), json!(block.height));
    all.insert("block_hash".into(), json!(block.hash.to_string()));
    Value::Object(all)
}

fn code_view(block: Block, code: &[u8]) -> Value {
    let hash = Hash::of(code).to_string();
    at(block, [("code_base64", json!(BASE64_STANDARD.encode(code))), ("hash", json!(hash))])
}

fn global(block: Block, code: Option<&[u8]>, identifier: Value, told: &str) -> Result<Value, RpcError> {
    match code {
        Some(code) => Ok(code_view(block, code)),
        None => Err(RpcError::handler(
            "NO_GLOBAL_CONTRACT_CODE",
            at(block, [("identifier", identifier)]),
            format!("Global contract code with identifier {told} has never been observed on the node"),
        )),
    }
}

fn view_account(state: &State, account: &Account, block: Block) -> Value {
    let mut view = at(
        block,
        [
            ("amount", json!(account.amount.to_string())),
            ("locked", json!("0")),
            ("code_hash", json!(state.stored_hash(account).to_string())),
            ("storage_usage", json!(account.storage_usage())),
            ("storage_paid_at", json!(0)),
        ],
    );
    match &account.contract {
        Contract::GlobalByHash(hash) => view["global_contract_hash"] = json!(hash.to_string()),
        Contract::GlobalByAccount(owner) => view["global_contract_account_id"] = json!(owner),
        Contract::Uninitialized => {
            view["state"] = json!("uninitialized");
            view["bootstrap_nonce"] = json!(block.height * 1_000_000);
        }
        Contract::None | Contract::Local(_) | Contract::EthImplicit => {}
    }
    view
}

fn view_state(id: &str, account: &Account, block: Block, params: &Params<'_>) -> Result<Value, RpcError> {
    let prefix = params.base64("prefix_base64")?;
    let limit = params.number("limit")?;
    let found = account.state.iter().filter(|(key, _)| key.starts_with(&prefix));
    let entries: Vec<_> = found.take(limit.map_or(usize::MAX, |limit| limit as usize)).collect();
    let size: usize = account.state.iter().map(|(key, value)| key.len() + value.len()).sum();
    if limit.is_none() && size > MAX_STATE {
        return Err(RpcError::handler(
            "TOO_LARGE_CONTRACT_STATE",
            at(block, [("contract_account_id", json!(id))]),
            format!("State of contract {id} is too large to be viewed"),
        ));
    }
    let values = entries
        .into_iter()
        .map(|(key, value)| json!({ "key": BASE64_STANDARD.encode(key), "value": BASE64_STANDARD.encode(value) }));
    Ok(at(block, [("values", values.collect())]))
}

/// A page of keys, or all of them where there are few.
fn view_access_key_list(id: &str, account: &Account, block: Block, params: &Params<'_>) -> Result<Value, RpcError> {
    let limit = params.number("limit")?.map(|limit| limit as usize);
    let after = params.fields.get("after_key").and_then(Value::as_str);
    if limit.is_none() && after.is_none() && account.keys.len() > MAX_KEYS {
        return Err(RpcError::handler(
            "TOO_MANY_ACCESS_KEYS",
            at(block, [("requested_account_id", json!(id)), ("limit", json!(MAX_KEYS))]),
            format!("Account {id} has more than {MAX_KEYS} access keys; use a paginated view_access_key_list request"),
        ));
    }
    let begin = after.and_then(|after| account.keys.iter().position(|key| key.public_key == after));
    let rest = &account.keys[begin.map_or(0, |at| at + 1)..];
    let page = &rest[..rest.len().min(limit.unwrap_or(MAX_KEYS))];
    let keys = page.iter().map(|key| json!({ "public_key": key.public_key, "access_key": key.view() }));
    let mut list = at(block, [("keys", keys.collect())]);
    if let Some(last) = page.last().filter(|_| page.len() < rest.len()) {
        list["last_key"] = json!(last.public_key);
    }
    Ok(list)
}

fn view_access_key(account: &Account, block: Block, params: &Params<'_>, style: Style) -> Result<Value, RpcError> {
    let public_key = params.text("public_key")?;
    if let Some(key) = account.keys.iter().find(|key| key.public_key == public_key) {
        return Ok(at(block, [("nonce", json!(key.nonce)), ("permission", key.permission.view())]));
    }
    let told = format!("access key {public_key} does not exist while viewing");
    match style {
        Style::Query => Ok(at(block, [("error", json!(told)), ("logs", json!([]))])),
        Style::Experimental => {
            Err(RpcError::handler("UNKNOWN_ACCESS_KEY", at(block, [("public_key", json!(public_key))]), told))
        }
    }
}

fn call_function(
    state: &State,
    id: &str,
    account: &Account,
    block: Block,
    params: &Params<'_>,
    style: Style,
) -> Result<Value, RpcError> {
    let method = params.text("method_name")?;
    let args = params.base64("args_base64")?;
    let outcome = match state.code(account, block.height) {
        Some(code) => call::run(
            &code,
            method,
            Call {
                account_id: id.to_owned(),
                args,
                state: account.state.clone(),
                amount: account.amount,
                storage_usage: account.storage_usage(),
                block_height: block.height,
                block_timestamp: state.nanos(block.height),
                random_seed: block.hash.0,
            },
        ),
        None => call::Outcome::failed(format!("CompilationError(CodeDoesNotExist {{ account_id: \"{id}\" }})")),
    };
    let failed = |error: String| format!("wasm execution failed with error: {error}");
    match (outcome.result, style) {
        (Ok(bytes), _) => Ok(at(block, [("result", json!(bytes)), ("logs", json!(outcome.logs))])),
        (Err(error), Style::Query) => Ok(at(block, [("error", json!(failed(error))), ("logs", json!(outcome.logs))])),
        (Err(error), Style::Experimental) => Err(RpcError::handler(
            "CONTRACT_EXECUTION_ERROR",
            at(block, [("vm_error", json!(error)), ("error", call::structured(&error))]),
            format!("Function call returned an error: {}", failed(error)),
        )),
    }
}
