//! The map of `shared`: rooms in pipeline order. No I/O anywhere; the two openings are `Transport` and `Sandbox`.
//!
//! Without the feature `pipeline` there are only plain types, which cross seams, and the words about them: whoever draws can
//! name what was found, and has nothing with which to find it.

pub mod text;
pub mod spelling;
pub mod json;
mod few;
#[cfg(feature = "pipeline")]
mod awaited;
pub mod digest;
pub mod near;
pub mod transport;
#[cfg(feature = "pipeline")]
pub mod rpc;
pub mod deployment;
pub mod wasm;
#[cfg(feature = "pipeline")]
pub mod embedded;
pub mod nep330;
pub mod gap;
pub mod address;
pub mod source;
pub mod image;
pub mod customary;
pub mod recipe;
pub mod container;
pub mod key;
pub mod keys;
pub mod given;
pub mod provenance;
#[cfg(feature = "pipeline")]
pub mod dsse;
pub mod notice;
pub mod manifest;
pub mod settings;
pub mod verdict;
pub mod replacement;
pub mod inspection;
pub mod chain;
pub mod report;
pub mod abi;
#[cfg(feature = "pipeline")]
pub mod comparison;
pub mod registry;
#[cfg(feature = "pipeline")]
pub mod dao;
pub mod archive;

pub use report::Report;
pub use transport::Transport;
#[cfg(feature = "pipeline")]
pub use {embedded::Sandbox, inspection::inspect};
