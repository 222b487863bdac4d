//! What comes out of a printer: the whole answer with its evidence open, on few sheets, and where it is from. Nobody is asked
//! for it. The file is kept to be looked at.

use provenear_tests::browser::Kind;
use provenear_tests::rows::{Row, trusted};
use serde_json::json;

use crate::records;
use crate::visit::{Visit, pictures};

in_both_browsers!(printing_asks_nobody_and_says_where_it_is_from);

/// Presses "Print" and waits until all evidence that asks nobody is open.
fn press(visit: &Visit) {
    let instead = "window.print = () => { dispatchEvent(new Event('beforeprint')); document.documentElement.dataset.printed = ''; }";
    visit.browser.script(instead, vec![]).unwrap();
    visit.browser.click("[data-action=print]").unwrap();
    visit.browser.find("html[data-printed]").unwrap();
    let opened = "return document.querySelectorAll('main details:not(.intake, [data-asks]):not([open])').length === 0 \
                  && document.querySelector('[data-card=abi]') !== null";
    visit.browser.until("all evidence is open", opened, &[]).unwrap();
}

fn printing_asks_nobody_and_says_where_it_is_from(kind: Kind) {
    let visit = Visit::at_the_devnet(kind);
    let browser = &visit.browser;
    let alice = trusted().public_key();
    records::put(&visit, "honest.devnet");
    visit.trust(&alice, "Alice");
    visit.act(Row::named(&visit.rows, "honest"));
    visit.one.forget();
    visit.two.forget();
    let before = visit.site.requests().len();
    press(&visit);
    let asked: Vec<String> = [&visit.one, &visit.two].iter().flat_map(|it| it.received()).map(|it| it.kind).collect();
    assert_eq!(asked, Vec::<String>::new());
    assert_eq!(visit.site.requests().len(), before, "the page's host was asked");
    let said = "return document.querySelector('[data-card=paper]').textContent";
    let said = browser.script(said, vec![]).unwrap().as_str().unwrap().to_owned();
    let address = browser.script("return location.href", vec![]).unwrap().as_str().unwrap().to_owned();
    let version = format!("Provenear {}, of ", env!("CARGO_PKG_VERSION"));
    let store = format!("{}/manifests/", visit.site.url());
    let key = format!("Alice: {} ({})", alice.to_near(), alice.fingerprint());
    for part in [&address, &version, &visit.one.url(), &visit.two.url(), &store, &key, "20", "published"] {
        assert!(said.contains(part), "`{part}` is not in {said}");
    }
    // What the reader opens is printed too.
    browser.click("[data-card=records] > summary").unwrap();
    browser.find("[data-card=records] [data-record=same]").unwrap();
    assert_eq!(browser.count("[data-card=records][data-asks]").unwrap(), 0);
    visit.leaves_no_trace();
}

#[test]
fn an_answer_is_printed_with_all_evidence() {
    let visit = Visit::at_the_devnet(Kind::Chromium);
    let browser = &visit.browser;
    visit.trust(&trusted().public_key(), "Alice");
    visit.act(Row::named(&visit.rows, "honest"));
    press(&visit);
    let sheets = |paper: &[u8]| paper.windows(12).filter(|it| it.starts_with(b"/Type /Page") && it[11] != b's').count();
    let paper = browser.print().unwrap();
    std::fs::write(pictures().join("answer.pdf"), &paper).unwrap();
    // Hashes are whole, and what is only for paper is there.
    let shown = "const there = [...document.querySelectorAll('main .hash')].filter(it => it.checkVisibility()); \
                 const whole = there.filter(it => getComputedStyle(it, '::before').content === JSON.stringify(it.dataset.full) \
                     && getComputedStyle(it.querySelector('.reveal')).display === 'none'); \
                 return [there.length > 3, whole.length === there.length, \
                     document.querySelector('[data-card=paper]').checkVisibility(), document.querySelector('[data-card=records]').checkVisibility()]";
    assert_eq!(browser.script(shown, vec![]).unwrap(), json!([true, false, false, true]));
    browser.devtools("Emulation.setEmulatedMedia", json!({ "media": "print" })).unwrap();
    assert_eq!(browser.script(shown, vec![]).unwrap(), json!([true, true, true, false]));
    browser.viewport(Some((720, 1_600))).unwrap();
    browser.script("scrollTo(0, 1e6)", vec![]).unwrap();
    browser.screenshot(&pictures().join("answer-on-paper.png")).unwrap();
    browser.viewport(None).unwrap();
    browser.devtools("Emulation.setEmulatedMedia", json!({ "media": "" })).unwrap();
    // Without what the page is about, next to nothing is left.
    browser.script("document.querySelector('main').replaceChildren()", vec![]).unwrap();
    let empty = browser.print().unwrap();
    assert!(paper.len() > 2 * empty.len(), "{} and {} bytes", paper.len(), empty.len());
    assert!((2..=10).contains(&sheets(&paper)), "{} sheets", sheets(&paper));
}
