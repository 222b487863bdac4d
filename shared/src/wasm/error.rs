//! Why bytes could not be read as a module, and how much is read.

use thiserror::Error;

use super::MAX_MODULE_SIZE;

/// Most items that are read in any one section, as by the node: of globals and exports it has no limit of its own.
pub const MAX_ITEMS: u32 = 1_000_000;
/// Most sections that are read.
pub const MAX_SECTIONS: usize = 10_000;

/// Why bytes could not be read as a module.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ModuleError {
    /// The first eight bytes are not those of a core module, version 1.
    #[error("the bytes do not begin as a WebAssembly module of version 1")]
    NotWasm,
    /// Larger than [`MAX_MODULE_SIZE`].
    #[error("the module has `{size}` bytes, more than the `{MAX_MODULE_SIZE}` that are read")]
    TooLarge {
        /// Bytes given.
        size: usize,
    },
    /// More items than [`MAX_ITEMS`], or sections than [`MAX_SECTIONS`].
    #[error("the module has `{count}` items in `{section}`, more than the `{limit}` that are read")]
    TooMany {
        /// Name of the section, or `sections`.
        section: &'static str,
        /// How many it announces.
        count: u64,
        /// How many are read.
        limit: u64,
    },
    /// A section ends after the bytes do.
    #[error("the `{section}` section at offset `{offset}` ends after the bytes do")]
    Truncated {
        /// Name of the section.
        section: &'static str,
        /// Where its first byte is.
        offset: usize,
    },
    /// A section's content is not what the specification allows.
    #[error("the `{section}` section is malformed at offset `{offset}`: `{message}`")]
    Malformed {
        /// Name of the section.
        section: &'static str,
        /// Where in the module.
        offset: u64,
        /// The parser's own words.
        message: String,
    },
}
