//! What stands at an account at one block, with the bytes hashed here, and which endpoints vouch for it.
//! Not here: how requests and replies are spelled (`rpc`), how bytes travel (`transport.rs` of page and helper).

mod look;
mod transport;

use thiserror::Error;
pub use transport::{Stored, Transport, TransportError};

use crate::digest::Sha256Digest;
use crate::embedded::SandboxUnavailable;
use crate::near::{AccountContract, AccountId, Block, BlockReference, MAX_CONTRACT_SIZE, Network};
use crate::rpc::RpcError;
use crate::text::Shown;

/// One JSON-RPC endpoint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint {
    /// Full URL, possibly with a secret path.
    pub url: String,
    /// Whether a link named it. Such an endpoint is asked besides the reader's own, never instead.
    pub from_link: bool,
}

impl Endpoint {
    /// One of the reader's own.
    pub fn own(url: impl Into<String>) -> Self {
        Self { url: url.into(), from_link: false }
    }

    /// Host and port: what may be shown, because paths and user names can hold API keys.
    pub fn host(&self) -> &str {
        let rest = self.url.split_once("://").map_or(self.url.as_str(), |(_, rest)| rest);
        // A browser reads `\` as `/`.
        let authority = rest.split(['/', '\\', '?', '#']).next().unwrap_or(rest);
        authority.rsplit_once('@').map_or(authority, |(_, host)| host)
    }
}

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

/// Where to look.
#[derive(Debug, Clone)]
pub struct Place {
    /// The chain, which every endpoint has to name.
    pub network: Network,
    /// Endpoints in the order in which they are tried.
    pub endpoints: Vec<Endpoint>,
    /// How many of the reader's own must agree; by default 2 where there are two, else 1.
    pub quorum: Option<usize>,
    /// Which block.
    pub block: BlockReference,
    /// The reader's clock, milliseconds since 1970 UTC.
    pub now_ms: u64,
}

impl Place {
    /// How many of the reader's own endpoints must agree.
    pub fn quorum(&self) -> usize {
        self.quorum.unwrap_or_else(|| self.own().len().min(2)).max(1)
    }

    /// The reader's own endpoints, one that is listed twice once: it cannot agree with itself.
    pub(crate) fn own(&self) -> Vec<&Endpoint> {
        let mut own: Vec<&Endpoint> = Vec::new();
        for endpoint in self.endpoints.iter().filter(|endpoint| !endpoint.from_link) {
            let same = |known: &&Endpoint| known.url.trim_end_matches('/') == endpoint.url.trim_end_matches('/');
            if !own.iter().any(same) {
                own.push(endpoint);
            }
        }
        own
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
    /// URL of the endpoint to ask for what does not decide (metadata, access keys).
    pub(crate) answering: String,
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

/// Why we could not look. Never a verdict.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum LookError {
    /// Not an account id.
    #[error("`{}` is not an account id", Shown(.0))]
    AccountMalformed(String),
    /// No such account.
    #[error("account `{account}` does not exist at block {block}")]
    UnknownAccount {
        /// Which account.
        account: String,
        /// At which block.
        block: String,
    },
    /// The endpoint does not know the block.
    #[error("`{host}` does not know block {block}")]
    UnknownBlock {
        /// Which endpoint.
        host: String,
        /// Which block.
        block: String,
    },
    /// Too old for this endpoint.
    #[error("`{host}` no longer keeps block {block}; ask an archival endpoint{}", match .archival { Some(url) => format!(", such as `{url}`"), None => String::new() })]
    BlockGarbageCollected {
        /// Which endpoint.
        host: String,
        /// Which block.
        block: String,
        /// One that is known to keep old blocks.
        archival: Option<&'static str>,
    },
    /// The newest final block is not new.
    #[error(
        "the newest final block of `{host}` is {seconds} s away from your clock: the endpoint is behind, or the clock is wrong"
    )]
    BlockStale {
        /// Which endpoint.
        host: String,
        /// Distance in seconds.
        seconds: u64,
    },
    /// Another chain.
    #[error("`{host}` is an endpoint of `{}`, not of `{expected}`", Shown(.found))]
    NetworkMismatch {
        /// Which endpoint.
        host: String,
        /// What it says.
        found: String,
        /// What was asked for.
        expected: String,
    },
    /// No connection. In a browser this can also be a refusal of cross-origin requests.
    #[error("`{host}` cannot be reached: {}", Shown(.reason))]
    RpcUnreachable {
        /// Which endpoint.
        host: String,
        /// What is known.
        reason: String,
    },
    /// Too slow.
    #[error("`{host}` did not answer in time")]
    RpcTimeout {
        /// Which endpoint.
        host: String,
    },
    /// HTTP 429.
    #[error("`{host}` limits how often it may be asked{}", match .retry_after { Some(seconds) => format!("; try again in {seconds} s"), None => String::new() })]
    RpcRateLimited {
        /// Which endpoint.
        host: String,
        /// Seconds, if it said so.
        retry_after: Option<u32>,
    },
    /// Not NEAR's JSON-RPC, or about something else than was asked.
    #[error("`{host}` answers with something else than was asked: {}", Shown(.reason))]
    RpcMalformed {
        /// Which endpoint.
        host: String,
        /// What is wrong.
        reason: String,
    },
    /// Two endpoints, two answers.
    #[error("`{one}` and `{other}` do not say the same: {}", Shown(.about))]
    RpcDisagreement {
        /// One endpoint.
        one: String,
        /// The other.
        other: String,
        /// What they say.
        about: String,
    },
    /// The bytes are not those of the account.
    #[error("`{host}` serves code with hash `{found}` for an account whose code has hash `{expected}`")]
    CodeHashMismatch {
        /// Which endpoint.
        host: String,
        /// Hash of the bytes, base58.
        found: String,
        /// Hash in the account's record, base58.
        expected: String,
    },
    /// A hash whose bytes are nowhere to be had.
    #[error(
        "no endpoint has code with hash `{0}`: only global contracts can be fetched by hash; name an account or drop the file"
    )]
    UnknownCode(String),
    /// The code could not be run, for a reason that is not the code's.
    #[error(transparent)]
    SandboxUnavailable(#[from] SandboxUnavailable),
    /// Not a wasm module.
    #[error("the code is not a WebAssembly module: {}", Shown(.0))]
    ModuleMalformed(String),
    /// No endpoint to ask.
    #[error("no endpoint is known for network `{0}`; name one")]
    NoEndpoint(String),
}

impl LookError {
    /// Stable kebab-case name (DESIGN §4).
    pub fn code(&self) -> &'static str {
        match self {
            Self::AccountMalformed(_) => "account-malformed",
            Self::UnknownAccount { .. } => "unknown-account",
            Self::UnknownBlock { .. } => "unknown-block",
            Self::BlockGarbageCollected { .. } => "block-garbage-collected",
            Self::BlockStale { .. } => "block-stale",
            Self::NetworkMismatch { .. } => "network-mismatch",
            Self::RpcUnreachable { .. } | Self::NoEndpoint(_) => "rpc-unreachable",
            Self::RpcTimeout { .. } => "rpc-timeout",
            Self::RpcRateLimited { .. } => "rpc-rate-limited",
            Self::RpcMalformed { .. } => "rpc-malformed",
            Self::RpcDisagreement { .. } => "rpc-disagreement",
            Self::CodeHashMismatch { .. } => "code-hash-mismatch",
            Self::UnknownCode(_) => "unknown-code",
            Self::SandboxUnavailable(_) => "sandbox-unavailable",
            Self::ModuleMalformed(_) => "module-malformed",
        }
    }

    fn of_transport(error: TransportError, host: &str) -> Self {
        let host = host.to_owned();
        match error {
            TransportError::Unreachable(reason) => Self::RpcUnreachable { host, reason },
            TransportError::Timeout(_) => Self::RpcTimeout { host },
            TransportError::TooLarge(_) => Self::RpcMalformed { host, reason: error.to_string() },
        }
    }

    fn of_rpc(error: RpcError, host: &str, account: &str, place: &Place, block: &BlockReference) -> Self {
        let (host, block) = (host.to_owned(), block.to_string());
        match error {
            RpcError::UnknownAccount => Self::UnknownAccount { account: account.to_owned(), block },
            RpcError::UnknownBlock => Self::UnknownBlock { host, block },
            RpcError::GarbageCollectedBlock => {
                Self::BlockGarbageCollected { host, block, archival: place.network.archival() }
            }
            RpcError::RateLimited(retry_after) => Self::RpcRateLimited { host, retry_after },
            RpcError::Timeout => Self::RpcTimeout { host },
            RpcError::Unavailable(reason) => Self::RpcUnreachable { host, reason },
            RpcError::NoContractCode
            | RpcError::NoGlobalContractCode
            | RpcError::MethodNotFound
            | RpcError::CallFailed(_)
            | RpcError::Refused(_)
            | RpcError::Malformed(_) => Self::RpcMalformed { host, reason: error.to_string() },
        }
    }
}

/// Looks at one account at one block: chain and block from as many endpoints as must agree, the account's record from all
/// but one of them, the code from the last, whose bytes are its vote. With the two calls that do not decide (metadata,
/// access keys), two endpoints are asked eight times.
///
/// # Errors
/// The outcomes of all endpoints asked, and why it was not enough.
pub async fn fetch(
    account: &AccountId,
    place: &Place,
    transport: &impl Transport,
) -> Result<Deployment, (LookError, Vec<EndpointOutcome>)> {
    look::Look::new(place, transport).deployment(account).await
}

/// Fetches a global contract by its hash. The bytes prove themselves, so any endpoint will do.
///
/// # Errors
/// [`LookError::UnknownCode`] if no endpoint has it, else why none could be asked.
pub async fn fetch_by_hash(
    code_hash: &Sha256Digest,
    place: &Place,
    transport: &impl Transport,
) -> Result<Code, (LookError, Vec<EndpointOutcome>)> {
    look::Look::new(place, transport).global(code_hash).await
}

/// Runs a view method at one block at as many of the reader's endpoints as must agree. Explains, never decides.
///
/// # Errors
/// The outcomes of all endpoints asked, and why it was not enough.
pub async fn call(
    account: &AccountId,
    method: &str,
    args: &[u8],
    place: &Place,
    transport: &impl Transport,
) -> Result<Answer, (LookError, Vec<EndpointOutcome>)> {
    look::Look::new(place, transport).call(account, method, args).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_host_that_is_shown_is_the_one_that_is_asked() {
        for (url, host) in [
            ("https://me:secret@rpc.example:8443/key?key=1", "rpc.example:8443"),
            (r"https://evil.example\@rpc.example", "evil.example"),
            (r"https://evil.example\path@rpc.example/", "evil.example"),
        ] {
            assert_eq!(Endpoint::own(url).host(), host);
        }
    }
}
