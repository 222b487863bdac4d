//! An inspection: what is asked, and, behind the feature `pipeline`, the one function that answers it.

mod answers;
mod question;

#[cfg(feature = "pipeline")]
mod inspect;
#[cfg(feature = "pipeline")]
mod keys;
#[cfg(feature = "pipeline")]
mod lines;
#[cfg(feature = "pipeline")]
mod manifest_subject;
#[cfg(feature = "pipeline")]
mod outcome;
#[cfg(feature = "pipeline")]
mod read;
#[cfg(feature = "pipeline")]
mod stores;
#[cfg(feature = "pipeline")]
mod unusual;
#[cfg(all(test, feature = "pipeline"))]
mod rounds;

pub use answers::{Authority, StoreState};
pub use question::{MAX_LINES, ManifestOrigin, ManifestText, Question, Step, Stores, Subject, store_name};
#[cfg(feature = "pipeline")]
pub use {
    inspect::inspect,
    lines::Line,
    manifest_subject::{ManifestSubject, SubjectUnknown, find_subject},
    outcome::{Inspection, Looked, NotLooked},
    read::ReadCode,
    stores::StoreOutcome,
};
