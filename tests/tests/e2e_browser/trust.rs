//! Settings that somebody else has written: what is not exactly one key, name or address is not used, and a file changes
//! nothing before the reader has seen what it would change.

use provenear_tests::browser::Kind;
use provenear_tests::notary::Notary;
use provenear_tests::rows::{Row, trusted};
use serde_json::{Value, json};

use crate::visit::{CHAIN, Visit};

in_browsers! {
    both: [what_stands_in_storage_is_read_as_strictly, what_another_tab_has_changed_is_not_undone],
    chromium: [two_keys_in_one_are_none, a_file_shows_what_it_would_change_before_it_does, a_list_of_keys_is_shown_before_it_is_trusted],
}

const PICKER: &str = "[data-card=whole] input[type=file]";

/// The reader's key on the first line, a stranger's on the second.
fn two_in_one() -> String {
    format!("{}\n{}", trusted().public_key().to_near(), Notary::named("mallory").public_key().to_near())
}

fn import(visit: &Visit, name: &str, settings: &Value) {
    let file = visit.folder.path().join(name);
    std::fs::write(&file, settings.to_string()).unwrap();
    visit.browser.pick(PICKER, &file).unwrap();
    visit.browser.find("[data-card=import]").unwrap();
}

fn stays_grey(visit: &Visit) {
    let row = Row::named(&visit.rows, "untrusted-key");
    visit.account(row.account);
    visit.verdict("not-rebuilt");
    visit.bring(row.manifest.as_ref().unwrap());
    visit.browser.find("[data-rejection=key-untrusted]").unwrap();
    visit.verdict("not-rebuilt");
}

fn two_keys_in_one_are_none(kind: Kind) {
    let visit = Visit::at_the_devnet(kind);
    visit.open("#/settings");
    let mut settings = visit.kept();
    settings["keys"] = json!([{ "key": two_in_one(), "name": "Alice" }]);
    import(&visit, "given.json", &settings);
    assert_eq!(visit.browser.count("[data-change=left-out]").unwrap(), 1);
    assert_eq!(visit.browser.count("[data-change=change]").unwrap(), 0);
    assert!(visit.browser.text("[data-card=import]").unwrap().contains("Alice"));
    visit.browser.click("[data-action=cancel-import]").unwrap();
    assert_eq!(visit.browser.count("[data-key]").unwrap(), 0);
    stays_grey(&visit);
}

fn a_file_shows_what_it_would_change_before_it_does(kind: Kind) {
    let visit = Visit::at_the_devnet(kind);
    let (alice, bob) = (trusted().public_key(), Notary::named("bob").public_key());
    let mallory = Notary::named("mallory").public_key();
    visit.trust(&alice, "Alice");
    visit.open("#/settings");
    visit.trust_here(&bob, "Bob");
    let before = visit.kept();
    let mut settings = before.clone();
    settings["keys"] = json!([
        { "key": alice.to_near(), "name": "Somebody` else" },
        { "key": mallory.to_near(), "name": "Alice" },
    ]);
    settings["threshold"] = json!(2);
    settings["stores"] = json!(["https://elsewhere.example/", "http://elsewhere.example/"]);
    settings["images"] = json!(format!("sha256:{}\nnone", "5e".repeat(32)));
    settings["networks"][CHAIN]["endpoints"] = json!([
        "https://rpc.example/",
        "https://a.example\n.evil/",
        "https://evil.example\\@rpc.example/",
        "https://%65vil.example/",
        "https:evil.example",
    ]);
    settings["accept_local_source"] = json!(true);
    import(&visit, "given.json", &settings);
    let said = visit.browser.text("[data-card=import]").unwrap();
    let wanted = [
        format!("Trusts the key {} ({}), named Alice by the file", mallory.to_near(), mallory.fingerprint()),
        format!("No longer trusts the key {} ({}), named Bob", bob.to_near(), bob.fingerprint()),
        format!(
            "The key {} ({}), named Alice so far, is then named Somebody' else by the file",
            alice.to_near(),
            alice.fingerprint()
        ),
        "Keys that must agree: 2 instead of 1".to_owned(),
        "Asks the store https://elsewhere.example/".to_owned(),
        "No longer asks the store manifests/".to_owned(),
        format!("Accepts the image sha256:{}", "5e".repeat(32)),
        "No longer accepts the image sha256:".to_owned(),
        format!("On {CHAIN} asks the endpoint https://rpc.example/"),
        format!("On {CHAIN} no longer asks the endpoint {}", visit.one.url()),
    ];
    for part in wanted {
        assert!(said.contains(&part), "{part}\n{said}");
    }
    // A digest, a store and an endpoint that are none, three endpoints that are asked elsewhere than they say, and what no
    // file can set.
    assert_eq!(visit.browser.count("[data-change=left-out]").unwrap(), 7, "{said}");
    assert!(said.contains("accept_local_source is not known"), "{said}");
    assert_eq!(said.matches("is asked at https://evil.example/").count(), 3, "{said}");
    visit.browser.click("[data-action=cancel-import]").unwrap();
    visit.browser.until("the offer is gone", "return !document.querySelector('[data-card=import]')", &[]).unwrap();
    assert_eq!(visit.kept(), before);
    // The same file once more.
    import(&visit, "given.json", &settings);
    visit.browser.click("[data-action=apply-import]").unwrap();
    visit.browser.find(&format!("[data-key=\"{}\"]", mallory.to_near())).unwrap();
    let after = visit.kept();
    assert_eq!((&after["threshold"], after["keys"].as_array().unwrap().len()), (&json!(2), 2));
    // Whether local sources are accepted is nothing that a file can say.
    let whole = visit.browser.script("return JSON.stringify(localStorage)", vec![]).unwrap().to_string();
    assert!(!whole.contains("local_source") && !whole.contains("local-source\":\"yes"), "{whole}");
}

fn what_stands_in_storage_is_read_as_strictly(kind: Kind) {
    let visit = Visit::at_the_devnet(kind);
    visit.trust(&Notary::named("bob").public_key(), "Bob");
    let mut settings = visit.kept();
    let add = |list: &mut Value, entry: Value| list.as_array_mut().unwrap().push(entry);
    add(&mut settings["keys"], json!({ "key": two_in_one(), "name": "Alice" }));
    add(&mut settings["keys"], json!({ "key": trusted().public_key().to_near(), "name": "Al\u{202e}ice" }));
    add(&mut settings["networks"][CHAIN]["endpoints"], json!("http://evil.example/"));
    visit.keep(&settings);
    visit.open("#/settings");
    visit.browser.find("[data-warning=left-out]").unwrap();
    visit.browser.find("[data-key]").unwrap();
    // The key whose name would turn the text around is there without it.
    let keys = [Notary::named("bob"), trusted()].map(|key| key.public_key().to_near());
    assert_eq!(visit.browser.attributes("[data-key]", "data-key").unwrap(), keys);
    let warning = visit.browser.text("[data-warning=left-out]").unwrap();
    assert_eq!(visit.browser.count("[data-warning=left-out] li").unwrap(), 3, "{warning}");
    assert!(warning.contains("Alice") && warning.contains("evil.example"), "{warning}");
    stays_grey(&visit);
    assert!(visit.browser.wanted_elsewhere().is_empty());
    // What is no settings at all is not used in silence either.
    visit.browser.script("localStorage['provenear/settings/v1'] = 'nonsense'", vec![]).unwrap();
    visit.open("#/settings");
    visit.browser.find("[data-warning=left-out]").unwrap();
}

fn a_list_of_keys_is_shown_before_it_is_trusted(kind: Kind) {
    let visit = Visit::new(kind);
    visit.open("#/settings");
    visit.browser.paste("#key", &two_in_one()).unwrap();
    visit.browser.click("#add-key").unwrap();
    visit.browser.find("[data-card=import]").unwrap();
    assert_eq!(visit.browser.count("[data-change=change]").unwrap(), 2);
    assert_eq!(visit.browser.count("[data-key]").unwrap(), 0);
    visit.browser.click("[data-action=cancel-import]").unwrap();
    let file = visit.folder.path().join("keys.txt");
    std::fs::write(&file, two_in_one()).unwrap();
    visit.browser.pick("[data-card=keys] input[type=file]", &file).unwrap();
    visit.browser.find("[data-card=import]").unwrap();
    assert_eq!(visit.browser.count("[data-key]").unwrap(), 0);
    visit.browser.click("[data-action=apply-import]").unwrap();
    visit.browser.until("both are there", "return document.querySelectorAll('[data-key]').length === 2", &[]).unwrap();
    // Two keys on one line are refused.
    visit.browser.paste("#key", &two_in_one().replace('\n', " ")).unwrap();
    visit.browser.click("#add-key").unwrap();
    let complains = "return document.querySelector('.add-key .complaint').innerText.includes('another key')";
    visit.browser.until("a complaint", complains, &[]).unwrap();
}

fn what_another_tab_has_changed_is_not_undone(kind: Kind) {
    let visit = Visit::new(kind);
    let alice = trusted().public_key();
    visit.open("#/settings");
    visit.trust_here(&Notary::named("bob").public_key(), "Bob");
    let with_bob = visit.kept();
    // As another tab writes it, before this one hears of it.
    let mut settings = with_bob.clone();
    settings["keys"] = json!([]);
    visit.keep(&settings);
    visit.trust_here(&alice, "Alice");
    settings = visit.kept();
    assert_eq!(settings["keys"], json!([{ "key": alice.to_near(), "name": "Alice" }]));
    // What a file would change is held against what is kept at that moment, too.
    import(&visit, "given.json", &with_bob);
    settings["threshold"] = json!(3);
    visit.keep(&settings);
    visit.browser.click("[data-action=apply-import]").unwrap();
    let said = "return [...document.querySelectorAll('[role=status]')].some(it => it.textContent.includes('changed meanwhile'))";
    visit.browser.until("a refusal", said, &[]).unwrap();
    assert_eq!(visit.kept(), settings);
    // Limits that cannot be read are the strictest, and the boxes show what is kept once the page hears of it.
    settings["threshold"] = json!(0);
    settings["images"] = json!(5);
    visit.keep(&settings);
    visit.browser.script("window.dispatchEvent(new Event('storage'))", vec![]).unwrap();
    let strict =
        "return document.querySelector('#threshold').value === '99' && document.querySelector('#images').value === ''";
    visit.browser.until("the strictest limits", strict, &[]).unwrap();
    assert_eq!(visit.browser.count("[data-warning=left-out] li").unwrap(), 2);
}
