//! What stands at an account at one block, with the bytes hashed here, and which endpoints vouch for it.
//! Not here: which of them are asked for what (`look`).

use super::{ChainView, Endpoint, LookError, Transport, look};
use crate::digest::Sha256Digest;
use crate::near::{AccountContract, AccountId, Block, MAX_CONTRACT_SIZE};
use crate::rpc::RpcError;

/// Wasm bytes together with their hash, computed here. At most 4 MiB.
#[derive(Clone, PartialEq, Eq)]
pub struct Code {
    bytes: Vec<u8>,
    hash: Sha256Digest,
}

impl Code {
    /// Hashes `bytes`.
    ///
    /// # Errors
    /// [`LookError::ModuleMalformed`] above 4 MiB, which no node accepts.
    pub fn new(bytes: Vec<u8>) -> Result<Self, LookError> {
        if bytes.len() > MAX_CONTRACT_SIZE {
            return Err(LookError::ModuleMalformed(format!(
                "{} bytes, more than the 4194304 that a node accepts",
                bytes.len()
            )));
        }
        Ok(Self { hash: Sha256Digest::of(&bytes), bytes })
    }

    /// The wasm.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// SHA-256 of the wasm.
    pub fn hash(&self) -> &Sha256Digest {
        &self.hash
    }
}

impl std::fmt::Debug for Code {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Code({} bytes, {:?})", self.bytes.len(), self.hash)
    }
}

/// What the chain says stands at an account at one block.
#[derive(Debug, Clone, PartialEq)]
pub struct Deployment {
    /// The account.
    pub account_id: AccountId,
    /// The pinned block, which every reply named.
    pub block: Block,
    /// How that block stands to the present, where it was asked for by height or hash.
    pub asked_block: Option<AskedBlock>,
    /// What code the account refers to.
    pub contract: AccountContract,
    /// The bytes, hashed here; `None` if the account has no code.
    pub code: Option<Code>,
    /// Every endpoint that was asked.
    pub endpoints: Vec<EndpointOutcome>,
    /// How many had to agree.
    pub quorum: usize,
    /// The endpoint to ask for what does not decide (metadata, access keys).
    pub(crate) answering: Endpoint,
}

/// How a block that was asked for by height or hash stands to the present.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AskedBlock {
    /// The newest time of a final block that an endpoint told, milliseconds since 1970 UTC.
    pub final_ms: Option<u64>,
    /// Seconds from the block to the present, which is that time or the reader's clock, whichever is later.
    pub age_seconds: u64,
}

/// What a view call returned, alike from as many endpoints as must agree.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    /// The pinned block.
    pub block: Block,
    /// The returned bytes; else [`RpcError::CallFailed`] or [`RpcError::MethodNotFound`].
    pub result: Result<Vec<u8>, RpcError>,
    /// Every endpoint that was asked.
    pub endpoints: Vec<EndpointOutcome>,
}

/// What one endpoint did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EndpointOutcome {
    /// Host without path.
    pub host: String,
    /// Whether a link named it.
    pub from_link: bool,
    /// Whether it vouches for the deployment.
    pub agrees: bool,
    /// Why not, where it does not.
    pub error: Option<LookError>,
}

/// Looks at one account at one block: chain, block and the account's record (of which kind its contract is, and whose) from as
/// many endpoints as must agree, the code from the last of them, because bytes prove themselves by their hash; where the
/// record names no hash, from each. With the two calls that do not decide (metadata, access keys), two endpoints are asked
/// nine times.
///
/// # Errors
/// The outcomes of all endpoints asked, and why it was not enough.
pub async fn fetch(
    account: &AccountId,
    chain: &ChainView,
    transport: &impl Transport,
) -> Result<Deployment, (LookError, Vec<EndpointOutcome>)> {
    look::Look::new(chain, transport).deployment(account).await
}

/// Fetches a global contract by its hash. The bytes prove themselves, so any endpoint will do.
///
/// # Errors
/// [`LookError::UnknownCode`] if no endpoint has it, else why none could be asked.
pub async fn fetch_by_hash(
    code_hash: &Sha256Digest,
    chain: &ChainView,
    transport: &impl Transport,
) -> Result<Code, (LookError, Vec<EndpointOutcome>)> {
    look::Look::new(chain, transport).global(code_hash).await
}

/// Runs a view method at one block at as many of the reader's endpoints as must agree. Explains, never decides.
///
/// # Errors
/// The outcomes of all endpoints asked, and why it was not enough.
pub async fn call(
    account: &AccountId,
    method: &str,
    args: &[u8],
    chain: &ChainView,
    transport: &impl Transport,
) -> Result<Answer, (LookError, Vec<EndpointOutcome>)> {
    look::Look::new(chain, transport).call(account, method, args).await
}
