//! What makes two readers see different modules, or is not found in a usual release contract. Explains, never decides.

use std::fmt;

use super::SectionKind;
use super::node::Feature;
use crate::text::Shown;

/// Something unusual about a module. [`Display`](fmt::Display) is one sentence.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Oddity {
    /// A custom section: it has no effect when the module runs, and changes its hash.
    CustomSection {
        /// Its name.
        name: String,
        /// Its size in bytes, with the name.
        size: usize,
    },
    /// A section that may stand once stands again; the first was read. The node refuses such a module.
    DuplicateSection {
        /// Which.
        kind: SectionKind,
    },
    /// A section stands after one that it must precede. The node refuses such a module.
    SectionOutOfOrder {
        /// Which.
        kind: SectionKind,
    },
    /// After the last section come bytes that are no section. The node refuses such a module.
    TrailingBytes {
        /// Where they begin.
        offset: usize,
        /// How many.
        size: usize,
    },
    /// A function runs before any export is called.
    StartFunction {
        /// Its index.
        function: u32,
    },
    /// It uses a part of WebAssembly that no node takes.
    BeyondFeatures {
        /// Which.
        feature: Feature,
    },
    /// An import that no node gives: not a function of `env`, none that there is, or not of its type.
    ForeignImport {
        /// Module imported from.
        module: String,
        /// Name imported.
        name: String,
        /// Which of the three, as a sentence.
        why: &'static str,
    },
    /// More of something than the node takes.
    BeyondNode {
        /// Of what, in the plural.
        what: &'static str,
        /// How many.
        count: u64,
        /// How many the node takes.
        limit: u64,
    },
}

impl Oddity {
    /// Stable kebab-case name of the class.
    pub fn code(&self) -> &'static str {
        match self {
            Oddity::CustomSection { .. } => "custom-section",
            Oddity::DuplicateSection { .. } => "duplicate-section",
            Oddity::SectionOutOfOrder { .. } => "section-out-of-order",
            Oddity::TrailingBytes { .. } => "trailing-bytes",
            Oddity::StartFunction { .. } => "start-function",
            Oddity::ForeignImport { .. } => "foreign-import",
            Oddity::BeyondFeatures { .. } | Oddity::BeyondNode { .. } => "beyond-node",
        }
    }

    /// Whether no node runs the module for this.
    pub fn invalidates(&self) -> bool {
        match self {
            Oddity::DuplicateSection { .. }
            | Oddity::SectionOutOfOrder { .. }
            | Oddity::TrailingBytes { .. }
            | Oddity::BeyondFeatures { .. }
            | Oddity::ForeignImport { .. }
            | Oddity::BeyondNode { .. } => true,
            Oddity::CustomSection { .. } | Oddity::StartFunction { .. } => false,
        }
    }
}

impl fmt::Display for Oddity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Oddity::CustomSection { name, size } => write!(
                f,
                "a custom section `{}` of `{size}` bytes, which changes the hash and not what the code does",
                Shown(name)
            ),
            Oddity::DuplicateSection { kind } => {
                write!(f, "the `{}` section stands more than once, and only the first was read", kind.name())
            }
            Oddity::SectionOutOfOrder { kind } => {
                write!(f, "the `{}` section stands after one that it must precede", kind.name())
            }
            Oddity::TrailingBytes { offset, size } => {
                write!(f, "after the last section, at offset `{offset}`, come `{size}` bytes that are no section")
            }
            Oddity::StartFunction { function } => {
                write!(f, "function `{function}` runs before any export is called")
            }
            Oddity::BeyondFeatures { feature } => write!(f, "it uses {}, which no node takes", feature.name()),
            Oddity::ForeignImport { module, name, why } => {
                write!(f, "it imports `{}.{}`, and {why}", Shown(module), Shown(name))
            }
            Oddity::BeyondNode { what, count, limit } => {
                write!(f, "`{count}` {what}, more than the `{limit}` that a node takes")
            }
        }
    }
}
