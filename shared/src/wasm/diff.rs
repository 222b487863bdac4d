//! Why two modules differ: sections, imports, exports, data, and which function of one is which of the other.
//! Explains, never decides: no verdict is softened by it. Pure, deterministic, bounded by a [`Budget`], and the same from
//! either side: `diff(a, b)` mirrors `diff(b, a)`.
//! Not here: running an export to get claim and ABI (the caller may, and pass them in), drawing.

mod align;
mod body;
mod causes;
mod classify;
mod command;
mod context;
mod data;
mod flat;
mod hash;
mod literals;
mod names;
mod picture;
mod report;
mod side_by_side;
mod similar;
mod summary;
mod traces;
#[cfg(test)]
mod tests;
mod verify;
mod wat;

use super::Module;
use align::Ground;
use context::Context;
use literals::Literals;
use verify::Both;

pub use causes::{Cause, CauseKind, Known, causes};
pub use picture::{Picture, Run, RunKind, Stretch, functions, picture};
pub use report::{
    Class, Counts, DataChange, DiffReport, FunctionChange, FunctionSide, ItemChange, Pair, SectionChange, Status,
};
pub use side_by_side::{Cell, Row, RowKind, SideBySide, side_by_side};

/// One of the two modules, with what the sandbox returned for it, if somebody ran it.
#[derive(Debug, Clone, Copy)]
pub struct Side<'a> {
    /// The module.
    pub module: &'a Module<'a>,
    /// What `contract_source_metadata` returned; looked for in the data if `None`.
    pub claim: Option<&'a [u8]>,
    /// What `__contract_abi` returned, compressed as it is.
    pub abi: Option<&'a [u8]>,
}

impl<'a> Side<'a> {
    /// A module of which nothing was run.
    pub fn new(module: &'a Module<'a>) -> Side<'a> {
        Side { module, claim: None, abi: None }
    }
}

/// How much work a comparison may take, in steps of about one operator or byte. Without a clock, so that the result
/// depends on the modules alone.
#[derive(Debug, Clone, Copy)]
pub struct Budget {
    left: u64,
}

impl Budget {
    /// `steps` operators or bytes.
    pub fn new(steps: u64) -> Budget {
        Budget { left: steps }
    }

    fn spend(&mut self, steps: u64) -> bool {
        let enough = self.left >= steps;
        self.left = if enough { self.left - steps } else { 0 };
        enough
    }

    fn spent(&self) -> bool {
        self.left == 0
    }
}

impl Default for Budget {
    /// Enough for two contracts of 4 MiB, and a few seconds at most.
    fn default() -> Budget {
        Budget::new(100_000_000)
    }
}

/// How far a comparison has come: what is being done now, in this order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    /// Reading both modules.
    Reading,
    /// Pairing their functions.
    Pairing,
    /// Holding the pairs against each other.
    Checking,
    /// Comparing the data.
    Data,
    /// Looking for causes.
    Causes,
}

impl Stage {
    /// All of them.
    pub const ALL: [Stage; 5] = [Stage::Reading, Stage::Pairing, Stage::Checking, Stage::Data, Stage::Causes];

    /// What is being done, as the beginning of a sentence.
    pub fn name(self) -> &'static str {
        match self {
            Stage::Reading => "Reading both modules",
            Stage::Pairing => "Pairing their functions",
            Stage::Checking => "Holding the pairs against each other",
            Stage::Data => "Comparing the data",
            Stage::Causes => "Looking for causes",
        }
    }
}

/// Compares two modules.
pub fn diff(a: &Side, b: &Side, budget: Budget) -> DiffReport {
    diff_watched(a, b, budget, &mut |_| {})
}

/// Compares two modules, telling `watch` of each stage but the causes, which are not looked for here.
pub fn diff_watched(a: &Side, b: &Side, budget: Budget, watch: &mut dyn FnMut(Stage)) -> DiffReport {
    // The work is done in one order of the two, whichever is given, so that the other order is its mirror image.
    let (bytes_a, bytes_b) = (a.module.bytes(), b.module.bytes());
    if (bytes_a.len(), bytes_a) <= (bytes_b.len(), bytes_b) {
        compare(a, b, budget, watch)
    } else {
        let mut report = compare(b, a, budget, watch).mirrored();
        report.sections = classify::sections(a.module, b.module);
        report
    }
}

fn compare(a: &Side, b: &Side, mut budget: Budget, watch: &mut dyn FnMut(Stage)) -> DiffReport {
    watch(Stage::Reading);
    let context_a = Context::of(a.module, &mut budget);
    let context_b = Context::of(b.module, &mut budget);
    watch(Stage::Pairing);
    let pairs = align::align(&context_a, &context_b, &mut budget);
    let literals_a = Literals::of(a, &context_a.image);
    let literals_b = Literals::of(b, &context_b.image);
    let both = Both { a: &context_a, b: &context_b, pairs: &pairs, literals_a: &literals_a, literals_b: &literals_b };
    watch(Stage::Checking);
    let mut references = Vec::new();
    let mut found: Vec<(u32, u32, Status)> =
        pairs.iter().map(|(x, y, ground)| (x, y, status(&both, x, y, ground, &mut references, &mut budget))).collect();
    watch(Stage::Data);
    let strays = data::strays(&both, &references);
    references.retain(|reference| !strays.contains(&reference.function));
    for (x, _, status) in &mut found {
        if strays.contains(x) {
            *status = Status::Changed;
        }
    }
    let data = data::compare(&both, &references, &mut budget);
    report::assemble(&both, found, data, budget.spent())
}

fn status(
    both: &Both,
    x: u32,
    y: u32,
    ground: Ground,
    references: &mut Vec<verify::Reference>,
    budget: &mut Budget,
) -> Status {
    let same = budget.spend(both.a.functions[x as usize].operators.into()) && both.same_body(x, y, references);
    let equal = || both.a.body(x as usize).as_bytes() == both.b.body(y as usize).as_bytes();
    match (same, ground) {
        (true, _) if equal() && x + both.a.imported == y + both.b.imported => Status::Exact,
        (true, _) if equal() => Status::Moved,
        (true, _) => Status::Relocated,
        (false, Ground::Similar) => Status::Guess,
        (false, Ground::Export | Ground::Deep | Ground::Body | Ground::Called | Ground::Shape) => Status::Changed,
    }
}
