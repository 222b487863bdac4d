//! What a reader downloads before the first verdict is bounded. Sizes are the same on every machine, so this is a test and
//! no measure; the times are measured by `cargo xtask bench`.
#![cfg(not(target_arch = "wasm32"))]

use provenear_tests::ground::Ground;
use provenear_tests::weight::until_the_verdict;

/// Most bytes with brotli: guarded, not aimed at.
const LIMIT: usize = 269_000;

#[test]
fn the_files_until_the_first_verdict_are_light() {
    let page = Ground::read().unwrap().page().unwrap().to_owned();
    let files = until_the_verdict(&page).unwrap();
    let sum: usize = files.iter().map(|file| file.brotli).sum();
    assert!(sum <= LIMIT, "{sum} bytes: {files:#?}");
}

#[test]
fn a_page_without_one_of_its_files_is_no_page() {
    let folder = tempfile::tempdir().unwrap();
    assert!(until_the_verdict(folder.path()).is_err());
    let names = [
        "style-0123456789abcdef.css",
        "boot-0123456789abcdef.js",
        "sandbox.js",
        "web-0123456789abcdef.js",
        "worker.js",
        "web_bg.wasm",
    ];
    let html: String = names.iter().map(|name| format!("<link href=\"./{name}\">")).collect();
    std::fs::write(folder.path().join("index.html"), html).unwrap();
    for name in names {
        assert!(until_the_verdict(folder.path()).is_err(), "{name} is missing");
        std::fs::write(folder.path().join(name), name).unwrap();
    }
    let weighed = until_the_verdict(folder.path()).unwrap();
    let found: Vec<&str> = weighed.iter().map(|file| file.name.as_str()).collect();
    assert_eq!(found, ["index.html", "boot.js", "sandbox.js", "style.css", "web.js", "web_bg.wasm", "worker.js"]);
}
