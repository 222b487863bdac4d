//! Two functions side by side: their lines aligned, with the words marked that differ. A plain value to draw. Not here: making
//! it (`rows`).

use serde::{Deserialize, Serialize};

use crate::spelling::codes;

codes! {
    /// What a row shows.
    pub enum RowKind {
        /// Both lines say the same, though a number may differ that the linker gave.
        Same = "same",
        /// One operator with other immediates.
        Changed = "changed",
        /// Only in the first module.
        Removed = "removed",
        /// Only in the second module.
        Added = "added",
    }
}

/// One line of a function.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct Cell {
    /// Number of the line, from 1.
    pub line: usize,
    /// How deep it stands.
    pub depth: u16,
    /// Words, each with whether it is marked. Hostile text.
    pub words: Vec<(String, bool)>,
    /// Index of the function that its second word names, imports counted, if the module defines it.
    pub calls: Option<u32>,
}

/// Two lines that belong together, or one that stands alone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct Row {
    /// What it shows.
    pub kind: RowKind,
    /// Of the first module.
    pub a: Option<Cell>,
    /// Of the second module.
    pub b: Option<Cell>,
}

/// Two functions, or one that has no partner.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct SideBySide {
    /// Name and type in the first module.
    pub a: Option<String>,
    /// Name and type in the second module.
    pub b: Option<String>,
    /// Row by row.
    pub rows: Vec<Row>,
    /// Whether the end is missing: the function is longer than what is shown, or cannot be read.
    pub cut: bool,
}
