//! Who can replace the code of an account: its keys, the owner of a global contract, the code itself. Not here: asking for keys
//! (`inspection/keys`), how a node spells them (`rpc/keys`), the sentence that page, text and JSON share (`report/words`).

#[cfg(feature = "pipeline")]
mod imports;

use crate::near::AccessKey;
use crate::spelling::codes;

#[cfg(feature = "pipeline")]
pub use imports::redeploy_imports;

/// What one endpoint lists of an account's access keys. That endpoint's word alone: no quorum is asked for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyListing {
    /// Host of that endpoint.
    pub host: String,
    /// What it lists.
    pub listed: Listed,
}

/// How far a list of keys goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Listed {
    /// All keys.
    All(Vec<AccessKey>),
    /// So many keys, and there are more, which were not read.
    More(Vec<AccessKey>),
    /// None, for this reason. It says nothing about how many there are.
    Unlisted(String),
}

codes! {
    /// How far a list of access keys goes.
    pub enum Extent {
        /// All keys were read, so that counts are exact.
        All = "all",
        /// There are more keys than were read, so that counts are the least.
        More = "more",
        /// No keys were read.
        Unlisted = "unlisted",
    }
}

impl Listed {
    /// The keys that were read; `None` where they could not be listed.
    pub fn keys(&self) -> Option<&[AccessKey]> {
        match self {
            Self::All(keys) | Self::More(keys) => Some(keys),
            Self::Unlisted(_) => None,
        }
    }

    /// How far it goes.
    pub fn extent(&self) -> Extent {
        match self {
            Self::All(_) => Extent::All,
            Self::More(_) => Extent::More,
            Self::Unlisted(_) => Extent::Unlisted,
        }
    }
}
