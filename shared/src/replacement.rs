//! Who can replace the code of an account: its keys, the owner of a global contract, the code itself. Not here: asking for keys
//! (`inspection/keys`), how a node spells them (`rpc/keys`), the sentence that page, text and JSON share (`report/words`).

use serde::{Deserialize, Serialize};

use crate::near::AccessKey;
use crate::wasm::Module;
use crate::wasm::node::{HOST_MODULE, is_harmless};

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

/// [`Listed`], without the keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Extent {
    /// All keys were read, so that counts are exact.
    All,
    /// There are more keys than were read, so that counts are the least.
    More,
    /// No keys were read.
    Unlisted,
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

/// The host functions that a module imports and that are not known to be harmless: with them it may be able to replace its
/// code or to hand out access, however rarely that is what they are there for. Hostile text.
pub fn redeploy_imports(module: &Module<'_>) -> Vec<String> {
    let imported = module.imported_functions().filter(|import| import.module == HOST_MODULE);
    imported.filter(|import| !is_harmless(import.name)).map(|import| import.name.to_owned()).collect()
}
