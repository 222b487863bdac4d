//! What a comparison found, as plain values: the shape of `diff --json`, and the pairs that a page draws.

use serde::{Serialize, Serializer};

use super::classify;
use super::data::Compared;
use super::names::Names;
use super::similar;
use super::verify::Both;

/// Rung of the ladder, from no difference to an unrelated program.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Class {
    /// Equal bytes.
    Identical,
    /// Only custom sections differ.
    CustomSections,
    /// Only the embedded claim or ABI differs.
    Metadata,
    /// Only data differs.
    Data,
    /// The same code and data at other places.
    Relocated,
    /// Functions were changed, added or removed, or what the module asks of its host.
    Functions,
    /// Another program.
    Unrelated,
}

impl Class {
    /// Stable kebab-case name.
    pub fn code(self) -> &'static str {
        match self {
            Class::Identical => "identical",
            Class::CustomSections => "custom-sections",
            Class::Metadata => "metadata",
            Class::Data => "data",
            Class::Relocated => "relocated",
            Class::Functions => "functions",
            Class::Unrelated => "unrelated",
        }
    }
}

/// What became of one function.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// The same bytes at the same index.
    Exact,
    /// The same bytes at another index.
    Moved,
    /// The same once functions, types, globals and addresses are read as what they stand for.
    Relocated,
    /// The same function by name or place, with another body.
    Changed,
    /// Paired because it is alike, and by nothing else.
    Guess,
    /// Only in the second module.
    Added,
    /// Only in the first module.
    Removed,
}

/// How many functions of each kind.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
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
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
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
#[derive(Debug, Clone, PartialEq, Serialize)]
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

/// Two functions taken for one, or one without a partner, by index with imports counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
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
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
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

/// An import, an export, or a limit that only one module has.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[non_exhaustive]
pub struct ItemChange {
    /// `import`, `export`, `memory`, `table`, `global` or `start`.
    pub kind: &'static str,
    /// What it is, in one module.
    pub a: Option<String>,
    /// What it is, in the other.
    pub b: Option<String>,
}

/// A piece of data that differs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct DataChange {
    /// `claim`, `abi` or `data`.
    pub kind: &'static str,
    /// Address of the first byte that differs, and the text around it, in the first module; what is not printable ASCII is
    /// shown as a dot.
    pub a: Option<(u64, String)>,
    /// Address and text in the second module.
    pub b: Option<(u64, String)>,
}

/// All that a comparison found.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct DiffReport {
    /// Version of this shape.
    pub schema: &'static str,
    /// Always null here: a comparison that was made has no error.
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
    /// Why the modules may differ: empty until somebody fills in what [`super::causes`] says.
    pub causes: Vec<super::Cause>,
    /// Whether the budget was used up, so that some of what is called changed, added or removed was not compared.
    #[serde(serialize_with = "as_notes", rename = "notes")]
    pub incomplete: bool,
    /// Every function of both modules; not part of the JSON.
    #[serde(skip)]
    pub pairs: Vec<Pair>,
}

fn as_notes<S: Serializer>(incomplete: &bool, serializer: S) -> Result<S::Ok, S::Error> {
    let notes: &[&str] =
        if *incomplete { &["the comparison was ended early, so that some functions were not compared"] } else { &[] };
    notes.serialize(serializer)
}

impl DiffReport {
    /// The same comparison seen from the other side.
    pub(super) fn mirrored(mut self) -> DiffReport {
        std::mem::swap(&mut self.counts.added, &mut self.counts.removed);
        for section in &mut self.sections {
            std::mem::swap(&mut section.a, &mut section.b);
        }
        for item in &mut self.items {
            std::mem::swap(&mut item.a, &mut item.b);
        }
        for change in &mut self.data {
            std::mem::swap(&mut change.a, &mut change.b);
        }
        for change in &mut self.changes {
            std::mem::swap(&mut change.a, &mut change.b);
            change.status = change.status.mirrored();
        }
        for pair in &mut self.pairs {
            std::mem::swap(&mut pair.a, &mut pair.b);
            pair.status = pair.status.mirrored();
        }
        self.sorted()
    }

    /// Everything in the order that is promised.
    fn sorted(mut self) -> DiffReport {
        // What only one module has comes last, in the order of its indices.
        let key = |a: Option<u32>, b: Option<u32>| (a.is_none(), a, b);
        self.pairs.sort_by_key(|pair| key(pair.a, pair.b));
        self.changes.sort_by_key(|change| key(change.a.as_ref().map(|a| a.index), change.b.as_ref().map(|b| b.index)));
        self.items.sort();
        self.data.sort_by(|x, y| (x.a.is_none(), &x.a, &x.b).cmp(&(y.a.is_none(), &y.a, &y.b)));
        self.message = classify::message(&self);
        self
    }
}

impl Status {
    fn mirrored(self) -> Status {
        match self {
            Status::Added => Status::Removed,
            Status::Removed => Status::Added,
            Status::Exact | Status::Moved | Status::Relocated | Status::Changed | Status::Guess => self,
        }
    }
}

/// Puts the report together.
pub(super) fn assemble(both: &Both, found: Vec<(u32, u32, Status)>, data: Compared, incomplete: bool) -> DiffReport {
    let (a, b) = (both.a, both.b);
    let mut pairs: Vec<Pair> = found
        .iter()
        .map(|(x, y, status)| Pair { status: *status, a: Some(x + a.imported), b: Some(y + b.imported) })
        .collect();
    pairs.extend(both.pairs.left_a().iter().map(|x| Pair {
        status: Status::Removed,
        a: Some(x + a.imported),
        b: None,
    }));
    pairs.extend(both.pairs.left_b().iter().map(|y| Pair { status: Status::Added, a: None, b: Some(y + b.imported) }));
    let (names_a, names_b) = (Names::of(a.module), Names::of(b.module));
    let side = |context: &super::Context, names: &Names, index: u32| {
        let body = context.body((index - context.imported) as usize);
        FunctionSide {
            index,
            name: names.get(index).map(str::to_owned),
            size: body.as_bytes().len(),
            offset: body.range().start,
        }
    };
    let mut counts = Counts::default();
    let mut changes = Vec::new();
    for pair in &pairs {
        match pair.status {
            Status::Exact | Status::Moved | Status::Relocated => {
                counts.matched += 1;
                continue;
            }
            Status::Changed => counts.changed += 1,
            Status::Guess => counts.guessed += 1,
            Status::Added => counts.added += 1,
            Status::Removed => counts.removed += 1,
        }
        changes.push(FunctionChange {
            status: pair.status,
            a: pair.a.map(|index| side(a, &names_a, index)),
            b: pair.b.map(|index| side(b, &names_b, index)),
            similarity: pair.a.zip(pair.b).map(|(x, y)| similar::between(a, x - a.imported, b, y - b.imported)),
        });
    }
    let mut report = DiffReport {
        schema: "provenear/diff/v1",
        error: None,
        class: Class::Identical,
        message: String::new(),
        counts,
        sections: classify::sections(a.module, b.module),
        items: classify::items(a, b),
        data: classify::data(both, &data),
        data_bytes: data.bytes,
        changes,
        causes: Vec::new(),
        incomplete,
        pairs,
    };
    report.class = classify::class(both, &report);
    report.sorted()
}
