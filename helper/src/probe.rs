//! A probe: an author's own tree, built several times in its container with one factor changed at a time, and what of it comes
//! to stand in the code. Builds are those of `rebuild`, comparisons those of `diff`.
//! Not here: what is typed and printed (`cmd/probe`).

pub mod bench;
pub mod check;
pub mod clock;
pub mod hints;
pub mod leak;
pub mod section;
pub mod setting;
pub mod state;
pub mod tools;

use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::Context;
use provenear_shared::report::{Factor, FactorOutcome, FactorReport, ProbeOutcome, ProbeReport, ProbeSchema};

use self::bench::Bench;
use self::section::Section;
use self::setting::Setting;
use self::state::State;
use crate::engine::Engine;
use crate::fetch::cache::Cache;
use crate::files;
use crate::network::url::RepositoryUrl;
use crate::owner::Owner;
use crate::progress::Progress;
use crate::project::{self, Language};
use crate::rebuild::build::find_image;
use crate::rebuild::job::Source;
use crate::rebuild::options::Options;
use crate::source::checkout::{Checkout, Origin, Wanted, gather};
use crate::source::git;
use crate::source::worktree::WorkTree;

/// What stands for the repository of a tree that names none that could be fetched.
const NO_REPOSITORY: &str = "https://unpublished.invalid/tree";

/// What is asked for.
#[derive(Debug, Clone)]
pub struct Asked {
    /// The tree, and the contract in it.
    pub tree: WorkTree,
    /// An image in place of the one that the tree names.
    pub image: Option<String>,
    /// What to change. A second build with nothing changed is made in any case: without it no difference could be put down to
    /// anything.
    pub factors: Vec<Factor>,
    /// For how long builds are begun.
    pub budget: Option<Duration>,
    /// Whether what is kept is built again.
    pub restart: bool,
}

/// Builds, changes, compares.
///
/// # Errors
/// A coded failure where the tree cannot be read or not be built even with nothing changed.
pub fn probe(
    asked: &Asked,
    options: &Options,
    engine: &Engine,
    owner: &Owner,
    progress: &mut Progress,
) -> anyhow::Result<ProbeReport> {
    let started = Instant::now();
    let work = files::work_folder(owner)?;
    let tree = &asked.tree;
    progress.say(&format!("copying `{}`", tree.root.display()));
    let folder = |name: &str| -> anyhow::Result<PathBuf> {
        let folder = work.path().join(name);
        std::fs::create_dir(&folder)?;
        Ok(folder)
    };
    let committed = tree.commit(&folder("tree")?, git::Limits::default())?;
    let wanted = Wanted {
        url: &RepositoryUrl::parse(NO_REPOSITORY, options.local_sources)?,
        commit: &committed.commit,
        origin: &Origin::Directory(committed.repository.clone()),
        limits: git::Limits::default(),
        ca_file: options.ca_file.as_deref(),
    };
    let checkout = gather(&wanted, &folder("source")?)?;
    let section = section(asked, &checkout)?;
    let source = Source::read(checkout, &section.command, &tree.contract, section.output_wasm_path.as_deref())?;
    let image = find_image(engine, &section.image, options, progress)?;

    let repository = section.repository.as_deref().unwrap_or(NO_REPOSITORY);
    let snapshot = format!("git+{repository}?rev={}", committed.commit);
    let env = environment(&section.image, &snapshot, &tree.contract);
    let joined = shell_words::join(&section.command);
    let cpus = options.limits.cpus.to_string();
    let git_tree = source.checkout.git_tree.clone().context("a commit has a tree")?;
    let decided_by = [&git_tree, &snapshot, &image.run, &tree.contract, &joined, &cpus].map(String::as_str);
    let state = State::open(&decided_by, asked.restart)?;
    let usual = Setting::usual(&image, &joined, &env);
    let bench = Bench {
        asked,
        options,
        engine,
        owner,
        work: work.path(),
        source: &source,
        joined: &joined,
        cache: Cache::open()?,
        state,
        usual,
        started,
    };
    let (code_hash, factors) = bench.build_all(progress)?;
    let (outcome, message) = conclude(&factors);
    Ok(ProbeReport {
        schema: ProbeSchema::V1,
        error: (),
        outcome,
        message,
        tree: tree.root.display().to_string(),
        git_tree,
        committed: committed.is_head,
        contract_path: tree.contract.clone(),
        image: section.image,
        build_command: section.command,
        code_hash,
        folder: bench.state.folder().display().to_string(),
        factors,
    })
}

/// Of the manifest in the folder of the contract.
fn section(asked: &Asked, checkout: &Checkout) -> anyhow::Result<Section> {
    let (tree, image) = (&asked.tree, asked.image.as_deref());
    let python = tree.root.join(Language::Python.manifest_in(&tree.contract));
    if checkout.facts.manifest(&tree.contract).is_some() || !python.is_file() {
        return Section::read(&checkout.facts, &tree.contract, image);
    }
    let package = project::packages(&tree.root.join(&tree.contract), &[])?.into_iter().next();
    Section::of_python(&package.context("a folder with a manifest has a package")?.table, image)
}

/// What a build is told of the claim that it is to embed, as a rebuild tells it.
fn environment(image: &str, snapshot: &str, contract: &str) -> Vec<(String, String)> {
    [
        ("NEP330_BUILD_INFO_BUILD_ENVIRONMENT", image),
        ("NEP330_BUILD_INFO_SOURCE_CODE_SNAPSHOT", snapshot),
        ("NEP330_BUILD_INFO_CONTRACT_PATH", contract),
        ("CARGO_NET_OFFLINE", "true"),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .to_vec()
}

/// What all of it comes to, in a word and in a sentence.
fn conclude(factors: &[FactorReport]) -> (ProbeOutcome, String) {
    let names = |of: &dyn Fn(&FactorReport) -> bool| {
        let names: Vec<&str> = factors.iter().filter(|it| of(it)).map(|it| it.factor.code()).collect();
        names.join(", ")
    };
    let is_leak = |it: &FactorReport| it.outcome == FactorOutcome::Leaks;
    let again = factors.iter().any(|it| is_leak(it) && it.factor == Factor::Again);
    let leaks = names(&|it| is_leak(it) && !it.held_by_the_image && it.factor != Factor::Again);
    let held = names(&|it| is_leak(it) && it.held_by_the_image);
    let open =
        names(&|it| matches!(it.outcome, FactorOutcome::NotVaried | FactorOutcome::NotBuilt | FactorOutcome::Unclear));
    let outside = match held.as_str() {
        "" => String::new(),
        held => format!("; outside of this image the code also depends on {held}"),
    };
    let differs = match (again, leaks.as_str()) {
        (true, "") => "two builds with nothing changed give different code (again)".to_owned(),
        (true, leaks) => {
            format!("two builds with nothing changed give different code (again), which depends on {leaks}, too")
        }
        (false, "") => String::new(),
        (false, leaks) => format!("two rebuilds can give different code, which depends on {leaks}"),
    };
    if !differs.is_empty() {
        return (ProbeOutcome::Leaks, format!("{differs}{outside}"));
    }
    if !open.is_empty() {
        return (ProbeOutcome::Incomplete, format!("nothing leaked, but nothing is known of {open}{outside}"));
    }
    let same = "the code stays the same in all that was changed and that two rebuilds in this image can differ in";
    (ProbeOutcome::Clean, format!("{same}{outside}"))
}

#[cfg(test)]
mod tests {
    use super::bench::leave_out;
    use super::*;

    fn with(outcomes: &[(Factor, FactorOutcome)]) -> (ProbeOutcome, String) {
        let report = |factor: &Factor| {
            let found = outcomes.iter().find(|(known, _)| known == factor);
            leave_out(*factor, found.map_or(FactorOutcome::Same, |(_, outcome)| *outcome), None)
        };
        conclude(&Factor::ALL.iter().map(report).collect::<Vec<_>>())
    }

    /// Nothing that was not looked at makes a clean bill, and nothing that every rebuild has in common an accusation.
    #[test]
    fn a_bill_is_clean_only_where_everything_that_was_asked_for_is_known() {
        use FactorOutcome::{Leaks, NotAsked, NotBuilt, NotVaried, Unclear};
        let all = Factor::ALL;
        assert_eq!(with(&[]).0, ProbeOutcome::Clean);
        for open in [NotVaried, NotBuilt, Unclear] {
            assert_eq!(with(&[(Factor::Clock, open)]).0, ProbeOutcome::Incomplete, "{open:?}");
            assert_eq!(with(&[(Factor::Again, open)]).0, ProbeOutcome::Incomplete, "{open:?}");
        }
        assert_eq!(with(&[(Factor::Clock, NotAsked)]).0, ProbeOutcome::Clean);
        for factor in all {
            let (outcome, message) = with(&[(*factor, Leaks)]);
            let expected = if factor.is_held_by_the_image() { ProbeOutcome::Clean } else { ProbeOutcome::Leaks };
            assert_eq!(outcome, expected, "{factor:?}");
            assert!(message.contains(factor.code()), "{message}");
        }
        assert_eq!(with(&[(Factor::Home, Leaks), (Factor::Clock, NotVaried)]).0, ProbeOutcome::Incomplete);
        assert_eq!(with(&[(Factor::Cpus, Leaks), (Factor::Clock, NotVaried)]).0, ProbeOutcome::Leaks);
    }
}
