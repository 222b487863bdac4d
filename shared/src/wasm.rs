//! What a module says about itself. Reading one is behind the feature `pipeline`; what was read of it (facts, a comparison) is
//! plain values. It decides in one way alone: bytes that are no module, or that no node runs, claim nothing (`node`).
//! Not here: running an export (the edges do, after `sandbox::Plan`), metadata and ABI (`embedded`).

/// Largest module that is read, in bytes. The node takes 4 MiB; a build with its debug sections left in is larger.
pub const MAX_MODULE_SIZE: usize = 64 << 20;

pub mod diff;
pub mod facts;
mod kind;
mod oddity;

#[cfg(feature = "pipeline")]
mod error;
#[cfg(feature = "pipeline")]
pub mod fingerprint;
#[cfg(feature = "pipeline")]
mod gather;
#[cfg(feature = "pipeline")]
mod initial;
#[cfg(feature = "pipeline")]
mod memory_image;
#[cfg(feature = "pipeline")]
mod module;
#[cfg(feature = "pipeline")]
pub mod nested;
#[cfg(feature = "pipeline")]
pub mod node;
#[cfg(feature = "pipeline")]
pub mod sandbox;
#[cfg(feature = "pipeline")]
mod section;
#[cfg(feature = "pipeline")]
#[cfg(test)]
mod tests;

pub use facts::ModuleFacts;
pub use kind::SectionKind;
#[cfg(feature = "pipeline")]
pub(crate) use module::is_active;
pub use oddity::{Feature, Oddity, OddityCode, PROTOCOL};
#[cfg(feature = "pipeline")]
pub use {
    error::{MAX_ITEMS, MAX_SECTIONS, ModuleError},
    memory_image::MemoryImage,
    module::Module,
    section::Section,
};
#[cfg(feature = "pipeline")]
use {
    initial::Initial,
    module::{malformed, malformed_at, reader, within_limit},
};
