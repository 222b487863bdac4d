//! A comparison as lines for a person. Foreign text is made printable before any colour is put around it.

use std::fmt::Write as _;

use anstyle::{AnsiColor, Effects, Style};
use provenear_shared::digest::Sha256Digest;
use provenear_shared::report::{DiffByHash, HashClass, RebuildsReport, SignatureCheck};
use provenear_shared::wasm::diff::{Cell, Class, DiffReport, FunctionSide, RowKind, SideBySide, Status};

use crate::progress::make_printable;

/// Most lines of one kind; the JSON has them all.
const MOST: usize = 40;
/// Columns of one side.
const WIDTH: usize = 58;

/// Class, what the two are, counts, causes with their evidence, and what in particular is not the same.
pub fn summary(report: &DiffReport, names: [&str; 2]) -> String {
    let color = match report.class {
        Class::Identical | Class::CustomSections => AnsiColor::Green,
        Class::Metadata | Class::Data | Class::Relocated => AnsiColor::Yellow,
        Class::Functions | Class::Unrelated => AnsiColor::Red,
    };
    let style = color.on_default().bold();
    let mut lines = format!("{style}{}{style:#}  {}\n", report.class.code(), clean(&report.message));
    let [a, b] = names;
    row(&mut lines, "a", a);
    row(&mut lines, "b", b);
    let counts = &report.counts;
    let functions = [
        (counts.matched, "the same"),
        (counts.changed, "changed"),
        (counts.guessed, "paired by a guess"),
        (counts.added, "added"),
        (counts.removed, "removed"),
    ];
    let functions = functions.iter().filter(|(count, _)| *count > 0).map(|(count, name)| format!("{count} {name}"));
    row(&mut lines, "functions", &functions.collect::<Vec<_>>().join(", "));
    for cause in &report.causes {
        row(&mut lines, "cause", &format!("{}: {}", cause.message, cause.next));
        rows(&mut lines, "", cause.evidence.iter().map(|(a, b)| both(a.as_deref(), b.as_deref())));
    }
    let size = |bytes: Option<usize>| bytes.map(|bytes| format!("{bytes} bytes"));
    let sections = report.sections.iter().filter(|section| !section.same);
    rows(
        &mut lines,
        "section",
        sections.map(|section| {
            format!("{}  {}", section.name, both(size(section.a).as_deref(), size(section.b).as_deref()))
        }),
    );
    for item in report.items.iter().take(MOST) {
        row(&mut lines, item.kind.code(), &both(item.a.as_deref(), item.b.as_deref()));
    }
    more(&mut lines, "item", report.items.len());
    for change in report.data.iter().take(MOST) {
        let side = |side: &Option<(u64, String)>| side.as_ref().map(|(at, text)| format!("{at:#x} {text}"));
        row(&mut lines, change.kind.code(), &both(side(&change.a).as_deref(), side(&change.b).as_deref()));
    }
    more(&mut lines, "data", report.data.len());
    for change in report.changes.iter().take(MOST) {
        let [name_a, name_b] = change.names();
        let sides = both(side(&change.a, name_a).as_deref(), side(&change.b, name_b).as_deref());
        let alike = change.alike().map(|alike| format!("  {alike} alike")).unwrap_or_default();
        row(&mut lines, status(change.status), &format!("{sides}{alike}"));
    }
    more(&mut lines, "function", report.changes.len());
    for note in report.notes() {
        row(&mut lines, "note", note);
    }
    lines
}

/// What was compared where one side was given by its hash.
pub(super) fn by_hash(hash: &Sha256Digest, lines: &mut String) {
    row(lines, "sha256", &format!("{}, as given for the other side", hash.to_hex()));
}

/// What is known where no code was compared.
pub(super) fn hashes(report: &DiffByHash) -> String {
    let color = match report.class {
        HashClass::Identical => AnsiColor::Green,
        HashClass::Different => AnsiColor::Red,
    };
    let style = color.on_default().bold();
    let mut lines = format!("{style}{}{style:#}  {}\n", report.class.code(), clean(&report.message));
    rows(&mut lines, "note", report.notes.iter().cloned());
    lines
}

/// In what two rebuilds differ, and whose word each is.
pub(super) fn rebuilds(report: &RebuildsReport) -> String {
    // What anybody may have written agrees with whatever they like.
    let is_trusted = [&report.a, &report.b].iter().all(|side| side.signature == SignatureCheck::Trusted);
    let (color, word) = match (report.same_artifact, report.differences.is_empty()) {
        (true, true) if is_trusted => (AnsiColor::Green, "same"),
        (true, true) => (AnsiColor::Yellow, "same"),
        (true, false) => (AnsiColor::Yellow, "same code"),
        (false, _) => (AnsiColor::Red, "different code"),
    };
    let style = color.on_default().bold();
    let mut lines = format!("{style}{word}{style:#}  {}\n", clean(&report.message));
    for (name, side) in [("first", &report.a), ("second", &report.b)] {
        row(&mut lines, name, &format!("{}, {}", side.name, side.message));
        row(&mut lines, "", &format!("finished {}", side.finished_on));
    }
    for it in report.differences.iter().take(MOST) {
        let name = it.name.as_ref().map(|name| format!("{name}: ")).unwrap_or_default();
        row(&mut lines, it.part.code(), &format!("{name}{}", both(it.a.as_deref(), it.b.as_deref())));
    }
    more(&mut lines, "differ", report.differences.len());
    lines
}

/// The two sides of one function, line by line; words that differ stand out.
pub(super) fn function(shown: &SideBySide, lines: &mut String) {
    let bold = Style::new().bold();
    lines.push('\n');
    let head = |side: &str, name: &Option<String>| format!("{side}: {}", clean(name.as_deref().unwrap_or("-")));
    let (a, b) = (head("a", &shown.a), head("b", &shown.b));
    let _ = writeln!(lines, "{bold}  {a:<WIDTH$} | {b}{bold:#}");
    for row in &shown.rows {
        let (mark, style) = match row.kind {
            RowKind::Same => (' ', Style::new()),
            RowKind::Changed => ('!', AnsiColor::Yellow.on_default()),
            RowKind::Removed => ('-', AnsiColor::Red.on_default()),
            RowKind::Added => ('+', AnsiColor::Green.on_default()),
        };
        let (left, width) = cell(row.a.as_ref(), style);
        let (right, _) = cell(row.b.as_ref(), style);
        let pad = " ".repeat(WIDTH.saturating_sub(width));
        let _ = writeln!(lines, "{style}{mark}{style:#} {left}{pad} | {right}");
    }
    if shown.cut {
        lines.push_str("the rest is not shown: the function is too long, or cannot be read\n");
    }
}

/// The words of one side, and how many columns they take.
fn cell(cell: Option<&Cell>, style: Style) -> (String, usize) {
    let Some(cell) = cell else { return (String::new(), 0) };
    let indent = "  ".repeat(cell.depth.into());
    let mut width = indent.len();
    let mut text = indent;
    for (at, (word, marked)) in cell.words.iter().enumerate() {
        if at > 0 {
            text.push(' ');
            width += 1;
        }
        let word = clean(word);
        width += word.chars().count();
        let style = if *marked { style.effects(Effects::BOLD | Effects::UNDERLINE) } else { style };
        let _ = write!(text, "{style}{word}{style:#}");
    }
    (text, width)
}

fn side(side: &Option<FunctionSide>, name: Option<&str>) -> Option<String> {
    let side = side.as_ref()?;
    let name = name.map(|name| format!(" {name}")).unwrap_or_default();
    Some(format!("#{}{name} ({} bytes)", side.index, side.size))
}

fn status(status: Status) -> &'static str {
    match status {
        Status::Exact | Status::Moved | Status::Relocated => "same",
        Status::Changed => "changed",
        Status::Guess => "guess",
        Status::Added => "added",
        Status::Removed => "removed",
    }
}

fn both(a: Option<&str>, b: Option<&str>) -> String {
    format!("{} | {}", a.unwrap_or("-"), b.unwrap_or("-"))
}

fn rows(lines: &mut String, name: &str, all: impl Iterator<Item = String>) {
    for text in all.take(MOST) {
        row(lines, name, &text);
    }
}

fn more(lines: &mut String, name: &str, count: usize) {
    if count > MOST {
        row(lines, name, &format!("and {} more: see `--json`", count - MOST));
    }
}

/// Nothing for what is not known.
fn row(lines: &mut String, name: &str, text: &str) {
    if text.trim().is_empty() {
        return;
    }
    let dim = Style::new().dimmed();
    let _ = writeln!(lines, "{dim}{name:>10}{dim:#}  {}", clean(text));
}

/// On one line, and nothing in it that a terminal obeys.
fn clean(text: &str) -> String {
    make_printable(text.as_bytes()).replace(['\n', '\t'], " ")
}
