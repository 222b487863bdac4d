//! Every view and every state, in light and dark, for a phone, a tablet and a desk: files for people to look at. What a
//! program can see is checked too: nothing is wider than the screen, nothing shuts anybody out (axe-core).
//! A new view joins by one line in [`VIEWS`].

use provenear_tests::browser::{Browser, Kind, Scheme};
use provenear_tests::devnet::{Fault, Where};
use provenear_tests::fixtures::COUNTER_PINNED;
use provenear_tests::rows::trusted;
use serde_json::json;

use crate::visit::{Visit, drawn, pictures};
use crate::{axe, proposals, records, sources};

in_browsers! {
    both: [every_view_is_whole_and_open_to_everybody, a_fault_is_noticed],
    chromium: [every_verdict_is, every_other_state_is],
}

/// One view under its link.
pub(crate) struct View {
    /// As part of file names.
    pub(crate) name: &'static str,
    /// What stands behind the page's address.
    pub(crate) link: &'static str,
    /// Its heading.
    title: &'static str,
    /// What is there once all of it is shown.
    shown: &'static str,
    /// A card that is folded up, and what is there once it is open.
    inside: Option<(&'static str, &'static str)>,
}

const fn view(name: &'static str, link: &'static str, title: &'static str, shown: &'static str) -> View {
    View { name, link, title, shown, inside: None }
}

/// The account of that name, with a card that is opened.
const fn card(name: &'static str, link: &'static str, title: &'static str, inside: [&'static str; 2]) -> View {
    View { name, link, title, shown: "[data-card=past]", inside: Some((inside[0], inside[1])) }
}

/// Every view, for a reader who knows the devnet, with what [`stage`] puts there.
pub(crate) const VIEWS: &[View] = &[
    view("home", "#/", "Is the code on chain the code in the source?", "#subject"),
    view("account", "#/devnet-test/honest.devnet", "honest.devnet", "[data-verdict=not-rebuilt]"),
    view("code", "#/code/4reLvkAWfqk5fsqio1KLudk46cqRz9erQdaHkWZKMJDZ", NO_CODE, ".banner[data-error]"),
    view("proposal", "#/devnet-test/dao.devnet/proposal/7", "Proposal 7 of dao.devnet", "[data-verdict=not-rebuilt]"),
    card("records", "#/devnet-test/recorded.devnet", "recorded.devnet", ["records", "[data-record=same]"]),
    card("history", "#/devnet-test/past.devnet", "past.devnet", ["past", "#history-url"]),
    card(
        "sources",
        "#/devnet-test/sourced.devnet",
        "sourced.devnet",
        ["sources", "[data-open='README.md'] [data-shown]"],
    ),
    view("compare", "#/compare", "Compare two modules", "main:not(:has([data-chosen])) [data-side=second]"),
    view(
        "compared",
        "#/compare?a=devnet-test/honest.devnet&b=devnet-test/tampered.devnet",
        "Compare two modules",
        PARTS,
    ),
    view("settings", "#/settings", "Settings", "#add-key"),
    view("about", "#/about", "What this page does, and what it cannot", "article.prose"),
    view("nowhere", "#/nowhere", "This link leads nowhere", "main > h1"),
];
const NO_CODE: &str = "4reLvkAWfqk5fsqio1KLudk46cqRz9erQdaHkWZKMJDZ";
const PARTS: &str = "[data-card=parts]";

impl View {
    /// Waits until it is there.
    pub(crate) fn wait(&self, browser: &Browser) {
        let there = "return document.querySelector('main h1')?.innerText === arguments[0] && document.querySelector(arguments[1]) !== null";
        browser.until(self.name, there, &[json!(self.title), json!(self.shown)]).unwrap();
    }
}

/// What the views show.
pub(crate) fn stage(visit: &Visit) {
    proposals::put(visit, COUNTER_PINNED);
    records::put(visit, "recorded.devnet");
    visit.one.deploy("recorded.devnet", COUNTER_PINNED);
    visit.one.deploy("past.devnet", COUNTER_PINNED);
    sources::put(visit, "sourced.devnet");
}

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
    browser.script("scrollTo(0, 0)", vec![]).unwrap();
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
pub(crate) fn look(browser: &Browser, name: &str) {
    drawn(browser);
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
    stage(&visit);
    for view in VIEWS {
        visit.open(view.link);
        view.wait(&visit.browser);
        if let Some((card, opened)) = view.inside {
            visit.browser.click(&format!("[data-card={card}] > summary")).unwrap();
            visit.browser.find(opened).unwrap();
        }
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
    browser.script("window.dispatchEvent(new DragEvent('dragleave'))", vec![]).unwrap();
    browser.until("nothing to drop", "return document.querySelector('.dropzone:not([hidden])') === null", &[]).unwrap();
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
