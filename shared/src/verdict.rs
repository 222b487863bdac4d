//! What can be said about some code, and who stands behind it. Plain values; made by `decide` alone, and never read back.
//! Not here: judging (`decide`), words (`wording`).

#[cfg(feature = "pipeline")]
mod decide;
mod wording;

#[cfg(feature = "pipeline")]
pub use decide::{Evidence, decide};
pub use wording::Moment;
#[cfg(feature = "pipeline")]
pub(crate) use wording::NOT_CHOSEN;

use crate::digest::Sha256Digest;
use crate::gap::RecipeGap;
use crate::key::PublicKey;
use crate::notice::Notice;
use crate::spelling::codes;

codes! {
    /// Who says what the contract claims.
    pub enum ClaimBasis {
        /// The code: running it gives the claim.
        Code = "code",
        /// A node alone.
        Node = "rpc",
    }
}

/// What was found; each variant carries what a sentence about it needs. `#[non_exhaustive]` keeps other crates from making
/// one: `decide` alone does (ARCHITECTURE.md, law 2).
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
    /// The reader trusts no key, so that nobody can have said anything that counts.
    NobodyChosen,
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

codes! {
    /// The verdict in a word.
    pub enum VerdictCode of Verdict {
        NoContract = "no-contract",
        Reproduced = "reproduced",
        ReproducedUnvetted = "reproduced-unvetted",
        ReproducedUnclaimed = "reproduced-unclaimed",
        NotRebuildable = "not-rebuildable",
        Differs = "differs",
        NotRebuilt = "not-rebuilt",
    }
}

impl VerdictCode {
    /// The helper's exit code: 0 reproduced, 1 differs, 3 anything else. A match with reservations is not 0, since who asks for 0
    /// reads none of them.
    pub fn exit_code(self) -> u8 {
        match self {
            Self::Reproduced => 0,
            Self::Differs => 1,
            Self::NoContract
            | Self::ReproducedUnvetted
            | Self::ReproducedUnclaimed
            | Self::NotRebuildable
            | Self::NotRebuilt => 3,
        }
    }
}

impl Verdict {
    /// The helper's exit code.
    pub fn exit_code(&self) -> u8 {
        self.code().exit_code()
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

impl Built {
    /// Whether it is what the code claims, in whatever image.
    pub(crate) fn is_of_the_claim(&self) -> bool {
        match self {
            Self::Claim | Self::ClaimInOtherImage | Self::ClaimInUnknownImage => true,
            Self::NodesClaim | Self::OtherBuild(_) | Self::OtherSource(_) => false,
        }
    }
}
