//! The tree of an author on this machine: its packages, what each says of its build and of where it is deployed, and what git
//! knows of its commits. Read as text; nothing of it is run (law 7). Not here: editing it (`edit`), what a rebuild checks out
//! (`source`).

mod accounts;
mod builds;
pub mod claim;
pub mod demands;
pub mod history;
pub mod images;
mod members;
pub mod nearc;

use std::path::{Path, PathBuf};

use anyhow::Context;
use toml::{Table, Value};

pub use accounts::{Deployed, OWN_TABLE, deployed, is_rebuilder, naming_accounts};
pub use builds::{CUSTOMARY, Declared, SECTION, Words, declared, read_section};

use self::demands::Demands;
use crate::failure::{Code, fail};
use crate::files::{self, read_capped};
use crate::source::lock_files::LockFile;

/// Bytes of a `Cargo.toml` or `pyproject.toml`.
pub const MAX_MANIFEST: u64 = 4 << 20;
/// Bytes of a `Cargo.lock`.
const MAX_LOCK: u64 = 8 << 20;

/// What a package is written in, which says where its manifest has what.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    /// `Cargo.toml`.
    Rust,
    /// `pyproject.toml`.
    Python,
}

impl Language {
    /// The name of its manifests.
    pub fn manifest(self) -> &'static str {
        match self {
            Language::Rust => "Cargo.toml",
            Language::Python => "pyproject.toml",
        }
    }

    /// The path of a manifest in a folder below the root, `""` for the root itself.
    pub fn manifest_in(self, folder: &str) -> String {
        match folder {
            "" => self.manifest().to_owned(),
            folder => format!("{folder}/{}", self.manifest()),
        }
    }

    /// The keys under which tables of others stand.
    pub fn metadata(self) -> &'static [&'static str] {
        match self {
            Language::Rust => &["package", "metadata"],
            Language::Python => &["tool"],
        }
    }

    /// A path of tables of ours or of cargo-near's, as a header names it.
    pub fn header(self, path: &[&str]) -> String {
        format!("[{}]", [self.metadata(), path].concat().join("."))
    }
}

/// A package that may be a contract.
#[derive(Debug, Clone)]
pub struct Package {
    /// Its name.
    pub name: String,
    /// Where its manifest is.
    pub manifest: PathBuf,
    /// What it is written in.
    pub language: Language,
    /// The manifest.
    pub table: Table,
    /// What its `Cargo.toml` takes from its workspace.
    pub workspace: Option<Table>,
}

impl Package {
    /// The folder of its manifest, `.` for the one we are in.
    pub fn folder(&self) -> &Path {
        match self.manifest.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder,
            Some(_) | None => Path::new("."),
        }
    }

    /// The address of its repository by its `Cargo.toml`, or by its workspace's. nearc asks git.
    pub fn repository(&self) -> Option<&str> {
        inherited(&self.table, self.workspace.as_ref(), "repository")
    }

    /// What it demands of the Rust in an image, as far as its manifest and the lock file of its workspace say.
    pub fn demands(&self) -> Demands {
        let own = |key| inherited(&self.table, self.workspace.as_ref(), key);
        Demands::new(self.locked_sdk(), own("rust-version"), own("edition"))
    }

    /// near-sdk by the lock file.
    fn locked_sdk(&self) -> Option<semver::Version> {
        let root = members::root_of(self.folder())?;
        let lock = read_capped(&root.join("Cargo.lock"), MAX_LOCK).ok()?;
        let lock = LockFile::parse(std::str::from_utf8(&lock).ok()?)?;
        lock.versions(lock.own(&self.name)?, "near-sdk").next()
    }

    /// Whether its build script builds other contracts, as factories do.
    pub fn builds_others(&self) -> bool {
        self.table.get("build-dependencies").is_some_and(|all| all.get("cargo-near-build").is_some())
    }

    /// Whether it is made into a contract.
    fn is_contract(&self) -> bool {
        let shared = self.workspace.as_ref().and_then(|workspace| workspace.get("dependencies"));
        is_contract(&self.table, shared)
    }
}

/// A text of `[package]`, or of the workspace where the package leaves it to that.
pub fn inherited<'t>(manifest: &'t Table, workspace: Option<&'t Table>, key: &str) -> Option<&'t str> {
    let own = get(manifest, &["package", key])?;
    let shared = || {
        own.get("workspace").filter(|it| it.as_bool() == Some(true))?;
        get(workspace?, &["package", key])?.as_str()
    };
    own.as_str().or_else(shared)
}

/// A value of a table of tables.
pub fn get<'t>(table: &'t Table, keys: &[&str]) -> Option<&'t Value> {
    let (first, rest) = keys.split_first()?;
    let first = table.get(*first)?;
    rest.iter().try_fold(first, |value, key| value.get(key))
}

/// Whether a `Cargo.toml` makes a `cdylib`.
pub fn makes_a_cdylib(manifest: &Table) -> bool {
    let kinds = get(manifest, &["lib", "crate-type"]).or_else(|| get(manifest, &["lib", "crate_type"]));
    kinds.and_then(Value::as_array).is_some_and(|kinds| kinds.contains(&"cdylib".into()))
}

/// Whether a `Cargo.toml` makes a contract: a `cdylib` on near-sdk, which can be used outside of contracts too and is told so by a
/// feature. `shared` is what the workspace says of dependencies.
pub fn is_contract(manifest: &Table, shared: Option<&Value>) -> bool {
    let targets = manifest.get("target").and_then(Value::as_table).into_iter().flat_map(Table::values);
    let lists = manifest.get("dependencies").into_iter().chain(targets.filter_map(|it| it.get("dependencies")));
    let is_sdk = |(key, own): (&String, &Value)| {
        let is_shared = own.get("workspace").and_then(Value::as_bool) == Some(true);
        let value = shared.and_then(|shared| shared.get(key)).filter(|_| is_shared).unwrap_or(own);
        let mut features = [own, value].into_iter().filter_map(|it| it.get("features")?.as_array()).flatten();
        value.get("package").and_then(Value::as_str).unwrap_or(key) == "near-sdk"
            && !features.any(|it| it.as_str() == Some("non-contract-usage"))
    };
    makes_a_cdylib(manifest) && lists.filter_map(Value::as_table).flatten().any(is_sdk)
}

/// The packages that a folder is about: the one whose manifest is there, or the contracts of a workspace; those of `named`
/// alone, where any are.
///
/// # Errors
/// [`Code::Usage`] for a folder without a manifest, one that says nothing, and a name that no package has; [`Code::Io`] for what
/// cannot be read.
pub fn packages(folder: &Path, named: &[String]) -> anyhow::Result<Vec<Package>> {
    let mut all = every(folder)?;
    // One that is alone is meant, whatever it is; and one that is named.
    if all.len() > 1 && named.is_empty() {
        all.retain(Package::is_contract);
    }
    chosen(all, named)
}

/// Those of these names alone, where any are.
fn chosen(all: Vec<Package>, named: &[String]) -> anyhow::Result<Vec<Package>> {
    if let Some(missing) = named.iter().find(|name| !all.iter().any(|package| package.name == **name)) {
        let names: Vec<&str> = all.iter().map(|package| package.name.as_str()).collect();
        let missing = missing.escape_debug();
        return fail(Code::Usage, format!("there is no package `{missing}`; there are: {}", names.join(", ")));
    }
    Ok(all.into_iter().filter(|package| named.is_empty() || named.contains(&package.name)).collect())
}

/// The package whose manifest is in a folder, and the members of its workspace.
fn every(folder: &Path) -> anyhow::Result<Vec<Package>> {
    match manifest(folder)? {
        (Language::Rust, cargo) => rust(folder, &cargo),
        (Language::Python, python) => Ok(vec![python_package(python)?]),
    }
}

/// The manifest of a folder, and what it is written for.
///
/// # Errors
/// [`Code::Usage`] where there is none, [`Code::Io`] where there is no such folder.
pub fn manifest(folder: &Path) -> anyhow::Result<(Language, PathBuf)> {
    let known = [Language::Rust, Language::Python].map(|language| (language, folder.join(language.manifest())));
    if let Some(found) = known.into_iter().find(|(_, path)| path.is_file()) {
        return Ok(found);
    }
    files::folder(folder)?;
    let message = "has neither a `Cargo.toml` nor a `pyproject.toml`: name the folder of a contract";
    fail(Code::Usage, format!("`{}` {message}", folder.display()))
}

fn rust(folder: &Path, manifest: &Path) -> anyhow::Result<Vec<Package>> {
    let table = read(manifest)?;
    let workspace = table.get("workspace").and_then(Value::as_table).cloned();
    let own = match table.contains_key("package") {
        true => {
            let above = || members::workspace_of(folder);
            Some(rust_package(manifest.to_path_buf(), table, workspace.clone().or_else(above))?)
        }
        false => None,
    };
    let Some(workspace) = workspace else { return Ok(own.into_iter().collect()) };
    let mut all: Vec<Package> = own.into_iter().collect();
    for member in members::of(folder, &workspace)? {
        let manifest = member.join("Cargo.toml");
        let table = read(&manifest)?;
        if table.contains_key("package") {
            all.push(rust_package(manifest, table, Some(workspace.clone()))?);
        }
    }
    Ok(all)
}

fn rust_package(manifest: PathBuf, table: Table, workspace: Option<Table>) -> anyhow::Result<Package> {
    let name = table.get("package").and_then(|it| it.get("name")).and_then(Value::as_str);
    let Some(name) = name.map(ToOwned::to_owned) else {
        return fail(Code::Usage, format!("`{}` does not name its package", manifest.display()));
    };
    Ok(Package { name, manifest, language: Language::Rust, table, workspace })
}

fn python_package(manifest: PathBuf) -> anyhow::Result<Package> {
    let table = read(&manifest)?;
    let name = table.get("project").and_then(|it| it.get("name")).and_then(Value::as_str).unwrap_or("contract");
    Ok(Package { name: name.to_owned(), manifest, language: Language::Python, table, workspace: None })
}

/// Reads the manifest in this file.
///
/// # Errors
/// When it cannot be read, and as [`parse`].
pub fn read(path: &Path) -> anyhow::Result<Table> {
    let shown = path.display();
    let bytes = read_capped(path, MAX_MANIFEST).with_context(|| format!("failed to read `{shown}`"))?;
    parse(&bytes).with_context(|| format!("`{shown}` cannot be read"))
}

/// Reads a manifest.
///
/// # Errors
/// [`Code::Usage`] when it is not TOML.
pub fn parse(bytes: &[u8]) -> anyhow::Result<Table> {
    let Ok(text) = std::str::from_utf8(bytes) else { return fail(Code::Usage, "this is not text in UTF-8") };
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    toml::from_str(text).or_else(|error: toml::de::Error| {
        let before = error.span().and_then(|span| text.get(..span.start)).unwrap_or_default();
        let line = before.matches('\n').count() + 1;
        fail(Code::Usage, format!("this is not TOML: line {line}: {}", error.message()))
    })
}

#[cfg(test)]
mod tests;
