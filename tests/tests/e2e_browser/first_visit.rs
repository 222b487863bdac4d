//! A first visit: nobody was chosen yet. What strangers say is shown, and one deliberate act chooses a key, without the
//! reader's place being lost. Nothing that came with a line, a link or a store does it.

use provenear_shared::digest::Sha256Digest;
use provenear_tests::browser::Kind;
use provenear_tests::fixtures::COUNTER_PINNED;
use provenear_tests::notary::Notary;
use provenear_tests::rows::{Row, counter_statement, trusted};
use serde_json::{Value, json};

use crate::screens::look;
use crate::visit::{CHAIN, Visit};

in_browsers! {
    both: [a_stranger_is_chosen_by_one_act_and_the_place_is_kept],
    chromium: [a_line_that_names_anothers_key_offers_no_act, who_has_chosen_is_sent_to_settings],
}

const KEPT: &str = "return JSON.parse(localStorage['provenear/settings/v1'] ?? '{}').keys ?? []";
const TOP: &str = "return document.querySelector('[data-card=manifests]').getBoundingClientRect().top";
/// How far a card may move on the screen, in pixels.
const SLACK: f64 = 2.0;

/// Puts lines about the counter into the store beside the page.
fn store(visit: &Visit, lines: &[String]) {
    let store = visit.folder.path().join("manifests");
    std::fs::create_dir_all(&store).unwrap();
    let name = format!("{}.intoto.jsonl", Sha256Digest::of(COUNTER_PINNED).to_base58());
    std::fs::write(store.join(name), lines.join("\n")).unwrap();
}

fn script(visit: &Visit, script: &str) -> Value {
    visit.browser.script(script, vec![]).unwrap()
}

fn a_stranger_is_chosen_by_one_act_and_the_place_is_kept(kind: Kind) {
    let visit = Visit::at_the_devnet(kind);
    let (browser, mallory) = (&visit.browser, Notary::named("mallory").public_key());
    let line = Row::named(&visit.rows, "untrusted-key").manifest.clone().unwrap();
    let mut later = counter_statement(COUNTER_PINNED, &[]);
    *later.pointer_mut("/predicate/runDetails/metadata/finishedOn").unwrap() = json!("2026-11-24T06:01:00Z");
    store(&visit, &[line, Notary::named("mallory").sign(&later)]);
    visit.account("honest.devnet");
    visit.verdict("not-rebuilt");
    assert_eq!(browser.text(".banner h2").unwrap(), "You have not chosen whom to trust yet");
    let card = browser.text("[data-card=manifests]").unwrap();
    let says =
        format!("The holder of {} (not chosen by you) says: the claimed build gives this code.", mallory.to_near());
    for part in [&says, &mallory.fingerprint(), "Get the key or its fingerprint from the owner another way"] {
        assert!(card.contains(part), "{part}: {card}");
    }
    // Two lines of one holder, one act.
    assert_eq!(browser.attributes("[data-holder]", "data-holder").unwrap(), vec![mallory.to_near(); 2]);
    assert_eq!(browser.count("[data-action=trust-key]").unwrap(), 1);
    look(browser, "first-visit");
    browser.click("[data-card=past] > summary").unwrap();
    browser.find("#history-url").unwrap();
    browser.click("[data-action=trust-key]").unwrap();
    let form = browser.text("[data-card=trust]").unwrap();
    assert!(form.contains(&mallory.to_near()) && form.contains(&mallory.fingerprint()), "{form}");
    let field = "return document.activeElement === document.querySelector('[data-card=trust] input') && document.activeElement.value === ''";
    browser.until("an empty field with the focus", field, &[]).unwrap();
    look(browser, "first-visit-trusting");
    // Without a name nothing happens.
    browser.click("[data-action=confirm-trust]").unwrap();
    let complaint =
        "return document.querySelector('[data-card=trust] .complaint').innerText.includes('Give it a name')";
    browser.until("a complaint", complaint, &[]).unwrap();
    assert_eq!(script(&visit, KEPT), json!([]));
    browser.fill("[data-card=trust] input", "Carol").unwrap();
    let top = script(&visit, TOP).as_f64().unwrap();
    assert!(script(&visit, "return scrollY").as_f64().unwrap() > 300.0);
    browser.press("\u{e007}").unwrap();
    visit.verdict("reproduced");
    let focused = "return document.activeElement?.dataset.signer === arguments[0]";
    browser.until("the focus on the line", focused, &[json!(mallory.to_near())]).unwrap();
    let moved = script(&visit, TOP).as_f64().unwrap() - top;
    assert!(moved.abs() < SLACK, "the card moved by {moved} pixels");
    assert_eq!(script(&visit, "return document.querySelector('[data-card=past]').open"), true);
    assert_eq!(script(&visit, "return document.querySelector('main').style.minHeight"), "");
    assert_eq!(script(&visit, KEPT), json!([{ "key": mallory.to_near(), "name": "Carol" }]));
    assert!(browser.text("ul.manifests").unwrap().contains("Carol"));
    assert_eq!(browser.count("[data-part=choosing], [data-action=trust-key]").unwrap(), 0);
    visit.leaves_no_trace();
}

fn a_line_that_names_anothers_key_offers_no_act(kind: Kind) {
    let visit = Visit::at_the_devnet(kind);
    let (browser, alice) = (&visit.browser, trusted());
    let mut forged = counter_statement(COUNTER_PINNED, &[]);
    alice.introduce(&mut forged);
    let line = Notary::named("mallory").seal(forged.to_string().as_bytes());
    // The key id is a hint that anyone can write.
    let mut envelope: Value = serde_json::from_str(&line).unwrap();
    envelope["signatures"][0]["keyid"] = json!(alice.public_key().fingerprint());
    std::fs::write(visit.folder.path().join("forged.jsonl"), envelope.to_string()).unwrap();
    let stranger = Row::named(&visit.rows, "untrusted-key").manifest.clone().unwrap();
    store(&visit, &[stranger]);
    let link = format!(
        "?manifest={}/forged.jsonl&trust=all&key={}&name=Alice",
        visit.site.url(),
        alice.public_key().to_near()
    );
    visit.open(&format!("#/{CHAIN}/honest.devnet{link}"));
    browser.find("[data-rejection=signer-not-checkable]").unwrap();
    visit.verdict("not-rebuilt");
    let card = browser.text("[data-card=manifests]").unwrap();
    for part in [alice.public_key().to_near(), alice.public_key().fingerprint(), "Alice".to_owned()] {
        assert!(!card.contains(&part), "{part}: {card}");
    }
    // The act is the other line's, and neither link nor line fills in a name.
    assert_eq!(browser.count("[data-action=trust-key]").unwrap(), 1);
    assert_eq!(browser.count("[data-rejection=signer-not-checkable] button").unwrap(), 0);
    assert_eq!(browser.count("[data-card=trust]").unwrap(), 0);
    browser.click("[data-action=trust-key]").unwrap();
    assert_eq!(script(&visit, "return document.querySelector('[data-card=trust] input').value"), "");
    browser.click("[data-action=cancel-trust]").unwrap();
    browser.until("no form", "return !document.querySelector('[data-card=trust]')", &[]).unwrap();
    assert_eq!(script(&visit, KEPT), json!([]));
}

fn who_has_chosen_is_sent_to_settings(kind: Kind) {
    let visit = Visit::at_the_devnet(kind);
    let stranger = Row::named(&visit.rows, "untrusted-key").manifest.clone().unwrap();
    store(&visit, &[stranger]);
    visit.trust(&trusted().public_key(), "Alice");
    visit.account("honest.devnet");
    visit.verdict("not-rebuilt");
    let card = visit.browser.text("[data-card=manifests]").unwrap();
    assert!(card.contains("(not chosen by you) says") && card.contains("add their key in Settings"), "{card}");
    assert_eq!(visit.browser.count("[data-part=choosing], [data-action=trust-key]").unwrap(), 0);
}
