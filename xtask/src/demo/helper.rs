//! The helper as a person calls it: its JSON is read, its exit code is not needed.

use super::stage::{CHAIN, Stage, folder};
use crate::run;
use crate::service::Running;
use crate::setup::{Ground, cache_root};
use anyhow::{Context, Result, bail};
use serde_json::Value;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The helper, and whom the demo's reader trusts.
pub(crate) struct Helper {
    program: PathBuf,
    ground: Value,
    secret: PathBuf,
    /// The demo's key, `ed25519:…`.
    pub(crate) key: String,
    /// Digests of the images that it rebuilds in.
    pub(crate) images: Vec<String>,
}

/// What came out of a rebuild.
pub(crate) struct Rebuilt {
    pub(crate) wasm: PathBuf,
    pub(crate) manifest: PathBuf,
}

impl Helper {
    /// Finds the helper on the ground, and its key, made on first use.
    ///
    /// # Errors
    /// When the key can be neither read nor made.
    pub(crate) fn new(ground: &Ground) -> Result<Helper> {
        let facts = ground.facts.clone();
        let program = PathBuf::from(facts["provenear"].as_str().context("the helper was built")?);
        let secret = cache_root().join("demo/signing-key.pem");
        let public = secret.with_extension("pub");
        if !public.is_file() {
            std::fs::create_dir_all(cache_root().join("demo"))?;
            let _ = std::fs::remove_file(&secret);
            let made = json(Command::new(&program).args(["keygen", "--json", "--out"]).arg(&secret))?;
            run::write(&public, made["public_key"].as_str().context("`keygen` printed no key")?)?;
        }
        let key = std::fs::read_to_string(&public)?.trim().to_owned();
        let image = |reference: &Value| reference.as_str()?.rsplit_once('@').map(|(_, digest)| digest.to_owned());
        let mut images: Vec<String> =
            [&facts["image"]["reference"], &facts["registry"]["image"]].into_iter().filter_map(image).collect();
        images.dedup();
        Ok(Helper { program, ground: facts, secret, key, images })
    }

    /// Rebuilds the account `name`, or a recipe file. What the helper says about its phases is shown, the build's own
    /// output goes to a log.
    ///
    /// # Errors
    /// When no artifact comes out.
    pub(crate) fn rebuild(&self, stage: &Stage, name: &str, what: What<'_>) -> Result<Rebuilt> {
        let mut command = Command::new(&self.program);
        command.arg("rebuild");
        match what {
            What::Account(account) => command.args([account, "--network", CHAIN, "--rpc", &stage.rpc]),
            What::Recipe(file) => command.arg("--recipe").arg(file),
        };
        command.args(["--json", "--allow-local-source", "--key"]).arg(&self.secret);
        command.arg("--out").arg(folder().join("out").join(name));
        if let Some(file) = self.ground["ca_file"].as_str() {
            command.args(["--ca-file", file]);
        }
        if let (What::Account(_), Some(false)) = (what, self.ground["image"]["published"].as_bool()) {
            command.args(["--image", self.ground["image"]["reference"].as_str().unwrap_or_default()]);
        }
        let engines = ["docker", "podman"].map(|kind| &self.ground["engines"][kind]);
        if let Some(engine) = engines.into_iter().find(|engine| engine["usable"] == true) {
            command.args(["--engine", engine["command"].as_str().unwrap_or_default()]);
            let env = engine["env"].as_object().into_iter().flatten();
            command.envs(env.filter_map(|(name, value)| Some((name, value.as_str()?))));
        }
        let (path, mut log) = run::log(&format!("demo-rebuild-{name}"))?;
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().with_context(|| format!("failed to start `{}`", self.program.display()))?;
        let _running = Running::new(child.id());
        let said = child.stderr.take().context("the helper has an output")?;
        for line in BufReader::new(said).split(b'\n') {
            let line = line?;
            log.write_all(&line)?;
            log.write_all(b"\n")?;
            // Its own words begin with the time.
            if line.starts_with(b"[") {
                eprintln!("         {name}: {}", String::from_utf8_lossy(&line));
            }
        }
        let mut printed = Vec::new();
        child.stdout.take().context("the helper has an output")?.read_to_end(&mut printed)?;
        child.wait()?;
        let report: Value = serde_json::from_slice(&printed)
            .with_context(|| format!("`rebuild` printed no JSON, see `{}`\n{}", path.display(), run::tail(&path)))?;
        let text = |value: &Value| value.as_str().map(str::to_owned);
        let made = &report["rebuild"];
        match (text(&made["artifact"]["path"]), text(&made["manifest"])) {
            (Some(wasm), Some(manifest)) => Ok(Rebuilt { wasm: wasm.into(), manifest: manifest.into() }),
            _ => bail!("no artifact of `{name}`: {}, see `{}`", report["error"]["message"], path.display()),
        }
    }

    /// Puts a rebuild into the store beside the page.
    ///
    /// # Errors
    /// When the helper refuses.
    pub(crate) fn publish(&self, stage: &Stage, rebuilt: &Rebuilt) -> Result<()> {
        let mut command = Command::new(&self.program);
        run::output(command.arg("publish").arg(&rebuilt.manifest).arg("--to").arg(&stage.site)).map(drop)
    }

    /// Code and sentence of the verdict about `account`, by the demo's key and store.
    ///
    /// # Errors
    /// When there is no verdict.
    pub(crate) fn verdict(&self, stage: &Stage, account: &str) -> Result<(String, String)> {
        let mut command = Command::new(&self.program);
        command.args([
            "inspect",
            account,
            "--json",
            "--quiet",
            "--allow-local-source",
            "--network",
            CHAIN,
            "--rpc",
            &stage.rpc,
        ]);
        command.args(["--trust", &self.key, "--store", &format!("{}/manifests/", stage.page)]);
        command.args(self.images.iter().flat_map(|image| ["--accept-image", image]));
        let report = json(&mut command)?;
        let text = |name: &str| report["verdict"][name].as_str().map(str::to_owned);
        match (text("code"), text("message")) {
            (Some(code), Some(message)) => Ok((code, message)),
            _ => bail!("no verdict about `{account}`: {}", report["error"]["message"]),
        }
    }
}

/// What is rebuilt.
#[derive(Clone, Copy)]
pub(crate) enum What<'a> {
    /// What an account's code claims.
    Account(&'a str),
    /// What a file of NEP-330 metadata says.
    Recipe(&'a Path),
}

/// What a command prints as JSON, whatever its exit code.
fn json(command: &mut Command) -> Result<Value> {
    let output = command.stdin(Stdio::null()).output().context("failed to start the helper")?;
    serde_json::from_slice(&output.stdout)
        .with_context(|| format!("the helper printed no JSON: {}", String::from_utf8_lossy(&output.stderr)))
}
