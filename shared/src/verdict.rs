//! Decides. Pure: the same evidence gives the same verdict, on a phone and in CI.
//! Not here: fetching (`deployment`), signatures (`dsse`, `manifest`), wording beyond one sentence (`web`, `helper`).

use std::fmt;

use crate::digest::Sha256Digest;
use crate::few::in_order;
use crate::key::PublicKey;
use crate::manifest::{Attestation, Policy, Relation};
use crate::notice::Notice;
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
    /// These bytes come from the claimed commit and command, in an accepted image, from a commit of the claimed repository.
    #[non_exhaustive]
    Reproduced {
        /// Who says so.
        backing: Backing,
        /// The commit.
        commit: String,
    },
    /// The same, but image or commit are not vouched for.
    #[non_exhaustive]
    ReproducedUnvetted {
        /// Who says so.
        backing: Backing,
        /// What is not vouched for.
        doubts: Vec<Notice>,
    },
    /// They come from a source that the rebuilder names and the contract does not.
    #[non_exhaustive]
    ReproducedUnclaimed {
        /// Who says so.
        backing: Backing,
        /// What the rebuilder says was built.
        source: String,
    },
    /// The claim cannot be rebuilt.
    #[non_exhaustive]
    NotRebuildable {
        /// Every reason, at least one.
        gaps: Vec<RecipeGap>,
    },
    /// The claimed recipe in the claimed image gives other bytes.
    #[non_exhaustive]
    Differs {
        /// Who says so.
        backing: Backing,
        /// What came out instead.
        artifact: Sha256Digest,
    },
    /// Nobody whom the reader trusts has said enough.
    #[non_exhaustive]
    NotRebuilt {
        /// Why not.
        because: NotRebuilt,
        /// Who has said something, and how many are needed.
        backing: Backing,
    },
}

/// Who stands behind a verdict.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Backing {
    /// Different keys that say it, with the reader's names.
    pub keys: Vec<Witness>,
    /// How many the reader asks for.
    pub threshold: usize,
    /// Keys that say otherwise of the claimed recipe. Shown, and not counted against a match.
    pub dissent: Vec<Witness>,
}

/// A trusted key with the reader's name for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Witness {
    /// The key.
    pub key: PublicKey,
    /// The reader's name for it, possibly empty.
    pub name: String,
}

/// Why there is no answer yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotRebuilt {
    /// No trusted key has said anything.
    Nobody,
    /// Some match, fewer than the reader asks for.
    TooFew,
    /// Rebuilt in another image than the claimed one and not the same, which proves nothing.
    OtherImage,
    /// Some say that it differs, fewer than the reader asks for.
    TooFewDiffer,
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
            | Self::Differs { backing, .. }
            | Self::NotRebuilt { backing, .. } => Some(backing),
            Self::NoContract { .. } | Self::NotRebuildable { .. } => None,
        }
    }
}

/// Judges: the first row of DESIGN §4 that holds wins.
pub fn decide(evidence: &Evidence<'_>) -> Verdict {
    let Some(code_hash) = evidence.code_hash else { return Verdict::NoContract };
    let threshold = evidence.policy.threshold.max(1);
    let matches = |attestation: &Attestation| attestation.artifact() == code_hash;
    // A claim that only a node vouches for lends its weight to nothing: such rebuilds are of a recipe that the contract does not claim.
    let relation = |attestation: &Attestation| match (evidence.recipe, evidence.basis) {
        (Ok(recipe), ClaimBasis::Code) => attestation.relation(recipe),
        (Ok(_), ClaimBasis::Node) | (Err(_), _) => Relation::Unclaimed,
    };
    let keys = |counts: &dyn Fn(&Attestation) -> bool| witnesses(evidence.attestations, counts);
    let claimed = |attestation: &Attestation| relation(attestation) != Relation::Unclaimed;
    let dissent = keys(&|attestation| !matches(attestation) && relation(attestation) == Relation::Claimed);
    let backed = |keys: Vec<Witness>| Backing { keys, threshold, dissent: dissent.clone() };

    let vetted =
        keys(&|attestation| matches(attestation) && claimed(attestation) && attestation.is_vetted(evidence.policy));
    if let (true, Ok(recipe)) = (vetted.len() >= threshold, evidence.recipe) {
        return Verdict::Reproduced { backing: backed(vetted), commit: recipe.source().commit().to_owned() };
    }
    let matching_claimed = keys(&|attestation| matches(attestation) && claimed(attestation));
    if matching_claimed.len() >= threshold {
        let doubts = doubts(
            evidence.attestations.iter().filter(|attestation| matches(attestation) && claimed(attestation)),
            evidence.policy,
        );
        return Verdict::ReproducedUnvetted { backing: backed(matching_claimed), doubts };
    }
    let matching = keys(&matches);
    if matching.len() >= threshold {
        let source = evidence
            .attestations
            .iter()
            .find(|attestation| matches(attestation))
            .and_then(Attestation::source_code_snapshot);
        return Verdict::ReproducedUnclaimed {
            backing: backed(matching),
            source: source.unwrap_or_default().to_owned(),
        };
    }
    if let Err(gaps) = evidence.recipe {
        return Verdict::NotRebuildable { gaps: gaps.to_vec() };
    }
    let other = evidence
        .attestations
        .iter()
        .find(|attestation| !matches(attestation) && relation(attestation) == Relation::Claimed);
    match other {
        Some(other) if matching.is_empty() && dissent.len() >= threshold => Verdict::Differs {
            backing: Backing { keys: dissent, threshold, dissent: Vec::new() },
            artifact: *other.artifact(),
        },
        _ => {
            let because = match (matching.is_empty(), dissent.is_empty(), evidence.attestations.iter().any(claimed)) {
                (false, _, _) => NotRebuilt::TooFew,
                (true, false, _) => NotRebuilt::TooFewDiffer,
                (true, true, true) => NotRebuilt::OtherImage,
                (true, true, false) => NotRebuilt::Nobody,
            };
            Verdict::NotRebuilt { because, backing: backed(matching) }
        }
    }
}

/// The different keys behind the attestations that count, in the order in which they first appear.
fn witnesses(attestations: &[Attestation], counts: &dyn Fn(&Attestation) -> bool) -> Vec<Witness> {
    let mut found: Vec<Witness> = Vec::new();
    for attestation in attestations.iter().filter(|attestation| counts(attestation)) {
        if !found.iter().any(|witness| witness.key == *attestation.key()) {
            found.push(Witness { key: *attestation.key(), name: attestation.name().to_owned() });
        }
    }
    found
}

fn doubts<'a>(attestations: impl Iterator<Item = &'a Attestation>, policy: &Policy) -> Vec<Notice> {
    let stands = |notice: &&Notice| notice.doubt().is_some_and(|doubt| !policy.tolerates(doubt));
    in_order(attestations.flat_map(Attestation::notices).filter(stands).cloned())
}

impl fmt::Display for Witness {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.name.is_empty() {
            write!(f, "`{}`", self.key.to_near())
        } else {
            write!(f, "`{}`", crate::text::Shown(&self.name))
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoContract => f.write_str("the account has no code, so there is nothing to verify"),
            Self::Reproduced { backing, commit } => {
                write!(f, "{backing} built commit `{commit}` the way the contract says, and got exactly this code")?;
                backing.dissent(f)
            }
            Self::ReproducedUnvetted { backing, doubts } => {
                write!(
                    f,
                    "{backing} built it the way the contract says, and got exactly this code, but not everything about that build is vouched for"
                )?;
                doubts.iter().try_for_each(|doubt| write!(f, "; {doubt}"))?;
                backing.dissent(f)
            }
            Self::ReproducedUnclaimed { backing, source } => {
                write!(
                    f,
                    "{backing} built `{}` and got exactly this code, but the contract itself does not name that source",
                    crate::text::Shown(source)
                )?;
                backing.dissent(f)
            }
            Self::NotRebuildable { gaps } => {
                f.write_str("what the contract says about its source is not enough to build it again: ")?;
                gaps.iter()
                    .enumerate()
                    .try_for_each(|(position, gap)| write!(f, "{}{gap}", if position == 0 { "" } else { "; " }))
            }
            Self::Differs { backing, artifact } => {
                let artifact = artifact.to_base58();
                write!(f, "{backing} built it the way the contract says, and got other code, with hash `{artifact}`")
            }
            Self::NotRebuilt { because, backing } => match because {
                NotRebuilt::Nobody => {
                    f.write_str("the contract says how it was built, and nobody whom you trust has built it again yet")
                }
                NotRebuilt::TooFew => {
                    let (keys, threshold) = (backing.keys.len(), backing.threshold);
                    write!(
                        f,
                        "only {keys} of the {threshold} people that you ask for built it the way the contract says and got exactly this code"
                    )?;
                    backing.dissent(f)
                }
                NotRebuilt::TooFewDiffer => write!(
                    f,
                    "{} of the {} people that you ask for built it the way the contract says, and got other code",
                    backing.dissent.len(),
                    backing.threshold
                ),
                NotRebuilt::OtherImage => f.write_str(
                    "it was built in another environment than the contract names and came out different, which proves nothing",
                ),
            },
        }
    }
}

impl Backing {
    /// Whether a key says both what the answer says and otherwise.
    pub fn contradicts_itself(&self, witness: &Witness) -> bool {
        let says = |witnesses: &[Witness]| witnesses.iter().any(|other| other.key == witness.key);
        says(&self.keys) && says(&self.dissent)
    }

    fn dissent(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.dissent.iter().try_for_each(|witness| {
            let says = if self.contradicts_itself(witness) { "contradicts itself and also says" } else { "says" };
            write!(f, "; {witness} {says} that the claimed build gives other code")
        })
    }
}

impl fmt::Display for Backing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, witness) in self.keys.iter().enumerate() {
            write!(f, "{}{witness}", if position == 0 { "" } else { " and " })?;
        }
        if self.threshold > 1 {
            write!(f, " ({} needed)", self.threshold)?;
        }
        Ok(())
    }
}
