//! Asks for access keys, page by page, and how a signer's key stands among those of the account that it names. One endpoint
//! is asked, so what it says is labelled with its host. Not here: what keys mean for the code (`replacement`).

use std::future::Future;
use std::pin::Pin;

use super::{Authority, Line};
use crate::deployment::{Deployment, Transport};
use crate::near::{AccessKey, AccountId, BlockReference};
use crate::replacement::{KeyListing, Listed};
use crate::rpc;

/// Most keys that are read: 1,000 and some, as many as a universal account can begin with (`max_universal_state_init_keys`,
/// near-parameters 0.38), also of a node that knows no pages and lists all at once.
const MOST_KEYS: usize = 1_100;
/// Most pages: a node may make them smaller than they are asked for.
const MOST_PAGES: usize = 11;

/// Puts into each line what its signer's account says about the key; `listing` is that of the account looked at.
pub(super) async fn look_at_signers(
    deployment: &Deployment,
    listing: &KeyListing,
    lines: &mut [Line],
    transport: &impl Transport,
) {
    for line in lines {
        let Ok(attestation) = &line.opened else { continue };
        let Some(account) = attestation.signer_account().and_then(AccountId::parse) else { continue };
        let theirs = if account == deployment.account_id {
            listing.clone()
        } else {
            list_keys(deployment, &account, transport).await
        };
        line.authority = authority(&theirs.listed, &attestation.key().to_near());
    }
}

/// What the key may do; `None` where that is not known, as for a key that may be among those that were not read.
fn authority(listed: &Listed, own: &str) -> Option<Authority> {
    match listed.keys()?.iter().find(|key| key.public_key == own) {
        Some(key) if key.full_access => Some(Authority::FullAccess),
        Some(_) => Some(Authority::FunctionCall),
        None => match listed {
            Listed::All(_) => Some(Authority::NotAKey),
            Listed::More(_) | Listed::Unlisted(_) => None,
        },
    }
}

/// Reads pages until there are [`MOST_KEYS`] or [`MOST_PAGES`]. A node that gives nothing new, or fails after the first page,
/// leaves a list that is not whole. A key counts once, however often it is listed, and for the most that is said of it. In a box,
/// so that its two callers share one copy of it in what is downloaded.
pub(super) fn list_keys<'a>(
    deployment: &'a Deployment,
    account: &'a AccountId,
    transport: &'a impl Transport,
) -> Pin<Box<dyn Future<Output = KeyListing> + 'a>> {
    Box::pin(list_pages(deployment, account, transport))
}

async fn list_pages(deployment: &Deployment, account: &AccountId, transport: &impl Transport) -> KeyListing {
    let mut keys: Vec<AccessKey> = Vec::new();
    let mut after: Option<String> = None;
    let mut listed = None;
    for _ in 0..MOST_PAGES {
        let page = match page(deployment, account, after.as_deref(), transport).await {
            Ok(page) => page,
            Err(reason) if after.is_none() => {
                listed = Some(Listed::Unlisted(reason));
                break;
            }
            Err(_) => break,
        };
        let known = keys.len();
        let fits = page.keys.into_iter().all(|key| add(&mut keys, key));
        after = page.last_key;
        if fits && after.is_none() {
            listed = Some(Listed::All(std::mem::take(&mut keys)));
        }
        if !fits || after.is_none() || keys.len() == known {
            break;
        }
    }
    KeyListing { host: deployment.answering.host().to_owned(), listed: listed.unwrap_or(Listed::More(keys)) }
}

/// Adds a key; whether there was room for it.
fn add(keys: &mut Vec<AccessKey>, key: AccessKey) -> bool {
    match keys.iter().position(|known| known.public_key == key.public_key) {
        Some(at) => {
            keys[at].full_access |= key.full_access;
            keys[at].gas_key |= key.gas_key;
        }
        None if keys.len() == MOST_KEYS => return false,
        None => keys.push(key),
    }
    true
}

async fn page(
    deployment: &Deployment,
    account: &AccountId,
    after: Option<&str>,
    transport: &impl Transport,
) -> Result<rpc::KeyPage, String> {
    let body = rpc::view_access_key_list(account, after, &BlockReference::Hash(deployment.block.hash));
    let reply = transport.post(&deployment.answering.url, body).await.map_err(|error| error.to_string())?;
    let page = rpc::parse_access_keys(&reply).map_err(|error| error.to_string())?;
    if page.block_hash == deployment.block.hash {
        Ok(page.value)
    } else {
        Err(format!("it answers for block {} when asked for block {}", page.block_height, deployment.block.height))
    }
}
