//! The page inside of another page, which could lead a click to a button of it: nothing can be clicked there.

use provenear_tests::browser::Kind;
use provenear_tests::static_server::{StaticOptions, StaticServer};

use crate::visit::Visit;

in_both_browsers!(a_frame_shows_an_address_and_nothing_to_click);

/// What a person could click or type into.
const CLICKABLE: &str =
    "a, area, button, input, select, textarea, label, summary, details, [tabindex], [onclick], [contenteditable]";

fn a_frame_shows_an_address_and_nothing_to_click(kind: Kind) {
    let visit = Visit::new(kind);
    let page = format!("{}/#/settings", visit.site.url());
    let elsewhere = tempfile::tempdir().unwrap();
    let other = StaticServer::start(elsewhere.path(), StaticOptions::default()).unwrap();
    for (name, attribute) in [("plain", ""), ("scripts", "sandbox='allow-scripts allow-forms'"), ("sandbox", "sandbox")]
    {
        let framing =
            format!("<!doctype html><title>x</title><iframe {attribute} src='{page}' width=900 height=900></iframe>");
        // From the page's own origin, and from another.
        for (folder, origin) in [(visit.folder.path(), visit.site.url()), (elsewhere.path(), other.url())] {
            std::fs::write(folder.join(format!("{name}.html")), &framing).unwrap();
            visit.browser.open(&format!("{origin}/{name}.html")).unwrap();
            visit.browser.enter_frame("iframe").unwrap();
            if name == "plain" {
                visit.browser.find("#framed:not([hidden])").unwrap();
                let said = visit.browser.seen("#framed").unwrap();
                assert!(said.contains("in a tab of its own") && said.contains(&page), "{said}");
            } else {
                // Without an origin of its own no module is loaded, and without scripts none runs: there is no program.
                std::thread::sleep(std::time::Duration::from_secs(2));
            }
            assert_eq!(visit.browser.count(CLICKABLE).unwrap(), 0, "{name} at {origin}");
            assert_eq!(visit.browser.count("#add-key, main").unwrap(), 0, "{name} at {origin}");
        }
    }
    // In a tab of its own it is what it always is.
    visit.open("#/settings");
    visit.browser.find("#add-key").unwrap();
    assert_eq!(visit.browser.count("#framed:not([hidden])").unwrap(), 0);
}
