//! `provenear explain`: what a code means and what to do about it, in the words of `docs/verdicts.md` and `docs/lint.md`, which the
//! suite holds to the code. Not here: any of these words.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use anstyle::Style;

use crate::failure::{Code, fail};
use crate::look::nearest::nearest;
use crate::look::report::print_styled;

const DOCUMENT: &str = include_str!("../../../docs/verdicts.md");
const LINT: &str = include_str!("../../../docs/lint.md");

/// Sections with one entry for each code, and what such a code is.
const KINDS: [(&str, &str); 6] = [
    ("Notices", "notice"),
    ("Gaps", "gap"),
    ("Could not check", "error: could not check"),
    ("The helper could not do it", "error of the helper"),
    ("Rejected lines", "rejected line"),
    ("Findings", "finding of lint"),
];

/// What the document says of one code.
#[derive(Debug, PartialEq, Eq)]
struct Entry {
    code: &'static str,
    kind: &'static str,
    /// What it means, then what else is to know and what to do, as Markdown.
    says: Vec<String>,
}

/// Prints one code, or all of them.
///
/// # Errors
/// [`Code::Usage`] for a text that is not a code.
pub fn run(code: Option<&str>) -> anyhow::Result<u8> {
    let all = entries();
    print_styled(&match code {
        Some(code) => explain(code, &all)?,
        None => list(&all),
    })?;
    Ok(0)
}

fn explain(code: &str, all: &[Entry]) -> anyhow::Result<String> {
    // In JSON and in the page it is spelled like this; in Rust and in a headline it is not.
    let spelled = code.trim().to_ascii_lowercase().replace(['_', ' '], "-");
    let found: Vec<&Entry> = all.iter().filter(|entry| entry.code == spelled).collect();
    if found.is_empty() {
        let known: BTreeSet<&str> = all.iter().map(|entry| entry.code).collect();
        let help = match nearest(&spelled, known) {
            Some(known) => format!("did you mean `{known}`?"),
            None => "`provenear explain` lists all".to_owned(),
        };
        return fail(Code::Usage, format!("`{}` is not a code; {help}", code.escape_debug()));
    }
    Ok(found.into_iter().map(whole).collect::<Vec<_>>().join("\n"))
}

/// All codes of the document, in its order.
fn entries() -> Vec<Entry> {
    let acts = rows("What to do about a verdict");
    let verdict = |row: Vec<&'static str>| {
        let [code, when, exit, ..] = row[..] else { return None };
        let act = acts.iter().find(|act| act.first() == Some(&code))?.get(1)?;
        let says = vec![when.to_owned(), format!("**Exit code.** {exit}"), format!("**What to do.** {act}")];
        Some(Entry { code: code.trim_matches('`'), kind: "verdict", says })
    };
    let verdicts = rows("Verdicts").into_iter().filter_map(verdict);
    let others = KINDS.into_iter().flat_map(|(title, kind)| {
        section(title).split("\n### `").skip(1).filter_map(move |block| {
            let (code, text) = block.split_once("`\n")?;
            let mut says = paragraphs(text);
            // Of a finding the reason tells more than its weight, which stands first.
            says.sort_by_key(|it| kind == KINDS[5].1 && !it.starts_with("**Why"));
            Some(Entry { code, kind, says })
        })
    });
    verdicts.chain(others).collect()
}

/// The text of a section, without its heading.
fn section(title: &str) -> &'static str {
    let heading = format!("\n## {title}\n");
    let rest = [DOCUMENT, LINT].iter().find_map(|it| Some(it.split_once(&heading)?.1)).unwrap_or_default();
    rest.split("\n## ").next().unwrap_or_default()
}

/// The rows of the table of a section, each as its cells.
fn rows(title: &str) -> Vec<Vec<&'static str>> {
    let lines = section(title).lines().filter(|line| line.starts_with('|')).skip(2);
    lines.map(|row| row.trim_matches('|').split(" | ").map(str::trim).collect()).collect()
}

/// Quoted sentences and the items below them, each without its mark.
fn paragraphs(text: &str) -> Vec<String> {
    let lines = text.lines().map(|line| line.trim_start_matches(['>', '-']).trim());
    lines.filter(|line| !line.is_empty()).map(str::to_owned).collect()
}

fn whole(entry: &Entry) -> String {
    let bold = Style::new().bold();
    let mut text = format!("{bold}{}{bold:#}  ({})\n", entry.code, entry.kind);
    for says in &entry.says {
        let _ = write!(text, "\n  {}\n", plain(says));
    }
    text
}

fn list(all: &[Entry]) -> String {
    let (heading, bold) = (Style::new().bold().underline(), Style::new().bold());
    let mut text = String::new();
    let mut kind = "";
    for entry in all {
        if entry.kind != kind {
            kind = entry.kind;
            let space = if text.is_empty() { "" } else { "\n" };
            let _ = writeln!(text, "{space}{heading}{kind}{heading:#}");
        }
        let first = entry.says.first().map(|says| plain(says)).unwrap_or_default();
        let _ = writeln!(text, "  {bold}{}{bold:#}\n      {first}", entry.code);
    }
    text
}

/// Markdown as a terminal shows it: of a link its words and the document that it leads to, and bold as bold.
fn plain(markdown: &str) -> String {
    let mut text = String::new();
    let mut rest = markdown;
    while let Some((before, words, target, after)) = link(rest) {
        let _ = match target.split('#').next() {
            None | Some("") => write!(text, "{before}{words}"),
            Some(document) => write!(text, "{before}{words} (docs/{document})"),
        };
        rest = after;
    }
    text.push_str(rest);
    let bold = Style::new().bold();
    let part = |(at, part): (usize, &str)| if at % 2 == 1 { format!("{bold}{part}{bold:#}") } else { part.to_owned() };
    text.split("**").enumerate().map(part).collect()
}

/// What stands before the first link, its words, its target, and what follows.
fn link(text: &str) -> Option<(&str, &str, &str, &str)> {
    let (to, after) = text.split_once("](")?;
    let (before, words) = to.rsplit_once('[')?;
    let (target, after) = after.split_once(')')?;
    Some((before, words, target, after))
}

#[cfg(test)]
mod tests {
    use super::*;
    use provenear_shared::deployment::LookCode;
    use provenear_shared::finding::FindingCode;
    use provenear_shared::gap::GapCode;
    use provenear_shared::manifest::Rejection;
    use provenear_shared::notice::NoticeCode;
    use provenear_shared::report::FailureCode;
    use provenear_shared::verdict::VerdictCode;

    /// A code that is added fails here until the document explains it.
    #[test]
    fn every_code_is_explained_with_what_to_do() {
        let verdicts = VerdictCode::ALL.iter().map(|code| (code.code(), "verdict"));
        let notices = NoticeCode::ALL.iter().map(|code| (code.code(), KINDS[0].1));
        let gaps = GapCode::ALL.iter().map(|code| (code.code(), KINDS[1].1));
        let looks = LookCode::ALL.iter().map(|code| (code.code(), KINDS[2].1));
        let failures = FailureCode::ALL.iter().map(|code| (code.code(), KINDS[3].1));
        let rejections = Rejection::ALL.iter().map(|code| (code.code(), KINDS[4].1));
        let findings = FindingCode::ALL.iter().map(|code| (code.code(), KINDS[5].1));
        let known: Vec<_> = verdicts
            .chain(notices)
            .chain(gaps)
            .chain(looks)
            .chain(failures)
            .chain(rejections)
            .chain(findings)
            .collect();
        let all = entries();
        for (code, kind) in &known {
            let found: Vec<_> = all.iter().filter(|entry| entry.code == *code && entry.kind == *kind).collect();
            let [entry] = found[..] else { panic!("{code} ({kind}): {found:?}") };
            let text = whole(entry);
            assert!(entry.says.len() >= 2 && entry.says[0].len() > 10, "{text}");
            assert!(entry.says.iter().any(|says| says.starts_with("**What to do.** ") && says.len() > 25), "{text}");
            let shown = anstream::adapter::strip_str(&text).to_string();
            assert!(!["**", "](", "\n> ", "\n- "].iter().any(|mark| shown.contains(mark)), "{shown}");
            assert!(explain(code, &all).unwrap().contains(&text), "{code}");
        }
        assert_eq!(all.len(), known.len());
    }

    #[test]
    fn what_is_nearly_a_code_is_answered_with_the_code() {
        for (typed, meant) in [
            ("not-rebuild", Some("not-rebuilt")),
            ("rpc-timeouts", Some("rpc-timeout")),
            ("image-pinned", Some("image-not-pinned")),
            ("zzz", None),
        ] {
            let why = explain(typed, &entries()).unwrap_err().to_string();
            assert_eq!(why.contains("did you mean"), meant.is_some(), "{why}");
            assert!(why.contains(meant.unwrap_or("lists all")), "{why}");
        }
        assert!(explain("NOT_REBUILT", &entries()).is_ok());
    }

    #[test]
    fn markdown_is_not_shown() {
        let shown = anstream::adapter::strip_str(&plain("**A.** see [b](c.md#d), [e](#f) and `g`")).to_string();
        assert_eq!(shown, "A. see b (docs/c.md), e and `g`");
    }
}
