//! `cargo xtask bench`: sets up, builds for release, and lets `provenear-bench` measure. It never asserts.

use crate::setup::{self, Programs};
use crate::{build, run};
use anyhow::{Result, bail};
use serde_json::{Value, json};
use std::path::Path;
use std::process::Command;

/// Measures and prints a table.
///
/// # Errors
/// When something that is measured cannot be built or run.
pub(crate) fn run() -> Result<()> {
    let (programs, (chromium, chromedriver), lighthouse): (Programs, _, _) = setup::bench()?;
    let page = build::page(&programs)?;
    run::say("building the helper for release, about 5 min the first time on 2 cores");
    let helper = build::program("provenear-helper", "provenear", build::Profile::Release, &[])?;
    let bench = build::program("provenear-tests", "provenear-bench", build::Profile::Dev, &[])?;
    let facts = json!({
        "provenear": helper, "page": page, "chromium": chromium, "chromedriver": chromedriver,
        "node": run::find_program("node"), "lighthouse": lighthouse,
        "wasm2wat": run::find_program("wasm2wat"), "diffoscope": run::find_program("diffoscope"),
        "figures": run::target().join("bench-figures.json"),
    });
    measure(&bench, &facts)
}

/// Measures the page on a slow line, beside the folder of an older page where one is named.
///
/// # Errors
/// As [`run()`].
pub(crate) fn slow(older: Option<&str>) -> Result<()> {
    let (programs, (chromium, chromedriver), lighthouse): (Programs, _, _) = setup::bench()?;
    let page = build::page(&programs)?;
    let bench = build::program("provenear-tests", "provenear-bench", build::Profile::Dev, &[])?;
    let facts = json!({
        "provenear": "", "page": page, "chromium": chromium, "chromedriver": chromedriver, "node": run::find_program("node"),
        "lighthouse": lighthouse, "slow": true, "older": older,
    });
    measure(&bench, &facts)
}

/// Looks a thousand accounts up at an endpoint on loopback that takes its time. A part of its own: it needs no page.
///
/// # Errors
/// As [`run()`].
pub(crate) fn lookups() -> Result<()> {
    helper_alone("lookups")
}

/// Plans ten thousand accounts with two thousand recipes, and merges what many machines would leave. No page, and no engine.
///
/// # Errors
/// As [`run()`].
pub(crate) fn machines() -> Result<()> {
    helper_alone("machines")
}

/// Lints a workspace of 200 crates. No page, and no engine.
///
/// # Errors
/// As [`run()`].
pub(crate) fn lint() -> Result<()> {
    helper_alone("lint")
}

/// Measures a part that needs the helper and nothing else.
fn helper_alone(part: &str) -> Result<()> {
    run::say("building the helper for release, about 5 min the first time on 2 cores");
    let helper = build::program("provenear-helper", "provenear", build::Profile::Release, &[])?;
    let bench = build::program("provenear-tests", "provenear-bench", build::Profile::Dev, &[])?;
    let facts = json!({
        "provenear": helper, "page": "", "chromium": "", "chromedriver": "", "node": "", "lighthouse": "", part: true,
    });
    measure(&bench, &facts)
}

/// Rebuilds in containers, against near-verify-rs. A part of its own: it needs engines and no page, and takes long.
///
/// # Errors
/// As [`run()`].
pub(crate) fn rebuild() -> Result<()> {
    in_containers("rebuild")
}

/// Probes the near-sdk contract with every factor, and prints the bill. It needs an engine, and takes up to 20 minutes.
///
/// # Errors
/// As [`run()`].
pub(crate) fn probe() -> Result<()> {
    in_containers("probe")
}

fn in_containers(part: &str) -> Result<()> {
    let ground = setup::rebuild()?;
    run::say("building the helper for release, about 5 min the first time on 2 cores");
    let helper = build::program("provenear-helper", "provenear", build::Profile::Release, &[])?;
    let bench = build::program("provenear-tests", "provenear-bench-rebuild", build::Profile::Dev, &["peer"])?;
    let facts = json!({
        "provenear": helper, "image": ground.facts["image"]["reference"], "ca_file": setup::ca_file(), "part": part,
    });
    measure(&bench, &facts)
}

fn measure(bench: &Path, facts: &Value) -> Result<()> {
    let file = run::target().join("bench.json");
    run::write(&file, serde_json::to_vec_pretty(facts)?)?;
    run::say("measuring; other work on this machine makes everything slower");
    match Command::new(bench).arg(file).status()?.success() {
        true => Ok(()),
        false => bail!("not everything could be measured"),
    }
}
