//! Modules inside the data of a module, as factories carry them. They are looked for in the memory at instantiation,
//! because wasm-opt splits data at runs of zeros. One level deep: what a found module carries is not looked at.

use super::section::PREAMBLE;
use super::{MemoryImage, Module, SectionKind, is_active};

/// Most modules that are reported.
const MAX_FOUND: usize = 64;
/// Most places that are tried.
const MAX_TRIED: usize = 1_000;
/// How many times the size of the outer module is read at most.
const MAX_READ_FACTOR: usize = 4;

/// The bytes of every module in the data of `module`, whose memory at instantiation is `image`, by address.
/// Only those that parse, define a function, and have nothing for which no node runs them.
pub fn find<'a>(module: &Module<'a>, image: &'a MemoryImage) -> Vec<&'a [u8]> {
    let runs = image.runs().iter().map(|run| run.bytes.as_slice());
    let passive = module.data().iter().filter(|segment| !is_active(segment)).map(|segment| segment.data);
    let mut found = Vec::new();
    let mut tried = 0;
    // A hostile module can look like many, each as long as the rest: so the reading is bounded too.
    let mut budget = MAX_READ_FACTOR * module.bytes().len();
    for bytes in runs.chain(passive) {
        let mut at = 0;
        while let Some(next) = bytes[at..].windows(PREAMBLE.len()).position(is_preamble) {
            at += next;
            tried += 1;
            let end = end_of(&bytes[at..]);
            budget = budget.saturating_sub(end);
            if budget == 0 || tried > MAX_TRIED || found.len() == MAX_FOUND {
                return found;
            }
            match module_in(&bytes[at..at + end]) {
                Some(inner) => {
                    found.push(inner);
                    at += inner.len();
                }
                None => at += PREAMBLE.len(),
            }
        }
    }
    found
}

/// Looks at one rare byte first: this is asked of every byte of the data.
fn is_preamble(window: &[u8]) -> bool {
    window[2] == PREAMBLE[2] && window == PREAMBLE
}

/// `inner`, if it is a whole module.
fn module_in(inner: &[u8]) -> Option<&[u8]> {
    let module = Module::parse(inner).ok()?;
    (module.function_count() > 0 && module.refusal().is_none()).then_some(inner)
}

/// Where the module at the start of `bytes` ends. What follows it is unknown, so it ends after the last section that
/// stands in order.
fn end_of(bytes: &[u8]) -> usize {
    let mut end = PREAMBLE.len();
    let mut last = SectionKind::Custom;
    while let Some(section) = super::section::at(bytes, end) {
        // A zero byte after the module reads as the id of a custom section, so those need a name of some text.
        let custom =
            section.custom_name.as_ref().is_some_and(|name| name.len() > 1 && !name.contains(|c: char| c.is_control()));
        if section.kind == SectionKind::Custom && !custom || section.kind != SectionKind::Custom && section.kind <= last
        {
            break;
        }
        last = last.max(section.kind);
        end = section.content.end;
    }
    end
}
