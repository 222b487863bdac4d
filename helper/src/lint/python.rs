//! Contracts in Python, built by nearc: what it would claim of them, what a rebuild of that claim would build, and what they depend
//! on. Not here: contracts in Rust (`contract`).

use provenear_shared::customary::is_customary;
use provenear_shared::finding::FindingCode;
use provenear_shared::gap::{GapCode, RecipeGap};
use provenear_shared::image::ImageRef;
use provenear_shared::nep330::BuildInfo;
use provenear_shared::recipe::Recipe;
use provenear_shared::text::Shown;
use toml::{Table, Value};

use super::contract::Names;
use super::finding::{Findings, Place};
use super::fix::Change;
use super::project::Project;
use super::repository;
use crate::project::nearc::{self, Stated};
use crate::project::{Language, SECTION, get, images};
use crate::source::nearc::{Builds, builds};
use crate::source::paths::{above, join};

/// The library that makes a package a contract.
const SDK: &str = "near-sdk-py";
/// The lock file that nearc installs dependencies by, through uv.
const LOCK: &str = "uv.lock";
/// Tools that format Python, by their tables in `pyproject.toml`.
const FORMATTERS: [&str; 5] = ["black", "ruff", "yapf", "autopep8", "isort"];

/// Looks at each contract in the folder that was named; their names and folders.
pub fn examine(project: &Project, names: &mut Names, findings: &mut Findings) -> Vec<(String, String)> {
    let mut contracts = Vec::new();
    for (path, text) in &project.texts {
        let folder = match path.rsplit_once('/') {
            Some((folder, "pyproject.toml")) => folder,
            None if path == "pyproject.toml" => "",
            Some(_) | None => continue,
        };
        let Ok(table) = toml::from_str::<Table>(text) else { continue };
        if !project.is_within(folder) || !is_contract(&table) {
            continue;
        }
        let name = get(&table, &["project", "name"]).and_then(Value::as_str).unwrap_or("python");
        let name = names.give(name, folder);
        let python = Python { project, path, folder, table: &table, name: &name };
        python.claim(findings);
        python.dependencies(findings);
        python.formatters(findings);
        contracts.push((name, folder.to_owned()));
    }
    contracts
}

fn is_contract(table: &Table) -> bool {
    get(table, &["tool", "near"]).is_some() || requirements(table).any(|it| name_of(it) == SDK)
}

fn requirements(table: &Table) -> impl Iterator<Item = &str> {
    let listed = get(table, &["project", "dependencies"]).and_then(Value::as_array);
    listed.into_iter().flatten().filter_map(Value::as_str)
}

/// What is needed while the contract is worked on.
fn tools(table: &Table) -> impl Iterator<Item = &str> {
    let lists = [get(table, &["dependency-groups"]), get(table, &["project", "optional-dependencies"])];
    let lists = lists.into_iter().flatten().filter_map(Value::as_table).flat_map(Table::values);
    lists.filter_map(Value::as_array).flatten().filter_map(Value::as_str)
}

/// The name of a requirement, in the one spelling that Python has for all of them.
fn name_of(requirement: &str) -> String {
    let end = requirement.find(|it: char| !it.is_ascii_alphanumeric() && !"-_.".contains(it));
    requirement[..end.unwrap_or(requirement.len())].to_ascii_lowercase().replace(['_', '.'], "-")
}

/// Whether a requirement allows one version alone: by `==` without a wildcard, or by a URL with a commit or a digest.
fn is_pinned(requirement: &str) -> bool {
    // What follows says when it is needed.
    let needed = requirement.split(';').next().unwrap_or_default();
    match needed.split_once('@') {
        Some((_, url)) => url.split(|it: char| !it.is_ascii_hexdigit()).any(|part| part.len() >= 40),
        None => needed.split_once("==").is_some_and(|(_, version)| !version.contains('*')),
    }
}

struct Python<'a> {
    project: &'a Project,
    path: &'a str,
    folder: &'a str,
    table: &'a Table,
    name: &'a str,
}

impl Python<'_> {
    fn about(&self, findings: &mut Findings, code: FindingCode, keys: &[&str], message: String) {
        findings.about(self.name, code, self.project.at_key(self.path, keys), message, None);
    }

    /// What nearc would claim, as the recipe of a rebuild.
    fn claim(&self, findings: &mut Findings) {
        let stated = Stated::of(self.table);
        let origin = self.project.clone.as_ref().and_then(|clone| clone.origin.as_deref().zip(clone.head.as_deref()));
        // In its container nearc has the folder of the contract alone, and git is in the root.
        let contract_path = nearc::contract_path(self.table);
        let source = origin.filter(|_| contract_path == self.folder);
        let claim = nearc::claim(self.table, source);
        let info = claim.as_ref().ok().and_then(|claim| claim.build_info.clone()).unwrap_or_default();
        let command = info.build_command.as_deref().unwrap_or_default();
        let built = builds(command, contract_path, &|path| self.project.facts.python.contains(path));
        if let Builds::One { contract, .. } = &built
            && self.project.own_claims.contains(contract)
        {
            let message = format!("`{}` has a claim of its own, to which nearc adds nothing", Shown(contract));
            findings.about(self.name, FindingCode::PythonOwnClaim, Place::file(contract), message, None);
            return;
        }
        match &claim {
            Ok(metadata) => {
                let gaps = Recipe::from_metadata(metadata).err().unwrap_or_default();
                findings.claims(self.name, gaps.iter().map(RecipeGap::code).collect());
                for gap in &gaps {
                    self.gap(findings, stated, gap);
                }
            }
            Err(why) => {
                findings.claims(self.name, [GapCode::MetadataMalformed].into());
                let keys = stated.map(Stated::keys).unwrap_or_default();
                self.about(findings, FindingCode::SectionMalformed, &keys, why.clone());
            }
        }
        if let Some((origin, _)) = origin {
            self.origin(findings, origin);
        }
        if let Some(stated) = stated {
            self.doubts(findings, stated, &info);
            self.built(findings, stated, contract_path, &built);
        }
    }

    /// What the claim lacks.
    fn gap(&self, findings: &mut Findings, stated: Option<Stated>, gap: &RecipeGap) {
        let Some(stated) = stated else {
            let message = format!("`{}` has no section `{}`", Shown(self.path), Language::Python.header(&SECTION));
            self.about(findings, FindingCode::NoSection, &["project", "name"], message);
            return;
        };
        let (keys, shown) = (stated.keys(), stated.keys().join("."));
        let image = [&keys[..], &[stated.image()]].concat();
        let named = get(self.table, &image).and_then(Value::as_str).unwrap_or_default();
        match gap.code() {
            GapCode::ImageMissing => {
                let message = format!("`{shown}` does not name an image by `{}`", stated.image());
                self.about(findings, FindingCode::SectionMalformed, &keys, message);
            }
            GapCode::ImageNotPinned => {
                let has_digest = get(self.table, &[&keys[..], &["image_digest"]].concat()).is_some();
                let apart = if has_digest { ": `image_digest` does not become part of it" } else { "" };
                let message = format!("the claim would name `{}` without a digest{apart}", Shown(named));
                self.about(findings, FindingCode::NoDigest, &image, message);
            }
            GapCode::ImageMalformed => {
                let message = format!("`{}` is not an image", Shown(named));
                self.about(findings, FindingCode::ImageMalformed, &image, message);
            }
            GapCode::BuildCommandMissing => {
                let message = format!("`{shown}` does not name the command by `{}`", stated.command());
                self.about(findings, FindingCode::CommandMissing, &keys, message);
            }
            GapCode::SourceMissing => self.no_source(findings),
            // About the remote, which is judged by itself.
            GapCode::SourceNotGit
            | GapCode::SourceIpfs
            | GapCode::SourceNeedsSsh
            | GapCode::SourceRevisionMissing
            | GapCode::SourceRevisionNotACommit
            | GapCode::SourceRevisionConflict
            | GapCode::SourceCredentials => {}
            GapCode::NotRunnable
            | GapCode::NotRunHere
            | GapCode::MetadataMissing
            | GapCode::MetadataMalformed
            | GapCode::BuildInfoMissing
            | GapCode::ContractPathEscapes
            | GapCode::OutputPathOutsideMount => {
                self.about(findings, FindingCode::SectionMalformed, &keys, gap.to_string());
            }
        }
    }

    /// Where there is no git or no commit, that is said of the whole repository.
    fn no_source(&self, findings: &mut Findings) {
        let Some(clone) = self.project.clone.as_ref().filter(|clone| clone.head.is_some()) else { return };
        let message = match clone.origin {
            Some(_) => {
                let folder = Shown(self.folder);
                format!("nearc sees `{folder}` alone in its container, without the git of the repository")
            }
            None => "the clone has no remote `origin`, which nearc claims as the source".to_owned(),
        };
        findings.about(self.name, FindingCode::NoRepository, Place::default(), message, None);
    }

    /// What is claimed can be rebuilt, and readers have to accept it.
    fn doubts(&self, findings: &mut Findings, stated: Stated, info: &BuildInfo) {
        let at = |key| [&stated.keys()[..], &[key]].concat();
        if let Ok(image) = ImageRef::parse(info.build_environment.as_deref().unwrap_or_default()) {
            let digest = image.digest().to_oci();
            if !images::published().any(|(known, _)| known == digest) {
                let message = format!("`{digest}` is not the digest of a published image that is known here");
                self.about(findings, FindingCode::UnlistedImage, &at(stated.image()), message);
            }
        }
        if info.build_command.as_ref().is_some_and(|words| !words.is_empty() && !is_customary(words)) {
            let message = "nearc's command is another one than cargo-near's".to_owned();
            self.about(findings, FindingCode::CustomBuildCommand, &at(stated.command()), message);
        }
    }

    /// nearc claims the remote as it is spelled.
    fn origin(&self, findings: &mut Findings, origin: &str) {
        // There is nothing in a file to change.
        let set = |url: String| Change::set(self.path, &[], &url);
        let mut judged = Findings::default();
        repository::judge(self.project, self.name, origin, Place::default(), set, &mut judged);
        for finding in judged.sorted() {
            let message = format!("nearc claims the remote as the source, and {}", finding.message);
            findings.about(self.name, finding.code, finding.place, message, None);
        }
    }

    /// What a rebuild of the claim would build.
    fn built(&self, findings: &mut Findings, stated: Stated, contract_path: &str, built: &Builds) {
        let command = [&stated.keys()[..], &[stated.command()]].concat();
        let place = match contract_path {
            "" => "in the root of the repository".to_owned(),
            path => format!("in `{}`", Shown(path)),
        };
        let finds = match built {
            Builds::One { contract, .. } if folder_of(contract) == self.folder => {
                let message = "nearc installs what the project depends on while it builds".to_owned();
                self.about(findings, FindingCode::BuildReadsNetwork, &command, message);
                return;
            }
            Builds::One { contract, .. } if contract_path == self.folder => {
                format!("builds `{}`, and reads the `pyproject.toml` beside that", Shown(contract))
            }
            Builds::One { contract, .. } => format!("builds `{}`", Shown(contract)),
            Builds::Nothing => "finds nothing to build".to_owned(),
            Builds::Other => return,
        };
        let message = format!("a rebuild runs the command {place}, where nearc {finds}");
        self.about(findings, FindingCode::PythonEntryMissing, &command, message);
    }

    fn is_locked(&self) -> bool {
        above(self.folder).any(|folder| self.project.texts.contains_key(&join(folder, LOCK)))
    }

    fn formatters(&self, findings: &mut Findings) {
        let is_exact = |tool: &str| {
            let all = requirements(self.table).chain(tools(self.table));
            self.is_locked() || all.into_iter().any(|it| name_of(it) == tool && is_pinned(it))
        };
        for tool in FORMATTERS.into_iter().filter(|tool| get(self.table, &["tool", *tool]).is_some()) {
            if !is_exact(tool) {
                let message = format!("`{tool}` formats the source, and nothing says which version of it");
                self.about(findings, FindingCode::PythonFormatterOpen, &["tool", tool], message);
            }
        }
    }

    fn dependencies(&self, findings: &mut Findings) {
        let is_locked = self.is_locked();
        let is_open = |it: &&str| !it.trim().is_empty() && !is_pinned(it);
        if let Some(open) = requirements(self.table).find(is_open).filter(|_| !is_locked) {
            let message = format!("`{}` does not say which version", Shown(open));
            self.about(findings, FindingCode::PythonDependenciesOpen, &["project", "dependencies"], message);
        }
        // nearc does not read it, unless the project takes its dependencies from there.
        let dynamic = get(self.table, &["project", "dynamic"]).and_then(Value::as_array);
        let is_read = dynamic.is_some_and(|all| all.iter().any(|it| it.as_str() == Some("dependencies")));
        let path = join(self.folder, "requirements.txt");
        let listed = self.project.texts.get(&path).filter(|_| is_read && !is_locked).map_or("", String::as_str);
        let lines = (1..).zip(listed.lines()).map(|(at, line)| (at, line.split('#').next().unwrap_or_default().trim()));
        let mut lines = lines.filter(|(_, line)| !line.starts_with('-') && is_open(line));
        if let Some((at, line)) = lines.next() {
            let message = format!("`{}` does not say which version", Shown(line));
            findings.about(self.name, FindingCode::PythonDependenciesOpen, Place::line(&path, at), message, None);
        }
        let stated = get(self.table, &["project", "requires-python"]).and_then(Value::as_str).unwrap_or_default();
        let has_file = self.project.texts.contains_key(&join(self.folder, ".python-version"));
        if !is_pinned(stated) && !has_file {
            let message = "no one version of Python is stated".to_owned();
            self.about(findings, FindingCode::PythonVersionOpen, &["project", "requires-python"], message);
        }
    }
}

fn folder_of(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requirements_are_known_by_name() {
        for (requirement, name) in [
            ("near-sdk-py", "near-sdk-py"),
            ("Near_SDK.py >= 1", "near-sdk-py"),
            ("near-sdk-py[extra]==1", "near-sdk-py"),
            ("", ""),
            ("\u{e9}", ""),
        ] {
            assert_eq!(name_of(requirement), name, "{requirement}");
        }
    }

    #[test]
    fn a_requirement_is_pinned_where_it_allows_one_version() {
        let commit = "0f2fb6ea88bb98310cc0fa52a05fd34d8896f810";
        for pinned in [
            "a==1.0",
            "a == 1.0 ; python_version < '3.13'",
            &format!("a @ git+https://h.example/a@{commit}"),
            &format!("a @ https://h.example/a.whl#sha256={commit}{}", &commit[..24]),
        ] {
            assert!(is_pinned(pinned), "{pinned}");
        }
        for open in [
            "a",
            "a>=1",
            "a==1.*",
            "a>=1; python_version == '3.12'",
            "a @ git+https://h.example/a@main",
            "a @ https://h.example/a.whl",
            "",
        ] {
            assert!(!is_pinned(open), "{open}");
        }
    }
}
