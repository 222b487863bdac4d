//! What the page and its Workers both ask of the browser: calls that are bounded, and messages of members.
//! Not here: what a call is for (`shared`), what a message says (`provenear-web-protocol`).

pub mod fetch;
pub mod message;
