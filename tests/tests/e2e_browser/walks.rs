//! The page without a mouse, with its history, read aloud, with less motion.

use provenear_tests::browser::{Browser, Kind};
use provenear_tests::devnet::{Fault, Where};
use provenear_tests::rows::trusted;
use serde_json::json;

use crate::screens::{VIEWS, stage};
use crate::visit::{CHAIN, Visit};

in_both_browsers!(
    the_main_path_needs_no_mouse,
    back_forward_and_reload_lead_where_they_should,
    what_changes_is_said_aloud,
    less_motion_is_none,
);

/// WebDriver's names of keys.
const TAB: &str = "\u{e004}";
const ENTER: &str = "\u{e007}";
const RIGHT: &str = "\u{e014}";
/// Tab with Shift held down.
const BACK_TAB: &str = "\u{e008}\u{e004}\u{e008}";

/// What has the focus, and whether that is to be seen: an outline around it, or around the label of a hidden picker.
const FOCUS: &str = "const it = document.activeElement; \
    const marked = el => { const style = getComputedStyle(el); return style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2; }; \
    return [it.matches(arguments[0]), marked(it) || it.matches('.hidden-file') && marked(it.closest('label')), it.outerHTML.slice(0, 200)]";

/// Presses a key until the focus is on an element; each stop on the way shows that it has the focus.
fn walk_to(browser: &Browser, key: &str, css: &str) {
    for _ in 0..80 {
        browser.press(key).unwrap();
        let (there, seen, html): (bool, bool, String) =
            serde_json::from_value(browser.script(FOCUS, vec![json!(css)]).unwrap()).unwrap();
        assert!(seen, "nobody sees that this has the focus: {html}");
        if there {
            return;
        }
    }
    panic!("no key press leads to `{css}`");
}

fn the_main_path_needs_no_mouse(kind: Kind) {
    let visit = Visit::at_the_devnet(kind);
    let browser = &visit.browser;
    visit.open("#/");
    browser.find("#subject").unwrap();
    walk_to(browser, TAB, "a.skip");
    walk_to(browser, TAB, "#subject");
    walk_to(browser, TAB, "#network");
    browser.press("dev").unwrap();
    walk_to(browser, BACK_TAB, "#subject");
    browser.press("honest.devnet").unwrap();
    browser.press(ENTER).unwrap();
    visit.verdict("not-rebuilt");
    let at = "return document.activeElement.id === 'main'";
    browser.until("the focus is on the answer", at, &[]).unwrap();
    walk_to(browser, BACK_TAB, "#find");
    browser.press("silent.devnet").unwrap();
    walk_to(browser, TAB, ".find button");
    browser.press(ENTER).unwrap();
    visit.verdict("not-rebuildable");
    browser.back().unwrap();
    visit.verdict("not-rebuilt");

    browser.find("[data-step=Image]").unwrap();
    walk_to(browser, TAB, "[data-step][aria-selected=true]");
    walk_to(browser, RIGHT, "[data-step=Image]");
    browser.find("[data-step=Image][aria-selected=true]").unwrap();
    walk_to(browser, TAB, ".hash .reveal");
    browser.press(" ").unwrap();
    browser.find(".hash .reveal[aria-expanded=true]").unwrap();
    walk_to(browser, TAB, ".copy");
    browser.press(ENTER).unwrap();
    says(browser, "Copied.");
    walk_to(browser, TAB, "[data-card=inside] > summary");
    browser.press(ENTER).unwrap();
    browser.find("[data-card=inside] [data-card=abi]").unwrap();

    browser.back().unwrap();
    browser.find("#subject").unwrap();
    browser.until("the focus is on the view", at, &[]).unwrap();
    walk_to(browser, BACK_TAB, "nav a[href='#/settings']");
    browser.press(ENTER).unwrap();
    browser.find("#add-key").unwrap();
    walk_to(browser, TAB, "#key-name");
    browser.press("Alice").unwrap();
    walk_to(browser, TAB, "#key");
    browser.press(&trusted().public_key().to_near()).unwrap();
    walk_to(browser, TAB, "#add-key");
    browser.press(ENTER).unwrap();
    browser.find(&format!("[data-key=\"{}\"]", trusted().public_key().to_near())).unwrap();
    says(browser, "Saved.");
    visit.leaves_no_trace();
}

/// Waits until a screen reader is told these words.
fn says(browser: &Browser, words: &str) {
    let said =
        "return [...document.querySelectorAll('[role=status]')].some(it => it.textContent.includes(arguments[0]))";
    browser.until(&format!("the announcement `{words}`"), said, &[json!(words)]).unwrap();
}

fn back_forward_and_reload_lead_where_they_should(kind: Kind) {
    let visit = Visit::at_the_devnet(kind);
    let browser = &visit.browser;
    visit.trust(&trusted().public_key(), "Alice");
    stage(&visit);
    visit.open(VIEWS[0].link);
    VIEWS[0].wait(browser);
    for view in &VIEWS[1..] {
        browser.script("location.hash = arguments[0]", vec![json!(view.link)]).unwrap();
        view.wait(browser);
    }
    for view in VIEWS.iter().rev().skip(1) {
        browser.back().unwrap();
        view.wait(browser);
    }
    for view in &VIEWS[1..] {
        browser.forward().unwrap();
        view.wait(browser);
        browser.reload().unwrap();
        view.wait(browser);
        let link = browser.script("return location.hash", vec![]).unwrap();
        assert_eq!(link, view.link, "what is shared is what was opened");
    }
}

fn what_changes_is_said_aloud(kind: Kind) {
    let visit = Visit::at_the_devnet(kind);
    let browser = &visit.browser;
    for node in [&visit.one, &visit.two] {
        node.misbehave(Where::kind("view_code"), Fault::Hang);
    }
    visit.account("honest.devnet");
    says(browser, "Looking");
    for node in [&visit.one, &visit.two] {
        node.behave();
    }
    visit.account("honest.devnet");
    visit.verdict("not-rebuilt");
    says(browser, &browser.text(".banner h2").unwrap());
    let tab = browser.script("return document.title", vec![]).unwrap().to_string();
    assert!(tab.contains("honest.devnet") && tab.contains(&browser.text(".banner h2").unwrap()), "{tab}");
    visit.account("nobody.devnet");
    visit.error("unknown-account");
    says(browser, "No such account");
    visit.open("#/");
    browser.fill("#subject", &format!("No Such Thing{ENTER}")).unwrap();
    let alert = "return document.querySelector('[role=alert]:not([hidden])').innerText !== ''";
    browser.until("a complaint", alert, &[]).unwrap();
}

fn less_motion_is_none(kind: Kind) {
    let visit = Visit::new(kind);
    visit.set_network(&[&visit.one.url()]);
    visit.one.misbehave(Where::kind("view_code"), Fault::Hang);
    visit.open(&format!("#/{CHAIN}/honest.devnet"));
    visit.browser.find("[data-state=loading] .icon").unwrap();
    let moving = "return document.getAnimations().length > 0";
    visit.browser.until("the picture breathes", moving, &[]).unwrap();
    visit.browser.less_motion().unwrap();
    visit.browser.until("it holds still", "return document.getAnimations().length === 0", &[]).unwrap();
}
