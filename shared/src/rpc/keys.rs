//! `view_access_key_list`, page by page. Nodes of protocol 88 refuse to list more than 100 keys at once without `limit`
//! (`default_view_access_keys_limit`, near-chain-configs 0.38); older ones know no pages, pass over `limit` and list all.

use super::{At, Reply, RpcError, at, query};
use crate::digest::Sha256Digest;
use crate::json::{Member as _, Object};
use crate::near::{AccessKey, AccountId, BlockReference};

/// How many keys are asked for at once. A node may list fewer.
pub const KEYS_PER_PAGE: u64 = 100;

/// Part of the access keys of an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyPage {
    /// The keys of this page.
    pub keys: Vec<AccessKey>,
    /// Behind which key the next page begins; `None` after the last page.
    pub last_key: Option<String>,
}

/// Asks for the access keys of an account behind `after_key`, or for the first.
pub fn view_access_key_list(account: &AccountId, after_key: Option<&str>, block: &BlockReference) -> Vec<u8> {
    let mut params = vec![("account_id", account.as_str().into()), ("limit", KEYS_PER_PAGE.into())];
    params.extend(after_key.map(|key| ("after_key", key.into())));
    query("view_access_key_list", block, params)
}

/// Reads the reply to [`view_access_key_list`].
///
/// # Errors
/// [`RpcError`]; a permission that is not known here is malformed, because it could be full access; so is what is no public
/// key, and a page that is longer than asked for.
pub fn parse_access_keys(reply: &Reply) -> Result<At<KeyPage>, RpcError> {
    at(reply, |found| {
        let keys = found.get::<Vec<Object<'_>>>("keys")?;
        let keys = keys.iter().map(access_key).collect::<Result<Vec<_>, _>>()?;
        let last_key: Option<String> = found.maybe("last_key")?;
        if last_key.is_some() && keys.len() as u64 > KEYS_PER_PAGE {
            return Err(RpcError::Malformed(format!("a page of {} keys", keys.len())));
        }
        Ok(KeyPage { keys, last_key })
    })
}

fn access_key(entry: &Object<'_>) -> Result<AccessKey, RpcError> {
    let permission = entry.get::<Object<'_>>("access_key")?.text("permission").unwrap_or_default();
    let named = match Object::read(permission) {
        Ok(object) => object.only_key().map(str::to_owned),
        Err(_) => String::read(permission).ok(),
    };
    let (full_access, gas_key) = match named.as_deref() {
        Some("FullAccess") => (true, false),
        Some("GasKeyFullAccess") => (true, true),
        Some("FunctionCall") => (false, false),
        Some("GasKeyFunctionCall") => (false, true),
        other => {
            return Err(RpcError::Malformed(format!("unknown permission `{}`", other.unwrap_or_default())));
        }
    };
    let public_key: String = entry.get("public_key")?;
    if !is_key(&public_key) {
        return Err(RpcError::Malformed(format!("`{public_key}` is not a public key")));
    }
    Ok(AccessKey { public_key, full_access, gas_key })
}

/// By its length where 32 bytes are usual; a type of tomorrow is none the less a key.
fn is_key(text: &str) -> bool {
    match text.split_once(':') {
        Some(("ed25519" | "ml-dsa-65-hash", data)) => Sha256Digest::from_base58(data).is_ok(),
        Some((kind, data)) => !kind.is_empty() && !data.is_empty(),
        None => false,
    }
}
