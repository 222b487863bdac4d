//! `provenear rebuild`: the container build of what is claimed (or of `--recipe`), its manifest, and the verdict by it.

use std::path::Path;

use anyhow::Context;
use provenear_shared::Report;
use provenear_shared::inspection::{Inspection, Question};
use provenear_shared::manifest::Attestation;
use provenear_shared::nep330::{ContractSourceMetadata, MAX_METADATA_SIZE};
use provenear_shared::provenance;
use provenear_shared::recipe::Recipe;
use provenear_shared::report::{SubjectKind, SubjectReport};
use provenear_shared::wasm::diff::DiffReport;

use super::diff;
use crate::args::{Common, Output, Rebuild};
use crate::command;
use crate::failure::{Code, Failure, code_of, fail};
use crate::files::{self, Access, read_capped};
use crate::interrupt;
use crate::look::inspection::{answer, exit_code, look, report};
use crate::look::nearest;
use crate::look::question::{question, subject};
use crate::look::remembering::Remembering;
use crate::look::report::{Rebuilt, print, print_styled, print_text};
use crate::network::transport::Http;
use crate::network::url::LocalSources;
use crate::owner::Owner;
use crate::progress::Progress;
use crate::project::{self, history::History};
use crate::rebuild::options::Options;
use crate::rebuild::ready;
use crate::rebuild::script::compose_script;
use crate::rebuild::signed::{Means, Signed};
use crate::rebuild::statement::{self, PLATFORM};
use crate::rebuild::store::Store;
use crate::redact::redact_error;
use crate::signer::Signer;
use crate::source::checkout::{Origin, Vouched};

/// Runs it.
///
/// # Errors
/// Everything that keeps an artifact from coming out.
pub fn run(args: &Rebuild, output: &Output) -> anyhow::Result<u8> {
    if args.build.bounds.show_commands {
        command::show_commands();
    }
    // With `--tree` they are taken: a workflow gives one list of options to all commands about its tree.
    if args.subject.is_none() && args.tree.is_none() {
        refuse_unread(&args.common)?;
    }
    let mut progress = Progress::new(output.quiet);
    if !output.json {
        progress.beat();
    }
    let client = Http::new(args.common.place.ca_file.as_deref())?;
    let http = Remembering::new(client.clone());
    let looked = match &args.subject {
        Some(text) => {
            let question = question(subject(text, &progress)?, &args.common, &client)?;
            let inspection = look(&question, &http, &progress);
            interrupt::check()?;
            Some((question, inspection))
        }
        None => None,
    };
    let supplied = match (&args.recipe, &args.tree) {
        (Some(file), _) => Some(read_recipe(file)?),
        (None, Some(tree)) => Some(derive_recipe(args, tree)?),
        (None, None) => None,
    };
    let (recipe, origin) = match (&supplied, &looked) {
        (Some(recipe), _) => (recipe.clone(), provenance::Origin::Supplied),
        (None, Some((question, inspection))) => match inspection.recipe() {
            Some(recipe) => (recipe.clone(), provenance::Origin::Claimed),
            // Nothing to build: the report says why.
            None => {
                print(&report(inspection, question), Rebuilt::Nothing, output)?;
                return Ok(exit_code(inspection));
            }
        },
        (None, None) => return fail(Code::Usage, "name a subject, a `--recipe` or a `--tree`"),
    };
    if args.print_commands {
        let options = Options::from_args(&args.build, &args.common)?;
        print_text(&compose_script(&recipe, &options, args.engine.as_deref())?)?;
        return Ok(0);
    }
    match (rebuild(args, &recipe, origin, looked.as_ref(), &mut progress), looked) {
        (Ok(mut made), Some((question, _))) => {
            let (inspection, question) = answer(question, made.key, &made.line, &http);
            let why = explain(args, &inspection, &mut made)?;
            print(&report(&inspection, &question), Rebuilt::Made(made.report), output)?;
            if let Some((why, names)) = why.filter(|_| !output.json) {
                let [a, b] = &names;
                print_styled(&format!("\nwhy it differs:\n{}", diff::summary(&why, [a, b])))?;
            }
            Ok(exit_code(&inspection))
        }
        (Ok(signed), None) => {
            print(&report_recipe(args), Rebuilt::Made(signed.report), output)?;
            Ok(0)
        }
        (Err(error), looked) if output.json => {
            let shown =
                looked.map_or_else(|| report_recipe(args), |(question, inspection)| report(&inspection, &question));
            let code = code_of(&error);
            print(&shown.failed(code, &redact_error(&error)), Rebuilt::Nothing, output)?;
            Ok(code.exit_code())
        }
        (Err(error), _) => Err(error),
    }
}

/// Without a subject nothing is looked up and nothing judged: what is typed for that would change nothing.
fn refuse_unread(common: &Common) -> anyhow::Result<()> {
    let Common { place, signed, accepted } = common;
    let typed = [
        ("--network", place.network.is_some()),
        ("--rpc", !place.rpc.is_empty()),
        ("--quorum", place.quorum.is_some()),
        ("--block", place.block.is_some()),
        ("--trust", !signed.trust.is_empty()),
        ("--manifest", !signed.manifest.is_empty()),
        ("--store", !signed.store.is_empty()),
        ("--threshold", accepted.threshold.is_some()),
        ("--accept-custom-build", accepted.accept_custom_build),
    ];
    match typed.into_iter().find(|(_, is_typed)| *is_typed) {
        Some((option, _)) => fail(
            Code::Usage,
            format!(
                "`{option}` is about a subject, and `--recipe` alone names none: name one beside it, or leave `{option}` out"
            ),
        ),
        None => Ok(()),
    }
}

fn rebuild(
    args: &Rebuild,
    recipe: &Recipe,
    origin: provenance::Origin,
    looked: Option<&(Question, Inspection)>,
    progress: &mut Progress,
) -> anyhow::Result<Signed> {
    let mut options = Options::from_args(&args.build, &args.common)?;
    vouch(&mut options, recipe, looked.map(|(_, inspection)| inspection))?;
    let owner = Owner::current();
    // First what can be wrong at once.
    let engine = ready::engine(args.engine.as_deref(), &owner, &args.out, progress)?;
    let signer = Signer::load(args.key.as_deref(), progress)?;
    let observed =
        looked.and_then(|(question, found)| statement::observe(found, &question.subject, &question.chain.network));
    let means = Means { engine: &engine, owner: &owner, options: &options };
    means.rebuild(recipe, origin, observed.as_ref(), Some(&signer), progress)?.keep(&signer, &Store(&args.out))
}

/// Finds out who says that an archive given as the source is the one of the claimed commit. Only its digest and the word of a key
/// that the reader trusts tell that; without one it is local source, which the reader has to allow.
fn vouch(options: &mut Options, recipe: &Recipe, inspection: Option<&Inspection>) -> anyhow::Result<()> {
    let Origin::Archive(archived) = &mut options.origin else { return Ok(()) };
    let lines = inspection.into_iter().flat_map(|inspection| &inspection.lines);
    let names_it = |said: &Attestation| {
        said.source_archive() == Some(&archived.sha256)
            && said.commit() == recipe.source().commit()
            && said.source_code_snapshot() == recipe.claimed().source_code_snapshot.as_deref()
    };
    let is_named = lines.filter_map(|line| line.opened.as_ref().ok()).any(names_it);
    match (is_named, options.local_sources) {
        (true, _) => archived.vouched = Vouched::Manifest,
        (false, LocalSources::Allowed) => archived.vouched = Vouched::Reader,
        (false, LocalSources::Refused) => {
            let (sha256, commit) = (archived.sha256.to_hex(), recipe.source().commit());
            let message = format!(
                "no manifest by a key that you trust names the archive with the SHA-256 `{sha256}` as the source of commit \
                 `{commit}`: `--trust` and `--manifest` give one, and `--allow-local-source` builds it on your own word"
            );
            return fail(Code::SourceRefused, message);
        }
    }
    Ok(())
}

/// After a rebuild that differs: why, unsigned, beside the manifest.
fn explain(
    args: &Rebuild,
    inspection: &Inspection,
    signed: &mut Signed,
) -> anyhow::Result<Option<(DiffReport, [String; 2])>> {
    let Some(code) = inspection.code().filter(|code| code.bytes() != signed.artifact) else { return Ok(None) };
    // Of the deployed code only its bytes are known; of the artifact, what it was built on.
    let report = diff::compare([code.bytes(), &signed.artifact], [None, Some(PLATFORM)])?;
    let path = args.out.join(format!("{}.diff.json", code.hash().to_base58()));
    files::write(&path, &serde_json::to_vec_pretty(&report)?, Access::Public)?;
    signed.report.diff = Some(path.display().to_string());
    let names =
        [diff::describe("the code asked about", code.bytes()), diff::describe("this rebuild", &signed.artifact)];
    Ok(Some((report, names)))
}

/// A report about nothing but a recipe: no verdict, and no error.
fn report_recipe(args: &Rebuild) -> Report {
    let named = args.recipe.as_deref().or(args.tree.as_deref());
    let name = named.unwrap_or(Path::new("")).display().to_string();
    Report::empty(SubjectReport::new(SubjectKind::File, &name))
}

/// What cargo-near would claim of the one package that is meant.
fn derive_recipe(args: &Rebuild, tree: &Path) -> anyhow::Result<Recipe> {
    let named: Vec<String> = args.package.iter().cloned().collect();
    let packages = project::packages(tree, &named)?;
    let [package] = packages.as_slice() else {
        let names: Vec<&str> = packages.iter().map(|package| package.name.as_str()).collect();
        return fail(Code::Usage, format!("which package is meant? Name it with `--package`: {}", names.join(", ")));
    };
    project::claim::recipe(package, &History::open(tree)?, args.variant.as_deref())
}

fn read_recipe(path: &Path) -> anyhow::Result<Recipe> {
    let text = read_capped(path, MAX_METADATA_SIZE as u64);
    let text = text.with_context(|| nearest::unread("recipe ", path))?;
    let path = path.display();
    let metadata = ContractSourceMetadata::parse(&text)
        .map_err(|error| Failure::new(Code::Usage, format!("`{path}` is not a recipe: {error}")))?;
    Recipe::from_metadata(&metadata).or_else(|gaps| {
        let all: Vec<String> = gaps.iter().map(ToString::to_string).collect();
        fail(Code::NotRebuildable, format!("the recipe `{path}` has gaps: {}", all.join("; ")))
    })
}
