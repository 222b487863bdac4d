//! The envelope of a reply: result or error, whatever the HTTP status, in both error styles of the node.

use super::{Reply, RpcError};
use crate::json::{Member as _, Object, Unexpected};

pub(super) fn result(reply: &Reply) -> Result<Object<'_>, RpcError> {
    if reply.status == 429 {
        return Err(RpcError::RateLimited(reply.retry_after));
    }
    let envelope = Object::parse(&reply.body).map_err(|error| not_json(reply, &error))?;
    if let Some(error) = envelope.maybe("error")? {
        return Err(failure(&error)?);
    }
    let result: Option<Object<'_>> = envelope.maybe("result")?;
    result.ok_or_else(|| RpcError::Malformed("neither `result` nor `error`".to_owned()))
}

fn not_json(reply: &Reply, error: &Unexpected) -> RpcError {
    match reply.status {
        408 => RpcError::Timeout,
        500..=599 => RpcError::Unavailable(format!("HTTP {}", reply.status)),
        status if reply.body.trim_ascii_start().starts_with(b"<") => {
            RpcError::Malformed(format!("HTTP {status} with a web page instead of JSON"))
        }
        status => RpcError::Malformed(format!("HTTP {status}, {error}")),
    }
}

/// What the node means by `error`.
fn failure(error: &Object<'_>) -> Result<RpcError, Unexpected> {
    let cause: Option<Object<'_>> = error.maybe("cause")?;
    let named = |object: &Object<'_>| object.maybe::<String>("name");
    let name = cause.as_ref().map_or(Ok(None), named)?.unwrap_or_default();
    let data = error.maybe::<String>("data").unwrap_or_default();
    let said = data.or(error.maybe("message")?).unwrap_or_else(|| name.clone());
    Ok(match name.as_str() {
        "UNKNOWN_ACCOUNT" => RpcError::UnknownAccount,
        "UNKNOWN_BLOCK" => RpcError::UnknownBlock,
        "GARBAGE_COLLECTED_BLOCK" => RpcError::GarbageCollectedBlock,
        "NO_CONTRACT_CODE" => RpcError::NoContractCode,
        "NO_GLOBAL_CONTRACT_CODE" => RpcError::NoGlobalContractCode,
        "TOO_MANY_ACCESS_KEYS" => {
            let info: Option<Object<'_>> = cause.and_then(|cause| cause.get("info").ok());
            RpcError::TooManyAccessKeys(info.and_then(|info| info.get("limit").ok()))
        }
        "CONTRACT_EXECUTION_ERROR" => {
            let info: Option<Object<'_>> = cause.and_then(|cause| cause.get("info").ok());
            let detail = info.and_then(|info| info.text("vm_error").or_else(|| info.text("error")));
            let detail = detail.map(|detail| String::read(detail).unwrap_or_else(|_| detail.to_owned()));
            call_failure(&detail.unwrap_or(said))
        }
        "TIMEOUT_ERROR" => RpcError::Timeout,
        "NO_SYNCED_BLOCKS" | "NOT_SYNCED_YET" | "UNAVAILABLE_SHARD" | "INTERNAL_ERROR" => RpcError::Unavailable(said),
        _ => match named(error)?.as_deref() {
            Some("INTERNAL_ERROR") => RpcError::Unavailable(said),
            Some(_) | None => RpcError::Refused(said),
        },
    })
}

pub(super) fn call_failure(error: &str) -> RpcError {
    if error.contains("MethodNotFound") { RpcError::MethodNotFound } else { RpcError::CallFailed(error.to_owned()) }
}
