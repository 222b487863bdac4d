//! `cargo xtask differential [FILE|FOLDER]…`: holds what `shared` says that nodes take against near-vm-runner itself, for every
//! fixture, ten thousand generated modules and whatever is named. Not part of `cargo xtask test`, because near-vm-runner takes
//! minutes to build; its answers to the vectors of the room `node` are.

use crate::{build, run};
use anyhow::{Result, bail};
use std::process::Command;

/// Builds and runs the comparison.
///
/// # Errors
/// When it cannot be built, or something is judged otherwise than by near-vm-runner.
pub(crate) fn run(named: &[&str]) -> Result<()> {
    run::say("building near-vm-runner, about 5 min the first time on 2 cores");
    let program = build::program("provenear-tests", "provenear-differential", build::Profile::Dev, &["node"])?;
    let mut command = Command::new(program);
    command.arg(run::workspace().join("tests/testdata")).args(named);
    match command.status()?.success() {
        true => Ok(()),
        false => bail!("page and helper do not judge every module as a node does"),
    }
}
