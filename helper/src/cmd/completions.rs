//! `provenear completions` and `provenear man`: what shells and `man` read, made from what the command line itself knows.

use std::path::Path;

use anyhow::Context;
use clap_complete::Shell;

use crate::args::Provenear;
use crate::files;

/// Prints the completions of a shell.
///
/// # Errors
/// When they cannot be printed.
pub fn completions(shell: Shell) -> anyhow::Result<u8> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Provenear::parser(), "provenear", &mut script);
    anstream::print!("{}", String::from_utf8(script).context("a script is text")?);
    Ok(0)
}

/// Writes a page for each command into a folder.
///
/// # Errors
/// When the folder cannot be written.
pub fn man(folder: &Path) -> anyhow::Result<u8> {
    files::create_folder(folder).with_context(|| format!("failed to create `{}`", folder.display()))?;
    let pages = clap_mangen::generate_to(Provenear::parser(), folder);
    pages.with_context(|| format!("failed to write into `{}`", folder.display()))?;
    Ok(0)
}
