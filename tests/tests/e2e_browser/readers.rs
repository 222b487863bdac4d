//! Four readers, each from an empty profile to where they wanted to get: somebody about to sign, an auditor, the author of a
//! contract, a rebuilder. Only the network of the devnet is set up before.

use provenear_shared::digest::Sha256Digest;
use provenear_tests::browser::{Browser, Kind};
use provenear_tests::fixtures::COUNTER_PINNED;
use provenear_tests::notary::Notary;
use provenear_tests::rows::{counter_statement, trusted};
use serde_json::{Value, json};

use crate::screens::photograph;
use crate::visit::Visit;
use crate::{records, sources};

in_browsers! {
    both: [somebody_about_to_sign_ends_with_a_verdict_by_a_key_of_their_choice],
    chromium: [an_auditor_reads_the_source_that_was_rebuilt, an_author_learns_what_to_change, a_rebuilder_publishes_what_another_reader_sees],
}

/// The text of the first element of `css`, shown or not.
fn text(browser: &Browser, css: &str) -> String {
    let text = "return document.querySelector(arguments[0]).textContent";
    browser.script(text, vec![json!(css)]).unwrap().as_str().unwrap().to_owned()
}

/// Types into the field of the home view.
fn ask(visit: &Visit, typed: &str) {
    visit.open("#/");
    visit.browser.fill("#subject", &format!("{typed}\u{e007}")).unwrap();
}

/// Trusts the key of the stranger whose line is shown, under a name.
fn trust_the_stranger(visit: &Visit, name: &str) {
    let browser = &visit.browser;
    browser.click("[data-action=trust-key]").unwrap();
    browser.fill("[data-card=trust] input", &format!("{name}\u{e007}")).unwrap();
}

fn publish(visit: &Visit, statement: &Value, by: &str) {
    let store = visit.folder.path().join("manifests");
    std::fs::create_dir_all(&store).unwrap();
    let name = format!("{}.intoto.jsonl", Sha256Digest::of(COUNTER_PINNED).to_base58());
    std::fs::write(store.join(name), Notary::named(by).sign(statement)).unwrap();
}

fn somebody_about_to_sign_ends_with_a_verdict_by_a_key_of_their_choice(kind: Kind) {
    let visit = Visit::at_the_devnet(kind);
    let browser = &visit.browser;
    publish(&visit, &counter_statement(COUNTER_PINNED, &[]), "alice");
    visit.choose_network();
    // What they have at hand is a link to the transaction; the page says what would help instead.
    ask(&visit, "https://nearblocks.io/txns/4reLvkAWfqk5fsqio1KLudk46cqRz9erQdaHkWZKMJDZ");
    let complaint =
        "return document.querySelector('#complaint').innerText.includes('Enter the account that the transaction')";
    browser.until("what to do", complaint, &[]).unwrap();
    ask(&visit, "honest.devnet");
    visit.verdict("not-rebuilt");
    let card = browser.text("[data-card=manifests]").unwrap();
    assert!(card.contains(&trusted().public_key().fingerprint()), "{card}");
    trust_the_stranger(&visit, "Alice");
    visit.verdict("reproduced");
    let banner = browser.text(".banner").unwrap();
    assert!(banner.contains("Alice rebuilt") && banner.contains("can replace the code"), "{banner}");
    photograph(browser, "reader-signs");
    visit.leaves_no_trace();
}

fn an_auditor_reads_the_source_that_was_rebuilt(kind: Kind) {
    let visit = Visit::at_the_devnet(kind);
    let browser = &visit.browser;
    sources::put(&visit, "sourced.devnet");
    records::put(&visit, "sourced.devnet");
    visit.choose_network();
    ask(&visit, "sourced.devnet");
    visit.verdict("not-rebuilt");
    trust_the_stranger(&visit, "Alice");
    visit.verdict("reproduced");
    // Every step of the chain has its evidence.
    for step in ["Source", "Image", "Rebuilt", "Signed", "Deployed"] {
        browser.click(&format!("[data-step={step}]")).unwrap();
        let shown = "return document.querySelector('.evidence:not([hidden]) .row') !== null";
        browser.until(step, shown, &[]).unwrap();
    }
    browser.click("[data-card=sources] > summary").unwrap();
    browser.find("[data-open='README.md'] [data-shown]").unwrap();
    browser.click("[data-card=inside] > summary").unwrap();
    browser.find("[data-card=module]").unwrap();
    browser.click("[data-card=records] > summary").unwrap();
    browser.find("[data-record]").unwrap();
    photograph(browser, "reader-audits");
}

fn an_author_learns_what_to_change(kind: Kind) {
    let visit = Visit::at_the_devnet(kind);
    let browser = &visit.browser;
    visit.choose_network();
    ask(&visit, "silent.devnet");
    visit.verdict("not-rebuildable");
    assert_eq!(browser.count("[data-gap] > .why").unwrap(), browser.count("[data-gap]").unwrap());
    browser.click("[data-next=tell-author] > summary").unwrap();
    let letter = text(browser, "[data-next=tell-author] pre");
    for part in ["silent.devnet", "Code hash: ", "this must change:\n- "] {
        assert!(letter.contains(part), "{part}: {letter}");
    }
    browser.click("[data-next=tell-author] .copy").unwrap();
    browser
        .until("it is copied", "return document.querySelector('.toast').innerText.includes('Copied.')", &[])
        .unwrap();
    photograph(browser, "reader-writes-contracts");
    visit.leaves_no_trace();
}

fn a_rebuilder_publishes_what_another_reader_sees(kind: Kind) {
    let visit = Visit::at_the_devnet(kind);
    let browser = &visit.browser;
    visit.choose_network();
    ask(&visit, "honest.devnet");
    visit.verdict("not-rebuilt");
    // What they type, and how they come by the program that it starts.
    let command = text(browser, "[data-card=command] .command code");
    assert_eq!(command, "provenear rebuild honest.devnet --network devnet-test");
    browser.click("[data-next=helper] > summary").unwrap();
    assert!(text(browser, "[data-next=helper] .command code").starts_with("cargo install --locked "));
    // What came out, before it is published.
    let line = trusted().sign(&counter_statement(COUNTER_PINNED, &[]));
    visit.bring(&line);
    browser.find("[data-holder]").unwrap();
    trust_the_stranger(&visit, "Me");
    visit.verdict("reproduced");
    // Published, it is found by a reader who has chosen this key, without a manifest at hand.
    publish(&visit, &counter_statement(COUNTER_PINNED, &[]), "alice");
    browser.reload().unwrap();
    visit.verdict("reproduced");
    assert!(browser.text("ul.manifests").unwrap().contains("from a store"));
    photograph(browser, "reader-rebuilds");
}
