//! Ten thousand accounts with two thousand recipes: planned at an endpoint that takes a millisecond for each call, and merged from
//! fifty folders that many machines could have left. Nothing is built: each unit is what a run would write of the code that its
//! accounts run.

use crate::Programs;
use crate::endpoint::Endpoint;
use crate::table::{Samples, Table};
use anyhow::{Context, Result, ensure};
use provenear_shared::digest::Sha256Digest;
use provenear_shared::nep330::ContractSourceMetadata;
use provenear_shared::recipe::Recipe;
use provenear_tests::devnet::{Chain, Devnet};
use provenear_tests::notary::statement;
use provenear_tests::peak;
use provenear_tests::saying::saying;
use provenear_tests::tiny_recipes::files_below;
use serde_json::{Value, json};
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// What one call takes.
const CALL: Duration = Duration::from_millis(1);
const SUBJECTS: usize = 10_000;
const RECIPES: usize = 2_000;
const FOLDERS: usize = 50;
/// What memory is held against: a tenth of both.
const PART: usize = 10;
const ROUNDS: usize = 3;
const SHUFFLES: usize = 10;

/// Measures plan and merge.
pub(crate) fn measure(programs: &Programs, table: &mut Table) -> Result<()> {
    let folder = tempfile::tempdir()?;
    let at = folder.path();
    eprintln!("deploying {SUBJECTS} accounts with {RECIPES} recipes");
    let chain = Chain::new("devnet-test");
    let codes = deploy(&chain)?;
    plan(programs, &chain, at, table)?;
    let folders = build(&at.join("plan.json"), &codes, at)?;
    merge(programs, at, &folders, table)
}

/// The codes by the repository that each claims, deployed at all accounts.
fn deploy(chain: &Arc<Chain>) -> Result<HashMap<String, Vec<u8>>> {
    let devnet = Devnet::serve(chain.clone(), 0)?;
    let codes = (0..RECIPES).map(|number| {
        let source = format!("git+https://git.example/a/recipe{number}?rev={}", "0123456789".repeat(4));
        let image = format!("x/y@sha256:{}", "a".repeat(64));
        let claim = json!({"version": "1.0.0", "link": null, "standards": [], "build_info": {
            "build_environment": image, "build_command": ["cargo", "near", "build", "non-reproducible-wasm", "--locked"],
            "contract_path": "", "source_code_snapshot": source, "output_wasm_path": null}});
        (source, saying(&claim.to_string(), ""))
    });
    let codes: Vec<_> = codes.collect();
    for number in 0..SUBJECTS {
        devnet.deploy(&account(number), codes[number % RECIPES].1.clone());
    }
    Ok(codes.into_iter().collect())
}

fn account(number: usize) -> String {
    format!("app{number}.devnet")
}

/// Plans a part, and then all of it.
fn plan(programs: &Programs, chain: &Arc<Chain>, at: &Path, table: &mut Table) -> Result<()> {
    table.part(&format!(
        "{SUBJECTS} accounts with {RECIPES} recipes planned, at an endpoint that takes {} ms a call",
        CALL.as_millis()
    ));
    for (subjects, recipes) in [(SUBJECTS / PART, SUBJECTS / PART), (SUBJECTS, RECIPES)] {
        let (mut seconds, mut megabytes, mut calls) = (vec![], vec![], 0);
        for round in 1..=ROUNDS {
            eprintln!("round {round} of {ROUNDS}: a plan of {subjects} accounts, up to 1 min");
            let endpoint = Endpoint::start(chain, CALL)?;
            let list: Vec<String> = (0..subjects).map(account).collect();
            std::fs::write(at.join("list"), list.join("\n"))?;
            let mut command = provenear(programs, at);
            command.args([
                "batch",
                "plan",
                "list",
                "--to",
                "plan.json",
                "--quiet",
                "--network",
                "devnet-test",
                "--rpc",
            ]);
            command.arg(endpoint.url());
            let since = Instant::now();
            let run = peak::measure(command).context("failed to start `provenear`")?;
            seconds.push(since.elapsed().as_secs_f64());
            megabytes.push(run.peak as f64 / 1e6);
            let units = String::from_utf8_lossy(&run.output.stdout).lines().count();
            ensure!(
                run.output.status.success() && units == recipes,
                "{units} units: {}",
                String::from_utf8_lossy(&run.output.stderr)
            );
            calls = endpoint.calls();
        }
        let each = format!("{:.1} calls each", calls as f64 / subjects as f64);
        let remark = if subjects == SUBJECTS { format!("{each}; aim: 60 s") } else { each };
        table.row(&format!("plan of {subjects}"), &Samples::new(seconds), "s", remark);
        table.row(&format!("peak memory, plan of {subjects}"), &Samples::new(megabytes), "MB", "");
    }
    Ok(())
}

/// What fifty machines could have left of a plan, each its share.
fn build(plan: &Path, codes: &HashMap<String, Vec<u8>>, at: &Path) -> Result<Vec<PathBuf>> {
    eprintln!("writing {RECIPES} units into {FOLDERS} folders, in place of builds");
    let plan: Value = serde_json::from_slice(&std::fs::read(plan)?)?;
    let folders: Vec<PathBuf> = (0..FOLDERS).map(|number| at.join(format!("machine{number}"))).collect();
    for (number, unit) in plan["units"].as_array().context("a plan has units")?.iter().enumerate() {
        let id = unit["unit"].as_str().context("a unit has an id")?;
        let metadata = serde_json::to_vec(&unit["inputs"]["recipe"])?;
        let metadata = ContractSourceMetadata::parse(&metadata).ok().context("a unit has a claim")?;
        let recipe = Recipe::from_metadata(&metadata).ok().context("a unit has a recipe")?;
        let source = unit["inputs"]["recipe"]["build_info"]["source_code_snapshot"].as_str().context("and a source")?;
        let code = codes.get(source).context("the source is one of ours")?;
        write(&folders[number % FOLDERS].join(id), unit, &recipe, code)?;
    }
    Ok(folders)
}

/// The folder of a unit, as a run that signs nothing leaves it.
fn write(folder: &Path, unit: &Value, recipe: &Recipe, code: &[u8]) -> Result<()> {
    std::fs::create_dir_all(folder)?;
    let log = format!("built {}\n", unit["unit"]);
    // An empty tar, and the same for all: what is in it is looked at by nobody here.
    let source = [0_u8; 1024];
    let artifact = Sha256Digest::of(code);
    let (log_digest, source_digest) = (Sha256Digest::of(log.as_bytes()), Sha256Digest::of(&source));
    let mut said = statement(recipe.claimed(), &recipe.image().digest().to_hex(), recipe.source().commit(), &artifact);
    let predicate = &mut said["predicate"];
    predicate["runDetails"]["byproducts"] = json!([{
        "name": "build-log", "digest": { "sha256": log_digest.to_hex() }, "annotations": { "host": "machine" } }]);
    let dependencies = predicate["buildDefinition"]["resolvedDependencies"].as_array_mut().context("dependencies")?;
    dependencies.push(json!({ "name": "source-archive", "digest": { "sha256": source_digest.to_hex() } }));
    let said = said.to_string();
    let files = [
        ("artifact.wasm", code, artifact),
        ("build.log", log.as_bytes(), log_digest),
        ("source.tar", &source, source_digest),
        ("statement.json", said.as_bytes(), Sha256Digest::of(said.as_bytes())),
    ];
    let mut named = Vec::new();
    for (name, bytes, digest) in files {
        std::fs::write(folder.join(name), bytes)?;
        named.push(json!({ "name": name, "sha256": digest.to_hex() }));
    }
    let report = json!({
        "schema": "provenear/unit/v1", "error": null, "unit": unit["unit"], "inputs": unit["inputs"],
        "allow_unlimited": false, "key": null, "host": "machine", "artifact": artifact.to_hex(), "files": named, "phases": [],
    });
    Ok(std::fs::write(folder.join("unit.json"), report.to_string())?)
}

/// Merges parts of the folders, and then all of them in any order.
fn merge(programs: &Programs, at: &Path, folders: &[PathBuf], table: &mut Table) -> Result<()> {
    table.part(&format!("{RECIPES} units of {FOLDERS} machines merged and signed"));
    let key = provenear(programs, at).args(["keygen", "--out", "key.pem"]).output()?;
    ensure!(key.status.success(), "no key: {}", String::from_utf8_lossy(&key.stderr));
    for some in [FOLDERS / 5, FOLDERS / 2, FOLDERS] {
        let (mut seconds, mut megabytes) = (vec![], vec![]);
        for round in 1..=ROUNDS {
            eprintln!("round {round} of {ROUNDS}: a merge of {some} folders");
            let taken = merge_once(programs, at, &folders[..some])?;
            seconds.push(taken.0);
            megabytes.push(taken.1);
        }
        let seconds = Samples::new(seconds);
        let remark = format!("{:.2} ms a unit", seconds.median() * 1e3 / (some * RECIPES / FOLDERS) as f64);
        table.row(&format!("merge of {some} folders"), &seconds, "s", remark);
        table.row(&format!("peak memory, merge of {some} folders"), &Samples::new(megabytes), "MB", "");
    }
    let mut stores = vec![digest_of_store(at)?];
    let mut shuffled = folders.to_vec();
    // As good as any order, and the same each time.
    let mut state = 1_usize;
    for round in 1..=SHUFFLES {
        eprintln!("order {round} of {SHUFFLES}");
        for end in (1..shuffled.len()).rev() {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            shuffled.swap(end, (state >> 33) % (end + 1));
        }
        merge_once(programs, at, &shuffled)?;
        stores.push(digest_of_store(at)?);
    }
    stores.sort();
    stores.dedup();
    let remark = format!("in {} orders; aim: 1", SHUFFLES + 1);
    table.fact("stores that came out", stores.len().to_string(), remark);
    Ok(())
}

/// One merge into a new store: seconds, and megabytes at its highest.
fn merge_once(programs: &Programs, at: &Path, folders: &[PathBuf]) -> Result<(f64, f64)> {
    let store = at.join("store");
    if store.exists() {
        std::fs::remove_dir_all(&store)?;
    }
    let mut command = provenear(programs, at);
    command.args(["batch", "merge"]).args(folders).args([
        "--to",
        "store",
        "--plan",
        "plan.json",
        "--key",
        "key.pem",
        "--json",
    ]);
    let since = Instant::now();
    let run = peak::measure(command).context("failed to start `provenear`")?;
    let seconds = since.elapsed().as_secs_f64();
    let report: Value = serde_json::from_slice(&run.output.stdout)
        .with_context(|| format!("the merge said nothing: {}", String::from_utf8_lossy(&run.output.stderr)))?;
    let units = folders.len() * RECIPES / FOLDERS;
    ensure!(report["taken"] == units && report["added"] == units, "not every unit was taken: {}", report["refused"][0]);
    Ok((seconds, run.peak as f64 / 1e6))
}

/// The digest of all files of the store and of their names.
fn digest_of_store(at: &Path) -> Result<Sha256Digest> {
    let mut all = Vec::new();
    for (name, bytes) in files_below(&at.join("store"))? {
        all.extend(format!("{name} {}\n", Sha256Digest::of(&bytes).to_hex()).into_bytes());
    }
    Ok(Sha256Digest::of(&all))
}

fn provenear(programs: &Programs, at: &Path) -> Command {
    let mut command = Command::new(&programs.provenear);
    command.env("PROVENEAR_CACHE", at.join("cache")).env("PROVENEAR_DATA", at.join("data")).current_dir(at);
    command
}
