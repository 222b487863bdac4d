//! The comparison on modules of a real compiler: the contract `diff-fixture` in variants. The names that rustc leaves in
//! are the truth, and are taken away before the comparison.
#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::unwrap_used)] // these are tests, helpers included

mod truth;

use provenear_shared::wasm::Module;
use provenear_shared::wasm::diff::{
    Budget, Cause, CauseKind, Class, DiffReport, ItemKind, Known, RowKind, Status, causes, diff, side_by_side,
};
use provenear_tests::variants::{BASE, Variant, optimise};
use std::path::PathBuf;
use std::sync::LazyLock;
use truth::{Accuracy, names, only_in, stripped};

/// The compiler that a fixture of another compiler is built by; the set-up installs it.
const OTHER_RUSTC: &str = "1.85.0";

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("diff-fixture")
}

static BASE_WASM: LazyLock<Vec<u8>> = LazyLock::new(|| BASE.build(&folder()).expect("the base builds"));

fn built(variant: Variant) -> Vec<u8> {
    variant.build(&folder()).expect("the variant builds")
}

/// A comparison of two modules, and what their names say about it.
struct Compared {
    report: DiffReport,
    causes: Vec<Cause>,
    names_a: Vec<String>,
    names_b: Vec<String>,
}

impl Compared {
    /// Compares the base with `wasm`, both without names, and holds the pairs against the names.
    fn with_base(wasm: &[u8]) -> Compared {
        let (a, b) = (stripped(&BASE_WASM), stripped(wasm));
        let (module_a, module_b) = (Module::parse(&a).unwrap(), Module::parse(&b).unwrap());
        let report = diff(&module_a, &module_b, Budget::default());
        let causes = causes(&module_a, &module_b, [Known::default(); 2], &report);
        let (names_a, names_b) = (names(&BASE_WASM), names(wasm));
        let accuracy = Accuracy::of(&report, &names_a, &names_b);
        // Issue: exact and relocated pairs at least 99 % right; wrong ones only among those called guesses.
        let matched = accuracy.matched_right + accuracy.matched_wrong.len();
        assert!(accuracy.matched_wrong.len() * 100 <= matched, "{accuracy:?}");
        assert_eq!(accuracy.changed_wrong, [], "{accuracy:?}");
        assert!(!report.incomplete);
        Compared { report, causes, names_a, names_b }
    }

    /// Names of the functions with this status, in the first module, or in the second where only that has them.
    fn named(&self, status: Status) -> Vec<&str> {
        let pairs = self.report.pairs.iter().filter(|pair| pair.status == status);
        let mut named: Vec<&str> = pairs
            .map(|pair| match (pair.a, pair.b) {
                (Some(a), _) => self.names_a[a as usize].as_str(),
                (None, Some(b)) => self.names_b[b as usize].as_str(),
                (None, None) => unreachable!("a pair has a side"),
            })
            .collect();
        named.sort_unstable();
        named
    }

    fn causes(&self) -> Vec<CauseKind> {
        assert!(self.causes.iter().all(|cause| !cause.evidence.is_empty() && !cause.message.is_empty()));
        self.causes.iter().map(|cause| cause.code).collect()
    }

    fn evidence(&self, kind: CauseKind) -> (&str, &str) {
        let cause = self.causes.iter().find(|cause| cause.code == kind).expect("the cause is named");
        let (a, b) = &cause.evidence[0];
        (a.as_deref().unwrap_or_default(), b.as_deref().unwrap_or_default())
    }
}

#[test]
fn the_same_source_twice_is_identical() {
    let again = Variant { name: "again", ..BASE };
    let compared = Compared::with_base(&built(again));
    assert_eq!((compared.report.class, compared.causes()), (Class::Identical, vec![]));
    assert_eq!(compared.named(Status::Exact).len(), compared.report.pairs.len());
}

#[test]
fn names_left_in_are_custom_sections() {
    let (a, b) = (stripped(&BASE_WASM), &*BASE_WASM);
    let (a, b) = (Module::parse(&a).unwrap(), Module::parse(b).unwrap());
    let report = diff(&a, &b, Budget::default());
    assert_eq!(report.class, Class::CustomSections);
    let causes = causes(&a, &b, [Known::default(); 2], &report);
    assert_eq!(causes.iter().map(|cause| cause.code).collect::<Vec<_>>(), [CauseKind::NamesLeft]);
}

#[test]
fn one_constant_is_one_function() {
    let constant = Variant { name: "constant", arguments: &["--cfg", "variant=\"constant\""], ..BASE };
    let compared = Compared::with_base(&built(constant));
    assert_eq!(compared.report.class, Class::Functions);
    assert_eq!(compared.named(Status::Changed), ["deposit"]);
    assert_eq!(compared.report.counts.matched + 1, compared.report.pairs.len());
    assert_eq!(compared.causes(), [CauseKind::OtherSource]);
    assert_eq!(compared.evidence(CauseKind::OtherSource), ("deposit", "deposit"));
}

#[test]
fn an_edited_version_is_metadata() {
    let version = Variant { name: "version", arguments: &["--cfg", "variant=\"version\""], ..BASE };
    let compared = Compared::with_base(&built(version));
    assert_eq!(compared.report.class, Class::Metadata);
    assert_eq!(compared.causes(), [CauseKind::OtherVersion]);
    assert_eq!(compared.evidence(CauseKind::OtherVersion), ("0.9.0", "0.10.0"));
    assert_eq!(compared.report.data.len(), 1);
}

#[test]
fn an_added_export_adds_what_it_calls() {
    let added = Variant { name: "added", arguments: &["--cfg", "variant=\"added\""], ..BASE };
    let compared = Compared::with_base(&built(added));
    assert_eq!(compared.report.class, Class::Functions);
    let added = compared.named(Status::Added);
    assert!(added.contains(&"middle") && added.contains(&"fixture::median"), "{added:?}");
    assert_eq!(compared.named(Status::Removed), [""; 0]);
    // As many as the names say: none of the base is taken for a new one.
    assert_eq!(added.len() - compared.report.counts.removed, only_in(&compared.names_b, &compared.names_a));
    assert!(
        compared
            .report
            .items
            .iter()
            .any(|item| item.kind == ItemKind::Export && item.b.as_deref() == Some("middle (func)"))
    );
}

#[test]
fn a_bumped_dependency_is_named() {
    let bumped = Variant { name: "bumped", ledger: "0.2.0", ..BASE };
    let compared = Compared::with_base(&built(bumped));
    assert_eq!(compared.named(Status::Changed), ["ledger::take"]);
    assert_eq!(compared.report.counts.matched + 1, compared.report.pairs.len());
    assert_eq!(compared.evidence(CauseKind::OtherCrates), ("ledger 0.1.0", "ledger 0.2.0"));
}

#[test]
fn another_path_is_data() {
    let path = Variant { name: "path", home: "/Users/somebody", ..BASE };
    let compared = Compared::with_base(&built(path));
    assert_eq!(compared.report.class, Class::Data);
    assert_eq!(compared.report.counts.matched, compared.report.pairs.len());
    assert_eq!(compared.causes(), [CauseKind::OtherPath]);
    assert_eq!(compared.evidence(CauseKind::OtherPath), ("/home/near", "/Users/somebody"));
}

#[test]
fn another_feature_is_source_and_a_new_import() {
    let feature = Variant { name: "feature", arguments: &["--cfg", "feature=\"log\""], ..BASE };
    let compared = Compared::with_base(&built(feature));
    assert_eq!(compared.named(Status::Changed), ["balances"]);
    assert_eq!(compared.causes(), [CauseKind::OtherSource]);
    assert!(compared.report.message.contains("newly imported"), "{}", compared.report.message);
}

#[test]
fn overflow_checks_are_named() {
    let overflow = Variant { name: "overflow", arguments: &["-C", "overflow-checks=on"], ..BASE };
    let compared = Compared::with_base(&built(overflow));
    assert_eq!(compared.causes(), [CauseKind::OverflowChecks]);
    assert_eq!(compared.named(Status::Changed), ["ledger::grouped"]);
}

#[test]
fn another_rustc_is_named() {
    let other = Variant { name: "other-rustc", toolchain: Some(OTHER_RUSTC), ..BASE };
    let compared = Compared::with_base(&built(other));
    assert_eq!(compared.report.class, Class::Functions);
    assert_eq!(compared.evidence(CauseKind::OtherRustc).1, format!("rustc {OTHER_RUSTC}"));
    assert_ne!(compared.evidence(CauseKind::OtherRustc).0, compared.evidence(CauseKind::OtherRustc).1);
}

#[test]
fn wasm_opt_is_named() {
    let compared = Compared::with_base(&optimise(&BASE_WASM, &folder().join("wasm-opt")).unwrap());
    assert_eq!(compared.report.class, Class::Functions);
    assert_eq!(compared.causes(), [CauseKind::WasmOpt]);
}

#[test]
fn a_changed_function_is_shown_side_by_side() {
    let constant = Variant { name: "constant-shown", arguments: &["--cfg", "variant=\"constant\""], ..BASE };
    let (a, b) = (stripped(&BASE_WASM), stripped(&built(constant)));
    let (a, b) = (Module::parse(&a).unwrap(), Module::parse(&b).unwrap());
    let report = diff(&a, &b, Budget::default());
    let change = &report.changes[0];
    let index = |side: &Option<_>| side.as_ref().map(|side: &provenear_shared::wasm::diff::FunctionSide| side.index);
    let shown = side_by_side(&a, &b, &report, index(&change.a), index(&change.b));
    assert!(!shown.cut && shown.a.as_deref().unwrap().starts_with("deposit (func"), "{:?}", shown.a);
    let differing: Vec<_> = shown.rows.iter().filter(|row| row.kind != RowKind::Same).collect();
    assert!((1..=4).contains(&differing.len()) && shown.rows.len() > 100, "{differing:?}");
    let marked: Vec<&str> = differing
        .iter()
        .flat_map(|row| row.b.as_ref().unwrap().words.iter().filter(|word| word.1).map(|word| word.0.as_str()))
        .collect();
    assert!(marked.iter().any(|word| word.contains("1234567") || word.contains("1234568")), "{marked:?}");
    assert!(shown.rows.iter().any(|row| row.a.as_ref().is_some_and(|cell| cell.words[0].0 == "call")));
}
