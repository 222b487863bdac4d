//! What manifests say that they are about, where nobody named a subject: only those that open under the reader's policy,
//! because what anybody else wrote must not choose it. A hint where to look, never a reason for a verdict.

use thiserror::Error;

use super::{ManifestText, Subject};
use crate::digest::Sha256Digest;
use crate::dsse::Envelope;
use crate::manifest::{self, Policy};
use crate::near::AccountId;
use crate::provenance::Statement;

/// A subject, and the chain id that goes with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ManifestSubject {
    /// The account that was looked at, or the artifact.
    pub subject: Subject,
    /// Where, if anywhere.
    pub network: Option<String>,
}

/// Why manifests do not choose a subject.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum SubjectUnknown {
    /// None opened.
    #[error(
        "no manifest is by a key that you trust; name what to check (an account, a file or a code hash), or the key with `--trust`"
    )]
    NoneOpened,
    /// They name more than one.
    #[error("the manifests are about several subjects; name the one to check")]
    Several,
}

/// The one subject of all manifests that open.
///
/// # Errors
/// [`SubjectUnknown`].
pub fn find_subject(texts: &[ManifestText], policy: &Policy) -> Result<ManifestSubject, SubjectUnknown> {
    let opened = texts.iter().flat_map(|text| text.lines().0).filter(|line| manifest::open(line, policy).is_ok());
    let mut all = opened.filter_map(read_subject);
    let first = all.next().ok_or(SubjectUnknown::NoneOpened)?;
    if all.all(|other| other == first) { Ok(first) } else { Err(SubjectUnknown::Several) }
}

fn read_subject(line: &str) -> Option<ManifestSubject> {
    let statement = Statement::parse(&Envelope::parse(line.as_bytes()).ok()?.payload_bytes()?).ok()?;
    let observed = statement.predicate.build_definition.internal_parameters.observed.as_ref();
    let account = observed.and_then(|observed| AccountId::parse(observed.account_id.as_deref()?));
    let subject = match account {
        Some(account) => Subject::Account(account),
        None => Subject::CodeHash(Sha256Digest::from_hex(statement.subject.first()?.digest.get("sha256")?).ok()?),
    };
    Some(ManifestSubject { subject, network: observed.map(|observed| observed.network.clone()) })
}
