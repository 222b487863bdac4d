//! What keeps a contract from being rebuilt, found in its source before it is deployed: files are read, never run, and nothing
//! is asked of the network. One room for each subject. Not here: what a finding means (`shared::finding`), how it is printed
//! (`cmd::lint`).

pub mod clone;
pub mod command;
pub mod config;
pub mod contract;
pub mod dependencies;
pub mod finding;
pub mod fix;
pub mod git;
pub mod image;
pub mod javascript;
pub mod lock;
pub mod place;
pub mod project;
pub mod pushed;
pub mod python;
pub mod repository;
pub mod scripts;
pub mod section;
pub mod toolchain;
pub mod tree;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::Duration;

use provenear_shared::finding::FindingCode;
use provenear_shared::report::{Language, LintReport, LintSchema, LintedContract};
use provenear_shared::text::Shown;

pub use finding::{Finding, Place};

use contract::{Contract, Names};
use finding::Findings;
use project::Project;
use scripts::Asking;

use crate::deadline::Deadline;
use crate::failure::{Code, fail};
use crate::interrupt;
use crate::source::packages::{Manifests, Packages};

/// How long all of it may take, beside what git is asked: an honest repository takes a second.
const TIME: Duration = Duration::from_secs(60);

/// What was found in a folder.
#[derive(Debug)]
pub struct Linted {
    /// The root of the repository.
    pub root: PathBuf,
    /// The contracts.
    pub contracts: Vec<LintedContract>,
    /// The findings, by path and line.
    pub findings: Vec<Finding>,
    /// The exit code.
    pub exit: u8,
}

impl Linted {
    /// What its contracts are written in.
    pub fn language(&self) -> Language {
        language(&self.contracts)
    }

    /// As it is printed.
    pub fn report(&self, fixed: Vec<String>) -> LintReport {
        LintReport {
            schema: LintSchema::V1,
            error: (),
            contracts: self.contracts.clone(),
            findings: self.findings.iter().map(Finding::report).collect(),
            fixed,
            exit: self.exit,
        }
    }
}

/// Reads a folder and what is around it.
///
/// # Errors
/// [`Code::Usage`] where there is no contract, and where the folder cannot be read or holds more than is read.
pub fn lint(folder: &Path) -> anyhow::Result<Linted> {
    lint_until(folder, Deadline::after(TIME, Code::LimitExceeded))
}

fn lint_until(folder: &Path, until: Deadline) -> anyhow::Result<Linted> {
    let project = Project::read(folder, until)?;
    let found = contract::find(&project);
    let workspaces = contract::workspaces(&project, &found.examined);
    let locks = contract::locks(&project, &workspaces);
    let mut names = Names::default();
    let contracts = contract::contracts(&project, &found.examined, &workspaces, &locks, &mut names);
    let mut findings = Findings::default();
    let mut linted: Vec<LintedContract> = Vec::new();
    let mut add = |name: String, language: Language, folder: &str| {
        // Filled in when all is found.
        let prediction = Findings::default().predict(&name);
        linted.push(LintedContract { name, language, folder: folder.to_owned(), prediction });
    };

    let manifests = Manifests::of(&project.facts);
    let asking = Asking::of(&project, &manifests);
    for contract in &contracts {
        add(contract.name(), Language::Rust, contract.folder);
        if project.goes_on() {
            examine(contract, &manifests, &asking, &mut findings);
        }
    }
    for folder in found.beside.iter().take_while(|_| project.goes_on()) {
        let place = project.at(folder, &["package", "name"]);
        findings.add(
            FindingCode::ContractWithoutSection,
            place,
            format!("`{}` builds a contract, and its manifest has no section for reproducible builds", Shown(folder)),
        );
    }
    findings.language = Language::Python;
    for (name, folder) in python::examine(&project, &mut names, &mut findings) {
        add(name, Language::Python, &folder);
    }
    findings.language = Language::JavaScript;
    for (name, folder) in javascript::examine(&project, &mut names, &mut findings) {
        add(name, Language::JavaScript, &folder);
    }
    // Of a folder that was not read to the end nobody knows that there is none in it.
    if linted.is_empty() && !project.is_cut_short() {
        // What is not TOML does not say what it makes.
        let manifests = ["Cargo.toml", "pyproject.toml"].map(|name| folder.join(name));
        manifests.iter().filter(|path| path.is_file()).try_for_each(|path| crate::project::read(path).map(drop))?;
        let what =
            "neither a `Cargo.toml` of a package with near-sdk, nor a `pyproject.toml` or `package.json` of a contract";
        return fail(Code::Usage, format!("`{}` does not hold a contract: {what}", folder.display()));
    }
    findings.language = language(&linted);
    git::examine(&project, &repositories(&project, &contracts, &linted), &mut findings);
    tree::examine(&project, &mut findings);
    interrupt::check()?;
    if project.is_cut_short() || findings.is_cut_short() {
        let message = "there is more than is looked at, and not everything was";
        findings.add(FindingCode::NotFinished, Place::default(), message);
    }
    for contract in &mut linted {
        contract.prediction = findings.predict(&contract.name);
    }
    let exit = findings.exit_code();
    Ok(Linted { root: project.root, contracts: linted, findings: findings.sorted(), exit })
}

/// The repositories that the contracts name. nearc names the remote `origin`.
fn repositories(project: &Project, contracts: &[Contract<'_>], linted: &[LintedContract]) -> BTreeSet<String> {
    let named = |contract: &Contract<'_>| Some(contract.inherited("repository")?.0.as_str()?.to_owned());
    let is_python = linted.iter().any(|contract| contract.language == Language::Python);
    let origin = project.clone.as_ref().and_then(|clone| clone.origin.clone()).filter(|_| is_python);
    contracts.iter().filter_map(named).chain(origin).collect()
}

/// What all contracts are written in, or the usual language.
fn language(contracts: &[LintedContract]) -> Language {
    let first = contracts.first().map(|contract| contract.language);
    first.filter(|first| contracts.iter().all(|contract| contract.language == *first)).unwrap_or(Language::Rust)
}

/// All that is about one contract, or one variant of its build.
fn examine(contract: &Contract<'_>, manifests: &Manifests<'_>, asking: &Asking<'_>, findings: &mut Findings) {
    let section = section::read(contract, findings);
    let image = section.as_ref().and_then(|section| image::examine(contract, section, findings));
    if let Some(section) = &section {
        command::examine(contract, section, image.as_ref(), findings);
    }
    repository::examine(contract, findings);
    let lock = lock::examine(contract, image.as_ref(), findings);
    dependencies::examine(contract, &lock, image.as_ref(), section.as_ref(), findings);
    toolchain::examine(contract, image.as_ref(), findings);
    let made_of = contract.lock.and_then(|lock| lock.reachable(&contract.package));
    let packages = Packages::made_of(manifests, made_of);
    config::examine(contract, &packages, section.as_ref(), findings);
    scripts::examine(contract, asking, &packages, &lock, section.as_ref(), findings);
}

#[cfg(test)]
mod tests;
