//! What the threads and programs of the page say to each other: each message once, as one of these types. Bytes travel beside a
//! message, as typed arrays. `Job` and `Comparison`, and what comes of them, cross as JavaScript's own objects ([`to_js`]), and
//! somebody else's JSON within them as text. What the first program reads and writes (`Ask`, `Said`, `View`) is text and goes by
//! way of `shared::json`: derived readers and writers are 2 kB more to download. The tests hold every text, so that both ends
//! are the same.
//! Not here: how a message travels (`web/js/worker.js`), what is done about it (the other crates of `web`).

mod answer;
mod ask;
mod job;
mod view;

#[cfg(test)]
mod tests;

pub use answer::{Answer, Asked, Judged, Said};
pub use ask::{Ask, AskSubject};
pub use job::{Compared, Comparison, Difference, Done, Heard, Job, Module, Past, Proposal, Records};
pub use view::View;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_wasm_bindgen::Serializer;
use wasm_bindgen::JsValue;

/// A message as it is posted: JavaScript's own objects, as its JSON would have them.
pub fn to_js(message: &impl Serialize) -> JsValue {
    // Messages have texts as keys and numbers that JavaScript knows, so that this cannot fail.
    message.serialize(&Serializer::json_compatible()).unwrap_or_default()
}

/// Reads what [`to_js`] made.
///
/// # Errors
/// One sentence, which would be about a fault of ours.
pub fn from_js<T: DeserializeOwned>(message: JsValue) -> Result<T, String> {
    serde_wasm_bindgen::from_value(message).map_err(|error| error.to_string())
}

/// Reads the text of a message that the first program wrote.
///
/// # Errors
/// One sentence, which would be about a fault of ours.
pub fn read<T: DeserializeOwned>(text: &str) -> Result<T, String> {
    serde_json::from_slice(text.as_bytes()).map_err(|error| error.to_string())
}
