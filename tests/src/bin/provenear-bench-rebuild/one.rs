//! One contract: first and second rebuild, against near-verify-rs with and without network.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

use anyhow::{Context, Result, bail};
use provenear_tests::fixtures::{COUNTER_COMMIT, GIT_PORT, counter_registry_claim, repository};
use provenear_tests::git_server::GitServer;
use serde_json::Value;

use crate::Ground;
use crate::peer::{self, Way};
use crate::table::{Samples, Table};

/// A rebuild by the helper.
struct Ours {
    seconds: f64,
    in_container: f64,
    downloads: usize,
    artifact: Vec<u8>,
}

impl Ours {
    fn outside(&self) -> f64 {
        self.seconds - self.in_container
    }
}

/// Rounds: each has all four, so that a machine that gets slower does so for all of them.
const ROUNDS: usize = 3;

/// Measures all four, round after round; a build takes a minute, and the compiler is nine tenths of it.
pub(crate) fn measure(ground: &Ground, table: &mut Table) -> Result<()> {
    let folder = tempfile::tempdir()?;
    let git = folder.path().join("git");
    std::fs::create_dir(&git)?;
    repository("counter", &git)?;
    let server = GitServer::start(git, 0)?;
    let claim = at(&server, &counter_registry_claim(&ground.image));
    std::fs::write(folder.path().join("claim.json"), &claim)?;
    // Whoever comes first does not pay for what is then in the page cache.
    let warm = ["run", "--rm", "--network", "none", &ground.image, "bash", "-c", "cat ~/.rustup/toolchains/*/lib/*.so"];
    let warmed = Command::new("docker").args(warm).stdout(Stdio::null()).status()?;
    if !warmed.success() {
        bail!("docker cannot run `{}`", ground.image);
    }

    let (mut online, mut offline, mut first, mut second) = (vec![], vec![], vec![], vec![]);
    for round in 1..=ROUNDS {
        eprintln!(
            "round {round} of {ROUNDS}: near-verify-rs online, provenear with an empty cache, near-verify-rs offline, provenear again; about 3 min"
        );
        online.push(theirs(ground, &server, &claim, folder.path(), Way::Online)?);
        let cache = folder.path().join("cache");
        if cache.exists() {
            std::fs::remove_dir_all(cache)?;
        }
        first.push(ours(ground, folder.path())?);
        offline.push(theirs(ground, &server, &claim, folder.path(), Way::Offline)?);
        second.push(ours(ground, folder.path())?);
    }

    table.part("a near-sdk contract, the same image and commit, all four in turn");
    let peer = |runs: &[(f64, Vec<u8>)]| Samples::new(runs.iter().map(|run| run.0).collect());
    let mine = |runs: &[Ours], of: fn(&Ours) -> f64| Samples::new(runs.iter().map(of).collect());
    let (run, run_offline) = (peer(&online), peer(&offline));
    let took = mine(&first, |run| run.seconds);
    let ratio = |peer: &Samples| took.median() / peer.median();
    let ratios = format!("{:.2} times `run`, {:.2} times `run_offline`; aim: 1.00", ratio(&run), ratio(&run_offline));
    table.row("near-verify-rs `run`", &run, "s", "with a clone; the command has network");
    table.row("near-verify-rs `run_offline`", &run_offline, "s", "with a clone; keeps nothing for the next time");
    table.row("provenear, nothing cached", &took, "s", ratios);
    table.row("  of this outside of the command", &mine(&first, Ours::outside), "s", "");
    let downloads = |runs: &[Ours]| runs.iter().map(|run| run.downloads).max().unwrap_or_default();
    let remark = format!("{} archives downloaded, aim: 0; the first time {}", downloads(&second), downloads(&first));
    table.row("provenear, the second time", &mine(&second, |run| run.seconds), "s", remark);
    let remark = "source, image, containers, manifest; aim: 3 s";
    table.row("  of this outside of the command", &mine(&second, Ours::outside), "s", remark);
    let ours = first.iter().chain(&second).map(|run| &run.artifact);
    let artifacts: BTreeSet<&Vec<u8>> = online.iter().chain(&offline).map(|run| &run.1).chain(ours).collect();
    table.fact("all artifacts", if artifacts.len() == 1 { "the same" } else { "NOT the same" }, "");
    Ok(())
}

/// A claim of the fixtures with its repository on this server: their own port may be in use.
pub(crate) fn at(server: &GitServer, claim: &str) -> String {
    claim.replace(&format!("http://127.0.0.1:{GIT_PORT}"), &server.url())
}

/// Seconds from nothing to the artifact, the clone included, which its users have to make themselves.
fn theirs(ground: &Ground, server: &GitServer, claim: &str, folder: &Path, way: Way) -> Result<(f64, Vec<u8>)> {
    let checkout = tempfile::tempdir_in(folder)?;
    let since = Instant::now();
    let url = format!("{}/counter.git", server.url());
    git(Command::new("git").args(["clone", "--quiet", &url]).arg(checkout.path()))?;
    git(Command::new("git").arg("-C").arg(checkout.path()).args(["checkout", "--quiet", COUNTER_COMMIT]))?;
    let artifact = peer::build(claim, checkout.path(), way, ground.ca_file.as_deref())?;
    Ok((since.elapsed().as_secs_f64(), artifact))
}

fn git(command: &mut Command) -> Result<()> {
    match command.status().context("failed to start `git`")?.success() {
        true => Ok(()),
        false => bail!("`{command:?}` failed"),
    }
}

fn ours(ground: &Ground, folder: &Path) -> Result<Ours> {
    let since = Instant::now();
    let mut command = command(ground, folder);
    command.args([
        "rebuild",
        "--json",
        "--allow-local-source",
        "--engine",
        "docker",
        "--recipe",
        "claim.json",
        "--out",
        "out",
    ]);
    let output = command.output().context("failed to start `provenear`")?;
    let seconds = since.elapsed().as_secs_f64();
    let said = String::from_utf8_lossy(&output.stderr);
    let json: Value = serde_json::from_slice(&output.stdout).with_context(|| said.clone().into_owned())?;
    if !output.status.success() {
        bail!("provenear failed: {} {said}", json["error"]);
    }
    let phases = json["rebuild"]["phases"].as_array().context("the report names no phases")?;
    let build = phases.iter().find(|phase| phase["name"] == "build").and_then(|phase| phase["seconds"].as_f64());
    let artifact = json["rebuild"]["artifact"]["path"].as_str().context("the report names no artifact")?;
    Ok(Ours {
        seconds,
        in_container: build.context("the report names no build")?,
        downloads: said.lines().filter(|line| line.trim_start().starts_with("Downloaded ")).count(),
        artifact: std::fs::read(folder.join(artifact))?,
    })
}

/// A command of the helper with a cache and a key of this measure's own.
pub(crate) fn command(ground: &Ground, folder: &Path) -> Command {
    let mut command = Command::new(&ground.provenear);
    command.env("PROVENEAR_CACHE", folder.join("cache")).env("PROVENEAR_DATA", folder.join("data"));
    command.stdin(Stdio::null()).current_dir(folder);
    if let Some(file) = &ground.ca_file {
        command.env("SSL_CERT_FILE", file);
    }
    command
}
