//! Modules by wasm-smith, the same at each run: of every two one that uses only what nodes take, and one that uses whatever it
//! likes.

use arbitrary::{Arbitrary, Unstructured};
use wasm_smith::{Config, Module};

/// What a contract may import.
const HOST: &str = r#"(module (import "env" "input" (func (param i64))) (import "env" "value_return" (func (param i64 i64)))
    (import "env" "block_index" (func (result i64))) (import "env" "read_register" (func (param i64 i64))))"#;

/// What a sandbox can run.
const RUN: &str = r#"(module (func (export "contract_source_metadata")))"#;

/// The module of a seed; `None` where wasm-smith cannot make one of it.
pub fn module(seed: u64) -> Option<Vec<u8>> {
    let data = noise(seed, 1 << (10 + seed % 6));
    let mut source = Unstructured::new(&data);
    let config = if seed.is_multiple_of(2) { plain(seed) } else { free(Config::arbitrary(&mut source).ok()?, seed) };
    Module::new(config, &mut source).ok().map(|module| module.to_bytes())
}

/// Changes a byte of a module's code, if it has code: most such modules are not well-typed.
///
/// # Panics
/// Never: the byte is one of the module's.
pub fn damage(seed: u64, mut bytes: Vec<u8>) -> Vec<u8> {
    let number = |at: usize| noise(seed, 24)[at..at + 8].iter().fold(0, |sum, byte| sum << 8 | usize::from(*byte));
    let code = provenear_shared::wasm::Module::parse(&bytes).ok().and_then(|module| {
        let bodies = module.bodies();
        let body = bodies.get(number(0) % bodies.len().max(1))?.range();
        Some(body.start as usize + number(8) % (body.end - body.start) as usize)
    });
    if let Some(at) = code {
        bytes[at] = number(16) as u8;
    }
    bytes
}

/// Nothing but what nodes take, and now and then more of it.
fn plain(seed: u64) -> Config {
    let often = |every: u64| (seed / 2).is_multiple_of(every);
    Config {
        available_imports: if often(3) { wat::parse_str(HOST).ok() } else { None },
        exports: if often(2) { None } else { wat::parse_str(RUN).ok() },
        allow_start_export: often(5),
        max_imports: if often(3) { 4 } else { 0 },
        min_funcs: 1,
        max_funcs: if often(50) { 12_000 } else { 60 },
        max_type_size: if often(20) { 200 } else { 20 },
        max_types: if often(40) { 1_500 } else { 50 },
        min_types: if often(40) { 1_000 } else { 1 },
        max_instructions: if often(10) { 5_000 } else { 200 },
        max_memories: 1,
        max_tables: 1,
        max_table_elements: if often(10) { 20_000 } else { 10_000 },
        allow_floats: !often(4),
        generate_custom_sections: often(5),
        min_uleb_size: if often(7) { 3 } else { 1 },
        compact_imports_enabled: false,
        exceptions_enabled: false,
        extended_const_enabled: false,
        gc_enabled: false,
        memory64_enabled: false,
        multi_value_enabled: false,
        reference_types_enabled: often(4),
        relaxed_simd_enabled: false,
        simd_enabled: false,
        tail_call_enabled: false,
        threads_enabled: false,
        wide_arithmetic_enabled: false,
        ..Config::default()
    }
}

/// Without imports most of the time, since nearly all imports are refused and hide what else is.
fn free(config: Config, seed: u64) -> Config {
    let max_imports = if seed % 10 == 1 { config.max_imports } else { 0 };
    let max_memories = if seed % 4 == 1 { config.max_memories } else { 1 };
    let max_tables = if seed % 4 == 3 { config.max_tables } else { 1 };
    let [custom_page_sizes_enabled, wide_arithmetic_enabled] = [seed % 6 == 1, seed % 6 == 3];
    Config { max_imports, max_memories, max_tables, custom_page_sizes_enabled, wide_arithmetic_enabled, ..config }
}

/// Bytes that look random, by SplitMix64.
fn noise(seed: u64, length: usize) -> Vec<u8> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let mut next = move || {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    };
    (0..length.div_ceil(8)).flat_map(|_| next().to_le_bytes()).collect()
}
