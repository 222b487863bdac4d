//! Node for the wasm32 suites, and what npm carries: wasm-opt, prebuilt for every platform, and programs by others that
//! look at our manifests and at our page.

use super::cache;
use crate::run;
use anyhow::{Context, Result};
use std::path::{Path, PathBuf};
use std::process::Command;

/// The npm package `binaryen`, whose `wasm-opt` knows what our compiler emits (Debian's is too old).
const BINARYEN: &str = "132.0.0";
/// What reads `.sigstore.json` files that nobody here wrote the reader of.
const SIGSTORE: [&str; 2] = ["@sigstore/bundle@4.0.0", "@sigstore/verify@3.1.1"];
/// What looks for obstacles to people: the rules of WCAG that a program can check.
const AXE: &str = "4.14.1";
/// The last Lighthouse that Debian's Node can run.
const LIGHTHOUSE: &str = "12.8.2";

/// The path of `node`.
///
/// # Errors
/// When PATH has none.
pub(crate) fn node() -> Result<PathBuf> {
    run::found("node").context("`node` is not on PATH")
}

/// The folder with `wasm-opt`.
///
/// # Errors
/// When npm cannot install it.
pub(crate) fn wasm_opt() -> Result<PathBuf> {
    let programs = |folder: &Path| folder.join("node_modules/.bin");
    let works = |folder: &Path| run::succeeds(Command::new(programs(folder).join("wasm-opt")).arg("--version"));
    let folder = packages(&format!("binaryen-{BINARYEN}"), &[&format!("binaryen@{BINARYEN}")], "wasm-opt", works)?;
    Ok(programs(&folder))
}

/// The folder whose `node_modules` holds [`SIGSTORE`].
///
/// # Errors
/// When npm cannot install them.
pub(crate) fn sigstore() -> Result<PathBuf> {
    let asked = SIGSTORE.map(|package| package.rsplit_once('@').map_or(package, |(name, _)| name));
    let script = asked.map(|name| format!("require('{name}')")).join(";");
    let works = |folder: &Path| run::succeeds(Command::new("node").current_dir(folder).args(["-e", &script]));
    packages("sigstore-bundle-4.0.0-verify-3.1.1", &SIGSTORE, "Sigstore's reader of bundles", works)
}

/// axe-core as one script, which WebDriver runs in the page.
///
/// # Errors
/// When npm cannot install it.
pub(crate) fn axe() -> Result<PathBuf> {
    let script = |folder: &Path| folder.join("node_modules/axe-core/axe.min.js");
    let works = |folder: &Path| script(folder).is_file();
    let named = format!("axe-core-{AXE}");
    Ok(script(&packages(
        &named,
        &[&format!("axe-core@{AXE}")],
        "axe-core, which looks for what shuts people out",
        works,
    )?))
}

/// Lighthouse's command line, for Node.
///
/// # Errors
/// When npm cannot install it.
pub(crate) fn lighthouse() -> Result<PathBuf> {
    let script = |folder: &Path| folder.join("node_modules/lighthouse/cli/index.js");
    let works = |folder: &Path| run::succeeds(Command::new("node").arg(script(folder)).arg("--version"));
    let named = format!("lighthouse-{LIGHTHOUSE}");
    Ok(script(&packages(&named, &[&format!("lighthouse@{LIGHTHOUSE}")], "Lighthouse, which gives pages marks", works)?))
}

/// The cache's folder `tools/<entry>` with npm packages below `node_modules`; scripts of theirs are not run.
fn packages(entry: &str, packages: &[&str], what: &str, works: impl Fn(&Path) -> bool) -> Result<PathBuf> {
    cache::entry(&format!("tools/{entry}"), works, |folder| {
        run::say(format!("installing {what} (npm: {}), a few seconds", packages.join(", ")));
        let mut command = run::argv(&["npm", "install", "--no-audit", "--no-fund", "--ignore-scripts", "--prefix"]);
        run::logged(entry, command.arg(folder).args(packages))
    })
}
