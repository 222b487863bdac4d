//! JSON-RPC request bodies, and replies turned into typed values or errors: bytes ⇄ types.
//! Not here: sending (`transport.rs` of page and helper), which endpoint to believe (`deployment`).

mod keys;
mod reply;
mod state;

use std::borrow::Cow;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use thiserror::Error;

use crate::digest::Sha256Digest;
use crate::json::{Member, Object, Unexpected, object, to_text};
use crate::near::{AccountContract, AccountId, Block, BlockReference, MAX_CONTRACT_SIZE};
use crate::text::Shown;

pub use crate::transport::{MAX_REPLY_SIZE, Reply};
pub use keys::{KEYS_PER_PAGE, KeyPage, parse_access_keys, view_access_key_list};
use reply::{call_failure, result};
pub use state::{parse_state_entry, view_state_entry};

/// `status`, as far as it matters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Status {
    /// Chain id.
    pub chain_id: String,
    /// The oldest block that the node still keeps, where it says so.
    pub earliest_block_height: Option<u64>,
}

/// A value together with the block that the node says it is of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct At<T> {
    /// Height of that block.
    pub block_height: u64,
    /// Hash of that block.
    pub block_hash: Sha256Digest,
    /// The value.
    pub value: T,
}

/// Code as a node served it. `hash` is the node's word; the bytes have to be hashed again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServedCode {
    /// The wasm.
    pub bytes: Vec<u8>,
    /// What the node says its hash is.
    pub hash: Sha256Digest,
}

/// Why a reply holds no value.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum RpcError {
    /// No such account at that block.
    #[error("the account does not exist at this block")]
    UnknownAccount,
    /// The node does not know the block (yet, or any more).
    #[error("the node does not know this block")]
    UnknownBlock,
    /// The node no longer keeps the block.
    #[error("the node no longer keeps this block; ask an archival endpoint")]
    GarbageCollectedBlock,
    /// The account has no code.
    #[error("the account has no code")]
    NoContractCode,
    /// No global contract of that name.
    #[error("no global contract has this hash or account")]
    NoGlobalContractCode,
    /// More access keys than the node lists without pages, with how many that is, where it says so.
    #[error("the account has more than {} access keys, and the endpoint does not list them page by page", .0.map_or("the usual number of".to_owned(), |limit| limit.to_string()))]
    TooManyAccessKeys(Option<u64>),
    /// The contract has no such method.
    #[error("the contract has no such method")]
    MethodNotFound,
    /// The contract failed while it ran.
    #[error("the call failed: {}", Shown(.0))]
    CallFailed(String),
    /// HTTP 429, with `Retry-After` in seconds.
    #[error("the endpoint limits how often it may be asked{}", match .0 { Some(seconds) => format!("; try again in {seconds} s"), None => String::new() })]
    RateLimited(Option<u32>),
    /// The node gave up.
    #[error("the node did not answer in time")]
    Timeout,
    /// The node or something before it is out of order.
    #[error("the endpoint cannot answer: {}", Shown(.0))]
    Unavailable(String),
    /// The node refuses the request as such.
    #[error("the endpoint refuses the request: {}", Shown(.0))]
    Refused(String),
    /// Not what NEAR's JSON-RPC answers.
    #[error("the reply is not what NEAR's JSON-RPC answers: {}", Shown(.0))]
    Malformed(String),
}

fn body(method: &str, params: Value) -> Vec<u8> {
    let members =
        vec![("jsonrpc", "2.0".into()), ("id", "provenear".into()), ("method", method.into()), ("params", params)];
    to_text(&object(members)).into_bytes()
}

fn query(request_type: &str, block: &BlockReference, mut params: Vec<(&str, Value)>) -> Vec<u8> {
    params.extend([("request_type", request_type.into()), block_member(block)]);
    body("query", object(params))
}

/// The member that names a block.
fn block_member(block: &BlockReference) -> (&'static str, Value) {
    match block {
        BlockReference::Final => ("finality", "final".into()),
        BlockReference::Height(height) => ("block_id", (*height).into()),
        BlockReference::Hash(hash) => ("block_id", hash.to_base58().into()),
    }
}

/// Asks which chain this is.
pub fn status() -> Vec<u8> {
    body("status", Value::Array(Vec::new()))
}

/// Asks for a block.
pub fn block(block: &BlockReference) -> Vec<u8> {
    body("block", object(vec![block_member(block)]))
}

/// Asks what stands at an account.
pub fn view_account(account: &AccountId, block: &BlockReference) -> Vec<u8> {
    query("view_account", block, vec![("account_id", account.as_str().into())])
}

/// Asks for the code of an account; the node follows references to global contracts.
pub fn view_code(account: &AccountId, block: &BlockReference) -> Vec<u8> {
    query("view_code", block, vec![("account_id", account.as_str().into())])
}

/// Asks for a global contract by its hash.
pub fn view_global_contract_code(code_hash: &Sha256Digest, block: &BlockReference) -> Vec<u8> {
    query("view_global_contract_code", block, vec![("code_hash", code_hash.to_base58().into())])
}

/// Asks the node to run a view method; `args` are raw bytes.
pub fn call_function(account: &AccountId, method: &str, args: &[u8], block: &BlockReference) -> Vec<u8> {
    let params = vec![
        ("account_id", account.as_str().into()),
        ("method_name", method.into()),
        ("args_base64", STANDARD.encode(args).into()),
    ];
    query("call_function", block, params)
}

/// Reads the reply to [`status`].
///
/// # Errors
/// [`RpcError`].
pub fn parse_status(reply: &Reply) -> Result<Status, RpcError> {
    let status = result(reply)?;
    let sync_info: Option<Object<'_>> = status.maybe("sync_info")?;
    Ok(Status {
        chain_id: status.get("chain_id")?,
        earliest_block_height: sync_info.map_or(Ok(None), |info| info.maybe("earliest_block_height"))?,
    })
}

/// Reads the reply to [`block`].
///
/// # Errors
/// [`RpcError`].
///
/// # Examples
/// ```
/// use provenear_shared::rpc::{RpcError, parse_block};
/// use provenear_shared::transport::Reply;
///
/// let reply = |body: &str| Reply { status: 200, retry_after: None, body: body.as_bytes().to_vec() };
/// let block = parse_block(&reply(
///     r#"{ "result": { "header": {
///         "height": 12, "hash": "GKot5hBsd81kMupNCXHaqbhv3huEbxAFMLnpcX2hniwn", "timestamp": 1795392000000000000
///     } } }"#,
/// ));
/// assert_eq!(block.unwrap().time_ms, 1_795_392_000_000);
/// // HTTP 200, and nothing of NEAR's: never taken for an answer.
/// assert!(matches!(parse_block(&reply("<html>")), Err(RpcError::Malformed(_))));
/// ```
pub fn parse_block(reply: &Reply) -> Result<Block, RpcError> {
    let header: Object<'_> = result(reply)?.get("header")?;
    let (hash, timestamp): (Cow<'_, str>, u64) = (header.get("hash")?, header.get("timestamp")?);
    Ok(Block { height: header.get("height")?, hash: digest(&hash)?, time_ms: timestamp / 1_000_000 })
}

/// Reads the reply to [`view_account`]. `account` decides how a stored hash is understood.
///
/// # Errors
/// [`RpcError`].
pub fn parse_account(reply: &Reply, account: &AccountId) -> Result<At<AccountContract>, RpcError> {
    at(reply, |found| {
        let code_hash = digest(&found.get::<Cow<'_, str>>("code_hash")?)?;
        let state: Option<Cow<'_, str>> = found.maybe("state")?;
        let no_code = code_hash.as_bytes() == &[0; 32];
        let hash: Option<Cow<'_, str>> = found.maybe("global_contract_hash")?;
        let owner: Option<Cow<'_, str>> = found.maybe("global_contract_account_id")?;
        // A node that says nothing, as before protocol 88, speaks of an initialized account.
        match state.as_deref() {
            None | Some("initialized") => {}
            Some("uninitialized") if no_code && hash.is_none() && owner.is_none() => {
                return Ok(AccountContract::Uninitialized);
            }
            Some("uninitialized") => {
                return Err(RpcError::Malformed("the account is uninitialized and has code".to_owned()));
            }
            Some(other) => return Err(RpcError::Malformed(format!("unknown state `{other}` of an account"))),
        }
        Ok(match (hash, owner) {
            (Some(_), Some(_)) => {
                return Err(RpcError::Malformed("the account refers to two global contracts".to_owned()));
            }
            (Some(_), None) | (None, Some(_)) if !no_code => {
                return Err(RpcError::Malformed(
                    "the account has code of its own and refers to a global contract".to_owned(),
                ));
            }
            (Some(hash), None) => AccountContract::Global(digest(&hash)?),
            (None, Some(owner)) => {
                let malformed = || RpcError::Malformed(format!("`{owner}` is not an account id"));
                AccountContract::GlobalByAccount(AccountId::parse(&owner).ok_or_else(malformed)?)
            }
            (None, None) if no_code => AccountContract::None,
            (None, None) if account.is_eth_implicit() => AccountContract::EthImplicit(code_hash),
            (None, None) => AccountContract::Local(code_hash),
        })
    })
}

/// Reads the reply to [`view_code`] or [`view_global_contract_code`].
///
/// # Errors
/// [`RpcError`]; more than 4 MiB of code is malformed, because no node accepts it.
pub fn parse_code(reply: &Reply) -> Result<At<ServedCode>, RpcError> {
    at(reply, |found| {
        let code: Cow<'_, str> = found.get("code_base64")?;
        if code.len() > MAX_CONTRACT_SIZE.div_ceil(3) * 4 {
            return Err(RpcError::Malformed("the code is larger than 4 MiB".to_owned()));
        }
        let bytes =
            STANDARD.decode(code.as_bytes()).map_err(|_| RpcError::Malformed("the code is not base64".to_owned()))?;
        Ok(ServedCode { bytes, hash: digest(&found.get::<Cow<'_, str>>("hash")?)? })
    })
}

/// Reads the reply to [`call_function`]: the bytes that the method returned.
///
/// # Errors
/// [`RpcError`]; a failed call arrives as `result.error` or, on newer methods, as `error`: both are understood.
pub fn parse_call(reply: &Reply) -> Result<At<Vec<u8>>, RpcError> {
    at(reply, |found| match (found.maybe::<Bytes>("result")?, found.maybe::<Cow<'_, str>>("error")?) {
        (Some(Bytes(bytes)), None) => Ok(bytes),
        (_, Some(error)) => Err(call_failure(&error)),
        (None, None) => Err(RpcError::Malformed("neither `result` nor `error`".to_owned())),
    })
}

/// Bytes as a list of numbers. Not a list of members: there can be a million.
struct Bytes(Vec<u8>);

impl<'a> Member<'a> for Bytes {
    fn read(text: &'a str) -> Result<Self, Unexpected> {
        serde_json::from_slice(text.as_bytes()).map(Self).map_err(|_| Unexpected::new("is not a list of bytes"))
    }
}

impl From<Unexpected> for RpcError {
    fn from(error: Unexpected) -> Self {
        Self::Malformed(error.to_string())
    }
}

fn digest(text: &str) -> Result<Sha256Digest, RpcError> {
    Sha256Digest::from_base58(text).map_err(|error| RpcError::Malformed(format!("`{text}`: {error}")))
}

/// The result with its block. The block first: what is wrong with it is said first.
fn at<T>(reply: &Reply, value: impl FnOnce(&Object<'_>) -> Result<T, RpcError>) -> Result<At<T>, RpcError> {
    let found = result(reply)?;
    let (block_height, block_hash) = anchor(&found)?;
    Ok(At { block_height, block_hash, value: value(&found)? })
}

fn anchor(found: &Object<'_>) -> Result<(u64, Sha256Digest), RpcError> {
    Ok((found.get("block_height")?, digest(&found.get::<Cow<'_, str>>("block_hash")?)?))
}
