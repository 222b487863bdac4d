//! Aligns the lines of two functions.

use std::collections::BTreeMap;

use imara_diff::{Algorithm, Diff, InternedInput};

use super::Budget;
use super::context::Context;
use super::hash;
use super::names::Names;
use super::report::{DiffReport, Status};
use super::shown::{Cell, Row, RowKind, SideBySide};
use super::wat::{self, Callees, Line};
use crate::wasm::Module;

/// Shows a function of the first module, of the second, or one of each, by index with imports counted.
/// `report` is the comparison of the same two modules. An index that is not of a defined function shows nothing.
pub fn side_by_side(
    a: &Module,
    b: &Module,
    report: &DiffReport,
    index_a: Option<u32>,
    index_b: Option<u32>,
) -> SideBySide {
    // Without a budget the functions are not summarised, which nothing here needs.
    let (context_a, context_b) = (Context::of(a, &mut Budget::new(0)), Context::of(b, &mut Budget::new(0)));
    let mut names_a = Names::of(a);
    let mut names_b = Names::of(b);
    let mut keys_a = BTreeMap::new();
    let mut keys_b = BTreeMap::new();
    for pair in &report.pairs {
        let (Some(x), Some(y)) = (pair.a, pair.b) else { continue };
        names_a.share(x, &mut names_b, y);
        if pair.status != Status::Guess {
            let key = hash::words(&[u64::from(x), u64::from(y)]);
            keys_a.insert(x, key);
            keys_b.insert(y, key);
        }
    }
    let defined = |context: &Context, index: Option<u32>| {
        let function = index?.checked_sub(context.imported)? as usize;
        (function < context.functions.len()).then_some((index?, function))
    };
    let (of_a, of_b) = (defined(&context_a, index_a), defined(&context_b, index_b));
    let lines = |context: &Context, of: Option<(u32, usize)>, names: &Names, keys: &BTreeMap<u32, u64>, side: u64| {
        of.map_or_else(Vec::new, |(_, function)| wat::lines(context, function, &Named { context, names, keys, side }))
    };
    let lines_a = lines(&context_a, of_a, &names_a, &keys_a, 1);
    let lines_b = lines(&context_b, of_b, &names_b, &keys_b, 2);
    let whole =
        |context: &Context, of: Option<(u32, usize)>| of.is_none_or(|(_, function)| wat::is_whole(context, function));
    SideBySide {
        a: of_a.map(|(index, _)| wat::head(&context_a, &names_a, index)),
        b: of_b.map(|(index, _)| wat::head(&context_b, &names_b, index)),
        rows: rows(&lines_a, &lines_b),
        cut: !whole(&context_a, of_a) || !whole(&context_b, of_b),
    }
}

struct Named<'n, 'a> {
    context: &'n Context<'a>,
    names: &'n Names,
    keys: &'n BTreeMap<u32, u64>,
    /// Tells functions of one module without a partner from those of the other.
    side: u64,
}

impl Callees for Named<'_, '_> {
    fn describe(&self, index: u32) -> (String, u64) {
        let name = self.names.get(index).map_or_else(|| format!("$function_{index}"), |name| format!("${name}"));
        let import = self.context.import(index);
        let key = import.or_else(|| self.keys.get(&index).copied());
        (name, key.unwrap_or_else(|| hash::words(&[self.side, u64::from(index)])))
    }
}

fn rows(a: &[Line], b: &[Line]) -> Vec<Row> {
    let mut rows = Vec::new();
    let (mut at_a, mut at_b) = (0, 0);
    let key = |line: &Line| line.key;
    for (before, after) in hunks(a.iter().map(key), b.iter().map(key)) {
        same(a, b, &mut at_a, &mut at_b, before.start, RowKind::Same, &mut rows);
        // Within what differs, an operator with other immediates stands beside itself.
        let opcode = |line: &Line| hash::bytes(line.words[0].as_bytes());
        let (end_a, end_b) = (before.end, after.end);
        let (from_a, from_b) = (before.start, after.start);
        let inner = hunks(a[before].iter().map(opcode), b[after].iter().map(opcode));
        for (removed, added) in inner {
            same(a, b, &mut at_a, &mut at_b, from_a + removed.start, RowKind::Changed, &mut rows);
            rows.extend(a[at_a..from_a + removed.end].iter().enumerate().map(|(at, line)| Row {
                kind: RowKind::Removed,
                a: Some(cell(line, at_a + at, None)),
                b: None,
            }));
            rows.extend(b[at_b..from_b + added.end].iter().enumerate().map(|(at, line)| Row {
                kind: RowKind::Added,
                a: None,
                b: Some(cell(line, at_b + at, None)),
            }));
            (at_a, at_b) = (from_a + removed.end, from_b + added.end);
        }
        same(a, b, &mut at_a, &mut at_b, end_a, RowKind::Changed, &mut rows);
        at_b = end_b;
    }
    same(a, b, &mut at_a, &mut at_b, a.len(), RowKind::Same, &mut rows);
    rows
}

/// Rows of lines that stand beside each other, up to line `end` of the first side.
fn same(a: &[Line], b: &[Line], at_a: &mut usize, at_b: &mut usize, end: usize, kind: RowKind, rows: &mut Vec<Row>) {
    while *at_a < end {
        let (line_a, line_b) = (&a[*at_a], &b[*at_b]);
        let kind = if line_a.key == line_b.key { RowKind::Same } else { kind };
        let other = |line| (kind == RowKind::Changed).then_some(line);
        rows.push(Row {
            kind,
            a: Some(cell(line_a, *at_a, other(line_b))),
            b: Some(cell(line_b, *at_b, other(line_a))),
        });
        *at_a += 1;
        *at_b += 1;
    }
}

/// A line with the words marked that are not those of `other`.
fn cell(line: &Line, at: usize, other: Option<&Line>) -> Cell {
    let marked = |at: usize, word: &String| other.is_some_and(|other| other.words.get(at) != Some(word));
    let words = line.words.iter().enumerate().map(|(at, word)| (word.clone(), marked(at, word)));
    Cell { line: at + 1, depth: line.depth, words: words.collect(), calls: line.calls }
}

type Ranges = (std::ops::Range<usize>, std::ops::Range<usize>);

fn hunks(a: impl Iterator<Item = u64>, b: impl Iterator<Item = u64>) -> Vec<Ranges> {
    let mut input = InternedInput::default();
    input.update_before(a);
    input.update_after(b);
    let range = |range: std::ops::Range<u32>| range.start as usize..range.end as usize;
    Diff::compute(Algorithm::Histogram, &input).hunks().map(|hunk| (range(hunk.before), range(hunk.after))).collect()
}
