//! Every recording of a real node is replayed: the same request, to a devnet that holds the same accounts and
//! blocks, must get the same answer, field for field. What may differ is listed here with its reason.
#![cfg(not(target_arch = "wasm32"))]

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, UNIX_EPOCH};

use base64::{Engine, prelude::BASE64_STANDARD};
use provenear_tests::devnet::{Account, Chain, Contract, Deploy, Devnet, Hash, Key, Permission};
use serde_json::Value;

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

/// Hashes of blocks that the recordings name.
const BLOCKS: [(u64, &str, u64); 17] = [
    (165, "BPvKjFFQMu5uZwQ6jZr1epFAVDNrSDbvt39fiGBu6wJC", 0),
    (
        1580,
        "5yGMcM7pieiR1eQj3BUAvJN9iuTeRVBf5BtCiGd9V3vC",
        1_795_389_428_952_432_938,
    ),
    (2960, "EWxsYmk6SBAVVhNfupV3siGMSnudUeADTVQZGfGUg1U8", 0),
    (2961, "AYf7MMKQG9cBtMMWmC5c6ebcp5p5HDq2nwaVRSHCUWzq", 0),
    (2962, "EJWiC48zz2Hp51od9cu2Mgh9wZ6QTXW3W3gGi5mVVFfB", 0),
    (2963, "Gp99wydVM3tUEmTG7gvpBqBcLtpfWNtHZCAwuvGuoBKt", 0),
    (2964, "AZqyXYPoQdhgbo4zDbY6HuZSRxZcxqPkx1vKHxZ8uoSQ", 0),
    (
        2965,
        "E9ABMtte25EeGXCXms7oXuR9D4Tt8B41Yt8o3vadp9aa",
        1_795_389_603_570_966_091,
    ),
    (2966, "G4HhuBBnKiP1ZRdpRSfufFdzaaX2iCnicLUUc1F3Qi6q", 0),
    (3240, "3Y8EqhsdmQWNZh6Rx7H3qiMWAWMnsxrgEWtohQfHN3DW", 0),
    (3241, "GAdTEkzbd872eZwc5Zf27eyrczJrCqh7qd3vKYEcQwce", 0),
    (
        3242,
        "GL7Dek4TJs73Wh1qSa4EzqWHUB7aoLtX4fMgeTmLc2q9",
        1_795_389_638_525_163_520,
    ),
    (3246, "EzUvMumZV7we998vo5BuKoqUwAHxdKCnnn8vYTiCE7Vp", 0),
    (3247, "2prCfCk3PpczyanBXuVexYN5H5aJgc7sU85rgdpVcWb9", 0),
    (3261, "84mY9fvVEnMEV1oCwe8DhrXczYiqF7WCi5mJrNgP3oa2", 0),
    (3262, "HP29B5Dp2AnJuwPp624uKcrVMJjvsmtry6m7gVp1DLbM", 0),
    (
        3263,
        "2igPUW8MJ3AtEShtztVZM41kMKwSBp6r326boS2yk6Df",
        1_795_389_641_181_045_390,
    ),
];
/// The head when `status` was asked.
const HEAD: (u64, &str, u64) = (
    3550,
    "9sTXUeJ6uSqoWW3PYaEP3uVoStjLNQQ3wGwTykvwfJQq",
    1_795_392_253_250_485_726,
);

fn recordings() -> Vec<(String, Value)> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("testdata/rpc");
    let mut all = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|it| it == "json") {
            let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
            all.push((
                name,
                serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap(),
            ));
        }
    }
    all.sort_by(|a, b| a.0.cmp(&b.0));
    all
}

/// The code that an account had, out of the recording of its `view_code`.
fn recorded_code(all: &[(String, Value)], name: &str) -> Vec<u8> {
    let (_, recording) = all.iter().find(|(it, _)| it == name).unwrap();
    BASE64_STANDARD
        .decode(
            recording["response"]["result"]["code_base64"]
                .as_str()
                .unwrap(),
        )
        .unwrap()
}

/// The chain that was recorded.
fn sandbox(all: &[(String, Value)]) -> Arc<Chain> {
    let chain = Chain::new("sandbox");
    for (height, hash, nanos) in BLOCKS.into_iter().chain([HEAD]) {
        let time = (nanos > 0).then(|| UNIX_EPOCH + Duration::from_nanos(nanos));
        chain.seed_block(height, Hash::parse(hash).unwrap(), time);
    }
    chain.set_horizon(1580);
    let tiny = recorded_code(all, "view_code_local");
    let tiny2 = recorded_code(all, "view_code_redeployed");
    let nometa = recorded_code(all, "view_code_nometa");
    chain.publish_at(100, Some("owner.sandbox"), tiny.clone());
    let by_hash = chain.publish_at(100, None, tiny2.clone());

    let put = |height, id: &str, contract: Contract, amount: u128, keys: Vec<Key>| {
        chain.put_at(
            height,
            id,
            Account {
                contract,
                keys,
                state: [].into(),
                amount,
            },
        );
    };
    let full = |key: &str, nonce| {
        vec![Key {
            public_key: format!("ed25519:{key}"),
            nonce,
            permission: Permission::FullAccess,
        }]
    };
    let local = |code: &Vec<u8>| Contract::local(code.clone());
    put(
        66,
        "empty.sandbox",
        Contract::None,
        200_000_000_000_000_000_000_000_000,
        full("B9wLuatWuZd2wj6jt6mUytfQxkD8ar8QYnwr1Y8BD8p3", 65_000_000),
    );
    put(
        68,
        "local.sandbox",
        local(&tiny),
        199_999_936_045_311_303_500_000_000,
        full("2A31MZkNcFDYkFRQ6UuxpLTDqdzDoWG8ivKsqLtwKRxR", 68_000_001),
    );
    put(
        71,
        "nometa.sandbox",
        local(&nometa),
        199_999_941_092_297_473_600_000_000,
        full("2k3uVih4Zqj3wgHwvU6aor3qgkLnd1s7Stmcbarb8Lhz", 71_000_001),
    );
    put(
        74,
        "owner.sandbox",
        Contract::None,
        199_847_971_202_005_451_900_000_000,
        full("CEx5Cxfz2Jv8xyD1iXoT1bNfMx9EWXsnEQ8977KfdCNf", 74_000_002),
    );
    put(
        77,
        "byhash.sandbox",
        Contract::GlobalByHash(by_hash),
        199_999_941_206_514_982_400_000_000,
        full("Bt7qAtMVV9vZXx6adxsKqUCx4ENSHzKTU2zMKSytftzH", 77_000_001),
    );
    put(
        80,
        "byaccount.sandbox",
        Contract::GlobalByAccount("owner.sandbox".into()),
        199_999_941_342_148_274_100_000_000,
        full("5SEPrn8QpK11d6wJBFkPeXCPzNaJMwd6Lwb8bBytdyA1", 80_000_001),
    );
    put(
        83,
        "locked.sandbox",
        local(&tiny),
        199_999_895_444_086_303_500_000_000,
        vec![],
    );
    let mut keys = full("DsEN6wS3eXixE1ps7qsggSBKRefEwXB81a3mGWA56Aqi", 86_000_002);
    keys.push(Key {
        public_key: "ed25519:FgFu4BGDkYtbeu3LiTnWA3SBLiVYizBGtrk98pmHqxE9".into(),
        nonce: 141_000_000,
        permission: Permission::FunctionCall {
            allowance: Some(10u128.pow(24)),
            receiver_id: "local.sandbox".into(),
            method_names: vec!["noop".into()],
        },
    });
    put(
        86,
        "fckey.sandbox",
        local(&tiny),
        199_999_893_987_960_972_500_000_000,
        keys,
    );
    let keys = full("C6J29fJAtE1WLdr3qodVcR6vggsJCBMLuGEWUyDZqUhp", 89_000_002);
    put(
        89,
        "redeployed.sandbox",
        local(&tiny),
        199_999_936_045_311_303_500_000_000,
        keys.clone(),
    );
    put(
        166,
        "redeployed.sandbox",
        local(&tiny2),
        199_999_872_026_375_258_300_000_000,
        keys,
    );
    let keys = full(
        "GHtwAJyBocmJ6qiznrNyQiHkYbXi2V6ZmpbiFdV1tmCS",
        3_221_000_002,
    );
    put(
        3221,
        "upgraded.sandbox",
        local(&tiny),
        199_999_936_045_311_303_500_000_000,
        keys.clone(),
    );
    put(
        3246,
        "upgraded.sandbox",
        local(&tiny2),
        199_999_872_026_375_258_300_000_000,
        keys,
    );
    chain.seed_deploy(Deploy {
        account_id: "upgraded.sandbox".into(),
        height: 3246,
        code_hash: Hash::of(&tiny2),
        tx_hash: Hash::parse("323Kmxhi155MkU6FgCn31btUiCTMm9h18Me8RpJjJReR").unwrap(),
        receipt_id: Hash::parse("9nKW5wnCGtj15YTH8zjHnAYTwDygHNPNHErZoTSC7LD").unwrap(),
        public_key: "ed25519:GHtwAJyBocmJ6qiznrNyQiHkYbXi2V6ZmpbiFdV1tmCS".into(),
        nonce: 3_221_000_002,
    });
    chain
}

/// The final block at the moment of the recording; every answer about `final` names it.
fn moment(recording: &Value) -> u64 {
    let result = &recording["response"]["result"];
    let info = &recording["response"]["error"]["cause"]["info"];
    if recording["request"]["params"]["finality"] != "final" {
        return HEAD.0 - 2;
    }
    [
        &result["block_height"],
        &result["header"]["height"],
        &info["block_height"],
    ]
    .into_iter()
    .find_map(Value::as_u64)
    .unwrap_or(HEAD.0 - 2)
}

#[test]
fn every_recording_is_answered_alike() {
    let all = recordings();
    assert_eq!(
        all.len(),
        66,
        "a recording came or went: look whether it is replayed"
    );
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
        let mut answer = post(&devnet, &body);
        let mut differs = |what: String| differences.push(format!("{name}: {what}"));
        if i64::from(answer.status().as_u16()) != recording["http_status"].as_i64().unwrap() {
            differs(format!("status {}", answer.status()));
        }
        for (header, value) in recording["headers"].as_object().into_iter().flatten() {
            if answer.headers().get(header).map(|it| it.to_str().unwrap()) != value.as_str() {
                differs(format!(
                    "header {header}: {:?}",
                    answer.headers().get(header)
                ));
            }
        }
        let text = answer.body_mut().read_to_string().unwrap();
        match &recording["response"] {
            Value::Null => compare_raw(
                recording["response_raw"].as_str().unwrap(),
                &text,
                &mut differs,
            ),
            response => {
                let method = recording["request"]["method"].as_str().unwrap();
                let made_up = MADE_UP
                    .iter()
                    .find(|(it, _)| *it == method)
                    .map_or(&[][..], |(_, paths)| paths);
                compare(
                    response,
                    &serde_json::from_str(&text).unwrap(),
                    "",
                    made_up,
                    &mut differs,
                );
            }
        }
    }
    assert!(differences.is_empty(), "{}", differences.join("\n"));
}

#[test]
fn the_preflight_is_answered_alike() {
    let recordings = recordings();
    let (_, recording) = recordings
        .iter()
        .find(|(name, _)| name == "cors_preflight")
        .unwrap();
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
    assert_eq!(
        i64::from(answer.status().as_u16()),
        recording["http_status"].as_i64().unwrap()
    );
    for (name, value) in recording["headers"].as_object().unwrap() {
        let got = answer
            .headers()
            .get(name)
            .unwrap_or_else(|| panic!("{name} is missing"))
            .to_str()
            .unwrap();
        if name != "date" {
            assert_eq!(Some(got), value.as_str(), "{name}");
        }
    }
}

fn agent() -> ureq::Agent {
    ureq::Agent::config_builder()
        .http_status_as_error(false)
        .build()
        .into()
}

fn post(devnet: &Devnet, body: &str) -> ureq::http::Response<ureq::Body> {
    agent()
        .post(devnet.url())
        .content_type("application/json")
        .send(body)
        .unwrap()
}

fn compare_raw(expected: &str, got: &str, differs: &mut impl FnMut(String)) {
    match (serde_json::from_str(expected), serde_json::from_str(got)) {
        (Ok(expected), Ok(got)) => compare(&expected, &got, "", &[], differs),
        _ if expected != got => differs(format!("`{got}`")),
        _ => {}
    }
}

fn compare(
    expected: &Value,
    got: &Value,
    path: &str,
    made_up: &[&str],
    differs: &mut impl FnMut(String),
) {
    let below = |name: &str| {
        if path.is_empty() {
            name.to_owned()
        } else {
            format!("{path}.{name}")
        }
    };
    match (expected, got) {
        (Value::Object(left), Value::Object(right)) => {
            for name in left
                .keys()
                .chain(right.keys().filter(|name| !left.contains_key(*name)))
            {
                match (left.get(name), right.get(name)) {
                    (Some(left), Some(right)) => {
                        compare(left, right, &below(name), made_up, differs)
                    }
                    (Some(_), None) => differs(format!("{} is missing", below(name))),
                    (None, _) => differs(format!("{} is too much", below(name))),
                }
            }
        }
        (Value::Array(left), Value::Array(right)) => {
            if left.len() != right.len() {
                differs(format!(
                    "{path} has {} entries, not {}",
                    right.len(),
                    left.len()
                ));
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
    let (pattern, path): (Vec<&str>, Vec<&str>) =
        (pattern.split('.').collect(), path.split('.').collect());
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
