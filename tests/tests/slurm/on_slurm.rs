//! Twenty accounts with eight recipes on two nodes, one of which is killed in the middle: what was finished is kept, what was not
//! is built on the other node, and the store is what one machine makes of the same plan.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use provenear_tests::documents;
use provenear_tests::ground::Engine;
use provenear_tests::reader::Around;
use provenear_tests::tiny_recipes::{Size, TinyRecipes, files_below};
use serde_json::Value;
use tempfile::TempDir;

use crate::cluster::{Cluster, NODES};

const SIZE: Size = Size { subjects: 20, recipes: 8, seconds: 4 };

/// The shared folder, as `deploy/slurm` is told of it.
struct Place {
    folder: TempDir,
    around: Around,
    recipes: TinyRecipes,
}

impl Place {
    fn new() -> Place {
        let (folder, around) = (tempfile::tempdir().unwrap(), Around::read().unwrap());
        let recipes = TinyRecipes::start(&around.image.reference, SIZE).unwrap();
        let place = Place { folder, around, recipes };
        let key = ended(place.provenear().args(["keygen", "--out"]).arg(place.path("key.pem")));
        let public = String::from_utf8(key.stdout).unwrap().lines().next().unwrap().to_owned();
        std::fs::write(place.path("rebuilders.txt"), public).unwrap();
        std::fs::write(place.path("settings.sh"), place.settings()).unwrap();
        place
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn provenear(&self) -> Command {
        let mut command = Command::new(&self.around.provenear);
        command.env("PROVENEAR_CACHE", self.path("cache")).env("PROVENEAR_DATA", self.path("data"));
        command.envs(&self.around.engines.docker().unwrap().env).stdin(Stdio::null()).current_dir(self.folder.path());
        command
    }

    /// The settings of `deploy/slurm`, with what differs here behind them.
    fn settings(&self) -> String {
        let usual = scripts().join("settings.sh");
        let quoted = |words: &[String]| words.iter().map(|it| shell_words::quote(it)).collect::<Vec<_>>().join(" ");
        let quote = |path: &Path| shell_words::quote(path.to_str().unwrap()).into_owned();
        let engine = self.around.engines.docker().unwrap();
        let environment: String =
            engine.env.iter().map(|(name, value)| format!("export {name}={}\n", quote(value))).collect();
        format!(
            ". {}\nwork={}\nprovenear={}\nlist={}\nkey={}\ntrust={}\nplan_options=({})\nrun_options=({})\n\
             rebuild_resources=(--cpus-per-task=2 --mem=2G --time=00:10:00)\nmerge_options=(--mem=1G)\n\
             export PROVENEAR_DATA={}/data\n\
             export PROVENEAR_CACHE={}/cache-\"${{SLURMD_NODENAME:-submit}}\"\n{environment}",
            quote(&usual),
            quote(self.folder.path()),
            quote(&self.around.provenear),
            quote(&self.recipes.list()),
            quote(&self.path("key.pem")),
            quote(&self.path("rebuilders.txt")),
            quoted(&self.recipes.options()),
            quoted(&self.run_options()),
            quote(self.folder.path()),
            quote(self.folder.path()),
        )
    }

    fn run_options(&self) -> Vec<String> {
        let engine = self.around.engines.docker().unwrap().command.to_str().unwrap().to_owned();
        let mut options = vec![
            "--allow-local-source".to_owned(),
            "--engine".to_owned(),
            engine,
            "--memory".to_owned(),
            "1g".to_owned(),
        ];
        if let Some(file) = &self.around.ca_file {
            options.extend(["--ca-file".to_owned(), file.to_str().unwrap().to_owned()]);
        }
        options
    }

    /// What `submit.sh` prints, by its first words.
    fn submit(&self, cluster: &Cluster) -> BTreeMap<String, String> {
        let mut command = Command::new(scripts().join("submit.sh"));
        cluster.environment(&mut command);
        let output = ended(command.arg(self.path("settings.sh")).current_dir("/").stdin(Stdio::null()));
        let text = String::from_utf8(output.stdout).unwrap();
        let lines = text.lines().filter_map(|line| line.split_once(' '));
        lines.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
    }
}

/// A Slurm whose nodes share one engine, which outlives them: a container goes with its machine.
struct Nodes<'a> {
    cluster: Cluster,
    docker: &'a Engine,
}

impl Nodes<'_> {
    fn kill(&mut self, node: &str) {
        self.cluster.kill(node);
        let at = NODES.iter().position(|name| *name == node).unwrap();
        let lost = self.remove_containers(&self.cluster.machines[at..=at]);
        assert!(lost > 0, "nothing was running on {node}");
    }

    /// How many containers in which something is built were started on the nodes since then.
    fn builds_since(&self, since: u64) -> usize {
        // Up to the end of this second, which Docker waits for.
        let (since, until) = (since.to_string(), (now() + 1).to_string());
        let mut command = self.docker.command();
        command.args(["events", "--since", &since, "--until", &until, "--filter", "type=container"]);
        command.args(["--filter", "event=start"]);
        let format = "0 {{.Actor.Attributes.name}} {{index .Actor.Attributes \"provenear.owner\"}}";
        let started = ended(command.args(["--format", format]));
        let text = String::from_utf8(started.stdout).unwrap();
        rows_of(&text, &self.cluster.machines).iter().filter(|(_, name)| name.ends_with("-build")).count()
    }

    /// Removes the containers of these machines, and gives how many those were.
    fn remove_containers(&self, machines: &[String]) -> usize {
        let listed = containers(self.docker, machines, &["--all"]);
        for (id, _) in &listed {
            let _gone = self.docker.command().args(["container", "rm", "--force", id]).output();
        }
        listed.len()
    }
}

/// Id and name of the containers of these machines that run, or of all.
fn containers(docker: &Engine, machines: &[String], which: &[&str]) -> Vec<(String, String)> {
    let mut listing = docker.command();
    listing.arg("ps").args(which).args(["--no-trunc", "--filter", "label=provenear.owner"]);
    listing.args(["--format", "{{.ID}} {{.Names}} {{.Label \"provenear.owner\"}}"]);
    let listed = listing.output().map(|out| String::from_utf8_lossy(&out.stdout).into_owned()).unwrap_or_default();
    rows_of(&listed, machines)
}

/// The first two words of each line whose third is an owner on one of these machines.
fn rows_of(text: &str, machines: &[String]) -> Vec<(String, String)> {
    let is_theirs = |owner: &str| machines.iter().any(|machine| owner.starts_with(&format!("{machine}.")));
    let rows = text.lines().map(|line| line.split(' ').collect::<Vec<_>>());
    let theirs = rows.filter(|row| row.len() == 3 && is_theirs(row[2]));
    theirs.map(|row| (row[0].to_owned(), row[1].to_owned())).collect()
}

impl Drop for Nodes<'_> {
    fn drop(&mut self) {
        for node in NODES {
            self.cluster.kill(node);
        }
        self.remove_containers(&self.cluster.machines);
    }
}

fn scripts() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../deploy/slurm").canonicalize().unwrap()
}

fn ended(command: &mut Command) -> Output {
    let output = command.output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success(),
        "{command:?}: {:?} {} {said}",
        output.status,
        String::from_utf8_lossy(&output.stdout)
    );
    output
}

fn now() -> u64 {
    std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs()
}

/// Units that are there whole, by their ids.
fn finished(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let entries = std::fs::read_dir(folder.join("units")).into_iter().flatten().flatten();
    let unit =
        |path: PathBuf| Some((path.file_name()?.to_str()?.to_owned(), std::fs::read(path.join("unit.json")).ok()?));
    entries.filter_map(|entry| unit(entry.path())).filter(|(name, _)| !name.starts_with('.')).collect()
}

/// What the node is building now, by the log of the task.
fn task_on(folder: &Path, node: &str, done: &BTreeMap<String, Vec<u8>>) -> Option<String> {
    let logs = std::fs::read_dir(folder.join("logs")).ok()?.flatten();
    let lines: Vec<String> = logs
        .filter_map(|log| std::fs::read_to_string(log.path()).ok())
        .flat_map(|text| text.lines().map(str::to_owned).collect::<Vec<_>>())
        .collect();
    let begun =
        lines.iter().filter_map(|line| line.split_once(&format!(" {node} builds "))).map(|(_, unit)| unit.to_owned());
    begun.into_iter().find(|unit| !done.contains_key(unit))
}

#[test]
fn a_node_that_is_killed_costs_what_it_had_not_finished_and_nothing_else() {
    let place = Place::new();
    let mut nodes = Nodes { cluster: Cluster::start(), docker: place.around.engines.docker().unwrap() };
    let since = now();
    let submitted = place.submit(&nodes.cluster);
    let folder = PathBuf::from(&submitted["folder"]);
    let (rebuild, merge) = (submitted["rebuild"].as_str(), submitted["merge"].as_str());
    let units: Vec<String> =
        std::fs::read_to_string(folder.join("units.txt")).unwrap().lines().map(str::to_owned).collect();
    assert_eq!(units.len(), SIZE.recipes);

    // In the middle: something is finished, and the first node has just begun to build something else.
    let (docker, mut seen) = (nodes.docker, BTreeSet::new());
    nodes.cluster.wait_for(Duration::from_secs(120), "two units are finished and a third is begun", |cluster| {
        let all =
            containers(docker, &cluster.machines[..1], &[]).into_iter().filter(|(_, name)| name.ends_with("-build"));
        let begun = all.fold(false, |begun, (id, _)| seen.insert(id) | begun);
        begun && finished(&folder).len() >= 2
    });
    nodes.kill(NODES[0]);
    let kept = finished(&folder);
    let lost = task_on(&folder, NODES[0], &kept).expect("the node was building");
    println!("{} was killed with {} of {} units finished, in the middle of {lost}", NODES[0], kept.len(), units.len());
    let killed = Instant::now();
    nodes.cluster.wait_for(Duration::from_secs(400), "the jobs are over", |it| {
        it.hurry();
        it.is_over(&[rebuild, merge])
    });
    println!("the jobs were over {} s later", killed.elapsed().as_secs());
    let log = |name: &str| std::fs::read_to_string(folder.join("logs").join(name)).unwrap_or_default();
    let said = format!("{}\n{}", log("merge.log"), nodes.cluster.said());

    // Nothing that was finished was built again, and what was not has been begun on both nodes.
    let all = finished(&folder);
    assert!(all.keys().eq(&units.iter().cloned().collect::<BTreeSet<_>>()), "{said}");
    for (unit, before) in &kept {
        assert_eq!(String::from_utf8_lossy(&all[unit]), String::from_utf8_lossy(before), "{unit} was built again");
    }
    let task = units.iter().position(|unit| *unit == lost).unwrap();
    let of_task = log(&format!("rebuild-{task}.log"));
    for node in NODES {
        assert!(of_task.contains(&format!(" {node} builds {lost}")), "{node}: {of_task}");
    }
    assert_eq!(nodes.builds_since(since), units.len() + 1, "one build was lost, and made once more");

    // Every line is there once.
    let lines = lines(&folder.join("merged"));
    assert_eq!((lines.len(), lines.values().map(Vec::len).sum::<usize>()), (SIZE.recipes, SIZE.recipes), "{said}");
    assert_eq!(self::lines(&place.path("public/manifests")), lines);
    // Each says where it was built, and both nodes had their share.
    let hosts: BTreeSet<String> = lines.values().flatten().map(|line| host(line)).collect();
    assert_eq!(hosts, NODES.map(str::to_owned).into());

    // One machine makes the same of the same plan.
    let plan = folder.join("plan.json");
    let run = ["batch", "run", "--to", "alone", "--unsigned"];
    ended(place.provenear().args(run).args(place.run_options()).arg(&plan));
    let merge = ["batch", "merge", "alone", "--to", "merged-alone", "--key", "key.pem", "--plan"];
    ended(place.provenear().args(merge).arg(&plan));
    assert_eq!(without_times(&folder.join("merged")), without_times(&place.path("merged-alone")));

    // All twenty accounts have their answer, and there is nothing left to plan.
    let again = place.submit(&nodes.cluster);
    assert_eq!(again.get("nothing").map(String::as_str), Some("to rebuild"), "{again:?}");
    let plan: Value = documents::read(&std::fs::read(Path::new(&again["folder"]).join("plan.json")).unwrap()).unwrap();
    let subjects = plan["subjects"].as_array().unwrap();
    let verdicts: Vec<&Value> = subjects.iter().filter_map(|it| it.pointer("/line/verdict/code")).collect();
    assert_eq!(verdicts.len(), SIZE.subjects, "{plan:#}");
    assert!(
        verdicts.iter().all(|verdict| verdict.as_str().is_some_and(|it| it.starts_with("reproduced"))),
        "{verdicts:?}"
    );
}

/// The lines of each bundle, by its name.
fn lines(folder: &Path) -> BTreeMap<String, Vec<String>> {
    let files = files_below(folder).unwrap().into_iter().filter(|(name, _)| name.ends_with(".intoto.jsonl"));
    let lines = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap().lines().map(str::to_owned).collect();
    files.map(|(name, bytes)| (name, lines(bytes))).collect()
}

/// Every file, with times, invocation ids and the name of the machine taken out of statements, and what follows from them out of
/// names: digests of lines.
fn without_times(folder: &Path) -> Vec<(String, String)> {
    let mut files = Vec::new();
    for (name, bytes) in files_below(folder).unwrap() {
        let text = || String::from_utf8(bytes.clone()).unwrap();
        let file = if name.ends_with(".intoto.jsonl") {
            (name, text().lines().map(statement).collect::<Vec<_>>().join("\n"))
        } else if name.ends_with(".sigstore.json") {
            let bundle: Value = serde_json::from_str(&text()).unwrap();
            let hash = name.split('.').next().unwrap();
            (format!("{hash}.*.sigstore.json"), statement(&bundle["dsseEnvelope"].to_string()))
        } else {
            (name, String::from_utf8_lossy(&bytes).into_owned())
        };
        files.push(file);
    }
    files.sort();
    files
}

/// The payload of an envelope.
fn payload(envelope: &Value) -> Value {
    let base64 = &base64::engine::general_purpose::STANDARD;
    let payload = base64::Engine::decode(base64, envelope["payload"].as_str().unwrap()).unwrap();
    serde_json::from_slice(&payload).unwrap()
}

/// The machine that a line says it was built on.
fn host(line: &str) -> String {
    let statement = payload(&serde_json::from_str(line).unwrap());
    let byproducts = statement.pointer("/predicate/runDetails/byproducts").unwrap().as_array().unwrap();
    let log = byproducts.iter().find(|it| it["name"] == "build-log").unwrap();
    log["annotations"]["host"].as_str().unwrap_or_else(|| panic!("{log}")).to_owned()
}

/// The statement of an envelope, without times, invocation id and machine. Who signed it is left in.
fn statement(line: &str) -> String {
    let envelope: Value = serde_json::from_str(line).unwrap();
    let mut statement = payload(&envelope);
    let times = statement.pointer_mut("/predicate/runDetails/metadata").unwrap().as_object_mut().unwrap();
    for name in ["invocationId", "startedOn", "finishedOn"] {
        assert!(times.remove(name).is_some(), "{line}");
    }
    // Where it was built, and the digest of what was said there, times included.
    for byproduct in statement.pointer_mut("/predicate/runDetails/byproducts").unwrap().as_array_mut().unwrap() {
        match byproduct["name"].as_str() {
            Some("build-log") => assert!(byproduct["annotations"].as_object_mut().unwrap().remove("host").is_some()),
            Some("unsigned-statement") => assert!(byproduct["digest"].take().is_object()),
            _ => {}
        }
    }
    format!("{} {statement}", envelope["signatures"][0]["keyid"])
}
