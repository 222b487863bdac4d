//! What is unusual about what was found. Not here: what a notice says, and whether it is a doubt (`notice`).

use super::outcome::Looked;
use super::stores::{self, StoreOutcome};
use super::{Question, ReadCode};
use crate::deployment::Deployment;
use crate::embedded::{Computed, EmbeddedClaim};
use crate::manifest::Attestation;
use crate::near::AccountContract;
use crate::notice::{Doubt, Notice, gather};
use crate::replacement::{KeyListing, Listed};
use crate::verdict::ClaimBasis;

/// A block that was asked for and is older than this is not taken for now.
const OLD_SECONDS: u64 = 120;

/// Everything unusual, each once.
pub(super) fn of(
    question: &Question,
    looked: &Looked,
    attestations: &[Attestation],
    stores: &[StoreOutcome],
) -> Vec<Notice> {
    let mut notices = Vec::new();
    if let Some(deployment) = &looked.deployment {
        notices.extend(of_deployment(question, deployment, looked.access_keys.as_ref()));
    }
    if let Some(read) = &looked.code {
        notices.extend(of_claim(question, read));
    }
    notices.extend(attestations.iter().flat_map(|attestation| attestation.notices().to_vec()));
    // Who allows local sources knows that these are.
    notices.retain(|notice| notice.doubt() != Some(Doubt::LocalSource) || !question.policy.accept_local_source);
    notices.extend(of_sources(question, stores));
    gather(notices)
}

/// What is unusual about where manifests are from.
pub(super) fn of_sources(question: &Question, outcomes: &[StoreOutcome]) -> impl Iterator<Item = Notice> {
    let cut = question.manifests.iter().any(|text| text.lines().1).then_some(Notice::ManifestsCut);
    stores::notices(outcomes).chain(cut)
}

fn of_deployment(question: &Question, deployment: &Deployment, keys: Option<&KeyListing>) -> Vec<Notice> {
    let mut notices = Vec::new();
    // An endpoint of a link takes no warning away.
    let agreeing = deployment.endpoints.iter().filter(|endpoint| endpoint.agrees && !endpoint.from_link).count();
    if agreeing < 2 {
        notices.push(Notice::SingleEndpoint);
    }
    let old = deployment.asked_block.filter(|asked| asked.age_seconds > OLD_SECONDS);
    notices.extend(old.map(|asked| Notice::OldBlock(asked.age_seconds)));
    if let AccountContract::GlobalByAccount(owner) = &deployment.contract {
        notices.push(Notice::MutableByOwner(owner.to_string()));
    }
    if let Some(Listed::Unlisted(reason)) = keys.map(|listing| &listing.listed) {
        notices.push(Notice::AccessKeysUnlisted(reason.clone()));
    }
    let linked = question.chain.link_endpoints();
    notices.extend(linked.into_iter().map(|endpoint| Notice::EndpointFromLink(endpoint.host().to_owned())));
    notices
}

fn of_claim(question: &Question, read: &ReadCode) -> Vec<Notice> {
    let mut notices = Vec::new();
    match (&read.from_code, read.basis) {
        (EmbeddedClaim::Computed(Computed::Calls(called)), Some(ClaimBasis::Node)) => {
            notices.push(Notice::ClaimFromRpc(called.clone()))
        }
        (_, Some(ClaimBasis::Node)) => notices.push(Notice::ClaimFromRpc(Vec::new())),
        (_, Some(ClaimBasis::Code) | None) => {}
    }
    if read.agree() == Some(false) {
        notices.push(Notice::ClaimDisagrees);
    }
    if let Ok(recipe) = &read.recipe {
        if !question.policy.images.contains(recipe.image().digest()) {
            notices.push(Notice::UnlistedImage(recipe.image().digest_by_near()));
        }
        notices.extend(Notice::of_recipe(recipe));
    }
    notices
}
