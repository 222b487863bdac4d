//! The parts of a [`super::Report`], each a plain value that one component of the page draws.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::deployment::LookCode;
use crate::digest::{Hex, Oci, Sha256Digest};
use crate::json::{Object, Unexpected};
use crate::near::{AccountId, AccountKind, Network};
use crate::spelling::codes;
use crate::verdict::ClaimBasis;

/// A stable code with its sentence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "Coded{C}"))]
#[non_exhaustive]
pub struct Coded<C> {
    /// The code.
    pub code: C,
    /// One sentence, hostile characters made visible.
    pub message: String,
}

impl<C> Coded<C> {
    /// Of this kind.
    pub fn new(code: C, message: impl std::fmt::Display) -> Self {
        Self { code, message: message.to_string() }
    }

    /// Reads one, whose code `parse` knows.
    ///
    /// # Errors
    /// [`Unexpected`].
    pub fn read(object: &Object<'_>, parse: fn(&str) -> Option<C>) -> Result<Self, Unexpected> {
        let (message, code) = (message(object)?, object.word("code", parse)?);
        Ok(Self { code, message })
    }
}

/// Apart from the reading of each code, so that it is compiled once.
#[inline(never)]
fn message(object: &Object<'_>) -> Result<String, Unexpected> {
    object.get("message")
}

codes! {
    /// What can be asked about.
    pub enum SubjectKind {
        /// The code of an account.
        Account = "account",
        /// A wasm file.
        File = "file",
        /// The hash of some code.
        CodeHash = "code-hash",
    }
}

/// What was asked about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct SubjectReport {
    /// What kind of thing.
    pub kind: SubjectKind,
    /// Account id, file name or base58 hash; of what could not be asked, the text as typed.
    pub name: String,
}

impl SubjectReport {
    /// A subject that never became one of an inspection, such as a file that cannot be read.
    pub fn new(kind: SubjectKind, name: &str) -> Self {
        Self { kind, name: name.to_owned() }
    }
}

/// The code.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct CodeReport {
    /// Its SHA-256 in base58, as NEAR shows it.
    pub code_hash: Sha256Digest,
    /// The same digest in hex.
    pub sha256: Hex,
    /// Its size in bytes.
    pub size: usize,
}

/// What the chain says of an account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct DeploymentReport {
    /// The chain.
    pub network: Network,
    /// The account.
    pub account_id: AccountId,
    /// What kind of account its id makes it.
    // Put in by `Report::fill_words`.
    pub account_kind: Option<AccountKind>,
    /// Height of the block at which everything was read.
    pub block_height: u64,
    /// Hash of that block.
    pub block_hash: Sha256Digest,
    /// Time of that block, RFC 3339.
    pub block_time: String,
    /// Where the block was asked for by height or hash: the newest time that an endpoint gave for a final block.
    pub final_block_time: Option<String>,
    /// Where the block was asked for by height or hash: seconds from it to the present, by endpoints and the reader's clock.
    pub age_seconds: Option<u64>,
    /// What code the account refers to.
    pub contract: ContractReport,
    /// Who was asked.
    pub endpoints: Vec<EndpointReport>,
    /// How many of them had to agree.
    pub quorum: usize,
}

codes! {
    /// Which code an account refers to.
    pub enum ContractKind {
        /// No code.
        None = "none",
        /// No code yet: a universal account that was only funded so far.
        Uninitialized = "uninitialized",
        /// Code of its own.
        Local = "local",
        /// A global contract by its hash, which cannot be replaced (NEP-591).
        Global = "global",
        /// A global contract by its owner, who can replace it at any time (NEP-591).
        GlobalByAccount = "global-by-account",
        /// A wallet contract that the node chooses for `0x…` accounts.
        EthImplicit = "eth-implicit",
    }
}

/// What code an account refers to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct ContractReport {
    /// Which kind of reference.
    pub kind: ContractKind,
    /// The same in a few words, hostile characters made visible.
    // Put in by `Report::fill_words`.
    pub message: Option<String>,
    /// As stored in the account; null where the account names an owner or nothing.
    pub code_hash: Option<Sha256Digest>,
    /// The owner of a global contract by account.
    pub account_id: Option<AccountId>,
}

/// What one endpoint did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct EndpointReport {
    /// Host without path.
    pub host: String,
    /// Whether it vouches for the deployment.
    pub agrees: bool,
    /// Why it does not.
    pub error: Option<Coded<LookCode>>,
}

/// The claim, as the code and as a node give it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct MetadataReport {
    /// Whose claim counts.
    pub from: ClaimBasis,
    /// As the code gives it when it is run, verbatim.
    pub code: Option<Value>,
    /// As a node gives it, verbatim.
    pub rpc: Option<Value>,
    /// Whether the two are equal; null unless both were asked.
    pub agree: Option<bool>,
    /// The one that counts, verbatim, unknown keys kept.
    pub nep330: Option<Value>,
}

/// The claim as a rebuild uses it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct RecipeReport {
    /// Where the source is.
    pub source: SourceReport,
    /// In which image it is built.
    pub image: ImageReport,
    /// Folder inside the source, `""` for its root.
    pub contract_path: String,
    /// The command, word by word.
    pub build_command: Vec<String>,
    /// Where the wasm is afterwards, in the container; null where the claim does not say.
    pub output_wasm_path: Option<String>,
}

/// A commit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
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
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct ImageReport {
    /// Repository with registry.
    pub name: String,
    /// Tag, for the eye.
    pub tag: Option<String>,
    /// The digest that pins it.
    pub digest: Oci,
}
