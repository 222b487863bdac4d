//! What the reader's stores answer already, so that nobody builds it again: a manifest by enough keys that the reader trusts, about this
//! very recipe, image and access, without a doubt that a rebuild of our own would not have. Stores know a code by its hash; of code that
//! differs from what came out, a store of merges also says by the unit what did.

use std::collections::BTreeMap;

use provenear_shared::container::NetworkAccess;
use provenear_shared::deployment::{Stored, Transport};
use provenear_shared::digest::Sha256Digest;
use provenear_shared::inspection::{Inspection, Line, ManifestOrigin, ManifestText, Stores, store_name};
use provenear_shared::key::PublicKey;
use provenear_shared::manifest::{Attestation, Relation};
use provenear_shared::notice::Notice;
use provenear_shared::report::UnitInputs;

use super::looking::{Looked, Wanted};
use super::unit::digest_of;
use crate::look::inspection::look;
use crate::progress::Progress;
use crate::rebuild::store::{parse_unit, unit_name};

/// Most code hashes of one unit whose manifests are asked for.
const MOST: usize = 8;

/// Which rebuilds are an answer, by the limits that their engines enforced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Enforced {
    /// Those with all of them.
    All,
    /// Those with fewer as well, as a rebuild by us may be.
    AllOrSome,
}

/// Whether the stores answer what this subject wants; where they do by the unit alone, it is looked at by what they say.
pub(super) fn is_answered(looked: &mut Looked, wanted: &Wanted, enforced: Enforced) -> bool {
    if looked.question.policy.keys.is_empty() {
        return false;
    }
    if is_enough(&looked.inspection, &wanted.inputs, enforced) {
        return true;
    }
    let more = ask_by_unit(looked, wanted);
    if more.is_empty() {
        return false;
    }
    let mut question = looked.question.clone();
    question.manifests.extend(more);
    let inspection = look(&question, &looked.http, &Progress::new(true));
    let is_enough = is_enough(&inspection, &wanted.inputs, enforced);
    if is_enough {
        (looked.question, looked.inspection) = (question, inspection);
    }
    is_enough
}

/// The manifests of the code that the stores say came out of this unit.
fn ask_by_unit(looked: &Looked, wanted: &Wanted) -> Vec<ManifestText> {
    let Stores::Asked(stores) = &looked.question.stores else { return Vec::new() };
    let load = |store: &str, name: &str| match pollster::block_on(looked.http.load(store, name)) {
        Ok(Stored::File(text)) => Some(text),
        Ok(Stored::Absent | Stored::WebPage) | Err(_) => None,
    };
    let mut texts = Vec::new();
    for store in stores {
        let unit = load(store, &unit_name(&wanted.id)).and_then(|text| parse_unit(text.as_bytes(), &wanted.id));
        for artifact in unit.into_iter().flat_map(|unit| unit.artifacts).take(MOST) {
            let text = load(store, &store_name(&artifact));
            texts.extend(text.map(|text| ManifestText { text, origin: ManifestOrigin::Store }));
        }
    }
    texts
}

/// Whether enough keys say that the same came out.
fn is_enough(inspection: &Inspection, inputs: &UnitInputs, enforced: Enforced) -> bool {
    let mut keys: BTreeMap<&Sha256Digest, Vec<&PublicKey>> = BTreeMap::new();
    for said in inspection.lines.iter().filter_map(|line| answer(line, inputs, enforced)) {
        let keys = keys.entry(said.artifact()).or_default();
        if !keys.contains(&said.key()) {
            keys.push(said.key());
        }
    }
    keys.values().any(|keys| keys.len() >= inspection.threshold)
}

/// What a line says of this unit.
fn answer<'l>(line: &'l Line, inputs: &UnitInputs, enforced: Enforced) -> Option<&'l Attestation> {
    let said = line.opened.as_ref().ok()?;
    let is_recipe = match line.relation? {
        Relation::Claimed | Relation::ClaimedOtherImage | Relation::ClaimedByNode => true,
        Relation::Unclaimed => false,
    };
    let image = digest_of(&inputs.image);
    let is_image = image.is_some() && said.pulled_image() == image.as_ref();
    let is_reach = said.network_access() == Some(inputs.network_access);
    let is_answer = is_recipe && is_image && is_reach;
    (is_answer && !said.notices().iter().any(|notice| is_worse(notice, inputs, enforced))).then_some(said)
}

/// Whether a rebuild by us would not have this doubt, or may not have it any more.
fn is_worse(notice: &Notice, inputs: &UnitInputs, enforced: Enforced) -> bool {
    match notice {
        Notice::NetworkFull => inputs.network_access != NetworkAccess::Full,
        Notice::LocalSource(_) => !inputs.allow_local_source,
        Notice::SourceFromElsewhere => inputs.source.is_none(),
        Notice::FencesNotHeld(_) => enforced == Enforced::All,
        // Of the source, which a rebuild of it would have as well; of the image, which is the one that was asked for; and of this look-up.
        Notice::CustomBuildCommand
        | Notice::RustcWrapper
        | Notice::CargoAlias
        | Notice::SourcesReplaced
        | Notice::PathOverrides
        | Notice::ConfigInclude
        | Notice::EnvNamesPrograms
        | Notice::ToolchainPath
        | Notice::BuildOutputInTree
        | Notice::SecretInCommand(_)
        | Notice::PrebuiltWasmInTree
        | Notice::ToolchainNotPinned
        | Notice::BuildReadsGit
        | Notice::CheckoutAttributes
        | Notice::SymlinksInTree
        | Notice::SubmodulesInTree
        | Notice::ImageSubstituted
        | Notice::LinkDiffersFromSource(_)
        | Notice::ClaimFromRpc(_)
        | Notice::ClaimDisagrees
        | Notice::MutableByOwner(_)
        | Notice::EndpointFromLink(_)
        | Notice::SingleEndpoint
        | Notice::UnlistedImage(_)
        | Notice::SourceHostPunycode(_)
        | Notice::AccessKeysUnlisted(_)
        | Notice::OldBlock(_)
        | Notice::StoreUnreachable(_)
        | Notice::StoreCut(_)
        | Notice::ManifestsCut => false,
        // A network that was within reach, an older builder, a commit that a branch may lead to by now, and what nobody knows, which may
        // be anything.
        _ => true,
    }
}
