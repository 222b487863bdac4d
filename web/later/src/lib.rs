//! What is drawn after the first verdict, or when a reader wants more: the cards below the banner, settings, comparison, what is
//! inside a module. It has the plain types of reports and comparisons and nothing that could make one:
//!
//! ```
//! use provenear_shared::wasm::diff::DiffReport;
//! ```
//! ```compile_fail
//! use provenear_shared::wasm::Module;
//! ```
//! ```compile_fail
//! use provenear_shared::inspect;
//! ```

mod about;
mod arrival;
mod ask;
mod cards;
mod compare;
mod comparer;
mod export;
mod given;
mod glossary;
mod history;
mod inside;
mod known;
mod open;
mod paper;
mod parts;
mod proposal;
mod records;
mod settings;
mod source;

pub use open::{First, open};
