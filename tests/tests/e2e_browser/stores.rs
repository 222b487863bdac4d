//! Stores that do not answer, and stores that were not asked: neither is one that knows nothing.

use provenear_tests::browser::Kind;
use provenear_tests::devnet::Devnet;
use provenear_tests::fixtures::COUNTER_PINNED;
use serde_json::json;

use crate::visit::Visit;

in_both_browsers!(a_silent_store_is_said_and_a_file_is_looked_up_on_demand);

const CARD: &str = "[data-card=manifests]";

fn a_silent_store_is_said_and_a_file_is_looked_up_on_demand(kind: Kind) {
    let visit = Visit::at_the_devnet(kind);
    let browser = &visit.browser;
    let gone = Devnet::start().unwrap();
    let silent = gone.url();
    drop(gone);
    visit.open("#/settings");
    browser.paste("#stores", &format!("manifests/\n{silent}/\n")).unwrap();
    browser.click("[data-save=stores]").unwrap();
    let kept = "return JSON.parse(localStorage['provenear/settings/v1']).stores.length === 2";
    browser.until("the stores are kept", kept, &[]).unwrap();
    visit.account("honest.devnet");
    visit.verdict("not-rebuilt");
    assert_eq!(visit.sorted("[data-notice]", "data-notice"), ["store-unreachable"]);
    assert_eq!(browser.attributes("[data-store]", "data-store").unwrap(), ["empty", "unreachable"]);
    let said = browser.text(CARD).unwrap();
    assert!(said.contains("No signed rebuild found (asked: ") && said.contains("could not be read: "), "{said}");
    // A file: nobody has been asked yet.
    let file = visit.folder.path().join("counter.wasm");
    std::fs::write(&file, COUNTER_PINNED).unwrap();
    visit.open("#/");
    browser.pick("form.subject input[type=file]", &file).unwrap();
    visit.verdict("not-rebuilt");
    assert!(visit.sorted("[data-notice]", "data-notice").is_empty());
    assert_eq!(browser.attributes("[data-store]", "data-store").unwrap(), ["not-asked", "not-asked"]);
    let said = browser.text(CARD).unwrap();
    assert!(said.contains("No store has been asked for signed rebuilds yet") && !said.contains("found"), "{said}");
    browser.click("[data-action=ask-stores]").unwrap();
    let asked = "return document.querySelectorAll('[data-store=unreachable]').length === arguments[0]";
    browser.until("the stores were asked", asked, &[json!(1)]).unwrap();
    assert_eq!(visit.sorted("[data-notice]", "data-notice"), ["store-unreachable"]);
}
