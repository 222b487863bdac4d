//! The JSON-RPC envelope: which requests are well formed, which method answers, and with which HTTP status.

use std::time::Duration;

use serde_json::{Map, Value, json};

use super::chain::State;
use super::error::RpcError;
use super::ledger;
use super::query::{self, Style};
use super::request::{Params, parse};

/// A well-formed request.
pub(crate) struct RpcRequest {
    pub(crate) id: Value,
    pub(crate) method: String,
    pub(crate) params: Value,
}

impl RpcRequest {
    /// Reads a body; the error is status and text of the answer.
    pub(crate) fn parse(body: &[u8]) -> Result<RpcRequest, (u16, String)> {
        let value: Value = serde_json::from_slice(body)
            .map_err(|error| (400, format!("Failed to parse the request body as JSON: {error}")))?;
        let malformed = || {
            let error = RpcError::Parse("JSON RPC Request format was expected".into());
            (400, json!({ "jsonrpc": "2.0", "error": error.view(), "id": null }).to_string())
        };
        let fields = value.as_object().ok_or_else(malformed)?;
        if fields.get("jsonrpc").and_then(Value::as_str) != Some("2.0") {
            return Err(malformed());
        }
        let method = fields.get("method").and_then(Value::as_str).ok_or_else(malformed)?;
        Ok(RpcRequest {
            id: fields.get("id").cloned().unwrap_or_default(),
            method: method.to_owned(),
            params: fields.get("params").cloned().unwrap_or_default(),
        })
    }

    /// What a query or its newer form asks for, such as `view_code`; else the method.
    pub(crate) fn kind(&self) -> &str {
        match self.method.strip_prefix("EXPERIMENTAL_") {
            Some(rest) if rest.starts_with("view_") || rest == "call_function" => rest,
            _ if self.method == "query" => self.params["request_type"].as_str().unwrap_or("query"),
            _ => &self.method,
        }
    }

    /// The account that it is about, if it is about one.
    pub(crate) fn account_id(&self) -> Option<&str> {
        self.params["account_id"].as_str()
    }
}

/// Answers as a node that is `behind` by so much.
pub(crate) fn answer(state: &State, request: &RpcRequest, rpc_addr: &str, behind: Duration) -> Result<Value, RpcError> {
    let none = Map::new();
    let fields = request.params.as_object();
    let params = Params { fields: fields.unwrap_or(&none), behind };
    match request.method.as_str() {
        "status" => Ok(ledger::status(state, rpc_addr, behind)),
        "block" => ledger::block(state, &params),
        "tx" | "EXPERIMENTAL_tx_status" => ledger::transaction(state, &params),
        "EXPERIMENTAL_changes" | "changes" => ledger::changes(state, &params),
        "query" => {
            // The node reads the block reference before it looks at the rest.
            params.block_form()?;
            let request_type = params.text("request_type").map_err(|_| parse("missing field `request_type`".into()))?;
            query::answer(state, request_type, &params, Style::Query)
        }
        method => match method.strip_prefix("EXPERIMENTAL_") {
            Some("view_account" | "view_code" | "view_state" | "view_access_key" | "view_access_key_list")
            | Some("call_function") => {
                params.block_form()?;
                query::answer(state, request.kind(), &params, Style::Experimental)
            }
            _ => Err(RpcError::MethodNotFound(method.into())),
        },
    }
}
