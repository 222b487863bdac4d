//! A probe as lines for a person. Foreign text is made printable before any colour is put around it.

use std::fmt::Write as _;

use anstyle::{AnsiColor, Style};
use provenear_shared::report::{Factor, FactorOutcome, FactorReport, LeakReport, ProbeOutcome, ProbeReport};

use crate::progress::make_printable;

/// Most lines of one kind; the JSON has more.
const MOST: usize = 6;

/// Characters of a text that are shown, and of them, before the first that differs.
const WIDTH: usize = 48;
const BEFORE: usize = 16;

/// Every factor by its name, with what is changed.
pub(super) fn factors() -> String {
    let mut lines = String::new();
    for factor in Factor::ALL {
        let held = if factor.is_held_by_the_image() { "; the same in every rebuild" } else { "" };
        let _ = writeln!(lines, "{:<12}  {}{held}", factor.code(), about(*factor));
    }
    lines
}

fn about(factor: Factor) -> &'static str {
    match factor {
        Factor::Again => "nothing: a second clean build, which is always made",
        Factor::Clock => "date and time of day, 400 days back",
        Factor::Cpus => "processors, one in place of all",
        Factor::HostName => "the machine's name",
        Factor::FileOrder => "in which order folders list their files, and the file system",
        Factor::User => "the numbers of user and group",
        Factor::Umask => "which permissions new files lack",
        Factor::Environment => "a variable that has nothing to do with the build",
        Factor::Network => "a network, which the build otherwise lacks",
        Factor::TimeZone => "the time zone",
        Factor::Locale => "the language, and how text is sorted",
        Factor::Home => "the user's home",
        Factor::CargoHome => "the folder of cargo's registry",
        Factor::BuildPath => "the folder of the source",
    }
}

/// What it comes to, and each factor with what it changes.
pub(super) fn report(report: &ProbeReport) -> String {
    let color = match report.outcome {
        ProbeOutcome::Clean => AnsiColor::Green,
        ProbeOutcome::Leaks => AnsiColor::Red,
        ProbeOutcome::Incomplete => AnsiColor::Yellow,
    };
    let style = color.on_default().bold();
    let mut lines = format!("{style}{}{style:#}  {}\n", report.outcome.code(), clean(&report.message));
    let files =
        if report.committed { "the commit that the tree is at" } else { "a tree that is not committed as it is" };
    row(&mut lines, "tree", &format!("{} ({files})", report.tree));
    row(&mut lines, "image", &report.image);
    row(&mut lines, "command", &shell_words::join(&report.build_command));
    row(&mut lines, "code", &report.code_hash.to_base58());
    let is_asked = |it: &&FactorReport| it.outcome != FactorOutcome::NotAsked;
    for it in report.factors.iter().filter(is_asked) {
        factor(it, &mut lines);
    }
    let left_out: Vec<&str> = report.factors.iter().filter(|it| !is_asked(it)).map(|it| it.factor.code()).collect();
    row(&mut lines, "not asked", &left_out.join(", "));
    row(&mut lines, "kept in", &report.folder);
    lines
}

fn factor(it: &FactorReport, lines: &mut String) {
    let (color, word) = match (it.outcome, it.held_by_the_image) {
        (FactorOutcome::Same, _) => (AnsiColor::Green, "same"),
        (FactorOutcome::Leaks, false) => (AnsiColor::Red, "leaks"),
        (FactorOutcome::Leaks, true) => (AnsiColor::Yellow, "leaks, but is the same in every rebuild"),
        (FactorOutcome::Unclear, _) => (AnsiColor::Yellow, "unclear"),
        (FactorOutcome::NotBuilt, _) => (AnsiColor::Yellow, "not built"),
        (FactorOutcome::NotVaried, _) => (AnsiColor::Yellow, "not varied"),
        (FactorOutcome::NotAsked, _) => (AnsiColor::Yellow, "not asked for"),
    };
    let style = color.on_default().bold();
    let change = it.change.as_deref().map(|change| format!(" ({})", clean(change))).unwrap_or_default();
    let _ = writeln!(lines, "{:>12}  {style}{word}{style:#}{change}", it.factor.code());
    if let Some(message) = &it.message {
        row(lines, "", message);
    }
    if let Some(leak) = &it.leak {
        where_it_is(leak, lines);
    }
}

fn where_it_is(leak: &LeakReport, lines: &mut String) {
    row(lines, "", &leak.message);
    for text in &leak.carries {
        row(lines, "carries", &format!("the code holds the text `{text}`"));
    }
    for function in leak.functions.iter().take(MOST) {
        row(lines, "function", function);
    }
    more(lines, leak.function_count);
    for data in leak.data.iter().take(MOST) {
        let at = data.address.map(|at| format!("{at:#x} ")).unwrap_or_default();
        let [before, after] = around([data.before.as_deref(), data.after.as_deref()]);
        row(lines, "data", &format!("{at}{before} | {after}"));
    }
    more(lines, leak.data_count);
    for section in &leak.sections {
        row(lines, "section", section);
    }
    for hint in leak.hints.iter().take(MOST) {
        row(lines, "maybe", &format!("{}:{}  {}", hint.path, hint.line, hint.text));
    }
    row(lines, "diff", &leak.diff);
}

/// What is not the same in two texts, with a little of what stands before it.
fn around(texts: [Option<&str>; 2]) -> [String; 2] {
    let [before, after] = texts.map(|text| text.unwrap_or("-").chars().collect::<Vec<char>>());
    let same = before.iter().zip(&after).take_while(|(a, b)| a == b).count();
    let cut = |text: Vec<char>| text.into_iter().skip(same.saturating_sub(BEFORE)).take(WIDTH).collect();
    [cut(before), cut(after)]
}

fn more(lines: &mut String, count: usize) {
    if count > MOST {
        row(lines, "", &format!("and {} more: see the comparison", count - MOST));
    }
}

/// Nothing for what is not known.
fn row(lines: &mut String, name: &str, text: &str) {
    if text.trim().is_empty() {
        return;
    }
    let dim = Style::new().dimmed();
    let _ = writeln!(lines, "{dim}{name:>12}{dim:#}  {}", clean(text));
}

/// On one line, and nothing in it that a terminal obeys.
fn clean(text: &str) -> String {
    make_printable(text.as_bytes()).replace(['\n', '\t'], " ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_cut_to_where_it_differs() {
        let long = "x".repeat(100);
        let [before, after] = around([Some(&format!("{long}one, and more")), Some(&format!("{long}two"))]);
        assert_eq!((before.as_str(), after.as_str()), ("xxxxxxxxxxxxxxxxone, and more", "xxxxxxxxxxxxxxxxtwo"));
        assert_eq!(around([None, Some("ab")]), ["-", "ab"]);
        assert!(around([Some(&long), Some("y")])[0].len() <= WIDTH);
    }
}
