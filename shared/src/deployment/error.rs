//! Why a look-up ends without a verdict, each in one sentence.

use thiserror::Error;

use super::{ChainView, LookCode, TransportError};
use crate::embedded::SandboxUnavailable;
use crate::near::BlockReference;
use crate::rpc::RpcError;
use crate::text::Shown;

/// Why we could not look. Never a verdict.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum LookError {
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
    #[error("`{host}` sent an unexpected reply: {}", Shown(.reason))]
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
    /// One endpoint against the others.
    #[error("`{host}` says something else than the others: {}", Shown(.about))]
    RpcOddOneOut {
        /// Which endpoint.
        host: String,
        /// What they contradict each other about.
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
    #[error("no endpoint is known for network `{0}`; add one")]
    NoEndpoint(String),
    /// Fewer hosts than must agree.
    #[error("{quorum} endpoints must agree, and yours are of {hosts}: name more of other hosts, or ask for fewer", hosts = if *.hosts == 1 { "1 host".to_owned() } else { format!("{} hosts", .hosts) })]
    TooFewHosts {
        /// How many must agree.
        quorum: usize,
        /// How many hosts the reader's endpoints are of.
        hosts: usize,
    },
}

impl LookError {
    /// Its code.
    pub fn code(&self) -> LookCode {
        match self {
            Self::UnknownAccount { .. } => LookCode::UnknownAccount,
            Self::UnknownBlock { .. } => LookCode::UnknownBlock,
            Self::BlockGarbageCollected { .. } => LookCode::BlockGarbageCollected,
            Self::BlockStale { .. } => LookCode::BlockStale,
            Self::NetworkMismatch { .. } => LookCode::NetworkMismatch,
            Self::RpcUnreachable { .. } | Self::NoEndpoint(_) | Self::TooFewHosts { .. } => LookCode::RpcUnreachable,
            Self::RpcTimeout { .. } => LookCode::RpcTimeout,
            Self::RpcRateLimited { .. } => LookCode::RpcRateLimited,
            Self::RpcMalformed { .. } => LookCode::RpcMalformed,
            Self::RpcDisagreement { .. } | Self::RpcOddOneOut { .. } => LookCode::RpcDisagreement,
            Self::CodeHashMismatch { .. } => LookCode::CodeHashMismatch,
            Self::UnknownCode(_) => LookCode::UnknownCode,
            Self::SandboxUnavailable(_) => LookCode::SandboxUnavailable,
            Self::ModuleMalformed(_) => LookCode::ModuleMalformed,
        }
    }

    pub(super) fn of_transport(error: TransportError, host: &str) -> Self {
        let host = host.to_owned();
        match error {
            TransportError::Unreachable(reason) => Self::RpcUnreachable { host, reason },
            TransportError::Timeout(_) => Self::RpcTimeout { host },
            TransportError::TooLarge(_) => Self::RpcMalformed { host, reason: error.to_string() },
        }
    }

    pub(super) fn of_rpc(
        error: RpcError,
        host: &str,
        account: &str,
        chain: &ChainView,
        block: &BlockReference,
    ) -> Self {
        let (host, block) = (host.to_owned(), block.to_string());
        match error {
            RpcError::UnknownAccount => Self::UnknownAccount { account: account.to_owned(), block },
            RpcError::UnknownBlock => Self::UnknownBlock { host, block },
            RpcError::GarbageCollectedBlock => {
                Self::BlockGarbageCollected { host, block, archival: chain.network.archival() }
            }
            RpcError::RateLimited(retry_after) => Self::RpcRateLimited { host, retry_after },
            RpcError::Timeout => Self::RpcTimeout { host },
            RpcError::Unavailable(reason) => Self::RpcUnreachable { host, reason },
            RpcError::NoContractCode
            | RpcError::NoGlobalContractCode
            | RpcError::TooManyAccessKeys(_)
            | RpcError::MethodNotFound
            | RpcError::CallFailed(_)
            | RpcError::Refused(_)
            | RpcError::Malformed(_) => Self::RpcMalformed { host, reason: error.to_string() },
        }
    }
}
