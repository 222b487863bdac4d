//! Why two modules differ: sections, imports, exports, data, and which function of one is which of the other.
//! Explains, never decides: no verdict is softened by it. Pure, deterministic, bounded by a [`Budget`], and the same from
//! either side: `diff(a, b)` mirrors `diff(b, a)`.
//! Not here: running an export to get claim and ABI (the caller may, and pass them in), drawing.

mod align;
mod body;
mod causes;
mod classify;
mod context;
mod data;
mod flat;
mod hash;
mod literals;
mod names;
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

/// Compares two modules.
pub fn diff(a: &Side, b: &Side, budget: Budget) -> DiffReport {
    // The work is done in one order of the two, whichever is given, so that the other order is its mirror image.
    let (bytes_a, bytes_b) = (a.module.bytes(), b.module.bytes());
    if (bytes_a.len(), bytes_a) <= (bytes_b.len(), bytes_b) {
        compare(a, b, budget)
    } else {
        let mut report = compare(b, a, budget).mirrored();
        report.sections = classify::sections(a.module, b.module);
        report
    }
}

fn compare(a: &Side, b: &Side, mut budget: Budget) -> DiffReport {
    let context_a = Context::of(a.module, &mut budget);
    let context_b = Context::of(b.module, &mut budget);
    let pairs = align::align(&context_a, &context_b, &mut budget);
    let literals_a = Literals::of(a, &context_a.image);
    let literals_b = Literals::of(b, &context_b.image);
    let both = Both { a: &context_a, b: &context_b, pairs: &pairs, literals_a: &literals_a, literals_b: &literals_b };
    let mut references = Vec::new();
    let mut found: Vec<(u32, u32, Status)> =
        pairs.iter().map(|(x, y, ground)| (x, y, status(&both, x, y, ground, &mut references, &mut budget))).collect();
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
