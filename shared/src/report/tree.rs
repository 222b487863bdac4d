//! What `verify --tree` prints: which commit stands in a tree, and what of it runs at the accounts that it names. Only written, and by
//! the helper alone. Not here: looking (`inspection`), git (`helper`).

use serde::Serialize;

use super::{Coded, ErrorCode};
use crate::digest::Sha256Digest;
use crate::near::{AccountId, Network};
use crate::spelling::codes;
use crate::verdict::VerdictCode;

codes! {
    /// Name and version of the document.
    pub enum TreeSchema {
        /// The first.
        V1 = "provenear/tree/v1",
    }
}

codes! {
    /// How the code of an account stands to the tree.
    pub enum TreeState {
        /// It was built from this commit as the tree says, by rebuilds that count; or it is the file that was
        /// given, which claims this commit.
        Same = "same",
        /// It was built from this commit, with reservations.
        SameWithReservations = "same-with-reservations",
        /// It was built from another commit of this repository, by rebuilds that count, or by its own word where it is the file that
        /// was given.
        OtherCommit = "other-commit",
        /// It is not what this tree gives.
        Differs = "differs",
        /// Nobody whom the reader trusts says where it comes from. What it claims decides nothing.
        Unknown = "unknown",
        /// The account could not be looked at.
        NotChecked = "not-checked",
    }
}

impl TreeState {
    /// The helper's exit code, as for verdicts: 0 the same, 1 something else, 3 neither, 4 could not check.
    pub fn exit_code(self) -> u8 {
        match self {
            Self::Same => 0,
            Self::OtherCommit | Self::Differs => 1,
            Self::SameWithReservations | Self::Unknown => 3,
            Self::NotChecked => 4,
        }
    }
}

codes! {
    /// Where a commit lies, seen from the one in the tree.
    pub enum CommitPlace {
        /// It is that one.
        Here = "here",
        /// It is one of those that led to it.
        Before = "before",
        /// It is one that was made upon it.
        After = "after",
        /// Another branch or tag of this clone reaches it.
        Beside = "beside",
        /// No branch or tag of this clone reaches it.
        NotKnown = "not-known",
    }
}

codes! {
    /// How it is known from which commit some code comes.
    pub enum CommitEvidence {
        /// By rebuilds of keys that the reader trusts.
        Rebuilt = "rebuilt",
        /// By the contract's own word alone.
        Claimed = "claimed",
    }
}

/// What was found at each account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct TreeReport {
    /// Name and version of the document.
    pub schema: TreeSchema,
    /// Always null: an account that could not be looked at has its own.
    pub error: (),
    /// The commit in the tree.
    pub commit: String,
    /// Its tags.
    pub tags: Vec<String>,
    /// Whether the clone lacks older commits, so that less is known of them.
    pub shallow: bool,
    /// Each account.
    pub accounts: Vec<TreeAccount>,
    /// The exit code.
    pub exit: u8,
}

/// One account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct TreeAccount {
    /// The package whose manifest names the account.
    pub package: String,
    /// The chain.
    pub network: Network,
    /// The account.
    pub account_id: AccountId,
    /// The hash of its code; null where it has none, or could not be looked at.
    pub code_hash: Option<Sha256Digest>,
    /// How its code stands to the tree.
    pub state: TreeState,
    /// The same in a sentence.
    pub message: String,
    /// The verdict that it follows from; null where the account could not be looked at.
    pub verdict: Option<VerdictCode>,
    /// The commit that the code is known or claimed to come from.
    pub commit: Option<TreeCommit>,
    /// Why the account could not be looked at.
    pub error: Option<Coded<ErrorCode>>,
}

/// A commit that some code is known or claimed to come from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct TreeCommit {
    /// Its id.
    pub commit: String,
    /// How that is known.
    pub evidence: CommitEvidence,
    /// Where it lies.
    pub place: CommitPlace,
    /// How many commits before or after the one in the tree it is; null where it is neither.
    pub distance: Option<u64>,
    /// Its tags.
    pub tags: Vec<String>,
}

impl TreeAccount {
    /// Why an account could not be looked at.
    pub fn reason(code: ErrorCode, message: &str) -> Coded<ErrorCode> {
        Coded::new(code, message)
    }
}
