//! Nothing that is in sight moves while the page fills, neither in the first program nor when the second draws.

use provenear_tests::browser::Kind;
use provenear_tests::rows::trusted;

use crate::visit::Visit;

/// The sum of all layout shifts since the page was loaded that no input of a person explains.
const SHIFTED: &str = "const seen = new PerformanceObserver(() => {});
    seen.observe({ type: 'layout-shift', buffered: true });
    return seen.takeRecords().filter((it) => !it.hadRecentInput).reduce((sum, it) => sum + it.value, 0)";

fn shifted(visit: &Visit) -> f64 {
    visit.browser.script(SHIFTED, vec![]).unwrap().as_f64().unwrap()
}

#[test]
fn nothing_moves_while_the_page_fills() {
    let visit = Visit::at_the_devnet(Kind::Chromium);
    visit.trust(&trusted().public_key(), "Alice");
    for link in ["#/", "#/settings", "#/about", "#/compare"] {
        visit.browser.open("about:blank").unwrap();
        visit.open(link);
        visit.browser.until("the view", "return !document.querySelector('main [aria-busy]')", &[]).unwrap();
        assert!(shifted(&visit) < 0.01, "{link}: {}", shifted(&visit));
    }
    for row in &visit.rows {
        visit.browser.open("about:blank").unwrap();
        visit.account(row.account);
        visit.end();
        let drawn = "return document.querySelector('main .later')?.hasAttribute('aria-busy') === false";
        visit.browser.until("the cards", drawn, &[]).unwrap();
        assert!(shifted(&visit) < 0.01, "{}: {}", row.name, shifted(&visit));
    }
    // The measure itself sees what moves.
    visit.browser.script("document.querySelector('main').style.marginTop = '300px'", vec![]).unwrap();
    let seen = format!("return (() => {{ {SHIFTED} }})() > 0.01");
    visit.browser.until("a movement", &seen, &[]).unwrap();
}
