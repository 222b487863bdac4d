//! The steps from source to chain, as plain values: each with its state, a word and the evidence for it. Data for page and
//! helper, which draw it. Not here: making them (`steps`), what is judged and in which words (`verdict`).

#[cfg(feature = "pipeline")]
mod steps;

use serde::{Deserialize, Serialize};

use crate::spelling::codes;

#[cfg(feature = "pipeline")]
pub use steps::chain;

/// One step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct Step {
    /// Which.
    pub name: StepName,
    /// How far it is shown.
    pub state: StepState,
    /// The state in a word or two.
    pub word: String,
    /// What it is about, in few words. May be foreign text.
    pub short: String,
    /// What is known about it.
    pub evidence: Vec<Evidence>,
}

codes! {
    /// Which step it is.
    pub enum StepName {
        /// The commit.
        Source = "source",
        /// The build environment.
        Image = "image",
        /// What came out of a rebuild.
        Rebuilt = "rebuilt",
        /// Who vouches for it.
        Signed = "signed",
        /// What the chain says.
        Deployed = "deployed",
    }
}

codes! {
    /// How far a step is shown, the least first.
    pub enum StepState {
        /// Shown not to be as claimed.
        Broken = "broken",
        /// Nothing shows it, or not enough.
        Missing = "missing",
        /// Claimed, and not shown by a rebuild.
        Claimed = "claimed",
        /// Shown, with reservations.
        Weak = "weak",
        /// Shown.
        Sound = "sound",
    }
}

/// One row of evidence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct Evidence {
    /// What it is.
    pub label: String,
    /// Its text.
    pub text: String,
    /// How to show the text.
    pub form: Form,
    /// A page about it elsewhere.
    pub url: Option<String>,
}

codes! {
    /// What kind of text a row holds.
    pub enum Form {
        /// A lower-case sentence of ours, values in backticks, without a full stop.
        Sentence = "sentence",
        /// A foreign value.
        Value = "value",
        /// A digest, a commit or a key, to be compared.
        Hash = "hash",
    }
}

impl StepName {
    /// As a reader sees it.
    pub fn title(self) -> &'static str {
        match self {
            Self::Source => "Source",
            Self::Image => "Image",
            Self::Rebuilt => "Rebuilt",
            Self::Signed => "Signed",
            Self::Deployed => "Deployed",
        }
    }
}
