//! What others say: manifests and the verdict, as plain values of a [`super::Report`].

use serde::{Deserialize, Serialize};

use super::Coded;
use crate::digest::Sha256Digest;
use crate::inspection::{Line, ManifestOrigin};
use crate::manifest::Relation;
use crate::provenance::Tree;
use crate::verdict::{Backing, Moment, Verdict, Witness};

/// One line of a manifest file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ManifestReport {
    /// Whether it counts.
    pub accepted: bool,
    /// The trusted key that signed.
    pub key: Option<String>,
    /// The reader's name for it.
    pub name: Option<String>,
    /// SHA-256 of what was rebuilt, hex.
    pub artifact: Option<String>,
    /// `claimed`, `claimed-other-image`, `claimed-by-node` or `unclaimed`.
    pub relation: Option<Relation>,
    /// Digest that the image was pulled by; `None` for one that was never pulled.
    pub image: Option<String>,
    /// Digest of its linux/amd64 manifest, as registry or engine told it. Evidence: nothing is accepted by it.
    pub image_linux_amd64: Option<String>,
    /// RFC 3339, by the rebuilder's clock.
    pub finished_on: Option<String>,
    /// `store`, `file` or `url`.
    pub source: String,
    /// `full-access`, `function-call` or `not-a-key` of the account that the signer names.
    pub authority: Option<String>,
    /// Host of the endpoint whose word that is.
    pub authority_from: Option<String>,
    /// The account that the signer names.
    pub signer_account: Option<String>,
    /// What was built, as the rebuilder names it.
    pub source_code_snapshot: Option<String>,
    /// The branch or tag that reaches the commit.
    pub reference: Option<String>,
    /// SHA-256 of the source archive, hex.
    pub source_archive: Option<String>,
    /// What of the tree took part in the build, as the rebuilder lists it.
    pub tree: Option<Tree>,
    /// Why it does not count.
    pub rejection: Option<Coded>,
}

impl ManifestReport {
    /// `keys_from` is the host that was asked for access keys.
    pub(super) fn of(line: &Line, keys_from: Option<&str>) -> Self {
        let attestation = line.opened.as_ref().ok();
        let source = match line.origin {
            ManifestOrigin::Store => "store",
            ManifestOrigin::File => "file",
            ManifestOrigin::Url => "url",
        };
        Self {
            accepted: attestation.is_some(),
            key: attestation.map(|attestation| attestation.key().to_near()),
            name: attestation.map(|attestation| attestation.name().to_owned()).filter(|name| !name.is_empty()),
            artifact: attestation.map(|attestation| attestation.artifact().to_hex()),
            relation: line.relation,
            image: attestation.and_then(|attestation| attestation.pulled_image()).map(Sha256Digest::to_oci),
            image_linux_amd64: attestation
                .and_then(|attestation| attestation.platform_image())
                .map(Sha256Digest::to_oci),
            finished_on: attestation.map(|attestation| attestation.finished_on().to_owned()),
            source: source.to_owned(),
            authority: line.authority.map(|authority| authority.code().to_owned()),
            authority_from: line.authority.and(keys_from).map(str::to_owned),
            signer_account: attestation.and_then(|attestation| attestation.signer_account()).map(str::to_owned),
            source_code_snapshot: attestation
                .and_then(|attestation| attestation.source_code_snapshot())
                .map(str::to_owned),
            reference: attestation.and_then(|attestation| attestation.reference()).map(str::to_owned),
            source_archive: attestation.and_then(|attestation| attestation.source_archive()).map(Sha256Digest::to_hex),
            tree: attestation.and_then(|attestation| attestation.tree()).cloned(),
            rejection: line.opened.as_ref().err().map(|rejection| Coded::new(rejection.code(), rejection)),
        }
    }
}

/// The verdict as data. Reading one back gives text to draw, never a [`Verdict`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct VerdictReport {
    /// Stable code.
    pub code: String,
    /// The answer in a few words.
    pub headline: String,
    /// One sentence.
    pub message: String,
    /// Who stands behind it.
    pub keys: Vec<KeyReport>,
    /// How many keys the reader asks for.
    pub threshold: usize,
    /// Trusted keys that say otherwise.
    pub dissent: Vec<KeyReport>,
}

/// A trusted key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct KeyReport {
    /// `ed25519:<base58>`.
    pub key: String,
    /// The reader's name for it.
    pub name: Option<String>,
    /// It says both that the claimed build gives this code and that it gives other code.
    pub contradicts_itself: bool,
}

impl VerdictReport {
    pub(super) fn of(verdict: &Verdict, threshold: usize, moment: Moment) -> Self {
        let keys = |witnesses: fn(&Backing) -> &Vec<Witness>| {
            verdict.backing().into_iter().flat_map(witnesses).map(KeyReport::of).collect()
        };
        Self {
            code: verdict.code().to_owned(),
            headline: verdict.headline(moment),
            message: verdict.sentence(moment),
            keys: keys(|backing| &backing.keys),
            threshold,
            dissent: keys(|backing| &backing.dissent),
        }
    }
}

impl KeyReport {
    fn of(witness: &Witness) -> Self {
        Self {
            key: witness.key.to_near(),
            name: (!witness.name.is_empty()).then(|| witness.name.clone()),
            contradicts_itself: witness.contradicts_itself,
        }
    }
}
