//! Debian packages for what PATH lacks. Nothing is installed unasked on a machine where somebody sits.

use crate::run;
use anyhow::{Result, bail};
use std::io::{BufRead, IsTerminal, Write};
use std::process::Command;

/// A Debian package and what it is for.
pub(crate) struct Package {
    pub(crate) name: &'static str,
    pub(crate) purpose: &'static str,
}

/// Whether we may install without a password.
pub(crate) fn root() -> bool {
    run::output(Command::new("id").arg("-u")).is_ok_and(|id| id == "0")
}

/// Whether this is a Debian or a child of it.
pub(crate) fn is_debian() -> bool {
    run::find_program("apt-get").is_some()
}

/// Installs `packages`: as root without a terminal at once, at a terminal after asking.
///
/// # Errors
/// Names what is missing when it may not be installed, or what apt-get said.
pub(crate) fn install(packages: &[Package]) -> Result<()> {
    if packages.is_empty() {
        return Ok(());
    }
    let list: Vec<_> = packages.iter().map(|package| format!("`{}` ({})", package.name, package.purpose)).collect();
    let list = list.join(", ");
    let root = root();
    if !is_debian() {
        bail!("missing and no apt-get to install it with: {list}");
    }
    if std::io::stdin().is_terminal() && std::env::var_os("CI").is_none() {
        ask(&list)?;
    } else if !root {
        bail!("missing: {list}; install it, or run this at a terminal to be asked");
    }
    let apt = || {
        let mut command = run::argv(if root { &["apt-get"] } else { &["sudo", "apt-get"] as &[&str] });
        command.env("DEBIAN_FRONTEND", "noninteractive").args(["-o", "DPkg::Lock::Timeout=600"]);
        command
    };
    run::phase(format!("installing Debian packages, about 1 to 3 min: {list}"), || {
        run::run_logged("apt-update", apt().arg("update"))?;
        let names = packages.iter().map(|package| package.name);
        run::run_logged("apt-install", apt().args(["install", "-y", "--no-install-recommends"]).args(names))
    })
}

fn ask(list: &str) -> Result<()> {
    eprint!("These packages are missing: {list}.\nInstall them with apt-get? [y/N] ");
    std::io::stderr().flush()?;
    let mut answer = String::new();
    std::io::stdin().lock().read_line(&mut answer)?;
    if !matches!(answer.trim(), "y" | "Y" | "yes") {
        bail!("missing: {list}");
    }
    Ok(())
}
