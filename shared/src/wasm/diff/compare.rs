//! Compares two modules, step by step. Pure, deterministic, bounded by a [`Budget`], and the same from either side:
//! `diff(a, b)` mirrors `diff(b, a)`. Not here: the shape of what is found (`diff`).

mod align;
mod assemble;
mod body;
mod budget;
mod causes;
mod classify;
mod command;
mod context;
mod data;
mod draw;
mod flat;
mod hash;
mod literals;
mod names;
mod numbers;
mod pairs;
mod rows;
mod similar;
mod summary;
#[cfg(test)]
mod tests;
mod traces;
mod verify;
mod wat;

use super::{cause, picture as drawing, report, side_by_side as shown, stage};
use crate::wasm::Module;
use assemble::assemble;
use context::Context;
use literals::Literals;
use pairs::Ground;
use report::{DiffReport, Status};
use stage::Stage;
use verify::Both;

pub use budget::Budget;
pub use causes::causes;
pub use draw::{functions, picture};
pub use rows::side_by_side;
pub use traces::Known;

/// Compares two modules.
///
/// # Examples
/// ```
/// use provenear_shared::wasm::Module;
/// use provenear_shared::wasm::diff::{Budget, Class, diff};
///
/// let contract = |fee: u32| {
///     let text = format!(r#"(module (func (export "fee") (result i32) (i32.const {fee})) (func (export "name")))"#);
///     wat::parse_str(text).unwrap()
/// };
/// let (deployed, rebuilt) = (contract(5), contract(50));
/// let report = diff(&Module::parse(&deployed).unwrap(), &Module::parse(&rebuilt).unwrap(), Budget::default());
/// assert_eq!(report.class, Class::Functions);
/// assert_eq!(report.changes[0].names(), [Some("fee"); 2]);
/// ```
pub fn diff(a: &Module, b: &Module, budget: Budget) -> DiffReport {
    diff_watched(a, b, budget, &mut |_| {})
}

/// Compares two modules, telling `watch` of each stage but the causes, which are not looked for here.
pub fn diff_watched(a: &Module, b: &Module, budget: Budget, watch: &mut dyn FnMut(Stage)) -> DiffReport {
    // The work is done in one order of the two, whichever is given, so that the other order is its mirror image.
    let (bytes_a, bytes_b) = (a.bytes(), b.bytes());
    if (bytes_a.len(), bytes_a) <= (bytes_b.len(), bytes_b) {
        compare(a, b, budget, watch)
    } else {
        let mut report = compare(b, a, budget, watch).mirror();
        report.sections = classify::sections(a, b);
        report
    }
}

fn compare(a: &Module, b: &Module, mut budget: Budget, watch: &mut dyn FnMut(Stage)) -> DiffReport {
    watch(Stage::Reading);
    let context_a = Context::of(a, &mut budget);
    let context_b = Context::of(b, &mut budget);
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
    let strays = data::find_strays(&both, &references);
    references.retain(|reference| !strays.contains(&reference.function));
    for (x, _, status) in &mut found {
        if strays.contains(x) {
            *status = Status::Changed;
        }
    }
    let data = data::compare(&both, &references, &mut budget);
    assemble(&both, found, data, budget.is_spent())
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
