//! The contracts of a project that are written in Rust: packages with cargo-near's section, and packages that make a wasm with
//! near-sdk. Not here: what is wrong with them (`section` and the rooms beside it).

use std::collections::{BTreeMap, BTreeSet};

use toml::{Table, Value};

use super::finding::Place;
use super::project::Project;
use crate::project::{self, get};
use crate::source::lock_files::{LockFile, Package};
use crate::source::paths::join;

/// The tables of a manifest that name dependencies, below `[target.…]` too. Before edition 2024 cargo takes either spelling.
const DEPENDENCIES: [&str; 5] =
    ["dependencies", "build-dependencies", "build_dependencies", "dev-dependencies", "dev_dependencies"];
/// Parts of a path by which its package is not one that is deployed.
const NOT_DEPLOYED: [&str; 10] =
    ["test", "tests", "testing", "mock", "mocks", "example", "examples", "fixtures", "sandbox", "benches"];

/// Variants of one section that are examined.
const MOST_VARIANTS: usize = 32;

/// The keys of cargo-near's section.
pub const SECTION: [&str; 4] = ["package", "metadata", "near", "reproducible_build"];

/// One contract, or one variant of its build.
pub struct Contract<'a> {
    /// Its files.
    pub project: &'a Project,
    /// Its folder.
    pub folder: &'a str,
    /// Its manifest.
    pub manifest: &'a Table,
    /// What findings call it, which no other is called.
    pub called: String,
    /// The name of its package.
    pub package: String,
    /// The variant.
    pub variant: Option<String>,
    /// The folder of its workspace, where its lock file is.
    pub workspace: String,
    /// Its lock file, where there is one that can be read.
    pub lock: Option<&'a LockFile>,
}

/// A dependency as a manifest names it.
#[derive(Debug, Clone)]
pub struct Dependency<'a> {
    /// The folder of the manifest.
    pub folder: &'a str,
    /// The keys that lead to it.
    pub keys: Vec<&'a str>,
    /// The name of the package.
    pub name: &'a str,
    /// What the manifest says of it, or the workspace where it leaves that to it.
    pub value: &'a Value,
    /// The folder that a path of it is relative to.
    pub base: &'a str,
}

impl Dependency<'_> {
    /// A text of it.
    pub fn text(&self, key: &str) -> Option<&str> {
        self.value.get(key)?.as_str()
    }

    /// The versions that it allows, where it says so.
    pub fn requirement(&self) -> Option<&str> {
        self.value.as_str().or_else(|| self.text("version"))
    }

    /// Whether the manifest names it in this table, in either spelling.
    pub fn is_in(&self, table: &str) -> bool {
        self.keys.iter().any(|key| key.replace('_', "-") == table)
    }

    /// Where it stands.
    pub fn place(&self, project: &Project) -> Place {
        project.at(self.folder, &self.keys)
    }
}

/// Folders of packages that are contracts, and whether each has a section.
pub struct Found<'a> {
    /// Those that are examined.
    pub examined: Vec<&'a str>,
    /// Those without a section beside others that have one.
    pub beside: Vec<&'a str>,
}

/// Looks for contracts in the folder that was named.
pub fn find(project: &Project) -> Found<'_> {
    let (mut with, mut without) = (Vec::new(), Vec::new());
    for (folder, manifest) in &project.manifests {
        if !project.is_within(folder) {
            continue;
        }
        if get(manifest, &SECTION).is_some() {
            with.push(folder.as_str());
        } else if is_contract(project, manifest) {
            without.push(folder.as_str());
        }
    }
    let named = |folder: &&str| *folder == project.within;
    let is_deployed = |folder: &str| {
        let rest = folder.strip_prefix(&project.within).unwrap_or(folder);
        !rest.split(['/', '-', '_']).any(|part| NOT_DEPLOYED.contains(&part))
    };
    if with.is_empty() {
        // Of several, those that tests use are left out; a package that was named counts whatever it is called.
        let deployed: Vec<&str> = without.iter().copied().filter(|it| named(it) || is_deployed(it)).collect();
        let examined = if deployed.is_empty() { without } else { deployed };
        return Found { examined, beside: Vec::new() };
    }
    without.retain(|folder| is_deployed(folder));
    Found { examined: with, beside: without }
}

/// Whether a package is made into a contract.
fn is_contract(project: &Project, manifest: &Table) -> bool {
    let shared = project.manifests.get("").and_then(|root| get(root, &["workspace", "dependencies"]));
    get(manifest, &["package", "name"]).is_some() && project::is_contract(manifest, shared)
}

/// The dependencies that the manifest in a folder names, of a workspace in another.
pub fn dependencies<'a>(project: &'a Project, folder: &'a str, workspace: &'a str) -> Vec<Dependency<'a>> {
    let Some(manifest) = project.manifests.get(folder) else { return Vec::new() };
    let shared = project.manifests.get(workspace).and_then(|root| get(root, &["workspace", "dependencies"]));
    let mut found = Vec::new();
    let mut add = |keys: &[&'a str], table: &'a Value| {
        for (key, value) in table.as_table().into_iter().flatten() {
            let inherits = value.get("workspace").and_then(Value::as_bool) == Some(true);
            let (value, base) = match shared.and_then(|shared| shared.get(key)).filter(|_| inherits) {
                Some(shared) => (shared, workspace),
                None => (value, folder),
            };
            let name = value.get("package").and_then(Value::as_str).unwrap_or(key);
            let keys = keys.iter().copied().chain([key.as_str()]).collect();
            found.push(Dependency { folder, keys, name, value, base });
        }
    };
    for kind in DEPENDENCIES {
        if let Some(table) = manifest.get(kind) {
            add(&[kind], table);
        }
    }
    for (target, tables) in manifest.get("target").and_then(Value::as_table).into_iter().flatten() {
        for kind in DEPENDENCIES {
            if let Some(table) = tables.get(kind) {
                add(&["target", target, kind], table);
            }
        }
    }
    found
}

/// A key of the `[package]` in a folder, as [`Contract::inherited`] has it.
pub fn inherited<'v>(
    project: &'v Project,
    folder: &'v str,
    manifest: &'v Table,
    workspace: &'v str,
    key: &'static str,
) -> Option<(&'v Value, &'v str, [&'static str; 3])> {
    let own = get(manifest, &["package", key])?;
    if own.get("workspace").and_then(Value::as_bool) != Some(true) {
        return Some((own, folder, ["package", key, ""]));
    }
    let value = get(project.manifests.get(workspace)?, &["workspace", "package", key])?;
    Some((value, workspace, ["workspace", "package", key]))
}

impl<'a> Contract<'a> {
    /// What findings call it.
    pub fn name(&self) -> String {
        match &self.variant {
            Some(variant) => format!("{}:{variant}", self.called),
            None => self.called.clone(),
        }
    }

    /// The path of its manifest.
    pub fn manifest_path(&self) -> String {
        join(self.folder, "Cargo.toml")
    }

    /// The place of a key of its manifest.
    pub fn at(&self, keys: &[&str]) -> Place {
        self.project.at(self.folder, keys)
    }

    /// A key of `[package]`, which may be left to the workspace: its value, the folder of the manifest that has it, and the
    /// keys there.
    pub fn inherited(&self, key: &'static str) -> Option<(&Value, &str, [&'static str; 3])> {
        inherited(self.project, self.folder, self.manifest, &self.workspace, key)
    }

    /// Its dependencies.
    pub fn dependencies(&self) -> Vec<Dependency<'a>> {
        let workspace = self.project.manifests.get_key_value(&self.workspace).map_or("", |(folder, _)| folder);
        dependencies(self.project, self.folder, workspace)
    }

    /// Its own entry in the lock file.
    pub fn locked(&self) -> Option<&'a Package> {
        self.lock?.own(&self.package)
    }

    /// The version of a package that it depends on directly, by the lock file.
    pub fn version_of(&self, name: &str) -> Option<semver::Version> {
        self.lock?.versions(self.locked()?, name).next()
    }
}

/// Names that were given to contracts: packages of two languages, or of two workspaces, can have the same.
#[derive(Debug, Default)]
pub struct Names(BTreeSet<String>);

impl Names {
    /// A name that no other contract has.
    pub fn give(&mut self, name: &str, folder: &str) -> String {
        let given = if self.0.contains(name) { format!("{name} ({folder})") } else { name.to_owned() };
        self.0.insert(given.clone());
        given
    }
}

/// The contracts in these folders, each once and once more for each of its variants.
pub fn contracts<'a>(
    project: &'a Project,
    folders: &[&'a str],
    workspaces: &BTreeMap<&'a str, String>,
    locks: &'a BTreeMap<String, LockFile>,
    names: &mut Names,
) -> Vec<Contract<'a>> {
    let mut contracts = Vec::new();
    for folder in folders {
        let Some(manifest) = project.manifests.get(*folder) else { continue };
        let workspace = workspaces.get(folder).cloned().unwrap_or_else(|| (*folder).to_owned());
        let lock = locks.get(&workspace);
        let package = get(manifest, &["package", "name"]).and_then(Value::as_str).unwrap_or(folder).to_owned();
        let called = names.give(&package, folder);
        let variants = get(manifest, &SECTION).and_then(|section| section.get("variant")).and_then(Value::as_table);
        let variants =
            variants.into_iter().flat_map(|table| table.keys().take(MOST_VARIANTS).map(|name| Some(name.clone())));
        for variant in std::iter::once(None).chain(variants) {
            let (called, package, workspace) = (called.clone(), package.clone(), workspace.clone());
            contracts.push(Contract { project, folder, manifest, called, package, variant, workspace, lock });
        }
    }
    contracts
}

/// The workspace of each folder, where the manifests say it plainly.
pub fn workspaces<'a>(project: &Project, folders: &[&'a str]) -> BTreeMap<&'a str, String> {
    let workspace = |folder: &&'a str| Some((*folder, project.workspace_of(folder)?));
    folders.iter().filter_map(workspace).collect()
}

/// The lock file of each workspace, where there is one that can be read.
pub fn locks(project: &Project, workspaces: &BTreeMap<&str, String>) -> BTreeMap<String, LockFile> {
    let mut locks = BTreeMap::new();
    for folder in workspaces.values() {
        let text = project.facts.kept.get(&join(folder, "Cargo.lock"));
        if let Some(lock) = text.filter(|_| !locks.contains_key(folder)).and_then(|text| LockFile::parse(text)) {
            locks.insert(folder.clone(), lock);
        }
    }
    locks
}
