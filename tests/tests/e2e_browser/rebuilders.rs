//! Several rebuilders with stores of their own, what they disagree on, and doing without all of them.

use std::process::Command;

use provenear_shared::digest::Sha256Digest;
use provenear_tests::browser::Kind;
use provenear_tests::fixtures::{COUNTER_PINNED, COUNTER_PINNED_CLAIM};
use provenear_tests::ground::Ground;
use provenear_tests::notary::Notary;
use provenear_tests::rows::{counter_statement, tampered};
use provenear_tests::static_server::{StaticOptions, StaticServer};
use serde_json::json;
use tempfile::TempDir;

use crate::visit::Visit;

in_chromium!(
    stores_of_several_rebuilders_are_named_in_settings_and_dissent_is_shown,
    the_page_shows_the_commands_that_the_helper_runs
);

/// A host of its own with what these rebuilders say came out.
fn store(lines: &[(&str, &[u8])]) -> (TempDir, StaticServer) {
    let folder = tempfile::tempdir().unwrap();
    let name = format!("{}.intoto.jsonl", Sha256Digest::of(COUNTER_PINNED).to_base58());
    let sealed = |(name, artifact): &(&str, &[u8])| Notary::named(name).sign(&counter_statement(artifact, &[]));
    let text: Vec<String> = lines.iter().map(sealed).collect();
    std::fs::write(folder.path().join(name), text.join("\n")).unwrap();
    let options = StaticOptions { cors: true, ..StaticOptions::default() };
    let server = StaticServer::start(folder.path(), options).unwrap();
    (folder, server)
}

fn stores_of_several_rebuilders_are_named_in_settings_and_dissent_is_shown(kind: Kind) {
    let visit = Visit::at_the_devnet(kind);
    let other = tampered();
    let (_one, first) = store(&[("alice", COUNTER_PINNED), ("alice", &other)]);
    let (_two, second) = store(&[("bob", COUNTER_PINNED), ("carol", &other)]);
    for name in ["alice", "bob", "carol"] {
        visit.trust(&Notary::named(name).public_key(), name);
    }
    let mut settings = visit.kept();
    settings["threshold"] = json!(2);
    visit.keep(&settings);
    visit.open("#/settings");
    visit.browser.paste("#stores", &format!("{}\n{}/\n", first.url(), second.url())).unwrap();
    visit.browser.click("[data-save=stores]").unwrap();
    let kept = "return JSON.parse(localStorage['provenear/settings/v1']).stores.length === 2";
    visit.browser.until("the stores are kept", kept, &[]).unwrap();
    visit.account("honest.devnet");
    visit.verdict("reproduced");
    let banner = visit.browser.text(".banner").unwrap();
    for part in ["Disputed: carol rebuilt the contract's claim", "alice contradicts itself"] {
        assert!(banner.contains(part), "{part}: {banner}");
    }
    let lines = "return document.querySelectorAll('ul.manifests > li').length === arguments[0]";
    visit.browser.until("four lines", lines, &[json!(4)]).unwrap();
}

fn the_page_shows_the_commands_that_the_helper_runs(kind: Kind) {
    let visit = Visit::at_the_devnet(kind);
    visit.account("honest.devnet");
    visit.verdict("not-rebuilt");
    visit.browser.click("[data-card=by-hand] > summary").unwrap();
    let shown = "return document.querySelector('[data-card=by-hand] code').textContent";
    let shown = visit.browser.script(shown, vec![]).unwrap().as_str().unwrap().to_owned();
    let recipe = visit.folder.path().join("claim.json");
    std::fs::write(&recipe, COUNTER_PINNED_CLAIM).unwrap();
    let mut print: Command = Ground::read().unwrap().provenear().unwrap();
    print.args(["rebuild", "--print-commands", "--engine", "docker", "--cpus", "1", "--recipe"]).arg(recipe);
    let printed = String::from_utf8(print.output().unwrap().stdout).unwrap();
    assert!(printed.contains(" --cpus 1 "), "{printed}");
    // How many processors a reader has, the page does not know.
    assert_eq!(shown, printed.replace(" --cpus 1 ", " "));
    visit.leaves_no_trace();
}
