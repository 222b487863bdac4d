//! Tests of the module reader, on modules written as text.

mod plan;
mod traces;

use super::sandbox::{Plan, PlanError};
use super::{Module, ModuleError, ModuleFacts, Oddity, SectionKind};

fn wasm(text: &str) -> Vec<u8> {
    wat::parse_str(text).unwrap()
}

const CONTRACT: &str = r#"(module
    (import "env" "value_return" (func (param i64 i64)))
    (import "env" "input" (func (param i64)))
    (import "env" "block_index" (func (result i64)))
    (memory 17)
    (global i32 (i32.const 1048576))
    (data (i32.const 1048576) "hello")
    (data (i32.const 1048585) "world")
    (func (export "contract_source_metadata") (call 0 (i64.const 5) (i64.const 1048576)))
    (func (export "takes") (param i32)))"#;

fn section(id: u8, body: &[u8]) -> Vec<u8> {
    let mut section = vec![id, body.len() as u8];
    section.extend_from_slice(body);
    section
}

#[test]
fn facts_name_what_is_there() {
    let bytes = wasm(CONTRACT);
    let facts = ModuleFacts::of(&Module::parse(&bytes).unwrap());
    assert_eq!(facts.imports, ["env.value_return", "env.input", "env.block_index"]);
    assert_eq!(facts.exports, ["contract_source_metadata", "takes"]);
    assert_eq!(facts.functions, 2);
    let names: Vec<&str> = facts.sections.iter().map(|section| section.name.as_str()).collect();
    assert_eq!(names, ["type", "import", "function", "memory", "global", "export", "code", "data"]);
    assert!(facts.oddities.is_empty());
    let sizes: usize = facts.sections.iter().map(|section| section.size + 2).sum();
    assert_eq!(sizes + 8, bytes.len(), "sections and their heads are the whole file");
    let text = serde_json::to_string(&facts).unwrap();
    assert_eq!(serde_json::from_str::<ModuleFacts>(&text).unwrap(), facts);
}

#[test]
fn memory_joins_split_segments() {
    let bytes = wasm(CONTRACT);
    let image = Module::parse(&bytes).unwrap().memory_image();
    assert_eq!(image.runs().len(), 1);
    assert_eq!(image.from_address(1_048_576), Some(&b"hello\0\0\0\0world"[..]));
    assert_eq!(image.from_address(1_048_590), None);
    assert_eq!(image.from_address(5), None);
}

#[test]
fn memory_is_bounded_by_the_data_not_by_the_addresses() {
    let bytes =
        wasm(r#"(module (memory 65536) (data (i32.const 0) "a") (data (i32.const -1) "b") (data (i32.const 0) "c"))"#);
    let image = Module::parse(&bytes).unwrap().memory_image();
    let runs: Vec<_> = image.runs().iter().map(|run| (run.address, run.bytes.as_slice())).collect();
    assert_eq!(runs, [(0, &b"c"[..]), (u32::MAX, &b"b"[..])]);
}

#[test]
fn oddities_are_named() {
    let mut bytes = wasm("(module (func $f) (start $f))");
    bytes.extend(section(0, b"\x04mineX"));
    bytes.extend(section(1, b"\x00"));
    bytes.extend(section(5, b"\x00"));
    bytes.extend(b"\xffjunk");
    let module = Module::parse(&bytes).unwrap();
    let codes: Vec<&str> = module.oddities().iter().map(|oddity| oddity.code().code()).collect();
    for code in ["start-function", "custom-section", "duplicate-section", "section-out-of-order", "trailing-bytes"] {
        assert!(codes.contains(&code), "{code} is missing from {codes:?}");
    }
    assert_eq!(module.custom_section("mine"), Some(&b"X"[..]));
    let refused = PlanError::Refused(Oddity::DuplicateSection { kind: SectionKind::Type });
    assert_eq!(Plan::new(&module, "f").unwrap_err(), refused);
}

#[test]
fn bytes_that_are_no_module_are_refused() {
    assert_eq!(Module::parse(b"").unwrap_err(), ModuleError::NotWasm);
    assert_eq!(Module::parse(b"\0asm\x0d\0\x01\0").unwrap_err(), ModuleError::NotWasm);
    let bytes = wasm(CONTRACT);
    for end in 9..bytes.len() {
        // Cut anywhere it is an error, or an ending that is named, or a shorter module without its data.
        match Module::parse(&bytes[..end]) {
            Ok(module) => assert!(!module.oddities().is_empty() || module.section(SectionKind::Data).is_none()),
            Err(error) => assert!(!error.to_string().is_empty()),
        }
    }
}

#[test]
fn hostile_counts_end_in_an_error() {
    let mut bytes = b"\0asm\x01\0\0\0".to_vec();
    bytes.extend(section(3, b"\xff\xff\xff\xff\x0f"));
    assert!(matches!(Module::parse(&bytes), Err(ModuleError::TooMany { section: "function", .. })));
}

#[test]
fn any_flipped_byte_is_survived() {
    let bytes = wasm(CONTRACT);
    for at in 8..bytes.len() {
        for bit in 0..8 {
            let mut bytes = bytes.clone();
            bytes[at] ^= 1 << bit;
            if let Ok(module) = Module::parse(&bytes) {
                let _ = (ModuleFacts::of(&module), module.memory_image());
                let _ = Plan::new(&module, "contract_source_metadata");
            }
        }
    }
}
