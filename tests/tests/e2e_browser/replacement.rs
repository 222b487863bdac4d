//! Who can replace the code, as the banner says it: the sentence of the report, and what could not be listed.

use provenear_tests::browser::Kind;
use provenear_tests::devnet::{Account, Contract, Fault, Hash, Key, Where};
use provenear_tests::fixtures::COUNTER_PINNED;
use serde_json::json;

use crate::visit::{Visit, drawn};

in_chromium!(one_sentence_says_who_can_replace_the_code, keys_that_are_not_listed_stand_in_the_banner);

/// What the banner says about replacement.
fn said(visit: &Visit) -> String {
    visit.browser.text(".banner [data-replacement]").unwrap()
}

fn one_sentence_says_who_can_replace_the_code(kind: Kind) {
    let visit = Visit::at_the_devnet(kind);
    let wat = r#"(module (import "env" "promise_batch_action_add_gas_key_with_full_access" (func)))"#;
    let keys = (0..150_u8).map(|at| Key::function_call(&format!("ed25519:{}", Hash([at; 32])), "a.b", &[]));
    let account = Account::new(Contract::local(wat::parse_str(wat).unwrap()));
    let account = keys.fold(account, Account::key).key(Key::full_access(&format!("ed25519:{}", Hash([200; 32]))));
    visit.one.chain().put("gas.devnet", account);
    visit.account("gas.devnet");
    visit.verdict("not-rebuildable");
    let text = said(&visit);
    assert!(text.contains("1 full-access key can replace the code at any time, as 127.0.0.1:"), "{text}");
    assert!(text.contains("it imports promise_batch_action_add_gas_key_with_full_access, which need not"), "{text}");
    assert!(!visit.browser.text("main").unwrap().contains("strong evidence"));

    let key = Key::full_access(&format!("ed25519:{}", Hash([1; 32])));
    visit.one.chain().put("empty.devnet", Account::new(Contract::None).key(key));
    visit.account("empty.devnet");
    visit.verdict("no-contract");
    let text = said(&visit);
    assert!(text.contains("1 full-access key can deploy code to this account at any time"), "{text}");
    assert!(!text.contains("itself"), "{text}");

    let universal = format!("0u{}g", "0".repeat(51));
    visit.one.chain().put(&universal, Account::new(Contract::Uninitialized));
    visit.account(&universal);
    visit.verdict("no-contract");
    let chain = visit.browser.text("[data-card=deployment]").unwrap();
    assert!(chain.contains("a universal account") && chain.contains("was only funded so far"), "{chain}");
    visit.leaves_no_trace();
}

fn keys_that_are_not_listed_stand_in_the_banner(kind: Kind) {
    let visit = Visit::at_the_devnet(kind);
    let keys = (0..150_u8).map(|at| Key::function_call(&format!("ed25519:{}", Hash([at; 32])), "a.b", &[]));
    let account = keys.fold(Account::new(Contract::local(COUNTER_PINNED)), Account::key);
    visit.one.chain().put("many.devnet", account);
    visit.one.misbehave(Where::all(), Fault::NoPages);
    visit.account("many.devnet");
    visit.verdict("not-rebuilt");
    let notice = visit.browser.text(".banner [data-notice=access-keys-unlisted]").unwrap();
    assert!(notice.contains("there may be keys that can replace the code"), "{notice}");
    assert!(said(&visit).contains("There may be keys that can replace the code"));

    visit.one.behave();
    visit.one.misbehave(Where::all(), Fault::SamePage);
    visit.browser.script("location.reload()", vec![]).unwrap();
    let more =
        "return document.querySelector('[data-replacement]')?.textContent.includes('more than the 100 access keys')";
    visit.browser.until("the page is known to be one of more", more, &[]).unwrap();
    drawn(&visit.browser);
    assert!(!said(&visit).contains("no full-access key"));
    let shown = "return document.querySelectorAll('[data-notice=access-keys-unlisted]').length === arguments[0]";
    visit.browser.until("no word that none could be listed", shown, &[json!(0)]).unwrap();
    visit.leaves_no_trace();
}
