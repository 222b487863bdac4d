//! Contracts in Python, built by nearc: their section `[tool.near.reproducible_build]`, the source that nearc claims, and what they
//! depend on. Not here: contracts in Rust (`contract`).

use provenear_shared::finding::FindingCode;
use provenear_shared::image::ImageRef;
use provenear_shared::text::Shown;
use toml::{Table, Value};

use super::contract::Names;
use super::finding::{Findings, Place};
use super::fix::Change;
use super::project::Project;
use super::repository;
use crate::project::get;
use crate::source::paths::join;

/// The section.
const SECTION: [&str; 3] = ["tool", "near", "reproducible_build"];
/// The library that makes a package a contract.
const SDK: &str = "near-sdk-py";
/// Files that pin what is depended on.
const LOCKS: [&str; 4] = ["uv.lock", "poetry.lock", "pdm.lock", "Pipfile.lock"];

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
        python.section(findings);
        python.source(findings);
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

struct Python<'a> {
    project: &'a Project,
    path: &'a str,
    folder: &'a str,
    table: &'a Table,
    name: &'a str,
}

impl Python<'_> {
    fn at(&self, keys: &[&str]) -> Place {
        self.project.at_key(self.path, keys)
    }

    fn about(&self, findings: &mut Findings, code: FindingCode, keys: &[&str], message: String) {
        findings.about(self.name, code, self.at(keys), message, None);
    }

    fn section(&self, findings: &mut Findings) {
        let Some(section) = get(self.table, &SECTION).and_then(Value::as_table) else {
            let message = format!("`{}` has no section `[{}]`", Shown(self.path), SECTION.join("."));
            self.about(findings, FindingCode::NoSection, &["project", "name"], message);
            return;
        };
        let text = |key: &str| section.get(key).and_then(Value::as_str).unwrap_or_default();
        let at = |key: &'static str| [SECTION[0], SECTION[1], SECTION[2], key];
        let (image, digest) = (text("image"), text("image_digest"));
        if image.is_empty() {
            let message = "the section does not name an `image`".to_owned();
            self.about(findings, FindingCode::SectionMalformed, &SECTION, message);
        } else if digest.is_empty() {
            let message = "the section does not name the image by its digest".to_owned();
            self.about(findings, FindingCode::NoDigest, &at("image"), message);
        } else if ImageRef::parse(&format!("{image}@{digest}")).is_err() {
            let message = format!("`{}@{}` is not an image", Shown(image), Shown(digest));
            self.about(findings, FindingCode::ImageMalformed, &at("image_digest"), message);
        } else {
            let message = format!("`{}` is not the digest of a published image that is known here", Shown(digest));
            self.about(findings, FindingCode::UnlistedImage, &at("image_digest"), message);
        }
        match section.get("container_build_command").and_then(Value::as_array) {
            Some(words) if !words.is_empty() => {
                let message = "nearc's command is another one than cargo-near's".to_owned();
                self.about(findings, FindingCode::CustomBuildCommand, &at("container_build_command"), message);
            }
            Some(_) | None => {
                let message = "the section does not name `container_build_command`".to_owned();
                self.about(findings, FindingCode::CommandMissing, &SECTION, message);
            }
        }
    }

    /// nearc claims the remote as it is spelled.
    fn source(&self, findings: &mut Findings) {
        let Some(remote) = self.project.clone.as_ref().and_then(|clone| clone.remotes.first()) else { return };
        // There is nothing in a file to change.
        let set = |url: String| Change::set(self.path, &[], &url);
        let mut judged = Findings::default();
        repository::judge(self.project, self.name, remote, Place::default(), set, &mut judged);
        for finding in judged.sorted() {
            let message = format!("nearc claims the remote as the source, and {}", finding.message);
            findings.about(self.name, finding.code, finding.place, message, None);
        }
    }

    fn is_locked(&self) -> bool {
        LOCKS.iter().any(|lock| {
            let folders = crate::source::paths::above(self.folder);
            folders.into_iter().any(|folder| self.project.texts.contains_key(&join(folder, lock)))
        })
    }

    fn formatters(&self, findings: &mut Findings) {
        let is_pinned = |tool: &str| {
            let all = requirements(self.table).chain(tools(self.table));
            self.is_locked() || all.into_iter().any(|it| name_of(it) == tool && it.contains("=="))
        };
        for tool in FORMATTERS.into_iter().filter(|tool| get(self.table, &["tool", *tool]).is_some()) {
            if !is_pinned(tool) {
                let message = format!("`{tool}` formats the source, and nothing says which version of it");
                self.about(findings, FindingCode::PythonFormatterOpen, &["tool", tool], message);
            }
        }
    }

    fn dependencies(&self, findings: &mut Findings) {
        let is_locked = self.is_locked();
        let is_open = |it: &&str| !it.contains("==") && !it.contains('@') && !it.trim().is_empty();
        if let Some(open) = requirements(self.table).find(is_open).filter(|_| !is_locked) {
            let message = format!("`{}` does not say which version", Shown(open));
            self.about(findings, FindingCode::PythonDependenciesOpen, &["project", "dependencies"], message);
        }
        let path = join(self.folder, "requirements.txt");
        let listed = self.project.texts.get(&path).map_or("", String::as_str);
        let lines = (1..).zip(listed.lines()).map(|(at, line)| (at, line.split('#').next().unwrap_or_default().trim()));
        let mut lines = lines.filter(|(_, line)| !line.starts_with('-') && is_open(line));
        if let Some((at, line)) = lines.next().filter(|_| !is_locked) {
            let message = format!("`{}` does not say which version", Shown(line));
            findings.about(self.name, FindingCode::PythonDependenciesOpen, Place::line(&path, at), message, None);
        }
        let stated = get(self.table, &["project", "requires-python"]).and_then(Value::as_str).unwrap_or_default();
        let has_file = self.project.texts.contains_key(&join(self.folder, ".python-version"));
        if !stated.contains("==") && !has_file {
            let keys = ["project", "requires-python"];
            self.about(
                findings,
                FindingCode::PythonVersionOpen,
                &keys,
                "no one version of Python is stated".to_owned(),
            );
        }
    }
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
}
