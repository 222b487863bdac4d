//! The sandbox plan: limits written in, stubs listed, and what the node would refuse refused.

use super::super::Module;
use super::super::sandbox::{HostMemory, Plan, PlanError, ValueType};
use super::{CONTRACT, wasm};

#[test]
fn plan_limits_the_memory_and_lists_the_stubs() {
    let bytes = wasm(CONTRACT);
    let plan = Plan::new(&Module::parse(&bytes).unwrap(), "contract_source_metadata").unwrap();
    let stubs: Vec<_> =
        plan.functions().iter().map(|f| (f.name.as_str(), f.params.as_slice(), f.results.as_slice())).collect();
    let i64 = ValueType::I64;
    assert_eq!(
        stubs,
        [("value_return", &[i64, i64][..], &[][..]), ("input", &[i64], &[]), ("block_index", &[], &[i64])]
    );
    assert_eq!(plan.memory(), &HostMemory::Exported { name: "memory".into() });
    let rewritten = Module::parse(plan.bytes()).unwrap();
    assert_eq!((rewritten.memories()[0].initial, rewritten.memories()[0].maximum), (17, Some(2048)));
    assert_eq!(rewritten.exports().last().unwrap().name, "memory");
    assert_eq!(rewritten.bodies().len(), 2);
    assert_eq!(plan.export(), "contract_source_metadata");
}

#[test]
fn plan_gives_an_imported_memory() {
    let bytes = wasm(r#"(module (import "env" "memory" (memory 3 9000)) (table 4 funcref) (func (export "f")))"#);
    let plan = Plan::new(&Module::parse(&bytes).unwrap(), "f").unwrap();
    assert_eq!(plan.memory(), &HostMemory::Imported { name: "memory".into(), minimum: 3, maximum: 2048 });
    let rewritten = Module::parse(plan.bytes()).unwrap();
    assert_eq!(rewritten.tables()[0].ty.maximum, Some(10_000));
}

#[test]
fn plan_refuses_what_the_node_would() {
    let refused = |text: &str| Plan::new(&Module::parse(&wasm(text)).unwrap(), "f").unwrap_err();
    let name = || "f".to_owned();
    let rows = [
        ("(module)", PlanError::ExportMissing(name())),
        (r#"(module (func (export "f") (param i32)))"#, PlanError::ExportType(name())),
        (r#"(module (global (export "f") i32 (i32.const 0)))"#, PlanError::ExportType(name())),
        (r#"(module (func $f (export "f")) (start $f))"#, PlanError::StartFunction),
        (
            r#"(module (import "wasi" "f" (func)) (func (export "f")))"#,
            PlanError::ForeignImport { module: "wasi".into(), name: name() },
        ),
        (
            r#"(module (import "env" "f" (table 1 funcref)) (func (export "f")))"#,
            PlanError::ForeignImport { module: "env".into(), name: name() },
        ),
        (
            r#"(module (import "env" "a" (func)) (import "env" "a" (func (result i64))) (func (export "f")))"#,
            PlanError::ConflictingImport("a".into()),
        ),
        (
            r#"(module (import "env" "a" (func (param externref))) (func (export "f")))"#,
            PlanError::ImportType("a".into()),
        ),
        (
            r#"(module (import "env" "value_return" (func (param i32 i32))) (func (export "f")))"#,
            PlanError::ValueReturnType,
        ),
        (r#"(module (memory 2049) (func (export "f")))"#, PlanError::Memory),
        (r#"(module (memory i64 1) (func (export "f")))"#, PlanError::Memory),
        (r#"(module (memory 1) (memory 1) (func (export "f")))"#, PlanError::Memory),
        (r#"(module (table 10001 funcref) (func (export "f")))"#, PlanError::Table),
        (r#"(module (table 1 externref) (func (export "f")))"#, PlanError::Table),
    ];
    for (text, error) in rows {
        assert_eq!(refused(text), error, "{text}");
    }
}
