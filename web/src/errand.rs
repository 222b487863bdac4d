//! What the second program sends its Worker for: a module, a record, a proposal, a source archive. Fetched, decoded,
//! hashed and parsed there, so that the page stays free. Not here: drawing it (`pages`), what it may look like (`shared`).

use js_sys::{Array, Uint8Array};
use leptos::prelude::GetUntracked as _;
use provenear_shared::deployment::{Code, EndpointOutcome, Place, fetch, fetch_by_hash};
use provenear_shared::digest::Sha256Digest;
use provenear_shared::inspection::Subject;
use provenear_shared::near::{AccountId, BlockReference, Network, rfc3339};
use provenear_shared::{archive, dao, registry};
use serde::{Deserialize, Serialize};
use wasm_bindgen::prelude::*;

use crate::ask::{Ask, AskSubject};
use crate::session::Ambient;
use crate::transport::Fetch;

/// One errand. `ask` is an [`Ask`] as text.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum Errand {
    /// The code of what is asked about, which may be the given bytes.
    Module { ask: String },
    /// What the registry at this account says of what is asked about.
    Registry { ask: String, registry: String },
    /// Proposal `id` of the account that is asked about.
    Proposal { ask: String, id: u64 },
    /// Whether the given bytes are the source archive with this SHA-256 (hex), and what is in it.
    Source { sha256: String },
}

/// Who was asked, and at which block.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Asked {
    pub(crate) block_height: u64,
    pub(crate) block_time: String,
    /// Hosts that agree.
    pub(crate) hosts: Vec<String>,
}

/// A module; its code travels beside it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Module {
    /// Base58.
    pub(crate) code_hash: String,
    /// Where an account was looked up.
    pub(crate) block_height: Option<u64>,
}

/// What the registry says.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Records {
    pub(crate) records: Vec<Record>,
    pub(crate) asked: Asked,
}

/// One record, as [`registry::Record`].
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Record {
    pub(crate) account_id: Option<String>,
    pub(crate) code_hash: String,
    pub(crate) cid: String,
    pub(crate) lang: String,
    pub(crate) block_height: Option<u64>,
}

/// A proposal, as [`dao::Looked`]; its code travels beside it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Proposal {
    pub(crate) proposer: String,
    pub(crate) description: String,
    pub(crate) status: String,
    /// The DAO's name for what would be done.
    pub(crate) kind: String,
    /// The account whose code would change, and by which method, where it is not the DAO's own.
    pub(crate) receiver: Option<(String, String)>,
    /// Base58; none for a proposal that is not about code, or about more than one.
    pub(crate) code_hash: Option<String>,
    /// Why the code could not be had.
    pub(crate) trouble: Option<String>,
    pub(crate) asked: Asked,
}

/// What is asked about `subject` on `network` by the reader's own endpoints, at the newest block. No key and no store: none
/// of this decides anything.
pub(crate) fn ask(ambient: Ambient, network: &Network, subject: AskSubject, block: &str) -> Ask {
    let own = ambient.settings.get_untracked().network(network);
    Ask {
        subject,
        network: network.chain_id().to_owned(),
        endpoints: own.endpoint_urls().map(|url| (url, false)).collect(),
        quorum: own.quorum,
        block: block.to_owned(),
        keys: Vec::new(),
        threshold: 1,
        images: String::new(),
        accept_custom_build: false,
        accept_local_source: false,
        manifests: Vec::new(),
        stores: Vec::new(),
        asks_stores: false,
    }
}

/// In the Worker: does the errand, with bytes that may belong to it. Gives JSON, or an array of JSON and bytes.
///
/// # Errors
/// One sentence.
pub(crate) async fn run(errand: &str, bytes: Option<Vec<u8>>) -> Result<JsValue, String> {
    let errand = serde_json::from_slice(errand.as_bytes()).map_err(|error| error.to_string())?;
    match errand {
        Errand::Module { ask } => module(&ask, bytes).await,
        Errand::Registry { ask, registry } => {
            let (subject, place) = place(&ask)?;
            let wanted = match subject {
                Subject::Account(account) => registry::Wanted::Account(account),
                Subject::CodeHash(hash) => registry::Wanted::Code(hash),
                Subject::File { .. } => return Err("a registry knows no files".to_owned()),
            };
            let registry = account(&registry)?;
            let found = registry::fetch(&registry, &wanted, &place, &Fetch).await.map_err(|error| error.to_string())?;
            let asked = asked(found.block.height, found.block.time_ms, &found.endpoints);
            json(&Records { records: found.records.into_iter().map(record).collect(), asked })
        }
        Errand::Proposal { ask, id } => {
            let (Subject::Account(dao), place) = place(&ask)? else { return Err("a DAO is an account".to_owned()) };
            let looked = dao::fetch(&dao, id, &place, &Fetch).await.map_err(|error| error.to_string())?;
            proposal(looked)
        }
        Errand::Source { sha256 } => {
            let bytes = bytes.ok_or("there is no file")?;
            let expected = Sha256Digest::from_hex(&sha256).map_err(|error| error.to_string())?;
            let found = Sha256Digest::of(&bytes);
            if found != expected {
                let (found, expected) = (found.to_hex(), expected.to_hex());
                return Err(format!(
                    "the file is not the archive that the manifest names: its SHA-256 is `{found}`, not `{expected}`"
                ));
            }
            json(&archive::entries(&bytes).map_err(|error| error.to_string())?)
        }
    }
}

async fn module(ask: &str, bytes: Option<Vec<u8>>) -> Result<JsValue, String> {
    let (subject, place) = place(ask)?;
    let (code, block_height) = match subject {
        Subject::Account(account) => {
            let found = fetch(&account, &place, &Fetch).await.map_err(|(error, _)| error.to_string())?;
            (found.code.ok_or("There is no code there.")?, Some(found.block.height))
        }
        Subject::CodeHash(hash) => {
            let code = fetch_by_hash(&hash, &place, &Fetch).await.map_err(|(error, _)| error.to_string())?;
            (code, None)
        }
        Subject::File { .. } => (Code::new(bytes.unwrap_or_default()).map_err(|error| error.to_string())?, None),
    };
    // Before anything is made of it: what is no module cannot be compared.
    provenear_shared::wasm::Module::parse(code.bytes()).map_err(|error| error.to_string())?;
    let shown = Module { code_hash: code.hash().to_base58(), block_height };
    Ok(Array::of2(&json(&shown)?, &Uint8Array::from(code.bytes())).into())
}

fn place(ask: &str) -> Result<(Subject, Place), String> {
    let question =
        Ask::read(ask).map_err(|error| error.to_string())?.question(Vec::new(), js_sys::Date::now() as u64)?;
    Ok((question.subject, question.place))
}

fn account(text: &str) -> Result<AccountId, String> {
    AccountId::parse(text).ok_or_else(|| format!("`{}` is not an account id", provenear_shared::text::Shown(text)))
}

fn json(value: &impl Serialize) -> Result<JsValue, String> {
    serde_json::to_string(value).map(JsValue::from).map_err(|error| error.to_string())
}

fn asked(block_height: u64, time_ms: u64, endpoints: &[EndpointOutcome]) -> Asked {
    let agreeing = endpoints.iter().filter(|endpoint| endpoint.agrees).map(|endpoint| endpoint.host.clone());
    Asked { block_height, block_time: rfc3339(time_ms), hosts: agreeing.collect() }
}

fn record(record: registry::Record) -> Record {
    Record {
        account_id: record.account_id.map(|account| account.to_string()),
        code_hash: record.code_hash.to_base58(),
        cid: record.cid,
        lang: record.lang,
        block_height: record.block_height,
    }
}

fn proposal(looked: dao::Looked) -> Result<JsValue, String> {
    let dao::Looked { proposal, code, block, endpoints } = looked;
    let (kind, receiver) = match &proposal.kind {
        dao::Kind::UpgradeSelf(_) => ("UpgradeSelf".to_owned(), None),
        dao::Kind::UpgradeRemote { receiver_id, method_name, .. } => {
            ("UpgradeRemote".to_owned(), Some((receiver_id.to_string(), method_name.clone())))
        }
        dao::Kind::Calls { receiver_id, count, carrying } => {
            let methods: Vec<&str> = carrying.iter().map(|call| call.method_name.as_str()).collect();
            let kind = match count {
                1 => "FunctionCall".to_owned(),
                count => format!("FunctionCall: {} of {count} calls with code", carrying.len()),
            };
            (kind, Some((receiver_id.to_string(), methods.join(", "))))
        }
        dao::Kind::Other(name) => (name.clone(), None),
    };
    let (code, trouble) = match code {
        Some(Ok(code)) => (Some(code), None),
        Some(Err(why)) => (None, Some(why)),
        None => (None, None),
    };
    let shown = Proposal {
        proposer: proposal.proposer.to_string(),
        code_hash: proposal.kind.hash().map(Sha256Digest::to_base58),
        description: proposal.description,
        status: proposal.status,
        kind,
        receiver,
        trouble,
        asked: asked(block.height, block.time_ms, &endpoints),
    };
    let answer = Array::of1(&json(&shown)?);
    if let Some(code) = code {
        answer.push(&Uint8Array::from(code.bytes()));
    }
    Ok(answer.into())
}

/// The block `height`, or the newest one.
pub(crate) fn at(height: Option<u64>) -> String {
    height.map_or(BlockReference::Final, BlockReference::Height).to_string()
}
