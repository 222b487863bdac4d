//! Builds what a person gets: the page in `dist/`, and the helper.

use crate::page::Compiled;
use crate::run;
use crate::setup::Programs;
use anyhow::{Context, Result, bail};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Makes the page and builds the helper: the page's folder, the helper's path.
///
/// # Errors
/// When either fails.
pub(crate) fn both(programs: &Programs, compiled: &Compiled) -> Result<(PathBuf, PathBuf)> {
    Ok((compiled_page(programs, compiled)?, helper(Profile::Dev)?))
}

/// Builds the page, release; says what it weighs. Returns its folder.
///
/// # Errors
/// When a program fails.
pub(crate) fn page(programs: &Programs) -> Result<PathBuf> {
    compiled_page(programs, &crate::page::compile()?)
}

/// Makes the page of its programs; says what it weighs. Returns its folder.
///
/// # Errors
/// When a program fails.
pub(crate) fn compiled_page(programs: &Programs, compiled: &Compiled) -> Result<PathBuf> {
    let folder = run::workspace().join("dist");
    let text = "making the page of what was compiled, about 20 s";
    run::phase(text, || crate::page::assemble(programs, compiled, &folder))?;
    say_files(&folder)?;
    Ok(folder)
}

/// Has trunk build the page as well, by `Trunk.toml`, and compares.
///
/// # Errors
/// When either fails, or the two are not the same bytes.
pub(crate) fn page_by_trunk(programs: &Programs) -> Result<()> {
    let ours = page(programs)?;
    let folder = run::target().join("page-by-trunk");
    let mut command = programs.command("trunk");
    // A colour setting that trunk does not understand stops it.
    command.env_remove("NO_COLOR").args(["build", "--release", "--offline", "--dist"]).arg(&folder);
    command.env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS", crate::page::flags());
    run::phase("building it by trunk", || run::run_logged("trunk-build", command.current_dir(run::workspace())))?;
    same(&digests(&ours)?, &digests(&folder)?, "trunk makes other bytes of the same source")
}

/// Says what each file of the page weighs, and its digest.
fn say_files(folder: &Path) -> Result<()> {
    for (name, digest) in digests(folder)? {
        run::say(format!("{:>9} bytes  sha256 {digest}  {name}", fs::metadata(folder.join(&name))?.len()));
    }
    Ok(())
}

fn same(first: &[(String, String)], second: &[(String, String)], otherwise: &str) -> Result<()> {
    if first != second {
        bail!("{otherwise}:\n{first:#?}\n{second:#?}");
    }
    run::say(format!("{} files, the same bytes", first.len()));
    Ok(())
}

/// Builds the page, and once more from a copy of the source at another path with nothing built so far.
///
/// # Errors
/// When either fails, or the two are not the same bytes.
pub(crate) fn page_twice(programs: &Programs) -> Result<()> {
    let first = page(programs)?;
    let elsewhere = std::env::temp_dir().join(format!("provenear-elsewhere-{}", std::process::id()));
    let outcome = once_more(&first, &elsewhere);
    // A folder that cannot be removed does not change what was found.
    let _ = fs::remove_dir_all(&elsewhere);
    outcome
}

fn once_more(first: &Path, elsewhere: &Path) -> Result<()> {
    run::say(format!("building it once more in `{}`, about 4 min on 2 cores", elsewhere.display()));
    let list = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"];
    let files = run::output(run::argv(&list).current_dir(run::workspace()))?;
    for file in files.split('\0').filter(|file| !file.is_empty()) {
        let (from, to) = (run::workspace().join(file), elsewhere.join(file));
        fs::create_dir_all(to.parent().context("a file lies in a folder")?)?;
        if from.is_file() {
            fs::copy(&from, &to).with_context(|| format!("failed to copy `{file}`"))?;
        }
    }
    let mut command = run::cargo();
    command.args(["run", "--quiet", "--locked", "--package", "xtask", "--", "build"]);
    run::run_logged(
        "page-once-more",
        command.current_dir(elsewhere).env_remove("CARGO_TARGET_DIR").env(crate::page::COMMIT, crate::page::commit()),
    )?;
    let second = digests(&elsewhere.join("dist"))?;
    same(&digests(first)?, &second, "the same source at another path gives other bytes")
}

/// Every file of the page with its SHA-256, by name.
fn digests(folder: &Path) -> Result<Vec<(String, String)>> {
    let files = fs::read_dir(folder)?.collect::<Result<Vec<_>, _>>()?;
    let files = files.iter().map(fs::DirEntry::path).filter(|file| file.is_file());
    let name = |file: &Path| file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let mut found = files.map(|file| Ok((name(&file), sha256(&file)?))).collect::<Result<Vec<_>>>()?;
    found.sort_unstable();
    Ok(found)
}

/// Where the page says how to get the helper.
const NEXT: &str = include_str!("../../web/later/src/parts/next.rs");

/// Builds the helper by the command that the page gives for getting it, unoptimized. Returns its path.
///
/// # Errors
/// When that command fails or leaves no program that runs.
pub(crate) fn helper(profile: Profile) -> Result<PathBuf> {
    let (profile, folder) = profile.names();
    let line = NEXT.split("const INSTALL: &str = \"").nth(1).and_then(|rest| rest.split('"').next());
    let args = line.and_then(|line| line.strip_prefix("cargo ")).context("the page gives a command of cargo")?;
    let root = run::target().join("installed");
    let mut install = run::cargo();
    install.args(args.split(' ')).args(["--profile", profile, "--force", "--root"]).arg(&root);
    install.arg("--target-dir").arg(run::target());
    let text = "installing the helper as the page says, about 2 min the first time on 2 cores";
    run::phase(text, || run::run_logged("provenear", &mut install))?;
    run::output(Command::new(root.join("bin/provenear")).arg("--version"))?;
    Ok(run::target().join(folder).join("provenear"))
}

/// How a program is built.
#[derive(Clone, Copy)]
pub(crate) enum Profile {
    /// Quickly.
    Dev,
    /// More quickly still, and without the default features of the package.
    Demo,
    /// To be quick.
    Release,
}

impl Profile {
    /// As cargo calls it, and the folder in `target` where what it builds is found.
    fn names(self) -> (&'static str, &'static str) {
        match self {
            Profile::Dev => ("dev", "debug"),
            Profile::Demo => ("demo", "demo"),
            Profile::Release => ("release", "release"),
        }
    }
}

/// Builds one program of the workspace, with these features of its package. Returns its path.
///
/// # Errors
/// When cargo fails.
pub(crate) fn program(package: &str, name: &str, how: Profile, features: &[&str]) -> Result<PathBuf> {
    let (profile, folder) = how.names();
    let mut command = run::cargo();
    command.args(["build", "--locked", "--profile", profile, "--package", package, "--bin", name]);
    if matches!(how, Profile::Demo) {
        command.arg("--no-default-features");
    }
    command.args(features.iter().flat_map(|feature| ["--features", feature]));
    run::phase(format!("building `{name}`"), || run::run_logged(name, &mut command))?;
    let program = run::target().join(folder).join(format!("{name}{}", std::env::consts::EXE_SUFFIX));
    if !program.is_file() {
        bail!("cargo left no `{}`", program.display());
    }
    Ok(program)
}

pub(crate) fn sha256(file: &Path) -> Result<String> {
    sha(256, file)
}

/// The SHA-2 of a file with that many bits, in hex, by a tool of the system: this crate compiles before anything is shown.
pub(crate) fn sha(bits: u16, file: &Path) -> Result<String> {
    let said = run::output(Command::new(format!("sha{bits}sum")).arg("--").arg(file))
        .or_else(|_| run::output(run::argv(&["shasum", "-a", &bits.to_string()]).arg(file)))?;
    said.split_whitespace().next().map(str::to_owned).context("a digest tool prints a digest")
}
