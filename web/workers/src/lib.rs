//! What the Workers of the page do: each a text or bytes in, a text or bytes out, and nothing that draws.

mod analyst;
mod comparer;
mod errand;
mod inspector;
mod question;
mod sandbox;

pub use analyst::work;
pub use comparer::compare;
pub use inspector::{answer, code};
