//! What others say: manifests and the verdict, as plain values of a [`super::Report`].

use serde::{Deserialize, Serialize};

use super::Coded;
use crate::digest::{Hex, Oci};
use crate::inspection::{Authority, ManifestOrigin};
use crate::key::PublicKey;
use crate::manifest::{Rejection, Relation};
use crate::provenance::Tree;
use crate::verdict::VerdictCode;

/// One line of a manifest file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct ManifestReport {
    /// Whether it counts.
    pub accepted: bool,
    /// The trusted key that signed.
    pub key: Option<PublicKey>,
    /// The reader's name for it.
    pub name: Option<String>,
    /// SHA-256 of what was rebuilt.
    pub artifact: Option<Hex>,
    /// How it stands to the claim.
    pub relation: Option<Relation>,
    /// Digest that the image was pulled by; null for one that was never pulled.
    pub image: Option<Oci>,
    /// Digest of its linux/amd64 manifest, as registry or engine names it. Evidence: nothing is accepted by it.
    pub image_linux_amd64: Option<Oci>,
    /// RFC 3339, by the rebuilder's clock.
    pub finished_on: Option<String>,
    /// Where it is from.
    pub source: ManifestOrigin,
    /// What the account that the signer names says about the key.
    pub authority: Option<Authority>,
    /// Host of the endpoint whose word that is.
    pub authority_from: Option<String>,
    /// The account that the signer names.
    pub signer_account: Option<String>,
    /// What was built, as the rebuilder names it.
    pub source_code_snapshot: Option<String>,
    /// The branch or tag that reaches the commit.
    pub reference: Option<String>,
    /// SHA-256 of the source archive.
    pub source_archive: Option<Hex>,
    /// What of the tree took part in the build, as the rebuilder lists it.
    pub tree: Option<Tree>,
    /// Why it does not count.
    pub rejection: Option<Coded<Rejection>>,
    /// What it says where it is rejected as `key-untrusted`: whoever holds the key says so, and it decides nothing.
    pub holder: Option<HolderReport>,
}

/// What a line says that is signed by a key which the reader has not chosen. The line names that key itself.
// Apart from the members of a line that counts, so that nothing reads the one for the other.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct HolderReport {
    /// The key.
    pub key: PublicKey,
    /// SHA-256 of what is said to have come out.
    pub artifact: Hex,
    /// How what is said to have been built stands to the claim; null where no claim was read.
    pub relation: Option<Relation>,
    /// Digest by which the image is said to have been pulled; null for one that was never pulled.
    pub image: Option<Oci>,
    /// RFC 3339 to the second, by the rebuilder's clock.
    pub finished_on: String,
    /// Who says what, in one sentence.
    // Put in by `Report::fill_words`.
    pub message: Option<String>,
}

/// The verdict, and whose word it is.
// Data: reading one back gives text to draw, never a verdict.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct VerdictReport {
    /// Which verdict.
    pub code: VerdictCode,
    /// The answer in a few words.
    pub headline: String,
    /// One sentence.
    pub message: String,
    /// Who stands behind it.
    pub keys: Vec<KeyReport>,
    /// How many keys the reader asks for.
    pub threshold: usize,
    /// How many keys the reader trusts; with 0 nobody has been chosen yet.
    pub trusted: usize,
    /// Trusted keys that say otherwise.
    pub dissent: Vec<KeyReport>,
}

/// A trusted key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct KeyReport {
    /// Which.
    pub key: PublicKey,
    /// The reader's name for it.
    pub name: Option<String>,
    /// It says both that the claimed build gives this code and that it gives other code.
    pub contradicts_itself: bool,
}
