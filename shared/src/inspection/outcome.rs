//! What came of a look-up: what was found, or why we could not look. Not here: looking (`inspect`).

use super::lines::Line;
use super::read::ReadCode;
use super::stores::StoreOutcome;
use crate::deployment::{Code, Deployment, EndpointOutcome, LookError};
use crate::notice::Notice;
use crate::recipe::Recipe;
use crate::replacement::KeyListing;
use crate::verdict::{Moment, Verdict};

/// What came of a look-up.
#[derive(Debug, Clone)]
pub struct Inspection {
    /// What was found, or why we could not look.
    pub looked: Result<Looked, NotLooked>,
    /// Every line of every manifest.
    pub lines: Vec<Line>,
    /// What the reader's stores did.
    pub stores: Vec<StoreOutcome>,
    /// What is unusual.
    pub notices: Vec<Notice>,
    /// Endpoints that were asked.
    pub endpoints: Vec<EndpointOutcome>,
    /// The reader's threshold.
    pub threshold: usize,
    /// How many keys the reader trusts; with 0 nobody has been chosen yet.
    pub trusted: usize,
}

/// We looked.
#[derive(Debug, Clone)]
pub struct Looked {
    /// What the chain says; `None` for files and hashes.
    pub deployment: Option<Deployment>,
    /// The code that stands there, if any.
    pub code: Option<ReadCode>,
    /// Access keys of the account, as one endpoint lists them; `None` where no account was looked at.
    pub access_keys: Option<KeyListing>,
    /// The verdict.
    pub verdict: Verdict,
}

/// We could not look.
#[derive(Debug, Clone)]
pub struct NotLooked {
    /// Why.
    pub error: LookError,
    /// What the chain says, where that much was had.
    pub deployment: Option<Deployment>,
    /// The bytes, which could be had and not be read.
    pub code: Option<Code>,
}

impl Inspection {
    /// The verdict, or why there is none.
    ///
    /// # Errors
    /// Why we could not look.
    pub fn outcome(&self) -> Result<&Verdict, &LookError> {
        self.looked.as_ref().map(|looked| &looked.verdict).map_err(|not| &not.error)
    }

    /// What the chain says, where an account was looked at.
    pub fn deployment(&self) -> Option<&Deployment> {
        match &self.looked {
            Ok(looked) => looked.deployment.as_ref(),
            Err(not) => not.deployment.as_ref(),
        }
    }

    /// The bytes, read or not.
    pub fn code(&self) -> Option<&Code> {
        match &self.looked {
            Ok(looked) => looked.code.as_ref().map(|read| &read.code),
            Err(not) => not.code.as_ref(),
        }
    }

    /// The code that was read.
    pub fn read(&self) -> Option<&ReadCode> {
        self.looked.as_ref().ok()?.code.as_ref()
    }

    /// The claim as something usable, where there is one.
    pub fn recipe(&self) -> Option<&Recipe> {
        self.read()?.recipe.as_ref().ok()
    }

    /// The tense of the verdict's words: then, where the reader asked for a block by name.
    pub fn moment(&self) -> Moment {
        match self.deployment() {
            Some(deployment) if deployment.asked_block.is_some() => Moment::Block(deployment.block.height),
            Some(_) | None => Moment::Now,
        }
    }
}
