//! A contract for the tests of the comparison: small, but with maps, sorting, formatting and panics as real ones have.
//! Built by rustc alone, each variant by a `--cfg` or a flag; see `tests/src/variants.rs`.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fmt::Write;

mod near {
    #[link(wasm_import_module = "env")]
    unsafe extern "C" {
        pub fn input(register: u64);
        pub fn register_len(register: u64) -> u64;
        pub fn read_register(register: u64, address: u64);
        pub fn value_return(length: u64, address: u64);
        pub fn panic_utf8(length: u64, address: u64) -> !;
        #[cfg(feature = "log")]
        pub fn log_utf8(length: u64, address: u64);
    }
}

#[cfg(not(variant = "version"))]
const METADATA: &str = r#"{"version":"0.9.0","link":"https://example.org/fixture","standards":[{"standard":"nep330","version":"1.2.0"}]}"#;
#[cfg(variant = "version")]
const METADATA: &str = r#"{"version":"0.10.0","link":"https://example.org/fixture","standards":[{"standard":"nep330","version":"1.2.0"}]}"#;

#[cfg(not(variant = "constant"))]
const LIMIT: u64 = 640;
#[cfg(variant = "constant")]
const LIMIT: u64 = 1_234_567;

thread_local! {
    static BOOK: RefCell<BTreeMap<String, u128>> = const { RefCell::new(BTreeMap::new()) };
}

fn give(text: &str) {
    unsafe { near::value_return(text.len() as u64, text.as_ptr() as u64) }
}

fn fail(text: &str) -> ! {
    unsafe { near::panic_utf8(text.len() as u64, text.as_ptr() as u64) }
}

fn taken() -> String {
    unsafe {
        near::input(0);
        let mut bytes = vec![0; near::register_len(0) as usize];
        near::read_register(0, bytes.as_mut_ptr() as u64);
        String::from_utf8(bytes).unwrap_or_else(|error| fail(&format!("not text: {error}")))
    }
}

fn words(text: &str) -> Vec<(String, u128)> {
    text.split(';')
        .filter_map(|pair| pair.split_once('='))
        .map(|(name, amount)| (name.trim().to_owned(), amount.trim().parse().expect("an amount is a number")))
        .collect()
}

#[cfg(variant = "added")]
#[inline(never)]
fn median(mut amounts: Vec<u128>) -> u128 {
    amounts.sort_unstable_by(|a, b| b.cmp(a));
    amounts.get(amounts.len() / 2).copied().unwrap_or_default()
}

#[unsafe(no_mangle)]
pub extern "C" fn contract_source_metadata() {
    give(METADATA);
}

#[unsafe(no_mangle)]
pub extern "C" fn deposit() {
    let pairs = words(&taken());
    BOOK.with_borrow_mut(|book| {
        for (name, amount) in pairs {
            if amount > u128::from(LIMIT) {
                fail("more than the limit in one deposit");
            }
            let sum = book.entry(name).or_default();
            *sum = ledger::add(*sum, amount);
        }
    });
}

#[unsafe(no_mangle)]
pub extern "C" fn withdraw() {
    for (name, amount) in words(&taken()) {
        BOOK.with_borrow_mut(|book| match book.get_mut(&name) {
            Some(sum) => *sum = ledger::take(*sum, amount),
            None => fail(&format!("nobody is called {name:?}")),
        });
    }
}

#[unsafe(no_mangle)]
pub extern "C" fn balances() {
    let mut text = String::new();
    BOOK.with_borrow(|book| {
        let mut sorted: Vec<_> = book.iter().collect();
        sorted.sort_by_key(|(name, amount)| (std::cmp::Reverse(**amount), name.len()));
        for (name, amount) in sorted {
            let _ = writeln!(text, "{name}: {amount:>40} {}", ledger::grouped(*amount));
        }
    });
    #[cfg(feature = "log")]
    unsafe {
        near::log_utf8(text.len() as u64, text.as_ptr() as u64);
    }
    give(&text);
}

#[cfg(variant = "added")]
#[unsafe(no_mangle)]
pub extern "C" fn middle() {
    let amounts = BOOK.with_borrow(|book| book.values().copied().collect());
    give(&median(amounts).to_string());
}
