//! What makes two readers see different modules, or is not found in a usual release contract. Explains, never decides.

use std::fmt;

use super::SectionKind;
use crate::spelling::codes;
use crate::text::Shown;

/// The protocol version whose rules say what a node takes.
pub const PROTOCOL: u32 = 88;

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

codes! {
    /// What is unusual about a module, in a word.
    #[allow(missing_docs)] // the variants are those of `Oddity`
    pub enum OddityCode {
        CustomSection = "custom-section",
        DuplicateSection = "duplicate-section",
        SectionOutOfOrder = "section-out-of-order",
        TrailingBytes = "trailing-bytes",
        StartFunction = "start-function",
        ForeignImport = "foreign-import",
        BeyondNode = "beyond-node",
    }
}

impl Oddity {
    /// Its class.
    pub fn code(&self) -> OddityCode {
        match self {
            Oddity::CustomSection { .. } => OddityCode::CustomSection,
            Oddity::DuplicateSection { .. } => OddityCode::DuplicateSection,
            Oddity::SectionOutOfOrder { .. } => OddityCode::SectionOutOfOrder,
            Oddity::TrailingBytes { .. } => OddityCode::TrailingBytes,
            Oddity::StartFunction { .. } => OddityCode::StartFunction,
            Oddity::ForeignImport { .. } => OddityCode::ForeignImport,
            Oddity::BeyondFeatures { .. } | Oddity::BeyondNode { .. } => OddityCode::BeyondNode,
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

/// A part of WebAssembly that no node takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
#[allow(missing_docs)] // the names are those of the proposals
pub enum Feature {
    CompactImports,
    CustomPageSizes,
    Exceptions,
    /// References to things of the host: `gc_types` is off in near-vm-runner, though `reference_types` is on.
    ExternRef,
    /// Initial values by other means than a constant: the node has no global to read one from.
    ExtendedConst,
    /// With typed references to functions, which came before it.
    GarbageCollection,
    /// Operators that do not fit what they find, indices of what there is not.
    IllTyped,
    Memory64,
    MultiMemory,
    MultiTable,
    MultiValue,
    Simd,
    StackSwitching,
    TailCalls,
    Threads,
    /// A limit of the node's parser: `br_table` by itself is fine.
    WideJump,
    WideArithmetic,
    /// Names that are not text, a global that there is not, operators of no proposal, code that ends too early.
    Unreadable,
}

impl Feature {
    /// What it is called, to follow "it uses".
    pub fn name(self) -> &'static str {
        match self {
            Self::CompactImports => "compact imports",
            Self::CustomPageSizes => "custom page sizes",
            Self::Exceptions => "exceptions",
            Self::ExternRef => "host references (externref)",
            Self::ExtendedConst => "computed initial values",
            Self::GarbageCollection => "typed references or garbage collection",
            Self::IllTyped => "code that is not well-typed",
            Self::Memory64 => "64-bit memory",
            Self::MultiMemory => "several memories",
            Self::MultiTable => "several tables",
            Self::MultiValue => "multiple results (multi-value)",
            Self::Simd => "SIMD",
            Self::StackSwitching => "stack switching",
            Self::TailCalls => "tail calls",
            Self::Threads => "threads",
            Self::WideJump => "a jump to more than `131072` places",
            Self::WideArithmetic => "wide arithmetic",
            Self::Unreadable => "code or names that cannot be read",
        }
    }
}

impl From<Feature> for Oddity {
    fn from(feature: Feature) -> Self {
        Oddity::BeyondFeatures { feature }
    }
}
