//! What a reader takes away: the report as the helper prints it, and hashes held against others.

use provenear_shared::digest::Sha256Digest;
use provenear_tests::browser::Kind;
use provenear_tests::devnet::{Account, Contract};
use provenear_tests::documents;
use provenear_tests::fixtures::COUNTER_PINNED;
use provenear_tests::ground::Ground;
use provenear_tests::rows::{Row, trusted};
use serde_json::json;

use crate::visit::{CHAIN, Visit};

in_browsers! {
    both: [the_saved_report_is_what_the_helper_prints, the_helper_comes_to_the_same_verdict_by_the_saved_settings],
    chromium: [a_hash_is_compared_in_any_notation_and_digits_that_differ_are_marked],
}

/// What the page saves by this act.
fn saved(visit: &Visit, action: &str) -> String {
    let keep = "const make = URL.createObjectURL; URL.createObjectURL = (blob) => { \
                const known = blob.arrayBuffer().then((bytes) => { window.bytes = [...new Uint8Array(bytes)]; }); \
                known.then(() => blob.text()).then((text) => { window.saved = text; }); return make.call(URL, blob); }; \
                HTMLAnchorElement.prototype.click = function () { window.savedAs = this.download; };";
    visit.browser.script(keep, vec![]).unwrap();
    visit.browser.click(&format!("[data-action={action}]")).unwrap();
    visit.browser.until("it is saved", "return typeof window.saved === 'string'", &[]).unwrap();
    visit.browser.script("return window.saved", vec![]).unwrap().as_str().unwrap().to_owned()
}

fn the_helper_comes_to_the_same_verdict_by_the_saved_settings(kind: Kind) {
    let visit = Visit::at_the_devnet(kind);
    let row = Row::named(&visit.rows, "honest");
    let store = visit.folder.path().join("manifests");
    std::fs::create_dir_all(&store).unwrap();
    let name = format!("{}.intoto.jsonl", Sha256Digest::of(COUNTER_PINNED).to_base58());
    std::fs::write(store.join(name), row.manifest.as_ref().unwrap()).unwrap();
    visit.trust(&trusted().public_key(), "Alice");
    visit.open("#/settings");
    let settings = visit.folder.path().join("settings.json");
    let file = saved(&visit, "save-settings");
    documents::read(file.as_bytes()).unwrap();
    std::fs::write(&settings, file).unwrap();
    visit.account(row.account);
    visit.verdict("reproduced");
    let mut helper = Ground::read().unwrap().provenear().unwrap();
    helper.env("PROVENEAR_CACHE", visit.folder.path().join("cache")).current_dir(visit.folder.path());
    helper.args(["inspect", row.account, "--json", "--network", CHAIN, "--allow-local-source", "--settings"]);
    let printed = helper.arg(&settings).output().unwrap();
    let report = documents::read(&printed.stdout).unwrap();
    assert_eq!((&report["verdict"]["code"], printed.status.code()), (&json!("reproduced"), Some(0)), "{report}");
    // By the same key, endpoints and store.
    assert_eq!(report["stores"][0]["url"], format!("{}/manifests/", visit.site.url()));
    assert!(report.to_string().contains("Alice"), "{report}");
}

fn the_saved_report_is_what_the_helper_prints(kind: Kind) {
    let visit = Visit::at_the_devnet(kind);
    let account = Account::new(Contract::local(COUNTER_PINNED));
    let block = visit.one.chain().put("kept.devnet", account);
    visit.open(&format!("#/{CHAIN}/kept.devnet?block={block}"));
    visit.verdict("not-rebuilt");
    let saved = saved(&visit, "export");
    let name = format!("kept.devnet@{block}.json");
    assert_eq!(visit.browser.script("return window.savedAs", vec![]).unwrap(), name);
    let mut helper = Ground::read().unwrap().provenear().unwrap();
    helper.env("PROVENEAR_CACHE", visit.folder.path().join("cache")).current_dir(visit.folder.path());
    helper.args(["inspect", "kept.devnet", "--json", "--network", CHAIN, "--block", &block.to_string()]);
    helper.args(["--rpc", &visit.one.url(), "--rpc", &visit.two.url()]);
    helper.args(["--allow-local-source", "--store", &format!("{}/manifests/", visit.site.url())]);
    let printed = String::from_utf8(helper.output().unwrap().stdout).unwrap();
    assert!(printed.contains("\"abi\": {") && printed.contains("\"functions\""), "{printed}");
    // The order of members is no part of JSON, and how long ago the block was depends on when it is asked for.
    let read = |text: &str| {
        let mut report = documents::read(text.as_bytes()).unwrap();
        for name in ["age_seconds", "final_block_time"] {
            assert!(!report["deployment"][name].take().is_null(), "{name} is missing: {report}");
        }
        report
    };
    assert_eq!(read(&saved), read(&printed));
    visit.browser.script("delete window.saved", vec![]).unwrap();
    visit.browser.click("[data-action=save-code]").unwrap();
    visit.browser.until("the code is saved", "return typeof window.saved === 'string'", &[]).unwrap();
    let bytes = visit.browser.script("return window.bytes", vec![]).unwrap();
    assert!(bytes == serde_json::json!(COUNTER_PINNED), "what was saved is not the code");
    visit.leaves_no_trace();
}

fn a_hash_is_compared_in_any_notation_and_digits_that_differ_are_marked(kind: Kind) {
    let visit = Visit::at_the_devnet(kind);
    visit.account("honest.devnet");
    visit.verdict("not-rebuilt");
    let browser = &visit.browser;
    let hash = Sha256Digest::of(COUNTER_PINNED);
    let script = "const row = [...document.querySelectorAll('[data-card=deployment] .row')].find(it => it.innerText.startsWith('Code hash')); \
                  if (!row) return false; const field = row.querySelector('.compare input'); \
                  if (!field) { row.querySelector('.reveal[aria-expanded=false]')?.click(); return false; } \
                  field.id = 'held'; return true";
    browser.until("the field", script, &[]).unwrap();
    browser.paste("#held", &hash.to_hex()).unwrap();
    browser.find("[data-compared=equal]").unwrap();
    let mut other = hash.to_base58();
    let digit = if other.ends_with('1') { "2" } else { "1" };
    other.replace_range(other.len() - 1.., digit);
    browser.paste("#held", &other).unwrap();
    browser.find("[data-compared=differs]").unwrap();
    let marked = "return [...document.querySelectorAll('.compare mark')].map(it => it.innerText)";
    let marked = browser.script(marked, vec![]).unwrap();
    assert_eq!(marked[1], json!(digit));
    browser.paste("#held", "<img src=x onerror=alert(1)>").unwrap();
    browser.find("[data-compared=differs]").unwrap();
    assert_eq!(browser.script("return document.querySelectorAll('main img').length", vec![]).unwrap(), 0);
    visit.leaves_no_trace();
}
