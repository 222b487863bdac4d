//! The JSON that `inspect --json` prints and the page draws and exports: `provenear/inspection/v1` (DESIGN §5).
//! Plain data about an [`Inspection`], made by [`Report::of`] alone: `#[non_exhaustive]` keeps other crates from writing one
//! down. Not here: judging. Parts that were not looked at are `null`, never left out.

mod changeable;
mod opinions;
mod parts;
mod stores;
mod words;

pub use changeable::Changeable;
pub use opinions::*;
pub use parts::*;
pub use stores::StoreReport;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::abi::{Abi, AbiError};
use crate::chain::{Step, chain};
use crate::inspection::{Inspection, Subject};
use crate::near::Network;
use crate::wasm::facts::ModuleFacts;

/// Name and version of the shape.
pub const SCHEMA: &str = "provenear/inspection/v1";

/// One inspection.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Report {
    /// [`SCHEMA`].
    pub schema: String,
    /// Why we could not look; then `verdict` is null.
    pub error: Option<Coded>,
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
    pub gaps: Vec<Coded>,
    /// What is unusual.
    pub notices: Vec<Coded>,
    /// Module facts, a separate call.
    pub module: Option<ModuleFacts>,
    /// The ABI, a separate call.
    pub abi: Option<Value>,
    /// What ABI and exports do not agree about, or why there is no ABI.
    pub abi_notes: Vec<Coded>,
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
    /// What `inspection` found about `subject` on `network`.
    pub fn of(inspection: &Inspection, subject: &Subject, network: &Network) -> Self {
        let claim_looked_at = inspection.from_code.is_some();
        let keys_from = inspection.access_keys.as_ref().map(|listing| listing.host.as_str());
        Self {
            schema: SCHEMA.to_owned(),
            error: inspection.outcome.as_ref().err().map(|error| Coded::new(error.code(), error)),
            subject: SubjectReport::of(subject),
            code: inspection.code.as_ref().map(CodeReport::of),
            deployment: inspection.deployment.as_ref().map(|deployment| DeploymentReport::of(deployment, network)),
            metadata: MetadataReport::of(inspection),
            recipe: inspection.recipe.as_ref().ok().map(RecipeReport::of),
            gaps: match &inspection.recipe {
                Err(gaps) if claim_looked_at => gaps.iter().map(|gap| Coded::new(gap.code(), gap)).collect(),
                Ok(_) | Err(_) => Vec::new(),
            },
            notices: inspection.notices.iter().map(|notice| Coded::new(notice.code(), notice)).collect(),
            module: None,
            abi: None,
            abi_notes: Vec::new(),
            changeable: Changeable::of(inspection),
            manifests: inspection.lines.iter().map(|line| ManifestReport::of(line, keys_from)).collect(),
            stores: inspection.stores.iter().map(StoreReport::of).collect(),
            verdict: inspection
                .outcome
                .as_ref()
                .ok()
                .map(|verdict| VerdictReport::of(verdict, inspection.threshold, inspection.moment)),
            chain: chain(inspection),
            endpoints: inspection.endpoints.iter().map(EndpointReport::of).collect(),
        }
    }

    /// Puts in what a separate call found about the ABI.
    pub fn set_abi(&mut self, found: Result<Abi, AbiError>) {
        match found {
            Ok(abi) => {
                self.abi_notes = abi.notes().into_iter().map(|(code, message)| Coded::new(code, message)).collect();
                self.abi = Some(abi.verbatim);
            }
            Err(error) => self.abi_notes = vec![Coded::new(error.code(), error)],
        }
    }

    /// The report of a question that could not be asked, such as an unreadable file.
    pub fn failed(subject: SubjectReport, code: &str, message: &str) -> Self {
        Self {
            schema: SCHEMA.to_owned(),
            error: Some(Coded::new(code, message)),
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
}
