//! Pythons with packages: one that can read our manifests with other people's libraries, one with a C compiler for other systems.

use super::cache;
use crate::run;
use anyhow::Result;
use std::path::{Path, PathBuf};
use std::process::Command;

const PACKAGES: [&str; 2] = ["securesystemslib[crypto]==1.6.0", "in-toto-attestation==0.9.3"];

/// The interpreter of a virtual environment with [`PACKAGES`].
///
/// # Errors
/// When it cannot be made.
pub(crate) fn python() -> Result<PathBuf> {
    let interpreter = |folder: &Path| folder.join("bin/python3");
    let asked = "import securesystemslib.dsse, in_toto_attestation.v1.statement, cryptography";
    let works = |folder: &Path| run::succeeds(Command::new(interpreter(folder)).args(["-c", asked]));
    let folder = cache::entry("tools/python-securesystemslib-1.6.0-in-toto-attestation-0.9.3", works, |folder| {
        run::say("installing securesystemslib and in-toto-attestation into a virtual environment, about 20 s");
        run::logged("python-venv", Command::new("python3").args(["-m", "venv"]).arg(folder))?;
        let mut command = Command::new(interpreter(folder));
        run::logged("python-packages", command.args(["-m", "pip", "install", "--quiet"]).args(PACKAGES))
    })?;
    Ok(interpreter(&folder))
}

const CROSS: [&str; 2] = ["cargo-zigbuild==0.24.1", "ziglang==0.17.1"];

/// The folder of `cargo-zigbuild` and the C compiler that it calls, for targets other than this machine.
///
/// # Errors
/// When they cannot be installed.
pub(crate) fn cross() -> Result<PathBuf> {
    let works = |folder: &Path| run::succeeds(Command::new(folder.join("bin/cargo-zigbuild")).arg("--version"));
    let folder = cache::entry("tools/cargo-zigbuild-0.24.1-ziglang-0.17.1", works, |folder| {
        run::say("installing cargo-zigbuild and ziglang into a virtual environment, about 20 s");
        run::logged("cross-venv", Command::new("python3").args(["-m", "venv"]).arg(folder))?;
        let mut command = Command::new(folder.join("bin/python3"));
        run::logged("cross-packages", command.args(["-m", "pip", "install", "--quiet"]).args(CROSS))
    })?;
    Ok(folder.join("bin"))
}
