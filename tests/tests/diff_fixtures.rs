//! The comparison on modules of a real compiler: the contract `diff-fixture` in variants. The names that rustc leaves in
//! are the truth, and are taken away before the comparison.

#[path = "diff/truth.rs"]
mod truth;

use provenear_shared::wasm::Module;
use provenear_shared::wasm::diff::{Budget, Class, DiffReport, Side, Status, diff};
use provenear_tests::variants::{BASE, Variant, optimised};
use std::path::PathBuf;
use std::sync::LazyLock;
use truth::{Accuracy, names, stripped};

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("diff-fixture")
}

static BASE_WASM: LazyLock<Vec<u8>> = LazyLock::new(|| BASE.build(&folder()).expect("the base builds"));

fn compare(a: &[u8], b: &[u8]) -> DiffReport {
    let (a, b) = (Module::parse(a).unwrap(), Module::parse(b).unwrap());
    diff(&Side::new(&a), &Side::new(&b), Budget::default())
}

/// Compares the base with `wasm`, both without names, and holds the pairs against the names.
fn against_base(wasm: &[u8]) -> (DiffReport, Accuracy) {
    let report = compare(&stripped(&BASE_WASM), &stripped(wasm));
    let accuracy = Accuracy::of(&report, &names(&BASE_WASM), &names(wasm));
    println!("{:?} {:?} {accuracy:?}", report.class, report.counts);
    for data in &report.data {
        println!("data {data:?}");
    }
    for change in &report.changes {
        let name = |side: &Option<_>, names: &[String]| {
            side.as_ref().map(|s: &provenear_shared::wasm::diff::FunctionSide| names[s.index as usize].clone())
        };
        println!(
            "{:?} {:?} | {:?} {:?}",
            change.status,
            name(&change.a, &names(&BASE_WASM)),
            name(&change.b, &names(wasm)),
            change.similarity
        );
    }
    (report, accuracy)
}

fn built(variant: Variant) -> Vec<u8> {
    variant.build(&folder()).expect("the variant builds")
}

#[test]
fn constant() {
    against_base(&built(Variant { name: "constant", arguments: &["--cfg", "variant=\"constant\""], ..BASE }));
}
#[test]
fn added() {
    against_base(&built(Variant { name: "added", arguments: &["--cfg", "variant=\"added\""], ..BASE }));
}
#[test]
fn version() {
    against_base(&built(Variant { name: "version", arguments: &["--cfg", "variant=\"version\""], ..BASE }));
}
#[test]
fn bumped() {
    against_base(&built(Variant { name: "bumped", ledger: "0.2.0", ..BASE }));
}
#[test]
fn path() {
    against_base(&built(Variant { name: "path", home: "/Users/somebody", ..BASE }));
}
#[test]
fn feature() {
    against_base(&built(Variant { name: "feature", arguments: &["--cfg", "feature=\"log\""], ..BASE }));
}
#[test]
fn overflow() {
    against_base(&built(Variant { name: "overflow", arguments: &["-C", "overflow-checks=on"], ..BASE }));
}
#[test]
fn other_rustc() {
    against_base(&built(Variant { name: "other-rustc", toolchain: Some("1.85.0"), ..BASE }));
}
#[test]
fn opt3() {
    against_base(&built(Variant { name: "opt3", arguments: &["-C", "opt-level=3"], ..BASE }));
}
#[test]
fn wasm_opt() {
    against_base(&optimised(&BASE_WASM, &folder().join("wasm-opt")).unwrap());
}
