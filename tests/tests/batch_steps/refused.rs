//! What a hostile machine leaves, or an unlucky one: refused with its reason, and everything beside it is taken.

use std::path::Path;

use provenear_shared::digest::Sha256Digest;
use provenear_tests::notary::Notary;
use serde_json::{Value, json};

use crate::bench::{Bench, Left, files, module};

/// What is done to a statement before it is signed, or to a folder afterwards.
enum Bend {
    Statement(&'static str, Value),
    Left(fn(&mut Left)),
    Folder(fn(&Path)),
}

/// Names the files of a folder anew, as somebody would who changed one of them.
fn name_again(unit: &Path) {
    let mut report: Value = serde_json::from_slice(&std::fs::read(unit.join("unit.json")).unwrap()).unwrap();
    for file in report["files"].as_array_mut().unwrap() {
        let bytes = std::fs::read(unit.join(file["name"].as_str().unwrap())).unwrap();
        file["sha256"] = json!(Sha256Digest::of(&bytes).to_hex());
    }
    std::fs::write(unit.join("unit.json"), report.to_string()).unwrap();
}

fn edit(unit: &Path, change: impl Fn(&mut Value)) {
    let mut report: Value = serde_json::from_slice(&std::fs::read(unit.join("unit.json")).unwrap()).unwrap();
    change(&mut report);
    std::fs::write(unit.join("unit.json"), report.to_string()).unwrap();
}

fn remove(path: &Path) {
    std::fs::remove_file(path).unwrap();
}

const DEFINITION: &str = "/predicate/buildDefinition";

fn bends() -> Vec<(&'static str, Bend)> {
    vec![
        ("half-written", Bend::Folder(|unit| remove(&unit.join("unit.json")))),
        ("half-written", Bend::Folder(|unit| remove(&unit.join("artifact.wasm")))),
        ("half-written", Bend::Folder(|unit| remove(&unit.join("source.tar")))),
        ("half-written", Bend::Folder(|unit| std::fs::write(unit.join("unit.json"), "{\"schema\":").unwrap())),
        ("half-written", Bend::Folder(|unit| edit(unit, |it| it["files"] = json!([])))),
        (
            "half-written",
            Bend::Folder(|unit| {
                edit(unit, |it| {
                    let first = it["files"][0].clone();
                    it["files"].as_array_mut().unwrap().push(first);
                });
            }),
        ),
        // A link leads to whatever its maker wants to have.
        (
            "half-written",
            Bend::Folder(|unit| {
                let log = unit.join("build.log");
                std::fs::rename(&log, unit.join("other")).unwrap();
                std::os::unix::fs::symlink("other", &log).unwrap();
            }),
        ),
        ("altered", Bend::Folder(|unit| std::fs::write(unit.join("artifact.wasm"), "x").unwrap())),
        ("altered", Bend::Folder(|unit| std::fs::write(unit.join("manifest.intoto.jsonl"), "{}").unwrap())),
        ("other-unit", Bend::Folder(|unit| edit(unit, |it| it["inputs"]["image"] = json!("x/z")))),
        ("other-unit", Bend::Folder(|unit| edit(unit, |it| it["unit"] = json!("f".repeat(64))))),
        ("other-unit", Bend::Statement("/externalParameters/contract_path", json!("elsewhere"))),
        ("other-unit", Bend::Statement("/externalParameters/build_command", json!(["cargo", "build"]))),
        ("other-unit", Bend::Statement("/resolvedDependencies/0/digest/gitCommit", json!("f".repeat(40)))),
        ("other-unit", Bend::Statement("/resolvedDependencies/1/digest/sha256", json!("b".repeat(64)))),
        ("other-unit", Bend::Statement("/internalParameters/network_access", json!("full"))),
        ("other-unit", Bend::Statement("/internalParameters/argv/2", json!("cargo build"))),
        ("forged", Bend::Statement("/buildType", json!("urn:somebody:v1"))),
        ("forged", Bend::Left(|left| left.bend_line = |line| line.replacen("\"sig\":\"", "\"sig\":\"AAAA", 1))),
        (
            "forged",
            Bend::Left(|left| left.bend_line = |line| line.replacen("\"payload\":\"eyJ", "\"payload\":\"eyK", 1)),
        ),
        ("forged", Bend::Left(|left| left.bend_line = |line| format!("{line}\n{line}"))),
        ("forged", Bend::Left(|left| left.bend_line = |_| "{}".to_owned())),
        ("forged", Bend::Left(|left| left.bend_line = |_| String::new())),
        (
            "forged",
            Bend::Folder(|unit| edit(unit, |it| it["key"] = json!(Notary::named("mallory").public_key().to_near()))),
        ),
        (
            "other-files",
            Bend::Folder(|unit| {
                std::fs::write(unit.join("artifact.wasm"), module(77)).unwrap();
                name_again(unit);
            }),
        ),
        (
            "other-files",
            Bend::Folder(|unit| {
                std::fs::write(unit.join("build.log"), "nothing to see").unwrap();
                name_again(unit);
            }),
        ),
        (
            "other-files",
            Bend::Folder(|unit| {
                std::fs::write(unit.join("source.tar"), "other source").unwrap();
                name_again(unit);
            }),
        ),
        ("other-files", Bend::Left(|left| left.statement["predicate"]["runDetails"]["byproducts"] = json!([]))),
    ]
}

#[test]
fn each_is_refused_with_its_reason_and_the_others_are_taken() {
    let (bench, units) = Bench::planned(2);
    let alice = Notary::named("alice");
    Left::new(&units[1], module(1)).write(&bench.path("good"), Some(&alice));
    assert_eq!(bench.merge(&["good", "--to", "alone"]).1, 0);
    let alone = files(&bench.path("alone"));
    for (number, (code, bend)) in bends().into_iter().enumerate() {
        let (folder, to) = (format!("node{number}"), format!("store{number}"));
        let mut left = Left::new(&units[0], module(0));
        match &bend {
            Bend::Statement(pointer, value) => {
                let pointer = format!("{DEFINITION}{pointer}");
                *left.statement.pointer_mut(&pointer).unwrap_or_else(|| panic!("{pointer}")) = value.clone();
            }
            Bend::Left(bend) => bend(&mut left),
            Bend::Folder(_) => {}
        }
        let unit = left.write(&bench.path(&folder), Some(&alice));
        if let Bend::Folder(bend) = bend {
            bend(&unit);
        }
        let (report, exit) = bench.merge(&[&folder, "good", "--to", &to]);
        let [refused] = report["refused"].as_array().unwrap().as_slice() else { panic!("{number} {code}: {report}") };
        assert_eq!((refused["code"].as_str().unwrap(), exit), (code, 4), "{number}: {report}");
        assert!(refused["folder"].as_str().unwrap().starts_with(&format!("{folder}/")), "{report}");
        assert_eq!((&report["taken"], &report["dissent"]), (&json!(1), &json!([])), "{number}: {report}");
        assert!(files(&bench.path(&to)) == alone, "{number} {code}: something of it was taken");
    }
}

#[test]
fn units_of_another_plan_are_refused_where_a_plan_is_given() {
    let (bench, units) = Bench::planned(2);
    let alice = Notary::named("alice");
    for unit in &units {
        Left::new(unit, module(1)).write(&bench.path("runs"), Some(&alice));
    }
    bench.desk.write("list", "app1.devnet");
    bench.plan(&[]);
    let (report, exit) = bench.merge(&["runs", "--to", "store", "--plan", "plan.json"]);
    assert_eq!(
        (&report["refused"][0]["code"], &report["taken"], exit),
        (&json!("other-plan"), &json!(1), 4),
        "{report}"
    );
    assert_eq!(bench.merge(&["runs", "--to", "other"]).1, 0);
    // A folder by itself, and one under another unit's name.
    let own = format!("runs/{}", units[0]["unit"].as_str().unwrap());
    assert_eq!(bench.merge(&[&own, "--to", "single"]).0["taken"], 1);
    std::fs::rename(bench.path(&own), bench.path(&format!("runs/{}", "f".repeat(64)))).unwrap();
    let (report, exit) = bench.merge(&["runs", "--to", "renamed"]);
    assert_eq!(
        (&report["refused"][0]["code"], &report["taken"], exit),
        (&json!("other-unit"), &json!(1), 4),
        "{report}"
    );
    let (report, exit) = bench.merge(&["nowhere", "runs", "--to", "nowhere-store"]);
    assert_eq!((report["refused"].as_array().unwrap().len(), exit), (2, 4), "{report}");
}

/// Whoever signs for others signs nothing that is not what it says it is.
#[test]
fn what_nobody_signed_is_not_signed_where_it_does_not_hold() {
    let (bench, units) = Bench::planned(1);
    bench.write_key("alice");
    let rows: [(&str, &str, Value); 6] = [
        ("other-files", "/subject/0/digest/sha256", json!("e".repeat(64))),
        ("other-files", "/predicate/runDetails/byproducts/0/digest/sha256", json!("e".repeat(64))),
        ("other-files", "/predicate/buildDefinition/resolvedDependencies/2/digest/sha256", json!("e".repeat(64))),
        ("other-unit", "/predicate/buildDefinition/externalParameters/contract_path", json!("elsewhere")),
        ("forged", "/predicate/runDetails/builder/id", json!("urn:somebody")),
        (
            "forged",
            "/predicate/buildDefinition/internalParameters/signer",
            json!({"public_key": Notary::named("mallory").public_key().to_near()}),
        ),
    ];
    for (number, (code, pointer, value)) in rows.into_iter().enumerate() {
        let mut left = Left::new(&units[0], module(0));
        let (parent, member) = pointer.rsplit_once('/').unwrap();
        left.statement.pointer_mut(parent).unwrap()[member] = value;
        left.write(&bench.path(&format!("node{number}")), None);
        let (folder, to) = (format!("node{number}"), format!("store{number}"));
        let (report, exit) = bench.merge(&[&folder, "--to", &to, "--plan", "plan.json", "--key", "alice"]);
        assert_eq!((&report["refused"][0]["code"], exit), (&json!(code), 4), "{pointer}: {report}");
        assert_eq!(files(&bench.path(&to)), [], "{pointer}");
    }
}
