//! `docs/hosting.md` and `docs/README.md`: limits, layout of a store and policy are the code's, and the index has each document.

use std::collections::BTreeSet;

use provenear_shared::digest::Sha256Digest;
use provenear_shared::inspection::store_name;

use crate::{path, quoted, read, section};

/// The value of a number that a constant is given.
fn constant(source: &str, name: &str) -> u64 {
    let text = source.split_once(&format!("const {name}: ")).unwrap().1.split_once("= ").unwrap().1;
    let text = text.split(';').next().unwrap().replace('_', "");
    match text.split_once(" << ") {
        Some((value, shift)) => value.parse::<u64>().unwrap() << shift.parse::<u64>().unwrap(),
        None => text.parse().unwrap(),
    }
}

#[test]
fn the_limits_of_a_store_are_those_of_the_code() {
    let document = read("hosting.md");
    let stores = section(&document, "Stores");
    let lines = constant(include_str!("../../../shared/src/inspection/question.rs"), "MAX_LINES");
    let bytes = constant(include_str!("../../../shared/src/inspection/stores.rs"), "MAX_BYTES");
    assert!(stores.contains(&format!("at most {lines} lines and {} MiB are read", bytes >> 20)));
    let page = include_str!("../../../web/browser/src/fetch.rs");
    let helper = include_str!("../../../helper/src/network/transport.rs");
    let (time, most) = (constant(page, "TIME_LIMIT"), constant(page, "MAX_STORE_FILE"));
    assert!(stores.contains(&format!("no answer within {time} s, more than {} MiB", most >> 20)));
    assert_eq!(most, constant(helper, "MAX_MANIFESTS"));
    assert!(helper.contains(&format!("CALL_LIMIT: Duration = Duration::from_secs({time})")));
}

#[test]
fn what_the_page_asks_of_a_host_is_what_it_does() {
    let document = read("hosting.md").replace('\n', " ");
    let page = include_str!("../../../web/browser/src/fetch.rs");
    for (said, done) in [
        ("without credentials", "RequestCredentials::Omit"),
        ("without a referrer", "ReferrerPolicy::NoReferrer"),
        ("follows no redirect", "RequestRedirect::Error"),
    ] {
        assert!(document.contains(said) && page.contains(done), "{said}");
    }
    let headers: Vec<&str> = page.split(".header(\"").skip(1).map(|rest| rest.split('"').next().unwrap()).collect();
    assert_eq!(headers, ["Content-Type"]);
    assert!(document.contains("Access-Control-Allow-Headers: Content-Type ```"));
    let policy = include_str!("../../../index.html");
    assert!(policy.contains("connect-src 'self' https: http://localhost:* http://127.0.0.1:*;"));
    assert!(document.contains("on the reader's own machine (`localhost`, `127.0.0.1`) and on its own origin"));
}

#[test]
fn the_layout_is_what_publish_writes() {
    let document = read("hosting.md");
    let stores = section(&document, "Stores");
    let layout: Vec<&str> = stores.split("```").nth(1).unwrap().lines().skip(1).collect();
    let hash = Sha256Digest::of(b"x");
    let manifest = store_name(&hash).replace(&hash.to_base58(), "<code_hash>");
    let source = include_str!("../../../helper/src/cmd/publish.rs");
    let folders: Vec<&str> =
        source.split("args.to.join(\"").skip(1).map(|rest| rest.split('"').next().unwrap()).collect();
    assert_eq!(folders, ["manifests", "sources", "code"]);
    let code = source.split("named(\"").skip(1).map(|rest| rest.split('"').next().unwrap()).collect::<BTreeSet<_>>();
    let mut expected = vec![format!("manifests/{manifest}"), "manifests/<code_hash>.<16 hex>.sigstore.json".to_owned()];
    let store = include_str!("../../../helper/src/rebuild/store.rs");
    let unit = store.split_once("UNIT_END: &str = \"").unwrap().1.split('"').next().unwrap();
    expected.push(format!("manifests/<unit>{unit}"));
    expected.extend(code.iter().map(|end| format!("code/<code_hash>.{end}")));
    expected.push("sources/<sha256>.tar".to_owned());
    assert_eq!(layout.iter().copied().collect::<BTreeSet<_>>(), expected.iter().map(String::as_str).collect());
}

#[test]
fn the_index_has_each_document() {
    let index = read("README.md");
    let listed: BTreeSet<String> =
        index.split("](").skip(1).map(|rest| rest.split(')').next().unwrap().to_owned()).collect();
    let is_document = |name: &String| name.ends_with(".md") && name != "README.md";
    let there = std::fs::read_dir(path("")).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let missing: Vec<String> = there.filter(|name| is_document(name) && !listed.contains(name)).collect();
    assert!(missing.is_empty(), "not in docs/README.md: {missing:?}");
    assert!(quoted(&index).is_empty(), "the index has no code of its own");
}
