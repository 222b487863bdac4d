//! The near-sdk contract probed with every factor: how long each build took, and the bill.

use std::process::Command;
use std::time::Instant;

use anyhow::{Context, Result, bail};
use provenear_tests::fixtures::repository;
use serde_json::Value;

use crate::Ground;
use crate::one::command;
use crate::table::Table;

/// How long it may take, as `docs/probe.md` promises it for two processors.
const BUDGET: &str = "20m";

/// One probe, from nothing: dependencies are fetched, and each build is made.
pub(crate) fn measure(ground: &Ground, table: &mut Table) -> Result<()> {
    let folder = tempfile::tempdir()?;
    let counter = repository("counter", folder.path())?;
    let mut clone = Command::new("git");
    clone.args(["clone", "--quiet"]).arg(counter.folder).arg("tree").current_dir(&folder);
    if !clone.status().context("failed to start `git`")?.success() {
        bail!("git cannot clone the contract");
    }
    eprintln!("probing with every factor, within {BUDGET}");
    let since = Instant::now();
    let mut probe = command(ground, folder.path());
    probe.args(["probe", "tree", "--json", "--engine", "docker", "--budget", BUDGET, "--image", &ground.image]);
    let output = probe.stderr(std::process::Stdio::inherit()).output().context("failed to start `provenear`")?;
    let seconds = since.elapsed().as_secs_f64();
    let bill: Value = serde_json::from_slice(&output.stdout).context("the probe does not answer in JSON")?;
    let factors = bill["factors"].as_array().with_context(|| format!("the probe failed: {}", bill["error"]))?;
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    table.part("a near-sdk contract, probed with every factor");
    for factor in factors {
        let took = factor["seconds"].as_f64().map(|seconds| format!("{seconds:.0} s, ")).unwrap_or_default();
        let remark = format!("{took}{}", text(&factor["change"]));
        table.fact(&text(&factor["factor"]), text(&factor["outcome"]), remark);
    }
    let remark = format!("{} (exit code {})", text(&bill["message"]), output.status.code().unwrap_or(-1));
    table.fact("all of it", text(&bill["outcome"]), remark);
    table.fact("took", format!("{:.1} min", seconds / 60.0), format!("aim: {BUDGET}"));
    Ok(())
}
