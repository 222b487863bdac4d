//! Stores that do not answer, and stores that were not asked: neither is one that knows nothing.

use provenear_tests::browser::Kind;
use provenear_tests::devnet::{Devnet, Fault, Where};
use provenear_tests::fixtures::{COUNTER_PINNED, COUNTER_PINNED_CODE_HASH};
use provenear_tests::rows::{Row, trusted};
use serde_json::json;

use crate::visit::Visit;

in_browsers! {
    both: [a_million_lines_cost_nobody_the_answer, a_worker_that_ends_is_replaced_and_said, a_worker_that_never_came_up_is_replaced_by_the_next_question],
    chromium: [a_silent_store_is_said_and_a_file_is_looked_up_on_demand],
}

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

/// Neither in a store nor in a file at hand.
fn a_million_lines_cost_nobody_the_answer(kind: Kind) {
    let visit = Visit::at_the_devnet(kind);
    let browser = &visit.browser;
    visit.trust(&trusted().public_key(), "alice");
    let honest = Row::named(&visit.rows, "honest").manifest.clone().unwrap();
    let stored = visit.folder.path().join("manifests").join(format!("{COUNTER_PINNED_CODE_HASH}.intoto.jsonl"));
    std::fs::create_dir(stored.parent().unwrap()).unwrap();
    std::fs::write(&stored, format!("{honest}\n{}", "x\n".repeat(1_000_000))).unwrap();
    visit.account("honest.devnet");
    visit.verdict("reproduced");
    assert_eq!(visit.sorted("[data-notice]", "data-notice"), ["store-cut"]);
    std::fs::remove_file(&stored).unwrap();
    let file = visit.folder.path().join("many.jsonl");
    std::fs::write(&file, format!("{honest}\n{}", "{\n".repeat(1_000_000))).unwrap();
    visit.account("tampered.devnet");
    visit.verdict("not-rebuilt");
    browser.click("details.intake > summary").unwrap();
    browser.pick("details.intake input[type=file]", &file).unwrap();
    visit.verdict("differs");
    assert_eq!(visit.sorted("[data-notice]", "data-notice"), ["manifests-cut"]);
    // And the next question is answered too.
    visit.account("silent.devnet");
    visit.verdict("not-rebuildable");
}

/// Keeps every Worker that the page starts where a test can reach it.
const HOOK: &str = "const Real = Worker; self.inspectors = []; self.Worker = class extends Real { \
    constructor(file, options) { super(file, options); if (options.name === 'inspector') self.inspectors.push(this); } };";
/// A question that its program fails at, where nobody catches it; and what a browser says when it ended the program itself, as
/// for want of memory.
const ENDS: [&str; 2] = [
    "self.inspectors.at(-1).postMessage({ id: 0, comparer: 1 })",
    "self.inspectors.at(-1).dispatchEvent(new ErrorEvent('error', { message: 'unreachable' }))",
];

/// As if the host could not serve the script of as many Workers as are due to fail. A reload forgets variables, not this.
const FAILING: &str = "const Real = Worker; self.Worker = class extends Real { constructor(file, options) { \
    const due = Number(sessionStorage.failing ?? 0), fails = options.name === 'inspector' && due > 0; \
    if (fails) sessionStorage.failing = due - 1; super(fails ? new URL('none.js', document.baseURI) : file, options); } };";

/// Puts a script of our own before those of the page.
fn hook(visit: &Visit, script: &str) {
    let index = visit.folder.path().join("index.html");
    let html = std::fs::read_to_string(&index).unwrap();
    std::fs::write(visit.folder.path().join("hook.js"), script).unwrap();
    std::fs::write(&index, html.replacen("<head>", "<head><script src=\"./hook.js\"></script>", 1)).unwrap();
}

fn a_worker_that_never_came_up_is_replaced_by_the_next_question(kind: Kind) {
    let visit = Visit::at_the_devnet(kind);
    let browser = &visit.browser;
    hook(&visit, FAILING);
    browser.script("sessionStorage.failing = 2", vec![]).unwrap();
    visit.account("honest.devnet");
    // The first fails before or after the question comes, the second at a question.
    let failed = "return document.querySelector('.banner')?.innerText.includes('could not be started')";
    browser.until("a word about it", failed, &[]).unwrap();
    assert!(!browser.text(".banner").unwrap().contains("Open Settings"), "no setting mends that");
    let again = "document.querySelector('[data-action=retry]')?.click(); \
                 return document.querySelector('.banner')?.dataset.verdict === 'not-rebuilt'";
    browser.until("an answer to a later question", again, &[]).unwrap();
    assert_eq!(browser.script("return Number(sessionStorage.failing)", vec![]).unwrap(), 0);
    // What the second program asks is answered as well.
    browser.click("[data-card=inside] > summary").unwrap();
    browser.find("[data-card=module]").unwrap();
}

fn a_worker_that_ends_is_replaced_and_said(kind: Kind) {
    let visit = Visit::at_the_devnet(kind);
    let browser = &visit.browser;
    hook(&visit, HOOK);
    browser.open("about:blank").unwrap();
    for (account, end) in ["honest.devnet", "tampered.devnet"].into_iter().zip(ENDS) {
        for node in [&visit.one, &visit.two] {
            node.misbehave(Where::all(), Fault::Hang);
        }
        visit.one.forget();
        visit.account(account);
        while visit.one.received().is_empty() {
            std::thread::sleep(std::time::Duration::from_millis(50));
        }
        let before = browser.script("return self.inspectors.length", vec![]).unwrap();
        browser.script(end, vec![]).unwrap();
        visit.error("worker-ended");
        assert!(browser.text(".banner").unwrap().contains("started again"));
        let started = "return self.inspectors.length === arguments[0] + 1";
        browser.until("another Worker", started, &[before]).unwrap();
        for node in [&visit.one, &visit.two] {
            node.behave();
        }
        browser.click("[data-action=retry]").unwrap();
        visit.verdict("not-rebuilt");
        // What the second program asks is answered as well.
        browser.click("[data-card=inside] > summary").unwrap();
        browser.find("[data-card=module]").unwrap();
    }
}
