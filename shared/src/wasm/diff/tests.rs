//! First checks of the comparison on modules written as text; the fixtures and properties are in the test crate.

use super::{Budget, Class, DiffReport, Side, Status, diff};
use crate::wasm::Module;

fn compare(a: &str, b: &str) -> DiffReport {
    let (a, b) = (wat::parse_str(a).unwrap(), wat::parse_str(b).unwrap());
    let (a, b) = (Module::parse(&a).unwrap(), Module::parse(&b).unwrap());
    let report = diff(&Side::new(&a), &Side::new(&b), Budget::default());
    assert_eq!(diff(&Side::new(&b), &Side::new(&a), Budget::default()).mirrored().pairs, report.pairs);
    report
}

const A: &str = r#"(module
    (import "env" "value_return" (func $return (param i64 i64)))
    (memory 17)
    (data (i32.const 1048576) "hello world, hello moon")
    (func (export "get") (call $say (i32.const 1048576) (i32.const 11)))
    (func (export "put") (call $say (i32.const 1048589) (i32.const 10)))
    (func $say (param i32 i32) (call $return (i64.extend_i32_u (local.get 1)) (i64.extend_i32_u (local.get 0)))))"#;

/// [`A`] with `from` replaced by `to`, once.
fn edited(from: &str, to: &str) -> String {
    assert_eq!(A.matches(from).count(), 1);
    A.replace(from, to)
}

#[test]
fn a_module_is_identical_to_itself() {
    let report = compare(A, A);
    assert_eq!(report.class, Class::Identical);
    assert!(report.pairs.iter().all(|pair| pair.status == Status::Exact && pair.a == pair.b));
    assert_eq!((report.counts.matched, report.changes.len(), report.data.len()), (3, 0, 0));
}

#[test]
fn an_edited_string_is_data() {
    let report = compare(A, &edited("hello moon", "hello mars"));
    assert_eq!(report.class, Class::Data);
    assert_eq!(report.data.len(), 1);
    let (a, b) = (report.data[0].a.as_ref().unwrap(), report.data[0].b.as_ref().unwrap());
    assert!(a.1.ends_with("moon") && b.1.ends_with("mars"), "{a:?} {b:?}");
}

#[test]
fn moved_data_is_relocated() {
    let moved = edited("\"hello world, hello moon\"", "\"hello moonhello world, \"")
        .replace("1048576) (i32.const 11", "1048586) (i32.const 11")
        .replace("1048589", "1048576");
    let report = compare(A, &moved);
    assert_eq!((report.class, &report.data), (Class::Relocated, &Vec::new()));
}

#[test]
fn an_edited_constant_is_one_function() {
    let report = compare(A, &edited("(i32.const 10)", "(i32.const 9)"));
    assert_eq!((report.class, report.counts.changed, report.counts.matched), (Class::Functions, 1, 2));
    assert_eq!(report.changes[0].a.as_ref().unwrap().name.as_deref(), Some("put"));
    let report = compare(A, &edited("(i32.const 1048589)", "(i32.const 1048577)"));
    assert_eq!((report.class, report.counts.changed), (Class::Functions, 1));
}

#[test]
fn an_added_function_is_added() {
    let report = compare(
        A,
        &edited(
            "(func (export \"get\")",
            "(func (export \"new\") (param i64) (drop (i64.const 7))) (func (export \"get\")",
        ),
    );
    assert_eq!(
        (report.class, report.counts.added, report.counts.matched, report.counts.changed),
        (Class::Functions, 1, 3, 0)
    );
}

#[test]
fn a_claim_of_another_length_is_metadata() {
    let module = |version: &str, at: usize| {
        let claim = format!("{{\"version\":\"{version}\",\"link\":null,\"standards\":[]}}");
        format!(
            r#"(module (import "env" "value_return" (func (param i64 i64))) (memory 17)
            (data (i32.const 1048576) "{}and more")
            (func (export "contract_source_metadata") (call 0 (i64.const {}) (i64.const 1048576)))
            (func (export "more") (call 0 (i64.const 8) (i64.const {}))))"#,
            claim.replace('"', "\\\""),
            claim.len(),
            at + claim.len(),
        )
    };
    let report = compare(&module("1.0.0", 1_048_576), &module("1.0.10", 1_048_576));
    assert_eq!((report.class, report.data.len(), report.data[0].kind), (Class::Metadata, 1, "claim"));
}

#[test]
fn a_spent_budget_is_said() {
    let (a, b) = (wat::parse_str(A).unwrap(), wat::parse_str(edited("(i32.const 10)", "(i32.const 9)")).unwrap());
    let (a, b) = (Module::parse(&a).unwrap(), Module::parse(&b).unwrap());
    let report = diff(&Side::new(&a), &Side::new(&b), Budget::new(10));
    assert!(report.incomplete);
    assert!(serde_json::to_string(&report).unwrap().contains("ended early"));
}
