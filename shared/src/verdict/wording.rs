//! The words of a verdict: a headline and a sentence for every variant and every state within it, so that none is false in
//! some of them. A rebuild that contradicts the answer is named first. Not here: what is judged (`verdict`), the steps from
//! source to chain (`chain`), notices and gaps, which have sentences of their own.

mod headline;
mod sentence;

use std::fmt;

use super::{Backing, Built, Claim, Verdict, Witness};
use crate::gap::RecipeGap;
use crate::text::Shown;

/// For a reader who trusts no key: nothing is said to be missing that they never asked for.
pub(crate) const NOT_CHOSEN: &str = "you have not chosen whom to trust yet";

/// When the answer is true: decides the tense.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Moment {
    /// At the latest final block.
    #[default]
    Now,
    /// At the block of this height, which the reader asked for.
    Block(u64),
}

impl Moment {
    pub(crate) fn choose<'a>(self, now: &'a str, then: &'a str) -> &'a str {
        match self {
            Self::Now => now,
            Self::Block(_) => then,
        }
    }

    /// What is judged, within a sentence.
    fn code(self) -> String {
        match self {
            Self::Now => "this code".to_owned(),
            Self::Block(height) => format!("the code of block {height}"),
        }
    }
}

impl Verdict {
    /// Who stands behind a match, where a key got other code from the claim.
    fn dissented(&self) -> Option<&Backing> {
        self.backing().filter(|backing| !backing.keys.is_empty() && !backing.dissent.is_empty())
    }
}

impl Backing {
    /// Whether keys that match and keys that do not built the same claim: then not all of them can be right about it.
    fn is_disputed(&self) -> bool {
        self.keys.iter().any(|key| key.built.is_of_the_claim())
    }
}

/// What the keys of a list built, where it is one kind of thing.
#[derive(Debug, Clone, Copy)]
enum Agreement {
    /// Some of them the claim as it is, and all others the claim in another image.
    Claim,
    /// The claim, in such an image.
    ClaimElsewhere(&'static str),
    NodesClaim,
    OtherBuild,
    OtherSource,
    Mixed,
}

impl Agreement {
    fn of(keys: &[Witness]) -> Self {
        let kind = |witness: &Witness| match witness.built {
            Built::Claim => Self::Claim,
            Built::ClaimInOtherImage => Self::ClaimElsewhere("in another image"),
            Built::ClaimInUnknownImage => Self::ClaimElsewhere("in an unknown image"),
            Built::NodesClaim => Self::NodesClaim,
            Built::OtherBuild(_) => Self::OtherBuild,
            Built::OtherSource(_) => Self::OtherSource,
        };
        let joined = |one, other| match (one, other) {
            (Self::ClaimElsewhere(one), Self::ClaimElsewhere(other)) if one == other => Self::ClaimElsewhere(one),
            (Self::ClaimElsewhere(_), Self::ClaimElsewhere(_)) => Self::ClaimElsewhere("in other or unknown images"),
            (Self::Claim | Self::ClaimElsewhere(_), Self::Claim) | (Self::Claim, Self::ClaimElsewhere(_)) => {
                Self::Claim
            }
            (Self::NodesClaim, Self::NodesClaim) => Self::NodesClaim,
            (Self::OtherBuild, Self::OtherBuild) => Self::OtherBuild,
            (Self::OtherSource, Self::OtherSource) => Self::OtherSource,
            (_, _) => Self::Mixed,
        };
        keys.iter().map(kind).reduce(joined).unwrap_or(Self::Mixed)
    }
}

/// How a claim fails to be one that can be rebuilt.
#[derive(Debug, Clone, Copy)]
enum Unusable {
    NotRunnable,
    NotRunHere,
    Missing,
    Unreadable,
    Incomplete,
}

impl Unusable {
    fn of(gaps: &[RecipeGap]) -> Self {
        match gaps {
            [RecipeGap::NotRunnable(_)] => Self::NotRunnable,
            [RecipeGap::NotRunHere(_)] => Self::NotRunHere,
            [RecipeGap::MetadataMissing | RecipeGap::BuildInfoMissing] => Self::Missing,
            [RecipeGap::MetadataMalformed(_)] => Self::Unreadable,
            _ => Self::Incomplete,
        }
    }
}

/// Some and not all, so there are several.
fn count(some: usize, threshold: usize) -> String {
    format!("{some} of the {threshold} required keys")
}

/// Commit and repository.
struct Commit<'a>(&'a Claim);

impl fmt::Display for Commit<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "commit `{}` of `{}`", self.0.commit, Shown(&self.0.repository))
    }
}

/// Commit, repository and image.
struct Build<'a>(&'a Claim);

impl fmt::Display for Build<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} in the image `{}`", Commit(self.0), Shown(&self.0.image))
    }
}

/// A source as a rebuilder names it.
struct Source<'a>(&'a str);

impl fmt::Display for Source<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() { f.write_str("a source without a name") } else { write!(f, "`{}`", Shown(self.0)) }
    }
}

/// `a`, `a and b`, `a, b and c`.
struct List<'a, T>(&'a [T]);

impl<T: fmt::Display> fmt::Display for List<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().enumerate().try_for_each(|(position, item)| {
            let before = match position {
                0 => "",
                _ if position + 1 == self.0.len() => " and ",
                _ => ", ",
            };
            write!(f, "{before}{item}")
        })
    }
}

impl fmt::Display for Witness {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.name.is_empty() { write!(f, "`{}`", self.key.to_near()) } else { write!(f, "`{}`", Shown(&self.name)) }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.sentence(Moment::Now))
    }
}
