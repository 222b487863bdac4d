//! The Rust toolchains: wasm32 for the page, and the compiler that goes into the build image.

use crate::run;
use anyhow::{Context, Result, bail};
use std::path::PathBuf;
use std::process::Command;

const WASM: &str = "wasm32-unknown-unknown";

/// Adds the wasm32 standard library to the workspace's toolchain.
///
/// # Errors
/// When it is missing and rustup cannot add it.
pub(crate) fn wasm32() -> Result<()> {
    let libraries = run::output(Command::new("rustc").args(["--print", "target-libdir", "--target", WASM]));
    if libraries.is_ok_and(|folder| PathBuf::from(folder).is_dir()) {
        return Ok(());
    }
    run::say("adding the wasm32 standard library through rustup, a few seconds");
    if run::found("rustup").is_none() {
        bail!("the Rust standard library for `{WASM}` is missing and so is `rustup`, which would add it");
    }
    run::logged("rustup-target", Command::new("rustup").current_dir(run::workspace()).args(["target", "add", WASM]))
        .with_context(|| format!("rustup could not add the Rust standard library for `{WASM}`"))
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
        run::logged("rustup-toolchain", Command::new("rustup").args(args))
            .with_context(|| format!("rustup could not install Rust `{version}`"))?;
    }
    let sysroot = ["run", version, "rustc", "--print", "sysroot"];
    Ok(run::output(Command::new("rustup").args(sysroot))?.into())
}
