//! How an attestation stands to the claim of some code: one answer, for the lines that are shown and for the judge.
//! Not here: what follows from it (`verdict`).

use serde::{Deserialize, Serialize};

use super::Attestation;
use super::rebuild::Rebuild;
use crate::recipe::Recipe;
use crate::verdict::ClaimBasis;

/// How an attestation stands to the claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Relation {
    /// The recipe that the code claims, in the claimed image.
    Claimed,
    /// The recipe that the code claims, in another image.
    ClaimedOtherImage,
    /// A recipe that a node names and the code does not, in whatever image.
    ClaimedByNode,
    /// Another recipe.
    Unclaimed,
}

impl Relation {
    /// Stable kebab-case name.
    pub fn code(self) -> &'static str {
        match self {
            Self::Claimed => "claimed",
            Self::ClaimedOtherImage => "claimed-other-image",
            Self::ClaimedByNode => "claimed-by-node",
            Self::Unclaimed => "unclaimed",
        }
    }

    /// Whether the code itself claims the recipe that was built: only then is a match one of the claim.
    pub fn is_of_the_claim(self) -> bool {
        match self {
            Self::Claimed | Self::ClaimedOtherImage => true,
            Self::ClaimedByNode | Self::Unclaimed => false,
        }
    }
}

impl Attestation {
    /// How this stands to a claim: `recipe` is `None` where it cannot be rebuilt, `basis` says whose word it is. Account and
    /// network are not compared: the build depends on neither.
    pub fn relation(&self, recipe: Option<&Recipe>, basis: ClaimBasis) -> Relation {
        let Some(recipe) = recipe.filter(|recipe| self.is_build_of(recipe)) else { return Relation::Unclaimed };
        match (basis, self.rebuild.pulled.as_ref() == Some(recipe.image().digest())) {
            (ClaimBasis::Node, _) => Relation::ClaimedByNode,
            (ClaimBasis::Code, true) => Relation::Claimed,
            (ClaimBasis::Code, false) => Relation::ClaimedOtherImage,
        }
    }

    /// Whether all but the image is as `recipe` says.
    fn is_build_of(&self, recipe: &Recipe) -> bool {
        let Rebuild { claimed, commit, platform, argv, .. } = &self.rebuild;
        claimed == recipe.claimed()
            && commit == recipe.source().commit()
            && platform == "linux/amd64"
            && matches!(argv.as_slice(), [shell, flag, command]
                if shell == "/bin/bash" && flag == "-c" && *command == shell_words::join(recipe.build_command()))
    }
}
