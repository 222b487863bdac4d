//! What was given that the page cannot use, in two sentences.
//! Not here: what it is (`shared/given`).

use provenear_shared::given::Given;

/// Describes what these bytes are, and what could be given instead.
pub(crate) fn describe(bytes: &[u8]) -> String {
    sentences(Given::of(bytes), "a .wasm module or a manifest (.intoto.jsonl or .sigstore.json)")
}

/// The same, for bytes that are known not to be a module.
pub(crate) fn instead_of_module(bytes: &[u8]) -> Option<String> {
    let given = Given::of(bytes);
    (given != Given::Module).then(|| sentences(given, "a .wasm module"))
}

fn sentences(given: Given, wanted: &str) -> String {
    format!("This is {}. Give {wanted}.", given.to_string().replace('`', "\""))
}
