//! Who can change the code, as plain values of a [`super::Report`]. Its sentences: `words`.

use serde::{Deserialize, Serialize};

use crate::few::in_order;
use crate::inspection::Inspection;
use crate::near::{AccessKey, AccountContract};
use crate::replacement::{Extent, Listed};

/// Who can change the code. A match is no promise that it stays.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Changeable {
    /// Who can replace the code, in one sentence; put in by [`super::Report::put_words`].
    pub message: Option<String>,
    /// The keys in one sentence, where an account was looked at; put in by [`super::Report::put_words`].
    pub keys_message: Option<String>,
    /// Host of the endpoint whose word the keys are.
    pub keys_from: Option<String>,
    /// How far the list of keys goes. With `more` the counts below are the least, with `unlisted` they are null.
    pub keys_extent: Option<Extent>,
    /// Why they could not be listed.
    pub keys_error: Option<String>,
    /// Keys that can do everything, deploying included.
    pub full_access_keys: Option<usize>,
    /// Keys that can only call functions.
    pub function_call_keys: Option<usize>,
    /// How many of both pay out of a balance of their own.
    pub gas_keys: Option<usize>,
    /// Types of keys among them, such as `ed25519`, each once.
    pub key_types: Option<Vec<String>>,
    /// Owner of a global contract by account, who can replace it.
    pub owner: Option<String>,
    /// Host functions that the code imports and with which it may replace itself or hand out access; null without code.
    pub redeploy_imports: Option<Vec<String>>,
}

impl Changeable {
    pub(super) fn of(inspection: &Inspection) -> Option<Self> {
        let (listing, imports) = (inspection.access_keys.as_ref(), inspection.redeploy_imports.as_ref());
        if listing.is_none() && imports.is_none() {
            return None;
        }
        let contract = inspection.deployment.as_ref().map(|deployment| &deployment.contract);
        let keys = listing.and_then(|listing| listing.listed.keys());
        let counted = |counts: fn(&AccessKey) -> bool| keys.map(|keys| keys.iter().filter(|key| counts(key)).count());
        let types = |keys: &[AccessKey]| {
            in_order(keys.iter().map(AccessKey::key_type)).into_iter().map(str::to_owned).collect()
        };
        let owner = match contract {
            Some(AccountContract::GlobalByAccount(owner)) => Some(owner.to_string()),
            Some(
                AccountContract::None
                | AccountContract::Uninitialized
                | AccountContract::Local(_)
                | AccountContract::Global(_)
                | AccountContract::EthImplicit(_),
            )
            | None => None,
        };
        Some(Self {
            message: None,
            keys_message: None,
            keys_from: listing.map(|listing| listing.host.clone()),
            keys_extent: listing.map(|listing| listing.listed.extent()),
            keys_error: listing.and_then(|listing| match &listing.listed {
                Listed::Unlisted(reason) => Some(reason.clone()),
                Listed::All(_) | Listed::More(_) => None,
            }),
            full_access_keys: counted(|key| key.full_access),
            function_call_keys: counted(|key| !key.full_access),
            gas_keys: counted(|key| key.gas_key),
            key_types: keys.map(types),
            owner,
            redeploy_imports: imports.cloned(),
        })
    }
}
