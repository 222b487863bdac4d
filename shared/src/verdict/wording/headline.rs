//! Headlines: the answer in a few words, with the repository that it is about.

use super::{Agreement, Moment, NOT_CHOSEN, Unusable, count};
use crate::gap::RecipeGap;
use crate::text::{Shown, capitalize};
use crate::verdict::{Backing, Claim, ClaimBasis, NotRebuilt, Verdict};
use crate::wasm::PROTOCOL;

impl Verdict {
    /// The answer in a few words, with a capital and without a full stop.
    pub fn headline(&self, moment: Moment) -> String {
        let plain = match self {
            Self::NoContract => match moment {
                Moment::Now => "there is no code here".to_owned(),
                Moment::Block(height) => format!("there was no code here at block {height}"),
            },
            Self::Reproduced { claim, .. } => format!("{} was built from {}", moment.code(), Shown(&claim.repository)),
            Self::ReproducedUnvetted { backing, claim, .. } => {
                let what = unvetted(Agreement::of(&backing.keys), claim);
                format!("{} {what}, with reservations", matches(moment))
            }
            Self::ReproducedUnclaimed { backing, .. } => unclaimed(Agreement::of(&backing.keys), moment),
            Self::NotRebuildable { gaps, basis, .. } => not_rebuildable(gaps, *basis, moment),
            Self::Differs { claim, .. } => {
                format!("a rebuild of the claimed source, {}, gave different code", Shown(&claim.repository))
            }
            Self::NotRebuilt { because, backing, claim } => not_rebuilt(because, backing, claim, moment),
        };
        let before = match self.dissented() {
            Some(backing) if backing.is_disputed() => "disputed: ".to_owned(),
            Some(backing) => {
                let keys = if backing.dissent.len() == 1 { "key" } else { "keys" };
                format!("{} trusted {keys} got different code from the claimed build; ", backing.dissent.len())
            }
            None => String::new(),
        };
        capitalize(before + &plain)
    }
}

fn unvetted(agreement: Agreement, claim: &Claim) -> String {
    match agreement {
        Agreement::ClaimElsewhere(image) => format!("a build of {} {image}", Shown(&claim.repository)),
        Agreement::Claim
        | Agreement::NodesClaim
        | Agreement::OtherBuild
        | Agreement::OtherSource
        | Agreement::Mixed => format!("the claimed build of {}", Shown(&claim.repository)),
    }
}

fn unclaimed(agreement: Agreement, moment: Moment) -> String {
    let (matches, does) = (matches(moment), moment.choose("does", "did"));
    match agreement {
        Agreement::NodesClaim => format!("{matches} a build that only a node {}", moment.choose("claims", "claimed")),
        Agreement::OtherBuild => format!("{matches} a build that the contract itself {does} not claim"),
        Agreement::OtherSource => format!("{matches} a source that the contract itself {does} not name"),
        Agreement::Claim | Agreement::ClaimElsewhere(_) | Agreement::Mixed => {
            format!("{matches} different builds by trusted keys, not all of them the claimed one")
        }
    }
}

fn not_rebuildable(gaps: &[RecipeGap], basis: ClaimBasis, moment: Moment) -> String {
    let (does, says) = (moment.choose("does", "did"), moment.choose("says", "said"));
    match (Unusable::of(gaps), basis) {
        (Unusable::NotRunnable, _) => format!("no node of protocol {PROTOCOL} can run {}", moment.code()),
        (Unusable::NotRunHere, _) => format!("what this contract {says} about its build was not read"),
        (Unusable::Missing, _) => format!("this contract {does} not say how it was built"),
        (Unusable::Unreadable, _) => format!("what this contract {says} about its build cannot be read"),
        (Unusable::Incomplete, ClaimBasis::Code) => format!("this contract {does} not say enough to be rebuilt"),
        (Unusable::Incomplete, ClaimBasis::Node) => {
            format!("what a node {says} about this contract is not enough to rebuild it")
        }
    }
}

fn not_rebuilt(because: &NotRebuilt, backing: &Backing, claim: &Claim, moment: Moment) -> String {
    let (code, repository) = (moment.code(), Shown(&claim.repository));
    let some = count(backing.keys.len(), backing.threshold);
    match because {
        NotRebuilt::NobodyChosen => match moment {
            Moment::Now => NOT_CHOSEN.to_owned(),
            Moment::Block(_) => format!("{NOT_CHOSEN} ({code})"),
        },
        NotRebuilt::Nobody => {
            format!("no rebuild of {code} from {repository} by a key you trust was found")
        }
        NotRebuilt::TooFew => match Agreement::of(&backing.keys) {
            Agreement::Claim => format!("{some} reproduced {code} from {repository}"),
            Agreement::ClaimElsewhere(image) => format!("{some} got {code} from {repository}, {image}"),
            Agreement::NodesClaim => {
                format!("{some} got {code}, by a build that only a node {}", moment.choose("claims", "claimed"))
            }
            Agreement::OtherBuild | Agreement::OtherSource => format!("{some} got {code}, not by the claimed build"),
            Agreement::Mixed => format!("{some} got {code}, not all by the claimed build"),
        },
        NotRebuilt::TooFewDiffer => {
            format!("{} got different code from {repository}", count(backing.dissent.len(), backing.threshold))
        }
        NotRebuilt::OtherImage(keys) => {
            let image = match Agreement::of(keys) {
                Agreement::ClaimElsewhere(image) => image,
                Agreement::Claim
                | Agreement::NodesClaim
                | Agreement::OtherBuild
                | Agreement::OtherSource
                | Agreement::Mixed => "in other images",
            };
            format!("rebuilt from {repository} only {image}, with different code")
        }
        NotRebuilt::NodesClaim(_) => {
            format!("rebuilt only from a source that a node {}, with different code", moment.choose("names", "named"))
        }
    }
}

fn matches(moment: Moment) -> String {
    match moment {
        Moment::Now => "matches".to_owned(),
        Moment::Block(_) => format!("{} matched", moment.code()),
    }
}
