//! One contract: first and second rebuild, against near-verify-rs with and without network.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

use anyhow::{Context, Result, bail};
use provenear_tests::fixtures::{COUNTER_COMMIT, GIT_PORT, counter_registry_claim, repository};
use provenear_tests::git_server::GitServer;
use serde_json::Value;

use crate::Ground;
use crate::peer::{self, Way};
use crate::table::Table;

/// A rebuild by the helper.
struct Ours {
    seconds: f64,
    in_container: f64,
    downloads: usize,
    artifact: Vec<u8>,
}

/// Measures each once: a build takes a minute, and the compiler is nine tenths of it.
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

    eprintln!("near-verify-rs, online, about 2 min");
    let online = theirs(ground, &server, &claim, folder.path(), Way::Online)?;
    eprintln!("provenear, with an empty cache, about 2 min");
    let first = ours(ground, folder.path())?;
    eprintln!("near-verify-rs, offline, about 2 min");
    let offline = theirs(ground, &server, &claim, folder.path(), Way::Offline)?;
    eprintln!("provenear, the second time, about 2 min");
    let second = ours(ground, folder.path())?;

    table.part("a near-sdk contract, the same image and commit, each once");
    table.fact("near-verify-rs `run`", seconds(online.0), "with a clone; the command has network");
    table.fact("near-verify-rs `run_offline`", seconds(offline.0), "with a clone; keeps nothing for the next time");
    let against = |theirs: f64| format!("{:.2} times", first.seconds / theirs);
    let remark = format!("{} `run`, {} `run_offline`; aim: 1.00", against(online.0), against(offline.0));
    table.fact("provenear, nothing cached", seconds(first.seconds), remark);
    let added = second.seconds - second.in_container;
    let remark = format!("{} archives downloaded, aim: 0; the first time {}", second.downloads, first.downloads);
    table.fact("provenear, the second time", seconds(second.seconds), remark);
    table.fact("  of this outside of the command", seconds(added), "source, image, containers, manifest; aim: 3 s");
    let same = [&first.artifact, &second.artifact, &offline.1].iter().all(|artifact| **artifact == online.1);
    table.fact("all four artifacts", if same { "the same" } else { "NOT the same" }, "");
    Ok(())
}

/// A claim of the fixtures with its repository on this server: their own port may be in use.
pub(crate) fn at(server: &GitServer, claim: &str) -> String {
    claim.replace(&format!("http://127.0.0.1:{GIT_PORT}"), &server.url())
}

fn seconds(seconds: f64) -> String {
    format!("{seconds:.1} s")
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
    command.args(["rebuild", "--json", "--engine", "docker", "--recipe", "claim.json", "--out", "out"]);
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
