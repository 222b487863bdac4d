//! Node for the wasm32 suites, wasm-opt, which npm carries prebuilt for every platform, and Sigstore's reader of bundles.

use super::cache;
use crate::run;
use anyhow::{Context, Result};
use std::path::{Path, PathBuf};
use std::process::Command;

/// The npm package `binaryen`, whose `wasm-opt` knows what our compiler emits (Debian's is too old).
const BINARYEN: &str = "132.0.0";
/// What reads `.sigstore.json` files that nobody here wrote the reader of.
const SIGSTORE: [&str; 2] = ["@sigstore/bundle@4.0.0", "@sigstore/verify@3.1.1"];

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
    let folder = cache::entry(&format!("tools/binaryen-{BINARYEN}"), works, |folder| {
        run::say(format!("installing wasm-opt (npm package binaryen {BINARYEN}), a few seconds"));
        let mut command = run::argv(&["npm", "install", "--no-audit", "--no-fund", "--ignore-scripts", "--prefix"]);
        run::logged("binaryen", command.arg(folder).arg(format!("binaryen@{BINARYEN}")))
    })?;
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
    cache::entry("tools/sigstore-bundle-4.0.0-verify-3.1.1", works, |folder| {
        run::say("installing Sigstore's reader of bundles (npm packages), a few seconds");
        let mut command = run::argv(&["npm", "install", "--no-audit", "--no-fund", "--ignore-scripts", "--prefix"]);
        run::logged("sigstore", command.arg(folder).args(SIGSTORE))
    })
}
