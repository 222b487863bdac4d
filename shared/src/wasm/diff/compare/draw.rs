//! Draws a comparison as two bars, and lists its functions.

use std::ops::Range;

use super::drawing::{Picture, Run, RunKind, Stretch};
use super::names::Names;
use super::report::{DiffReport, FunctionChange, FunctionSide, Status};
use crate::wasm::{Module, SectionKind};

/// Most runs that are given; of more, the largest.
const MAX_RUNS: usize = 400;
/// Most functions that are listed.
const MAX_LISTED: usize = 20_000;

/// Draws `report`, the comparison of these two modules.
pub fn picture(a: &Module, b: &Module, report: &DiffReport) -> Picture {
    let mut runs = code(a, b, report);
    runs.extend(sections(a, b));
    let size = |run: &Run| {
        let size = |range: &Option<Range<u64>>| range.as_ref().map_or(0, |range| range.end - range.start);
        size(&run.a).max(size(&run.b))
    };
    let left_out = runs.len().saturating_sub(MAX_RUNS);
    if left_out > 0 {
        runs.sort_by_key(|run| std::cmp::Reverse(size(run)));
        runs.truncate(MAX_RUNS);
    }
    let start = |range: &Option<Range<u64>>| range.as_ref().map(|range| range.start);
    runs.sort_by_key(|run| (run.a.is_none(), start(&run.a), start(&run.b)));
    Picture { sizes: [a, b].map(|module| module.bytes().len() as u64), sections: [a, b].map(stretches), runs, left_out }
}

/// Every function of both modules, with what became of it, in the order of [`DiffReport::pairs`]; at most 20,000.
pub fn functions(a: &Module, b: &Module, report: &DiffReport) -> Vec<FunctionChange> {
    let (names_a, names_b) = (Names::of(a), Names::of(b));
    let mut likeness = report.changes.iter().peekable();
    let listed = report.pairs.iter().take(MAX_LISTED).map(|pair| {
        let index = |side: &Option<FunctionSide>| side.as_ref().map(|side| side.index);
        // Both lists are in one order.
        let change = likeness.next_if(|change| index(&change.a) == pair.a && index(&change.b) == pair.b);
        change.cloned().unwrap_or_else(|| FunctionChange {
            status: pair.status,
            a: pair.a.and_then(|index| side(a, &names_a, index)),
            b: pair.b.and_then(|index| side(b, &names_b, index)),
            similarity: None,
        })
    });
    listed.collect()
}

fn side(module: &Module, names: &Names, index: u32) -> Option<FunctionSide> {
    let range = body(module, index)?;
    let size = (range.end - range.start) as usize;
    Some(FunctionSide { index, name: names.get(index).map(str::to_owned), size, offset: range.start })
}

/// Where the body of a function is in the file.
fn body(module: &Module, index: u32) -> Option<Range<u64>> {
    let defined = (index as usize).checked_sub(module.imported_function_count())?;
    module.bodies().get(defined).map(|body| body.range())
}

fn code(a: &Module, b: &Module, report: &DiffReport) -> Vec<Run> {
    let (names_a, names_b) = (Names::of(a), Names::of(b));
    let places = |module: &Module| -> (u32, Vec<Range<u64>>) {
        (module.imported_function_count() as u32, module.bodies().iter().map(|body| body.range()).collect())
    };
    let (of_a, of_b) = (places(a), places(b));
    let place = |(imported, bodies): &(u32, Vec<Range<u64>>), index: u32| -> Option<Range<u64>> {
        bodies.get(index.checked_sub(*imported)? as usize).cloned()
    };
    let mut runs: Vec<Run> = Vec::new();
    let mut last = (None, None);
    for pair in &report.pairs {
        let kind = match pair.status {
            Status::Exact => RunKind::Equal,
            Status::Moved | Status::Relocated => RunKind::Moved,
            Status::Changed | Status::Guess => RunKind::Changed,
            Status::Added | Status::Removed => RunKind::New,
        };
        let (at_a, at_b) = (pair.a.and_then(|index| place(&of_a, index)), pair.b.and_then(|index| place(&of_b, index)));
        let next = (pair.a.and_then(|index| index.checked_sub(1)), pair.b.and_then(|index| index.checked_sub(1)));
        match runs.last_mut() {
            Some(run) if run.kind == kind && last == next => {
                let longer = |run: &mut Option<Range<u64>>, more: Option<Range<u64>>| {
                    if let (Some(run), Some(more)) = (run.as_mut(), more) {
                        run.end = more.end;
                    }
                };
                longer(&mut run.a, at_a);
                longer(&mut run.b, at_b);
                run.functions += 1;
            }
            _ => {
                // Of two functions that are taken for one, one may have a name.
                let known = pair.a.and_then(|index| names_a.get(index));
                let known = known.or_else(|| pair.b.and_then(|index| names_b.get(index))).map(str::to_owned);
                let first = pair.a.or(pair.b).map(|index| (index, known));
                runs.push(Run { kind, section: "code".to_owned(), functions: 1, first, a: at_a, b: at_b });
            }
        }
        last = (pair.a, pair.b);
    }
    runs
}

/// Sections other than the code, paired by name.
fn sections(a: &Module, b: &Module) -> Vec<Run> {
    let of = |module: &Module| -> Vec<(Stretch, SectionKind)> {
        stretches(module).into_iter().zip(module.sections().iter().map(|section| section.kind)).collect()
    };
    let mut of_b: std::collections::BTreeMap<String, Vec<Stretch>> = std::collections::BTreeMap::new();
    for (stretch, kind) in of(b).into_iter().rev() {
        if kind != SectionKind::Code {
            of_b.entry(stretch.name.clone()).or_default().push(stretch);
        }
    }
    let bytes =
        |module: &'_ Module, range: &Range<u64>| module.bytes()[range.start as usize..range.end as usize].to_vec();
    let mut runs = Vec::new();
    for (stretch, _) in of(a).into_iter().filter(|(_, kind)| *kind != SectionKind::Code) {
        let other = of_b.get_mut(&stretch.name).and_then(Vec::pop);
        let kind = match &other {
            Some(other) if bytes(a, &stretch.at) == bytes(b, &other.at) => RunKind::Equal,
            Some(_) => RunKind::Changed,
            None => RunKind::New,
        };
        let (a, b) = (Some(stretch.at), other.map(|other| other.at));
        runs.push(Run { kind, section: stretch.name, functions: 0, first: None, a, b });
    }
    runs.extend(of_b.into_values().flatten().map(|stretch| Run {
        kind: RunKind::New,
        section: stretch.name,
        functions: 0,
        first: None,
        a: None,
        b: Some(stretch.at),
    }));
    runs
}

fn stretches(module: &Module) -> Vec<Stretch> {
    let sections = module.sections().iter().map(|section| Stretch {
        name: match &section.custom_name {
            Some(name) => format!("custom {name}"),
            None => section.kind.name().to_owned(),
        },
        at: section.content.start as u64..section.content.end as u64,
    });
    sections.collect()
}
