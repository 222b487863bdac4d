//! Findings for a person: what and where, why it matters, what to do, and what a deployment would come to.

use std::fmt::Write as _;

use anstyle::{AnsiColor, Style};
use provenear_shared::finding::{FindingCode, Outcome, Severity};
use provenear_shared::notice::NoticeCode;
use provenear_shared::report::{LintedContract, Prediction};
use provenear_shared::spelling::Code;
use provenear_shared::text::{Shown, capitalize};
use provenear_shared::verdict::VerdictCode;

use crate::lint::{Finding, Linted};
use crate::progress::make_printable;

/// Everything; `fixed` has the files that `--fix` changed, if it was asked for.
pub(super) fn whole(linted: &Linted, fixed: Option<&[String]>) -> String {
    let mut text = String::new();
    match (fixed, linted.findings.is_empty()) {
        (None, _) => {}
        (Some([]), true) => text.push_str("nothing to correct\n"),
        (Some([]), false) => text.push_str("nothing to correct: what is found is left to you\n"),
        (Some(paths), _) => {
            for path in paths {
                let _ = writeln!(text, "changed `{}`", Shown(path));
            }
        }
    }
    linted.findings.iter().for_each(|finding| one(&mut text, finding));
    if !text.is_empty() {
        text.push('\n');
    }
    linted.contracts.iter().for_each(|contract| prediction(&mut text, contract));
    let count = |severity| linted.findings.iter().filter(|finding| finding.code.severity() == severity).count();
    let fixable = linted.findings.iter().filter(|finding| finding.change.is_some()).count();
    let of = |count: usize, one: &str, more: &str| format!("{count} {}", if count == 1 { one } else { more });
    let _ = write!(
        text,
        "{}, {}, {}",
        of(count(Severity::Breaks), "finding breaks a rebuild", "findings break a rebuild"),
        of(count(Severity::Doubt), "doubt", "doubts"),
        of(count(Severity::Note), "note", "notes"),
    );
    if fixable > 0 {
        let _ = write!(text, "; `--fix` corrects {fixable}");
    }
    text.push('\n');
    text
}

fn one(text: &mut String, finding: &Finding) {
    let bold = Style::new().bold();
    let color = match finding.code.severity() {
        Severity::Breaks => AnsiColor::Red,
        Severity::Doubt => AnsiColor::Yellow,
        Severity::Note => AnsiColor::Cyan,
    };
    let color = color.on_default().bold();
    let line = finding.place.line.map(|line| format!(":{line}")).unwrap_or_default();
    let path = finding.place.path.as_deref().map(|path| format!("{}{line}: ", make_printable(path.as_bytes())));
    let path = path.unwrap_or_default().replace('\n', "\\n");
    let (severity, code) = (finding.code.severity().code(), finding.code.code());
    let _ = writeln!(text, "{bold}{path}{bold:#}{color}{severity}{color:#} {code}");
    let _ = writeln!(text, "    {}.", capitalize(finding.message.clone()));
    let (why, fix) = finding.words();
    let _ = writeln!(text, "    {why}\n    {bold}Fix:{bold:#} {fix}");
}

/// What a deployment would come to, in the words of `docs/verdicts.md`.
fn prediction(text: &mut String, contract: &LintedContract) {
    let Prediction { verdict, gaps, errors, notices, open } = &contract.prediction;
    let is_doubt = |notice: &NoticeCode| FindingCode::ALL.iter().any(|it| it.outcome() == Outcome::Doubt(*notice));
    let doubts: Vec<NoticeCode> = notices.iter().copied().filter(is_doubt).collect();
    let unseen: Vec<FindingCode> = open.iter().copied().filter(|it| it.outcome() == Outcome::Unseen).collect();
    let color = match verdict {
        VerdictCode::Reproduced if open.is_empty() => AnsiColor::Green,
        VerdictCode::NotRebuildable => AnsiColor::Red,
        VerdictCode::NoContract
        | VerdictCode::Reproduced
        | VerdictCode::ReproducedUnvetted
        | VerdictCode::ReproducedUnclaimed
        | VerdictCode::Differs
        | VerdictCode::NotRebuilt => AnsiColor::Yellow,
    };
    let color = color.on_default().bold();
    let why = match verdict {
        VerdictCode::NotRebuildable => format!("the claim would have the gap {}", list(gaps)),
        VerdictCode::NotRebuilt => format!("a rebuild would end with {}", list(errors)),
        VerdictCode::ReproducedUnvetted if doubts.is_empty() => "as far as can be told".to_owned(),
        VerdictCode::ReproducedUnvetted => format!("until a reader accepts what a rebuild notices: {}", list(&doubts)),
        VerdictCode::Reproduced if notices.is_empty() => "once a key that the reader trusts has rebuilt it".to_owned(),
        VerdictCode::Reproduced => {
            format!("once a key that the reader trusts has rebuilt it; with the notice {}", list(notices))
        }
        VerdictCode::NoContract | VerdictCode::ReproducedUnclaimed | VerdictCode::Differs => String::new(),
    };
    let rest = match (open.as_slice(), unseen.is_empty()) {
        ([], _) => String::new(),
        (_, false) => format!("; a rebuild takes what was not read here: {}", list(&unseen)),
        (_, true) => format!("; it may be worse: {}", list(open)),
    };
    let name = Shown(&contract.name);
    let _ = writeln!(text, "`{name}` would be {color}{}{color:#}, {why}{rest}", verdict.code());
}

fn list<T: Code>(codes: &[T]) -> String {
    codes.iter().map(|code| format!("`{}`", code.code())).collect::<Vec<_>>().join(", ")
}

/// A patch in colours.
pub(super) fn diff(patch: &str) -> String {
    let mut text = String::new();
    for line in patch.lines() {
        let style = match line.chars().next() {
            Some('+') => AnsiColor::Green.on_default(),
            Some('-') => AnsiColor::Red.on_default(),
            Some(_) | None => Style::new(),
        };
        let _ = writeln!(text, "{style}{}{style:#}", make_printable(line.as_bytes()));
    }
    text
}
