//! The field that is there before any program: what is typed or asked there is not lost, and nothing jumps.

use provenear_tests::browser::Kind;
use serde_json::json;

use crate::visit::{CHAIN, Visit};

in_both_browsers!(what_is_typed_before_the_page_is_there_goes_on);

fn what_is_typed_before_the_page_is_there_goes_on(kind: Kind) {
    let visit = Visit::at_the_devnet(kind);
    let browser = &visit.browser;
    // The programs begin when the test says so.
    visit.change_script("boot", "early();", "early();\nawait new Promise((go) => (self.go = go));");
    let open = |link: &str| browser.open(&format!("{}/{link}", visit.site.url())).unwrap();
    let go = || browser.script("self.go(); return true", vec![]).unwrap();
    // Where each stands and what it says, but for the buttons that come with the programs.
    let seen = |root: &str| {
        let parts = "return ['h1', '.lead', 'form label', 'form input[type=text]', 'form [type=submit]'].map((part) => { \
                     const it = document.querySelector(arguments[0] + ' ' + part); const box = it.getBoundingClientRect(); \
                     return [it.textContent.replace(/\\s+/g, ' ').trim(), Math.round(box.top), Math.round(box.left)]; })";
        browser.script(parts, vec![json!(root)]).unwrap()
    };

    let typed = format!("#/{CHAIN}/honest.dev");
    open("#/");
    browser.find("#early").unwrap();
    browser.fill("#early input", &typed).unwrap();
    let before = seen("#early");
    go();
    let taken = "return document.activeElement?.id === 'subject' && document.activeElement.value === arguments[0] \
                 && document.querySelector('#early') === null";
    browser.until("the same text in the page's own field", taken, &[json!(typed)]).unwrap();
    assert_eq!(seen("main"), before, "nothing jumps");
    browser.fill("#subject", "net\u{e007}").unwrap();
    visit.verdict("not-rebuilt");

    open("#/");
    browser.fill("#early input", &format!("{typed}net\u{e007}")).unwrap();
    go();
    visit.verdict("not-rebuilt");

    // On another view it is not there.
    open("#/settings");
    browser.until("the scripts wait", "return self.go !== undefined", &[]).unwrap();
    assert_eq!(browser.count("#early").unwrap(), 0);
    go();
    browser.find("#add-key").unwrap();
    assert_eq!(browser.count("#early").unwrap(), 0);
}
