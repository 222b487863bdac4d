//! Two modules as two bars to scale, and which stretches of one are which of the other: plain values to draw, or to read
//! out as a table. Not here: making them (`draw`).

use std::ops::Range;

use serde::{Deserialize, Serialize};

use crate::spelling::codes;

codes! {
    /// What became of a stretch.
    pub enum RunKind {
        /// The same bytes at the same index.
        Equal = "equal",
        /// The same once moved or renumbered.
        Moved = "moved",
        /// Changed, or paired by a guess.
        Changed = "changed",
        /// Only in one of the two.
        New = "new",
    }
}

/// A section of one module, by its place in the file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Stretch {
    /// Name of the section. Hostile text for custom ones.
    pub name: String,
    /// Bytes of the file.
    pub at: Range<u64>,
}

/// Neighbours in both modules that became the same: functions, or one section other than the code.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Run {
    /// What became of them.
    pub kind: RunKind,
    /// Name of the section.
    pub section: String,
    /// How many functions; 0 for a section.
    pub functions: usize,
    /// Index of the first function in the first module, and its name.
    pub first: Option<(u32, Option<String>)>,
    /// Bytes of the first module.
    pub a: Option<Range<u64>>,
    /// Bytes of the second module.
    pub b: Option<Range<u64>>,
}

/// Both modules.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Picture {
    /// Bytes of each module.
    pub sizes: [u64; 2],
    /// Sections of each module.
    pub sections: [Vec<Stretch>; 2],
    /// Stretches of either or both, by their place in the first module; those of the second alone come last.
    pub runs: Vec<Run>,
    /// How many smaller runs are left out.
    pub left_out: usize,
}
