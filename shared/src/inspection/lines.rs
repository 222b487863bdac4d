//! Manifests of one inspection: gathered from files, links and stores, opened line by line, and told what they are about.
//! Not here: what makes a line count (`manifest`).

use super::{Inspection, Question, Subject};
use crate::deployment::{Code, LookError, Transport};
use crate::digest::Sha256Digest;
use crate::manifest::{self, Attestation, Rejection, Relation};
use crate::verdict::ClaimBasis;

/// A file of manifests, one envelope a line (an in-toto bundle), or one envelope.
#[derive(Debug, Clone)]
pub struct ManifestText {
    /// The text.
    pub text: String,
    /// Where it is from.
    pub origin: ManifestOrigin,
}

/// Most lines that are read of one file or store. A code has a handful of rebuilders; each line costs some kilobytes until the
/// answer is drawn, so that a million of them, one byte each, would cost it.
const MAX_LINES: usize = 256;

impl ManifestText {
    /// What can be envelopes, and whether there is more than is read: a bundle has one a line; one envelope alone may be spread
    /// over many.
    pub fn lines(&self) -> (Vec<&str>, bool) {
        if serde_json::from_slice::<serde::de::IgnoredAny>(self.text.as_bytes()).is_ok() {
            return (vec![self.text.trim()], false);
        }
        let mut lines = self.text.lines().map(str::trim).filter(|line| !line.is_empty());
        let first = lines.by_ref().take(MAX_LINES).collect();
        (first, lines.next().is_some())
    }
}

/// Where a manifest is from. Decides nothing: only its signature does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ManifestOrigin {
    /// A store that the reader asks.
    Store,
    /// A file that the reader gave.
    File,
    /// A URL.
    Url,
}

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

/// Whose key signed, by the access keys of the account that the manifest names, at the pinned block.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Authority {
    /// A full-access key of that account.
    FullAccess,
    /// A key that can only call functions.
    FunctionCall,
    /// Not a key of that account.
    NotAKey,
}

impl Authority {
    /// Stable kebab-case name.
    pub fn code(self) -> &'static str {
        match self {
            Self::FullAccess => "full-access",
            Self::FunctionCall => "function-call",
            Self::NotAKey => "not-a-key",
        }
    }
}

impl Inspection {
    pub(super) async fn open_manifests(&mut self, question: &Question, code: &Code, transport: &impl Transport) {
        let texts = self.gather(question, code.hash(), transport).await;
        for (line, origin) in lines(&texts) {
            let opened = manifest::open(line, &question.policy);
            let basis = self.basis.unwrap_or(ClaimBasis::Code);
            let relation =
                opened.as_ref().ok().map(|attestation| attestation.relation(self.recipe.as_ref().ok(), basis));
            let about_this = |attestation: &Attestation| {
                attestation.artifact() == code.hash() || relation != Some(Relation::Unclaimed)
            };
            let opened =
                opened.and_then(
                    |attestation| if about_this(&attestation) { Ok(attestation) } else { Err(Rejection::Irrelevant) },
                );
            let relation = opened.is_ok().then_some(relation).flatten();
            self.lines.push(Line { origin, opened, relation, authority: None });
        }
        // The same line from a file and from a store is one line.
        let mut seen: Vec<Attestation> = Vec::new();
        self.lines.retain(|line| match &line.opened {
            Ok(attestation) if seen.contains(attestation) => false,
            Ok(attestation) => {
                seen.push(attestation.clone());
                true
            }
            Err(_) => true,
        });
    }

    /// For bytes that cannot be had: the manifests that exist for their hash, without a verdict.
    pub(super) async fn collect_unread(&mut self, question: &Question, transport: &impl Transport) {
        let code_hash = match (&question.subject, &self.outcome) {
            (Subject::CodeHash(code_hash), _) => Some(*code_hash),
            (_, Err(LookError::UnknownCode(text))) => Sha256Digest::from_base58(text).ok(),
            (Subject::Account(_) | Subject::File { .. }, _) => None,
        };
        let Some(code_hash) = &code_hash else { return };
        let texts = self.gather(question, code_hash, transport).await;
        for (line, origin) in lines(&texts) {
            let opened = manifest::open(line, &question.policy);
            let opened = opened.and_then(|attestation| {
                if attestation.artifact() == code_hash { Ok(attestation) } else { Err(Rejection::Irrelevant) }
            });
            self.lines.push(Line { origin, opened, relation: None, authority: None });
        }
    }

    /// The reader's own first, then those of the stores, so that no store comes before them.
    async fn gather(
        &mut self,
        question: &Question,
        code_hash: &Sha256Digest,
        transport: &impl Transport,
    ) -> Vec<ManifestText> {
        let (stored, outcomes) = question.stores.ask(code_hash, transport).await;
        self.stores = outcomes;
        question.manifests.iter().cloned().chain(stored).collect()
    }
}

fn lines(texts: &[ManifestText]) -> impl Iterator<Item = (&str, ManifestOrigin)> {
    texts.iter().flat_map(|text| text.lines().0.into_iter().map(|line| (line, text.origin)))
}
