//! What an earlier plan published is held against a merge, which reads it and writes nothing there.

use provenear_shared::digest::Sha256Digest;
use provenear_tests::documents;
use provenear_tests::notary::Notary;
use provenear_tests::tiny_recipes::files_below;
use serde_json::{Value, json};

use crate::bench::{Bench, Left, manifests_of, module, names};

/// Signs what a folder holds into a store of its own, as the scripts of `deploy` do for each plan.
fn merge(bench: &Bench, folder: &str, more: &[&str]) -> (Value, i32) {
    let to = format!("{folder}-store");
    bench.merge(&[&[folder, "--to", &to, "--plan", "plan.json", "--published", "public"], more].concat())
}

/// Writes a line into the published store.
fn publish(bench: &Bench, line: &str, artifact: &[u8]) {
    std::fs::create_dir_all(bench.path("public/manifests")).unwrap();
    std::fs::write(bench.path("public/manifests").join(manifests_of(artifact)), format!("{line}\n")).unwrap();
}

fn is_signed(bench: &Bench, store: &str, artifact: &[u8]) -> bool {
    bench.path(store).join(manifests_of(artifact)).exists()
}

#[test]
fn nothing_is_signed_against_what_is_published() {
    let (bench, units) = Bench::planned(2);
    let alice = bench.write_key("alice");
    for (number, unit) in units.iter().enumerate() {
        Left::new(unit, module(number)).write(&bench.path("first"), None);
    }
    std::fs::create_dir_all(bench.path("public/manifests")).unwrap();
    assert_eq!(merge(&bench, "first", &["--key", "alice"]).1, 0);
    let manifests = [0, 1].map(|number| format!("first-store/{}", manifests_of(&module(number))));
    let said = bench.desk.run(&["publish", &manifests[0], &manifests[1], "--to", "public"]);
    assert_eq!(said.exit, 0, "{}", said.stderr);
    let before = files_below(&bench.path("public")).unwrap();

    // Of a later plan, in a store of its own: one unit gave other code, one the same.
    Left::new(&units[0], module(7)).write(&bench.path("second"), None);
    Left::new(&units[1], module(1)).write(&bench.path("second"), None);
    let (report, exit) = merge(&bench, "second", &["--key", "alice"]);
    assert_eq!((&report["taken"], exit), (&json!(1), 4), "{report}");
    let [refused] = report["refused"].as_array().unwrap().as_slice() else { panic!("{report}") };
    let codes = [0, 7].map(|number| Sha256Digest::of(&module(number)).to_base58());
    let message = refused["message"].as_str().unwrap();
    assert!(refused["code"] == "dissent" && message.contains(&format!("{} (published)", codes[0])), "{report}");
    assert!(message.contains(&codes[1]), "{message}");
    let signed = [1, 7].map(|number| is_signed(&bench, "second-store", &module(number)));
    assert_eq!(signed, [true, false]);
    // Both are named and compared, though only one of them is at hand in this store.
    let [dissent] = report["dissent"].as_array().unwrap().as_slice() else { panic!("{report}") };
    let paths = dissent["artifacts"].as_array().unwrap().iter().map(|it| bench.path(it["path"].as_str().unwrap()));
    assert!(paths.clone().count() == 2 && paths.into_iter().all(|path| path.is_file()), "{report}");
    let diff = std::fs::read(bench.path(dissent["diffs"][0].as_str().unwrap())).unwrap();
    assert_eq!(documents::read(&diff).unwrap()["class"], "data");

    // What a machine signed itself is kept, and said to differ.
    Left::new(&units[0], module(8)).write(&bench.path("third"), Some(&alice));
    let (report, exit) = merge(&bench, "third", &[]);
    assert_eq!((&report["taken"], &report["refused"], exit), (&json!(1), &json!([]), 1), "{report}");
    assert_eq!(report["dissent"][0]["artifacts"].as_array().map(Vec::len), Some(2), "{report}");
    assert!(is_signed(&bench, "third-store", &module(8)));
    assert!(files_below(&bench.path("public")).unwrap() == before, "something was written there");
}

/// A merge by another plan has a store of its own, and knows nothing of it but by what was published.
#[test]
fn a_dissent_that_was_published_is_refused_until_somebody_has_looked() {
    let (bench, units) = Bench::planned(2);
    bench.write_key("alice");
    for side in 0..2 {
        Left::new(&units[0], module(side)).write(&bench.path(&format!("node{side}")), None);
    }
    std::fs::create_dir_all(bench.path("public/manifests")).unwrap();
    let words = ["node0", "node1", "--to", "merged", "--plan", "plan.json", "--published", "public", "--key", "alice"];
    assert_eq!(bench.merge(&words).1, 4);
    let note = format!("{}.unit.json", units[0]["unit"].as_str().unwrap());
    let publish = |file: &str| bench.desk.run(&["publish", file, "--to", "public"]);
    let said = publish(&format!("merged/{note}"));
    assert_eq!(said.exit, 0, "{}", said.stderr);
    let (report, exit) = merge(&bench, "node1", &["--key", "alice"]);
    assert_eq!((&report["refused"][0]["code"], exit), (&json!("dissent"), 4), "{report}");
    assert!(!is_signed(&bench, "node1-store", &module(1)));
    // Published again, it says no less.
    let before = std::fs::read(bench.path("public/manifests").join(&note)).unwrap();
    assert_eq!(publish(&format!("merged/{note}")).exit, 0);
    assert!(std::fs::read(bench.path("public/manifests").join(&note)).unwrap() == before);
    // A file that is not a note is refused by its name.
    bench.desk.write("forged.unit.json", r#"{"inputs":{},"artifacts":[]}"#);
    let said = publish("forged.unit.json");
    assert!(said.exit == 2 && said.stderr.contains("is not what a merge notes of a unit"), "{}", said.stderr);
    std::fs::remove_file(bench.path("public/manifests").join(&note)).unwrap();
    let (report, exit) = merge(&bench, "node1", &["--key", "alice"]);
    assert_eq!((&report["refused"], exit), (&json!([]), 3), "{report}");
}

/// Whatever command made it and whoever signed it, if it is about the same recipe, image and access.
#[test]
fn what_is_published_counts_where_it_is_about_the_same_unit() {
    let (bench, units) = Bench::planned(1);
    bench.write_key("alice");
    let bob = Notary::named("bob");
    Left::new(&units[0], module(0)).write(&bench.path("runs"), None);
    let definition = "/predicate/buildDefinition";
    let rows: [(&str, Value, bool); 6] = [
        ("/externalParameters/origin", json!("supplied"), true),
        ("/internalParameters/limits/memory", json!("not enforced"), true),
        ("/resolvedDependencies/0/annotations", json!({}), true),
        ("/externalParameters/contract_path", json!("elsewhere"), false),
        ("/internalParameters/network_access", json!("none"), false),
        ("/resolvedDependencies/1/digest/sha256", json!("b".repeat(64)), false),
    ];
    let is_refused = |number: usize| {
        let _before = std::fs::remove_dir_all(bench.path("runs-store"));
        let (report, exit) = merge(&bench, "runs", &["--key", "alice"]);
        assert_eq!(report["dissent"].as_array().unwrap().is_empty(), exit == 0, "{number} {report}");
        assert_eq!(is_signed(&bench, "runs-store", &module(0)), exit == 0, "{number} {report}");
        exit == 4
    };
    for (number, (pointer, value, counts)) in rows.into_iter().enumerate() {
        let mut left = Left::new(&units[0], module(1));
        *left.statement.pointer_mut(&format!("{definition}{pointer}")).unwrap() = value;
        publish(&bench, &bob.sign(&left.statement), &module(1));
        assert_eq!(is_refused(number), counts, "{pointer}");
    }
    // What nobody signed is nobody's word, and keeps no other line from being read.
    let line = bob.sign(&Left::new(&units[0], module(1)).statement);
    let forged = line.replacen("\"sig\":\"", "\"sig\":\"AAAA", 1);
    publish(&bench, &forged, &module(1));
    assert!(!is_refused(7));
    publish(&bench, &format!("no JSON\n{forged}\n{line}"), &module(1));
    assert!(is_refused(8));
}

#[test]
fn a_store_that_cannot_be_read_is_not_taken_for_an_empty_one() {
    let (bench, units) = Bench::planned(1);
    bench.write_key("alice");
    Left::new(&units[0], module(0)).write(&bench.path("runs"), None);
    let words = ["batch", "merge", "runs", "--to", "store", "--plan", "plan.json", "--key", "alice"];
    let said = || bench.desk.run(&[&words[..], &["--published", "public"]].concat());
    let is_refused = |said: provenear_tests::desk::Said| {
        assert!(said.exit == 4 && said.stderr.contains("public/manifests"), "{} {}", said.exit, said.stderr);
        assert_eq!(names(&bench.path("store")), Vec::<String>::new());
    };
    is_refused(said());
    // A folder where a file should be.
    std::fs::create_dir_all(bench.path("public/manifests").join(manifests_of(&module(1)))).unwrap();
    is_refused(said());
    std::fs::remove_dir(bench.path("public/manifests").join(manifests_of(&module(1)))).unwrap();
    assert_eq!(said().exit, 0);
}
