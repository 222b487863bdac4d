//! The parts of a [`super::Report`], each a plain value that one component of the page draws.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::deployment::{Code, Deployment, EndpointOutcome};
use crate::digest::Sha256Digest;
use crate::embedded::EmbeddedClaim;
use crate::inspection::{Inspection, Subject};
use crate::near::{AccountContract, AccountKind, Network, rfc3339};
use crate::recipe::Recipe;
use crate::verdict::ClaimBasis;

/// A stable code with its sentence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Coded {
    /// Kebab-case (DESIGN §4).
    pub code: String,
    /// One sentence, hostile characters made visible.
    pub message: String,
}

impl Coded {
    pub(super) fn new(code: &str, message: impl std::fmt::Display) -> Self {
        Self { code: code.to_owned(), message: message.to_string() }
    }
}

/// What was asked about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct SubjectReport {
    /// `account`, `file` or `code-hash`.
    pub kind: String,
    /// Account id, file name or base58 hash.
    pub name: String,
}

impl SubjectReport {
    /// A subject that never became a [`Subject`], such as a file that cannot be read.
    pub fn named(kind: &str, name: &str) -> Self {
        Self { kind: kind.to_owned(), name: name.to_owned() }
    }

    pub(super) fn of(subject: &Subject) -> Self {
        match subject {
            Subject::Account(account) => Self::named("account", account.as_str()),
            Subject::File { name, .. } => Self::named("file", name),
            Subject::CodeHash(hash) => Self::named("code-hash", &hash.to_base58()),
        }
    }
}

/// The bytes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct CodeReport {
    /// Base58, as NEAR shows it.
    pub code_hash: String,
    /// The same digest in hex.
    pub sha256: String,
    /// Bytes.
    pub size: usize,
}

impl CodeReport {
    pub(super) fn of(code: &Code) -> Self {
        Self { code_hash: code.hash().to_base58(), sha256: code.hash().to_hex(), size: code.bytes().len() }
    }
}

/// What the chain says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct DeploymentReport {
    /// Chain id.
    pub network: String,
    /// The account.
    pub account_id: String,
    /// What its id tells of its making; put in by [`super::Report::put_words`].
    pub account_kind: Option<AccountKind>,
    /// The pinned block.
    pub block_height: u64,
    /// Its hash, base58.
    pub block_hash: String,
    /// Its time, RFC 3339.
    pub block_time: String,
    /// Where the block was asked for by height or hash: the newest time of a final block that an endpoint told.
    pub final_block_time: Option<String>,
    /// Where the block was asked for by height or hash: seconds from it to the present, by endpoints and the reader's clock.
    pub age_seconds: Option<u64>,
    /// What code the account refers to.
    pub contract: ContractReport,
    /// Who was asked.
    pub endpoints: Vec<EndpointReport>,
    /// How many had to agree.
    pub quorum: usize,
}

impl DeploymentReport {
    pub(super) fn of(deployment: &Deployment, network: &Network) -> Self {
        Self {
            network: network.chain_id().to_owned(),
            account_id: deployment.account_id.to_string(),
            account_kind: None,
            block_height: deployment.block.height,
            block_hash: deployment.block.hash.to_base58(),
            block_time: rfc3339(deployment.block.time_ms),
            final_block_time: deployment.asked_block.and_then(|asked| asked.final_ms).map(rfc3339),
            age_seconds: deployment.asked_block.map(|asked| asked.age_seconds),
            contract: ContractReport::of(&deployment.contract),
            endpoints: deployment.endpoints.iter().map(EndpointReport::of).collect(),
            quorum: deployment.quorum,
        }
    }
}

/// [`AccountContract`], without what it refers to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[allow(missing_docs)] // the variants are those of `AccountContract`
pub enum ContractKind {
    None,
    Uninitialized,
    Local,
    Global,
    GlobalByAccount,
    EthImplicit,
}

/// What code an account refers to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ContractReport {
    /// Which kind of reference.
    pub kind: ContractKind,
    /// That in a few words, hostile characters made visible; put in by [`super::Report::put_words`].
    pub message: Option<String>,
    /// Base58, as stored in the account; null where the account names an owner or nothing.
    pub code_hash: Option<String>,
    /// The owner of a global contract by account.
    pub account_id: Option<String>,
}

impl ContractReport {
    fn of(contract: &AccountContract) -> Self {
        let (kind, code_hash, account_id) = match contract {
            AccountContract::None => (ContractKind::None, None, None),
            AccountContract::Uninitialized => (ContractKind::Uninitialized, None, None),
            AccountContract::Local(hash) => (ContractKind::Local, Some(hash), None),
            AccountContract::Global(hash) => (ContractKind::Global, Some(hash), None),
            AccountContract::GlobalByAccount(owner) => (ContractKind::GlobalByAccount, None, Some(owner)),
            AccountContract::EthImplicit(hash) => (ContractKind::EthImplicit, Some(hash), None),
        };
        Self {
            kind,
            message: None,
            code_hash: code_hash.map(Sha256Digest::to_base58),
            account_id: account_id.map(ToString::to_string),
        }
    }
}

/// What one endpoint did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct EndpointReport {
    /// Host without path.
    pub host: String,
    /// Whether it vouches for the deployment.
    pub agrees: bool,
    /// Why not.
    pub error: Option<Coded>,
}

impl EndpointReport {
    pub(super) fn of(outcome: &EndpointOutcome) -> Self {
        let error = outcome.error.as_ref().map(|error| Coded::new(error.code(), error));
        Self { host: outcome.host.clone(), agrees: outcome.agrees, error }
    }
}

/// The claim, from the bytes and from the node.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct MetadataReport {
    /// Whose claim counts: `code` or `rpc`.
    pub from: String,
    /// As the bytes give it, verbatim.
    pub code: Option<Value>,
    /// As the node gives it, verbatim.
    pub rpc: Option<Value>,
    /// Whether the two are equal; null unless both were asked.
    pub agree: Option<bool>,
    /// The one that counts, verbatim, unknown keys kept.
    pub nep330: Option<Value>,
}

impl MetadataReport {
    pub(super) fn of(inspection: &Inspection) -> Option<Self> {
        let code = match &inspection.from_code {
            Some(EmbeddedClaim::Fixed(Ok(metadata))) => Some(metadata.verbatim().clone()),
            Some(
                EmbeddedClaim::Fixed(Err(_))
                | EmbeddedClaim::Missing
                | EmbeddedClaim::Computed(_)
                | EmbeddedClaim::NotRunnable(_)
                | EmbeddedClaim::Failed(_),
            )
            | None => None,
        };
        let from = match inspection.basis? {
            ClaimBasis::Code => "code",
            ClaimBasis::Node => "rpc",
        };
        Some(Self {
            from: from.to_owned(),
            code,
            rpc: inspection.from_node.as_ref().map(|metadata| metadata.verbatim().clone()),
            agree: inspection.agree(),
            nep330: inspection.metadata().map(|metadata| metadata.verbatim().clone()),
        })
    }
}

/// The claim as something usable.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct RecipeReport {
    /// Where the source is.
    pub source: SourceReport,
    /// In which image it is built.
    pub image: ImageReport,
    /// Folder inside the source, `""` for its root.
    pub contract_path: String,
    /// The argv.
    pub build_command: Vec<String>,
    /// Where the wasm is afterwards.
    pub output_wasm_path: Option<String>,
}

/// A commit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct SourceReport {
    /// Repository.
    pub url: String,
    /// Commit id.
    pub commit: String,
    /// A page that shows the tree at the commit, where the forge is known.
    pub browse_url: Option<String>,
}

/// An image.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ImageReport {
    /// Repository with registry.
    pub name: String,
    /// Tag, for the eye.
    pub tag: Option<String>,
    /// `sha256:<hex>`.
    pub digest: String,
}

impl RecipeReport {
    pub(super) fn of(recipe: &Recipe) -> Self {
        let (source, image) = (recipe.source(), recipe.image());
        Self {
            source: SourceReport {
                url: source.url().to_owned(),
                commit: source.commit().to_owned(),
                browse_url: source.browse_url(),
            },
            image: ImageReport {
                name: image.name().to_owned(),
                tag: image.tag().map(str::to_owned),
                digest: image.digest().to_oci(),
            },
            contract_path: recipe.contract_path().to_owned(),
            build_command: recipe.build_command().to_vec(),
            output_wasm_path: recipe.output_wasm_path().map(str::to_owned),
        }
    }
}
