//! The node's two error styles: `error` with a cause, and for calls `result.error` (made in `query`).

use serde_json::{Value, json};

/// What goes wrong before a result exists.
#[derive(Debug)]
pub(crate) enum RpcError {
    /// The request's parameters cannot be read: HTTP 400.
    Parse(String),
    /// No such method: HTTP 400.
    MethodNotFound(String),
    /// The request is understood and cannot be answered. `below_tip` makes it HTTP 422.
    Handler { name: &'static str, info: Value, data: String, below_tip: bool },
}

impl RpcError {
    pub(crate) fn handler(name: &'static str, info: Value, data: String) -> RpcError {
        RpcError::Handler { name, info, data, below_tip: false }
    }

    pub(crate) fn status(&self) -> u16 {
        match self {
            RpcError::Parse(_) | RpcError::MethodNotFound(_) => 400,
            RpcError::Handler { below_tip: true, .. } => 422,
            RpcError::Handler { below_tip: false, .. } => 200,
        }
    }

    pub(crate) fn view(&self) -> Value {
        match self {
            RpcError::Parse(message) => json!({
                "name": "REQUEST_VALIDATION_ERROR",
                "cause": { "name": "PARSE_ERROR", "info": { "error_message": message } },
                "code": -32700, "message": "Parse error", "data": message }),
            RpcError::MethodNotFound(method) => json!({
                "name": "REQUEST_VALIDATION_ERROR",
                "cause": { "name": "METHOD_NOT_FOUND", "info": { "method_name": method } },
                "code": -32601, "message": "Method not found", "data": method }),
            RpcError::Handler { name, info, data, .. } => json!({
                "name": "HANDLER_ERROR",
                "cause": { "name": name, "info": info },
                "code": -32000, "message": "Server error", "data": data }),
        }
    }
}
