//! What is asked: about what, where, under which policy, with which manifests at hand.

use serde::{Deserialize, Serialize};

use crate::deployment::ChainView;
use crate::digest::Sha256Digest;
use crate::manifest::{Policy, items};
use crate::near::AccountId;
use crate::spelling::codes;

/// What is asked about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Subject {
    /// The code of an account.
    Account(AccountId),
    /// A wasm file that the reader has.
    File {
        /// Its name, for display.
        name: String,
        /// Its bytes.
        bytes: Vec<u8>,
    },
    /// The hash of some code.
    CodeHash(Sha256Digest),
}

/// Everything that a look-up needs.
#[derive(Debug, Clone)]
pub struct Question {
    /// What is asked about.
    pub subject: Subject,
    /// Where to look.
    pub chain: ChainView,
    /// What the reader trusts.
    pub policy: Policy,
    /// Manifests at hand: dropped, pasted, linked, or files.
    pub manifests: Vec<ManifestText>,
    /// Where more may be.
    pub stores: Stores,
}

/// A file of manifests: envelopes, one a line as a rule (an in-toto bundle).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ManifestText {
    /// The text.
    pub text: String,
    /// Where it is from.
    pub origin: ManifestOrigin,
}

/// Most lines that are read of one file or store. A code has a handful of rebuilders; each line costs some kilobytes until the
/// answer is drawn, so that a million of them, one byte each, would cost it.
pub const MAX_LINES: usize = 256;

impl ManifestText {
    /// What can be envelopes, and whether there is more than is read: a file has one a line, or in an array, or one behind the
    /// other, each on as many lines as it likes.
    pub fn lines(&self) -> (Vec<&str>, bool) {
        items(&self.text, MAX_LINES)
    }
}

codes! {
    /// Where a manifest is from. Decides nothing: only its signature does.
    pub enum ManifestOrigin {
        /// A store that the reader asks.
        Store = "store",
        /// A file that the reader gave.
        File = "file",
        /// A URL.
        Url = "url",
    }
}

/// The reader's stores, by URL or folder.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Stores {
    /// To ask.
    Asked(Vec<String>),
    /// Known, and not asked until the reader wants it: a store learns which code is looked at.
    NotYet(Vec<String>),
}

/// The name under which a store keeps the manifests of some code.
pub fn store_name(code_hash: &Sha256Digest) -> String {
    format!("{}.intoto.jsonl", code_hash.to_base58())
}

codes! {
    /// What is being waited for.
    pub enum Step {
        /// Block and code.
        Deployment = "deployment",
        /// The claim, from bytes and node.
        Claim = "claim",
        /// Manifests from stores.
        Manifests = "manifests",
        /// Who can change the code.
        AccessKeys = "access-keys",
    }
}
