//! How an attestation stands to the claim of some code: one answer, for the lines that are shown and for the judge.
//! Not here: what follows from it (`verdict`).

use crate::spelling::codes;

codes! {
    /// How an attestation stands to the claim.
    pub enum Relation {
        /// The recipe that the code claims, in the claimed image.
        Claimed = "claimed",
        /// The recipe that the code claims, in another image.
        ClaimedOtherImage = "claimed-other-image",
        /// A recipe that a node names and the code does not, in whatever image.
        ClaimedByNode = "claimed-by-node",
        /// Another recipe.
        Unclaimed = "unclaimed",
    }
}

impl Relation {
    /// Whether the code itself claims the recipe that was built: only then is a match one of the claim.
    pub fn is_of_the_claim(self) -> bool {
        match self {
            Self::Claimed | Self::ClaimedOtherImage => true,
            Self::ClaimedByNode | Self::Unclaimed => false,
        }
    }
}
