//! Who cannot use the page is told so, and what to do instead.

use provenear_tests::browser::{Feature, Kind};

use crate::axe;
use crate::visit::Visit;

in_both_browsers!(without_scripts_the_page_says_what_it_is, without_webassembly_the_page_says_what_it_needs);

fn without_scripts_the_page_says_what_it_is(kind: Kind) {
    let visit = Visit::new(kind);
    visit.browser.lacks(Feature::Scripts).unwrap();
    visit.browser.open(&format!("{}/#/mainnet/app.near", visit.site.url())).unwrap();
    let said = visit.browser.seen("body").unwrap();
    assert!(said.contains("needs JavaScript and WebAssembly") && said.contains("provenear inspect"), "{said}");
}

fn without_webassembly_the_page_says_what_it_needs(kind: Kind) {
    let visit = Visit::new(kind);
    visit.browser.lacks(Feature::WebAssembly).unwrap();
    visit.browser.open(&format!("{}/#/mainnet/app.near", visit.site.url())).unwrap();
    visit.browser.find("#unsupported:not([hidden])").unwrap();
    let said = visit.browser.seen("body").unwrap();
    assert!(said.contains("This browser cannot run the page") && said.contains("provenear inspect"), "{said}");
    let found = axe::violations(&visit.browser);
    assert!(found.is_empty(), "{}", found.join("\n"));
}
