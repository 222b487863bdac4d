//! A proposal of a Sputnik DAO (v2) to replace code: for people about to vote. The code lies in the DAO's own state, under
//! its 32-byte SHA-256 (`store_blob`), and is checked against the hash that the proposal names; or the proposal carries it,
//! in the arguments of a call. Not here: what the code is worth; it is looked at as any file is (`inspection`).
//! Shapes: github.com/near-daos/sputnik-dao-contract, `sputnikdao2`: `get_proposal`, `ProposalKind`, `store_blob`.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use thiserror::Error;

use crate::deployment::{self, ChainView, Code, EndpointOutcome, LookError, Transport};
use crate::digest::Sha256Digest;
use crate::near::{AccountId, Block, BlockReference};
use crate::rpc::{self, RpcError};
use crate::text::Shown;

/// Most bytes of a proposal that are read: its description can be long, every vote is in it, and a call can carry code, as
/// far as a transaction of 1.5 MiB could bring it.
const MAX_PROPOSAL: usize = 2 << 20;
/// With what a module begins.
const WASM_MAGIC: &[u8] = b"\0asm";

/// What is put to the vote.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proposal {
    /// Its number.
    pub id: u64,
    /// Who proposed it.
    pub proposer: AccountId,
    /// What the proposer says about it.
    pub description: String,
    /// `InProgress`, `Approved` and so on: the DAO's word, letters alone.
    pub status: String,
    /// What would be done.
    pub kind: Kind,
}

/// What a proposal would do, as far as it is about code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    /// The DAO would run this code itself.
    UpgradeSelf(Sha256Digest),
    /// This code would be given to a method of another account.
    UpgradeRemote {
        /// Whose method.
        receiver_id: AccountId,
        /// Which one.
        method_name: String,
        /// The code.
        hash: Sha256Digest,
    },
    /// Methods of another account would be called, some with code in their arguments.
    Calls {
        /// Whose methods.
        receiver_id: AccountId,
        /// How many calls there are, those without code included.
        count: usize,
        /// The calls that carry code: at least one.
        carrying: Vec<Carrying>,
    },
    /// Anything else, by the DAO's name for it; no code is stored for it.
    Other(String),
}

/// A call with code in its arguments.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Carrying {
    /// The method.
    pub method_name: String,
    /// What its arguments are.
    pub code: Code,
}

impl Kind {
    /// The SHA-256 of the code that would be run: what the vote is about, and the key of the blob if it is stored. None for
    /// several codes, because an answer is about one.
    pub fn hash(&self) -> Option<&Sha256Digest> {
        match self {
            Self::UpgradeSelf(hash) | Self::UpgradeRemote { hash, .. } => Some(hash),
            Self::Calls { carrying, .. } => match carrying.as_slice() {
                [one] => Some(one.code.hash()),
                _ => None,
            },
            Self::Other(_) => None,
        }
    }
}

/// A proposal with the code that it is about.
#[derive(Debug)]
pub struct Looked {
    /// The proposal, alike from as many endpoints as must agree.
    pub proposal: Proposal,
    /// Its code, whose hash is the proposal's; why it could not be had; `None` where it is about no code.
    pub code: Option<Result<Code, String>>,
    /// The block of the proposal.
    pub block: Block,
    /// Every endpoint that was asked about the proposal.
    pub endpoints: Vec<EndpointOutcome>,
}

/// Why there is no proposal to show.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum DaoError {
    /// No endpoint could be asked, or they do not agree.
    #[error("{0}")]
    Look(LookError),
    /// The DAO has none of this number.
    #[error("the DAO has no proposal `{0}`")]
    NoProposal(u64),
    /// The account is no Sputnik DAO.
    #[error("the account answers no question about proposals: it is not a Sputnik DAO of version 2")]
    NoDao,
    /// The call failed for another reason.
    #[error("{0}")]
    Call(RpcError),
    /// Not the DAO's shape.
    #[error("the DAO's answer is not a proposal: {}", Shown(.0))]
    Malformed(String),
}

/// Looks up proposal `id` of `dao` and, if it is about code, that code.
///
/// # Errors
/// [`DaoError`].
pub async fn fetch(
    dao: &AccountId,
    id: u64,
    chain: &ChainView,
    transport: &impl Transport,
) -> Result<Looked, DaoError> {
    let args = json!({"id": id}).to_string();
    let answer = deployment::call(dao, "get_proposal", args.as_bytes(), chain, transport).await;
    let answer = answer.map_err(|(error, _)| DaoError::Look(error))?;
    let proposal = match answer.result {
        Ok(returned) => parse(&returned, id)?,
        Err(RpcError::CallFailed(said)) if said.contains("ERR_NO_PROPOSAL") => return Err(DaoError::NoProposal(id)),
        Err(RpcError::CallFailed(said)) if said.contains("CodeDoesNotExist") => return Err(DaoError::NoDao),
        Err(RpcError::MethodNotFound) => return Err(DaoError::NoDao),
        Err(error) => return Err(DaoError::Call(error)),
    };
    let code = match &proposal.kind {
        Kind::UpgradeSelf(hash) | Kind::UpgradeRemote { hash, .. } => {
            Some(blob(dao, hash, &answer.block, chain, transport).await)
        }
        Kind::Calls { carrying, .. } => Some(match carrying.as_slice() {
            [one] => Ok(one.code.clone()),
            several => Err(format!("{} of its calls carry code; an answer is about one alone", several.len())),
        }),
        Kind::Other(_) => None,
    };
    Ok(Looked { proposal, code, block: answer.block, endpoints: answer.endpoints })
}

/// The bytes prove themselves, so any endpoint will do. Else the last endpoint's reason.
async fn blob(
    dao: &AccountId,
    hash: &Sha256Digest,
    block: &Block,
    chain: &ChainView,
    transport: &impl Transport,
) -> Result<Code, String> {
    let reference = BlockReference::Hash(block.hash);
    let mut why = "no endpoint is known".to_owned();
    for endpoint in chain.endpoints.iter().filter(|endpoint| !endpoint.from_link) {
        let host = endpoint.host();
        let body = rpc::view_state_entry(dao, hash.as_bytes(), &reference);
        let reply = transport.post(&endpoint.url, body).await.map_err(|error| error.to_string());
        let entry =
            reply.and_then(|reply| rpc::parse_state_entry(&reply, hash.as_bytes()).map_err(|error| error.to_string()));
        why = match entry.map(|at| at.value) {
            Ok(Some(bytes)) => match Code::new(bytes) {
                Ok(code) if code.hash() == hash => return Ok(code),
                Ok(code) => format!(
                    "`{host}` gives code with hash `{}` under the proposal's hash `{}`",
                    code.hash().to_base58(),
                    hash.to_base58()
                ),
                Err(error) => error.to_string(),
            },
            Ok(None) => format!("the DAO does not store the code: it was removed, or never stored, says `{host}`"),
            Err(error) => format!("`{host}`: {error}"),
        };
    }
    Err(why)
}

/// Reads what `get_proposal` returns.
///
/// # Errors
/// [`DaoError::Malformed`], also for another proposal than `id`.
///
/// # Examples
/// ```
/// use provenear_shared::dao::{Kind, parse};
///
/// let hash = "GKot5hBsd81kMupNCXHaqbhv3huEbxAFMLnpcX2hniwn";
/// let returned = format!(
///     r#"{{ "id": 7, "proposer": "alice.near", "description": "Upgrade", "status": "InProgress",
///           "kind": {{ "UpgradeSelf": {{ "hash": "{hash}" }} }} }}"#
/// );
/// let proposal = parse(returned.as_bytes(), 7).unwrap();
/// assert!(matches!(proposal.kind, Kind::UpgradeSelf(code) if code.to_base58() == hash));
/// // The answer to another question.
/// assert!(parse(returned.as_bytes(), 8).is_err());
/// ```
pub fn parse(returned: &[u8], id: u64) -> Result<Proposal, DaoError> {
    #[derive(Deserialize)]
    struct Wire {
        id: u64,
        proposer: String,
        description: String,
        kind: Value,
        status: String,
    }
    let malformed = |what: &str| DaoError::Malformed(what.to_owned());
    if returned.len() > MAX_PROPOSAL {
        return Err(malformed("longer than 2 MiB"));
    }
    let wire: Wire = serde_json::from_slice(returned).map_err(|error| DaoError::Malformed(error.to_string()))?;
    if wire.id != id {
        return Err(malformed("another proposal"));
    }
    if !is_word(&wire.status) {
        return Err(malformed("`status` is no word"));
    }
    let proposer = AccountId::parse(&wire.proposer).ok_or_else(|| malformed("`proposer` is no account"))?;
    let kind = kind(&wire.kind)?;
    Ok(Proposal { id, proposer, description: wire.description, status: wire.status, kind })
}

/// serde's external tagging: a word, or one word with what belongs to it.
fn kind(wire: &Value) -> Result<Kind, DaoError> {
    let malformed = |what: &str| DaoError::Malformed(what.to_owned());
    let (name, fields) = match wire {
        Value::String(name) => (name.as_str(), None),
        Value::Object(tagged) if tagged.len() == 1 => match tagged.iter().next() {
            Some((name, fields)) => (name.as_str(), fields.as_object()),
            None => return Err(malformed("`kind` is empty")),
        },
        _ => return Err(malformed("`kind` is no kind of proposal")),
    };
    let text = |fields: &Map<String, Value>, field: &str| {
        let found = fields.get(field).and_then(Value::as_str).map(str::to_owned);
        found.ok_or_else(|| DaoError::Malformed(format!("`{field}` is missing")))
    };
    let hash = |fields: &Map<String, Value>| {
        Sha256Digest::from_base58(&text(fields, "hash")?).map_err(|_| malformed("`hash` is no hash"))
    };
    let receiver = |fields: &Map<String, Value>| {
        AccountId::parse(&text(fields, "receiver_id")?).ok_or_else(|| malformed("`receiver_id` is no account"))
    };
    match (name, fields) {
        ("UpgradeSelf", Some(fields)) => Ok(Kind::UpgradeSelf(hash(fields)?)),
        ("UpgradeRemote", Some(fields)) => {
            let receiver_id = receiver(fields)?;
            Ok(Kind::UpgradeRemote { receiver_id, method_name: text(fields, "method_name")?, hash: hash(fields)? })
        }
        ("FunctionCall", Some(fields)) => {
            let calls = fields.get("actions").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
            let carrying: Vec<Carrying> = calls.iter().filter_map(carrying).collect();
            if carrying.is_empty() {
                return Ok(Kind::Other(name.to_owned()));
            }
            Ok(Kind::Calls { receiver_id: receiver(fields)?, count: calls.len(), carrying })
        }
        ("UpgradeSelf" | "UpgradeRemote", None) => Err(malformed("`kind` names no code")),
        (other, _) if is_word(other) => Ok(Kind::Other(other.to_owned())),
        (_, _) => Err(malformed("`kind` is no word")),
    }
}

/// A call whose arguments are code: the bytes alone, or with their length before them (u32, little-endian), as Borsh writes
/// bytes and `up_stage_code` of near-plugins reads them.
fn carrying(call: &Value) -> Option<Carrying> {
    let arguments = STANDARD.decode(call.get("args")?.as_str()?).ok()?;
    let bytes = match arguments.split_first_chunk() {
        Some((length, bytes)) if u32::from_le_bytes(*length) as usize == bytes.len() => bytes,
        _ => &arguments,
    };
    if !bytes.starts_with(WASM_MAGIC) {
        return None;
    }
    let code = Code::new(bytes.to_vec()).ok()?;
    Some(Carrying { method_name: call.get("method_name")?.as_str()?.to_owned(), code })
}

fn is_word(text: &str) -> bool {
    matches!(text.len(), 1..=64) && text.bytes().all(|byte| byte.is_ascii_alphabetic())
}
