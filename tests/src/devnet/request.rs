//! Reads the parameters of a request with the node's words for what is wrong with them.

use near_account_id::AccountId;
use serde_json::{Map, Value, json};

use super::account::Hash;
use super::chain::{Block, State};
use super::error::RpcError;
use std::time::Duration;

/// The parameters of one request, and how far behind the answering node pretends to be.
pub(crate) struct Params<'a> {
    pub(crate) fields: &'a Map<String, Value>,
    pub(crate) behind: Duration,
}

impl Params<'_> {
    /// A string that must be there.
    pub(crate) fn text(&self, name: &str) -> Result<&str, RpcError> {
        match self.fields.get(name) {
            Some(Value::String(text)) => Ok(text),
            Some(other) => Err(parse(format!("invalid type: {}, expected a string", kind(other)))),
            None => Err(parse(format!("missing field `{name}`"))),
        }
    }

    /// An account id, well formed.
    pub(crate) fn account_id(&self, name: &str) -> Result<&str, RpcError> {
        let text = self.text(name)?;
        match text.parse::<AccountId>() {
            Ok(_) => Ok(text),
            Err(error) => Err(parse(format!("invalid value: \"{text}\", {error}"))),
        }
    }

    /// Base64 that must be there.
    pub(crate) fn base64(&self, name: &str) -> Result<Vec<u8>, RpcError> {
        use base64::{Engine, prelude::BASE64_STANDARD};
        BASE64_STANDARD.decode(self.text(name)?).map_err(|error| parse(error.to_string()))
    }

    /// Whether a block is named at all.
    pub(crate) fn block_form(&self) -> Result<(), RpcError> {
        let named = ["block_id", "finality", "sync_checkpoint"].iter().any(|name| self.fields.contains_key(*name));
        if named { Ok(()) } else { Err(no_variant()) }
    }

    /// The block that the request names, which exists; its state may be gone.
    pub(crate) fn block(&self, state: &State) -> Result<Block, RpcError> {
        if let Some(id) = self.fields.get("block_id") {
            return match id {
                Value::Number(number) => {
                    let height = number.as_u64().ok_or_else(no_variant)?;
                    if height > state.head() || state.is_skipped(height) {
                        let data = format!("DB Not Found Error: BLOCK HEIGHT: {height} \n Cause: Unknown");
                        return Err(unknown_block(id, data, height <= state.head()));
                    }
                    Ok(state.block(height))
                }
                Value::String(text) => {
                    let hash = Hash::parse(text).ok_or_else(no_variant)?;
                    match state.height_of(hash) {
                        Some(height) => Ok(state.block(height)),
                        None => Err(unknown_block(id, format!("DB Not Found Error: BLOCK HEADER: {text}"), false)),
                    }
                }
                _ => Err(no_variant()),
            };
        }
        let finality = self.fields.get("finality").and_then(Value::as_str);
        let checkpoint = self.fields.get("sync_checkpoint").and_then(Value::as_str);
        let height = match (finality, checkpoint) {
            (Some("optimistic"), _) => state.head(),
            (Some("near-final"), _) => state.present(state.head().saturating_sub(1)),
            (Some("final"), _) => state.final_height(self.behind),
            (None, Some("genesis")) => 0,
            (None, Some("earliest_available")) => state.horizon,
            _ => return Err(no_variant()),
        };
        Ok(state.block(height))
    }

    /// A number that may be left out or null.
    pub(crate) fn number(&self, name: &str) -> Result<Option<u64>, RpcError> {
        match self.fields.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(value) => match value.as_u64() {
                Some(number) => Ok(Some(number)),
                None => Err(parse(format!("invalid type: {}, expected u64", kind(value)))),
            },
        }
    }

    /// The same, and its state is still kept.
    pub(crate) fn kept_block(&self, state: &State) -> Result<Block, RpcError> {
        let block = self.block(state)?;
        if block.height < state.horizon {
            let height = block.height;
            return Err(RpcError::handler(
                "GARBAGE_COLLECTED_BLOCK",
                json!({ "block_height": height, "block_hash": block.hash.to_string() }),
                format!(
                    "The data for block #{height} is garbage collected on this node, \
                     use an archival node to fetch historical data"
                ),
            ));
        }
        Ok(block)
    }
}

fn no_variant() -> RpcError {
    parse("no variant of enum BlockReference found in flattened data".into())
}

pub(crate) fn unknown_block(id: &Value, data: String, below_tip: bool) -> RpcError {
    let info = json!({ "block_reference": { "block_id": id } });
    RpcError::Handler { name: "UNKNOWN_BLOCK", info, data, below_tip }
}

pub(crate) fn parse(what: String) -> RpcError {
    RpcError::Parse(format!("Failed parsing args: {what}"))
}

/// As serde words an unexpected value.
fn kind(value: &Value) -> String {
    match value {
        Value::Null => "null".into(),
        Value::Bool(it) => format!("boolean `{it}`"),
        Value::Number(it) => format!("integer `{it}`"),
        Value::String(it) => format!("string \"{it}\""),
        Value::Array(_) => "sequence".into(),
        Value::Object(_) => "map".into(),
    }
}
