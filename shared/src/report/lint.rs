//! What `lint` prints. Only written, and by the helper alone. Not here: what the codes mean (`finding`).

use serde::Serialize;

use crate::finding::{FindingCode, Severity};
use crate::gap::GapCode;
use crate::notice::NoticeCode;
use crate::report::FailureCode;
use crate::spelling::codes;
use crate::verdict::VerdictCode;

codes! {
    /// Name and version of the document.
    pub enum LintSchema {
        /// The first.
        V1 = "provenear/lint/v1",
    }
}

codes! {
    /// What a contract is written in.
    pub enum Language {
        /// Rust, built by cargo-near.
        Rust = "rust",
        /// Python, built by nearc.
        Python = "python",
        /// JavaScript or TypeScript, built by near-sdk-js.
        JavaScript = "javascript",
    }
}

/// What `lint` found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct LintReport {
    /// Name and version of the document.
    pub schema: LintSchema,
    /// Always null: the folder was read.
    pub error: (),
    /// The contracts that were found, by folder.
    pub contracts: Vec<LintedContract>,
    /// What was found, by path and line.
    pub findings: Vec<FindingReport>,
    /// Files that `--fix` changed, below the root of the repository.
    pub fixed: Vec<String>,
    /// The exit code.
    pub exit: u8,
}

/// One contract.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct LintedContract {
    /// Its name, and its variant behind a colon.
    pub name: String,
    /// What it is written in.
    pub language: Language,
    /// Its folder below the root of the repository, empty for the root itself.
    pub folder: String,
    /// What a deployment from this source would come to.
    pub prediction: Prediction,
}

/// What a deployment from this source would come to, once a key that the reader trusts has rebuilt it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Prediction {
    /// The verdict.
    pub verdict: VerdictCode,
    /// Gaps that the claim would have.
    pub gaps: Vec<GapCode>,
    /// Errors that a rebuild would end with.
    pub errors: Vec<FailureCode>,
    /// Notices that a rebuild would carry, doubts among them.
    pub notices: Vec<NoticeCode>,
    /// Findings that leave something open, so that the verdict may be another one.
    pub open: Vec<FindingCode>,
}

/// One finding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct FindingReport {
    /// What it is, in a word.
    pub code: FindingCode,
    /// How much it weighs.
    pub severity: Severity,
    /// The contracts that it is about; empty where it is about the whole repository.
    pub contracts: Vec<String>,
    /// The file, below the root of the repository; null where it is about no file.
    pub path: Option<String>,
    /// The line of the file, from 1; null where it is about no line.
    pub line: Option<u32>,
    /// One sentence.
    pub message: String,
    /// Why it matters.
    pub why: &'static str,
    /// What to do about it.
    pub fix: &'static str,
    /// Whether `--fix` does that.
    pub fixable: bool,
}
