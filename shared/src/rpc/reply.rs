//! The envelope of a reply: result or error, whatever the HTTP status, in both error styles of the node.

use serde::Deserialize;
use serde_json::Value;

use super::{Reply, RpcError};

pub(super) fn result<'a, T: Deserialize<'a>>(reply: &'a Reply) -> Result<T, RpcError> {
    serde_json::from_slice(raw_result(reply)?).map_err(|error| RpcError::Malformed(error.to_string()))
}

/// The JSON of the result. Apart from its reading, so that it is compiled once and not for every type that is read.
fn raw_result(reply: &Reply) -> Result<&[u8], RpcError> {
    #[derive(Deserialize)]
    struct Envelope<'a> {
        #[serde(borrow)]
        result: Option<&'a serde_json::value::RawValue>,
        error: Option<WireError>,
    }
    if reply.status == 429 {
        return Err(RpcError::RateLimited(reply.retry_after));
    }
    let envelope: Envelope<'_> = match serde_json::from_slice(&reply.body) {
        Ok(envelope) => envelope,
        Err(error) => return Err(not_json(reply, &error)),
    };
    match (envelope.error, envelope.result) {
        (Some(error), _) => Err(error.into()),
        (None, Some(result)) => Ok(result.get().as_bytes()),
        (None, None) => Err(RpcError::Malformed("neither `result` nor `error`".to_owned())),
    }
}

fn not_json(reply: &Reply, error: &serde_json::Error) -> RpcError {
    match reply.status {
        408 => RpcError::Timeout,
        500..=599 => RpcError::Unavailable(format!("HTTP {}", reply.status)),
        status if reply.body.trim_ascii_start().starts_with(b"<") => {
            RpcError::Malformed(format!("HTTP {status} with a web page instead of JSON"))
        }
        status => RpcError::Malformed(format!("HTTP {status}, {error}")),
    }
}

#[derive(Deserialize)]
struct WireError {
    name: Option<String>,
    cause: Option<WireCause>,
    message: Option<String>,
    data: Option<Value>,
}

#[derive(Deserialize)]
struct WireCause {
    name: Option<String>,
    info: Option<Value>,
}

impl From<WireError> for RpcError {
    fn from(error: WireError) -> Self {
        let cause = error.cause.as_ref().and_then(|cause| cause.name.as_deref()).unwrap_or_default();
        let info = error.cause.as_ref().and_then(|cause| cause.info.as_ref());
        let said = error.data.as_ref().and_then(Value::as_str).or(error.message.as_deref()).unwrap_or(cause).to_owned();
        match cause {
            "UNKNOWN_ACCOUNT" => Self::UnknownAccount,
            "UNKNOWN_BLOCK" => Self::UnknownBlock,
            "GARBAGE_COLLECTED_BLOCK" => Self::GarbageCollectedBlock,
            "NO_CONTRACT_CODE" => Self::NoContractCode,
            "NO_GLOBAL_CONTRACT_CODE" => Self::NoGlobalContractCode,
            "CONTRACT_EXECUTION_ERROR" => {
                let detail = info.and_then(|info| info.get("vm_error").or_else(|| info.get("error")));
                call_failure(
                    &detail.map_or(said, |detail| detail.as_str().map_or_else(|| detail.to_string(), str::to_owned)),
                )
            }
            "TIMEOUT_ERROR" => Self::Timeout,
            "NO_SYNCED_BLOCKS" | "NOT_SYNCED_YET" | "UNAVAILABLE_SHARD" | "INTERNAL_ERROR" => Self::Unavailable(said),
            _ => match error.name.as_deref() {
                Some("INTERNAL_ERROR") => Self::Unavailable(said),
                Some(_) | None => Self::Refused(said),
            },
        }
    }
}

pub(super) fn call_failure(error: &str) -> RpcError {
    if error.contains("MethodNotFound") { RpcError::MethodNotFound } else { RpcError::CallFailed(error.to_owned()) }
}
