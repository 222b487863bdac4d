//! Findings as annotations of GitHub's workflow commands (docs.github.com, "Workflow commands for GitHub Actions"). A value that
//! could end its command, or begin another, is escaped as the runner unescapes it.

use std::fmt::Write as _;

use provenear_shared::finding::Severity;
use provenear_shared::text::{Shown, capitalize};

use crate::lint::{Finding, Linted};
use crate::progress::runner::defuse;

/// One line for each finding, and one for each contract.
pub(super) fn annotations(linted: &Linted) -> String {
    let mut text: String = linted.findings.iter().map(annotation).collect();
    for contract in &linted.contracts {
        let verdict = contract.prediction.verdict.code();
        let name = defuse(&Shown(&contract.name).to_string());
        let _ = writeln!(text, "`{name}` would be {verdict}");
    }
    text
}

fn annotation(finding: &Finding) -> String {
    let level = match finding.code.severity() {
        Severity::Breaks => "error",
        Severity::Doubt => "warning",
        Severity::Note => "notice",
    };
    let mut properties = Vec::new();
    if let Some(path) = &finding.place.path {
        properties.push(format!("file={}", property(path)));
        properties.extend(finding.place.line.map(|line| format!("line={line}")));
    }
    properties.push(format!("title={}", property(finding.code.code())));
    let (why, fix) = finding.words();
    let message = format!("{}.\n{why}\nFix: {fix}", capitalize(finding.message.clone()));
    format!("::{level} {}::{}\n", properties.join(","), data(&message))
}

/// What stands behind the second `::`.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// The value of a property, which a comma and a colon would end.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A runner that reads the line again finds the same values.
    #[test]
    fn no_value_ends_its_command() {
        for hostile in ["a\n::error::owned", "a,line=9", "a::set-env name=X::y", "100%0A", "\r\n::debug::x"] {
            let escaped = property(hostile);
            assert!(!escaped.contains([',', ':', '\n', '\r']), "{escaped}");
            let back = escaped.replace("%2C", ",").replace("%3A", ":").replace("%0A", "\n").replace("%0D", "\r");
            assert_eq!(back.replace("%25", "%"), hostile);
        }
    }
}
