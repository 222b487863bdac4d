//! A link to a block: what it shows is said to be of that block, how long ago that was, and how to see now.

use provenear_shared::digest::Sha256Digest;
use provenear_tests::browser::Kind;
use provenear_tests::devnet::{Account, Contract};
use provenear_tests::fixtures::COUNTER_PINNED;
use provenear_tests::rows::{Row, tampered, trusted};

use crate::visit::{CHAIN, Visit};

in_chromium!(an_old_green_link_says_that_it_is_old_and_leads_to_now);

fn an_old_green_link_says_that_it_is_old_and_leads_to_now(kind: Kind) {
    let visit = Visit::at_the_devnet(kind);
    visit.trust(&trusted().public_key(), "Alice");
    // Good code long ago, other code today.
    let chain = visit.one.chain();
    let now = chain.final_block().height;
    chain.put_at(now - 800, "past.devnet", Account::new(Contract::local(COUNTER_PINNED)));
    visit.one.deploy("past.devnet", tampered());
    let store = visit.folder.path().join("manifests");
    std::fs::create_dir(&store).unwrap();
    let name = format!("{}.intoto.jsonl", Sha256Digest::of(COUNTER_PINNED).to_base58());
    std::fs::write(store.join(name), Row::named(&visit.rows, "honest").manifest.clone().unwrap()).unwrap();
    let old = now - 700;
    visit.open(&format!("#/{CHAIN}/past.devnet?block={old}"));
    visit.verdict("reproduced");
    assert_eq!(visit.sorted("[data-notice]", "data-notice"), ["old-block"]);
    let strip = visit.browser.text("[data-strip=block]").unwrap();
    assert!(strip.contains(&format!("Block {old}, ")) && strip.contains(" minutes ago. See now"), "{strip}");
    let headline = visit.browser.text(".banner h2").unwrap();
    assert!(headline.contains(&old.to_string()) && headline.contains(" was "), "{headline}");
    let command = visit.browser.text(".banner .check").unwrap();
    assert!(command.contains(&format!("--block {old}")), "{command}");
    visit.browser.click("[data-strip=block] a").unwrap();
    visit.verdict("not-rebuilt");
    assert_eq!(visit.browser.script("return location.hash", vec![]).unwrap(), format!("#/{CHAIN}/past.devnet"));
    assert!(visit.browser.attributes("[data-strip]", "data-strip").unwrap().is_empty());
    assert!(visit.sorted("[data-notice]", "data-notice").is_empty());
    // A block that has just been: the strip stays, and nothing is old.
    let young = chain.final_block().height;
    visit.open(&format!("#/{CHAIN}/past.devnet?block={young}"));
    visit.verdict("not-rebuilt");
    visit.browser.find("[data-strip=block] a").unwrap();
    assert!(visit.sorted("[data-notice]", "data-notice").is_empty());
    // Where nobody could look, too.
    visit.open(&format!("#/{CHAIN}/nobody.devnet?block={young}"));
    visit.error("unknown-account");
    visit.browser.find("[data-strip=block] a").unwrap();
}
