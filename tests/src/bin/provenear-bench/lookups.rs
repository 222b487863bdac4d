//! A thousand accounts looked up by `provenear batch` at an endpoint that takes 100 ms for each call, one request after the
//! other and side by side, in turn. Nothing is built: the engine only says that it is there.

use crate::Programs;
use crate::endpoint::Endpoint;
use crate::table::{Samples, Table};
use anyhow::{Context, Result, bail};
use provenear_tests::devnet::{Chain, Devnet};
use provenear_tests::peak;
use serde_json::Value;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

/// What one call takes.
const CALL: Duration = Duration::from_millis(100);
const ACCOUNTS: usize = 1000;
/// One after the other, a thousand take ten minutes: a part of them is measured, and the rest is counted.
const IN_TURN: usize = 100;
const ROUNDS: usize = 3;

/// What one batch took.
struct Taken {
    seconds: f64,
    megabytes: f64,
    calls: usize,
}

/// Measures both ways, round after round.
pub(crate) fn measure(programs: &Programs, table: &mut Table) -> Result<()> {
    let folder = tempfile::tempdir()?;
    let engine = folder.path().join("docker");
    std::fs::write(&engine, "#!/bin/sh\n[ \"$1\" = version ] && echo 27.0.0 amd64\nexit 0\n")?;
    std::fs::set_permissions(&engine, std::os::unix::fs::PermissionsExt::from_mode(0o755))?;
    let chain = Chain::new("devnet-test");
    let accounts: Vec<String> = (0..ACCOUNTS).map(|number| format!("app{number}.devnet")).collect();
    let deployer = Devnet::serve(chain.clone(), 0)?;
    for (number, account) in accounts.iter().enumerate() {
        // Each its own code, of a size that takes no time.
        let data = format!("{number:08}").repeat(2000);
        deployer.deploy(account, wat::parse_str(format!(r#"(module (memory 1) (data (i32.const 0) "{data}"))"#))?);
    }
    let (mut in_turn, mut beside) = (vec![], vec![]);
    for round in 1..=ROUNDS {
        eprintln!("round {round} of {ROUNDS}: {IN_TURN} accounts in turn, {ACCOUNTS} side by side; about 2 min");
        in_turn.push(batch(&programs.provenear, &chain, &accounts[..IN_TURN], folder.path(), &["--lookups", "1"])?);
        beside.push(batch(&programs.provenear, &chain, &accounts, folder.path(), &[])?);
    }
    table.part(&format!("{ACCOUNTS} accounts looked up at an endpoint that takes {} ms a call", CALL.as_millis()));
    let samples = |runs: &[Taken], of: fn(&Taken) -> f64| Samples::new(runs.iter().map(of).collect());
    let each = |runs: &[Taken]| runs.first().map_or(0, |run| run.calls / IN_TURN);
    let whole = Samples::new(in_turn.iter().map(|run| run.seconds * (ACCOUNTS / IN_TURN) as f64).collect());
    let now = samples(&beside, |run| run.seconds);
    let remark = format!("{} calls each; {IN_TURN} measured, times {}", each(&in_turn), ACCOUNTS / IN_TURN);
    table.row("one request at a time (`--lookups 1`)", &whole, "s", remark);
    let remark = format!("{:.1} times as fast; aim: 60 s", whole.median() / now.median());
    table.row("as many as usual", &now, "s", remark);
    table.row("peak memory, one at a time", &samples(&in_turn, |run| run.megabytes), "MB", "");
    table.row("peak memory, as many as usual", &samples(&beside, |run| run.megabytes), "MB", "");
    Ok(())
}

/// One batch at an endpoint of its own, which counts.
fn batch(
    provenear: &Path,
    chain: &std::sync::Arc<Chain>,
    accounts: &[String],
    folder: &Path,
    words: &[&str],
) -> Result<Taken> {
    let endpoint = Endpoint::start(chain, CALL)?;
    std::fs::write(folder.join("list"), accounts.join("\n"))?;
    let mut command = Command::new(provenear);
    command.env("PROVENEAR_CACHE", folder.join("cache")).env("PROVENEAR_DATA", folder.join("data"));
    command.args([
        "batch",
        "list",
        "--quiet",
        "--out",
        "out",
        "--engine",
        "./docker",
        "--network",
        "devnet-test",
        "--rpc",
    ]);
    command.arg(endpoint.url()).args(words).current_dir(folder);
    let since = Instant::now();
    let run = peak::measure(command).context("failed to start `provenear`")?;
    let seconds = since.elapsed().as_secs_f64();
    let said = String::from_utf8_lossy(&run.output.stdout);
    let summary: Value = serde_json::from_str(said.lines().last().context("the batch said nothing")?)?;
    if summary["counts"]["not-rebuildable"] != accounts.len() {
        bail!("not every account was looked up: {summary} {}", String::from_utf8_lossy(&run.output.stderr));
    }
    Ok(Taken { seconds, megabytes: run.peak as f64 / 1e6, calls: endpoint.calls() })
}
