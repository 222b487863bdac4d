//! Pictures of every state, in light and dark, for a phone, a tablet and a desk: files for people to look at. What a
//! program can see is checked too: nothing is wider than the screen, nothing jumps while it loads.

use provenear_tests::browser::Browser;
use provenear_tests::devnet::{Fault, Where};
use provenear_tests::rows::trusted;
use serde_json::json;

use crate::visit::{Visit, pictures};

const WIDTHS: [u32; 3] = [320, 768, 1440];

/// Takes the pictures of what is shown, each as long as the page.
pub(crate) fn photograph(browser: &Browser, name: &str) {
    for scheme in ["light", "dark"] {
        let media = json!({ "features": [{ "name": "prefers-color-scheme", "value": scheme }] });
        browser.devtools("Emulation.setEmulatedMedia", media).unwrap();
        for width in WIDTHS {
            let size =
                |height: u64| json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": false });
            browser.devtools("Emulation.setDeviceMetricsOverride", size(900)).unwrap();
            let wide = "return document.documentElement.scrollWidth";
            let found = browser.script(wide, vec![]).unwrap();
            assert!(found.as_u64().unwrap() <= u64::from(width), "{name} is {found} px wide on a screen of {width} px");
            let high = browser.script("return document.documentElement.scrollHeight", vec![]).unwrap();
            browser
                .devtools("Emulation.setDeviceMetricsOverride", size(high.as_u64().unwrap().clamp(600, 6_000)))
                .unwrap();
            browser.screenshot(&pictures().join(format!("{name}-{width}-{scheme}.png"))).unwrap();
        }
    }
    browser.devtools("Emulation.clearDeviceMetricsOverride", json!({})).unwrap();
}

#[test]
fn every_state_is_photographed() {
    let visit = Visit::at_the_devnet();
    visit.trust(&trusted().public_key(), "Alice");
    for row in &visit.rows {
        visit.act(row);
        photograph(&visit.browser, &format!("verdict-{}", row.name));
    }
    visit.open("#/");
    visit.browser.find("#subject").unwrap();
    photograph(&visit.browser, "home");
    visit.open("#/settings");
    visit.browser.find("#add-key").unwrap();
    photograph(&visit.browser, "settings");
    visit.open("#/about");
    visit.browser.until("the view", "return !document.querySelector('main [aria-busy]')", &[]).unwrap();
    photograph(&visit.browser, "about");
    visit.one.misbehave(Where::kind("view_code"), Fault::Hang);
    visit.two.misbehave(Where::kind("view_code"), Fault::Hang);
    visit.account("honest.devnet");
    visit.browser.find("[data-state=loading]").unwrap();
    photograph(&visit.browser, "loading");
    visit.one.behave();
    visit.two.behave();
    visit.one.misbehave(Where::all(), Fault::Status(502, None));
    visit.account("honest.devnet");
    visit.error("rpc-unreachable");
    photograph(&visit.browser, "could-not-look");
    visit.open("#/nowhere");
    visit.browser.find("h1").unwrap();
    photograph(&visit.browser, "nowhere");
}
