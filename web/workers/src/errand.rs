//! What the views of the second program send the Worker for: a module, a record, a proposal, a source archive. Fetched,
//! decoded, hashed and parsed here, so that the page stays free. Not here: drawing it.

use js_sys::Uint8Array;
use provenear_shared::archive::{self, Entry};
use provenear_shared::deployment::{ChainView, Code, EndpointOutcome, fetch, fetch_by_hash};
use provenear_shared::digest::{Hex, Sha256Digest};
use provenear_shared::inspection::Subject;
use provenear_shared::near::{AccountId, Block, BlockReference, rfc3339};
use provenear_shared::rpc::{self, RpcError};
use provenear_shared::{Transport as _, dao, registry};
use provenear_web_browser::fetch::Fetch;
use provenear_web_protocol::{Ask, Heard, Module, Past, Proposal, Records};

use crate::question::question;

/// The code of what is asked about, which may be the given bytes.
///
/// # Errors
/// One sentence.
pub(crate) async fn module(ask: Ask, bytes: Option<Vec<u8>>) -> Result<(Module, Uint8Array), String> {
    let (subject, chain) = subject_and_chain(ask)?;
    let given = bytes.unwrap_or_default();
    let (code, block_height) = match subject {
        Subject::Account(account) => {
            let found = fetch(&account, &chain, &Fetch).await.map_err(|(error, _)| error.to_string())?;
            (Some(found.code.ok_or("There is no code there.")?), Some(found.block.height))
        }
        Subject::CodeHash(hash) => {
            let code = fetch_by_hash(&hash, &chain, &Fetch).await.map_err(|(error, _)| error.to_string())?;
            (Some(code), None)
        }
        // It need not be what a chain could hold: a build with its debug sections is larger.
        Subject::File { .. } => (None, None),
    };
    let bytes = code.as_ref().map_or(given.as_slice(), Code::bytes);
    // Before anything is made of it: what is no module cannot be compared.
    provenear_shared::wasm::Module::parse(bytes).map_err(|error| error.to_string())?;
    let code_hash = code.as_ref().map_or_else(|| Sha256Digest::of(bytes), |code| *code.hash());
    Ok((Module { code_hash, block_height }, Uint8Array::from(bytes)))
}

/// What the registry at this account says.
///
/// # Errors
/// One sentence.
pub(crate) async fn registry(ask: Ask, registry: &AccountId) -> Result<Records, String> {
    let (subject, chain) = subject_and_chain(ask)?;
    let wanted = match subject {
        Subject::Account(account) => registry::Wanted::Account(account),
        Subject::CodeHash(hash) => registry::Wanted::Code(hash),
        Subject::File { .. } => return Err("a registry knows no files".to_owned()),
    };
    let found = registry::fetch(registry, &wanted, &chain, &Fetch).await.map_err(|error| error.to_string())?;
    Ok(Records { records: found.records, asked: who_answered(&found.block, &found.endpoints) })
}

/// What a DAO is asked to run, with its code if it could be had.
///
/// # Errors
/// One sentence.
pub(crate) async fn proposal(ask: Ask, id: u64) -> Result<(Proposal, Option<Uint8Array>), String> {
    let (Subject::Account(dao), chain) = subject_and_chain(ask)? else { return Err("a DAO is an account".to_owned()) };
    dao::fetch(&dao, id, &chain, &Fetch).await.map(split_proposal).map_err(|error| error.to_string())
}

/// What stood at an account at block `height`, by the word of the endpoint at `url`.
///
/// # Errors
/// One sentence.
pub(crate) async fn past(url: &str, account: &AccountId, height: u64) -> Result<Past, String> {
    let body = rpc::view_account(account, &BlockReference::Height(height));
    let reply = Fetch.post(url, body).await.map_err(|error| error.to_string())?;
    match rpc::parse_account(&reply, account) {
        Ok(at) if at.block_height != height => Err("the endpoint answers for another block".to_owned()),
        Ok(at) => Ok(Past::Account(at.value)),
        Err(RpcError::UnknownAccount) => Ok(Past::NoAccount),
        Err(RpcError::UnknownBlock) => Ok(Past::NoBlock),
        Err(error) => Err(error.to_string()),
    }
}

/// When block `height` was made, in milliseconds since 1970, by the word of the endpoint at `url`; `None` if it has no such block.
///
/// # Errors
/// One sentence.
pub(crate) async fn block_time(url: &str, height: u64) -> Result<Option<u64>, String> {
    let body = rpc::block(&BlockReference::Height(height));
    let reply = Fetch.post(url, body).await.map_err(|error| error.to_string())?;
    match rpc::parse_block(&reply) {
        Ok(block) if block.height != height => Err("the endpoint answers for another block".to_owned()),
        Ok(block) => Ok(Some(block.time_ms)),
        Err(RpcError::UnknownBlock | RpcError::GarbageCollectedBlock) => Ok(None),
        Err(error) => Err(error.to_string()),
    }
}

/// What is in a source archive, if its hash is this one.
///
/// # Errors
/// One sentence.
pub(crate) fn source(Hex(expected): Hex, bytes: &[u8]) -> Result<Vec<Entry>, String> {
    let found = Sha256Digest::of(bytes);
    if found != expected {
        let (found, expected) = (found.to_hex(), expected.to_hex());
        return Err(format!(
            "the file is not the archive that the manifest names: its SHA-256 is `{found}`, not `{expected}`"
        ));
    }
    archive::entries(bytes).map_err(|error| error.to_string())
}

fn subject_and_chain(ask: Ask) -> Result<(Subject, ChainView), String> {
    let question = question(ask, Vec::new(), js_sys::Date::now() as u64)?;
    Ok((question.subject, question.chain))
}

fn who_answered(block: &Block, endpoints: &[EndpointOutcome]) -> Heard {
    let agreeing = endpoints.iter().filter(|endpoint| endpoint.agrees).map(|endpoint| endpoint.host.clone());
    Heard { block_height: block.height, block_time: rfc3339(block.time_ms), hosts: agreeing.collect() }
}

fn split_proposal(looked: dao::Looked) -> (Proposal, Option<Uint8Array>) {
    let dao::Looked { proposal, code, block, endpoints } = looked;
    let (kind, receiver) = match &proposal.kind {
        dao::Kind::UpgradeSelf(_) => ("UpgradeSelf".to_owned(), None),
        dao::Kind::UpgradeRemote { receiver_id, method_name, .. } => {
            ("UpgradeRemote".to_owned(), Some((receiver_id.clone(), method_name.clone())))
        }
        dao::Kind::Calls { receiver_id, count, carrying } => {
            let methods: Vec<&str> = carrying.iter().map(|call| call.method_name.as_str()).collect();
            let kind = match count {
                1 => "FunctionCall".to_owned(),
                count => format!("FunctionCall: {} of {count} calls with code", carrying.len()),
            };
            (kind, Some((receiver_id.clone(), methods.join(", "))))
        }
        dao::Kind::Other(name) => (name.clone(), None),
    };
    let (code, trouble) = match code {
        Some(Ok(code)) => (Some(code), None),
        Some(Err(why)) => (None, Some(why)),
        None => (None, None),
    };
    let shown = Proposal {
        code_hash: proposal.kind.hash().copied(),
        proposer: proposal.proposer,
        description: proposal.description,
        status: proposal.status,
        kind,
        receiver,
        trouble,
        asked: who_answered(&block, &endpoints),
    };
    (shown, code.map(|code| Uint8Array::from(code.bytes())))
}
