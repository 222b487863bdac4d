//! Every row of the verdict table, and the act in settings that adds trust.

use provenear_shared::digest::Sha256Digest;
use provenear_tests::browser::Kind;
use provenear_tests::fixtures::COUNTER_PINNED;
use provenear_tests::notary::Notary;
use provenear_tests::rows::{Row, trusted};

use crate::visit::Visit;

in_both_browsers!(
    every_row_of_the_table,
    a_key_added_in_settings_turns_it_green,
    the_store_beside_the_page_is_asked_and_a_late_manifest_is_seen,
);

fn every_row_of_the_table(kind: Kind) {
    let visit = Visit::at_the_devnet(kind);
    visit.trust(&trusted().public_key(), "Alice");
    for row in &visit.rows {
        visit.act(row);
        assert_eq!(visit.sorted("[data-notice]", "data-notice"), row.notices, "{}", row.name);
        assert_eq!(visit.sorted("[data-gap]", "data-gap"), row.gaps, "{}", row.name);
        let rejections: Vec<&str> = row.rejection.into_iter().collect();
        assert_eq!(visit.sorted("[data-rejection]", "data-rejection"), rejections, "{}", row.name);
        if let Some(verdict) = visit.browser.attributes("[data-verdict]", "data-verdict").unwrap().first() {
            visit.browser.find("[data-card=next]").unwrap();
            assert_eq!(visit.sorted("[data-next]", "data-next"), next(verdict), "{}", row.name);
        }
        // Every reservation says why it matters.
        let whys = visit.browser.count("[data-notice] > .why, [data-gap] > .why").unwrap();
        assert_eq!(whys, row.notices.len() + row.gaps.len(), "{}", row.name);
    }
    visit.leaves_no_trace();
}

/// What can be done about a verdict.
fn next(verdict: &str) -> &'static [&'static str] {
    match verdict {
        "reproduced" => &["helper"],
        "reproduced-unvetted" | "not-rebuilt" => &["ask", "helper"],
        "reproduced-unclaimed" | "not-rebuildable" => &["tell-author"],
        "differs" => &["compare", "tell-author"],
        "no-contract" => &[],
        other => panic!("`{other}` is not a verdict"),
    }
}

fn a_key_added_in_settings_turns_it_green(kind: Kind) {
    let visit = Visit::at_the_devnet(kind);
    let row = Row::named(&visit.rows, "untrusted-key");
    visit.act(row);
    assert_eq!(visit.sorted("[data-rejection]", "data-rejection"), ["key-untrusted"]);
    visit.open("#/settings");
    visit.trust_here(&Notary::named("mallory").public_key(), "Mallory");
    visit.account(row.account);
    visit.verdict("not-rebuilt");
    visit.bring(row.manifest.as_ref().unwrap());
    visit.verdict("reproduced");
    assert!(visit.browser.text("ul.manifests").unwrap().contains("Mallory"));
    // And taking it away takes the green away.
    visit.open("#/settings");
    visit.browser.click("[data-action=remove-key]").unwrap();
    visit.browser.until("the key is gone", "return !document.querySelector('[data-key]')", &[]).unwrap();
    visit.account(row.account);
    visit.verdict("not-rebuilt");
    visit.bring(row.manifest.as_ref().unwrap());
    visit.browser.find("[data-rejection=key-untrusted]").unwrap();
    visit.verdict("not-rebuilt");
    visit.leaves_no_trace();
}

fn the_store_beside_the_page_is_asked_and_a_late_manifest_is_seen(kind: Kind) {
    let visit = Visit::at_the_devnet(kind);
    visit.trust(&trusted().public_key(), "Alice");
    visit.account("honest.devnet");
    visit.verdict("not-rebuilt");
    let store = visit.folder.path().join("manifests");
    std::fs::create_dir(&store).unwrap();
    let name = format!("{}.intoto.jsonl", Sha256Digest::of(COUNTER_PINNED).to_base58());
    std::fs::write(store.join(name), Row::named(&visit.rows, "honest").manifest.clone().unwrap()).unwrap();
    visit.verdict("reproduced");
    // A file that is not there yet is no fault, but Chromium writes it down.
    visit.leaves_no_trace_but(&["404"]);
}
