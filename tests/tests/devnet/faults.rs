//! Each misbehaviour is as bad as it says, and only where it was asked for.

use std::io::Read;
use std::time::{Duration, Instant};

use base64::{Engine, prelude::BASE64_STANDARD};
use provenear_tests::devnet::{Devnet, Fault, Hash, Where};
use serde_json::{Value, json};

use crate::ask::{agent, call, patient, post, query, view};

const STATUS: &str = r#"{"jsonrpc":"2.0","id":"1","method":"status","params":[]}"#;

fn devnet() -> Devnet {
    let devnet = Devnet::start().unwrap();
    devnet.deploy("app.near", *b"true");
    devnet.deploy("other.near", *b"true");
    devnet
}

fn with(fault: Fault) -> Devnet {
    let devnet = devnet();
    devnet.misbehave(Where::all(), fault);
    devnet
}

/// Bytes and hash of `view_code`, and the `code_hash` of the account.
fn code(devnet: &Devnet, id: &str) -> (Vec<u8>, String, String) {
    let code = query(devnet, "view_code", json!({ "account_id": id }));
    let account = query(devnet, "view_account", json!({ "account_id": id }));
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let bytes = BASE64_STANDARD.decode(code["code_base64"].as_str().unwrap()).unwrap();
    (bytes, text(&code["hash"]), text(&account["code_hash"]))
}

#[test]
fn lies_about_code() {
    let (truth, lie) = (Hash::of(b"true").to_string(), Hash::of(b"lie").to_string());
    let told = |fault: Fault| code(&with(fault), "app.near");
    assert_eq!(told(Fault::OtherBytes(b"lie".to_vec())), (b"lie".to_vec(), truth.clone(), truth.clone()));
    assert_eq!(told(Fault::OtherHash(Hash::of(b"lie"))), (b"true".to_vec(), lie.clone(), lie.clone()));
    assert_eq!(told(Fault::OtherCode(b"lie".to_vec())), (b"lie".to_vec(), lie.clone(), lie));

    let devnet = devnet();
    devnet.misbehave(Where::account("other.near"), Fault::OtherBytes(b"lie".to_vec()));
    assert_eq!(code(&devnet, "app.near").0, b"true");
    assert_eq!(code(&devnet, "other.near").0, b"lie");
    assert_eq!(code(&devnet.peer().unwrap(), "other.near"), (b"true".to_vec(), truth.clone(), truth));
}

#[test]
fn lies_about_the_rest() {
    assert_eq!(call(&with(Fault::ChainId("evil".into())), "status", json!([])).1["result"]["chain_id"], "evil");
    assert_eq!(call(&with(Fault::OtherId), "status", json!([])).1["id"], "another");
    let metadata = view(&with(Fault::Metadata("{}".into())), "app.near", "contract_source_metadata");
    assert_eq!((&metadata["result"], metadata.get("error")), (&json!([123, 125]), None));
    let keys = query(&with(Fault::NoKeys), "view_access_key_list", json!({ "account_id": "app.near" }));
    assert_eq!(keys["keys"], json!([]));
    let devnet = with(Fault::OtherBlock);
    let height = devnet.chain().final_block().height;
    let account = query(&devnet, "view_account", json!({ "account_id": "app.near", "block_id": height }));
    assert_eq!(account["block_height"], height + 1);
    let block = call(&devnet, "block", json!({ "block_id": height })).1;
    assert_eq!(block["result"]["header"]["hash"], devnet.chain().block(height + 1).hash.to_string());
}

#[test]
fn lags_behind() {
    let devnet = devnet();
    devnet.chain().freeze(100_500);
    devnet.misbehave(Where::all(), Fault::StaleFinal(Duration::from_secs(180)));
    let (_, block) = call(&devnet, "block", json!({ "finality": "final" }));
    assert_eq!(block["result"]["header"]["height"], 100_500 - 300);
    let (_, status) = call(&devnet, "status", json!([]));
    assert_eq!(status["result"]["sync_info"]["latest_block_height"], 100_502 - 300);
}

#[test]
fn answers_other_than_json() {
    for (status, wait) in [(408, None), (422, None), (429, Some(7)), (500, None), (502, None)] {
        let mut answer = post(&with(Fault::Status(status, wait)), STATUS).unwrap();
        assert_eq!(answer.status().as_u16(), status);
        let retry = answer.headers().get("retry-after").map(|it| it.to_str().unwrap().to_owned());
        assert_eq!(retry, wait.map(|it: u32| it.to_string()));
        assert!(answer.body_mut().read_to_string().unwrap().starts_with("<!doctype html>"));
    }
    let text = |fault: Fault| post(&with(fault), STATUS).unwrap().body_mut().read_to_string().unwrap();
    for fault in [Fault::html(), Fault::not_json(), Fault::TruncatedJson] {
        assert!(serde_json::from_str::<Value>(&text(fault.clone())).is_err(), "{fault:?}");
    }
    assert_eq!(text(Fault::DeepJson(10_000)).matches('[').count(), 10_000);
    let away = post(&with(Fault::Redirect("http://127.0.0.1:9/".into())), STATUS).unwrap();
    assert_eq!((away.status().as_u16(), &away.headers()["location"]), (307, &"http://127.0.0.1:9/".parse().unwrap()));
}

#[test]
fn answers_late_or_never() {
    let hanging = with(Fault::Hang);
    let impatient = patient(Duration::from_millis(500)).post(hanging.url()).content_type("application/json");
    assert!(impatient.send(STATUS).is_err());
    assert!(post(&with(Fault::Close), STATUS).is_err());
    assert!(post(&with(Fault::CutBody), STATUS).unwrap().body_mut().read_to_string().is_err());
    let mut endless = Vec::new();
    let devnet = with(Fault::Endless);
    let mut answer = post(&devnet, STATUS).unwrap();
    answer.body_mut().as_reader().take(20 << 20).read_to_end(&mut endless).unwrap();
    assert_eq!(endless.len(), 20 << 20);
    let start = Instant::now();
    let body = post(&with(Fault::Drip(200, Duration::from_millis(50))), STATUS).unwrap().body_mut().read_to_string();
    assert!(serde_json::from_str::<Value>(&body.unwrap()).is_ok());
    assert!(start.elapsed() > Duration::from_millis(200), "{:?}", start.elapsed());
}

#[test]
fn refuses_other_origins() {
    let preflight = |devnet: &Devnet| {
        let request = ureq::http::Request::options(devnet.url()).body(()).unwrap();
        agent().run(request).unwrap().headers().contains_key("access-control-allow-origin")
    };
    let devnet = with(Fault::NoCors);
    assert!(!preflight(&devnet));
    assert!(!post(&devnet, STATUS).unwrap().headers().contains_key("access-control-allow-origin"));
    devnet.behave();
    assert!(preflight(&devnet));
}

#[test]
fn misbehaves_so_many_times_and_records_what_it_is_asked() {
    let devnet = devnet();
    devnet.misbehave_times(2, Where::kind("view_code"), Fault::Status(500, None));
    let mut statuses = Vec::new();
    for _ in 0..3 {
        call(&devnet, "status", json!([]));
        let params = json!({ "request_type": "view_code", "finality": "final", "account_id": "app.near" });
        let body = json!({ "jsonrpc": "2.0", "id": 1, "method": "query", "params": params }).to_string();
        statuses.push(post(&devnet, &body).unwrap().status().as_u16());
    }
    assert_eq!(statuses, [500, 500, 200]);
    let kinds: Vec<String> = devnet.calls().iter().map(|call| call.kind.clone()).collect();
    assert_eq!(kinds, ["status", "view_code"].repeat(3));
    assert_eq!(devnet.calls()[1].params["account_id"], "app.near");
    assert_eq!(devnet.calls()[1].http.header("content-type"), Some("application/json"));
    devnet.forget();
    assert!(devnet.received().is_empty());
}
