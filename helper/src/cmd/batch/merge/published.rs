//! What a published store says came out of units, whichever plan they were in: its manifests about the same recipe, image and access, by
//! whomever they are signed, and what earlier merges noted. The store is read, and nothing is written there. Not here: what follows from it (`merge`).

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};

use anyhow::Context;
use provenear_shared::digest::Sha256Digest;
use provenear_shared::dsse::Envelope;
use provenear_shared::manifest::{items, open_untrusted};
use provenear_shared::provenance::Statement;
use provenear_shared::recipe::{Claimed, Recipe};
use provenear_shared::report::UnitInputs;
use provenear_shared::verdict::ClaimBasis;

use super::alike;
use crate::cmd::batch::evidence::check_inputs;
use crate::cmd::batch::unit;
use crate::files::read_plain;
use crate::interrupt;
use crate::network::transport::MAX_MANIFESTS;
use crate::rebuild::store::Store;

/// The code that came out of each unit, and where the store has it.
pub(super) type Published = BTreeMap<Sha256Digest, BTreeMap<Sha256Digest, PathBuf>>;

/// A unit that is looked for.
struct Wanted<'a> {
    id: Sha256Digest,
    inputs: &'a UnitInputs,
    recipe: Recipe,
}

/// Reads all manifests of a store once, however many units there are.
///
/// # Errors
/// When one of its files cannot be read: what it says would be signed against.
pub(super) fn read<'a>(
    store: &Path,
    units: impl Iterator<Item = (Sha256Digest, &'a UnitInputs)>,
) -> anyhow::Result<Published> {
    let units: BTreeMap<Sha256Digest, &UnitInputs> = units.collect();
    let mut by_claim: HashMap<Claimed, Vec<Wanted<'_>>> = HashMap::new();
    for (&id, &inputs) in &units {
        let recipe = unit::recipe(inputs)?;
        by_claim.entry(recipe.claimed().clone()).or_default().push(Wanted { id, inputs, recipe });
    }
    let folder = store.join("manifests");
    let code = |artifact: &Sha256Digest| store.join("code").join(format!("{}.wasm", artifact.to_base58()));
    let mut published = Published::new();
    // What was refused has no manifest, and is noted all the same.
    for (id, inputs) in &units {
        for noted in alike(inputs) {
            for artifact in Store(&folder).unit(&noted)? {
                published.entry(*id).or_default().insert(artifact, code(&artifact));
            }
        }
    }
    let failed = |path: &Path| format!("failed to read `{}`", path.display());
    let listed = std::fs::read_dir(&folder).and_then(Iterator::collect::<std::io::Result<Vec<_>>>);
    for path in listed.with_context(|| failed(&folder))?.into_iter().map(|entry| entry.path()) {
        if !path.to_string_lossy().ends_with(".intoto.jsonl") {
            continue;
        }
        interrupt::check()?;
        let text = read_plain(&path, MAX_MANIFESTS).with_context(|| failed(&path))?;
        for line in items(&String::from_utf8_lossy(&text), usize::MAX).0 {
            for (id, artifact) in open(line, &by_claim) {
                published.entry(id).or_default().insert(artifact, code(&artifact));
            }
        }
    }
    Ok(published)
}

/// The units that a line is about, and the code that it says came out of each. A line that does not hold is about none.
fn open(line: &str, by_claim: &HashMap<Claimed, Vec<Wanted<'_>>>) -> Vec<(Sha256Digest, Sha256Digest)> {
    let payload = Envelope::parse(line.as_bytes()).ok().and_then(|envelope| envelope.payload_bytes());
    let Some(statement) = payload.and_then(|payload| Statement::parse(&payload).ok()) else { return Vec::new() };
    let claimed = statement.predicate.build_definition.external_parameters.claimed();
    let about = |wanted: &Wanted<'_>| {
        let opened = open_untrusted(line, Some(&wanted.recipe), ClaimBasis::Code).ok()?;
        check_inputs(wanted.inputs, &wanted.recipe, &opened, &statement).ok()?;
        Some((wanted.id, opened.artifact))
    };
    by_claim.get(&claimed).into_iter().flatten().filter_map(about).collect()
}
