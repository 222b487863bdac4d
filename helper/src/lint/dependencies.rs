//! What a contract depends on: whether others can get it, and whether near-sdk, image and build script suit one another.
//! Not here: whether the lock file fits the manifests (`lock`).

use std::collections::BTreeSet;

use provenear_shared::finding::FindingCode;
use provenear_shared::text::Shown;
use semver::Version;
use toml::Value;

use super::contract::{Contract, Dependency, dependencies};
use super::finding::{Findings, Place};
use super::image::Image;
use super::lock::{Local, workspace_key};
use super::place;
use super::section::Section;
use crate::network::url::by_https;
use crate::project::demands::Demands;
use crate::project::makes_a_cdylib;
use crate::source::lock_files::Package;
use crate::source::paths::{above, join};
use crate::source::workspace;

/// The first near-sdk that writes `build_info`, and the first that knows `output_wasm_path` (its changelog).
const WRITES_BUILD_INFO: Version = Version::new(5, 2, 0);
const KNOWS_OUTPUT_PATH: Version = Version::new(5, 12, 0);
/// The first cargo-near-build that tells a product its `output_wasm_path`.
const BUILDER_KNOWS_OUTPUT_PATH: Version = Version::new(0, 6, 0);
/// The option by which cargo-near does not look at the version of Rust.
const SKIP_VERSION_CHECK: &str = "--skip-rust-version-check";

/// What is wrong with the dependencies of a contract.
pub fn examine(
    contract: &Contract<'_>,
    local: &Local<'_>,
    image: Option<&Image>,
    section: Option<&Section>,
    findings: &mut Findings,
) {
    for folder in local.folders.iter().take_while(|_| contract.project.goes_on()) {
        for dependency in dependencies(contract.project, folder, workspace_key(contract)) {
            by_path(contract, &dependency, findings);
        }
    }
    patches_by_path(contract, findings);
    by_git(contract, local, findings);
    if contract.project.manifests.get(contract.folder).is_some_and(|manifest| !makes_a_cdylib(manifest)) {
        let message = format!("`{}` is not a `cdylib`", Shown(&contract.package));
        findings.about(&contract.name(), FindingCode::NotACdylib, contract.at(&["lib", "crate-type"]), message, None);
    }
    versions(contract, image, section, findings);
}

fn by_path(contract: &Contract<'_>, dependency: &Dependency<'_>, findings: &mut Findings) {
    let Some(path) = dependency.text("path") else { return };
    let place = || dependency.place(contract.project);
    outside(contract, (dependency.name, dependency.folder), (dependency.base, path), place, findings);
}

fn patches_by_path(contract: &Contract<'_>, findings: &mut Findings) {
    let project = contract.project;
    let patches = project.manifests.get(&contract.workspace).and_then(|root| root.get("patch")?.as_table());
    for (registry, patches) in patches.into_iter().flatten() {
        for (name, value) in patches.as_table().into_iter().flatten() {
            let Some(path) = value.get("path").and_then(Value::as_str) else { continue };
            let place = || project.at(&contract.workspace, &["patch", registry, name]);
            outside(contract, (name, &contract.workspace), (&contract.workspace, path), place, findings);
        }
    }
}

/// Of a dependency that a manifest in `folder` names, at a path from `base`.
fn outside(
    contract: &Contract<'_>,
    (name, folder): (&str, &str),
    (base, path): (&str, &str),
    place: impl FnOnce() -> Place,
    findings: &mut Findings,
) {
    let project = contract.project;
    let inside = Some(path).filter(|path| !path.starts_with('/')).and_then(|path| workspace::climb(base, path));
    let message = match inside {
        None => format!("`{}` is at `{}`, outside of the repository", Shown(name), Shown(path)),
        Some(inside) => {
            let manifest = join(&inside, "Cargo.toml");
            let is_in_submodule = above(&inside).any(|above| project.submodules.contains(above));
            let is_unread = project.facts.unread.contains(&manifest)
                || above(&manifest).any(|above| project.facts.links.contains(above));
            if project.manifests.contains_key(&inside) || is_in_submodule || is_unread {
                return;
            }
            format!("`{}` is at `{}`, which is not in git", Shown(name), Shown(path))
        }
    };
    // Of a manifest full of them each would be looked for anew.
    if findings.has_room(&contract.name(), FindingCode::DependencyOutside, &join(folder, "Cargo.toml")) {
        findings.about(&contract.name(), FindingCode::DependencyOutside, place(), message, None);
    }
}

/// By the lock file, which has the dependencies of dependencies too.
fn by_git(contract: &Contract<'_>, local: &Local<'_>, findings: &mut Findings) {
    let Some(lock) = contract.lock else { return };
    let made_of = lock.reachable(&contract.package);
    let mut known = BTreeSet::new();
    for package in lock.package.iter().take_while(|_| contract.project.goes_on()) {
        let Some(source) = package.source.as_deref().and_then(|source| source.strip_prefix("git+")) else { continue };
        let (url, query) = parts(source);
        // cargo asks for the others as well, and a login stops it.
        let is_by_ssh = by_https(url).is_some() || url.starts_with("ssh:");
        let is_part = made_of.as_ref().is_none_or(|names| names.contains(&package.name));
        if !(is_by_ssh || is_part) || !known.insert((url, query)) {
            continue;
        }
        let branch = match query.and_then(|query| query.split_once('=')) {
            None => Some("the default branch".to_owned()),
            Some(("branch", name)) => Some(format!("the branch `{}`", Shown(name))),
            Some(_) => None,
        };
        let code = if is_by_ssh { FindingCode::DependencyBySsh } else { FindingCode::DependencyByBranch };
        let is_one = is_by_ssh || branch.is_some();
        if !is_one || !findings.has_room(&contract.name(), code, &contract.manifest_path()) {
            continue;
        }
        let place = named_at(contract, local, package, url);
        let name = Shown(&package.name);
        if is_by_ssh {
            let message = format!("`{name}` comes from `{}`", Shown(url));
            findings.about(&contract.name(), code, place, message, None);
        } else if let Some(branch) = branch {
            let message = format!("`{name}` comes from {branch} of `{}`", Shown(url));
            findings.about(&contract.name(), code, place, message, None);
        }
    }
}

/// URL and query of a source.
fn parts(source: &str) -> (&str, Option<&str>) {
    let source = source.split('#').next().unwrap_or(source);
    source.split_once('?').map_or((source, None), |(url, query)| (url, Some(query)))
}

/// Where a manifest names a package by git, or else the lock file.
fn named_at(contract: &Contract<'_>, local: &Local<'_>, package: &Package, url: &str) -> Place {
    for folder in &local.folders {
        for dependency in dependencies(contract.project, folder, workspace_key(contract)) {
            let is_it =
                dependency.text("git").is_some_and(|git| git.trim_end_matches('/') == url.trim_end_matches('/'));
            if is_it && dependency.base == dependency.folder {
                return dependency.place(contract.project);
            }
            if is_it {
                let key = dependency.keys.last().copied().unwrap_or_default();
                return contract.project.at(dependency.base, &["workspace", "dependencies", key]);
            }
        }
    }
    let path = join(&contract.workspace, "Cargo.lock");
    let text = contract.project.facts.kept.get(&path).map_or("", String::as_str);
    match text.find(&format!("name = \"{}\"\n", package.name)) {
        Some(at) => Place::line(&path, place::of_offset(text, at)),
        None => Place::file(&path),
    }
}

/// Where the versions of near-sdk, image and build script do not go together.
fn versions(contract: &Contract<'_>, image: Option<&Image>, section: Option<&Section>, findings: &mut Findings) {
    let name = contract.name();
    let sdk = contract.version_of("near-sdk");
    let tools = image.and_then(|image| image.versions.as_ref());
    let at_sdk = || {
        let named = contract.dependencies().into_iter().find(|it| it.name == "near-sdk");
        named.map_or_else(|| contract.at(&["dependencies"]), |it| it.place(contract.project))
    };
    if let Some(sdk) = &sdk {
        if *sdk < WRITES_BUILD_INFO {
            let message = format!("near-sdk {sdk} does not write how the contract was built");
            findings.about(&name, FindingCode::SdkTooOld, at_sdk(), message, None);
        } else if *sdk < KNOWS_OUTPUT_PATH {
            let message = format!("near-sdk {sdk} does not know `output_wasm_path`");
            findings.about(&name, FindingCode::SdkNoOutputPath, at_sdk(), message, None);
        }
    }
    let (Some(tools), Some(section)) = (tools, section) else { return };
    let at_image = || section.place(contract, "image");
    let own = |key| contract.inherited(key).and_then(|(value, ..)| value.as_str());
    let demands = Demands::new(sdk.clone(), own("rust-version"), own("edition"));
    if let Some((needed, by)) = demands.newer_than(&tools.rust) {
        let message = format!("the image has Rust {}, and {by} needs {}.{}", tools.rust, needed.major, needed.minor);
        findings.about(&name, FindingCode::ImageTooOld, at_image(), message, None);
    }
    let skips = section.command.iter().flatten().any(|word| word == SKIP_VERSION_CHECK);
    if let Some(sdk) = demands.older_than(&tools.rust).filter(|_| !skips) {
        let message = format!("the image has Rust {}, which cargo-near refuses with near-sdk {sdk}", tools.rust);
        findings.about(&name, FindingCode::ImageTooNew, at_image(), message, None);
    }
    let builder = contract.version_of("cargo-near-build");
    let is_for_the_build = |it: &Dependency<'_>| it.name == "cargo-near-build" && it.is_in("build-dependencies");
    let named = contract.dependencies().into_iter().find(is_for_the_build);
    if let (Some(builder), Some(named)) = (builder, named)
        && (builder >= BUILDER_KNOWS_OUTPUT_PATH) != tools.writes_output_path()
        && sdk.is_some_and(|sdk| sdk >= KNOWS_OUTPUT_PATH)
    {
        let image = &tools.cargo_near;
        let message = format!(
            "cargo-near-build {builder} of the build script and cargo-near {image} of the image do not go together"
        );
        findings.about(&name, FindingCode::BuilderTooOld, named.place(contract.project), message, None);
    }
}
