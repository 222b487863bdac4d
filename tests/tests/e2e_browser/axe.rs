//! axe-core in the page: the rules of WCAG 2.2 AA, and of good practice, that a program can check. It is handed in by
//! WebDriver: the page's own policy would not let it in.

use std::sync::LazyLock;

use provenear_tests::browser::Browser;
use provenear_tests::ground::Ground;
use serde_json::{Value, json};

static AXE: LazyLock<String> = LazyLock::new(|| Ground::read().unwrap().axe().unwrap());

const RUN: &str = "const done = arguments[arguments.length - 1]; \
    const brief = ({ id, help, nodes }) => `${id}: ${help}\\n` + nodes.map(it => `  ${it.html}\\n    ${it.failureSummary}`).join('\\n'); \
    const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22a', 'wcag22aa', 'best-practice']; \
    axe.run(document, { runOnly: tags, resultTypes: ['violations'] }) \
      .then(({ violations, passes }) => done([violations.map(brief), passes.length]), error => done([[String(error)], 0]));";

/// What shuts people out of the page as it stands.
pub(crate) fn violations(browser: &Browser) -> Vec<String> {
    if browser.script("return typeof axe", vec![]).unwrap() == json!("undefined") {
        browser.script(&AXE, vec![]).unwrap();
    }
    let found: (Vec<String>, u64) = serde_json::from_value(browser.script_async(RUN, vec![]).unwrap()).unwrap();
    assert!(found.1 > 10 || !found.0.is_empty(), "axe-core has looked at {} rules only", found.1);
    found.0
}

/// A page with a fault: the other tests claim that there is none, this one shows that they would notice.
pub(crate) fn spoil(browser: &Browser) {
    let script = "const faint = document.createElement('p'); faint.textContent = arguments[0]; \
        faint.style.cssText = 'color:#aaa;background:#fff'; document.querySelector('main').append(faint, new Image())";
    browser.script(script, vec![Value::from("hardly to be read")]).unwrap();
}
