//! An inspection: what is asked, and, behind the feature `pipeline`, the one function that answers it.

mod answers;
mod question;

#[cfg(feature = "pipeline")]
mod about;
#[cfg(feature = "pipeline")]
mod found;
#[cfg(feature = "pipeline")]
mod inspect;
#[cfg(feature = "pipeline")]
mod keys;
#[cfg(feature = "pipeline")]
mod lines;
#[cfg(feature = "pipeline")]
mod read;
#[cfg(feature = "pipeline")]
mod stores;
#[cfg(feature = "pipeline")]
mod unusual;

pub use answers::{Authority, StoreState};
pub use question::{ManifestOrigin, ManifestText, Question, Step, Stores, Subject, store_name};
#[cfg(feature = "pipeline")]
pub use {
    about::{About, Unsaid, about},
    found::{Inspection, Looked, NotLooked},
    inspect::inspect,
    lines::Line,
    read::ReadCode,
    stores::StoreOutcome,
};
