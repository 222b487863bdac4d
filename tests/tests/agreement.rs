//! Page and helper judge and copy every module alike, and their engines take the same copies: for generated modules, and for
//! the same ones with a byte of their code changed. What they came to is recorded, and this runs natively, with the helper's
//! interpreter, and on wasm32, with V8.
#![allow(clippy::unwrap_used)] // these are tests, helpers included

use provenear_shared::digest::Sha256Digest;
use provenear_shared::wasm::Module;
use provenear_shared::wasm::sandbox::Plan;

/// The modules, each after its length in four bytes: on wasm32 the generator makes other ones of a seed.
const RECORDED: &[u8] = include_bytes!("../testdata/generated.bin");

/// How many of the modules came to what, and the digest of all answers.
#[derive(Debug, Default, PartialEq)]
struct Sum {
    unreadable: usize,
    refused: usize,
    nothing_to_run: usize,
    taken_by_the_engine: usize,
    ill_typed: usize,
    digest: String,
}

#[cfg_attr(target_arch = "wasm32", wasm_bindgen_test::wasm_bindgen_test)]
#[cfg_attr(not(target_arch = "wasm32"), test)]
fn page_and_helper_agree_on_every_module() {
    let (mut sum, mut answers) = (Sum::default(), String::new());
    let mut rest = RECORDED;
    while let Some((length, following)) = rest.split_first_chunk() {
        let (bytes, following) = following.split_at(u32::from_le_bytes(*length) as usize);
        rest = following;
        answers.push_str(&answer(bytes, &mut sum));
        answers.push('\n');
    }
    sum.digest = Sha256Digest::of(answers.as_bytes()).to_hex();
    let recorded = Sum {
        unreadable: 30,
        refused: 134,
        nothing_to_run: 54,
        taken_by_the_engine: 147,
        ill_typed: 35,
        digest: "a0e19fd9e83cd1bda11333d637bc90ce488723b15d04e04c303709a24c0a8124".into(),
    };
    assert_eq!(sum, recorded);
}

#[cfg(not(target_arch = "wasm32"))]
#[test]
fn the_recorded_modules_are_the_generated_ones() {
    use provenear_tests::generated::{damage, module};
    // Some that use anything, and those of the others of which an export can be run.
    let is_run =
        |bytes: &[u8]| Module::parse(bytes).is_ok_and(|module| Plan::new(&module, "contract_source_metadata").is_ok());
    let modules = (1..).filter_map(|seed| Some((seed, module(seed)?))).filter(|(_, bytes)| bytes.len() <= 1_000);
    let modules = modules.filter(|(seed, bytes)| seed % 16 == 1 || is_run(bytes));
    let both = modules.take(200).flat_map(|(seed, bytes)| [bytes.clone(), damage(seed, bytes)]);
    let generated: Vec<u8> =
        both.flat_map(|bytes| [&(bytes.len() as u32).to_le_bytes()[..], &bytes].concat()).collect();
    let file = concat!(env!("CARGO_TARGET_TMPDIR"), "/generated.bin");
    std::fs::write(file, &generated).unwrap();
    assert!(generated == RECORDED, "the generator makes other modules than are recorded: `{file}`");
}

fn answer(bytes: &[u8], sum: &mut Sum) -> String {
    let module = match Module::parse(bytes) {
        Ok(module) => module,
        Err(error) => {
            sum.unreadable += 1;
            return error.to_string();
        }
    };
    if let Some(refusal) = module.refusal() {
        sum.refused += 1;
        return refusal.to_string();
    }
    let plans: Vec<_> = module.exports().iter().map(|export| Plan::new(&module, export.name)).collect();
    match plans.iter().find_map(|plan| plan.as_ref().ok()) {
        Some(plan) if is_taken(plan.bytes()) => {
            sum.taken_by_the_engine += 1;
            format!("taken {}", Sha256Digest::of(plan.bytes()).to_hex())
        }
        Some(plan) => {
            sum.ill_typed += 1;
            format!("ill-typed {}", Sha256Digest::of(plan.bytes()).to_hex())
        }
        None => {
            sum.nothing_to_run += 1;
            plans.into_iter().filter_map(Result::err).map(|error| error.to_string()).collect()
        }
    }
}

#[cfg(not(target_arch = "wasm32"))]
fn is_taken(copy: &[u8]) -> bool {
    wasmi::Module::new(&wasmi::Engine::default(), copy).is_ok()
}

#[cfg(target_arch = "wasm32")]
fn is_taken(copy: &[u8]) -> bool {
    js_sys::WebAssembly::validate(&js_sys::Uint8Array::from(copy).into()).unwrap()
}
