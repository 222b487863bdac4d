//! What is drawn at once: frame, home and the banner of an answer. Loaded before the first verdict, so a line belongs here only
//! if one of these needs it. It has the plain types of a report and nothing that could make one:
//!
//! ```
//! use provenear_shared::verdict::VerdictCode;
//! ```
//! ```compile_fail
//! use provenear_shared::inspect;
//! ```
//! ```compile_fail
//! use provenear_shared::verdict::decide;
//! ```

mod app;
mod banner;
mod block;
mod early;
mod engine;
mod home;
mod input;
mod inspection;
mod intake;
mod later;
mod left_out;
mod session;
mod subject_text;
mod toast;

pub use app::{agree, ask_again, bring, manifest, module, mount as page, pick, say, shows};
