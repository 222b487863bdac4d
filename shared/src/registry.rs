//! What SourceScan's registry contract says of an account or of some bytes: one party's unsigned record, shown as that.
//! Not here, and nowhere: letting it count. No verdict, notice or state reads a [`Record`].

#[cfg(feature = "pipeline")]
mod fetch;

use serde::{Deserialize, Serialize};

use crate::digest::Sha256Digest;
use crate::near::{AccountId, Network};

#[cfg(feature = "pipeline")]
pub use fetch::{Found, RecordError, Wanted, fetch, parse_account, parse_code};

/// What the registry says of one account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    /// The account; `None` where it was asked for by name.
    pub account_id: Option<AccountId>,
    /// The code that the registry says it verified.
    pub code_hash: Sha256Digest,
    /// IPFS content identifier of the source that it keeps: letters and digits.
    pub cid: String,
    /// Language, such as `rust`: letters, digits and a few signs.
    pub lang: String,
    /// The block of that code, in newer records.
    pub block_height: Option<u64>,
}

/// The registry's account on the networks that have one.
pub fn account(network: &Network) -> Option<AccountId> {
    let account = match network.chain_id() {
        "mainnet" => "v2-verifier.sourcescan.near",
        "testnet" => "v2-verifier.sourcescan.testnet",
        _ => return None,
    };
    AccountId::parse(account)
}
