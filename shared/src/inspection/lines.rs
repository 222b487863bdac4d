//! Manifests of one inspection: gathered from files, links and stores, opened line by line, and told what they are about.
//! Not here: what makes a line count (`manifest`).

use super::stores::StoreOutcome;
use super::{Authority, ManifestOrigin, ManifestText, Question, ReadCode};
use crate::deployment::Transport;
use crate::digest::Sha256Digest;
use crate::manifest::{self, Attestation, Attested, Policy, Rejection, Relation, Untrusted};
use crate::recipe::Recipe;
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
    /// What it says where no trusted key signed it ([`Rejection::KeyUntrusted`]), and the key that it names did. Decides nothing.
    pub untrusted: Option<Untrusted>,
    /// What it says where a certificate signed it ([`Rejection::CertificateSigned`]), which nobody has checked. Decides nothing.
    pub attested: Option<Attested>,
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
    open(texts, policy, read.code.hash(), read.recipe.as_ref().ok(), read.basis.unwrap_or(ClaimBasis::Code))
}

/// For bytes that cannot be had: the manifests that exist for their hash, without a verdict.
pub(super) fn open_unread(texts: &[ManifestText], policy: &Policy, code_hash: &Sha256Digest) -> Vec<Line> {
    let mut opened = open(texts, policy, code_hash, None, ClaimBasis::Code);
    // Nobody has read what the code claims.
    for line in &mut opened {
        line.relation = None;
        line.untrusted.iter_mut().for_each(|untrusted| untrusted.relation = None);
    }
    opened
}

fn open(
    texts: &[ManifestText],
    policy: &Policy,
    code_hash: &Sha256Digest,
    recipe: Option<&Recipe>,
    basis: ClaimBasis,
) -> Vec<Line> {
    let is_about_this =
        |artifact: &Sha256Digest, relation| artifact == code_hash || relation != Some(Relation::Unclaimed);
    let mut all: Vec<Line> = Vec::new();
    for (text, origin) in lines(texts) {
        let opened = manifest::open(text, policy);
        let mut line = Line { origin, opened, relation: None, authority: None, untrusted: None, attested: None };
        match &line.opened {
            Ok(attestation) => {
                line.relation = Some(attestation.relation(recipe, basis));
                if !is_about_this(attestation.artifact(), line.relation) {
                    (line.opened, line.relation) = (Err(Rejection::Irrelevant), None);
                }
            }
            Err(Rejection::KeyUntrusted) => match manifest::open_untrusted(text, recipe, basis) {
                Ok(it) if is_about_this(&it.artifact, it.relation) => line.untrusted = Some(it),
                Ok(_) => line.opened = Err(Rejection::Irrelevant),
                Err(rejection) => line.opened = Err(rejection),
            },
            Err(Rejection::CertificateSigned) => line.attested = Attested::parse(text, code_hash),
            Err(_) => {}
        }
        // The same line from a file and from a store is one line. As each is compared with all before it, little is
        // compared: a key, and what else is kept of a stranger's line.
        let is_same = |other: &Line| match (&line.opened, &line.untrusted) {
            (Ok(_), _) => other.opened == line.opened,
            (Err(_), Some(_)) => other.untrusted == line.untrusted,
            (Err(_), None) => false,
        };
        if !all.iter().any(is_same) {
            all.push(line);
        }
    }
    all
}

fn lines(texts: &[ManifestText]) -> impl Iterator<Item = (&str, ManifestOrigin)> {
    texts.iter().flat_map(|text| text.lines().0.into_iter().map(|line| (line, text.origin)))
}
