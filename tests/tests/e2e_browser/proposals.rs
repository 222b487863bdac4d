//! A DAO's proposal: its code is looked up, checked against the hash that is voted on, and answered about as any file is.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use provenear_shared::digest::Sha256Digest;
use provenear_tests::answering::answering;
use provenear_tests::browser::Kind;
use provenear_tests::devnet::{Account, Contract, Fault, Where};
use provenear_tests::fixtures::COUNTER_PINNED;
use provenear_tests::rows::{Row, tampered, trusted};
use serde_json::{Value, json};

use crate::visit::{CHAIN, Visit};

in_chromium!(
    the_code_of_a_proposal_is_answered_about_as_a_file,
    the_code_that_a_call_carries_is_answered_about,
    without_the_very_code_there_is_no_verdict,
    a_link_to_where_a_dao_votes_leads_to_its_proposal
);

fn proposal(kind: Value) -> String {
    json!({ "id": 7, "proposer": "council.devnet", "description": "Upgrade\n<img src=x onerror=alert(1)>", "kind": kind,
        "status": "InProgress", "vote_counts": {}, "votes": {}, "submission_time": "1700000000000000000" })
    .to_string()
}

fn upgrade(code: &[u8]) -> Value {
    let hash = Sha256Digest::of(code).to_base58();
    json!({ "UpgradeRemote": { "receiver_id": "honest.devnet", "method_name": "upgrade", "hash": hash } })
}

/// Puts a DAO on the chain whose proposal 7 is an upgrade to `code`, which it stores.
pub(crate) fn put(visit: &Visit, code: &[u8]) {
    found(visit, upgrade(code), code, Some(code));
}

/// A DAO with this proposal, that stores `stored` under the hash of `code`; its proposal is opened.
fn dao(visit: &Visit, kind: Value, code: &[u8], stored: Option<&[u8]>) {
    found(visit, kind, code, stored);
    visit.open(&format!("#/{CHAIN}/dao.devnet/proposal/7"));
}

fn found(visit: &Visit, kind: Value, code: &[u8], stored: Option<&[u8]>) {
    let account = Account::new(Contract::local(answering(&[("get_proposal", &proposal(kind))])));
    let account = match stored {
        Some(stored) => account.state(Sha256Digest::of(code).as_bytes().to_vec(), stored.to_vec()),
        None => account,
    };
    visit.one.chain().put("dao.devnet", account.state("STATE", vec![0; 60_000]));
}

fn the_code_of_a_proposal_is_answered_about_as_a_file(kind: Kind) {
    let visit = Visit::at_the_devnet(kind);
    visit.trust(&trusted().public_key(), "Alice");
    dao(&visit, upgrade(COUNTER_PINNED), COUNTER_PINNED, Some(COUNTER_PINNED));
    visit.browser.find("[data-proposal=code]").unwrap();
    visit.verdict("not-rebuilt");
    visit.bring(Row::named(&visit.rows, "honest").manifest.as_ref().unwrap());
    visit.verdict("reproduced");
    let text = visit.browser.text("[data-card=proposal]").unwrap();
    assert!(text.contains("honest.devnet") && text.contains("<img src=x"), "{text}");
    assert_eq!(visit.browser.script("return document.querySelectorAll('main img').length", vec![]).unwrap(), 0);
    // And back to something else, whose answer is its own.
    visit.open(&format!("#/{CHAIN}/empty.devnet"));
    visit.verdict("no-contract");
    visit.leaves_no_trace();
}

/// Calls of another account's methods, each with these bytes as its arguments.
fn calls(arguments: &[&[u8]]) -> Value {
    let call = |bytes: &&[u8]| json!({ "method_name": "up_stage_code", "args": STANDARD.encode(bytes), "deposit": "0", "gas": "1" });
    json!({ "FunctionCall": { "receiver_id": "honest.devnet", "actions": arguments.iter().map(call).collect::<Vec<_>>() } })
}

fn the_code_that_a_call_carries_is_answered_about(kind: Kind) {
    let visit = Visit::at_the_devnet(kind);
    visit.trust(&trusted().public_key(), "Alice");
    let staged = [&(COUNTER_PINNED.len() as u32).to_le_bytes(), COUNTER_PINNED].concat();
    dao(&visit, calls(&[&staged, b"{}"]), COUNTER_PINNED, None);
    visit.verdict("not-rebuilt");
    visit.bring(Row::named(&visit.rows, "honest").manifest.as_ref().unwrap());
    visit.verdict("reproduced");
    let text = visit.browser.text("[data-card=proposal]").unwrap();
    assert!(text.contains("1 of 2 calls with code") && text.contains("up_stage_code"), "{text}");
    // No network has this code yet: what can be rebuilt is the file that the page saves.
    let command = visit.browser.text("[data-card=command] .command").unwrap();
    assert_eq!(command.trim(), format!("provenear rebuild {}.wasm", Sha256Digest::of(COUNTER_PINNED).to_base58()));
    // The first code is the honest one, and what is said about it would be taken for an answer about both.
    dao(&visit, calls(&[&staged, &tampered()]), COUNTER_PINNED, None);
    no_verdict(&visit, "no-code");
    dao(&visit, calls(&[b"{}"]), COUNTER_PINNED, None);
    no_verdict(&visit, "other");
    visit.leaves_no_trace();
}

/// Waits for a mark of the proposal, and sees that there is no verdict under its name.
fn no_verdict(visit: &Visit, mark: &str) {
    visit.browser.find(&format!("[data-proposal={mark}]")).unwrap();
    assert!(visit.browser.attributes("[data-verdict]", "data-verdict").unwrap().is_empty(), "{mark}");
}

fn without_the_very_code_there_is_no_verdict(kind: Kind) {
    let visit = Visit::at_the_devnet(kind);
    visit.trust(&trusted().public_key(), "Alice");
    // A green answer on the screen before, which must not stay.
    visit.act(Row::named(&visit.rows, "honest"));
    let go = |link: String| visit.browser.script("location.hash = arguments[0]", vec![json!(link)]).unwrap();
    dao(&visit, upgrade(COUNTER_PINNED), COUNTER_PINNED, Some(&tampered()));
    no_verdict(&visit, "no-code");
    visit.act(Row::named(&visit.rows, "honest"));
    go(format!("#/{CHAIN}/dao.devnet/proposal/7"));
    no_verdict(&visit, "no-code");
    dao(&visit, upgrade(COUNTER_PINNED), COUNTER_PINNED, None);
    no_verdict(&visit, "no-code");
    dao(&visit, json!("Vote"), COUNTER_PINNED, None);
    no_verdict(&visit, "other");
    dao(&visit, json!({ "UpgradeSelf": { "hash": "no hash" } }), COUNTER_PINNED, None);
    no_verdict(&visit, "error");
    visit.open(&format!("#/{CHAIN}/silent.devnet/proposal/7"));
    no_verdict(&visit, "error");
    // One endpoint of two shows another proposal.
    dao(&visit, upgrade(COUNTER_PINNED), COUNTER_PINNED, Some(COUNTER_PINNED));
    visit.browser.find("[data-proposal=code]").unwrap();
    visit.two.misbehave(Where::account("dao.devnet"), Fault::Returns(proposal(upgrade(&tampered()))));
    visit.open(&format!("#/{CHAIN}/dao.devnet/proposal/7"));
    no_verdict(&visit, "error");
    visit.leaves_no_trace();
}

fn a_link_to_where_a_dao_votes_leads_to_its_proposal(kind: Kind) {
    let visit = Visit::new(kind);
    let dao = "some.sputnik-dao.near";
    for (pasted, leads) in [
        (format!("https://app.astrodao.com/dao/{dao}/proposals/{dao}-7"), format!("#/mainnet/{dao}/proposal/7")),
        (format!("https://trezu.app/{dao}/requests/12?x=y"), format!("#/mainnet/{dao}/proposal/12")),
        // Another host's link in the same form is no proposal's.
        (format!("https://app.astrodao.com.example/dao/account/{dao}"), format!("#/mainnet/{dao}")),
    ] {
        visit.open("#/");
        visit.browser.fill("#subject", &format!("{pasted}\u{e007}")).unwrap();
        let there = "return location.hash === arguments[0]";
        visit.browser.until(&format!("the way from {pasted}"), there, &[json!(leads)]).unwrap();
    }
}
