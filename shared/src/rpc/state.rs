//! `view_state` of one entry. Asked for with a limit, because a node refuses accounts with more than 50 kB of state as a
//! whole and answers page by page (nearcore's `TrieViewer::view_state`); nodes that know no pages refuse all the same.

use std::borrow::Cow;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::{At, Reply, RpcError, at, query};
use crate::json::Object;
use crate::near::{AccountId, BlockReference, MAX_CONTRACT_SIZE};

/// Asks what stands in the state of `account` under `key`, or under the first key that begins with it.
pub fn view_state_entry(account: &AccountId, key: &[u8], block: &BlockReference) -> Vec<u8> {
    let params = vec![
        ("account_id", account.as_str().into()),
        ("prefix_base64", STANDARD.encode(key).into()),
        ("limit", 1.into()),
    ];
    query("view_state", block, params)
}

/// Reads the reply to [`view_state_entry`]: the value under exactly `key`; `None` if there is none.
///
/// # Errors
/// [`RpcError`]; an entry of another key or a value above 4 MiB is malformed.
pub fn parse_state_entry(reply: &Reply, key: &[u8]) -> Result<At<Option<Vec<u8>>>, RpcError> {
    let malformed = |what: &str| RpcError::Malformed(what.to_owned());
    at(reply, |found| {
        let values: Vec<Object<'_>> = found.get("values")?;
        // The shortest key with this prefix comes first, and that is the key itself.
        let Some(first) = values.first() else { return Ok(None) };
        let (its_key, value): (Cow<'_, str>, Cow<'_, str>) = (first.get("key")?, first.get("value")?);
        let found = STANDARD.decode(its_key.as_bytes()).map_err(|_| malformed("a key is not base64"))?;
        if !found.starts_with(key) {
            return Err(malformed("the node gives the state of another key"));
        }
        if found.len() > key.len() {
            return Ok(None);
        }
        if value.len() > MAX_CONTRACT_SIZE.div_ceil(3) * 4 {
            return Err(malformed("the value is larger than 4 MiB"));
        }
        STANDARD.decode(value.as_bytes()).map(Some).map_err(|_| malformed("the value is not base64"))
    })
}
