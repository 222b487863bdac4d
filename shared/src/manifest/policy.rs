//! What the reader trusts. Not here: what a trusted key's word counts for (`attestation`, `verdict`).

use serde::{Deserialize, Serialize};

use crate::digest::Sha256Digest;
use crate::key::PublicKey;
use crate::keys::KeyName;
use crate::notice::Doubt;

/// Digests of published cargo-near images, seen in public (`docs/field.md` §Images). One per line, `#` begins a
/// comment.
pub const PUBLISHED_IMAGES: &str = include_str!("../published-images.txt");

/// What the reader trusts. Nothing is trusted by default.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Policy {
    /// Keys whose word counts, each with the reader's own name for it.
    pub keys: Vec<(PublicKey, KeyName)>,
    /// How many different keys must agree, at least 1.
    pub threshold: usize,
    /// Digests by which the reader accepts an image: those that it is pulled by.
    pub images: Vec<Sha256Digest>,
    /// Whether a build that is not the customary one raises no doubt ([`Doubt::CustomBuild`]).
    pub accept_custom_build: bool,
    /// Whether a source on this machine or a private network raises no doubt. Nothing but the reader's own act sets it.
    pub accept_local_source: bool,
}

impl Policy {
    /// No keys, threshold 1, the published images.
    pub fn new() -> Self {
        Self {
            keys: Vec::new(),
            threshold: 1,
            images: parse_images(PUBLISHED_IMAGES).unwrap_or_default(),
            accept_custom_build: false,
            accept_local_source: false,
        }
    }

    /// Whether this kind of doubt is one that the reader has accepted.
    pub fn tolerates(&self, doubt: Doubt) -> bool {
        match doubt {
            Doubt::CustomBuild => self.accept_custom_build,
            Doubt::LocalSource => self.accept_local_source,
            Doubt::Unvouched => false,
        }
    }
}

impl Default for Policy {
    fn default() -> Self {
        Self::new()
    }
}

/// Reads a list of image digests, one `sha256:<hex>` first on each line.
///
/// # Errors
/// The first line that is not one.
pub fn parse_images(text: &str) -> Result<Vec<Sha256Digest>, String> {
    let lines =
        text.lines().map(|line| line.split('#').next().unwrap_or_default().trim()).filter(|line| !line.is_empty());
    lines.map(|line| Sha256Digest::from_oci(line).map_err(|_| line.to_owned())).collect()
}
