//! Links by people who mean harm: an endpoint that lies, a manifest by a stranger. No link makes anything green.

use provenear_tests::browser::Kind;
use provenear_tests::devnet::{Fault, Where};
use provenear_tests::fixtures::COUNTER_PINNED;
use provenear_tests::rows::{Row, trusted};
use provenear_tests::static_server::{StaticOptions, StaticServer};

use crate::visit::{CHAIN, Visit};

in_browsers! {
    both: [an_endpoint_of_a_link_is_asked_besides_and_never_instead, what_would_leave_the_machine_is_seen],
    chromium: [a_manifest_of_a_link_adds_no_trust_and_elsewhere_is_asked_about_first, a_link_that_is_none_says_so_and_runs_nothing],
}

fn an_endpoint_of_a_link_is_asked_besides_and_never_instead(kind: Kind) {
    let visit = Visit::at_the_devnet(kind);
    visit.trust(&trusted().public_key(), "Alice");
    // The stranger's node shows the good code where bad code stands.
    let evil = visit.one.peer().unwrap();
    evil.misbehave(Where::account("tampered.devnet"), Fault::OtherCode(COUNTER_PINNED.to_vec()));
    visit.open(&format!("#/{CHAIN}/tampered.devnet?rpc={}", evil.url()));
    visit.end();
    visit.browser.find("[data-action=ask-endpoint]").unwrap();
    assert!(evil.received().is_empty(), "the endpoint was asked before anybody agreed");
    let asks = visit.browser.text("[data-card=stranger]").unwrap();
    assert!(asks.contains(&evil.url().replace("http://", "")), "{asks}");
    visit.browser.click("[data-action=ask-endpoint]").unwrap();
    visit.error("rpc-disagreement");
    assert!(!evil.received().is_empty());
    assert!(visit.browser.attributes("[data-verdict]", "data-verdict").unwrap().is_empty());
    // Without the stranger the same account is what it is.
    visit.act(Row::named(&visit.rows, "tampered"));
    // What was agreed for one account is not agreed for the next.
    evil.forget();
    visit.open(&format!("#/{CHAIN}/honest.devnet?rpc={}", evil.url()));
    visit.verdict("not-rebuilt");
    assert!(evil.received().is_empty(), "it was asked again without a word");
    // One of the reader's own under another path is no other endpoint, and nobody is asked about it.
    visit.open(&format!("#/{CHAIN}/honest.devnet?rpc={}/other", visit.one.url()));
    visit.verdict("not-rebuilt");
    assert!(visit.browser.attributes("[data-action]", "data-action").unwrap().iter().all(|it| it != "ask-endpoint"));
    // On a network that the reader does not know, the stranger's node is all there is, and not enough.
    visit.open(&format!("#/another-chain/tampered.devnet?rpc={}", evil.url()));
    visit.error("rpc-unreachable");
    visit.browser.click("[data-action=ask-endpoint]").unwrap();
    visit.error("rpc-unreachable");
    assert!(evil.received().is_empty(), "it was asked in the place of the reader's own");
    visit.leaves_no_trace();
}

fn a_manifest_of_a_link_adds_no_trust_and_elsewhere_is_asked_about_first(kind: Kind) {
    let visit = Visit::at_the_devnet(kind);
    visit.trust(&trusted().public_key(), "Alice");
    let manifest = Row::named(&visit.rows, "untrusted-key").manifest.clone().unwrap();
    std::fs::write(visit.folder.path().join("evil.jsonl"), &manifest).unwrap();
    visit.open(&format!("#/{CHAIN}/honest.devnet?manifest={}/evil.jsonl&trust=all&key=x", visit.site.url()));
    visit.browser.find("[data-rejection=key-untrusted]").unwrap();
    visit.verdict("not-rebuilt");

    let elsewhere = tempfile::tempdir().unwrap();
    std::fs::write(elsewhere.path().join("m.jsonl"), &manifest).unwrap();
    let host = StaticServer::start(elsewhere.path(), StaticOptions { cors: true, ..StaticOptions::default() }).unwrap();
    visit.open(&format!("#/{CHAIN}/honest.devnet?manifest={}/m.jsonl", host.url()));
    visit.verdict("not-rebuilt");
    assert!(host.requests().is_empty(), "the host was told before anybody agreed");
    visit.browser.click("[data-action=fetch-manifest]").unwrap();
    visit.browser.find("[data-rejection=key-untrusted]").unwrap();
    visit.verdict("not-rebuilt");
    assert_eq!(host.requests().len(), 1);
    visit.leaves_no_trace();
}

fn a_link_that_is_none_says_so_and_runs_nothing(kind: Kind) {
    let visit = Visit::new(kind);
    for link in
        ["#/mainnet/<img src=x onerror=alert(1)>", "#/javascript:alert(1)", "#/%22%3E%3Cscript%3Ealert(1)%3C/script%3E"]
    {
        visit.open(link);
        visit.browser.until("a word about it", "return document.querySelector('h1') !== null", &[]).unwrap();
        assert_eq!(visit.browser.text("h1").unwrap(), "This link leads nowhere", "{link}");
        let foreign = "return document.querySelectorAll('main img, main script, a[href^=\"javascript:\"]').length";
        assert_eq!(visit.browser.script(foreign, vec![]).unwrap(), 0, "{link}");
    }
    visit.leaves_no_trace();
}

fn what_would_leave_the_machine_is_seen(kind: Kind) {
    // The other tests claim that nothing does; this one shows that they would notice.
    let visit = Visit::new(kind);
    visit.open("#/mainnet/app.near");
    visit.error("rpc-unreachable");
    let hosts = visit.browser.wanted_elsewhere();
    assert!(hosts.iter().any(|host| host.starts_with("free.rpc.fastnear.com")), "{hosts:?}");
}
