//! What makes two readers see different modules, or is not found in a usual release contract. Explains, never decides.

use std::fmt;

use super::{Module, SectionKind};
use crate::text::Shown;

/// Most functions of a contract, most bytes of one function, and most locals in all of them that the node takes
/// (nearcore's `max_functions_number_per_contract`, `max_function_body_size`, `max_locals_per_contract`). Engines are as
/// slow as they like beyond these: a million blocks, each in the one before, take V8 seconds.
const MAX_FUNCTIONS: u64 = 10_000;
const MAX_BODY: u64 = 196_608;
const MAX_LOCALS: u64 = 1_000_000;

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
    /// The module declares exception tags, which no contract needs.
    ExceptionTags,
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
            Oddity::ExceptionTags => "exception-tags",
            Oddity::BeyondNode { .. } => "beyond-node",
        }
    }

    /// Whether a strict reader, such as the node, refuses the module for this.
    pub fn invalidates(&self) -> bool {
        match self {
            Oddity::DuplicateSection { .. }
            | Oddity::SectionOutOfOrder { .. }
            | Oddity::TrailingBytes { .. }
            | Oddity::BeyondNode { .. } => true,
            Oddity::CustomSection { .. } | Oddity::StartFunction { .. } | Oddity::ExceptionTags => false,
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
            Oddity::ExceptionTags => write!(f, "the module declares exception tags"),
            Oddity::BeyondNode { what, count, limit } => {
                write!(f, "`{count}` {what}, more than the `{limit}` that a node takes")
            }
        }
    }
}

/// What there is more of than the node takes. Locals are counted as declared, without decoding any code.
pub(super) fn beyond_node(module: &Module) -> impl Iterator<Item = Oddity> {
    let longest = module.bodies().iter().map(|body| body.range().end - body.range().start).max().unwrap_or_default();
    let locals = module.bodies().iter().map(|body| {
        let groups = body.get_locals_reader().into_iter().flatten();
        groups.flatten().map(|(count, _)| u64::from(count)).sum::<u64>()
    });
    let counted = [
        ("functions", module.function_count() as u64, MAX_FUNCTIONS),
        ("bytes in one function", longest, MAX_BODY),
        ("local variables", locals.sum(), MAX_LOCALS),
    ];
    let beyond = |(what, count, limit)| (count > limit).then_some(Oddity::BeyondNode { what, count, limit });
    counted.into_iter().filter_map(beyond)
}
