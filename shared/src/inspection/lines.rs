//! Manifests of one inspection: gathered from files, links and stores, opened line by line, and told what they are about.
//! Not here: what makes a line count (`manifest`).

use super::stores::StoreOutcome;
use super::{Authority, ManifestOrigin, ManifestText, Question, ReadCode};
use crate::deployment::Transport;
use crate::digest::Sha256Digest;
use crate::manifest::{self, Attestation, Policy, Rejection, Relation};
use crate::verdict::ClaimBasis;

/// One line of a manifest file.
#[derive(Debug, Clone)]
pub struct Line {
    /// Where it is from.
    pub origin: ManifestOrigin,
    /// What it says, or why it does not count.
    pub opened: Result<Attestation, Rejection>,
    /// How it stands to the claim, where there is a usable one.
    pub relation: Option<Relation>,
    /// What the signer's account says about the key, where the manifest names an account.
    pub authority: Option<Authority>,
}

/// The reader's own first, then those of the stores, so that no store comes before them; and what the stores did.
pub(super) async fn gather(
    question: &Question,
    code_hash: &Sha256Digest,
    transport: &impl Transport,
) -> (Vec<ManifestText>, Vec<StoreOutcome>) {
    let (stored, outcomes) = question.stores.ask(code_hash, transport).await;
    (question.manifests.iter().cloned().chain(stored).collect(), outcomes)
}

/// Each line of `texts`, as far as it is about this code or what it claims.
pub(super) fn open_manifests(texts: &[ManifestText], policy: &Policy, read: &ReadCode) -> Vec<Line> {
    let basis = read.basis.unwrap_or(ClaimBasis::Code);
    let code_hash = read.code.hash();
    let mut opened: Vec<Line> = Vec::new();
    for (line, origin) in lines(texts) {
        let attestation = manifest::open(line, policy);
        let relation = attestation.as_ref().ok().map(|it| it.relation(read.recipe.as_ref().ok(), basis));
        let about_this = |it: &Attestation| it.artifact() == code_hash || relation != Some(Relation::Unclaimed);
        let attestation = attestation.and_then(|it| if about_this(&it) { Ok(it) } else { Err(Rejection::Irrelevant) });
        let relation = attestation.is_ok().then_some(relation).flatten();
        // The same line from a file and from a store is one line.
        if attestation.is_err() || !opened.iter().any(|other| other.opened == attestation) {
            opened.push(Line { origin, opened: attestation, relation, authority: None });
        }
    }
    opened
}

/// For bytes that cannot be had: the manifests that exist for their hash, without a verdict.
pub(super) fn open_unread(texts: &[ManifestText], policy: &Policy, code_hash: &Sha256Digest) -> Vec<Line> {
    let open = |(line, origin)| {
        let opened = manifest::open(line, policy);
        let is_it = |it: &Attestation| it.artifact() == code_hash;
        let opened = opened.and_then(|it| if is_it(&it) { Ok(it) } else { Err(Rejection::Irrelevant) });
        Line { origin, opened, relation: None, authority: None }
    };
    lines(texts).map(open).collect()
}

fn lines(texts: &[ManifestText]) -> impl Iterator<Item = (&str, ManifestOrigin)> {
    texts.iter().flat_map(|text| text.lines().0.into_iter().map(|line| (line, text.origin)))
}
