//! The lines of a scenario's manifests, and the files that they come in.
//! Not here: what a line states (`scenario`), who signs it (`notary`).

use serde::Deserialize;
use serde_json::{Value, json};

/// One manifest line.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct ManifestEntry {
    /// The name of the key that signs.
    pub(super) by: String,
    /// What came out: `honest` or `tampered`.
    pub(super) artifact: String,
    /// Members of the statement to set before it is signed, by JSON pointer; null takes the member away.
    pub(super) edit: Value,
    /// Members of the envelope to set afterwards.
    pub(super) envelope: Value,
    /// The key whose id the envelope names, where that is not the signer's.
    pub(super) keyid_of: Option<String>,
    /// The key that the statement names, where that is not the signer's.
    pub(super) names: Option<String>,
    /// How it is spelled: as NEAR does, or `ssh`.
    pub(super) names_spelling: String,
    /// How many notice codes of the signer's own the statement carries.
    pub(super) codes: usize,
    /// Changes one byte of the payload after it is signed.
    pub(super) flip: bool,
    /// A payload that replaces the statement, signed as it is.
    pub(super) payload: Option<String>,
    /// A line that replaces all of it.
    pub(super) raw: Option<String>,
    /// Blanks after the line.
    pub(super) padding: usize,
    /// Characters of a member that nobody knows, in the envelope.
    pub(super) filler: usize,
    /// What a Sigstore bundle around the envelope says beside it; null for an envelope by itself.
    pub(super) bundle: Value,
}

impl Default for ManifestEntry {
    fn default() -> ManifestEntry {
        ManifestEntry {
            by: "alice".into(),
            artifact: "honest".into(),
            edit: json!({}),
            envelope: json!({}),
            keyid_of: None,
            names: None,
            names_spelling: "near".into(),
            codes: 0,
            flip: false,
            payload: None,
            raw: None,
            padding: 0,
            filler: 0,
            bundle: Value::Null,
        }
    }
}

impl ManifestEntry {
    /// The envelope in its bundle, if it has one.
    pub(super) fn around(&self, envelope: Value) -> Value {
        let Value::Object(mut members) = self.bundle.clone() else { return envelope };
        members.insert("dsseEnvelope".to_owned(), envelope);
        Value::Object(members)
    }
}

/// How a file of manifests is written.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Shape {
    /// One a line.
    Lines,
    /// One a line, as a checkout on Windows has them.
    CarriageReturns,
    /// Files joined, of which each begins with a byte order mark.
    ByteOrderMarks,
    /// As `jq --slurp` writes them.
    Array,
    /// As `jq .` writes them.
    Indented,
}

impl Shape {
    /// One text of all lines; those that are not JSON stay as they are.
    pub(super) fn write(self, lines: &[String]) -> String {
        let indented = |line: &String| match serde_json::from_str::<Value>(line) {
            Ok(value) => format!("{value:#}"),
            Err(_) => line.clone(),
        };
        match self {
            Self::Lines => lines.join("\n"),
            Self::CarriageReturns => lines.iter().map(|line| format!("{line}\r\n")).collect(),
            Self::ByteOrderMarks => lines.iter().map(|line| format!("\u{feff}{line}\n")).collect(),
            Self::Array => format!("[\n{}\n]\n", lines.iter().map(indented).collect::<Vec<_>>().join(",\n")),
            Self::Indented => lines.iter().map(indented).collect::<Vec<_>>().join("\n"),
        }
    }
}
