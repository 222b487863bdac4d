//! What a store answers already is not planned, and what it does not answer is.

use provenear_shared::digest::Sha256Digest;
use provenear_tests::notary::Notary;
use serde_json::{Value, json};

use crate::bench::{Bench, Left, claiming, manifests_of, module};

/// Plans with a store and these keys, and gives the units and the verdict of the first subject.
fn plan(bench: &Bench, keys: &[&Notary], more: &[&str]) -> (usize, Value) {
    let keys: Vec<String> = keys.iter().map(|notary| notary.public_key().to_near()).collect();
    let trust: Vec<&str> = keys.iter().flat_map(|key| ["--trust", key]).collect();
    let (said, plan) = bench.plan(&[&["--store", "store"], &trust[..], more].concat());
    let first = &plan["subjects"][0];
    let units = plan["units"].as_array().unwrap().len();
    assert_eq!(first["unit"].is_null(), units == 0, "{} {first}", said.stderr);
    (units, first.pointer("/line/verdict/code").cloned().unwrap_or_default())
}

/// Puts a line into the store, under the code that it is about.
fn put(bench: &Bench, left: &Left, notary: &Notary) {
    std::fs::create_dir_all(bench.path("store")).unwrap();
    std::fs::write(bench.path("store").join(manifests_of(&left.artifact)), notary.sign(&left.statement)).unwrap();
}

#[test]
fn a_manifest_by_a_trusted_key_about_this_recipe_leaves_nothing_to_build() {
    let (bench, units) = Bench::planned(1);
    let (alice, bob) = (Notary::named("alice"), Notary::named("bob"));
    let left = Left::new(&units[0], claiming(0, "c0"));
    put(&bench, &left, &alice);
    // The command of these claims is not the customary one.
    let accept = ["--accept-custom-build", "--accept-image", &format!("sha256:{}", crate::bench::IMAGE)[..]];
    assert_eq!(plan(&bench, &[&alice], &accept), (0, json!("reproduced")));
    // Who trusts somebody else, nobody, or wants two keys has to build it.
    assert_eq!(plan(&bench, &[&bob], &accept), (1, json!("not-rebuilt")));
    assert_eq!(plan(&bench, &[], &accept).0, 1);
    assert_eq!(plan(&bench, &[&alice, &bob], &["--threshold", "2"]).0, 1);
    // Another image or another reach is another unit, of which the store says nothing.
    assert_eq!(plan(&bench, &[&alice], &["--image", &format!("x/y@sha256:{}", "b".repeat(64))]).0, 1);
}

#[test]
fn a_manifest_with_a_doubt_that_a_rebuild_would_not_have_is_no_answer() {
    let (bench, units) = Bench::planned(1);
    let alice = Notary::named("alice");
    let internal = "/predicate/buildDefinition/internalParameters";
    // Whether it is one where machines are known not to enforce every limit: without a network nothing came out of it that way.
    let rows: [(&str, Value, usize); 3] = [
        ("/predicate/runDetails/builder/id", json!("urn:provenear:builder:networked:v2"), 1),
        (&format!("{internal}/limits/memory"), json!("not enforced"), 0),
        (&format!("{internal}/limits/network"), json!("not enforced"), 1),
    ];
    for (pointer, value, unlimited) in rows {
        let mut left = Left::new(&units[0], claiming(0, "c0"));
        *left.statement.pointer_mut(pointer).unwrap() = value;
        put(&bench, &left, &alice);
        assert_eq!(plan(&bench, &[&alice], &[]).0, 1, "{pointer}");
        assert_eq!(plan(&bench, &[&alice], &["--allow-unlimited"]).0, unlimited, "{pointer}");
    }
    // Of another recipe, though it gave this very code.
    let mut left = Left::new(&units[0], claiming(0, "c0"));
    left.statement["predicate"]["buildDefinition"]["externalParameters"]["contract_path"] = json!("elsewhere");
    put(&bench, &left, &alice);
    assert_eq!(plan(&bench, &[&alice], &[]).0, 1);
}

/// A store knows a code by its hash, and what came out of this claim is another code.
#[test]
fn code_that_differs_is_found_by_its_unit_in_a_store_of_merges() {
    let (bench, units) = Bench::planned(1);
    let alice = bench.write_key("alice");
    let left = Left::new(&units[0], module(7));
    left.write(&bench.path("runs"), Some(&alice));
    assert_eq!(bench.merge(&["runs", "--to", "store"]).1, 0);
    let accept = ["--accept-image", &format!("sha256:{}", crate::bench::IMAGE)[..]];
    assert_eq!(plan(&bench, &[&alice], &accept), (0, json!("differs")));
    assert_eq!(plan(&bench, &[&Notary::named("bob")], &accept), (1, json!("not-rebuilt")));
    // What a store says of a unit is believed no further than the manifests that it names.
    let unit = bench.path("store").join(format!("{}.unit.json", left.id()));
    let mut said: Value = serde_json::from_slice(&std::fs::read(&unit).unwrap()).unwrap();
    said["artifacts"] = json!([Sha256Digest::of(b"another").to_base58()]);
    std::fs::write(&unit, said.to_string()).unwrap();
    assert_eq!(plan(&bench, &[&alice], &accept).0, 1);
    for text in ["", "{}", "[]", "null"] {
        std::fs::write(&unit, text).unwrap();
        assert_eq!(plan(&bench, &[&alice], &accept).0, 1, "{text}");
    }
}

/// A line with one of these would keep everybody from building what has fewer doubts.
#[test]
fn a_notice_that_a_rebuild_would_not_have_is_no_answer() {
    let (bench, units) = Bench::planned(1);
    let alice = Notary::named("alice");
    let definition = "/predicate/buildDefinition";
    let rows = [
        ("source-from-elsewhere", 1),
        ("commit-not-on-a-ref", 1),
        ("nobody-knows-this-one", 1),
        ("network-full", 1),
        ("prebuilt-wasm-in-tree", 0),
        // The plan allows it.
        ("local-source", 0),
    ];
    for (notice, units_left) in rows {
        let mut left = Left::new(&units[0], claiming(0, "c0"));
        left.statement.pointer_mut(&format!("{definition}/internalParameters")).unwrap()["notices"] = json!([notice]);
        put(&bench, &left, &alice);
        assert_eq!(plan(&bench, &[&alice], &[]).0, units_left, "{notice}");
    }
    let mut left = Left::new(&units[0], claiming(0, "c0"));
    left.statement.pointer_mut(&format!("{definition}/resolvedDependencies/0")).unwrap()["annotations"] = json!({});
    put(&bench, &left, &alice);
    assert_eq!(plan(&bench, &[&alice], &[]).0, 1);
    // Who wants to know what comes out without a fetch is not answered by what came out with one.
    let left = Left::new(&units[0], claiming(0, "c0"));
    put(&bench, &left, &alice);
    assert_eq!(plan(&bench, &[&alice], &[]).0, 0);
    assert_eq!(plan(&bench, &[&alice], &["--network-access", "none"]).0, 1);
}

#[test]
fn keys_that_disagree_are_not_two_that_agree() {
    let (bench, units) = Bench::planned(1);
    let (alice, bob, carol) = (bench.write_key("alice"), bench.write_key("bob"), bench.write_key("carol"));
    let two = ["--threshold", "2"];
    Left::new(&units[0], module(7)).write(&bench.path("runs"), Some(&alice));
    Left::new(&units[0], module(8)).write(&bench.path("other"), Some(&bob));
    assert_eq!(bench.merge(&["runs", "other", "--to", "store"]).1, 1);
    assert_eq!(plan(&bench, &[&alice, &bob, &carol], &two).0, 1);
    Left::new(&units[0], module(7)).write(&bench.path("third"), Some(&carol));
    assert_eq!(bench.merge(&["third", "--to", "store"]).1, 1);
    assert_eq!(plan(&bench, &[&alice, &bob, &carol], &two).0, 0);
}
