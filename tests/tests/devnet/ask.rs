//! Asks a devnet as a plain client does.

use std::time::Duration;

use provenear_tests::devnet::Devnet;
use serde_json::{Value, json};

/// An agent that takes every status for an answer and waits so long that a busy machine is no reason to fail.
pub(crate) fn agent() -> ureq::Agent {
    patient(Duration::from_secs(30))
}

/// The same with another limit.
pub(crate) fn patient(limit: Duration) -> ureq::Agent {
    ureq::Agent::config_builder()
        .http_status_as_error(false)
        .max_redirects(0)
        .timeout_global(Some(limit))
        .build()
        .into()
}

/// Posts a body as JSON.
pub(crate) fn post(devnet: &Devnet, body: &str) -> Result<ureq::http::Response<ureq::Body>, ureq::Error> {
    agent().post(devnet.url()).content_type("application/json").send(body)
}

/// The status and the whole answer of a call.
pub(crate) fn call(devnet: &Devnet, method: &str, params: Value) -> (u16, Value) {
    let body = json!({ "jsonrpc": "2.0", "id": "1", "method": method, "params": params }).to_string();
    let mut answer = post(devnet, &body).unwrap();
    let status = answer.status().as_u16();
    (status, serde_json::from_str(&answer.body_mut().read_to_string().unwrap()).unwrap())
}

/// The `result` of a query at the final block, or at the block in `params`.
pub(crate) fn query(devnet: &Devnet, request_type: &str, params: Value) -> Value {
    let mut all = json!({ "request_type": request_type });
    for (name, value) in params.as_object().unwrap() {
        all[name] = value.clone();
    }
    if all.get("block_id").is_none() {
        all["finality"] = json!("final");
    }
    let (_, answer) = call(devnet, "query", all);
    if answer["result"].is_null() { answer } else { answer["result"].clone() }
}

/// Calls a view method without arguments.
pub(crate) fn view(devnet: &Devnet, account_id: &str, method: &str) -> Value {
    let params = json!({ "account_id": account_id, "method_name": method, "args_base64": "" });
    query(devnet, "call_function", params)
}
