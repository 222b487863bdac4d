//! The Rust toolchains: the libraries of other targets, and the compiler that goes into the build image.

use crate::run;
use anyhow::{Context, Result, bail};
use std::path::PathBuf;
use std::process::Command;

const WASM: &str = "wasm32-unknown-unknown";

/// Adds the standard library for wasm32 to the workspace's toolchain.
///
/// # Errors
/// As [`library`].
pub(crate) fn wasm32() -> Result<()> {
    library(WASM)
}

/// Adds the standard library for `target` to the workspace's toolchain.
///
/// # Errors
/// When it is missing and rustup cannot add it.
pub(crate) fn library(target: &str) -> Result<()> {
    let asked = ["--print", "target-libdir", "--target", target];
    let libraries = run::output(Command::new("rustc").current_dir(run::workspace()).args(asked));
    if libraries.is_ok_and(|folder| PathBuf::from(folder).is_dir()) {
        return Ok(());
    }
    run::say(format!("adding the Rust standard library for {target} through rustup, a few seconds"));
    if run::find_program("rustup").is_none() {
        bail!("the Rust standard library for `{target}` is missing and so is `rustup`, which would add it");
    }
    run::run_logged(
        "rustup-target",
        Command::new("rustup").current_dir(run::workspace()).args(["target", "add", target]),
    )
    .with_context(|| format!("rustup could not add the Rust standard library for `{target}`"))
}

/// The folder of a toolchain with wasm32, installed through rustup.
///
/// # Errors
/// When rustup is missing or cannot install it.
pub(crate) fn toolchain(version: &str) -> Result<PathBuf> {
    let rustc = || {
        let asked = ["--print", "target-libdir", "--target", WASM];
        run::output(Command::new("rustup").args(["run", version, "rustc"]).args(asked))
            .is_ok_and(|folder| PathBuf::from(folder).is_dir())
    };
    if !rustc() {
        run::say(format!("installing Rust {version} through rustup, about 20 s"));
        let args = ["toolchain", "install", version, "--profile", "minimal", "--no-self-update", "-t", WASM];
        run::run_logged("rustup-toolchain", Command::new("rustup").args(args))
            .with_context(|| format!("rustup could not install Rust `{version}`"))?;
    }
    let sysroot = ["run", version, "rustc", "--print", "sysroot"];
    Ok(run::output(Command::new("rustup").args(sysroot))?.into())
}
