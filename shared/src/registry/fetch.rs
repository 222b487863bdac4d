//! Asks the registry.
//! Shapes: github.com/SourceScan/verifier-contract, `get_contract` and `get_contracts_by_code_hash` (the latter since 2026).

use serde::Deserialize;
use serde_json::json;
use thiserror::Error;

use super::Record;
use crate::deployment::{self, ChainView, EndpointOutcome, LookError, Transport};
use crate::digest::Sha256Digest;
use crate::near::{AccountId, Block};
use crate::rpc::RpcError;
use crate::text::Shown;

/// Most bytes of an answer that are read: votes and comments of many accounts come with it.
const MAX_ANSWER: usize = 1 << 20;
/// Most records of one hash that are given.
const MAX_RECORDS: usize = 100;

/// Why an answer is no record.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum RecordError {
    /// No endpoint could be asked, or they do not agree.
    #[error("{0}")]
    Look(LookError),
    /// The registry does not answer this question.
    #[error("the registry does not say: {0}")]
    Call(RpcError),
    /// Longer than a record can be.
    #[error("the registry's answer is longer than 1 MiB")]
    TooLarge,
    /// Not the registry's shape.
    #[error("the registry's answer is not what it used to be: {}", Shown(.0))]
    Malformed(String),
}

/// What is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wanted {
    /// The record of an account.
    Account(AccountId),
    /// Every record of these bytes; older registries cannot say.
    Code(Sha256Digest),
}

/// What the registry says, and who passed it on.
#[derive(Debug, Clone, PartialEq)]
pub struct Found {
    /// None, one of an account, or several of the same code.
    pub records: Vec<Record>,
    /// The block of the answer.
    pub block: Block,
    /// Every endpoint that was asked.
    pub endpoints: Vec<EndpointOutcome>,
}

/// Asks the registry at as many of the reader's endpoints as must agree.
///
/// # Errors
/// [`RecordError`].
pub async fn fetch(
    registry: &AccountId,
    wanted: &Wanted,
    chain: &ChainView,
    transport: &impl Transport,
) -> Result<Found, RecordError> {
    let (method, args) = match wanted {
        Wanted::Account(account) => ("get_contract", json!({"account_id": account.as_str()})),
        Wanted::Code(hash) => ("get_contracts_by_code_hash", json!({"code_hash": hash.to_base58()})),
    };
    let answer = deployment::call(registry, method, args.to_string().as_bytes(), chain, transport).await;
    let answer = answer.map_err(|(error, _)| RecordError::Look(error))?;
    let returned = answer.result.map_err(RecordError::Call)?;
    let records = match wanted {
        Wanted::Account(_) => parse_account(&returned)?.into_iter().collect(),
        Wanted::Code(hash) => parse_code(&returned, hash)?,
    };
    Ok(Found { records, block: answer.block, endpoints: answer.endpoints })
}

#[derive(Deserialize)]
struct Wire {
    cid: String,
    lang: String,
    code_hash: String,
    #[serde(default)]
    block_height: Option<u64>,
}

impl Wire {
    fn record(self, account_id: Option<AccountId>) -> Result<Record, RecordError> {
        let malformed = |what: &str| RecordError::Malformed(what.to_owned());
        let plain = |text: &str, signs: &str, most: usize| {
            text.len() <= most && text.chars().all(|sign| sign.is_ascii_alphanumeric() || signs.contains(sign))
        };
        if !plain(&self.cid, "", 128) {
            return Err(malformed("`cid` is no content identifier"));
        }
        if !plain(&self.lang, " +-#._", 32) {
            return Err(malformed("`lang` is no language"));
        }
        let code_hash = Sha256Digest::from_base58(&self.code_hash).map_err(|_| malformed("`code_hash` is no hash"))?;
        Ok(Record { account_id, code_hash, cid: self.cid, lang: self.lang, block_height: self.block_height })
    }
}

/// Reads what the registry answers for one account. `None`: it has no record.
///
/// # Errors
/// [`RecordError`].
///
/// # Examples
/// ```
/// use provenear_shared::registry::parse_account;
///
/// let hash = "GKot5hBsd81kMupNCXHaqbhv3huEbxAFMLnpcX2hniwn";
/// let answer = format!(r#"{{ "cid": "bafy1", "lang": "rust", "code_hash": "{hash}" }}"#);
/// let record = parse_account(answer.as_bytes()).unwrap().unwrap();
/// assert_eq!((record.code_hash.to_base58().as_str(), record.lang.as_str()), (hash, "rust"));
/// assert_eq!(parse_account(b"null"), Ok(None));
/// ```
pub fn parse_account(answer: &[u8]) -> Result<Option<Record>, RecordError> {
    read::<Option<Wire>>(answer)?.map(|wire| wire.record(None)).transpose()
}

/// Reads what the registry answers for one hash: at most 100 records, all of that hash.
///
/// # Errors
/// [`RecordError`], also for a record of other code.
pub fn parse_code(answer: &[u8], code_hash: &Sha256Digest) -> Result<Vec<Record>, RecordError> {
    let wires: Vec<(String, Wire)> = read(answer)?;
    let record = |(account, wire): (String, Wire)| {
        let malformed = || RecordError::Malformed(format!("`{account}` is not an account id"));
        let record = wire.record(Some(AccountId::parse(&account).ok_or_else(malformed)?))?;
        if record.code_hash == *code_hash {
            Ok(record)
        } else {
            Err(RecordError::Malformed("a record of other code".to_owned()))
        }
    };
    wires.into_iter().take(MAX_RECORDS).map(record).collect()
}

fn read<'a, T: Deserialize<'a>>(answer: &'a [u8]) -> Result<T, RecordError> {
    if answer.len() > MAX_ANSWER {
        return Err(RecordError::TooLarge);
    }
    serde_json::from_slice(answer).map_err(|error| RecordError::Malformed(error.to_string()))
}
