//! The JSON that `inspect --json` prints and the page draws and exports: `provenear/inspection/v1`.
//! Plain data about an inspection, made by `Report::of` alone: `#[non_exhaustive]` keeps other crates from writing one
//! down. Not here: judging. Parts that were not looked at are `null`, never left out.

mod changeable;
mod error;
#[cfg(feature = "pipeline")]
mod made;
mod opinions;
mod parts;
mod stores;
mod words;

pub use changeable::Changeable;
pub use error::{ErrorCode, FailureCode};
pub use opinions::*;
pub use parts::*;
pub use stores::StoreReport;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::abi::AbiNote;
use crate::chain::Step;
use crate::gap::GapCode;
use crate::notice::NoticeCode;
use crate::spelling::codes;
use crate::wasm::facts::ModuleFacts;

codes! {
    /// Versions of the shape.
    pub enum Schema {
        /// The first.
        V1 = "provenear/inspection/v1",
    }
}

/// One inspection.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Report {
    /// Name and version of the shape.
    pub schema: Schema,
    /// Why we could not look; then `verdict` is null.
    pub error: Option<Coded<ErrorCode>>,
    /// What was asked about.
    pub subject: SubjectReport,
    /// The bytes.
    pub code: Option<CodeReport>,
    /// What the chain says.
    pub deployment: Option<DeploymentReport>,
    /// The claim.
    pub metadata: Option<MetadataReport>,
    /// The claim as something usable.
    pub recipe: Option<RecipeReport>,
    /// Why it is not usable.
    pub gaps: Vec<Coded<GapCode>>,
    /// What is unusual.
    pub notices: Vec<Coded<NoticeCode>>,
    /// Module facts, a separate call.
    pub module: Option<ModuleFacts>,
    /// The ABI, a separate call.
    pub abi: Option<Value>,
    /// What ABI and exports do not agree about, or why there is no ABI.
    pub abi_notes: Vec<Coded<AbiNote>>,
    /// Who can change the code.
    pub changeable: Option<Changeable>,
    /// Every line of every manifest.
    pub manifests: Vec<ManifestReport>,
    /// The reader's stores, and what each did.
    pub stores: Vec<StoreReport>,
    /// The verdict.
    pub verdict: Option<VerdictReport>,
    /// The steps from source to chain, where there is a verdict about code.
    pub chain: Option<Vec<Step>>,
    /// Endpoints that were asked when we could not look; else they stand in `deployment`.
    pub endpoints: Vec<EndpointReport>,
}

impl Report {
    /// A report about something that was not looked at: with no verdict, and no error.
    pub fn bare(subject: SubjectReport) -> Self {
        Self {
            schema: Schema::V1,
            error: None,
            subject,
            code: None,
            deployment: None,
            metadata: None,
            recipe: None,
            gaps: Vec::new(),
            notices: Vec::new(),
            module: None,
            abi: None,
            abi_notes: Vec::new(),
            changeable: None,
            manifests: Vec::new(),
            stores: Vec::new(),
            verdict: None,
            chain: None,
            endpoints: Vec::new(),
        }
    }

    /// The same, of what could not be done after all: with this error in place of a verdict.
    #[must_use]
    pub fn failed(self, code: ErrorCode, message: &str) -> Self {
        Self { error: Some(Coded::new(code, message)), verdict: None, ..self }
    }
}
