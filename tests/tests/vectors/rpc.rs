//! A node's reply, from a `recording` or in the body, read as the reply to one request: `expect` is the typed value or
//! error in short. Every recording stands in at least one vector.

use provenear_shared::digest::Sha256Digest;
use provenear_shared::near::{AccountContract, AccountId};
use provenear_shared::rpc::{self, Reply, RpcError};
use provenear_tests::vector::{Vector, recordings, same};
use serde_json::Value;

pub(crate) const HEADERS: &[&str] = &["recording", "as", "account", "status", "retry-after", "expect", "says"];

/// The one recording without a body: headers are the transports' affair, and the devnet's tests replay it.
const WITHOUT_BODY: &str = "cors_preflight";

pub(crate) fn check(vector: &Vector) -> Result<(), String> {
    let reply = reply(vector)?;
    let account = vector.headers("account").first().copied().unwrap_or("local.sandbox");
    let account = AccountId::parse(account).ok_or("the account is malformed")?;
    let found = match vector.header("as")? {
        "status" => rpc::parse_status(&reply).map(|status| status.chain_id),
        "block" => rpc::parse_block(&reply)
            .map(|block| format!("{} {} at {} ms", block.height, block.hash.to_base58(), block.time_ms)),
        "account" => rpc::parse_account(&reply, &account).map(|at| placed(&at, &contract(&at.value))),
        "code" => rpc::parse_code(&reply).map(|at| placed(&at, &code(&at.value))),
        "call" => rpc::parse_call(&reply).map(|at| placed(&at, &returned(&at.value))),
        "state" => rpc::parse_state_entry(&reply, b"key")
            .map(|at| placed(&at, &at.value.as_deref().map_or("nothing".to_owned(), returned))),
        "keys" => rpc::parse_access_keys(&reply).map(|at| {
            let keys = at.value.keys.iter().map(|key| {
                let gas = if key.gas_key { "gas key, " } else { "" };
                format!("{} {gas}{}", key.public_key, if key.full_access { "full access" } else { "function call" })
            });
            let more = at.value.last_key.iter().map(|last| format!("more after {last}"));
            placed(&at, &keys.chain(more).collect::<Vec<_>>().join(", "))
        }),
        other => return Err(format!("no reply is read as `{other}`")),
    };
    let (short, text) = match &found {
        Ok(value) => (value.clone(), value.clone()),
        Err(error) => (name(error), error.to_string()),
    };
    same("the outcome", &short, vector.header("expect")?)?;
    match vector.headers("says").iter().find(|part| !text.contains(*part)) {
        Some(part) => Err(format!("`{text}` does not say `{part}`")),
        None => Ok(()),
    }
}

fn reply(vector: &Vector) -> Result<Reply, String> {
    let number = |text: &&str| text.parse::<u32>().map_err(|error| error.to_string());
    let retry_after = vector.headers("retry-after").first().map(number).transpose()?;
    if let Some(name) = vector.headers("recording").first() {
        let recording = recordings().iter().find(|(known, _)| known == name).ok_or("no such recording")?;
        let recording: Value = serde_json::from_str(recording.1).map_err(|error| error.to_string())?;
        let status = recording["http_status"].as_u64().ok_or("the recording has no status")? as u16;
        let body = match recording["response_raw"].as_str() {
            Some(raw) => raw.to_owned(),
            None => recording["response"].to_string(),
        };
        return Ok(Reply { status, retry_after, body: body.into_bytes() });
    }
    let status = vector.headers("status").first().map_or(Ok(200), number)?;
    Ok(Reply { status: status as u16, retry_after, body: vector.bytes()? })
}

fn placed<T>(at: &rpc::At<T>, what: &str) -> String {
    format!("{what} at {} {}", at.block_height, at.block_hash.to_base58())
}

fn contract(contract: &AccountContract) -> String {
    match contract {
        AccountContract::None => "none".to_owned(),
        AccountContract::Uninitialized => "uninitialized".to_owned(),
        AccountContract::Local(hash) => format!("local {}", hash.to_base58()),
        AccountContract::Global(hash) => format!("global {}", hash.to_base58()),
        AccountContract::GlobalByAccount(owner) => format!("global of {owner}"),
        AccountContract::EthImplicit(hash) => format!("eth-implicit {}", hash.to_base58()),
    }
}

fn code(served: &rpc::ServedCode) -> String {
    let real = Sha256Digest::of(&served.bytes);
    let word = if real == served.hash { "and says so" } else { "and says otherwise" };
    format!("{} bytes of {} {word}", served.bytes.len(), real.to_base58())
}

fn returned(bytes: &[u8]) -> String {
    format!("{} bytes, {}", bytes.len(), Sha256Digest::of(bytes).to_base58())
}

fn name(error: &RpcError) -> String {
    let debug = format!("{error:?}");
    debug.split(['(', ' ']).next().unwrap_or_default().to_owned()
}

#[cfg_attr(target_arch = "wasm32", wasm_bindgen_test::wasm_bindgen_test)]
#[cfg_attr(not(target_arch = "wasm32"), test)]
fn no_recording_is_left_over() {
    let vectors = Vector::all().unwrap();
    let read: Vec<&str> = vectors.iter().filter(|it| it.room == "rpc").flat_map(|it| it.headers("recording")).collect();
    for (name, _) in recordings() {
        assert!(read.contains(name) || *name == WITHOUT_BODY, "no vector reads the recording `{name}`");
    }
}
