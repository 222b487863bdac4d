//! Source and image: what the contract names, and how far a rebuild shows that it is what was built.

use super::{Evidence, Step, StepName, StepState, confirmed, keys_of};
use crate::gap::RecipeGap;
use crate::image::ImageRef;
use crate::inspection::ReadCode;
use crate::source::SourceSnapshot;
use crate::verdict::{Built, ClaimBasis, Verdict};

/// The commit. A claim that cannot be rebuilt may name one all the same.
pub(super) fn source(read: &ReadCode, verdict: &Verdict) -> Step {
    let name = StepName::Source;
    let named = build_info(read, |info| info.source_code_snapshot.as_deref());
    let Some(source) = named.and_then(|text| SourceSnapshot::parse(text).ok()) else {
        return missing(name, read, named, "a source that can be fetched");
    };
    let (state, reservations) = confirmed(verdict, name);
    let short: String = source.commit().chars().take(10).collect();
    let commit = Evidence { url: source.browse_url(), ..Evidence::hash("Commit", source.commit()) };
    let step = Step::new(name, state, short).with([Evidence::value("Repository", source.repository()), commit]);
    by_whom(step, read).with(reservations)
}

/// The build environment.
pub(super) fn image(read: &ReadCode, verdict: &Verdict) -> Step {
    let name = StepName::Image;
    let named = build_info(read, |info| info.build_environment.as_deref());
    let Some(image) = named.and_then(|text| ImageRef::parse(text).ok()) else {
        return missing(name, read, named, "an image that is pinned by digest");
    };
    let (mut state, mut reservations) = confirmed(verdict, name);
    for key in keys_of(verdict, |backing| &backing.keys) {
        let image = match key.built {
            Built::ClaimInOtherImage => "another image",
            Built::ClaimInUnknownImage => "an image without a digest",
            Built::Claim | Built::NodesClaim | Built::OtherBuild(_) | Built::OtherSource(_) => continue,
        };
        state = state.min(StepState::Weak);
        reservations.push(Evidence::sentence("Reservation", format!("{key} rebuilt it in {image}")));
    }
    let digest = image.digest().to_oci();
    let short = image.tag().map_or_else(|| digest.chars().skip(7).take(10).collect(), str::to_owned);
    let step = Step::new(name, state, short)
        .with([Evidence::value("Image", image.name())])
        .with(image.tag().map(|tag| Evidence::value("Tag", tag)))
        .with([Evidence::hash("Digest", digest)]);
    by_whom(step, read).with(reservations)
}

fn by_whom(step: Step, read: &ReadCode) -> Step {
    match read.basis {
        Some(ClaimBasis::Node) if step.state == StepState::Claimed => step
            .called("only a node's word")
            .with([Evidence::sentence("Claimed by", "only a node; the code itself does not say it")]),
        Some(ClaimBasis::Node) => step.with([Evidence::sentence("Claimed by", "only a node")]),
        Some(ClaimBasis::Code) | None => step.with([Evidence::sentence("Claimed by", "the code itself")]),
    }
}

fn missing(name: StepName, read: &ReadCode, named: Option<&str>, what: &str) -> Step {
    let gaps = read.recipe.as_ref().err().map(Vec::as_slice).unwrap_or_default();
    let label = name.title();
    let unread = match gaps {
        [RecipeGap::NotRunnable(_)] => {
            Some(("not run", "no node can run the code, so it says nothing about its build"))
        }
        [RecipeGap::NotRunHere(_)] => Some(("not read", "what the contract says about its build was not read")),
        [RecipeGap::MetadataMalformed(_)] => {
            Some(("unreadable", "what the contract says about its build cannot be read"))
        }
        _ => None,
    };
    if let Some((short, says)) = unread {
        return Step::new(name, StepState::Missing, short).with([Evidence::sentence(label, says)]);
    }
    let whose = match read.basis {
        Some(ClaimBasis::Node) => "a node",
        Some(ClaimBasis::Code) | None => "the contract",
    };
    match named.filter(|text| !text.is_empty()) {
        None => Step::new(name, StepState::Missing, "not named")
            .with([Evidence::sentence(label, format!("{whose} does not name {what}"))]),
        Some(text) => Step::new(name, StepState::Missing, "not usable")
            .with([Evidence::sentence(label, format!("{whose} does not name {what}")), Evidence::value("Named", text)]),
    }
}

fn build_info(read: &ReadCode, field: fn(&crate::nep330::BuildInfo) -> Option<&str>) -> Option<&str> {
    read.metadata()?.build_info.as_ref().and_then(field)
}
