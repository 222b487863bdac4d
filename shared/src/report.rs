//! The JSON that `inspect --json` prints and the page draws and exports: `provenear/inspection/v1`.
//! Plain data about an inspection, made by `Report::of` alone: `#[non_exhaustive]` keeps other crates from writing one
//! down. Not here: judging. Parts that were not looked at are `null`, never left out.

mod changeable;
mod documents;
mod error;
mod lint;
#[cfg(feature = "pipeline")]
mod from_inspection;
mod opinions;
mod parts;
mod probe;
mod rebuilds;
mod steps;
mod stores;
mod tree;
mod words;

pub use changeable::Changeable;
pub use documents::*;
pub use error::{ErrorCode, FailureCode};
pub use lint::*;
pub use opinions::*;
pub use parts::*;
pub use probe::*;
pub use rebuilds::*;
pub use steps::*;
pub use stores::StoreReport;
pub use tree::*;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::abi::AbiNote;
use crate::chain::Step;
use crate::gap::GapCode;
use crate::notice::NoticeCode;
use crate::spelling::codes;
use crate::wasm::facts::ModuleFacts;

codes! {
    /// Name and version of the document.
    pub enum Schema {
        /// The first.
        V1 = "provenear/inspection/v1",
    }
}

/// One inspection.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct Report {
    /// Name and version of the document.
    pub schema: Schema,
    /// Why there is no answer; then `verdict` is null.
    pub error: Option<Coded<ErrorCode>>,
    /// What was asked about.
    pub subject: SubjectReport,
    /// The code that was looked at; null where there is none, or it could not be fetched.
    pub code: Option<CodeReport>,
    /// What the chain says of the account; null of files and hashes.
    pub deployment: Option<DeploymentReport>,
    /// What the contract claims about its build (NEP-330).
    pub metadata: Option<MetadataReport>,
    /// The claim as a rebuild uses it; null where it cannot be rebuilt.
    pub recipe: Option<RecipeReport>,
    /// Why the claim cannot be rebuilt.
    pub gaps: Vec<Coded<GapCode>>,
    /// What is unusual about claim, rebuild or look-up.
    pub notices: Vec<Coded<NoticeCode>>,
    /// What the code says without being run; null where nobody looked.
    pub module: Option<ModuleFacts>,
    /// The contract's own ABI, verbatim; null where there is none, or nobody looked.
    pub abi: Option<Value>,
    /// What ABI and exports do not agree about, or why there is no ABI.
    pub abi_notes: Vec<Coded<AbiNote>>,
    /// Who can change the code.
    pub changeable: Option<Changeable>,
    /// Every line of every file of manifests that was read.
    pub manifests: Vec<ManifestReport>,
    /// The reader's stores, and what each did.
    pub stores: Vec<StoreReport>,
    /// The verdict.
    pub verdict: Option<VerdictReport>,
    /// The steps from source to chain, where there is a verdict about code.
    pub chain: Option<Vec<Step>>,
    /// The endpoints that were asked, where there is no `deployment` to list them.
    pub endpoints: Vec<EndpointReport>,
}

impl Report {
    /// A report about something that was not looked at: with no verdict, and no error.
    pub fn empty(subject: SubjectReport) -> Self {
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
