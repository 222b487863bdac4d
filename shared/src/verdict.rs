//! Decides. Pure: the same evidence gives the same verdict, on a phone and in CI.
//! Not here: fetching (`deployment`), signatures (`dsse`, `manifest`), words (`verdict/wording`).

mod wording;

pub use wording::Moment;

use crate::digest::Sha256Digest;
use crate::few::in_order;
use crate::key::PublicKey;
use crate::manifest::{Attestation, Policy, Relation};
use crate::notice::{Doubt, Notice};
use crate::recipe::{Recipe, RecipeGap};

/// Everything that decides.
#[derive(Debug, Clone, Copy)]
pub struct Evidence<'a> {
    /// Hash of the bytes, computed by us; `None` if the account has no code.
    pub code_hash: Option<&'a Sha256Digest>,
    /// The claim as something usable, or every reason why it is not.
    pub recipe: Result<&'a Recipe, &'a [RecipeGap]>,
    /// Whose word the claim is.
    pub basis: ClaimBasis,
    /// Manifests that opened under `policy`.
    pub attestations: &'a [Attestation],
    /// What the reader trusts.
    pub policy: &'a Policy,
}

/// Whose word a claim is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClaimBasis {
    /// The bytes': running the code alone gives it.
    Code,
    /// Only a node's.
    Node,
}

/// What was found. Made by [`decide`] alone; each variant carries what a sentence about it needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// The account has no code.
    #[non_exhaustive]
    NoContract,
    /// These bytes come from the claimed commit and command, and nothing about that build raises a doubt of this reader.
    #[non_exhaustive]
    Reproduced {
        /// Who says so.
        backing: Backing,
        /// The claim.
        claim: Claim,
    },
    /// The same, with doubts.
    #[non_exhaustive]
    ReproducedUnvetted {
        /// Who says so.
        backing: Backing,
        /// The claim.
        claim: Claim,
        /// Each doubt once.
        doubts: Vec<Notice>,
    },
    /// They come from a build that the code itself does not claim, or not enough keys say that they come from the claimed one.
    #[non_exhaustive]
    ReproducedUnclaimed {
        /// Who says so, and what each of them built.
        backing: Backing,
        /// The claim, where it can be rebuilt.
        claim: Option<Claim>,
    },
    /// The claim cannot be rebuilt.
    #[non_exhaustive]
    NotRebuildable {
        /// Every reason, at least one.
        gaps: Vec<RecipeGap>,
        /// Whose word the claim is.
        basis: ClaimBasis,
        /// Who got this code by another build, fewer than the reader asks for.
        backing: Backing,
    },
    /// The claimed recipe in the claimed image gives other bytes.
    #[non_exhaustive]
    Differs {
        /// Who says so.
        backing: Backing,
        /// The claim.
        claim: Claim,
    },
    /// No keys that the reader trusts, or too few, have said something that decides.
    #[non_exhaustive]
    NotRebuilt {
        /// Why not.
        because: NotRebuilt,
        /// Who has said something, and how many are needed.
        backing: Backing,
        /// The claim.
        claim: Claim,
    },
}

/// A claim that can be rebuilt, as a sentence names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    /// Host and path of the repository.
    pub repository: String,
    /// The commit.
    pub commit: String,
    /// Name and tag of the image.
    pub image: String,
    /// Whose word it is.
    pub basis: ClaimBasis,
}

/// Who stands behind a verdict.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Backing {
    /// Different keys that say it, with the reader's names.
    pub keys: Vec<Witness>,
    /// How many the reader asks for.
    pub threshold: usize,
    /// Keys that got other code from the claimed recipe in the claimed image. Shown, and not counted against a match.
    pub dissent: Vec<Witness>,
}

/// A trusted key with the reader's name for it, and the rebuild that it is counted for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Witness {
    /// The key.
    pub key: PublicKey,
    /// The reader's name for it, possibly empty.
    pub name: String,
    /// What it says that it built.
    pub built: Built,
    /// What came out.
    pub artifact: Sha256Digest,
    /// It signed both a rebuild of the claim, in the claimed image, that gave this code and one that gave other code.
    pub contradicts_itself: bool,
}

/// What a key says that it built.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Built {
    /// What the code claims.
    Claim,
    /// What the code claims, in another image.
    ClaimInOtherImage,
    /// What the code claims, in an image that answered by its id alone and may be any.
    ClaimInUnknownImage,
    /// What a node claims and the code does not.
    NodesClaim,
    /// A source that the claim may name, by a build that it does not claim.
    OtherBuild(String),
    /// A source that the code itself does not name.
    OtherSource(String),
}

/// Why there is no answer yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NotRebuilt {
    /// No trusted key has said anything.
    Nobody,
    /// Some match, fewer than the reader asks for.
    TooFew,
    /// Some got other code from the claimed build, fewer than the reader asks for.
    TooFewDiffer,
    /// These rebuilt the claim in another image than the claimed one, or in an unknown one, and got other code, which proves
    /// nothing.
    OtherImage(Vec<Witness>),
    /// These rebuilt what only a node claims and got other code, which proves nothing about the code.
    NodesClaim(Vec<Witness>),
}

impl Verdict {
    /// Stable kebab-case name (DESIGN §4).
    pub fn code(&self) -> &'static str {
        match self {
            Self::NoContract { .. } => "no-contract",
            Self::Reproduced { .. } => "reproduced",
            Self::ReproducedUnvetted { .. } => "reproduced-unvetted",
            Self::ReproducedUnclaimed { .. } => "reproduced-unclaimed",
            Self::NotRebuildable { .. } => "not-rebuildable",
            Self::Differs { .. } => "differs",
            Self::NotRebuilt { .. } => "not-rebuilt",
        }
    }

    /// The helper's exit code: 0 reproduced, 1 differs, 3 anything else.
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Reproduced { .. } => 0,
            Self::Differs { .. } => 1,
            Self::NoContract { .. }
            | Self::ReproducedUnvetted { .. }
            | Self::ReproducedUnclaimed { .. }
            | Self::NotRebuildable { .. }
            | Self::NotRebuilt { .. } => 3,
        }
    }

    /// Who stands behind it, where anyone does.
    pub fn backing(&self) -> Option<&Backing> {
        match self {
            Self::Reproduced { backing, .. }
            | Self::ReproducedUnvetted { backing, .. }
            | Self::ReproducedUnclaimed { backing, .. }
            | Self::NotRebuildable { backing, .. }
            | Self::Differs { backing, .. }
            | Self::NotRebuilt { backing, .. } => Some(backing),
            Self::NoContract { .. } => None,
        }
    }
}

/// Judges: the first row of DESIGN §4 that holds wins.
pub fn decide(evidence: &Evidence<'_>) -> Verdict {
    let Some(code_hash) = evidence.code_hash else { return Verdict::NoContract };
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
            doubts: in_order(of_the_claim.iter().flat_map(|it| it.doubts.clone())),
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
            doubts: in_order(doubts),
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
    /// Whether it is what the code claims, in whatever image.
    pub(crate) fn is_of_the_claim(&self) -> bool {
        match self {
            Self::Claim | Self::ClaimInOtherImage | Self::ClaimInUnknownImage => true,
            Self::NodesClaim | Self::OtherBuild(_) | Self::OtherSource(_) => false,
        }
    }

    fn of(attestation: &Attestation, relation: Relation, evidence: &Evidence<'_>) -> Self {
        let source = attestation.source_code_snapshot();
        let is_named = match (evidence.recipe, evidence.basis) {
            (Ok(recipe), ClaimBasis::Code) => recipe.claimed().source_code_snapshot.as_deref() == source,
            (Err(gaps), ClaimBasis::Code) => !gaps.iter().any(RecipeGap::leaves_no_source),
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
