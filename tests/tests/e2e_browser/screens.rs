//! Every view and every state, in light and dark, for a phone, a tablet and a desk: files for people to look at. What a
//! program can see is checked too: nothing is wider than the screen, nothing shuts anybody out (axe-core).
//! A new view joins by one line in [`VIEWS`].

use provenear_tests::browser::{Browser, Kind, Scheme};
use provenear_tests::devnet::{Fault, Where};
use provenear_tests::rows::trusted;

use crate::axe;
use crate::visit::{Visit, pictures};

in_both_browsers!(
    every_view_is_whole_and_open_to_everybody,
    every_verdict_is,
    every_other_state_is,
    a_fault_is_noticed
);

/// One view under its link.
pub(crate) struct View {
    /// As part of file names.
    pub(crate) name: &'static str,
    /// What stands behind the page's address.
    pub(crate) link: &'static str,
    /// What is there once all of it is shown.
    pub(crate) shown: &'static str,
}

const fn view(name: &'static str, link: &'static str, shown: &'static str) -> View {
    View { name, link, shown }
}

/// Every view, for a reader who knows the devnet.
pub(crate) const VIEWS: &[View] = &[
    view("home", "#/", "#subject"),
    view("account", "#/devnet-test/honest.devnet", "[data-verdict=not-rebuilt]"),
    view("code", "#/code/4reLvkAWfqk5fsqio1KLudk46cqRz9erQdaHkWZKMJDZ", ".banner[data-error]"),
    view("compare", "#/compare", "main [data-side]"),
    view("settings", "#/settings", "#add-key"),
    view("about", "#/about", "article.prose"),
    view("nowhere", "#/nowhere", "main > h1"),
];

/// A phone, a tablet, a desk.
const WIDTHS: [u32; 3] = [320, 768, 1440];

/// Takes the pictures of what is shown, each as long as the page.
pub(crate) fn photograph(browser: &Browser, name: &str) {
    let measure =
        |what: &str| browser.script(&format!("return document.documentElement.{what}"), vec![]).unwrap().as_u64();
    let (folder, widths) = match browser.kind() {
        Kind::Chromium => ("chromium", &WIDTHS[..]),
        // Where it is tightest: one set of pictures in full is enough to look at.
        Kind::Firefox => ("firefox", &WIDTHS[..1]),
    };
    for scheme in [Scheme::Light, Scheme::Dark] {
        browser.scheme(scheme).unwrap();
        for &width in widths {
            browser.viewport(Some((width, 900))).unwrap();
            let found = measure("scrollWidth").unwrap();
            assert!(found <= u64::from(width), "{name} is {found} px wide on a screen of {width} px");
            let height = u32::try_from(measure("scrollHeight").unwrap().clamp(600, 6_000)).unwrap();
            browser.viewport(Some((width, height))).unwrap();
            browser.screenshot(&pictures().join(folder).join(format!("{name}-{width}-{}.png", scheme.word()))).unwrap();
        }
    }
    browser.viewport(None).unwrap();
}

/// Takes the pictures, and lets axe-core look too.
fn look(browser: &Browser, name: &str) {
    browser.until("all of it is there", "return !document.querySelector('main [aria-busy]')", &[]).unwrap();
    photograph(browser, name);
    for scheme in [Scheme::Light, Scheme::Dark] {
        browser.scheme(scheme).unwrap();
        let found = axe::violations(browser);
        assert!(found.is_empty(), "{name}, {}:\n{}", scheme.word(), found.join("\n"));
    }
}

fn every_view_is_whole_and_open_to_everybody(kind: Kind) {
    let visit = Visit::at_the_devnet(kind);
    visit.trust(&trusted().public_key(), "Alice");
    for view in VIEWS {
        visit.open(view.link);
        visit.browser.find(view.shown).unwrap();
        look(&visit.browser, view.name);
    }
}

fn every_verdict_is(kind: Kind) {
    let visit = Visit::at_the_devnet(kind);
    visit.trust(&trusted().public_key(), "Alice");
    for row in &visit.rows {
        visit.act(row);
        look(&visit.browser, &format!("verdict-{}", row.name));
    }
}

fn every_other_state_is(kind: Kind) {
    let visit = Visit::at_the_devnet(kind);
    let browser = &visit.browser;
    visit.open("#/devnet-test/honest.devnet?manifest=https://elsewhere.example/m.jsonl");
    visit.verdict("not-rebuilt");
    browser.find("[data-action=fetch-manifest]").unwrap();
    look(browser, "asks-before-it-fetches");
    // Everything that can be opened, opened.
    let open = "document.querySelectorAll('main details').forEach(it => it.open = true)";
    browser.script(open, vec![]).unwrap();
    browser.find("[data-card=inside] [data-card]").unwrap();
    let waits = "return !document.querySelector('main [aria-busy]')";
    browser.until("everything is there", waits, &[]).unwrap();
    look(browser, "opened");
    visit.open("#/");
    let over = "window.dispatchEvent(new DragEvent('dragover', { cancelable: true }))";
    browser.find("#subject").unwrap();
    browser.script(over, vec![]).unwrap();
    browser.find(".dropzone:not([hidden])").unwrap();
    look(browser, "drop");
    browser.fill("#subject", "No Such Thing\u{e007}").unwrap();
    browser.until("a complaint", "return document.querySelector('#complaint').innerText !== ''", &[]).unwrap();
    look(browser, "home-complains");
    for node in [&visit.one, &visit.two] {
        node.misbehave(Where::kind("view_code"), Fault::Hang);
    }
    visit.account("honest.devnet");
    browser.find("[data-state=loading]").unwrap();
    look(browser, "loading");
    visit.two.behave();
    visit.one.behave();
    visit.one.misbehave(Where::all(), Fault::Status(502, None));
    visit.account("honest.devnet");
    visit.error("rpc-unreachable");
    look(browser, "could-not-look");
}

fn a_fault_is_noticed(kind: Kind) {
    let visit = Visit::new(kind);
    visit.browser.find("#subject").unwrap();
    axe::spoil(&visit.browser);
    let found = axe::violations(&visit.browser).join("\n");
    assert!(found.contains("color-contrast") && found.contains("image-alt"), "{found}");
}
