//! Programs that cargo compiles once, with as little as they can do with: what builds the page, Firefox's WebDriver, and what looks at
//! our dependencies.

use super::{cache, node};
use crate::run;
use anyhow::{Context, Result};
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The last trunk that our Rust can compile. Only who asks for it needs it: `cargo xtask build --trunk`.
const TRUNK: &str = "0.21.14";
/// Firefox's WebDriver, which Debian does not have.
const GECKODRIVER: &str = "0.37.1";
/// What holds dependencies against `deny.toml`. PyPI has programs of it, the last of them too old for our `Cargo.lock`.
const DENY: &str = "0.20.2";

/// The folders with wasm-bindgen and wasm-opt.
pub(crate) struct Programs(pub(crate) Vec<PathBuf>);

impl Programs {
    /// Makes both.
    ///
    /// # Errors
    /// The first that cannot be installed.
    pub(crate) fn install() -> Result<Programs> {
        Ok(Programs(vec![node::wasm_opt()?, wasm_bindgen()?]))
    }

    /// With trunk as well.
    ///
    /// # Errors
    /// When it cannot be made.
    pub(crate) fn and_trunk(mut self) -> Result<Programs> {
        self.0.push(trunk()?);
        Ok(self)
    }

    /// A command of one of the programs that the set-up made.
    pub(crate) fn command(&self, program: &str) -> Command {
        let path = std::env::var_os("PATH").unwrap_or_default();
        let folders = self.0.iter().cloned().chain(std::env::split_paths(&path));
        let mut command = Command::new(self.program(program).unwrap_or_else(|_| program.into()));
        command.env("PATH", std::env::join_paths(folders).expect("folders of a PATH make a PATH"));
        command
    }

    /// The path of one of the programs that the set-up made.
    ///
    /// # Errors
    /// When none of its folders has it.
    pub(crate) fn program(&self, program: &str) -> Result<PathBuf> {
        let mut files = self.0.iter().map(|folder| folder.join(program));
        files.find(|file| file.is_file()).with_context(|| format!("the set-up made no `{program}`"))
    }
}

/// The path of `geckodriver`.
///
/// # Errors
/// When cargo cannot install it.
pub(crate) fn geckodriver() -> Result<PathBuf> {
    Ok(install("geckodriver", GECKODRIVER, "geckodriver", "about 2 min on 2 cores")?.join("geckodriver"))
}

/// The path of `cargo-deny`.
///
/// # Errors
/// When cargo cannot install it.
pub(crate) fn cargo_deny() -> Result<PathBuf> {
    Ok(install("cargo-deny", DENY, "cargo-deny", "about 3 min on 2 cores")?.join("cargo-deny"))
}

/// The folder with `trunk`.
fn trunk() -> Result<PathBuf> {
    install("trunk", TRUNK, "trunk", "about 4 min on 2 cores")
}

/// The folder with `wasm-bindgen` and `wasm-bindgen-test-runner`, of the version in `Cargo.lock`. By a lock file of ours: the one
/// that wasm-bindgen-cli is published with names what a registry no longer had.
fn wasm_bindgen() -> Result<PathBuf> {
    let lock = fs::read_to_string(run::workspace().join("Cargo.lock"))?;
    let version = locked_version(&lock, "wasm-bindgen").context("`Cargo.lock` names no `wasm-bindgen`")?;
    let locks = run::workspace().join("xtask/locks/wasm-bindgen");
    let name = cache::locked("wasm-bindgen", &locks.join("Cargo.lock"))?;
    let what =
        Tool { package: "wasm-bindgen-cli", version, program: "wasm-bindgen", patience: "about 2 min on 2 cores" };
    what.find_or(|tool| tool.install(&name, &["--path".as_ref(), locks.as_os_str()]))
}

/// The version of package `name` in the text of a `Cargo.lock`.
fn locked_version<'a>(lock: &'a str, name: &str) -> Option<&'a str> {
    let entry = lock.split("[[package]]").find(|entry| entry.contains(&format!("\nname = \"{name}\"\n")))?;
    let (_, version) = entry.split_once("version = \"")?;
    version.split('"').next()
}

/// A package with a program in it.
struct Tool<'a> {
    package: &'a str,
    version: &'a str,
    program: &'a str,
    /// How long it takes to compile, for the person who waits.
    patience: &'a str,
}

impl Tool<'_> {
    /// The folder of the program that PATH has, if it is of this version; else the one that is made.
    fn find_or(&self, make: impl FnOnce(&Self) -> Result<PathBuf>) -> Result<PathBuf> {
        match run::find_program(self.program).filter(|file| self.is(file)) {
            Some(file) => Ok(file.parent().context("a program lies in a folder")?.to_owned()),
            None => make(self),
        }
    }

    /// Whether this is the program in this version.
    fn is(&self, file: &Path) -> bool {
        // The name, the version, and whatever else a program has to say.
        run::output(Command::new(file).arg("--version"))
            .is_ok_and(|said| said.split_whitespace().nth(1) == Some(self.version))
    }

    /// Compiles it into the entry `name` of the cache, from where `source` says in words of `cargo install`.
    fn install(&self, name: &str, source: &[&OsStr]) -> Result<PathBuf> {
        let Tool { package, version, program, patience } = self;
        let works = |folder: &Path| self.is(&folder.join("bin").join(program));
        let folder = cache::entry(name, works, |folder| {
            let mut command = run::argv(&["nice", "cargo", "install", "--locked"]);
            command.args(source).args(["--no-default-features", "--no-track", "--root"]).arg(folder);
            // Speed of the tool matters less than the wait for it.
            command.env("CARGO_PROFILE_RELEASE_OPT_LEVEL", "1").env("CARGO_PROFILE_RELEASE_LTO", "off");
            command.env("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "16").env("CARGO_PROFILE_RELEASE_DEBUG", "false");
            command.env("CARGO_TARGET_DIR", folder.join("target"));
            run::phase(format!("compiling {package} {version}, {patience}"), || {
                run::run_logged(package, &mut command)
            })?;
            fs::remove_dir_all(folder.join("target")).context("failed to remove what cargo left")
        })?;
        Ok(folder.join("bin"))
    }
}

/// The folder with a program of a registry's package, by the lock file that the package is published with.
fn install(package: &str, version: &str, program: &str, patience: &str) -> Result<PathBuf> {
    let name = format!("tools/{package}-{version}");
    let tool = Tool { package, version, program, patience };
    tool.find_or(|tool| tool.install(&name, &[package, "--version", version].map(OsStr::new)))
}

#[cfg(test)]
mod tests {
    use super::locked_version;

    #[test]
    fn the_programs_of_wasm_bindgen_are_of_the_version_that_the_page_is_compiled_with() {
        let of_page = locked_version(include_str!("../../../Cargo.lock"), "wasm-bindgen");
        let of_tools = locked_version(include_str!("../../locks/wasm-bindgen/Cargo.lock"), "wasm-bindgen-cli");
        assert!(of_page.is_some());
        assert_eq!(of_page, of_tools);
    }
}
