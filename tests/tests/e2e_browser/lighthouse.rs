//! Lighthouse's marks that do not depend on how busy this machine is. The mark for speed: `cargo xtask bench`.

use provenear_tests::browser::Kind;
use provenear_tests::ground::Ground;
use provenear_tests::lighthouse::marks;

use crate::visit::Visit;

#[test]
fn accessibility_and_best_practices_are_95_or_more() {
    let visit = Visit::at_the_devnet(Kind::Chromium);
    let ground = Ground::read().unwrap();
    for link in ["#/", "#/devnet-test/honest.devnet"] {
        let url = format!("{}/{link}", visit.site.url());
        let port = visit.browser.debugger().unwrap();
        let found = marks(ground.lighthouse().unwrap(), port, &url, &["accessibility", "best-practices"]).unwrap();
        assert_eq!(found.marks.len(), 2);
        assert!(found.marks.values().all(|mark| *mark >= 95.0), "{link}: {found:#?}");
    }
    assert_eq!(visit.browser.wanted_elsewhere(), Vec::<String>::new());
}
