//! The steps from source to chain: each with its state, a word and the evidence for it, for every state of a verdict. Data
//! for page and helper, which draw it. A step is broken only where the verdict is `differs`: nothing else proves a break.
//! Not here: what is judged and in which words (`verdict`).

mod rebuild;
mod source;

use serde::{Deserialize, Serialize};

use crate::inspection::Inspection;
use crate::notice::Notice;
use crate::verdict::{Backing, Verdict, Witness};

/// One step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
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

/// Which step it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum StepName {
    /// The commit.
    Source,
    /// The build environment.
    Image,
    /// What came out of a rebuild.
    Rebuilt,
    /// Who vouches for it.
    Signed,
    /// What the chain says.
    Deployed,
}

/// How far a step is shown, the least first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum StepState {
    /// Shown not to be as claimed.
    Broken,
    /// Nothing shows it, or not enough.
    Missing,
    /// Claimed, and not shown by a rebuild.
    Claimed,
    /// Shown, with reservations.
    Weak,
    /// Shown.
    Sound,
}

/// One row of evidence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
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

/// What kind of text a row holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Form {
    /// A lower-case sentence of ours, values in backticks, without a full stop.
    Sentence,
    /// A foreign value.
    Value,
    /// A digest, a commit or a key, to be compared.
    Hash,
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

    /// The step whose state a doubt changes.
    fn of_doubt(doubt: &Notice) -> Self {
        if matches!(doubt, Notice::CommitNotOnARef | Notice::SourceFromElsewhere | Notice::LocalSource(_)) {
            Self::Source
        } else if matches!(doubt, Notice::UnlistedImage) {
            Self::Image
        } else {
            Self::Rebuilt
        }
    }
}

impl StepState {
    /// Stable kebab-case name.
    pub fn code(self) -> &'static str {
        match self {
            Self::Broken => "broken",
            Self::Missing => "missing",
            Self::Claimed => "claimed",
            Self::Weak => "weak",
            Self::Sound => "sound",
        }
    }

    fn word(self) -> &'static str {
        match self {
            Self::Broken => "differs",
            Self::Missing => "missing",
            Self::Claimed => "claimed",
            Self::Weak => "with reservations",
            Self::Sound => "confirmed",
        }
    }
}

impl Step {
    fn new(name: StepName, state: StepState, short: impl Into<String>) -> Self {
        Self { name, state, word: state.word().to_owned(), short: short.into(), evidence: Vec::new() }
    }

    fn called(mut self, word: &str) -> Self {
        self.word = word.to_owned();
        self
    }

    fn with(mut self, evidence: impl IntoIterator<Item = Evidence>) -> Self {
        self.evidence.extend(evidence);
        self
    }
}

impl Evidence {
    fn sentence(label: &str, text: impl Into<String>) -> Self {
        Self { label: label.to_owned(), text: text.into(), form: Form::Sentence, url: None }
    }

    fn value(label: &str, text: impl Into<String>) -> Self {
        Self { form: Form::Value, ..Self::sentence(label, text) }
    }

    fn hash(label: &str, text: impl Into<String>) -> Self {
        Self { form: Form::Hash, ..Self::sentence(label, text) }
    }
}

/// The steps of an inspection that has a verdict and code.
pub fn chain(inspection: &Inspection) -> Option<Vec<Step>> {
    let verdict = inspection.outcome.as_ref().ok()?;
    let code = inspection.code.as_ref()?;
    Some(vec![
        source::source(inspection, verdict),
        source::image(inspection, verdict),
        rebuild::rebuilt(verdict, code.hash()),
        rebuild::signed(verdict),
        deployed(inspection),
    ])
}

/// How far a rebuild shows a part of the claim: all of it, or all but these doubts, or not at all.
fn confirmed(verdict: &Verdict, name: StepName) -> (StepState, Vec<Evidence>) {
    match verdict {
        Verdict::Reproduced { .. } => (StepState::Sound, Vec::new()),
        Verdict::ReproducedUnvetted { doubts, .. } => {
            let about_it = doubts.iter().filter(|doubt| StepName::of_doubt(doubt) == name);
            let rows: Vec<Evidence> =
                about_it.map(|doubt| Evidence::sentence("Reservation", doubt.to_string())).collect();
            (if rows.is_empty() { StepState::Sound } else { StepState::Weak }, rows)
        }
        Verdict::NoContract
        | Verdict::ReproducedUnclaimed { .. }
        | Verdict::NotRebuildable { .. }
        | Verdict::Differs { .. }
        | Verdict::NotRebuilt { .. } => (StepState::Claimed, Vec::new()),
    }
}

fn keys_of(verdict: &Verdict, which: fn(&Backing) -> &Vec<Witness>) -> &[Witness] {
    verdict.backing().map(which).map(Vec::as_slice).unwrap_or_default()
}

fn deployed(inspection: &Inspection) -> Step {
    let name = StepName::Deployed;
    let Some(deployment) = &inspection.deployment else {
        let step = Step::new(name, StepState::Missing, "no account").called("not checked");
        return step.with([Evidence::sentence("Chain", "a file or a code hash was checked, not an account")]);
    };
    let has = |is_it: fn(&Notice) -> bool| inspection.notices.iter().any(is_it);
    let is_single = has(|notice| matches!(notice, Notice::SingleEndpoint));
    let is_old = has(|notice| matches!(notice, Notice::OldBlock(_)));
    let agreeing = |from_link| deployment.endpoints.iter().filter(|it| it.agrees && it.from_link == from_link).count();
    let endpoints = match (agreeing(false), agreeing(true)) {
        (0 | 1, 0) => "1 endpoint; nobody else confirms it".to_owned(),
        (0 | 1, _) => "1 endpoint of your own; only the link's endpoints confirm it".to_owned(),
        (count, _) => format!("{count} endpoints of your own agree"),
    };
    let state = if is_single || is_old { StepState::Weak } else { StepState::Sound };
    Step::new(name, state, format!("block {}", deployment.block.height)).with([
        Evidence::value("Account", deployment.account_id.to_string()),
        Evidence::value("Block", deployment.block.height.to_string()),
        Evidence::hash("Block hash", deployment.block.hash.to_base58()),
        Evidence::sentence("Endpoints", endpoints),
    ])
}
