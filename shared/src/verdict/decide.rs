//! Decides. Pure: the same evidence gives the same verdict, on a phone and in CI.
//! Not here: fetching (`deployment`), signatures (`dsse`, `manifest`), words (`wording`).

use super::{Backing, Built, Claim, ClaimBasis, NotRebuilt, Verdict, Witness};
use crate::digest::Sha256Digest;
use crate::gap::RecipeGap;
use crate::manifest::{Attestation, Policy, Relation};
use crate::notice::{Doubt, Notice};
use crate::recipe::Recipe;
use crate::sort::sort_unique;

/// Everything that decides.
#[derive(Debug, Clone, Copy)]
pub struct Evidence<'a> {
    /// Hash of the bytes, computed by us.
    pub code_hash: &'a Sha256Digest,
    /// The claim as something usable, or every reason why it is not.
    pub recipe: Result<&'a Recipe, &'a [RecipeGap]>,
    /// Whose word the claim is.
    pub basis: ClaimBasis,
    /// Manifests that opened under `policy`.
    pub attestations: &'a [Attestation],
    /// What the reader trusts.
    pub policy: &'a Policy,
}

/// Judges: the first row of `docs/verdicts.md` §Verdicts that holds wins.
/// Without code there is nothing to judge.
///
/// # Examples
/// ```
/// use provenear_shared::digest::Sha256Digest;
/// use provenear_shared::gap::RecipeGap;
/// use provenear_shared::manifest::Policy;
/// use provenear_shared::verdict::{ClaimBasis, Evidence, VerdictCode, decide};
///
/// let evidence = Evidence {
///     code_hash: &Sha256Digest::of(b"\0asm"),
///     recipe: Err(&[RecipeGap::MetadataMissing]),
///     basis: ClaimBasis::Code,
///     attestations: &[],
///     policy: &Policy::new(),
/// };
/// assert_eq!(decide(Some(evidence)).code(), VerdictCode::NotRebuildable);
/// assert_eq!(decide(None).code(), VerdictCode::NoContract);
/// ```
pub fn decide(evidence: Option<Evidence<'_>>) -> Verdict {
    let Some(evidence) = &evidence else { return Verdict::NoContract };
    let code_hash = evidence.code_hash;
    let threshold = evidence.policy.threshold.max(1);
    let of_commit = doubts_of_commit(evidence);
    let weigh = |attestation| Weighed::of(attestation, code_hash, evidence, &of_commit);
    let mut rebuilds: Vec<Weighed<'_>> = evidence.attestations.iter().map(weigh).collect();
    // A match in another image does not stand against the claimed image having given other code alone.
    let in_claimed = |matches| rebuilds.iter().any(|it| it.relation == Relation::Claimed && it.matches == matches);
    if in_claimed(false) && !in_claimed(true) {
        let others = rebuilds.iter_mut().filter(|it| it.relation == Relation::ClaimedOtherImage);
        others.for_each(|it| it.doubts.push(Notice::ImageSubstituted));
    }
    let claim = evidence.recipe.ok().map(|recipe| Claim::of(recipe, evidence.basis));

    let best = |counts: &dyn Fn(&Weighed<'_>) -> bool| best_of_each_key(&rebuilds, counts);
    let named = |counted: &[&Weighed<'_>]| witnesses(counted, &rebuilds);
    let differing = |relation| named(&best(&|it| !it.matches && it.relation == relation));
    let dissent = differing(Relation::Claimed);
    let backed = |keys: &[&Weighed<'_>]| Backing { keys: named(keys), threshold, dissent: dissent.clone() };

    let of_the_claim = best(&|it| it.matches && it.relation.is_of_the_claim());
    let vetted = best(&|it| it.matches && it.relation.is_of_the_claim() && it.doubts.is_empty());
    let matching = best(&|it| it.matches);
    match claim {
        Some(claim) if vetted.len() >= threshold => Verdict::Reproduced { backing: backed(&vetted), claim },
        Some(claim) if of_the_claim.len() >= threshold => Verdict::ReproducedUnvetted {
            doubts: sort_unique(of_the_claim.iter().flat_map(|it| it.doubts.clone())),
            backing: backed(&of_the_claim),
            claim,
        },
        claim if matching.len() >= threshold => Verdict::ReproducedUnclaimed { backing: backed(&matching), claim },
        Some(claim) if matching.is_empty() && dissent.len() >= threshold => {
            Verdict::Differs { backing: Backing { keys: dissent, threshold, dissent: Vec::new() }, claim }
        }
        Some(claim) => {
            let (other_image, nodes) = (differing(Relation::ClaimedOtherImage), differing(Relation::ClaimedByNode));
            let because = if !matching.is_empty() {
                NotRebuilt::TooFew
            } else if !dissent.is_empty() {
                NotRebuilt::TooFewDiffer
            } else if !other_image.is_empty() {
                NotRebuilt::OtherImage(other_image)
            } else if !nodes.is_empty() {
                NotRebuilt::NodesClaim(nodes)
            } else if evidence.policy.keys.is_empty() {
                NotRebuilt::NobodyChosen
            } else {
                NotRebuilt::Nobody
            };
            Verdict::NotRebuilt { because, backing: backed(&matching), claim }
        }
        None => Verdict::NotRebuildable {
            gaps: evidence.recipe.err().unwrap_or_default().to_vec(),
            basis: evidence.basis,
            backing: backed(&matching),
        },
    }
}

/// What any line of the claim found in the claimed commit and where its source is fetched from. These are facts of the
/// commit: a line that is silent about them would otherwise outvote the key that looked.
fn doubts_of_commit(evidence: &Evidence<'_>) -> Vec<Notice> {
    let is_of_claim = |it: &&Attestation| it.relation(evidence.recipe.ok(), evidence.basis).is_of_the_claim();
    let is_of_commit = |notice: &&Notice| match notice.doubt() {
        Some(Doubt::CustomBuild | Doubt::LocalSource) => true,
        Some(Doubt::Unvouched) | None => false,
    };
    let lines = evidence.attestations.iter().filter(is_of_claim);
    lines.flat_map(|it| it.notices().iter().filter(is_of_commit)).cloned().collect()
}

/// An attestation, held against the evidence.
struct Weighed<'a> {
    attestation: &'a Attestation,
    relation: Relation,
    built: Built,
    matches: bool,
    /// What of this rebuild, of its recipe and of its commit the reader has not accepted.
    doubts: Vec<Notice>,
}

impl<'a> Weighed<'a> {
    fn of(
        attestation: &'a Attestation,
        code_hash: &Sha256Digest,
        evidence: &Evidence<'_>,
        of_commit: &[Notice],
    ) -> Self {
        let relation = attestation.relation(evidence.recipe.ok(), evidence.basis);
        let of_commit = if relation.is_of_the_claim() { of_commit } else { &[] };
        let of_recipe = evidence.recipe.ok().map(Notice::of_recipe).unwrap_or_default();
        let is_doubt = |notice: &Notice| notice.doubt().is_some_and(|doubt| !evidence.policy.tolerates(doubt));
        let stated = attestation.notices().iter().chain(of_commit).cloned();
        let doubts = stated.chain(of_recipe).filter(is_doubt);
        Self {
            attestation,
            relation,
            built: Built::of(attestation, relation, evidence),
            matches: attestation.artifact() == code_hash,
            doubts: sort_unique(doubts),
        }
    }

    /// The less, the more it is worth: first what was built, then how few doubts there are, then the image.
    fn rank(&self) -> (usize, usize, usize) {
        let (what, image) = match self.relation {
            Relation::Claimed => (0, 0),
            Relation::ClaimedOtherImage => (0, 1),
            Relation::ClaimedByNode => (1, 0),
            Relation::Unclaimed => (2, 0),
        };
        (what, self.doubts.len(), image)
    }
}

impl Built {
    fn of(attestation: &Attestation, relation: Relation, evidence: &Evidence<'_>) -> Self {
        let source = attestation.source_code_snapshot();
        let is_named = match (evidence.recipe, evidence.basis) {
            (Ok(recipe), ClaimBasis::Code) => recipe.claimed().source_code_snapshot.as_deref() == source,
            (Err(gaps), ClaimBasis::Code) => !gaps.iter().any(leaves_no_source),
            (Ok(_) | Err(_), ClaimBasis::Node) => false,
        };
        let source = source.unwrap_or_default().to_owned();
        match relation {
            Relation::Claimed => Self::Claim,
            Relation::ClaimedOtherImage if attestation.pulled_image().is_none() => Self::ClaimInUnknownImage,
            Relation::ClaimedOtherImage => Self::ClaimInOtherImage,
            Relation::ClaimedByNode => Self::NodesClaim,
            Relation::Unclaimed if is_named => Self::OtherBuild(source),
            Relation::Unclaimed => Self::OtherSource(source),
        }
    }
}

impl Claim {
    fn of(recipe: &Recipe, basis: ClaimBasis) -> Self {
        let (source, image) = (recipe.source(), recipe.image());
        Self {
            repository: source.repository().to_owned(),
            commit: source.commit().to_owned(),
            image: image.tag().map_or_else(|| image.name().to_owned(), |tag| format!("{}:{tag}", image.name())),
            basis,
        }
    }
}

/// Whether the contract names no source at all.
fn leaves_no_source(gap: &RecipeGap) -> bool {
    matches!(
        gap,
        RecipeGap::NotRunnable(_) | RecipeGap::MetadataMissing | RecipeGap::BuildInfoMissing | RecipeGap::SourceMissing
    )
}

/// Of each key the rebuild that is worth most among those that count, in the order in which the keys first appear.
fn best_of_each_key<'a, 'b>(
    rebuilds: &'b [Weighed<'a>],
    counts: &dyn Fn(&Weighed<'a>) -> bool,
) -> Vec<&'b Weighed<'a>> {
    let mut best: Vec<&Weighed<'a>> = Vec::new();
    for rebuild in rebuilds.iter().filter(|rebuild| counts(rebuild)) {
        match best.iter_mut().find(|other| other.attestation.key() == rebuild.attestation.key()) {
            Some(other) if rebuild.rank() < other.rank() => *other = rebuild,
            Some(_) => {}
            None => best.push(rebuild),
        }
    }
    best
}

fn witnesses(counted: &[&Weighed<'_>], all: &[Weighed<'_>]) -> Vec<Witness> {
    let witness = |rebuild: &&Weighed<'_>| {
        let key = rebuild.attestation.key();
        let says = |matches| {
            let is_it = |it: &Weighed<'_>| it.relation == Relation::Claimed && it.matches == matches;
            all.iter().any(|it| it.attestation.key() == key && is_it(it))
        };
        Witness {
            key: *key,
            name: rebuild.attestation.name().to_owned(),
            built: rebuild.built.clone(),
            artifact: *rebuild.attestation.artifact(),
            contradicts_itself: says(true) && says(false),
        }
    };
    counted.iter().map(witness).collect()
}
