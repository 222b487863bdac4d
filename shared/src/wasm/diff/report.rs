//! What a comparison found, as plain values: the shape of `diff --json`, and the pairs that a page draws.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::cause::Cause;
use crate::spelling::codes;

codes! {
    /// Rung of the ladder, from no difference to an unrelated program.
    pub enum Class {
        /// Equal bytes.
        Identical = "identical",
        /// Only custom sections differ.
        CustomSections = "custom-sections",
        /// Only the embedded claim or ABI differs.
        Metadata = "metadata",
        /// Only data differs.
        Data = "data",
        /// The same code and data at other places.
        Relocated = "relocated",
        /// Functions were changed, added or removed, or what the module asks of its host.
        Functions = "functions",
        /// Another program.
        Unrelated = "unrelated",
    }
}

codes! {
    /// What became of one function.
    pub enum Status {
        /// The same bytes at the same index.
        Exact = "exact",
        /// The same bytes at another index.
        Moved = "moved",
        /// The same once functions, types, globals and addresses are read as what they stand for.
        Relocated = "relocated",
        /// The same function by name or place, with another body.
        Changed = "changed",
        /// Paired because it is alike, and by nothing else.
        Guess = "guess",
        /// Only in the second module.
        Added = "added",
        /// Only in the first module.
        Removed = "removed",
    }
}

/// How many functions of each kind.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct Counts {
    /// Exact, moved or relocated.
    pub matched: usize,
    /// Paired by likeness alone.
    pub guessed: usize,
    /// Changed.
    pub changed: usize,
    /// Only in the second module.
    pub added: usize,
    /// Only in the first module.
    pub removed: usize,
}

/// A function of one module.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct FunctionSide {
    /// Its index, imports counted.
    pub index: u32,
    /// Its name, where one is known. Hostile text.
    pub name: Option<String>,
    /// Bytes of its body.
    pub size: usize,
    /// Where its body begins in the file.
    pub offset: u64,
}

/// A function that is not the same in both modules.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct FunctionChange {
    /// Changed, guess, added or removed.
    pub status: Status,
    /// In the first module.
    pub a: Option<FunctionSide>,
    /// In the second module.
    pub b: Option<FunctionSide>,
    /// Share of operators in common, 0 to 1; for pairs.
    pub similarity: Option<f64>,
}

impl Status {
    /// Whether it is the same function in both modules, wherever it is.
    pub fn is_same(self) -> bool {
        match self {
            Status::Exact | Status::Moved | Status::Relocated => true,
            Status::Changed | Status::Guess | Status::Added | Status::Removed => false,
        }
    }
}

impl FunctionChange {
    /// What it is called in each module that has it. A name that only one of the two knows stands for both: a names section
    /// is often left in a local build and stripped from what is deployed.
    pub fn names(&self) -> [Option<&str>; 2] {
        let sides = [self.a.as_ref(), self.b.as_ref()];
        let known = sides.iter().flatten().find_map(|side| side.name.as_deref());
        sides.map(|side| side.and_then(|side| side.name.as_deref().or(known)))
    }

    /// How much both have in common, as a person reads it: `98 %`, rounded down, and never all of what is not the same.
    pub fn alike(&self) -> Option<String> {
        let most = if self.status.is_same() { 100.0 } else { 99.0 };
        self.similarity.map(|share| format!("{:.0} %", (share * 100.0).floor().min(most)))
    }
}

/// Two functions taken for one, or one without a partner, by index with imports counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Pair {
    /// What became of it.
    pub status: Status,
    /// Index in the first module.
    pub a: Option<u32>,
    /// Index in the second module.
    pub b: Option<u32>,
}

/// A section in both modules.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct SectionChange {
    /// Its name; a custom section's own name follows `custom`.
    pub name: String,
    /// Bytes in the first module.
    pub a: Option<usize>,
    /// Bytes in the second module.
    pub b: Option<usize>,
    /// Whether the bytes are equal.
    pub same: bool,
}

codes! {
    /// What only one module may have.
    // In the order of the words, and of `DiffReport::items`.
    pub enum ItemKind {
        /// An export.
        Export = "export",
        /// A global.
        Global = "global",
        /// An import.
        Import = "import",
        /// Limits of the memory.
        Memory = "memory",
        /// A start function.
        Start = "start",
    }
}

codes! {
    /// What a piece of data is part of.
    pub enum DataKind {
        /// The embedded claim.
        Claim = "claim",
        /// The embedded ABI.
        Abi = "abi",
        /// The program's own.
        Data = "data",
    }
}

codes! {
    /// Name and version of the document.
    pub enum Schema {
        /// The first.
        V1 = "provenear/diff/v1",
    }
}

/// An import, an export, or a limit that only one module has.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct ItemChange {
    /// What kind of thing.
    pub kind: ItemKind,
    /// What it is, in one module.
    pub a: Option<String>,
    /// What it is, in the other.
    pub b: Option<String>,
}

/// A piece of data that differs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct DataChange {
    /// What it is part of.
    pub kind: DataKind,
    /// Address of the first byte that differs, and the text around it, in the first module; what is not printable ASCII is
    /// shown as a dot.
    pub a: Option<(u64, String)>,
    /// Address and text in the second module.
    pub b: Option<(u64, String)>,
}

/// All that a comparison found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct DiffReport {
    /// Version of this shape.
    pub schema: Schema,
    /// Always null: a comparison that was made has no error.
    #[cfg_attr(feature = "schema", schemars(with = "()"))]
    pub error: Option<String>,
    /// Rung of the ladder.
    pub class: Class,
    /// One sentence.
    pub message: String,
    /// Functions by kind.
    #[serde(rename = "functions")]
    pub counts: Counts,
    /// Every section of either module, in the order of the first, then of the second.
    pub sections: Vec<SectionChange>,
    /// Imports, exports and limits that differ.
    pub items: Vec<ItemChange>,
    /// Pieces of data that differ, at most 1,000.
    pub data: Vec<DataChange>,
    /// Bytes of data that differ, listed or not.
    pub data_bytes: u64,
    /// Functions that are not the same, by index in the first module, then in the second.
    pub changes: Vec<FunctionChange>,
    /// Why the modules may differ.
    // Empty until somebody fills in what `causes` says.
    pub causes: Vec<Cause>,
    /// What else has to be said, each in one sentence: one where the comparison was ended early.
    // Whether the budget was used up, so that some of what is called changed, added or removed was not compared.
    #[serde(serialize_with = "as_notes", deserialize_with = "has_notes", rename = "notes")]
    #[cfg_attr(feature = "schema", schemars(with = "Vec<String>"))]
    pub incomplete: bool,
    /// Every function of both modules; not part of the JSON, so that one that was read back has none.
    #[serde(skip)]
    pub pairs: Vec<Pair>,
}

impl DiffReport {
    /// What else has to be said, each in one sentence.
    pub fn notes(&self) -> &'static [&'static str] {
        notes(self.incomplete)
    }
}

fn notes(incomplete: bool) -> &'static [&'static str] {
    if incomplete { &["the comparison was ended early, so that some functions were not compared"] } else { &[] }
}

fn as_notes<S: Serializer>(incomplete: &bool, serializer: S) -> Result<S::Ok, S::Error> {
    notes(*incomplete).serialize(serializer)
}

fn has_notes<'de, D: Deserializer<'de>>(deserializer: D) -> Result<bool, D::Error> {
    Vec::<String>::deserialize(deserializer).map(|notes| !notes.is_empty())
}
