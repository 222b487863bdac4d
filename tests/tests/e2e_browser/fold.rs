//! What is seen without scrolling, and that each thing stands once: the answer first, its evidence under it.

use provenear_shared::digest::Sha256Digest;
use provenear_tests::browser::Kind;
use provenear_tests::fixtures::COUNTER_PINNED;
use provenear_tests::rows::{Row, trusted};
use serde_json::json;

use crate::visit::{Visit, drawn};

in_browsers! {
    both: [the_answer_stands_above_the_fold_and_its_evidence_once, every_view_has_a_field_to_look_something_up],
    chromium: [a_digest_has_one_spelling_and_the_other_on_demand, words_explain_themselves_where_they_stand, what_was_brought_is_kept_until_another_subject, a_past_block_is_what_every_command_is_about],
}

fn the_answer_stands_above_the_fold_and_its_evidence_once(kind: Kind) {
    let visit = Visit::at_the_devnet(kind);
    let browser = &visit.browser;
    visit.trust(&trusted().public_key(), "Alice");
    visit.act(Row::named(&visit.rows, "honest"));
    visit.verdict("reproduced");
    browser.viewport(Some((1440, 900))).unwrap();
    let banner = browser.text(".banner").unwrap();
    for part in ["/counter", "Alice", "Checked at block", "full-access key can replace the code"] {
        assert!(banner.contains(part), "{part}: {banner}");
    }
    let bottom = "return document.querySelector('.banner [data-replacement]').getBoundingClientRect().bottom + scrollY";
    let bottom = browser.script(bottom, vec![]).unwrap().as_f64().unwrap();
    assert!(bottom < 900.0, "who can replace the code stands {bottom} pixels below the top");
    // Commit and image of the claim: in the sentence, and once as evidence.
    let copies = browser.attributes("main .cards .copy, main [data-card=chain] .copy", "aria-label").unwrap();
    let count = |name: &str| copies.iter().filter(|label| label.to_lowercase().contains(name)).count();
    assert_eq!((count("commit"), count("digest")), (1, 1), "{copies:?}");
    assert_eq!(browser.text("ul.manifests > li").unwrap().matches("this code").count(), 2);
    browser.viewport(None).unwrap();
    visit.leaves_no_trace();
}

fn a_digest_has_one_spelling_and_the_other_on_demand(kind: Kind) {
    let visit = Visit::at_the_devnet(kind);
    let browser = &visit.browser;
    visit.account("honest.devnet");
    visit.verdict("not-rebuilt");
    let digest = Sha256Digest::of(COUNTER_PINNED);
    assert!(!browser.script("return document.body.innerText", vec![]).unwrap().to_string().contains("SHA-256"));
    let row = "[data-card=deployment] .row:has([aria-label='Copy the code hash'])";
    let shown = |text: &str| {
        let shown = "return document.querySelector(arguments[0]).innerText === arguments[1]";
        browser.until(text, shown, &[json!(format!("{row} .reveal")), json!(text)]).unwrap();
    };
    browser.click(&format!("{row} .reveal")).unwrap();
    shown(&digest.to_base58());
    browser.fill(&format!("{row} .compare input"), &digest.to_hex()).unwrap();
    browser.find(&format!("{row} [data-compared=equal]")).unwrap();
    browser.click(&format!("{row} [data-action=respell]")).unwrap();
    shown(&digest.to_hex());
    browser.find(&format!("{row} [data-compared=equal]")).unwrap();
    browser.click(&format!("{row} [data-action=respell]")).unwrap();
    shown(&digest.to_base58());
}

fn every_view_has_a_field_to_look_something_up(kind: Kind) {
    let visit = Visit::at_the_devnet(kind);
    let browser = &visit.browser;
    let is_shown = |shown: bool| {
        let there = "return document.querySelector('#find')?.checkVisibility() === arguments[0]";
        browser.until("the field of the header", there, &[json!(shown)]).unwrap();
    };
    visit.open("#/");
    browser.find("#subject").unwrap();
    is_shown(false);
    for link in ["#/settings", "#/about", "#/compare", "#/nowhere"] {
        visit.open(link);
        is_shown(true);
    }
    let says = |words: &str| {
        let said = "return document.querySelector('.toast p').innerText.includes(arguments[0])";
        browser.until(words, said, &[json!(words)]).unwrap();
    };
    for (typed, words) in [
        ("", "Enter an account, a code hash or a link."),
        ("https://nearblocks.io/txns/4reLvkAWfqk5fsqio1KLudk46cqRz9erQdaHkWZKMJDZ", "Enter the account that"),
        ("https://github.com/near/near-sdk-rs", "A repository does not say which accounts run its code"),
        ("No Such", "\"No Such\" is neither an account id"),
    ] {
        let empty = "const it = document.querySelector('#find'); it.value = ''; it.dispatchEvent(new Event('input'))";
        browser.script(empty, vec![]).unwrap();
        browser.fill("#find", &format!("{typed}\u{e007}")).unwrap();
        says(words);
    }
    visit.choose_network();
    visit.open("#/about");
    browser.fill("#find", "honest.devnet@100018\u{e007}").unwrap();
    let link = "return location.hash";
    browser.until("the view", "return location.hash.includes('honest.devnet')", &[]).unwrap();
    assert_eq!(browser.script(link, vec![]).unwrap(), "#/devnet-test/honest.devnet?block=100018");
    browser.find("[data-strip=block]").unwrap();
    browser.fill("#find", "silent.devnet\u{e007}").unwrap();
    visit.verdict("not-rebuildable");
    assert_eq!(browser.text("main h1").unwrap(), "silent.devnet");
}

fn words_explain_themselves_where_they_stand(kind: Kind) {
    let visit = Visit::at_the_devnet(kind);
    let browser = &visit.browser;
    visit.account("honest.devnet");
    visit.verdict("not-rebuilt");
    drawn(browser);
    for (card, words) in [
        ("deployment", "two spellings of one number"),
        ("claim", "Only a rebuild shows whether it is true"),
        ("manifests", "It counts once you trust that key"),
    ] {
        browser.click(&format!("[data-card={card}] .term > summary")).unwrap();
        let text = browser.text(&format!("[data-card={card}] .term")).unwrap();
        assert!(text.contains(words), "{words}: {text}");
    }
    visit.open("#/about");
    browser.find("[data-part=glossary]").unwrap();
    assert_eq!(browser.count("[data-part=glossary] dt").unwrap(), 6);
}

fn what_was_brought_is_kept_until_another_subject(kind: Kind) {
    let visit = Visit::at_the_devnet(kind);
    let browser = &visit.browser;
    visit.trust(&trusted().public_key(), "Alice");
    visit.choose_network();
    // Brought where nothing is looked at, it is about what is looked at next.
    let manifest = Row::named(&visit.rows, "honest").manifest.clone().unwrap();
    visit.open("#/about");
    browser.paste("#find", &manifest).unwrap();
    browser.script("document.querySelector('#find').form.requestSubmit()", vec![]).unwrap();
    let kept = "return document.querySelector('.toast p').innerText.includes('The manifest is kept')";
    browser.until("the manifest is kept", kept, &[]).unwrap();
    // A link of the page itself, which loads nothing anew.
    let go = |link: &str| browser.script("location.hash = arguments[0]", vec![json!(link)]).unwrap();
    go("#/devnet-test/honest.devnet");
    visit.verdict("reproduced");
    // The settings are on the way.
    go("#/settings");
    browser.find("#add-key").unwrap();
    browser.back().unwrap();
    visit.verdict("reproduced");
    // Another account is not.
    go("#/devnet-test/silent.devnet");
    visit.verdict("not-rebuildable");
    go("#/devnet-test/honest.devnet");
    visit.verdict("not-rebuilt");
}

fn a_past_block_is_what_every_command_is_about(kind: Kind) {
    let visit = Visit::at_the_devnet(kind);
    let browser = &visit.browser;
    let block = visit.one.chain().final_block().height - 1;
    visit.open(&format!("#/devnet-test/honest.devnet?block={block}"));
    visit.verdict("not-rebuilt");
    let command = format!("provenear rebuild honest.devnet --network devnet-test --block {block}");
    for css in [".banner .check code", "[data-card=command] .command code", "[data-next=ask] pre"] {
        let text = browser.script("return document.querySelector(arguments[0]).textContent", vec![json!(css)]).unwrap();
        assert!(text.as_str().unwrap().contains(&command), "{css}: {text}");
    }
}
