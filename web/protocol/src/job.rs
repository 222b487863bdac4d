//! What the second program lets its Workers do, and what comes of it.

use provenear_shared::abi::Abi;
use provenear_shared::archive::Entry;
use provenear_shared::digest::{Hex, Sha256Digest};
use provenear_shared::near::{AccountContract, AccountId};
use provenear_shared::registry::Record;
use provenear_shared::wasm::ModuleFacts;
use provenear_shared::wasm::diff::{DiffReport, FunctionChange, Picture, SideBySide};
use serde::{Deserialize, Serialize};

use crate::Ask;

/// A job for the inspector. The codes of answers, or the bytes of a file, travel beside it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Job {
    /// What is inside the code of an answer.
    Facts,
    /// The ABI of that code.
    Abi,
    /// That code itself.
    Code,
    /// The code of what is asked about, which may be a file.
    Module(Ask),
    /// What the registry at this account says of what is asked about.
    Registry {
        /// About what, and where.
        ask: Ask,
        /// The registry.
        registry: AccountId,
    },
    /// A proposal of the account that is asked about.
    Proposal {
        /// Of which DAO, and where.
        ask: Ask,
        /// Its number.
        id: u64,
    },
    /// Whether a file is the source archive with this SHA-256, and what is in it.
    Source(Hex),
    /// What stood at an account at one block of the past, by the word of this one endpoint.
    Past {
        /// The endpoint, a URL.
        url: String,
        /// The account.
        account: AccountId,
        /// The block.
        height: u64,
    },
    /// When a block was made, by the word of this one endpoint.
    BlockTime {
        /// The endpoint, a URL.
        url: String,
        /// The block.
        height: u64,
    },
}

/// What came of a [`Job`] of the same name.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Done {
    /// What is inside.
    #[serde(with = "verbatim")]
    Facts(Box<ModuleFacts>),
    /// The ABI.
    #[serde(with = "verbatim")]
    Abi(Box<Abi>),
    /// The bytes travel beside it.
    Code,
    /// The bytes travel beside it.
    Module(Module),
    /// The records.
    Registry(Records),
    /// The proposal; its code travels beside it, if it could be had.
    Proposal(Box<Proposal>),
    /// What is in the archive.
    Source(Vec<Entry>),
    /// What stood there.
    Past(Past),
    /// Milliseconds since 1970 UTC; `None`: the endpoint has no such block.
    BlockTime(Option<u64>),
}

/// What stood at an account at one block.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Past {
    /// The endpoint has no such block: none of that height was made, or it is not kept.
    NoBlock,
    /// There was no such account.
    NoAccount,
    /// An account that refers to this code.
    Account(AccountContract),
}

/// Who was asked, and at which block.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Heard {
    /// Its height.
    pub block_height: u64,
    /// Its time, RFC 3339.
    pub block_time: String,
    /// Hosts that agree.
    pub hosts: Vec<String>,
}

/// A module to compare.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Module {
    /// Its hash.
    pub code_hash: Sha256Digest,
    /// Where an account was looked up.
    pub block_height: Option<u64>,
}

/// What a registry says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Records {
    /// None, one of an account, or several of the same code.
    pub records: Vec<Record>,
    /// From whom.
    pub asked: Heard,
}

/// A proposal, as it is drawn.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proposal {
    /// Who proposed it.
    pub proposer: AccountId,
    /// What the proposer says about it.
    pub description: String,
    /// The DAO's word.
    pub status: String,
    /// The DAO's name for what would be done.
    pub kind: String,
    /// The account whose code would change, and by which method, where it is not the DAO's own.
    pub receiver: Option<(AccountId, String)>,
    /// None for a proposal that is not about code, or about more than one.
    pub code_hash: Option<Sha256Digest>,
    /// Why the code could not be had.
    pub trouble: Option<String>,
    /// From whom.
    pub asked: Heard,
}

/// A job for the Worker of one comparison. Both codes travel beside the first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Comparison {
    /// Why they differ. Each [`provenear_shared::wasm::diff::Stage`] is told on the way.
    Difference,
    /// The functions of those that were compared.
    Functions,
    /// Two of those side by side, by index.
    SideBySide([Option<u32>; 2]),
}

/// What came of a [`Comparison`] of the same name.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Compared {
    /// Why they differ.
    Difference(Box<Difference>),
    /// Every function of either.
    Functions(Vec<FunctionChange>),
    /// Row by row.
    SideBySide(SideBySide),
}

/// Why two modules differ, and a picture of both.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Difference {
    /// Without its `changes`: they are among the functions.
    pub report: DiffReport,
    /// Both modules to scale.
    pub picture: Picture,
}

/// What holds somebody else's JSON crosses as text: JavaScript does not tell `0.0` from `0`, and an export is to have what
/// the contract has.
mod verbatim {
    use serde::de::{DeserializeOwned, Error as _};
    use serde::ser::Error as _;
    use serde::{Deserialize as _, Deserializer, Serialize, Serializer};

    pub(super) fn serialize<T: Serialize, S: Serializer>(value: &T, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&serde_json::to_string(value).map_err(S::Error::custom)?)
    }

    pub(super) fn deserialize<'de, T: DeserializeOwned, D: Deserializer<'de>>(deserializer: D) -> Result<T, D::Error> {
        serde_json::from_slice(String::deserialize(deserializer)?.as_bytes()).map_err(D::Error::custom)
    }
}
