//! `provenear diff`: two modules, why they differ, and one function of both side by side.

use provenear_shared::embedded::{EmbeddedClaim, claim};
use provenear_shared::wasm::Module;
use provenear_shared::wasm::diff::{
    Budget, Class, DiffReport, Known, RowKind, Side, SideBySide, causes, diff, side_by_side,
};

use super::inspect::look;
use crate::args::Diff;
use crate::failure::{Code, Failure, fail};
use crate::progress::{Progress, printable};
use crate::question::{question, subject};
use crate::report::{print_json, print_text};
use crate::sandbox::Interpreter;
use crate::transport::Http;

/// Equal bytes, and anything else.
const SAME: u8 = 0;
const DIFFERENT: u8 = 1;

/// Runs it.
///
/// # Errors
/// What was typed makes no sense, or one of the two is no module.
pub fn run(args: &Diff) -> anyhow::Result<u8> {
    let http = Http::new(args.common.ca_file.as_deref())?;
    let mut both = Vec::new();
    for text in [&args.a, &args.b] {
        let question = question(subject(text)?, &args.common, &http)?;
        let quiet = args.common.output.quiet || args.common.output.json;
        let found = look(&question, &http, &Progress::new(quiet));
        match (found.code, found.outcome) {
            (Some(code), _) => both.push(code.bytes().to_vec()),
            (None, Err(error)) => return fail(Code::NotLooked(error.code()), error.to_string()),
            (None, Ok(_)) => return fail(Code::NotLooked("no-contract"), format!("`{text}` has no code")),
        }
    }
    let [a, b] = both.as_slice() else { return fail(Code::Usage, "two modules are compared") };
    let report = compare(a, b)?;
    let shown = args.function.map(|index| function(a, b, &report, index)).transpose()?;
    if args.common.output.json {
        let mut value = serde_json::to_value(&report)?;
        if let (Some(object), Some(shown)) = (value.as_object_mut(), &shown) {
            object.insert("side_by_side".to_owned(), serde_json::to_value(shown)?);
        }
        print_json(&value)?;
    } else {
        print_text(&printable(text(&report, shown.as_ref()).as_bytes()))?;
    }
    Ok(if report.class == Class::Identical { SAME } else { DIFFERENT })
}

/// Compares two modules, with the likely causes.
///
/// # Errors
/// When one of them is no module.
pub fn compare(a: &[u8], b: &[u8]) -> anyhow::Result<DiffReport> {
    let (a, b) = (parse(a)?, parse(b)?);
    let mut report = diff(&Side::new(&a), &Side::new(&b), Budget::default());
    let claims = [&a, &b].map(|module| match pollster::block_on(claim(module, &Interpreter)) {
        Ok(EmbeddedClaim::Fixed(Ok(metadata))) => Some(metadata.verbatim().clone()),
        Ok(
            EmbeddedClaim::Fixed(Err(_))
            | EmbeddedClaim::Missing
            | EmbeddedClaim::Computed(_)
            | EmbeddedClaim::Failed(_),
        )
        | Err(_) => None,
    });
    let known = [0, 1].map(|n| Known { claim: claims.get(n).and_then(Option::as_ref), ..Known::default() });
    report.causes = causes(&a, &b, known, &report);
    Ok(report)
}

fn parse(bytes: &[u8]) -> anyhow::Result<Module<'_>> {
    Module::parse(bytes)
        .map_err(|error| Failure::new(Code::Io, format!("this is no WebAssembly module: {error}")).into())
}

fn function(a: &[u8], b: &[u8], report: &DiffReport, index: u32) -> anyhow::Result<SideBySide> {
    let partner = report.pairs.iter().find(|pair| pair.a == Some(index)).and_then(|pair| pair.b);
    Ok(side_by_side(&parse(a)?, &parse(b)?, report, Some(index), partner))
}

fn text(report: &DiffReport, shown: Option<&SideBySide>) -> String {
    let counts = &report.counts;
    let mut lines = vec![
        format!("{}  {}", report.class.code(), report.message),
        format!(
            "functions  {} matched, {} guessed, {} changed, {} added, {} removed",
            counts.matched, counts.guessed, counts.changed, counts.added, counts.removed
        ),
    ];
    let size = |bytes: Option<usize>| bytes.map_or_else(|| "-".to_owned(), |n| n.to_string());
    for section in report.sections.iter().filter(|section| !section.same) {
        lines.push(format!("section    {}: {} | {}", section.name, size(section.a), size(section.b)));
    }
    for item in &report.items {
        let side = |side: &Option<String>| side.clone().unwrap_or_else(|| "-".to_owned());
        lines.push(format!("{:<10} {} | {}", item.kind, side(&item.a), side(&item.b)));
    }
    for cause in &report.causes {
        lines.push(format!("cause      {}; {}", cause.message, cause.next));
    }
    for row in shown.into_iter().flat_map(|shown| &shown.rows) {
        let mark = match row.kind {
            RowKind::Same => ' ',
            RowKind::Changed => '!',
            RowKind::Removed => '-',
            RowKind::Added => '+',
        };
        let cell = |cell: &Option<provenear_shared::wasm::diff::Cell>| {
            cell.as_ref().map_or_else(String::new, |cell| {
                let words: Vec<&str> = cell.words.iter().map(|(word, _)| word.as_str()).collect();
                format!("{}{}", "  ".repeat(cell.depth.into()), words.join(" "))
            })
        };
        lines.push(format!("{mark} {:<58} | {}", cell(&row.a), cell(&row.b)));
    }
    lines.push(String::new());
    lines.join("\n")
}
