//! What comes out of a printer: the whole answer with its evidence open, on few sheets. The file is kept to be looked at.

use provenear_tests::browser::Kind;
use provenear_tests::rows::{Row, trusted};

use crate::visit::{Visit, pictures};

#[test]
fn an_answer_is_printed_with_all_evidence() {
    let visit = Visit::at_the_devnet(Kind::Chromium);
    let browser = &visit.browser;
    visit.trust(&trusted().public_key(), "Alice");
    visit.act(Row::named(&visit.rows, "honest"));
    let instead = "window.print = () => { document.documentElement.dataset.printed = ''; }";
    browser.script(instead, vec![]).unwrap();
    browser.click("[data-action=print]").unwrap();
    browser.find("html[data-printed]").unwrap();
    let opened = "return document.querySelectorAll('main details:not(.intake):not([open])').length === 0 \
                  && document.querySelector('[data-card=abi]') !== null";
    browser.until("all evidence is open", opened, &[]).unwrap();
    let sheets = |paper: &[u8]| paper.windows(12).filter(|it| it.starts_with(b"/Type /Page") && it[11] != b's').count();
    let paper = browser.print().unwrap();
    std::fs::write(pictures().join("answer.pdf"), &paper).unwrap();
    // Without what the page is about, next to nothing is left.
    browser.script("document.querySelector('main').replaceChildren()", vec![]).unwrap();
    let empty = browser.print().unwrap();
    assert!(paper.len() > 2 * empty.len(), "{} and {} bytes", paper.len(), empty.len());
    assert!((2..=10).contains(&sheets(&paper)), "{} sheets", sheets(&paper));
}
