//! Node for the wasm32 suites, and what npm carries: wasm-opt, prebuilt for every platform, and programs by others that
//! look at our manifests and at our page. Versions and digests of all packages stand in `xtask/locks`.

use super::cache;
use crate::run;
use anyhow::{Context, Result};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The path of `node`.
///
/// # Errors
/// When PATH has none.
pub(crate) fn node() -> Result<PathBuf> {
    run::find_program("node").context("`node` is not on PATH")
}

/// The folder with `wasm-opt`, which knows what our compiler emits (Debian's is too old).
///
/// # Errors
/// When npm cannot install it.
pub(crate) fn wasm_opt() -> Result<PathBuf> {
    let programs = |folder: &Path| folder.join("node_modules/.bin");
    let works = |folder: &Path| run::succeeds(Command::new(programs(folder).join("wasm-opt")).arg("--version"));
    Ok(programs(&packages("binaryen", "wasm-opt", works)?))
}

/// The folder whose `node_modules` holds what reads `.sigstore.json` files that nobody here wrote the reader of.
///
/// # Errors
/// When npm cannot install it.
pub(crate) fn sigstore() -> Result<PathBuf> {
    let script = "require('@sigstore/bundle'); require('@sigstore/verify')";
    let works = |folder: &Path| run::succeeds(Command::new("node").current_dir(folder).args(["-e", script]));
    packages("sigstore", "Sigstore's reader of bundles", works)
}

/// axe-core as one script, which WebDriver runs in the page: the rules of WCAG that a program can check.
///
/// # Errors
/// When npm cannot install it.
pub(crate) fn axe() -> Result<PathBuf> {
    let script = |folder: &Path| folder.join("node_modules/axe-core/axe.min.js");
    let works = |folder: &Path| script(folder).is_file();
    Ok(script(&packages("axe", "axe-core, which looks for what shuts people out", works)?))
}

/// The command line of Lighthouse, the last that Debian's Node can run. One of its dependencies asks for the `latest` of two
/// others, which npm would take for changed every time that one is published: `overrides` names the locked ones.
///
/// # Errors
/// When npm cannot install it.
pub(crate) fn lighthouse() -> Result<PathBuf> {
    let script = |folder: &Path| folder.join("node_modules/lighthouse/cli/index.js");
    let works = |folder: &Path| run::succeeds(Command::new("node").arg(script(folder)).arg("--version"));
    Ok(script(&packages("lighthouse", "Lighthouse, which gives pages marks", works)?))
}

/// The cache's folder with the packages that `xtask/locks/<name>` lists below `node_modules`. npm refuses a package that is not
/// the locked one; scripts of packages are not run.
fn packages(name: &str, what: &str, works: impl Fn(&Path) -> bool) -> Result<PathBuf> {
    let locks = run::workspace().join("xtask/locks").join(name);
    cache::entry(&cache::locked(name, &locks.join("package-lock.json"))?, works, |folder| {
        for file in ["package.json", "package-lock.json"] {
            fs::copy(locks.join(file), folder.join(file)).with_context(|| format!("failed to copy `{file}`"))?;
        }
        let mut command = run::argv(&["npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts"]);
        let text = format!("installing {what} (npm: `xtask/locks/{name}`), a few seconds");
        run::phase(text, || run::run_logged(name, command.current_dir(folder)))
    })
}
