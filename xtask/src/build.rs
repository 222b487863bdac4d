//! Builds what a person gets: the page in `dist/`, and the helper.

use crate::run;
use crate::setup::Programs;
use anyhow::{Context, Result, bail};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Builds both: the page's folder, the helper's path.
///
/// # Errors
/// When either fails.
pub(crate) fn both(programs: &Programs) -> Result<(PathBuf, PathBuf)> {
    Ok((page(programs)?, helper()?))
}

/// Builds the page, release, through trunk; says what it weighs. Returns its folder.
///
/// # Errors
/// When trunk fails.
pub(crate) fn page(programs: &Programs) -> Result<PathBuf> {
    run::say("building the page, about 3 min the first time on 2 cores");
    let folder = run::workspace().join("dist");
    let mut command = programs.command("trunk");
    // A colour setting that trunk does not understand stops it.
    command.env_remove("NO_COLOR").args(["build", "--release", "--offline", "--dist"]).arg(&folder);
    command.env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS", crate::page::flags());
    run::logged("page", command.current_dir(run::workspace()))?;
    let mut files = fs::read_dir(&folder)?.collect::<Result<Vec<_>, _>>()?;
    files.sort_by_key(fs::DirEntry::file_name);
    for file in files.iter().filter(|file| file.path().is_file()) {
        let path = file.path();
        let name = file.file_name();
        run::say(format!("{:>9} bytes  sha256 {}  {}", file.metadata()?.len(), sha256(&path)?, name.to_string_lossy()));
    }
    Ok(folder)
}

/// Builds the helper as the suites use it. Returns its path.
///
/// # Errors
/// When cargo fails.
pub(crate) fn helper() -> Result<PathBuf> {
    run::say("building the helper, about 2 min the first time on 2 cores");
    program("provenear-helper", "provenear", Profile::Dev, &[])
}

/// How a program is built.
#[derive(Clone, Copy)]
pub(crate) enum Profile {
    /// Quickly.
    Dev,
    /// To be quick.
    Release,
}

/// Builds one program of the workspace, with these features of its package. Returns its path.
///
/// # Errors
/// When cargo fails.
pub(crate) fn program(package: &str, name: &str, profile: Profile, features: &[&str]) -> Result<PathBuf> {
    let (profile, folder) = match profile {
        Profile::Dev => ("dev", "debug"),
        Profile::Release => ("release", "release"),
    };
    let mut command = Command::new(env!("CARGO"));
    command.args(["build", "--locked", "--profile", profile, "--package", package, "--bin", name]);
    command.args(features.iter().flat_map(|feature| ["--features", feature]));
    run::logged(name, command.current_dir(run::workspace()))?;
    let program = run::target().join(folder).join(format!("{name}{}", std::env::consts::EXE_SUFFIX));
    if !program.is_file() {
        bail!("cargo left no `{}`", program.display());
    }
    Ok(program)
}

pub(crate) fn sha256(file: &Path) -> Result<String> {
    let said = run::output(Command::new("sha256sum").arg("--").arg(file))
        .or_else(|_| run::output(run::argv(&["shasum", "-a", "256"]).arg(file)))?;
    said.split_whitespace().next().map(str::to_owned).context("a digest tool prints a digest")
}
