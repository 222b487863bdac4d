//! `Cargo.lock`: whether it is in git, whether it fits the manifests, and whether cargo of the image reads it. Only what is sure to
//! be refused is said: the rest is for cargo. Not here: what it names (`dependencies`).

use std::collections::BTreeSet;

use provenear_shared::finding::FindingCode;
use provenear_shared::text::Shown;
use semver::{Version, VersionReq};

use super::contract::{Contract, Dependency, dependencies, inherited};
use super::finding::{Findings, Place};
use super::image::Image;
use crate::project::get;
use crate::source::lock_files::{LockFile, Package};
use crate::source::paths::join;
use crate::source::workspace;

/// The first cargo that reads the fourth version of the format.
const READS_VERSION_4: Version = Version::new(1, 78, 0);
/// Dependencies of one manifest that are listed: after a few, the lock file is as good as another one.
const MOST_STALE: usize = 16;
/// Packages of a repository that are looked through for one contract.
const MOST_PACKAGES: usize = 1024;

/// The packages of the repository that a contract is made of.
#[derive(Debug, Default)]
pub struct Local<'a> {
    /// The folders of all of them, the contract's own first.
    pub folders: Vec<&'a str>,
    /// The names of those that are compiled into it, or run while it is: without what its tests need.
    pub built: BTreeSet<&'a str>,
}

/// Which dependencies are followed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Followed {
    All,
    WithoutTests,
}

/// What is wrong with the lock file of a contract; the packages of the repository that it is made of.
pub fn examine<'a>(contract: &Contract<'a>, image: Option<&Image>, findings: &mut Findings) -> Local<'a> {
    let name = contract.name();
    let path = join(&contract.workspace, "Cargo.lock");
    let project = contract.project;
    let name_in = |folder: &str| get(project.manifests.get(folder)?, &["package", "name"])?.as_str();
    let built = closure(contract, Followed::WithoutTests).into_iter().filter_map(name_in).collect();
    let local = Local { folders: closure(contract, Followed::All), built };
    let is_there = project.facts.kept.contains_key(&path);
    if project.ignored_locks.contains(&contract.workspace) {
        let message = format!("`{}` is not in git", Shown(&path));
        findings.about(&name, FindingCode::LockNotCommitted, Place::file(&path), message, None);
    } else if !is_there && !project.facts.unread.contains(&path) && !project.facts.links.contains(&path) {
        let message = format!("`{}` does not exist", Shown(&path));
        findings.about(&name, FindingCode::LockMissing, contract.at(&["package", "name"]), message, None);
    }
    let Some(lock) = contract.lock else {
        if is_there {
            let message = format!("`{}` is not a lock file", Shown(&path));
            findings.about(&name, FindingCode::LockStale, Place::file(&path), message, None);
        }
        return local;
    };
    let rust = image.and_then(|image| image.versions.as_ref()).map(|versions| &versions.rust);
    if let (Some(version @ 4..), Some(rust)) = (lock.version, rust.filter(|rust| **rust < READS_VERSION_4)) {
        let message = format!("the lock file is of version {version}, which cargo {rust} of the image cannot read");
        findings.about(&name, FindingCode::LockTooNew, Place::line(&path, 1), message, None);
    }
    for folder in local.folders.iter().take_while(|_| project.goes_on()) {
        for (place, message) in stale(contract, lock, folder) {
            findings.about(&name, FindingCode::LockStale, place, message, None);
        }
    }
    local
}

/// The contract and what it depends on by paths, each once: circles are as good as any other way.
fn closure<'a>(contract: &Contract<'a>, followed: Followed) -> Vec<&'a str> {
    let (mut folders, mut next) = (Vec::new(), vec![contract.folder]);
    let mut known: BTreeSet<&str> = BTreeSet::new();
    while let Some(folder) = next.pop().filter(|_| folders.len() < MOST_PACKAGES && contract.project.goes_on()) {
        if !known.insert(folder) {
            continue;
        }
        folders.push(folder);
        for dependency in dependencies(contract.project, folder, workspace_key(contract)) {
            if followed == Followed::WithoutTests && dependency.is_in("dev-dependencies") {
                continue;
            }
            let path = dependency.text("path").and_then(|path| workspace::climb(dependency.base, path));
            let found = path.and_then(|path| contract.project.manifests.get_key_value(&path));
            next.extend(found.map(|(folder, _)| folder.as_str()));
        }
    }
    folders
}

/// The workspace's folder as it stands among the manifests.
pub fn workspace_key<'a>(contract: &Contract<'a>) -> &'a str {
    contract.project.manifests.get_key_value(&contract.workspace).map_or("", |(folder, _)| folder)
}

/// Where the manifest in a folder asks for what the lock file does not have.
fn stale(contract: &Contract<'_>, lock: &LockFile, folder: &str) -> Vec<(Place, String)> {
    let project = contract.project;
    let Some(manifest) = project.manifests.get(folder) else { return Vec::new() };
    // Of a package outside of the workspace, the lock file has less.
    if project.workspace_of(folder).as_ref() != Some(&contract.workspace) {
        return Vec::new();
    }
    let Some(name) = get(manifest, &["package", "name"]).and_then(|it| it.as_str()) else { return Vec::new() };
    let Some(entry) = lock.own(name) else {
        let message = format!("the lock file does not have the package `{}`", Shown(name));
        return vec![(project.at(folder, &["package", "name"]), message)];
    };
    let mut found = Vec::new();
    let version = inherited(project, folder, manifest, &contract.workspace, "version");
    let version = version.and_then(|(value, folder, keys)| Some((value.as_str()?, folder, keys)));
    if let Some((version, folder, keys)) = version.filter(|(version, ..)| *version != entry.version) {
        let message =
            format!("the lock file has version {} of `{}`, not {}", Shown(&entry.version), Shown(name), Shown(version));
        let keys: Vec<&str> = keys.into_iter().filter(|key| !key.is_empty()).collect();
        found.push((project.at(folder, &keys), message));
    }
    let asked = dependencies(project, folder, workspace_key(contract));
    if let Some(other) = left_over(lock, entry, &asked) {
        let message =
            format!("the lock file has a dependency of `{}` that its manifest does not name: `{}`", Shown(name), other);
        found.push((Place::file(&join(&contract.workspace, "Cargo.lock")), message));
    }
    for dependency in asked {
        if found.len() == MOST_STALE || !project.goes_on() {
            break;
        }
        if dependency.name == name {
            continue;
        }
        if let Some(message) = missing(lock, entry, &dependency) {
            found.push((dependency.place(project), message));
        }
    }
    found
}

/// A dependency of an entry that its manifest no longer names. Where the manifest leaves one to a workspace that does not have it,
/// or the name is that of several packages of the repository, nobody knows.
fn left_over<'a>(lock: &LockFile, entry: &'a Package, asked: &[Dependency<'_>]) -> Option<Shown<'a>> {
    let is_open = |it: &Dependency<'_>| it.value.get("workspace").is_some();
    let alike = lock.package.iter().filter(|it| it.name == entry.name && it.source.is_none()).count();
    if alike != 1 || asked.iter().any(is_open) {
        return None;
    }
    let asked: BTreeSet<&str> = asked.iter().map(|it| it.name).collect();
    let mut names = entry.dependencies.iter().filter_map(|it| it.split(' ').next());
    names.find(|name| !asked.contains(name)).map(Shown)
}

/// What the lock file lacks of a dependency.
fn missing(lock: &LockFile, entry: &Package, dependency: &Dependency<'_>) -> Option<String> {
    let name = dependency.name;
    let mut locked = lock.versions(entry, name).peekable();
    if locked.peek().is_none() {
        let is_named = entry.dependencies.iter().any(|it| it.split(' ').next() == Some(name));
        return (!is_named).then(|| format!("the lock file does not have the dependency `{}`", Shown(name)));
    }
    let requirement = VersionReq::parse(dependency.requirement()?).ok()?;
    // Of a commit cargo asks no version, where the manifest says none.
    let fits = locked.any(|version| requirement.matches(&version) || !version.build.is_empty());
    let version = || lock.versions(entry, name).next();
    (!fits).then(version).flatten().map(|version| {
        format!(
            "the lock file has {version} of `{}`, which `{}` does not allow",
            Shown(name),
            Shown(&requirement.to_string())
        )
    })
}
