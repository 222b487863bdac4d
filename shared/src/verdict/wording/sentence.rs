//! Sentences: who says what about which build, one clause for each kind of rebuild among the keys that count.

use super::{Agreement, Build, Commit, List, Moment, NOT_CHOSEN, Source, Unusable, count};
use crate::gap::RecipeGap;
use crate::text::Shown;
use crate::verdict::{Backing, Built, Claim, ClaimBasis, NotRebuilt, Verdict, Witness};

const NOT_EVIDENCE: &str = "which is not evidence either way";

impl Verdict {
    /// The answer with who says it and about what, lower-case and without a full stop, its clauses parted by `; `.
    pub fn sentence(&self, moment: Moment) -> String {
        let mut clauses: Vec<String> = self.dissented().map(dissent).into_iter().collect();
        match self {
            Self::NoContract => {
                let has = moment.choose("has", "had");
                clauses.push(format!("the account {has} no code, so there is nothing to verify"));
            }
            Self::Reproduced { backing, claim } => clauses.extend(matching(&backing.keys, Some(claim), moment)),
            Self::ReproducedUnvetted { backing, claim, doubts } => {
                clauses.extend(matching(&backing.keys, Some(claim), moment));
                let doubts: Vec<String> = doubts.iter().map(ToString::to_string).collect();
                clauses.push(format!("with these reservations: {}", doubts.join("; ")));
            }
            Self::ReproducedUnclaimed { backing, claim } => {
                clauses.extend(matching(&backing.keys, claim.as_ref(), moment));
            }
            Self::NotRebuildable { gaps, basis, backing } => {
                clauses.push(not_rebuildable(gaps, *basis, moment));
                if !backing.keys.is_empty() {
                    let some = count(backing.keys.len(), backing.threshold);
                    let got = matching(&backing.keys, None, moment).join("; ");
                    clauses.push(format!("{some} got {}: {got}", moment.code()));
                }
            }
            Self::Differs { backing, claim } => clauses.push(differing(&backing.keys, claim, moment)),
            Self::NotRebuilt { because, backing, claim } => {
                clauses.extend(not_rebuilt(because, backing, claim, moment));
            }
        }
        clauses.join("; ")
    }
}

/// One clause for each kind of build that gave the code.
fn matching(keys: &[Witness], claim: Option<&Claim>, moment: Moment) -> Vec<String> {
    let mut kinds: Vec<&Built> = Vec::new();
    for key in keys {
        if !kinds.contains(&&key.built) {
            kinds.push(&key.built);
        }
    }
    let code = format!("exactly {}", moment.code());
    let (names, does) = (moment.choose("names", "named"), moment.choose("does", "did"));
    let clause = |built: &Built| {
        let keys: Vec<&Witness> = keys.iter().filter(|key| key.built == *built).collect();
        let who = List(&keys);
        match (built, claim) {
            (Built::Claim, Some(claim)) => {
                let claims = moment.choose("claims", "claimed");
                format!("{who} rebuilt {}, as the contract {claims}, and got {code}", Build(claim))
            }
            (Built::ClaimInOtherImage | Built::ClaimInUnknownImage, Some(claim)) => {
                format!("{who} rebuilt {}, {}, and got {code}", Commit(claim), not_in_it(built, claim, moment))
            }
            (Built::NodesClaim, Some(claim)) => {
                let commit = Commit(claim);
                format!("{who} rebuilt {commit}, which a node {names} and the code itself {does} not, and got {code}")
            }
            (Built::Claim | Built::ClaimInOtherImage | Built::ClaimInUnknownImage | Built::NodesClaim, None) => {
                format!("{who} got {code}")
            }
            (Built::OtherBuild(source), _) => {
                let source = Source(source);
                format!("{who} got {code} from {source}, by a build that the contract itself {does} not claim")
            }
            (Built::OtherSource(source), _) => {
                let source = Source(source);
                format!("{who} built {source} and got {code}, but the contract itself {does} not name that source")
            }
        }
    };
    kinds.into_iter().map(clause).collect()
}

/// In which other image the claim was rebuilt, as far as it is known.
fn not_in_it(built: &Built, claim: &Claim, moment: Moment) -> String {
    let (image, names) = (Shown(&claim.image), moment.choose("names", "named"));
    match built {
        Built::ClaimInUnknownImage => {
            format!("in an image without a digest, which may not be the `{image}` that the contract {names}")
        }
        Built::Claim | Built::ClaimInOtherImage | Built::NodesClaim | Built::OtherBuild(_) | Built::OtherSource(_) => {
            format!("but not in the image `{image}` that the contract {names}")
        }
    }
}

/// Who got what else out of the claimed build.
fn differing(keys: &[Witness], claim: &Claim, moment: Moment) -> String {
    let mut hashes: Vec<String> = Vec::new();
    for key in keys {
        let hash = format!("`{}`", key.artifact.to_base58());
        if !hashes.contains(&hash) {
            hashes.push(hash);
        }
    }
    let with = if hashes.len() == 1 { "with the hash" } else { "with the hashes" };
    let (who, build, claims) = (List(keys), Build(claim), moment.choose("claims", "claimed"));
    format!("{who} rebuilt {build}, as the contract {claims}, and got different code, {with} {}", List(&hashes))
}

/// Who got other code from the claim than the keys that match, and whether those are the same keys.
fn dissent(backing: &Backing) -> String {
    let (both, others): (Vec<&Witness>, Vec<&Witness>) =
        backing.dissent.iter().partition(|witness| witness.contradicts_itself);
    let mut clauses = Vec::new();
    if !others.is_empty() {
        let who = List(&others);
        clauses.push(format!("{who} rebuilt the contract's claim in the claimed image and got different code"));
    }
    for witness in both {
        clauses.push(format!(
            "{witness} contradicts itself: it also signed a rebuild of the claim that gave different code"
        ));
    }
    format!("{}{}", if backing.is_disputed() { "disputed: " } else { "" }, clauses.join("; "))
}

fn not_rebuildable(gaps: &[RecipeGap], basis: ClaimBasis, moment: Moment) -> String {
    let (does, says) = (moment.choose("does", "did"), moment.choose("says", "said"));
    let start = match (Unusable::of(gaps), basis) {
        (Unusable::NotRunnable, _) => String::new(),
        (Unusable::NotRunHere, _) => format!("what the contract {says} about its build was not read: "),
        (Unusable::Missing, _) => format!("the contract {does} not say how it was built: "),
        (Unusable::Unreadable, _) => format!("what the contract {says} about its build cannot be read: "),
        (Unusable::Incomplete, ClaimBasis::Code) => {
            format!("what the contract {says} about its build is not enough to rebuild it: ")
        }
        (Unusable::Incomplete, ClaimBasis::Node) => {
            format!("what a node {says} about the contract's build is not enough to rebuild it: ")
        }
    };
    let gaps: Vec<String> = gaps.iter().map(ToString::to_string).collect();
    start + &gaps.join("; ")
}

fn not_rebuilt(because: &NotRebuilt, backing: &Backing, claim: &Claim, moment: Moment) -> Vec<String> {
    let (build, commit, code) = (Build(claim), Commit(claim), moment.code());
    let (says, names) = (moment.choose("says", "said"), moment.choose("names", "named"));
    match because {
        NotRebuilt::NobodyChosen => vec![match claim.basis {
            ClaimBasis::Code => format!(
                "the contract {says} that it was built from {build}, but {NOT_CHOSEN}, so no rebuild of it counts"
            ),
            ClaimBasis::Node => format!(
                "only a node {says} that the contract was built from {build}, and {NOT_CHOSEN}, so no rebuild of it counts"
            ),
        }],
        NotRebuilt::Nobody => vec![match claim.basis {
            ClaimBasis::Code => {
                format!(
                    "the contract {says} that it was built from {build}, but no rebuild by a key you trust was found"
                )
            }
            ClaimBasis::Node => {
                format!(
                    "only a node {says} that the contract was built from {build}, and no rebuild by a key you trust was found"
                )
            }
        }],
        NotRebuilt::TooFew => {
            let did = match Agreement::of(&backing.keys) {
                Agreement::Claim => "reproduced",
                Agreement::ClaimElsewhere(_)
                | Agreement::NodesClaim
                | Agreement::OtherBuild
                | Agreement::OtherSource
                | Agreement::Mixed => "got",
            };
            let some = count(backing.keys.len(), backing.threshold);
            vec![format!("{some} {did} {code}: {}", matching(&backing.keys, Some(claim), moment).join("; "))]
        }
        NotRebuilt::TooFewDiffer => {
            let some = count(backing.dissent.len(), backing.threshold);
            vec![format!("{some} got different code: {}", differing(&backing.dissent, claim, moment))]
        }
        NotRebuilt::OtherImage(keys) => {
            let clause = |key: &Witness| {
                let image = not_in_it(&key.built, claim, moment);
                format!("{key} rebuilt {commit}, {image}, and got different code, {NOT_EVIDENCE}")
            };
            keys.iter().map(clause).collect()
        }
        NotRebuilt::NodesClaim(keys) => {
            let who = List(keys);
            vec![format!("{who} rebuilt {commit}, which only a node {names}, and got different code, {NOT_EVIDENCE}")]
        }
    }
}
