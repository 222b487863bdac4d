//! What a registry contract says: shown as one party's word, read strictly, and never part of a verdict.

use provenear_shared::digest::Sha256Digest;
use provenear_tests::answering::answering;
use provenear_tests::browser::Kind;
use provenear_tests::fixtures::COUNTER_PINNED;
use provenear_tests::rows::Row;
use serde_json::json;

use crate::visit::{CHAIN, Visit};

in_chromium!(a_record_is_shown_and_counts_for_nothing, a_registry_that_says_nothing_or_something_else_is_heard_so);

fn record(code_hash: &str) -> serde_json::Value {
    let cid = "QmYwAPJzv5CZsnA625s3Xf2nemtYgPpHdWEz79ojWKaS1x";
    json!({ "cid": cid, "code_hash": code_hash, "block_height": 7, "lang": "rust", "votes": [], "comments": [] })
}

/// Names the devnet's registry in settings.
fn name_registry(visit: &Visit) {
    visit.open("#/settings");
    visit.browser.paste(&format!("#registry-{CHAIN}"), "registry.devnet").unwrap();
    visit.browser.click(&format!("[data-network={CHAIN}] [data-action=save-network]")).unwrap();
    let saved = "return JSON.parse(localStorage['provenear/settings/v1']).networks[arguments[0]].registry === 'registry.devnet'";
    visit.browser.until("the registry is kept", saved, &[json!(CHAIN)]).unwrap();
}

/// Puts a registry on the chain, known to the reader, with a record of `account`, where the pinned counter stands.
pub(crate) fn put(visit: &Visit, account: &str) {
    name_registry(visit);
    let hash = Sha256Digest::of(COUNTER_PINNED).to_base58();
    let of_code = json!([[account, record(&hash)]]).to_string();
    let answers = [("get_contract", &record(&hash).to_string()[..]), ("get_contracts_by_code_hash", &of_code)];
    visit.one.deploy("registry.devnet", answering(&answers));
}

fn says(visit: &Visit, account: &str, mark: &str) {
    visit.account(account);
    visit.end();
    visit.browser.click("[data-card=records] > summary").unwrap();
    visit.browser.find(&format!("[data-card=records] [data-record={mark}]")).unwrap();
}

fn a_record_is_shown_and_counts_for_nothing(kind: Kind) {
    let visit = Visit::at_the_devnet(kind);
    put(&visit, "honest.devnet");
    let hash = Sha256Digest::of(COUNTER_PINNED).to_base58();
    says(&visit, "honest.devnet", "same");
    visit.verdict(Row::named(&visit.rows, "nobody").verdict);
    let text = visit.browser.text("[data-card=registry]").unwrap();
    assert!(text.contains("registry.devnet") && text.contains("QmYw") && text.contains("127.0.0.1"), "{text}");
    // The same record, where other code stands.
    says(&visit, "tampered.devnet", "other");
    visit.verdict("not-rebuilt");
    // Of the bytes themselves, and where this browser has seen them.
    let mut settings = visit.kept();
    settings["network"] = json!(CHAIN);
    visit.keep(&settings);
    visit.open(&format!("#/code/{hash}"));
    visit.browser.find("[data-known=accounts] a[href='#/devnet-test/honest.devnet']").unwrap();
    visit.leaves_no_trace();
}

fn a_registry_that_says_nothing_or_something_else_is_heard_so(kind: Kind) {
    let visit = Visit::at_the_devnet(kind);
    visit.account("honest.devnet");
    visit.end();
    visit.browser.click("[data-card=records] > summary").unwrap();
    visit.browser.find("[data-none=registry]").unwrap();
    name_registry(&visit);
    says(&visit, "honest.devnet", "error");
    for (answer, mark) in [
        ("null".to_owned(), "none"),
        (json!({ "cid": "<img src=x onerror=alert(1)>", "code_hash": "x", "lang": "rust" }).to_string(), "error"),
        (record("<b>verified</b>").to_string(), "error"),
        ("reproduced".to_owned(), "error"),
    ] {
        visit.one.deploy("registry.devnet", answering(&[("get_contract", &answer)]));
        says(&visit, "honest.devnet", mark);
        visit.verdict("not-rebuilt");
        let made = "return document.querySelectorAll('main img, main b').length";
        assert_eq!(visit.browser.script(made, vec![]).unwrap(), 0, "{answer}");
    }
    visit.leaves_no_trace();
}
