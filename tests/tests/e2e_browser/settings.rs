//! Settings lose nothing: what was taken away can be had back, and what was forgotten does not come back by itself.
//! The focus is never lost on the way.

use provenear_tests::browser::{Browser, Kind};
use provenear_tests::notary::Notary;
use provenear_tests::rows::trusted;
use serde_json::json;

use crate::visit::{CHAIN, Visit};

in_browsers! {
    both: [what_was_forgotten_does_not_come_back_by_itself],
    chromium: [what_the_forms_keep_is_what_other_visits_begin_with, what_was_taken_away_can_be_had_back, a_box_that_would_break_the_network_is_refused],
}

/// Waits until the element that has the focus is this one.
fn has_focus(browser: &Browser, css: &str) {
    let script = "return document.activeElement?.matches(arguments[0]) === true";
    browser.until(&format!("the focus on `{css}`"), script, &[json!(css)]).unwrap();
}

fn what_the_forms_keep_is_what_other_visits_begin_with(kind: Kind) {
    let (visit, alice) = (Visit::new(kind), trusted().public_key());
    visit.set_network(&[&visit.one.url(), &visit.two.url()]);
    assert_eq!(visit.kept(), visit.after_first_settings());
    visit.trust_here(&alice, "Alice");
    let by_hand = visit.kept();
    visit.keep(&visit.after_first_settings());
    visit.trust(&alice, "Alice");
    assert_eq!(visit.kept(), by_hand);
}

fn what_was_forgotten_does_not_come_back_by_itself(kind: Kind) {
    let visit = Visit::at_the_devnet(kind);
    let browser = &visit.browser;
    visit.open("#/settings");
    let image = format!("sha256:{}", "5e".repeat(32));
    // Typed and not saved, in every box that has a “Save” of its own.
    browser.paste("#images", &image).unwrap();
    browser.paste("#stores", "https://elsewhere.example/").unwrap();
    browser.paste("#endpoints-mainnet", "https://elsewhere.example/").unwrap();
    browser.click("[data-action=reset-settings]").unwrap();
    browser.find("[data-action=undo]").unwrap();
    for save in ["[data-save=images]", "[data-save=stores]", "[data-network=mainnet] [data-action=save-network]"] {
        browser.click(save).unwrap();
    }
    let kept = visit.kept().to_string();
    assert!(!kept.contains("5e5e") && !kept.contains("elsewhere.example"), "{kept}");
}

fn what_was_taken_away_can_be_had_back(kind: Kind) {
    let visit = Visit::at_the_devnet(kind);
    let browser = &visit.browser;
    let (alice, bob) = (trusted().public_key(), Notary::named("bob").public_key());
    visit.trust(&alice, "Alice");
    visit.open("#/settings");
    visit.trust_here(&bob, "Bob");
    has_focus(browser, "#add-key");
    let before = visit.kept();
    let acts = [
        (format!("[data-key=\"{}\"] [data-action=remove-key]", alice.to_near()), "[data-action=remove-key]"),
        (format!("[data-network={CHAIN}] [data-action=forget-network]"), "[data-action=forget-network]"),
        ("[data-action=reset-settings]".to_owned(), "[data-action=reset-settings]"),
    ];
    for (act, back) in acts {
        browser.click(&act).unwrap();
        has_focus(browser, "[data-action=undo]");
        assert_ne!(visit.kept(), before, "{act}");
        browser.click("[data-action=undo]").unwrap();
        browser.until("it is back", "return !document.querySelector('[data-action=undo]')", &[]).unwrap();
        assert_eq!(visit.kept(), before, "{act}");
        has_focus(browser, back);
        assert_eq!(browser.count("[data-key]").unwrap(), 2);
    }
    let local = "return localStorage['provenear/accept-local-source']";
    assert_eq!(browser.script(local, vec![]).unwrap(), "yes");
    // What was looked up before, too.
    visit.account("honest.devnet");
    visit.end();
    visit.open("#/");
    browser.click("[data-action=forget-recent]").unwrap();
    has_focus(browser, "[data-action=undo-forget]");
    assert_eq!(browser.count(".recent li").unwrap(), 0);
    browser.click("[data-action=undo-forget]").unwrap();
    has_focus(browser, "[data-action=forget-recent]");
    assert_eq!(browser.count(".recent li").unwrap(), 1);
    visit.open("#/settings");
    browser.find("#add-key").unwrap();
    // What has changed since is not undone with it.
    browser.click("[data-action=reset-settings]").unwrap();
    has_focus(browser, "[data-action=undo]");
    visit.trust_here(&bob, "Bob");
    browser.until("no offer", "return !document.querySelector('[data-action=undo]')", &[]).unwrap();
    visit.leaves_no_trace();
}

fn a_box_that_would_break_the_network_is_refused(kind: Kind) {
    let visit = Visit::at_the_devnet(kind);
    let browser = &visit.browser;
    visit.open("#/settings");
    let before = visit.kept();
    let complains = |words: &str| {
        let said = "return document.querySelector(arguments[0]).innerText.includes(arguments[1])";
        let place = json!(format!("[data-network={CHAIN}] .complaint"));
        browser.until(words, said, &[place, json!(words)]).unwrap();
        assert_eq!(visit.kept(), before);
    };
    let save = format!("[data-network={CHAIN}] [data-action=save-network]");
    browser.paste(&format!("#quorum-{CHAIN}"), "100").unwrap();
    browser.click(&save).unwrap();
    complains("not a number from 1 to 99");
    browser.paste(&format!("#quorum-{CHAIN}"), "1").unwrap();
    browser.paste(&format!("#endpoints-{CHAIN}"), "\n ").unwrap();
    browser.click(&save).unwrap();
    complains("at least one endpoint");
}
