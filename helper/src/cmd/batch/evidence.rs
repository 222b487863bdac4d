//! What a run left of one unit, examined before it is taken: the folder is whole and named for its inputs, and its manifest is signed by
//! the key that it names, about this recipe, and about the very wasm, log and source beside it. What nobody signed is signed here, once
//! all of that holds. Not here: whom a reader trusts.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use provenear_shared::digest::{Hex, Sha256Digest};
use provenear_shared::dsse::Envelope;
use provenear_shared::key::PublicKey;
use provenear_shared::manifest::{Relation, Untrusted, items, open_untrusted, stated_notices};
use provenear_shared::near::MAX_CONTRACT_SIZE;
use provenear_shared::notice::Notice;
use provenear_shared::provenance::{
    ANNOTATION_HOST, BYPRODUCT_LOG, DEPENDENCY_IMAGE, DEPENDENCY_SOURCE_ARCHIVE, Origin, ResourceDescriptor, Statement,
};
use provenear_shared::recipe::Recipe;
use provenear_shared::report::{PlanUnit, RefusalCode, UnitFileName, UnitInputs, UnitReport};
use provenear_shared::verdict::ClaimBasis;

use super::builder::is_about_the_source;
use super::folder::{self, REPORT, Refusal};
use super::unit;
use crate::files::read_capped;
use crate::network::transport::MAX_MANIFESTS;
use crate::rebuild::statement::adopt;
use crate::rebuild::store::{Stored, unit_id};
use crate::signer::Signer;

/// What came of a unit.
pub(super) enum Came {
    /// Code did.
    Code(Box<Checked>),
    /// Its build failed.
    Failure(Box<UnitReport>),
}

/// What may be taken.
#[derive(Clone, Copy, Default)]
pub(super) struct Taking<'a> {
    /// The units, where not all may be.
    pub(super) plan: Option<&'a HashMap<Sha256Digest, PlanUnit>>,
    /// Who signs what nobody signed.
    pub(super) signer: Option<&'a Signer>,
    /// Whose signatures are taken, where not everybody's are.
    pub(super) trusted: Option<&'a [PublicKey]>,
}

/// A rebuild that may be taken.
pub(super) struct Checked {
    pub(super) report: UnitReport,
    /// The wasm. It is read again where it is needed, since there can be ten thousand of them.
    pub(super) artifact: (PathBuf, Sha256Digest),
    /// Whether nobody had signed it.
    pub(super) was_unsigned: bool,
    /// Whether every fence was held around the build, by its statement.
    pub(super) is_fenced: bool,
    /// The key that signed.
    pub(super) key: PublicKey,
    /// The manifest, in the one spelling that a store has.
    pub(super) line: String,
    log: (PathBuf, Sha256Digest),
    source: (PathBuf, Sha256Digest),
}

impl Checked {
    /// The wasm.
    ///
    /// # Errors
    /// When it cannot be read, or was changed since.
    pub(super) fn read_artifact(&self) -> Result<Vec<u8>, Refusal> {
        read_again(&self.artifact.0, MAX_CONTRACT_SIZE as u64, &self.artifact.1)
    }

    /// The files, as a store takes them.
    pub(super) fn stored<'s>(&'s self, artifact: &'s [u8]) -> Stored<'s> {
        Stored {
            artifact,
            log: &self.log.0,
            log_sha256: self.log.1,
            source: &self.source.0,
            source_sha256: self.source.1,
        }
    }
}

/// Examines a folder that is named for a unit.
///
/// # Errors
/// Why it is not taken.
pub(super) fn examine(path: &Path, id: &Sha256Digest, taking: Taking<'_>) -> Result<Came, Refusal> {
    let planned = taking.plan.and_then(|units| units.get(id));
    if taking.plan.is_some() && planned.is_none() {
        return Err(Refusal::new(RefusalCode::OtherPlan, "it is not a unit of this plan"));
    }
    let report = folder::read(path)?;
    if report.unit != Hex(*id) || unit_id(&report.inputs) != *id {
        return Err(other_unit("the folder is named for another unit than its inputs give"));
    }
    let named = folder::named(&report)?;
    if let Some(error) = &report.error {
        if !is_about_the_source(error.code) {
            let why = format!("no run leaves `{}` as the result of a unit", error.code.code());
            return Err(Refusal::new(RefusalCode::Forged, why));
        }
        return Ok(Came::Failure(Box::new(report)));
    }
    let file = |name: UnitFileName| match named.get(&name) {
        Some(digest) => Ok((path.join(name.code()), *digest)),
        None => Err(Refusal::new(RefusalCode::HalfWritten, format!("`{REPORT}` names no `{}`", name.code()))),
    };
    let (log, source) = (file(UnitFileName::Log)?, file(UnitFileName::Source)?);
    let artifact = file(UnitFileName::Artifact)?;
    read_again(&artifact.0, MAX_CONTRACT_SIZE as u64, &artifact.1)?;
    let was_unsigned = !named.contains_key(&UnitFileName::Manifest);
    let line = if !was_unsigned {
        let (manifest, digest) = file(UnitFileName::Manifest)?;
        only_line(read_again(&manifest, MAX_MANIFESTS, &digest)?)?
    } else {
        let (statement, digest) = file(UnitFileName::Statement)?;
        let Some(signer) = taking.signer else {
            return Err(Refusal::new(RefusalCode::Unsigned, "nobody signed it: `--key` names who does"));
        };
        sign(&read_again(&statement, MAX_MANIFESTS, &digest)?, signer, planned)?
    };
    let about = About { inputs: &report.inputs, artifact: artifact.1, log: log.1, source: source.1 };
    let Opened { key, line, is_fenced } = open(&line, &about)?;
    if taking.trusted.is_some_and(|trusted| !trusted.contains(&key)) {
        let why = format!("it is signed by `{}`, which is neither `--key` nor named by `--trust`", key.to_near());
        return Err(Refusal::new(RefusalCode::UntrustedKey, why));
    }
    if report.key.is_some_and(|named| named != key) {
        return Err(Refusal::new(RefusalCode::Forged, format!("`{REPORT}` names another key than the manifest")));
    }
    Ok(Came::Code(Box::new(Checked { report, artifact, was_unsigned, is_fenced, key, line, log, source })))
}

/// What a manifest has to be about.
struct About<'a> {
    inputs: &'a UnitInputs,
    artifact: Sha256Digest,
    log: Sha256Digest,
    source: Sha256Digest,
}

/// A manifest that is what it has to be.
struct Opened {
    key: PublicKey,
    /// In one spelling: what stands around payload and signature is signed by nobody.
    line: String,
    is_fenced: bool,
}

/// Opens a manifest by the key that it names.
fn open(line: &str, about: &About<'_>) -> Result<Opened, Refusal> {
    let forged = |why: String| Refusal::new(RefusalCode::Forged, why);
    let recipe = unit::recipe(about.inputs).map_err(|error| other_unit(format!("{error:#}")))?;
    let opened = open_untrusted(line, Some(&recipe), ClaimBasis::Code).map_err(|why| forged(why.to_string()))?;
    let envelope = Envelope::parse(line.as_bytes()).ok();
    let payload = envelope.as_ref().and_then(Envelope::payload_bytes);
    let statement = payload.as_ref().and_then(|payload| Statement::parse(payload).ok());
    let signature = envelope.as_ref().and_then(|it| it.signatures.first()?.bytes());
    let (Some(payload), Some(statement), Some(signature)) = (payload, statement, signature) else {
        return Err(forged("the line is not a manifest of a rebuild".to_owned()));
    };
    if statement.predicate.build_definition.build_type != about.inputs.build_type {
        return Err(other_unit("the manifest is of another build type"));
    }
    check_inputs(about.inputs, &recipe, &opened, &statement)?;
    let notices = stated_notices(line).map_err(|why| forged(why.to_string()))?;
    let is_claimed = opened.pulled_image.as_ref() == Some(recipe.image().digest());
    for (is_implied, notice) in
        [(about.inputs.source.is_some(), Notice::SourceFromElsewhere), (!is_claimed, Notice::ImageSubstituted)]
    {
        if is_implied != notices.contains(&notice) {
            let (says, make) = if is_implied { ("does not say", "make") } else { ("says", "do not make") };
            let code = notice.code().code();
            return Err(other_unit(format!("the manifest {says} `{code}`, which its inputs {make} of it")));
        }
    }
    if !about.inputs.allow_local_source && notices.iter().any(|notice| matches!(notice, Notice::LocalSource(_))) {
        return Err(other_unit("the manifest says `local-source`, which its inputs do not allow"));
    }
    let is_lax = |notice: &Notice| matches!(notice, Notice::FencesNotHeld(_) | Notice::NetworkNotFenced);
    let is_fenced = !notices.iter().any(is_lax);
    let byproducts = &statement.predicate.run_details.byproducts;
    let log = byproducts.iter().find(|it| it.name.as_deref() == Some(BYPRODUCT_LOG));
    let source = statement.dependencies(DEPENDENCY_SOURCE_ARCHIVE).next();
    for (what, is_it) in [
        ("wasm", opened.artifact == about.artifact),
        ("log", log.is_some_and(|it| is_of(it, &about.log))),
        ("source", source.is_some_and(|it| is_of(it, &about.source))),
    ] {
        if !is_it {
            let why = format!("the manifest is not about the {what} beside it");
            return Err(Refusal::new(RefusalCode::OtherFiles, why));
        }
    }
    let line = serde_json::to_string(&Envelope::seal(&payload, &opened.key, &signature));
    Ok(Opened { key: opened.key, line: line.map_err(|error| forged(error.to_string()))?, is_fenced })
}

/// That a manifest is about a rebuild of these inputs: their recipe, in their image, with their access to the network.
///
/// # Errors
/// What it is about instead.
pub(super) fn check_inputs(
    inputs: &UnitInputs,
    recipe: &Recipe,
    opened: &Untrusted,
    statement: &Statement,
) -> Result<(), Refusal> {
    if opened.relation.is_none_or(|relation| relation == Relation::Unclaimed) {
        return Err(other_unit("the manifest is about another recipe"));
    }
    let definition = &statement.predicate.build_definition;
    if definition.internal_parameters.network_access != inputs.network_access.as_str() {
        return Err(other_unit("the manifest is about a build with other access to the network"));
    }
    let is_image = match unit::digest_of(&inputs.image) {
        Some(pinned) => opened.pulled_image == Some(pinned),
        None => {
            let image = statement.dependencies(DEPENDENCY_IMAGE).next();
            let is_named = image.and_then(|it| it.uri.as_deref()) == Some(inputs.image.as_str());
            // Nobody sees afterwards whether a tag led to it.
            is_named && opened.pulled_image.as_ref() != Some(recipe.image().digest())
        }
    };
    if is_image { Ok(()) } else { Err(other_unit("the manifest is about another image")) }
}

fn is_of(descriptor: &ResourceDescriptor, digest: &Sha256Digest) -> bool {
    descriptor.digest.get("sha256").is_some_and(|hex| *hex == digest.to_hex())
}

/// Signs what another machine stated. It is opened and held against its files afterwards, as any other.
fn sign(text: &[u8], signer: &Signer, planned: Option<&PlanUnit>) -> Result<String, Refusal> {
    let forged = |why: String| Refusal::new(RefusalCode::Forged, why);
    let mut statement = Statement::parse(text).map_err(|error| forged(format!("it states no rebuild: {error}")))?;
    if statement.predicate.build_definition.internal_parameters.signer.is_some() {
        return Err(forged("what nobody signed names a signer".to_owned()));
    }
    let definition = &statement.predicate.build_definition;
    if definition.external_parameters.origin != Origin::Claimed {
        return Err(forged("what is planned is what contracts claim, and this says that it is not".to_owned()));
    }
    // What the chain said is the planner's to say; a run of an earlier plan saw an earlier block.
    if let Some(planned) = planned {
        statement.predicate.build_definition.internal_parameters.observed.clone_from(&planned.observed);
    }
    if !matches!(statement.predicate.run_details.byproducts.as_slice(), [log] if is_own_log(log)) {
        return Err(forged("it does not name one log of a machine".to_owned()));
    }
    adopt(&mut statement, text, signer);
    let payload = serde_json::to_vec(&statement).map_err(|error| forged(error.to_string()))?;
    serde_json::to_string(&signer.seal(&payload)).map_err(|error| forged(error.to_string()))
}

/// Whether a byproduct is a log as `batch run` names it.
fn is_own_log(byproduct: &ResourceDescriptor) -> bool {
    let is_plain = |(name, value): (&String, &String)| name == ANNOTATION_HOST && !value.contains(char::is_control);
    byproduct.name.as_deref() == Some(BYPRODUCT_LOG) && byproduct.annotations.iter().all(is_plain)
}

/// The one manifest of a unit.
fn only_line(text: Vec<u8>) -> Result<String, Refusal> {
    let forged = |why: String| Refusal::new(RefusalCode::Forged, why);
    let text = String::from_utf8(text).map_err(|_| forged("the manifest is not text".to_owned()))?;
    match *items(&text, 2).0 {
        [line] => Ok(line.to_owned()),
        _ => Err(forged("it does not hold one manifest".to_owned())),
    }
}

/// Reads a file whose digest was seen a moment ago, and may have been changed since.
fn read_again(path: &Path, cap: u64, digest: &Sha256Digest) -> Result<Vec<u8>, Refusal> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let bytes = read_capped(path, cap);
    let bytes =
        bytes.map_err(|error| Refusal::new(RefusalCode::Unreadable, format!("`{name}` cannot be read: {error}")))?;
    if Sha256Digest::of(&bytes) == *digest {
        Ok(bytes)
    } else {
        Err(Refusal::new(RefusalCode::Altered, format!("`{name}` was changed")))
    }
}

fn other_unit(why: impl Into<String>) -> Refusal {
    Refusal::new(RefusalCode::OtherUnit, why)
}
