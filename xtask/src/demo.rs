//! `cargo xtask demo`: the whole thing on this machine. The page is up as soon as it is built; the rebuilds follow, and
//! each banner changes when its manifest arrives. `--once` prints the verdicts and ends.

mod helper;
mod stage;

use crate::setup::{self, Ground};
use crate::{build, run};
use anyhow::{Context, Result};
use helper::{Helper, What};
use serde_json::{Value, json};
use stage::Stage;
use std::fs;
use std::path::PathBuf;

/// `i64.const 1` and `i64.add`: in the counter's code only where it counts up.
const COUNTS_UP: [u8; 3] = [0x42, 0x01, 0x7c];

/// One account: its name, what stands there, and the verdict that is expected.
struct Scene {
    account: &'static str,
    what: &'static str,
    expected: &'static str,
}

const SCENES: [Scene; 5] = [
    Scene { account: "honest.demo", what: "a counter that claims the published build image", expected: "reproduced" },
    Scene {
        account: "registry.demo",
        what: "the same source, claiming an image of a registry on this machine (deployed after its first build)",
        expected: "reproduced",
    },
    Scene { account: "tampered.demo", what: "the same with one byte changed: it counts by two", expected: "differs" },
    Scene { account: "silent.demo", what: "a contract without a claim", expected: "not-rebuildable" },
    Scene { account: "empty.demo", what: "an account without code", expected: "no-contract" },
];

/// Runs it; returns whether every verdict is as expected. With `stay`, it returns only on Ctrl-C.
///
/// # Errors
/// Whatever keeps a verdict from being given.
pub(crate) fn run(stay: bool) -> Result<bool> {
    stage::check_port()?;
    let folder = stage::folder();
    if folder.exists() {
        fs::remove_dir_all(&folder).with_context(|| format!("failed to remove `{}`", folder.display()))?;
    }
    let mut up = None;
    let ground = setup::demo(|programs, compiled, wanted_first| {
        let page = || build::compiled_page(programs, compiled);
        let devnet = || build::program("provenear-tests", "provenear-devnet", build::Profile::Demo, &[]);
        // Much of the page's way is one program on one core.
        let (page, devnet) = setup::side_by_side(page, devnet)?;
        drop(wanted_first);
        let stage = Stage::start(&devnet, &page, &accounts())?;
        run::say("the page is up; the rebuilds follow");
        for scene in &SCENES {
            println!("  {:<44} {}", stage.link(scene.account), scene.what);
        }
        up = Some(stage);
        Ok((page, build::helper(build::Profile::Demo)?))
    })?;
    let mut stage = up.context("the page is up")?;
    let helper = Helper::new(&ground)?;
    say_whom_to_trust(&stage, &helper);
    rebuild(&mut stage, &helper, &ground)?;
    let as_expected = verdicts(&stage, &helper)?;
    if stay {
        println!("\nEverything stays up until Ctrl-C.");
        loop {
            std::thread::park();
        }
    }
    Ok(as_expected)
}

fn contracts() -> PathBuf {
    run::workspace().join("tests/testdata/contracts")
}

/// What can be deployed before anything is built.
fn accounts() -> Value {
    json!([
        { "account_id": "honest.demo", "contract": { "local": contracts().join("counter-pinned.wasm") } },
        { "account_id": "silent.demo", "contract": { "local": contracts().join("silent.wat") } },
        { "account_id": "empty.demo" },
    ])
}

/// Two rebuilds: of the committed counter, and of the one that claims this machine's registry, which then is deployed
/// as it came out and with one byte changed.
fn rebuild(stage: &mut Stage, helper: &Helper, ground: &Ground) -> Result<()> {
    let rebuilding = "rebuilding honest.demo in a container, about 2 min";
    let honest = run::phase(rebuilding, || helper.rebuild(stage, "honest", What::Account("honest.demo")))?;
    helper.publish(stage, &honest)?;
    run::say("its manifest is published");

    let mut claim: Value = serde_json::from_slice(&fs::read(contracts().join("counter-pinned.json"))?)?;
    claim["build_info"]["build_environment"] = ground.facts["registry"]["image"].clone();
    let recipe = stage::folder().join("registry.json");
    run::write(&recipe, serde_json::to_vec(&claim)?)?;
    let rebuilding = "building what registry.demo claims, about 2 min";
    let built = run::phase(rebuilding, || helper.rebuild(stage, "registry", What::Recipe(&recipe)))?;
    let tampered = stage::folder().join("tampered.wasm");
    run::write(&tampered, tamper(fs::read(&built.wasm)?)?)?;
    helper.publish(stage, &built)?;
    stage.deploy("registry.demo", &built.wasm)?;
    let hash = stage.deploy("tampered.demo", &tampered)?;
    stage.file_under(&built.manifest, &hash)
}

/// The counter, counting by two.
fn tamper(mut wasm: Vec<u8>) -> Result<Vec<u8>> {
    let at = wasm.windows(COUNTS_UP.len()).position(|bytes| bytes == COUNTS_UP);
    wasm[at.context("the counter does not count up where it should")? + 1] = 2;
    Ok(wasm)
}

/// Trust is the reader's own act: nothing that is printed here gives it.
fn say_whom_to_trust(stage: &Stage, helper: &Helper) {
    println!("\nNobody is trusted until you say so. To let the demo's rebuilds count, open {}/#/settings", stage.page);
    println!("  and under \"Accepted builds\" accept      source on this computer");
    println!("  and under \"Keys that you trust\" paste    {}", helper.key);
    for image in &helper.images {
        println!("  and under \"Accepted images\" add a line  {image}");
    }
    println!();
}

/// Asks the helper about every account, with the demo's key trusted, and prints what it says.
fn verdicts(stage: &Stage, helper: &Helper) -> Result<bool> {
    let mut as_expected = true;
    println!("\nVerdicts of `provenear inspect`, for a reader who trusts the demo's key:");
    for scene in &SCENES {
        let (code, message) = helper.verdict(stage, scene.account)?;
        println!("  {:<16} {}\n    {message}", code, stage.link(scene.account));
        if code != scene.expected {
            as_expected = false;
            println!("    expected: {}", scene.expected);
        }
    }
    run::say(if as_expected { "every verdict is as expected" } else { "not every verdict is as expected" });
    run::say_phases();
    Ok(as_expected)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_byte_of_the_counter_changes_and_it_is_the_one_that_counts() {
        let wasm = fs::read(contracts().join("counter-pinned.wasm")).expect("the counter is committed");
        let tampered = tamper(wasm.clone()).expect("it counts up");
        let changed: Vec<_> = wasm.iter().zip(&tampered).filter(|(before, after)| before != after).collect();
        assert_eq!(changed, [(&1, &2)]);
        assert_eq!(wasm.windows(3).filter(|bytes| *bytes == COUNTS_UP).count(), 1);
    }
}
