//! The contract `diff-fixture` in variants, each built by rustc alone within seconds, and what its functions are called.

use anyhow::{Context, Result, bail};
use std::path::{Path, PathBuf};
use std::process::Command;

/// Where cargo keeps a registry's sources, below its home.
const REGISTRY: &str = ".cargo/registry/src/index.crates.io-1949cf8c6b5b557f";

/// How one variant is built. The default is what the others are compared with.
#[derive(Debug, Clone, Copy)]
pub struct Variant {
    /// Names the files.
    pub name: &'static str,
    /// A rustup toolchain, or the one that the workspace is built by.
    pub toolchain: Option<&'static str>,
    /// Version of the dependency.
    pub ledger: &'static str,
    /// Home of whoever builds.
    pub home: &'static str,
    /// More arguments for rustc.
    pub arguments: &'static [&'static str],
}

/// Built as the images for builds do.
pub const BASE: Variant =
    Variant { name: "base", toolchain: None, ledger: "0.1.0", home: "/home/near", arguments: &[] };

impl Variant {
    /// Builds the variant, with its function names, as the file `<into>/<name>.wasm`.
    ///
    /// # Errors
    /// When rustc cannot be run or refuses.
    pub fn build(&self, into: &Path) -> Result<Vec<u8>> {
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/contracts/diff-fixture");
        let folder = into.join(self.name);
        std::fs::create_dir_all(&folder)?;
        let library = folder.join("libledger.rlib");
        let version = format!("ledger=\"{}\"", self.ledger);
        let registry = format!("{}/{REGISTRY}/ledger-{}/src", self.home, self.ledger);
        let profile = ["-C", "opt-level=z", "-C", "codegen-units=1"];
        let mut arguments = vec!["--crate-type", "rlib", "--crate-name", "ledger", "--cfg", &version];
        arguments.extend(profile.iter().chain(self.arguments));
        let ledger = source.join("ledger");
        rustc(self.toolchain, &ledger, &registry, &arguments, &ledger.join("lib.rs"), &library)?;
        let wasm = folder.join("fixture.wasm");
        let dependency = format!("ledger={}", text(&library)?);
        let mut arguments = vec!["--crate-type", "cdylib", "--crate-name", "fixture", "--extern", &dependency];
        arguments.extend(["-C", "lto=fat", "-C", "strip=debuginfo"].iter().chain(&profile).chain(self.arguments));
        // Cargo gives the sources of a workspace by relative paths, those of a dependency by absolute ones.
        let code = format!("{}/code", self.home);
        rustc(self.toolchain, &source, &code, &arguments, Path::new("src/lib.rs"), &wasm)?;
        Ok(std::fs::read(&wasm)?)
    }
}

/// Runs rustc on `source` for wasm32: by `toolchain`, or the one that the workspace is built by. `folder` is where it runs,
/// shown as `shown` in what it builds.
///
/// # Errors
/// When it cannot be run or refuses.
pub(crate) fn rustc(
    toolchain: Option<&str>,
    folder: &Path,
    shown: &str,
    arguments: &[&str],
    source: &Path,
    output: &Path,
) -> Result<()> {
    let mut command = match toolchain {
        Some(toolchain) => {
            let mut command = Command::new("rustup");
            command.args(["run", toolchain, "rustc"]);
            command
        }
        None => Command::new(std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into())),
    };
    command.current_dir(folder).args(["--edition", "2024", "--target", "wasm32-unknown-unknown", "-C", "panic=abort"]);
    command.args(["--remap-path-prefix", &format!("{}={shown}", text(folder)?)]).args(arguments);
    let output = command.arg(source).arg("-o").arg(output).output().context("failed to run rustc")?;
    if !output.status.success() {
        bail!("rustc refused `{}`: {}", source.display(), String::from_utf8_lossy(&output.stderr));
    }
    Ok(())
}

/// Optimises a module by `wasm-opt`, with its names kept.
///
/// # Errors
/// When the set-up has not installed it, or it fails.
pub fn optimise(wasm: &[u8], into: &Path) -> Result<Vec<u8>> {
    let program = program("wasm-opt")?;
    let (from, to) = (into.join("from.wasm"), into.join("to.wasm"));
    std::fs::create_dir_all(into)?;
    std::fs::write(&from, wasm)?;
    let status = Command::new(program).args(["-g", "-O", "--all-features"]).arg(&from).arg("-o").arg(&to).status()?;
    if !status.success() {
        bail!("wasm-opt failed");
    }
    Ok(std::fs::read(to)?)
}

/// A program that the set-up installed, by the list that it left in `target/ground.json`.
fn program(name: &str) -> Result<PathBuf> {
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).parent().context("`tests` lies in the workspace")?;
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| workspace.join("target"), PathBuf::from);
    let missing = || format!("`{name}` is not installed: run `cargo xtask test`");
    let ground: serde_json::Value =
        serde_json::from_slice(&std::fs::read(target.join("ground.json")).with_context(missing)?)?;
    let folders = ground["programs"].as_array().with_context(missing)?;
    let programs = folders.iter().filter_map(|folder| Some(Path::new(folder.as_str()?).join(name)));
    programs.into_iter().find(|program| program.exists()).with_context(missing)
}

fn text(path: &Path) -> Result<&str> {
    path.to_str().context("the path is not UTF-8")
}
