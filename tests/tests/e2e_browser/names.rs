//! What is heard and reached without eyes and mouse: every control has a name of its own, steps are tabs, the focus is never
//! lost with what had it.

use std::path::Path;

use provenear_tests::browser::{Browser, Kind};
use provenear_tests::devnet::{Fault, Where};
use provenear_tests::rows::{Row, trusted};
use serde_json::{Value, json};

use crate::screens::{VIEWS, stage};
use crate::visit::{Visit, drawn};

in_both_browsers!(the_steps_of_the_chain_are_tabs, the_focus_outlives_what_had_it, copying_is_named_by_what_is_copied);

/// Roles whose names are all that somebody hears of them.
const CONTROLS: [&str; 9] =
    ["button", "link", "tab", "textbox", "searchbox", "combobox", "checkbox", "spinbutton", "DisclosureTriangle"];

/// Role and name of everything in the accessibility tree.
fn spoken(browser: &Browser) -> Vec<(String, String)> {
    let tree = browser.devtools("Accessibility.getFullAXTree", json!({})).unwrap();
    let nodes = tree["nodes"].as_array().unwrap();
    let text = |node: &Value, what: &str| node[what]["value"].as_str().unwrap_or_default().to_owned();
    nodes.iter().filter(|it| it["ignored"] != true).map(|it| (text(it, "role"), text(it, "name"))).collect()
}

/// Roles that are in the tree for its own sake.
const UNHEARD: [&str; 5] = ["generic", "none", "InlineTextBox", "LineBreak", "ListMarker"];

/// What is heard of a view, a line each. Words with digits or a cut in them are another one on every run.
fn transcript(heard: &[(String, String)]) -> String {
    let word =
        |word: &str| if word.contains(|it: char| it.is_ascii_digit() || it == '…') { "#" } else { word }.to_owned();
    let line = |(role, name): &(String, String)| {
        let name: Vec<String> = name.split_whitespace().map(word).collect();
        format!("{role}: {}\n", name.join(" "))
    };
    heard.iter().filter(|(role, _)| !UNHEARD.contains(&role.as_str())).map(line).collect()
}

/// Where what is heard of a view is not what is recorded in `testdata/spoken`; with `PROVENEAR_RECORD=1` it is recorded anew.
fn differs_from_record(view: &str, heard: &[(String, String)]) -> Option<String> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/spoken").join(format!("{view}.txt"));
    let heard = transcript(heard);
    if std::env::var_os("PROVENEAR_RECORD").is_some() {
        std::fs::write(&file, heard).unwrap();
        return None;
    }
    let recorded = std::fs::read_to_string(&file).unwrap_or_default();
    let at = recorded.lines().zip(heard.lines()).position(|(recorded, heard)| recorded != heard);
    let at = at.unwrap_or_else(|| recorded.lines().count().min(heard.lines().count()));
    let line = |text: &str| text.lines().nth(at).unwrap_or("nothing").to_owned();
    (recorded != heard).then(|| {
        let (expected, found) = (line(&recorded), line(&heard));
        format!(
            "{view}, line {}: `{found}` is heard where `{expected}` is recorded; PROVENEAR_RECORD=1 records it",
            at + 1
        )
    })
}

#[test]
fn every_control_of_every_view_has_a_name() {
    let visit = Visit::at_the_devnet(Kind::Chromium);
    let browser = &visit.browser;
    visit.trust(&trusted().public_key(), "Alice");
    stage(&visit);
    let (mut wrong, mut changed) = (Vec::new(), Vec::new());
    for view in VIEWS {
        visit.open(view.link);
        view.wait(browser);
        drawn(browser);
        let heard = spoken(browser);
        changed.extend(differs_from_record(view.name, &heard));
        let controls: Vec<_> = heard.into_iter().filter(|(role, _)| CONTROLS.contains(&role.as_str())).collect();
        assert!(controls.len() > 4, "{}: {controls:?}", view.name);
        let is_nameless = |name: &str| name.trim().chars().filter(|it| it.is_alphanumeric()).count() < 2;
        let nameless = controls.iter().filter(|(_, name)| is_nameless(name) || name == "Copy");
        wrong.extend(nameless.map(|control| format!("{}: {control:?}", view.name)));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(changed.is_empty(), "{}", changed.join("\n"));
    // A fault is noticed.
    browser.script("document.querySelector('main').append(document.createElement('button'))", vec![]).unwrap();
    assert!(spoken(browser).contains(&("button".to_owned(), String::new())));
}

fn copying_is_named_by_what_is_copied(kind: Kind) {
    let visit = Visit::at_the_devnet(kind);
    visit.trust(&trusted().public_key(), "Alice");
    visit.act(Row::named(&visit.rows, "honest"));
    let names = visit.browser.attributes("main .copy", "aria-label").unwrap();
    for name in ["Copy the code hash", "Copy the commit", "Copy the digest", "Copy the key", "Copy the command"] {
        assert!(names.iter().any(|it| it == name), "{name}: {names:?}");
    }
}

fn the_steps_of_the_chain_are_tabs(kind: Kind) {
    let visit = Visit::at_the_devnet(kind);
    let browser = &visit.browser;
    visit.account("honest.devnet");
    visit.verdict("not-rebuilt");
    browser.find("[role=tablist] [role=tab]").unwrap();
    // The chosen tab alone is reached by Tab, has the focus, and shows its panel alone, which is named by it.
    let whole = "const tabs = [...document.querySelectorAll('[role=tab]')], panels = [...document.querySelectorAll('[role=tabpanel]')]; \
                 const at = tabs.findIndex(it => it.ariaSelected === 'true' || it.getAttribute('aria-selected') === 'true'); \
                 return tabs.length === 5 && at === arguments[0] && document.activeElement === tabs[at] && \
                   tabs.every((it, n) => it.tabIndex === (n === at ? 0 : -1) && it.getAttribute('aria-controls') === panels[n].id \
                     && panels[n].getAttribute('aria-labelledby') === it.id && panels[n].hidden === (n !== at))";
    let chosen = |at: usize| browser.until(&format!("tab {at}"), whole, &[json!(at)]).unwrap();
    browser
        .script("document.querySelector('[role=tab]').click(); document.querySelector('[role=tab]').focus()", vec![])
        .unwrap();
    chosen(0);
    let [right, left, up, down, home, end] = ["\u{e014}", "\u{e012}", "\u{e013}", "\u{e015}", "\u{e011}", "\u{e010}"];
    for (key, at) in [(right, 1), (down, 2), (up, 1), (left, 0), (left, 4), (right, 0), (end, 4), (home, 0)] {
        browser.press(key).unwrap();
        chosen(at);
    }
}

fn the_focus_outlives_what_had_it(kind: Kind) {
    let visit = Visit::at_the_devnet(kind);
    let browser = &visit.browser;
    for node in [&visit.one, &visit.two] {
        node.misbehave(Where::all(), Fault::Status(502, None));
    }
    visit.account("honest.devnet");
    visit.error("rpc-unreachable");
    for node in [&visit.one, &visit.two] {
        node.behave();
    }
    browser.click("[data-action=retry]").unwrap();
    visit.verdict("not-rebuilt");
    let at = "return document.activeElement.id === 'main'";
    browser.until("the focus is on the view", at, &[]).unwrap();
}
