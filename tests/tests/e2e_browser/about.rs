//! What the page says of itself: version, commit and digests, which a reader can check; and a title for each view.

use provenear_shared::digest::Sha256Digest;
use provenear_tests::browser::Kind;
use serde_json::json;

use crate::visit::Visit;

in_chromium!(the_page_names_its_files_and_each_view_its_title);

fn the_page_names_its_files_and_each_view_its_title(kind: Kind) {
    let visit = Visit::new(kind);
    let browser = &visit.browser;
    for (link, title) in [
        ("#/settings", "Settings · Provenear"),
        ("#/compare", "Compare two modules · Provenear"),
        ("#/about", "About · Provenear"),
    ] {
        visit.open(link);
        browser.until(title, "return document.title === arguments[0]", &[json!(title)]).unwrap();
    }
    browser.find("[data-file]").unwrap();
    let rows = "return [...document.querySelectorAll('[data-file]')].map(it => it.innerText).join('\\n')";
    let rows = browser.script(rows, vec![]).unwrap().as_str().unwrap().to_owned();
    // Both programs, both scripts of theirs, and what starts and styles them; each as it is served.
    let mut named = 0;
    for file in std::fs::read_dir(visit.folder.path()).unwrap().map(Result::unwrap) {
        let name = file.file_name().into_string().unwrap();
        let digest = Sha256Digest::of(&std::fs::read(file.path()).unwrap()).to_hex();
        if let Some(row) = rows.lines().find(|row| row.contains(&name)) {
            named += 1;
            assert!(row.contains("sha384 ") || row.contains(&format!("sha256 {digest}")), "{name}: {digest}\n{rows}");
        }
    }
    assert!(named >= 8, "{rows}");
    let said = browser.text("[data-build]").unwrap();
    let commit = browser.attributes("meta[name=commit]", "content").unwrap().remove(0);
    assert!(commit.len() >= 40 && said.contains(&commit) && said.contains(env!("CARGO_PKG_VERSION")), "{said}");
    assert!(browser.text("footer").unwrap().contains(&commit[..10]));
}
