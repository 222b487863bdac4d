//! Findings as SARIF 2.1.0 (OASIS, "Static Analysis Results Interchange Format"), which code hosts show beside the code.

use std::fmt::Write as _;

use provenear_shared::finding::{FindingCode, Severity};
use provenear_shared::report::Language;
use provenear_shared::text::capitalize;
use serde_json::{Value, json};

use crate::lint::{Finding, Linted};

/// Where the schema of the format is published.
const SCHEMA: &str = "https://json.schemastore.org/sarif-2.1.0.json";

/// One log with one run.
pub(super) fn log(linted: &Linted) -> Value {
    let rules: Vec<Value> = FindingCode::ALL.iter().map(|code| rule(*code, linted.language())).collect();
    let somewhere = manifest(linted);
    let results: Vec<Value> = linted.findings.iter().map(|finding| result(finding, &somewhere)).collect();
    json!({
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": { "name": "provenear", "semanticVersion": env!("CARGO_PKG_VERSION"), "rules": rules } },
            "results": results,
        }],
    })
}

fn rule(code: FindingCode, language: Language) -> Value {
    let (why, fix) = code.words(language);
    json!({
        "id": code.code(),
        "shortDescription": { "text": code.code().replace('-', " ") },
        "fullDescription": { "text": why },
        "help": { "text": fix },
        "defaultConfiguration": { "level": level(code) },
    })
}

fn level(code: FindingCode) -> &'static str {
    match code.severity() {
        Severity::Breaks => "error",
        Severity::Doubt => "warning",
        Severity::Note => "note",
    }
}

/// What is about no file is shown at the first contract's manifest: code hosts show nothing without a place.
fn manifest(linted: &Linted) -> String {
    let Some(contract) = linted.contracts.first() else { return ".".to_owned() };
    let name = match contract.language {
        Language::Rust => "Cargo.toml",
        Language::Python => "pyproject.toml",
        Language::JavaScript => "package.json",
    };
    if contract.folder.is_empty() { name.to_owned() } else { format!("{}/{name}", contract.folder) }
}

fn result(finding: &Finding, somewhere: &str) -> Value {
    let path = finding.place.path.as_deref().unwrap_or(somewhere);
    let index = FindingCode::ALL.iter().position(|code| *code == finding.code);
    json!({
        "ruleId": finding.code.code(),
        "ruleIndex": index,
        "level": level(finding.code),
        "message": { "text": format!("{}. {}", capitalize(finding.message.clone()), finding.words().1) },
        "locations": [{
            "physicalLocation": {
                "artifactLocation": { "uri": uri(path), "uriBaseId": "%SRCROOT%" },
                "region": { "startLine": finding.place.line.unwrap_or(1) },
            },
        }],
    })
}

/// A path as a relative reference (RFC 3986): what has a meaning there is escaped.
fn uri(path: &str) -> String {
    let mut uri = String::new();
    for byte in path.bytes() {
        let is_plain = byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte);
        let _ = if is_plain { write!(uri, "{}", char::from(byte)) } else { write!(uri, "%{byte:02X}") };
    }
    uri
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_a_path_in_a_uri() {
        for (path, expected) in [
            ("contracts/a/Cargo.toml", "contracts/a/Cargo.toml"),
            ("a b/#x?y", "a%20b/%23x%3Fy"),
            ("c:/x", "c%3A/x"),
            ("100%", "100%25"),
            ("\u{e9}\n", "%C3%A9%0A"),
        ] {
            assert_eq!(uri(path), expected);
        }
    }
}
