//! What a merge with a key signs, and what it does not: it vouches for other machines' work with one person's name.

use std::process::Stdio;

use provenear_shared::digest::Sha256Digest;
use provenear_tests::documents;
use provenear_tests::notary::Notary;
use serde_json::{Value, json};

use crate::bench::{Bench, Left, files, manifests_of, module, names, with_inputs};

/// The codes of what was refused, sorted.
fn refused(report: &Value) -> Vec<&str> {
    let mut codes: Vec<&str> =
        report["refused"].as_array().unwrap().iter().map(|it| it["code"].as_str().unwrap()).collect();
    codes.sort_unstable();
    codes
}

/// Merges with the key `alice` and the plan.
fn sign(bench: &Bench, folders: &[&str], more: &[&str]) -> (Value, i32) {
    bench.merge(&[folders, &["--to", "store", "--plan", "plan.json", "--key", "alice"], more].concat())
}

#[test]
fn neither_side_of_a_dissent_is_signed() {
    let (bench, units) = Bench::planned(2);
    bench.write_key("alice");
    for number in 0..2 {
        let node = bench.path(&format!("node{number}"));
        Left::new(&units[0], module(number)).write(&node, None);
        Left::new(&units[1], module(9)).write(&node, None);
    }
    let (report, exit) = sign(&bench, &["node0", "node1"], &[]);
    assert_eq!((refused(&report), &report["taken"], exit), (vec!["dissent", "dissent"], &json!(1), 4), "{report}");
    let text = report["refused"][0]["message"].as_str().unwrap();
    for number in 0..2 {
        assert!(text.contains(&Sha256Digest::of(&module(number)).to_base58()), "{text}");
        assert!(!bench.path("store").join(manifests_of(&module(number))).exists(), "{number} was signed");
    }
    assert_eq!(report["missing"], json!([units[0]["unit"]]));
    // It is said, and compared, though nothing of it is in the store.
    let [dissent] = report["dissent"].as_array().unwrap().as_slice() else { panic!("{report}") };
    assert_eq!((&dissent["unit"], dissent["artifacts"].as_array().unwrap().len()), (&units[0]["unit"], 2));
    let diff = bench.path(dissent["diffs"][0].as_str().unwrap());
    assert_eq!(documents::read(&std::fs::read(diff).unwrap()).unwrap()["class"], "data");
    // Whoever comes alone the next time is not believed for it, until a person has looked and removed what the store remembers.
    let (report, exit) = sign(&bench, &["node1"], &[]);
    assert_eq!((refused(&report), exit), (vec!["dissent"], 4), "{report}");
    let note = bench.path("store").join(format!("{}.unit.json", units[0]["unit"].as_str().unwrap()));
    std::fs::remove_file(note).unwrap();
    assert_eq!(refused(&sign(&bench, &["node1"], &[]).0), Vec::<&str>::new());
    assert!(bench.path("store").join(manifests_of(&module(1))).is_file());
}

/// What a merge that was ended left, or a disk: the key must not vouch for other code as well.
#[test]
fn nothing_is_signed_where_the_store_does_not_say_what_came_before() {
    let (bench, units) = Bench::planned(1);
    bench.write_key("alice");
    for side in 0..2 {
        Left::new(&units[0], module(side)).write(&bench.path(&format!("node{side}")), None);
    }
    assert_eq!(sign(&bench, &["node0"], &[]).1, 0);
    let note = bench.path("store").join(format!("{}.unit.json", units[0]["unit"].as_str().unwrap()));
    let whole = std::fs::read(&note).unwrap();
    std::fs::write(&note, &whole[..100]).unwrap();
    for node in ["node0", "node1"] {
        let (report, exit) = sign(&bench, &[node], &[]);
        assert_eq!((refused(&report), exit), (vec!["unreadable"], 4), "{report}");
    }
    assert!(!bench.path("store").join(manifests_of(&module(1))).exists());
    // The note is there before any line that it is about.
    std::fs::remove_file(&note).unwrap();
    let lines = bench.path("store").join(manifests_of(&module(0)));
    std::fs::remove_file(&lines).unwrap();
    std::fs::create_dir(&lines).unwrap();
    assert_eq!(sign(&bench, &["node0"], &[]).1, 4, "no line can be written");
    assert!(std::fs::read(&note).unwrap() == whole);
    assert_eq!(refused(&sign(&bench, &["node1"], &[]).0), ["dissent"]);
}

/// Who reads a manifest cannot tell them apart.
#[test]
fn units_that_differ_in_what_may_be_asked_for_source_are_one_to_who_signs() {
    let (bench, units) = Bench::planned(1);
    bench.write_key("alice");
    let other = with_inputs(&units[0], |inputs| {
        inputs["allow_local_source"] = json!(inputs["allow_local_source"] != json!(true));
    });
    bench.write_plan(&[units[0].clone(), other.clone()]);
    for (number, unit) in [&units[0], &other].into_iter().enumerate() {
        Left::new(unit, module(number)).write(&bench.path(&format!("node{number}")), None);
    }
    let (report, exit) = sign(&bench, &["node0", "node1"], &[]);
    assert_eq!((refused(&report), exit), (vec!["dissent", "dissent"], 4), "{report}");
    for number in 0..2 {
        std::fs::remove_dir_all(bench.path("store")).unwrap();
        assert_eq!(refused(&sign(&bench, &[&format!("node{number}")], &[]).0), Vec::<&str>::new());
        let (report, exit) = sign(&bench, &[&format!("node{}", 1 - number)], &[]);
        assert_eq!((refused(&report), exit), (vec!["dissent"], 4), "{report}");
    }
}

#[test]
fn a_unit_of_an_earlier_plan_is_signed_with_what_this_plan_saw() {
    let (bench, units) = Bench::planned(1);
    bench.write_key("alice");
    let mut left = Left::new(&units[0], module(0));
    left.statement.pointer_mut(INTERNAL).unwrap()["observed"] =
        json!({"network": "mainnet", "account_id": "near", "code_hash": "1".repeat(32), "endpoints": []});
    left.write(&bench.path("runs"), None);
    let (report, exit) = sign(&bench, &["runs", "./runs"], &[]);
    assert_eq!((&report["taken"], &report["added"], exit), (&json!(1), &json!(1), 0), "{report}");
    let line = std::fs::read(bench.path("store").join(manifests_of(&module(0)))).unwrap();
    let line: Value = serde_json::from_slice(&line).unwrap();
    let payload = base64::Engine::decode(&base64::engine::general_purpose::STANDARD, line["payload"].as_str().unwrap());
    let statement: Value = serde_json::from_slice(&payload.unwrap()).unwrap();
    assert_eq!(statement.pointer(INTERNAL).unwrap()["observed"], units[0]["observed"]);
}

#[test]
fn no_failure_is_taken_that_no_run_leaves() {
    let (bench, units) = Bench::planned(1);
    let unit = Left::new(&units[0], module(0)).write(&bench.path("runs"), None);
    for (code, expected) in [("build-failed", 5), ("source-refused", 5), ("interrupted", 4), ("usage", 4)] {
        let mut report: Value = serde_json::from_slice(&std::fs::read(unit.join("unit.json")).unwrap()).unwrap();
        report["error"] = json!({"code": code, "message": "x"});
        (report["artifact"], report["files"]) = (json!(null), json!([]));
        std::fs::write(unit.join("unit.json"), report.to_string()).unwrap();
        let (report, exit) = bench.merge(&["runs", "--to", "store"]);
        let codes: &[&str] = if expected == 5 { &[] } else { &["forged"] };
        assert_eq!((refused(&report).as_slice(), exit), (codes, expected), "{code} {report}");
    }
}

#[test]
fn nothing_is_signed_against_what_is_signed_already() {
    let (bench, units) = Bench::planned(2);
    let alice = bench.write_key("alice");
    // In the store, by an earlier merge.
    Left::new(&units[0], module(0)).write(&bench.path("first"), None);
    let (report, exit) = sign(&bench, &["first"], &[]);
    assert_eq!((&report["taken"], exit), (&json!(1), 3), "{report}");
    let before = files(&bench.path("store"));
    Left::new(&units[0], module(1)).write(&bench.path("second"), None);
    let (report, exit) = sign(&bench, &["second"], &[]);
    assert_eq!((refused(&report), exit), (vec!["dissent"], 4), "{report}");
    let after: Vec<_> =
        files(&bench.path("store")).into_iter().filter(|(name, _)| !name.ends_with(".diff.json")).collect();
    assert!(after == before, "something of it was taken");
    // In the same merge, by the same key.
    Left::new(&units[1], module(2)).write(&bench.path("third"), Some(&alice));
    Left::new(&units[1], module(3)).write(&bench.path("fourth"), None);
    let (report, exit) = sign(&bench, &["third", "fourth"], &[]);
    assert_eq!((refused(&report), &report["taken"], exit), (vec!["dissent"], &json!(1), 4), "{report}");
    assert!(bench.path("store").join(manifests_of(&module(2))).exists());
    assert!(!bench.path("store").join(manifests_of(&module(3))).exists());
    // Who agrees is signed.
    Left::new(&units[0], module(0)).write(&bench.path("fifth"), None);
    assert_eq!(refused(&sign(&bench, &["fifth"], &[]).0), Vec::<&str>::new());
}

/// Neither of two merges at the same time would see what the other signs.
#[test]
fn merges_at_the_same_time_do_not_sign_a_side_each() {
    let (bench, units) = Bench::planned(12);
    bench.write_key("alice");
    for (number, unit) in units.iter().enumerate() {
        for side in 0..2 {
            Left::new(unit, module(2 * number + side)).write(&bench.path(&format!("node{side}")), None);
        }
    }
    let merges: Vec<_> = ["node0", "node1"]
        .iter()
        .map(|node| {
            let words = ["batch", "merge", node, "--to", "store", "--plan", "plan.json", "--key", "alice"];
            let mut merge = bench.desk.command(&words);
            merge.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
        })
        .collect();
    for mut merge in merges {
        merge.wait().unwrap();
    }
    let is_signed = |number: usize| bench.path("store").join(manifests_of(&module(number))).exists();
    for number in 0..units.len() {
        assert!(is_signed(2 * number) != is_signed(2 * number + 1), "{number}");
    }
}

/// A machine could make a recipe up, and have it signed.
#[test]
fn nothing_is_signed_that_was_not_asked_for() {
    let (bench, units) = Bench::planned(1);
    bench.write_key("alice");
    Left::new(&units[0], module(0)).write(&bench.path("runs"), None);
    let said = bench.desk.run(&["batch", "merge", "runs", "--to", "store", "--key", "alice"]);
    assert!(said.exit == 2 && said.stderr.contains("`--plan`"), "{} {}", said.exit, said.stderr);
    assert_eq!(names(&bench.path("store")), Vec::<String>::new());
    let other = with_inputs(&units[0], |inputs| inputs["recipe"]["build_info"]["contract_path"] = json!("made-up"));
    Left::new(&other, module(1)).write(&bench.path("runs"), None);
    let (report, exit) = sign(&bench, &["runs"], &[]);
    assert_eq!((refused(&report), &report["taken"], exit), (vec!["other-plan"], &json!(1), 4), "{report}");
}

#[test]
fn strangers_are_not_taken_where_it_is_said_whom_to_take() {
    let (bench, units) = Bench::planned(2);
    bench.write_key("alice");
    let (bob, mallory) = (Notary::named("bob"), Notary::named("mallory"));
    Left::new(&units[0], module(0)).write(&bench.path("bob"), Some(&bob));
    Left::new(&units[1], module(1)).write(&bench.path("mallory"), Some(&mallory));
    let key = bob.public_key().to_near();
    let (report, exit) = sign(&bench, &["bob", "mallory"], &[]);
    assert_eq!((refused(&report), exit), (vec!["untrusted-key", "untrusted-key"], 4), "{report}");
    assert_eq!(report["missing"].as_array().map(Vec::len), Some(2), "{report}");
    let (report, exit) = sign(&bench, &["bob", "mallory"], &["--trust", &key]);
    assert_eq!((refused(&report), &report["taken"], exit), (vec!["untrusted-key"], &json!(1), 4), "{report}");
    assert_eq!(report["missing"], json!([units[1]["unit"]]));
    let (report, exit) = bench.merge(&["bob", "mallory", "--to", "other", "--trust", &key]);
    assert_eq!((refused(&report), &report["taken"], exit), (vec!["untrusted-key"], &json!(1), 4), "{report}");
    assert_eq!(bench.merge(&["bob", "mallory", "--to", "all"]).1, 0);
    let said = bench.desk.run(&["batch", "merge", "bob", "--to", "other", "--trust", "ed25519:x"]);
    assert_eq!(said.exit, 2, "{}", said.stderr);
}

const INTERNAL: &str = "/predicate/buildDefinition/internalParameters";

/// What a unit's inputs make doubtful has to be in what is signed of it, since readers see no inputs; and no more than that, since the
/// unit would be answered with a doubt that a rebuild of it does not have.
#[test]
fn the_doubts_that_the_inputs_raise_and_no_others_are_in_what_is_signed() {
    let (bench, units) = Bench::planned(1);
    let alice = bench.write_key("alice");
    let other_image = format!("x/y@sha256:{}", "b".repeat(64));
    let source = with_inputs(&units[0], |inputs| inputs["source"] = json!("https://h.example/fork"));
    let image = with_inputs(&units[0], |inputs| inputs["image"] = json!(other_image));
    let tag = with_inputs(&units[0], |inputs| inputs["image"] = json!("x/y:latest"));
    let public = with_inputs(&units[0], |inputs| inputs["allow_local_source"] = json!(false));
    let id_only = json!({"name": "image", "uri": "x/y:latest", "digest": {"imageId": "c".repeat(64)}});
    let pulled = |digest: &str| json!({"name": "image", "uri": "x/y:latest", "digest": {"sha256": digest}});
    // The unit, its image as it is stated, its notices, and whether that is honest.
    let rows = [
        (&units[0], None, json!(["source-from-elsewhere"]), false),
        (&units[0], None, json!(["image-substituted"]), false),
        (&units[0], None, json!(["local-source"]), true),
        (&public, None, json!(["local-source"]), false),
        (&source, None, json!([]), false),
        (&source, None, json!(["source-from-elsewhere"]), true),
        (&image, Some(pulled(&"b".repeat(64))), json!([]), false),
        (&image, Some(pulled(&"b".repeat(64))), json!(["image-substituted"]), true),
        (&tag, Some(pulled(crate::bench::IMAGE)), json!([]), false),
        (&tag, Some(pulled(crate::bench::IMAGE)), json!(["image-substituted"]), false),
        (&tag, Some(pulled(&"b".repeat(64))), json!(["image-substituted"]), true),
        (&tag, Some(id_only.clone()), json!([]), false),
        (&tag, Some(id_only), json!(["image-substituted"]), true),
    ];
    for (number, (unit, image, notices, is_honest)) in rows.into_iter().enumerate() {
        bench.write_plan(std::slice::from_ref(unit));
        for notary in [None, Some(&alice)] {
            let mut left = Left::new(unit, module(0));
            left.statement.pointer_mut(INTERNAL).unwrap()["notices"] = notices.clone();
            if let Some(image) = &image {
                left.statement["predicate"]["buildDefinition"]["resolvedDependencies"][1] = image.clone();
            }
            let (folder, to) = (format!("node{number}{}", notary.is_some()), format!("s{number}{}", notary.is_some()));
            left.write(&bench.path(&folder), notary);
            let (report, _) = bench.merge(&[&folder, "--to", &to, "--plan", "plan.json", "--key", "alice"]);
            let codes = if is_honest { vec![] } else { vec!["other-unit"] };
            assert_eq!((refused(&report), &report["taken"]), (codes, &json!(u8::from(is_honest))), "{number} {report}");
        }
    }
}

#[test]
fn only_the_current_form_is_signed_and_nothing_that_the_machine_makes_up() {
    let (bench, units) = Bench::planned(1);
    bench.write_key("alice");
    let rows: [(&str, &str, &str, Value); 6] = [
        ("other-unit", "/predicate/buildDefinition", "buildType", json!("https://provenear.org/nep330-rebuild/v1")),
        ("forged", "/predicate/buildDefinition/externalParameters", "origin", json!("supplied")),
        ("forged", "/predicate/runDetails/byproducts/0", "annotations", json!({"host": "a\u{1b}[31m"})),
        ("forged", "/predicate/runDetails/byproducts/0", "annotations", json!({"note": "a"})),
        (
            "forged",
            "/predicate/runDetails/byproducts/1",
            "",
            json!({"name": "audit", "digest": {"sha256": "0".repeat(64)}}),
        ),
        (
            "forged",
            "/predicate/runDetails/byproducts/1",
            "",
            json!({"name": "build-log", "digest": {"sha256": "0".repeat(64)}}),
        ),
    ];
    for (number, (code, parent, member, value)) in rows.into_iter().enumerate() {
        let mut left = Left::new(&units[0], module(0));
        if member.is_empty() {
            left.statement["predicate"]["runDetails"]["byproducts"].as_array_mut().unwrap().push(value);
        } else {
            left.statement.pointer_mut(parent).unwrap()[member] = value;
        }
        if member == "buildType" {
            left.statement["predicate"]["runDetails"]["builder"]["id"] =
                json!("https://provenear.org/builder/hermetic/v1");
        }
        let folder = format!("node{number}");
        left.write(&bench.path(&folder), None);
        let (report, exit) = sign(&bench, &[&folder], &[]);
        assert_eq!((refused(&report), exit), (vec![code], 4), "{number} {report}");
        assert_eq!(files(&bench.path("store")), [], "{number}");
    }
    // What the plan says was seen may be said.
    let mut left = Left::new(&units[0], module(0));
    left.statement.pointer_mut(INTERNAL).unwrap()["observed"] = units[0]["observed"].clone();
    assert!(units[0]["observed"].is_object());
    left.write(&bench.path("honest"), None);
    assert_eq!(sign(&bench, &["honest"], &[]).1, 0);
}
