//! Who can change the code, as plain values of a [`super::Report`]. Its sentences: `words`.

use serde::{Deserialize, Serialize};

use crate::near::AccountId;
use crate::replacement::Extent;

/// Who can replace the code: a match does not mean that it stays.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct Changeable {
    /// Who can replace the code, in one sentence.
    // Put in by `Report::fill_words`.
    pub message: Option<String>,
    /// The keys in one sentence, where an account was looked at.
    // Put in by `Report::fill_words`.
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
    pub owner: Option<AccountId>,
    /// Host functions that the code imports and with which it may replace itself or hand out access; null without code.
    pub redeploy_imports: Option<Vec<String>>,
}
