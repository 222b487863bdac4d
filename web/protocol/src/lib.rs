//! What the threads and programs of the page say to each other: each message once, as JSON text of these types. Bytes travel
//! beside a message, as typed arrays. What the first program reads and writes goes by way of `shared::json`: derived readers
//! and writers are 2 kB more to download. The tests hold every text, so that both ends are the same.
//! Not here: how a message travels (`web/src/boot.js`), what is done about it (`web`).

mod answer;
mod ask;
mod job;
mod view;

#[cfg(test)]
mod tests;

pub use answer::{Answer, Asked, Judged, Said};
pub use ask::{Ask, AskSubject};
pub use job::{Compared, Comparison, Difference, Done, Heard, Job, Module, Proposal, Records};
pub use view::View;

use serde::Serialize;
use serde::de::DeserializeOwned;

/// A message as the text that crosses.
pub fn written(message: &impl Serialize) -> String {
    // Messages have texts as keys and numbers that JSON knows, so that this cannot fail.
    serde_json::to_string(message).unwrap_or_default()
}

/// Reads what [`written`] wrote.
///
/// # Errors
/// One sentence, which would be about a fault of ours.
pub fn read<T: DeserializeOwned>(text: &str) -> Result<T, String> {
    serde_json::from_slice(text.as_bytes()).map_err(|error| error.to_string())
}
