//! The files of the page: each is named by what it holds, and one that was changed on its way is not run.

use std::collections::HashMap;
use std::fs;
use std::path::PathBuf;

use provenear_shared::digest::Sha256Digest;
use provenear_tests::browser::Kind;
use provenear_tests::fixtures::COUNTER_PINNED;
use provenear_tests::ground::Ground;
use provenear_tests::static_server::{FileFault, StaticOptions, StaticServer};
use tempfile::TempDir;

use crate::files::PICKER;
use crate::visit::Visit;

in_both_browsers!(
    a_file_that_was_changed_is_not_run,
    a_host_that_changes_its_word_is_not_believed,
    an_address_that_is_shared_is_warned_of,
);

/// Names of all files but `index.html`.
fn names() -> Vec<(PathBuf, String)> {
    let page = Ground::read().unwrap().page().unwrap().to_owned();
    let files = fs::read_dir(page).unwrap().map(|file| file.unwrap().path()).filter(|file| file.is_file());
    let named = files.map(|file| (file.clone(), file.file_name().unwrap().to_str().unwrap().to_owned()));
    named.filter(|(_, name)| name != "index.html").collect()
}

#[test]
fn every_file_is_named_by_its_digest_and_by_the_page() {
    let page = Ground::read().unwrap().page().unwrap().to_owned();
    let html = fs::read_to_string(page.join("index.html")).unwrap();
    let names = names();
    assert!(names.len() >= 10, "{names:?}");
    for (file, name) in &names {
        let digest = Sha256Digest::of(&fs::read(file).unwrap()).to_hex();
        let stem = name.rsplit_once('.').unwrap().0;
        assert!(stem.ends_with(&format!("-{}", &digest[..16])), "{name} is not {digest}");
        assert!(html.contains(&format!("./{name}")), "the page does not name {name}");
    }
    // What the page itself loads, a browser is told the digest of.
    let tags = html.split('<').filter(|tag| tag.contains("href=\"./") || tag.contains("src=\"./"));
    let (with, without): (Vec<&str>, Vec<&str>) =
        tags.partition(|tag| ["sha256", "sha384"].iter().any(|kind| tag.contains(&format!("integrity=\"{kind}-"))));
    assert!(with.len() >= 7 && without.is_empty(), "{without:?}");
}

/// A host of its own whose copy of the page has another file in one place, as good as the right one.
fn spoiled(start: &str, end: &str) -> (TempDir, StaticServer) {
    let folder = tempfile::tempdir().unwrap();
    let page = Ground::read().unwrap().page().unwrap().to_owned();
    fs::copy(page.join("index.html"), folder.path().join("index.html")).unwrap();
    let mut count = 0;
    for (file, name) in names() {
        let mut bytes = fs::read(file).unwrap();
        if name.starts_with(start) && name.ends_with(end) {
            count += 1;
            match end {
                // A custom section, which changes nothing.
                ".wasm" => bytes.extend_from_slice(b"\0\x02\x01x"),
                _ => bytes.extend_from_slice(b"\nself.document && (document.documentElement.dataset.changed = '');\n"),
            }
        }
        fs::write(folder.path().join(name), bytes).unwrap();
    }
    assert_eq!(count, 1, "{start}…{end}");
    let server = StaticServer::start(folder.path(), StaticOptions::default()).unwrap();
    (folder, server)
}

fn a_file_that_was_changed_is_not_run(kind: Kind) {
    let visit = Visit::new(kind);
    let browser = &visit.browser;
    let refused = "return document.querySelector('#unsupported:not([hidden])') !== null \
                   || document.querySelector('main')?.innerText.includes('could not be loaded') === true";
    for (start, end) in [
        ("provenear-web-", ".js"),
        ("provenear-web_bg-", ".wasm"),
        ("worker-", ".js"),
        ("sandbox-", ".js"),
        ("workbench-", ".js"),
        ("workbench_bg-", ".wasm"),
    ] {
        let (_folder, server) = spoiled(start, end);
        browser.open(&format!("{}/#/settings", server.url())).unwrap();
        browser.until(&format!("no use of {start}…{end}"), refused, &[]).unwrap();
        let ran = "return document.querySelector('#add-key') !== null || 'changed' in document.documentElement.dataset";
        assert_eq!(browser.script(ran, vec![]).unwrap(), false, "{start}…{end}");
    }
    // Of the loader nothing is left that could say so.
    let (_folder, server) = spoiled("boot-", ".js");
    browser.open(&format!("{}/#/settings", server.url())).unwrap();
    browser.until("the page is loaded", "return document.readyState === 'complete'", &[]).unwrap();
    let ran = "return document.querySelector('main') !== null || 'changed' in document.documentElement.dataset";
    assert_eq!(browser.script(ran, vec![]).unwrap(), false, "the loader");
}

/// Told by a script that was not checked, wherever it runs.
const TOLD: &str = "\nfetch('/told').catch(() => {});\n";

/// What was right once is checked whenever it is fetched, or not fetched again: also for Workers, whose scripts a browser takes
/// no digest for. The script that the first Worker begins with is the one exception (SECURITY).
fn a_host_that_changes_its_word_is_not_believed(kind: Kind) {
    let visit = Visit::new(kind);
    let browser = &visit.browser;
    let file = visit.folder.path().join("counter.wasm");
    fs::write(&file, COUNTER_PINNED).unwrap();
    for start in ["provenear-web-", "workbench-", "sandbox-"] {
        let name =
            names().into_iter().map(|(_, name)| name).find(|it| it.starts_with(start) && it.ends_with(".js")).unwrap();
        for honest in 1..=3 {
            let faults = HashMap::from([(format!("/{name}"), FileFault::Turns(honest, TOLD))]);
            let page = Ground::read().unwrap().page().unwrap().to_owned();
            let server = StaticServer::start(page, StaticOptions { faults, ..StaticOptions::default() }).unwrap();
            browser.open(&format!("{}/#/", server.url())).unwrap();
            let decided = "return document.querySelector('#unsupported:not([hidden])') !== null \
                           || document.querySelector('form.subject') !== null";
            browser.until(&format!("an outcome after {honest} of {name}"), decided, &[]).unwrap();
            if browser.script("return document.querySelector('form.subject') !== null", vec![]).unwrap() == true {
                browser.pick(PICKER, &file).unwrap();
                let answered = "return (document.querySelector('.banner')?.dataset.verdict === 'not-rebuilt' \
                                && document.querySelector('[data-card=inside], main .later:not([aria-busy])') !== null) \
                                || document.querySelector('#unsupported:not([hidden])') !== null";
                browser.until(&format!("an answer after {honest} of {name}"), answered, &[]).unwrap();
            }
            let told = server.requests().iter().any(|request| request.path == "/told");
            assert!(!told, "{name} was run as it came after {honest} honest answers");
        }
    }
}

fn an_address_that_is_shared_is_warned_of(kind: Kind) {
    // Other sites can stand beside one that is below a path.
    let visit = Visit::new(kind);
    let browser = &visit.browser;
    visit.open("#/settings");
    browser.find("[data-warning=shared-address]").unwrap();
    let root = StaticServer::start(visit.folder.path(), StaticOptions::default()).unwrap();
    for page in ["/", "/index.html"] {
        browser.open(&format!("{}{page}#/settings", root.url())).unwrap();
        browser.find("#add-key").unwrap();
        assert!(browser.attributes("[data-warning]", "data-warning").unwrap().is_empty(), "{page}");
    }
}
