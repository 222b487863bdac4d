//! Twenty accounts with four recipes among them: how many builds, and how long.

use std::time::Instant;

use anyhow::{Context, Result, bail};
use provenear_tests::devnet::Devnet;
use provenear_tests::fixtures::{repository, tiny_claim};
use provenear_tests::git_server::GitServer;
use provenear_tests::saying::saying;
use serde_json::Value;

use crate::Ground;
use crate::one::{at, command};
use crate::table::Table;

const SUBJECTS: usize = 20;
const RECIPES: usize = 4;

/// Measures it with the contract without near-sdk, whose build takes seconds.
pub(crate) fn measure(ground: &Ground, table: &mut Table) -> Result<()> {
    eprintln!("a batch of {SUBJECTS} subjects with {RECIPES} recipes, about 1 min");
    let folder = tempfile::tempdir()?;
    let git = folder.path().join("git");
    std::fs::create_dir(&git)?;
    let commit = repository("tiny", &git)?.commit;
    let server = GitServer::start(git, 0)?;
    let devnet = Devnet::start()?;
    let claim = at(&server, &tiny_claim(&ground.image, &commit));
    let mut list = String::new();
    for number in 0..SUBJECTS {
        let mut claim: Value = serde_json::from_str(&claim)?;
        claim["link"] = format!("https://example.org/{}", number % RECIPES).into();
        let account = format!("app{number}.devnet");
        devnet.deploy(&account, saying(&claim.to_string(), &number.to_string()));
        list.push_str(&format!("{account}\n"));
    }
    std::fs::write(folder.path().join("list"), list)?;
    let since = Instant::now();
    let mut batch = command(ground, folder.path());
    batch.args(["batch", "list", "--out", "out", "--engine", "docker", "--quiet", "--allow-local-source"]);
    let output = batch.args(["--network", "devnet-test", "--rpc", &devnet.url()]).output()?;
    let seconds = since.elapsed().as_secs_f64();
    let said = String::from_utf8_lossy(&output.stdout);
    let summary: Value = serde_json::from_str(said.lines().last().context("the batch said nothing")?)?;
    if summary["subjects"] != SUBJECTS {
        bail!("the batch failed: {summary} {}", String::from_utf8_lossy(&output.stderr));
    }
    table.part(&format!("a batch of {SUBJECTS} subjects with {RECIPES} recipes"));
    let remark = format!("{seconds:.1} s in all; aim: {RECIPES}");
    table.fact("builds", summary["rebuilds"].to_string(), remark);
    Ok(())
}
