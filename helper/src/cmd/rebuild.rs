//! `provenear rebuild`: the container build of what is claimed (or of `--recipe`), its manifest, and the verdict by it.

use std::path::{Path, PathBuf};

use anyhow::Context;
use provenear_shared::Report;
use provenear_shared::deployment::Code as Wasm;
use provenear_shared::digest::Sha256Digest;
use provenear_shared::inspection::{Inspection, ManifestOrigin, ManifestText, Question, store_name};
use provenear_shared::nep330::{ContractSourceMetadata, MAX_METADATA_SIZE};
use provenear_shared::provenance::Origin;
use provenear_shared::recipe::{Recipe, RecipeGap};
use provenear_shared::report::SubjectReport;
use serde_json::{Value, json};

use super::inspect::{look, report};
use super::{COULD_NOT_LOOK, exit_code};
use crate::args::{self, Rebuild};
use crate::build::{self, Built, Options};
use crate::bundle;
use crate::checkout;
use crate::engine::{Engine, Limits, Owner};
use crate::failure::{Code, code_of, fail};
use crate::files::{self, Access};
use crate::memory::Remembering;
use crate::progress::Progress;
use crate::question::{question, subject};
use crate::report::print;
use crate::signer::Signer;
use crate::statement::{self, About};
use crate::transport::{Http, is_url, read_capped};

/// Runs it.
///
/// # Errors
/// Everything that keeps an artifact from coming out.
pub fn run(args: &Rebuild) -> anyhow::Result<u8> {
    if args.build.show_commands {
        crate::command::show_commands();
    }
    let output = &args.common.output;
    let mut progress = Progress::new(output.quiet);
    let http = Remembering::new(Http::new(args.common.ca_file.as_deref())?);
    let looked = match &args.subject {
        Some(text) => {
            let question = question(subject(text)?, &args.common, &Http::new(args.common.ca_file.as_deref())?)?;
            let inspection = look(&question, &http, &progress);
            Some((question, inspection))
        }
        None => None,
    };
    let supplied = args.recipe.as_deref().map(supplied).transpose()?;
    let (recipe, origin) = match (&supplied, &looked) {
        (Some(recipe), _) => (recipe.clone(), Origin::Supplied),
        (None, Some((question, inspection))) => match (&inspection.outcome, &inspection.recipe) {
            (Ok(_), Ok(recipe)) => (recipe.clone(), Origin::Claimed),
            // Nothing to build: the report says why.
            (Err(_), _) | (_, Err(_)) => {
                print(&report(inspection, question), None, output)?;
                return Ok(exit_code(inspection));
            }
        },
        (None, None) => return fail(Code::Usage, "name a subject or a `--recipe`"),
    };
    let made = make(args, &recipe, origin, looked.as_ref(), &mut progress);
    let (mut shown, exit, extra) = match (&made, looked) {
        (Ok(made), Some((mut question, _))) => {
            question.policy.keys.push((made.key, "you".to_owned()));
            question.manifests.push(ManifestText { text: made.line.clone(), origin: ManifestOrigin::File });
            let inspection = look(&question, &http, &Progress::new(true));
            (report(&inspection, &question), exit_code(&inspection), Some(made.json.clone()))
        }
        (Ok(made), None) => (bare(args), 0, Some(made.json.clone())),
        (Err(_), Some((question, inspection))) => (report(&inspection, &question), COULD_NOT_LOOK, None),
        (Err(_), None) => (bare(args), COULD_NOT_LOOK, None),
    };
    if let Err(error) = made {
        let code = code_of(&error);
        if !output.json {
            return Err(error);
        }
        shown.verdict = None;
        shown.error = Report::failed(shown.subject.clone(), code.as_str(), &format!("{error:#}")).error;
        print(&shown, Some(("rebuild", Value::Null)), output)?;
        return Ok(code.exit());
    }
    print(&shown, extra.map(|part| ("rebuild", part)), output)?;
    Ok(exit)
}

/// A report about nothing but a recipe: no verdict, and no error.
fn bare(args: &Rebuild) -> Report {
    let name = args.recipe.as_deref().unwrap_or(Path::new("")).display().to_string();
    let mut report = Report::failed(SubjectReport::named("file", &name), "", "");
    report.error = None;
    report
}

fn supplied(path: &Path) -> anyhow::Result<Recipe> {
    let text = read_capped(path, MAX_METADATA_SIZE as u64)
        .with_context(|| format!("failed to read recipe `{}`", path.display()))?;
    let metadata = ContractSourceMetadata::parse(&text)
        .map_err(|error| crate::failure::Failure::new(Code::Usage, error.to_string()))?;
    Recipe::from_metadata(&metadata).or_else(|gaps| {
        let all: Vec<String> = gaps.iter().map(RecipeGap::to_string).collect();
        fail(Code::NotRebuildable, format!("the recipe has gaps: {}", all.join("; ")))
    })
}

struct Made {
    key: provenear_shared::key::PublicKey,
    line: String,
    json: Value,
}

fn make(
    args: &Rebuild,
    recipe: &Recipe,
    origin: Origin,
    looked: Option<&(Question, Inspection)>,
    progress: &mut Progress,
) -> anyhow::Result<Made> {
    let options = options(args)?;
    // First what can be wrong at once.
    let engine = Engine::find(args.build.engine.as_deref())?;
    let signer = signer(args, progress)?;
    std::fs::create_dir_all(&args.out).with_context(|| format!("failed to make `{}`", args.out.display()))?;
    let owner = Owner::ourselves();
    let swept = engine.sweep(&owner)?;
    if swept > 0 {
        progress.say(&format!("removed {swept} containers that an earlier run left"));
    }
    let work = files::work_folder(&owner)?;
    let built = build::build(recipe, &options, &engine, &owner, work.path(), progress)?;
    let observed = looked
        .and_then(|(question, inspection)| statement::observed(inspection, &question.subject, &question.place.network));
    let about = About {
        recipe,
        origin,
        options: &options,
        built: &built,
        engine: &engine,
        observed: observed.as_ref(),
        signer: signer.account(),
    };
    let line = serde_json::to_string(&signer.seal(&serde_json::to_vec(&statement::statement(&about))?))?;
    let json = keep(args, &built, &line)?;
    Ok(Made { key: *signer.public(), line, json })
}

/// How to build, from what was typed.
///
/// # Errors
/// [`Code::Usage`].
pub fn options(args: &Rebuild) -> anyhow::Result<Options> {
    let args::Build { source, image, network_access, allow_unlimited, .. } = &args.build;
    let origin = match source {
        None => checkout::Origin::Claimed,
        Some(url) if is_url(url) => checkout::Origin::Url(checkout::RepositoryUrl::parse(url)?),
        Some(folder) => checkout::Origin::Directory(PathBuf::from(folder)),
    };
    let usual = Limits::default();
    let cpus = args.build.cpus.unwrap_or(usual.cpus);
    if !(cpus.is_finite() && cpus > 0.0) {
        return fail(Code::Usage, format!("`--cpus {cpus}` is no number of processors"));
    }
    let limits = Limits {
        memory: args.build.memory,
        cpus,
        pids: args.build.pids,
        disk: args.build.disk,
        output: args.build.log_size,
        time: args.build.timeout,
        ..usual
    };
    Ok(Options {
        origin,
        image: image.clone(),
        network_access: *network_access,
        limits,
        allow_unlimited: *allow_unlimited,
        ca_file: args.common.ca_file.clone(),
    })
}

fn signer(args: &Rebuild, progress: &Progress) -> anyhow::Result<Signer> {
    if let Some(path) = &args.key {
        return Signer::read(path);
    }
    let (signer, path, is_new) = Signer::default_key()?;
    if is_new {
        progress.say(&format!("made a signing key in `{}`: {}", path.display(), signer.public().to_near()));
    }
    Ok(signer)
}

/// Writes what came out, each file at once: wasm, log, source archive, then the manifest that names them.
fn keep(args: &Rebuild, built: &Built, line: &str) -> anyhow::Result<Value> {
    let wasm = Wasm::new(built.artifact.clone())
        .map_err(|error| crate::failure::Failure::new(Code::LimitExceeded, error.to_string()))?;
    let hash: &Sha256Digest = wasm.hash();
    let named = |end: &str| args.out.join(format!("{}.{end}", hash.to_base58()));
    let (artifact, log, source) = (named("wasm"), named("log"), named("source.tar"));
    files::write(&artifact, &built.artifact, Access::Public)?;
    files::write(&log, &std::fs::read(&built.log)?, Access::Public)?;
    files::copy(&built.checkout.archive, &source)?;
    let manifest = args.out.join(store_name(hash));
    bundle::merge(&manifest, &[line.to_owned()])?;
    let sigstore = bundle::write_sigstore(&manifest, line)?;
    Ok(json!({
        "artifact": {"code_hash": hash.to_base58(), "sha256": hash.to_hex(), "path": artifact},
        "manifest": manifest, "sigstore": sigstore, "log": log, "source_archive": source, "phases": built.phases,
    }))
}
