//! The sandbox plan: the node's memory and table, stubs listed, no NaN made, and what the node would refuse refused.

use super::super::Feature;
use super::super::sandbox::{Plan, PlanError, ValueType};
use super::super::{Module, Oddity};
use super::{CONTRACT, wasm};

fn plan(text: &str) -> Plan {
    Plan::new(&Module::parse(&wasm(text)).unwrap(), "f").unwrap()
}

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
    assert_eq!((plan.memory(), plan.mark()), (Some("memory"), "mark"));
    let rewritten = Module::parse(plan.bytes()).unwrap();
    assert_eq!((rewritten.memories()[0].initial, rewritten.memories()[0].maximum), (1024, Some(2048)));
    let exports: Vec<&str> = rewritten.exports().iter().map(|export| export.name).collect();
    assert_eq!(exports, ["contract_source_metadata", "takes", "memory", "mark"]);
    // Its own two, and the meters.
    assert_eq!(rewritten.bodies().len(), 8);
    assert_eq!(plan.export(), "contract_source_metadata");
}

#[test]
fn plan_limits_the_table() {
    let table = |text: &str| {
        let plan = plan(text);
        let table = Module::parse(plan.bytes()).unwrap().tables()[0].ty;
        (table.element_type.is_func_ref(), table.initial, table.maximum)
    };
    assert_eq!(table(r#"(module (table 4 funcref) (func (export "f")))"#), (true, 4, Some(10_000)));
    assert_eq!(table(r#"(module (table 4 20000 funcref) (func (export "f")))"#), (true, 4, Some(10_000)));
    assert_eq!(table(r#"(module (table 4 5 funcref) (func (export "f")))"#), (true, 4, Some(5)));
}

#[test]
fn plan_ends_the_run_before_what_can_make_a_nan_and_where_stack_or_steps_end() {
    let sum = "(func (result f32) (f32.sqrt (f32.add (f32.const 1) (f32.const 2))))";
    for (globals, stack) in [("", 0), (r#"(global (export "mark") i32 (i32.const 7))"#, 1)] {
        let plan = plan(&format!(r#"(module {globals} {sum} (func (export "f")))"#));
        let copy = Module::parse(plan.bytes()).unwrap();
        assert_eq!(copy.refusal(), None);
        let mark = stack as u8 + 1;
        assert_eq!(copy.globals().len() as u8, mark + 1);
        let export = copy.exports().last().unwrap();
        assert_eq!((plan.mark(), export.index as u8), (export.name, mark));
        assert_eq!(export.name, if mark == 1 { "mark" } else { "mark0" });
        // Two functions of its own, then the meters: steps, those of bytes and of elements, stack taken and given back, the end.
        let [spend, enter, leave, stop] = [2, 5, 6, 7].map(|function| [0x10, function]);
        // 64 bytes and two operands of 4; three steps until the sum, which is not reached.
        let stack = [0x41, 0xc8, 0];
        let begin = [&[0, 2, 0x7d][..], &stack, &enter, &[0x41, 3], &spend, &[0x43]].concat();
        let float = [0x41, 0x80, 0x80, 0x80, 0x80, 0x78];
        let end = [&float[..], &stop, &[0x92, 0x91, 0x0b], &stack, &leave, &[0x0b]].concat();
        let body = copy.bodies()[0].as_bytes();
        assert!(body.starts_with(&begin) && body.ends_with(&end), "{body:x?}");
    }
}

#[test]
fn a_name_that_is_free_is_found_whatever_is_taken() {
    let exports: String = (0..1_500).map(|number| format!(r#"(export "mark{number}" (func 0))"#)).collect();
    let long = format!(r#"(export "mark{}" (func 0))"#, "_".repeat(65_532));
    let taken = plan(&format!(r#"(module (func (export "f") (export "mark")) {exports} {long})"#));
    assert_eq!(taken.mark(), "mark1500");
}

#[test]
fn plan_refuses_what_the_node_would() {
    let refused = |text: &str| Plan::new(&Module::parse(&wasm(text)).unwrap(), "f").unwrap_err();
    let name = || "f".to_owned();
    let foreign = |module: &str, name: &str, why| {
        PlanError::Refused(Oddity::ForeignImport { module: module.into(), name: name.into(), why })
    };
    let [elsewhere, unknown, other] =
        ["a node gives functions of `env` alone", "no node has such a function", "a node gives it another type"];
    let ill_typed = || PlanError::Refused(Feature::IllTyped.into());
    let rows = [
        ("(module)", PlanError::ExportMissing(name())),
        (r#"(module (func (export "f") (param i32)))"#, PlanError::ExportType(name())),
        (r#"(module (global (export "f") i32 (i32.const 0)))"#, PlanError::ExportType(name())),
        (r#"(module (func $f (export "f")) (start $f))"#, PlanError::StartFunction),
        (r#"(module (import "wasi" "f" (func)) (func (export "f")))"#, foreign("wasi", "f", elsewhere)),
        (r#"(module (import "env" "f" (table 1 funcref)) (func (export "f")))"#, foreign("env", "f", elsewhere)),
        (r#"(module (import "env" "f" (memory 1)) (func (export "f")))"#, foreign("env", "f", elsewhere)),
        (r#"(module (import "env" "f" (func)) (func (export "f")))"#, foreign("env", "f", unknown)),
        (r#"(module (import "env" "gas" (func (param i64))) (func (export "f")))"#, foreign("env", "gas", other)),
        (r#"(module (import "env" "gas" (func (param f32))) (func (export "f")))"#, foreign("env", "gas", other)),
        (r#"(module (import "env" "panic" (func (type 7))) (func (export "f")))"#, foreign("env", "panic", other)),
        (r#"(module (func (br 1)) (func (export "f")))"#, ill_typed()),
        (r#"(module (func (block (br_table 0 1 2 (i32.const 0)))) (func (export "f")))"#, ill_typed()),
        (
            r#"(module (memory 1) (memory 1) (func (export "f")))"#,
            PlanError::Refused(Oddity::BeyondFeatures { feature: Feature::MultiMemory }),
        ),
    ];
    for (text, error) in rows {
        assert_eq!(refused(text), error, "{text}");
    }
}

/// The one limit that is not near-vm-runner's to check: a node refuses the transaction that deploys more.
#[test]
fn a_module_that_cannot_be_deployed_is_refused() {
    let sized = |padding: usize| wasm(&format!(r#"(module (@custom "a" "{}"))"#, "a".repeat(padding)));
    let (most, beyond) = (sized(4_194_304 - 15), sized(4_194_304 - 14));
    assert_eq!((most.len(), beyond.len()), (4_194_304, 4_194_305));
    assert_eq!(Module::parse(&most).unwrap().refusal(), None);
    let refusal = Module::parse(&beyond).unwrap().refusal().map(ToString::to_string);
    assert_eq!(refusal.as_deref(), Some("`4194305` bytes, more than the `4194304` that a node takes"));
}
