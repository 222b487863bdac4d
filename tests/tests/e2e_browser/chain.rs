//! Headline, sentence and chain of the states that are easily said wrongly: each as `shared` words it, and no step broken
//! where nothing is proven.

use provenear_shared::digest::Sha256Digest;
use provenear_shared::nep330::ContractSourceMetadata;
use provenear_shared::recipe::Recipe;
use provenear_tests::browser::Kind;
use provenear_tests::fixtures::{COUNTER_PINNED, COUNTER_PINNED_CLAIM};
use provenear_tests::notary::{Notary, statement};
use provenear_tests::rows::{Row, claiming, counter_statement, tampered};
use serde_json::{Value, json};

use crate::screens::{look, photograph};
use crate::visit::{Visit, drawn};

in_chromium!(
    one_of_two_is_not_nobody,
    another_image_shows_nothing,
    dissent_comes_first_under_green,
    a_custom_command_is_a_reservation,
    a_reservation_says_why_it_matters,
    all_signers_are_named
);

const OTHER_IMAGE: &str = "7467038bdddc86484b73b416eeadce926ff59013e128e53dec5a19e1cb4b2234";

fn reader(kind: Kind) -> Visit {
    let visit = Visit::at_the_devnet(kind);
    for name in ["alice", "bob"] {
        visit.trust(&Notary::named(name).public_key(), name);
    }
    visit
}

fn line(by: &str, artifact: &[u8], edits: &[(&str, Value)]) -> String {
    Notary::named(by).sign(&counter_statement(artifact, edits))
}

/// Brings the lines, waits for the verdict, and takes a picture of it.
fn judge(visit: &Visit, account: &str, lines: &[String], verdict: &str, name: &str) {
    visit.account(account);
    visit.verdict("not-rebuilt");
    visit.bring(&lines.join("\n"));
    let shown = "return document.querySelectorAll('ul.manifests > li').length === arguments[0]";
    visit.browser.until("every line", shown, &[json!(lines.len())]).unwrap();
    visit.verdict(verdict);
    drawn(&visit.browser);
    photograph(&visit.browser, name);
}

/// The steps by name, with their states.
fn steps(visit: &Visit) -> String {
    let steps = "return [...document.querySelectorAll('[data-step]')].map(it => it.dataset.step + '=' + it.dataset.state).join(' ')";
    visit.browser.script(steps, vec![]).unwrap().as_str().unwrap().to_owned()
}

fn headline(visit: &Visit) -> String {
    visit.browser.text(".banner h2").unwrap()
}

fn says(visit: &Visit, parts: &[&str]) {
    let sentence = visit.browser.text(".banner .says").unwrap();
    for part in parts {
        assert!(sentence.contains(part), "`{part}` is not in `{sentence}`");
    }
}

fn repository() -> String {
    let metadata = ContractSourceMetadata::parse(COUNTER_PINNED_CLAIM.as_bytes()).unwrap();
    Recipe::from_metadata(&metadata).unwrap().source().repository().to_owned()
}

fn one_of_two_is_not_nobody(kind: Kind) {
    let visit = reader(kind);
    let mut settings = visit.kept();
    settings["threshold"] = json!(2);
    visit.keep(&settings);
    judge(&visit, "honest.devnet", &[line("alice", COUNTER_PINNED, &[])], "not-rebuilt", "chain-one-of-two");
    assert_eq!(headline(&visit), format!("1 of the 2 required keys reproduced this code from {}", repository()));
    says(&visit, &["alice rebuilt commit", "and got exactly this code"]);
    assert_eq!(steps(&visit), "Source=claimed Image=claimed Rebuilt=missing Signed=missing Deployed=sound");
    let signed = visit.browser.text("[data-step=Signed]").unwrap();
    assert!(signed.contains("not enough yet") && signed.contains("alice"), "{signed}");
    visit.leaves_no_trace();
}

fn another_image_shows_nothing(kind: Kind) {
    let visit = reader(kind);
    let image = "/predicate/buildDefinition/resolvedDependencies/1/digest";
    let edits = [(image, json!({ "sha256": OTHER_IMAGE }))];
    judge(&visit, "honest.devnet", &[line("alice", &tampered(), &edits)], "not-rebuilt", "chain-other-image");
    let expected = format!("Rebuilt from {} only in another image, with different code", repository());
    assert_eq!(headline(&visit), expected);
    says(&visit, &["but not in the image", "which is not evidence either way"]);
    assert_eq!(steps(&visit), "Source=claimed Image=claimed Rebuilt=missing Signed=missing Deployed=sound");
    assert!(visit.browser.text("[data-step=Rebuilt]").unwrap().contains("not evidence either way"));
    // The image that ran stands beside the claimed one, in the chain and under the line.
    visit.browser.click("[data-step=Image]").unwrap();
    let chain = visit.browser.text("[data-card=chain]").unwrap();
    let line = visit.browser.text("ul.manifests > li").unwrap();
    let ran = format!("sha256:{}", &OTHER_IMAGE[..8]);
    assert!(chain.contains("Image that ran") && chain.contains(&ran) && chain.contains("(alice)"), "{chain}");
    assert!(line.contains("Image that ran") && line.contains(&ran) && line.contains("Claimed image"), "{line}");
    visit.leaves_no_trace();
}

fn dissent_comes_first_under_green(kind: Kind) {
    let visit = reader(kind);
    let lines = [line("alice", COUNTER_PINNED, &[]), line("bob", &tampered(), &[])];
    judge(&visit, "honest.devnet", &lines, "reproduced", "chain-dissent");
    assert_eq!(headline(&visit), format!("Disputed: this code was built from {}", repository()));
    let sentence = visit.browser.text(".banner .says").unwrap();
    assert!(sentence.starts_with("Disputed: bob rebuilt the contract's claim"), "{sentence}");
    assert_eq!(steps(&visit), "Source=sound Image=sound Rebuilt=weak Signed=sound Deployed=sound");
    assert!(visit.browser.text("[data-step=Rebuilt]").unwrap().contains("disputed"));
    // What the tab is called does not end at the colon.
    let tab = visit.browser.script("return document.title", vec![]).unwrap().to_string();
    assert!(tab.contains(&headline(&visit)), "{tab}");
    visit.leaves_no_trace();
}

fn all_signers_are_named(kind: Kind) {
    let visit = reader(kind);
    let lines = ["alice", "bob", "mallory"].map(|name| line(name, COUNTER_PINNED, &[]));
    judge(&visit, "honest.devnet", &lines, "reproduced", "chain-signers");
    assert!(visit.browser.text("[data-step=Signed]").unwrap().contains("alice, bob"));
    visit.browser.click("[data-step=Signed]").unwrap();
    let keys = "return [...document.querySelectorAll('.evidence:not([hidden]) dt')].map(it => it.innerText)";
    let labels = visit.browser.script(keys, vec![]).unwrap();
    assert_eq!(labels, json!(["Keys", "Signed by", "Key", "Signed by", "Key", "Not chosen by you"]));
    visit.leaves_no_trace();
}

fn a_reservation_says_why_it_matters(kind: Kind) {
    let visit = reader(kind);
    let (browser, row) = (&visit.browser, Row::named(&visit.rows, "commit-on-no-ref"));
    visit.act(row);
    browser.click("[data-notice=commit-not-on-a-ref] > .why > summary").unwrap();
    let says = "return document.querySelector('[data-notice] > .why').innerText.includes(arguments[0])";
    browser.until("the words", says, &[json!("The owners may never have seen this source.")]).unwrap();
    look(browser, "why-notice");
    visit.act(Row::named(&visit.rows, "no-metadata"));
    browser.click("[data-gap=metadata-missing] > .why > summary").unwrap();
    let why = browser.text("[data-gap] > .why").unwrap();
    assert!(why.contains("Nobody can check what nobody claims."), "{why}");
    look(browser, "why-gap");
    visit.leaves_no_trace();
}

fn a_custom_command_is_a_reservation(kind: Kind) {
    let visit = reader(kind);
    let mut claim: Value = serde_json::from_str(COUNTER_PINNED_CLAIM).unwrap();
    claim["build_info"]["build_command"] = json!(["make", "wasm"]);
    let wasm = claiming(false, &claim.to_string());
    visit.one.deploy("custom.devnet", wasm.clone());
    let metadata = ContractSourceMetadata::parse(claim.to_string().as_bytes()).unwrap();
    let recipe = Recipe::from_metadata(&metadata).unwrap();
    let image = recipe.image().digest().to_hex();
    let rebuilt = statement(recipe.claimed(), &image, recipe.source().commit(), &Sha256Digest::of(&wasm));
    let lines = [Notary::named("alice").sign(&rebuilt)];
    judge(&visit, "custom.devnet", &lines, "reproduced-unvetted", "chain-custom-command");
    assert_eq!(headline(&visit), format!("Matches the claimed build of {}, with reservations", repository()));
    says(&visit, &["with these reservations: the build command is not the usual"]);
    assert_eq!(steps(&visit), "Source=sound Image=sound Rebuilt=weak Signed=sound Deployed=sound");
    assert_eq!(visit.sorted("[data-notice]", "data-notice"), ["custom-build-command"]);
    visit.leaves_no_trace();
}
