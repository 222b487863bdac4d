//! The rebuild and its signatures: what came out, for whom, and whether that is enough for this reader.

use super::{Evidence, Step, StepName, StepState, confirmed, keys_of};
use crate::digest::Sha256Digest;
use crate::verdict::{Backing, Built, NOT_CHOSEN, NotRebuilt, Verdict, Witness};

const NOT_ENOUGH: &str = "not enough yet";
/// Most signers that a step names in its few words.
const MOST_NAMED: usize = 3;
const NO_KEY_CHOSEN: &str = "no key chosen yet";

/// What came out.
pub(super) fn rebuilt(verdict: &Verdict, code_hash: &Sha256Digest) -> Step {
    let name = StepName::Rebuilt;
    let (state, reservations) = confirmed(verdict, name);
    let of_claim = |backing: &Backing| backing.keys.iter().any(|key| key.built.is_of_the_claim());
    let step = match verdict {
        Verdict::NoContract => Step::new(name, StepState::Missing, "no code"),
        Verdict::Reproduced { backing, .. } | Verdict::ReproducedUnvetted { backing, .. } => {
            if backing.dissent.is_empty() {
                Step::new(name, state, "same code")
            } else {
                Step::new(name, StepState::Weak, "same and different code").called("disputed")
            }
        }
        Verdict::ReproducedUnclaimed { backing, .. } => {
            let alone = if of_claim(backing) { "not by the claimed build alone" } else { "not by the claimed build" };
            Step::new(name, StepState::Weak, "same code").called(alone)
        }
        Verdict::Differs { .. } => Step::new(name, StepState::Broken, "different code"),
        Verdict::NotRebuildable { backing, .. } if backing.keys.is_empty() => {
            Step::new(name, StepState::Missing, "cannot be rebuilt")
        }
        Verdict::NotRebuildable { .. } => {
            Step::new(name, StepState::Weak, "same code").called("not by a claimed build")
        }
        Verdict::NotRebuilt { because, backing, .. } => match because {
            NotRebuilt::NobodyChosen => Step::new(name, StepState::Missing, NO_KEY_CHOSEN),
            NotRebuilt::Nobody => Step::new(name, StepState::Missing, "by no key you trust"),
            NotRebuilt::TooFew if !backing.dissent.is_empty() && of_claim(backing) => {
                Step::new(name, StepState::Missing, "same and different code").called("disputed")
            }
            NotRebuilt::TooFew => Step::new(name, StepState::Missing, "same code").called(NOT_ENOUGH),
            NotRebuilt::TooFewDiffer => Step::new(name, StepState::Missing, "different code").called(NOT_ENOUGH),
            NotRebuilt::OtherImage(_) => {
                Step::new(name, StepState::Missing, "not the claimed image").called("not evidence either way")
            }
            NotRebuilt::NodesClaim(_) => {
                Step::new(name, StepState::Missing, "not the code's claim").called("not evidence either way")
            }
        },
    };
    let step = step.with([Evidence::hash("This code", code_hash.to_base58())]).with(reservations);
    let dissent = keys_of(verdict, |backing| &backing.dissent);
    let rebuilds = keys_of(verdict, |backing| &backing.keys).iter().chain(dissent).chain(beside(verdict));
    rebuilds.fold(step, |step, key| step.with(rebuild(key)))
}

fn rebuild(witness: &Witness) -> Vec<Evidence> {
    let what = match &witness.built {
        Built::Claim => format!("{witness} rebuilt what the contract claims"),
        Built::ClaimInOtherImage => format!("{witness} rebuilt the claimed commit in another image"),
        Built::ClaimInUnknownImage => format!("{witness} rebuilt the claimed commit in an image without a digest"),
        Built::NodesClaim => format!("{witness} rebuilt what only a node claims"),
        Built::OtherBuild(_) => format!("{witness} ran a build that the contract does not claim"),
        Built::OtherSource(_) => format!("{witness} built a source that the contract does not name"),
    };
    let from = match &witness.built {
        Built::OtherBuild(source) | Built::OtherSource(source) => Some(Evidence::value("From", source)),
        Built::Claim | Built::ClaimInOtherImage | Built::ClaimInUnknownImage | Built::NodesClaim => None,
    };
    let mut rows = vec![Evidence::sentence("Rebuild", what)];
    rows.extend(from);
    rows.push(Evidence::hash("Gave", witness.artifact.to_base58()));
    rows
}

/// Whose rebuilds were looked at and show nothing either way.
fn beside(verdict: &Verdict) -> &[Witness] {
    match verdict {
        Verdict::NotRebuilt { because: NotRebuilt::OtherImage(keys) | NotRebuilt::NodesClaim(keys), .. } => keys,
        Verdict::NotRebuilt {
            because: NotRebuilt::NobodyChosen | NotRebuilt::Nobody | NotRebuilt::TooFew | NotRebuilt::TooFewDiffer,
            ..
        }
        | Verdict::NoContract
        | Verdict::Reproduced { .. }
        | Verdict::ReproducedUnvetted { .. }
        | Verdict::ReproducedUnclaimed { .. }
        | Verdict::NotRebuildable { .. }
        | Verdict::Differs { .. } => &[],
    }
}

/// Who vouches for the answer, and who says otherwise, to a reader who trusts this many keys.
pub(super) fn signed(verdict: &Verdict, trusted: usize) -> Step {
    let name = StepName::Signed;
    let none = Backing::default();
    let backing = verdict.backing().unwrap_or(&none);
    let threshold = backing.threshold;
    let is_difference = matches!(verdict, Verdict::NotRebuilt { because: NotRebuilt::TooFewDiffer, .. });
    let counted = if is_difference { &backing.dissent } else { &backing.keys };
    let short = match counted.as_slice() {
        [] if trusted == 0 => NO_KEY_CHOSEN.to_owned(),
        [] if beside(verdict).is_empty() => "by no key you trust".to_owned(),
        [] => "not for this build".to_owned(),
        [one] if one.name.is_empty() => "1 key".to_owned(),
        [one] => one.name.clone(),
        several => names(several),
    };
    let step = match counted.len() {
        0 => Step::new(name, StepState::Missing, short),
        some if some < threshold => Step::new(name, StepState::Missing, short).called(NOT_ENOUGH),
        _ => Step::new(name, StepState::Sound, short).called("enough keys"),
    };
    let what = match verdict {
        Verdict::Differs { .. } => "got different code",
        Verdict::NotRebuilt { because: NotRebuilt::TooFewDiffer, .. } => "got different code",
        Verdict::NotRebuilt {
            because:
                NotRebuilt::NobodyChosen
                | NotRebuilt::Nobody
                | NotRebuilt::TooFew
                | NotRebuilt::OtherImage(_)
                | NotRebuilt::NodesClaim(_),
            ..
        }
        | Verdict::NoContract
        | Verdict::Reproduced { .. }
        | Verdict::ReproducedUnvetted { .. }
        | Verdict::ReproducedUnclaimed { .. }
        | Verdict::NotRebuildable { .. } => "got this code",
    };
    let some = match counted.len() {
        0 if trusted == 0 => NOT_CHOSEN.to_owned(),
        0 => format!("no key you trust {what}"),
        1 => format!("1 key {what}"),
        several => format!("{several} keys {what}"),
    };
    let count = format!("{some}; {} required", threshold.max(1));
    let dissent: &[Witness] = if is_difference { &[] } else { &backing.dissent };
    let step = step.with([Evidence::sentence("Keys", count)]);
    let step = counted.iter().fold(step, |step, key| step.with(signature("Signed by", key)));
    let step = dissent.iter().fold(step, |step, key| {
        let label = if key.contradicts_itself { "Contradicts itself" } else { "Got different code" };
        step.with(signature(label, key))
    });
    beside(verdict).iter().fold(step, |step, key| step.with(signature("Not counted", key)))
}

/// The first few by name, and how many more there are.
fn names(witnesses: &[Witness]) -> String {
    let name = |witness: &Witness| match witness.name.as_str() {
        "" => "1 key without a name".to_owned(),
        name => name.to_owned(),
    };
    let listed: Vec<String> = witnesses.iter().take(MOST_NAMED).map(name).collect();
    let more = witnesses.len().saturating_sub(MOST_NAMED);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    format!("{}{more}", listed.join(", "))
}

fn signature(label: &str, witness: &Witness) -> Vec<Evidence> {
    let name = (!witness.name.is_empty()).then(|| Evidence::value(label, &witness.name));
    let key_label = if name.is_some() { "Key" } else { label };
    name.into_iter().chain([Evidence::hash(key_label, witness.key.to_near())]).collect()
}
