//! Every recording of a real node is replayed: the same request, to a devnet that holds the same accounts and
//! blocks, must get the same answer, field for field. What may differ is listed here with its reason.

use provenear_tests::devnet::Devnet;
use provenear_tests::recordings::{HEAD, recordings, sandbox};
use serde_json::Value;

use crate::ask::{agent, post};

/// Fields of which only the shape is compared (`*` stands for any index): they are made by consensus, or name the node.
const MADE_UP: [(&str, &[&str]); 3] = [
    (
        "block",
        &[
            "chunks.*.chunk_hash",
            "chunks.*.encoded_merkle_root",
            "chunks.*.outgoing_receipts_root",
            "chunks.*.prev_state_root",
            "chunks.*.signature",
            "header.approvals.*",
            "header.block_body_hash",
            "header.block_merkle_root",
            "header.chunk_headers_root",
            "header.chunk_receipts_root",
            "header.chunk_tx_root",
            "header.epoch_id",
            "header.next_bp_hash",
            "header.next_epoch_id",
            "header.outcome_root",
            "header.prev_state_root",
            "header.random_value",
            "header.signature",
            "header.total_supply",
            // The recorder read this number as a double, which rounded it; `timestamp_nanosec` is compared.
            "header.timestamp",
        ],
    ),
    (
        "status",
        &[
            "genesis_hash",
            "node_public_key",
            "rpc_addr",
            "sync_info.epoch_id",
            // The recorded chain had short epochs.
            "sync_info.epoch_start_height",
            "sync_info.latest_state_root",
            "uptime_sec",
            "validator_public_key",
            "version.rustc_version",
            "version.version",
        ],
    ),
    (
        "tx",
        &[
            "receipts_outcome.*.proof.*.hash",
            // The receipt that refunds gas.
            "receipts_outcome.0.outcome.receipt_ids.*",
            "receipts_outcome.1.id",
            "transaction.signature",
            "transaction_outcome.proof.*.hash",
        ],
    ),
];

/// The final block at the moment of the recording; every answer about `final` names it.
fn moment(recording: &Value) -> u64 {
    let result = &recording["response"]["result"];
    let info = &recording["response"]["error"]["cause"]["info"];
    if recording["request"]["params"]["finality"] != "final" {
        return HEAD.0 - 2;
    }
    [&result["block_height"], &result["header"]["height"], &info["block_height"]]
        .into_iter()
        .find_map(Value::as_u64)
        .unwrap_or(HEAD.0 - 2)
}

#[test]
fn every_recording_is_answered_alike() {
    let all = recordings();
    assert_eq!(all.len(), 66, "a recording came or went: look whether it is replayed");
    let chain = sandbox(&all);
    let devnet = Devnet::serve(chain, 0).unwrap();
    let mut differences = Vec::new();
    for (name, recording) in &all {
        if name == "cors_preflight" {
            continue; // Replayed below.
        }
        devnet.chain().freeze(moment(recording));
        let body = match &recording["request"] {
            Value::Null => recording["request_raw"].as_str().unwrap().to_owned(),
            request => request.to_string(),
        };
        let mut answer = post(&devnet, &body).unwrap();
        let mut differs = |what: String| differences.push(format!("{name}: {what}"));
        if i64::from(answer.status().as_u16()) != recording["http_status"].as_i64().unwrap() {
            differs(format!("status {}", answer.status()));
        }
        for (header, value) in recording["headers"].as_object().into_iter().flatten() {
            if answer.headers().get(header).map(|it| it.to_str().unwrap()) != value.as_str() {
                differs(format!("header {header}: {:?}", answer.headers().get(header)));
            }
        }
        let text = answer.body_mut().read_to_string().unwrap();
        match &recording["response"] {
            Value::Null => compare_raw(recording["response_raw"].as_str().unwrap(), &text, &mut differs),
            response => {
                let method = recording["request"]["method"].as_str().unwrap();
                let made_up = MADE_UP.iter().find(|(it, _)| *it == method).map_or(&[][..], |(_, paths)| paths);
                compare(response, &serde_json::from_str(&text).unwrap(), "", made_up, &mut differs);
            }
        }
    }
    assert!(differences.is_empty(), "{}", differences.join("\n"));
}

#[test]
fn the_preflight_is_answered_alike() {
    let recordings = recordings();
    let (_, recording) = recordings.iter().find(|(name, _)| name == "cors_preflight").unwrap();
    let devnet = Devnet::start().unwrap();
    let answer = agent()
        .run(
            ureq::http::Request::options(devnet.url())
                .header("origin", "http://page.example")
                .header("access-control-request-method", "POST")
                .header("access-control-request-headers", "content-type")
                .body(())
                .unwrap(),
        )
        .unwrap();
    assert_eq!(i64::from(answer.status().as_u16()), recording["http_status"].as_i64().unwrap());
    for (name, value) in recording["headers"].as_object().unwrap() {
        let got = answer.headers().get(name).unwrap_or_else(|| panic!("{name} is missing")).to_str().unwrap();
        if name != "date" {
            assert_eq!(Some(got), value.as_str(), "{name}");
        }
    }
}

fn compare_raw(expected: &str, got: &str, differs: &mut impl FnMut(String)) {
    match (serde_json::from_str(expected), serde_json::from_str(got)) {
        (Ok(expected), Ok(got)) => compare(&expected, &got, "", &[], differs),
        _ if expected != got => differs(format!("`{got}`")),
        _ => {}
    }
}

fn compare(expected: &Value, got: &Value, path: &str, made_up: &[&str], differs: &mut impl FnMut(String)) {
    let below = |name: &str| {
        if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") }
    };
    match (expected, got) {
        (Value::Object(left), Value::Object(right)) => {
            for name in left.keys().chain(right.keys().filter(|name| !left.contains_key(*name))) {
                match (left.get(name), right.get(name)) {
                    (Some(left), Some(right)) => compare(left, right, &below(name), made_up, differs),
                    (Some(_), None) => differs(format!("{} is missing", below(name))),
                    (None, _) => differs(format!("{} is too much", below(name))),
                }
            }
        }
        (Value::Array(left), Value::Array(right)) => {
            if left.len() != right.len() {
                differs(format!("{path} has {} entries, not {}", right.len(), left.len()));
            }
            for (at, (left, right)) in left.iter().zip(right).enumerate() {
                compare(left, right, &below(&at.to_string()), made_up, differs);
            }
        }
        _ if expected == got => {}
        _ if made_up.iter().any(|pattern| matches(pattern, path)) => {
            if shape(expected) != shape(got) {
                differs(format!("{path} has another shape: {got}"));
            }
        }
        _ => differs(format!("{path} is {got}, not {expected}")),
    }
}

fn matches(pattern: &str, path: &str) -> bool {
    let Some(path) = path.strip_prefix("result.") else {
        return false;
    };
    let (pattern, path): (Vec<&str>, Vec<&str>) = (pattern.split('.').collect(), path.split('.').collect());
    pattern.len() == path.len() && pattern.iter().zip(&path).all(|(a, b)| *a == "*" || a == b)
}

/// What a made-up value must have in common with the real one.
fn shape(value: &Value) -> String {
    match value {
        Value::String(text) => {
            let (prefix, data) = text.split_once(':').unwrap_or(("", text));
            match bs58::decode(data).into_vec() {
                Ok(bytes) if bytes.len() == 32 || bytes.len() == 64 => {
                    format!("{prefix}:{} bytes", bytes.len())
                }
                _ => "text".into(),
            }
        }
        Value::Number(_) => "number".into(),
        other => other.to_string(),
    }
}
