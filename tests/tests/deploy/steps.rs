//! What the Jobs of `deploy/kubernetes` and the workflow of `deploy/github-actions` run, run here one after the other: three recipes
//! become a store, and the next plan has nothing left. The engine is the one of this machine; nothing here is a cluster or a runner.

use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use provenear_shared::digest::Sha256Digest;
use provenear_tests::ground::Ground;
use provenear_tests::tiny_recipes::{Size, TinyRecipes, files_below};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::folder;
use crate::kubernetes::{container, job};

const SIZE: Size = Size { subjects: 5, recipes: 3, seconds: 0 };

/// A folder in which scripts run, with a `provenear` that knows this machine's chain and engine.
struct Place {
    folder: TempDir,
    recipes: TinyRecipes,
}

impl Place {
    fn new() -> Place {
        let ground = Ground::read().unwrap();
        let recipes = TinyRecipes::start(&ground.image.reference, SIZE).unwrap();
        let place = Place { folder: tempfile::tempdir().unwrap(), recipes };
        for name in ["bin", "list", "key", "work"] {
            std::fs::create_dir(place.path(name)).unwrap();
        }
        let quote = |text: &str| shell_words::quote(text).into_owned();
        let engine = ground.engine().unwrap();
        let mut build = format!("--allow-local-source --engine {}", quote(engine.command.to_str().unwrap()));
        build += &ground.ca_file.as_ref().map(|it| format!(" --ca-file {}", it.display())).unwrap_or_default();
        // The engine that a script names is another machine's.
        let script = format!(
            "#!/bin/bash\nwords=()\nwhile [ $# -gt 0 ]; do\n  case $1 in --engine) shift 2 ;; *) words+=(\"$1\"); shift ;; esac\ndone\n\
             case \"${{words[*]:0:2}}\" in\n  'batch plan') words+=({}) ;;\n  'batch run') words+=({build}) ;;\nesac\n\
             exec {} \"${{words[@]}}\"\n",
            place.recipes.options().iter().map(|it| quote(it)).collect::<Vec<_>>().join(" "),
            quote(ground.provenear().unwrap().get_program().to_str().unwrap()),
        );
        std::fs::write(place.path("bin/provenear"), script).unwrap();
        std::fs::set_permissions(place.path("bin/provenear"), std::fs::Permissions::from_mode(0o755)).unwrap();
        let list = place.path("list");
        std::fs::copy(place.recipes.list(), list.join("accounts.txt")).unwrap();
        let key = place.run("provenear keygen --out key/rebuilder.pem", &place.path(""), &[]);
        std::fs::write(list.join("rebuilders.txt"), key.lines().next().unwrap()).unwrap();
        place
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Runs a script as Kubernetes and runners do; gives what it printed.
    fn run(&self, script: &str, at: &Path, variables: &[(&str, String)]) -> String {
        let output = self.end(script, at, variables);
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(output.status.success(), "{script}\n{said}\n{}", String::from_utf8_lossy(&output.stderr));
        said
    }

    /// The same, however it ends.
    fn end(&self, script: &str, at: &Path, variables: &[(&str, String)]) -> Output {
        let ground = Ground::read().unwrap();
        let mut command = Command::new("bash");
        let path = format!("{}:{}", self.path("bin").display(), std::env::var("PATH").unwrap());
        command.env("PATH", path).env("PROVENEAR_CACHE", self.path("cache")).env("PROVENEAR_DATA", self.path("data"));
        command.envs(&ground.engine().unwrap().env).envs(variables.iter().map(|(name, value)| (*name, value)));
        command.args(["-euo", "pipefail", "-c", script]).current_dir(at).stdin(Stdio::null());
        command.output().unwrap()
    }

    /// Runs the container of a Job, with its volumes in this folder; gives what it printed.
    fn run_job(&self, file: &str, index: usize) -> String {
        let output = self.end_job(file, index);
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(output.status.success(), "{file}\n{said}\n{}", String::from_utf8_lossy(&output.stderr));
        said
    }

    /// The same, however it ends.
    fn end_job(&self, file: &str, index: usize) -> Output {
        let job = job(file);
        let container = container(&job);
        let mut script = container["args"][0].as_str().unwrap().to_owned();
        for mount in container["volumeMounts"].as_array().unwrap() {
            let at = mount["mountPath"].as_str().unwrap();
            script =
                script.replace(&format!("{at}/"), &format!("{}/", self.path(at.trim_start_matches('/')).display()));
        }
        let limit = |name: &str| container["resources"]["limits"][name].as_str().unwrap().to_owned();
        let gibibytes = |name: &str| (limit(name).trim_end_matches("Gi").parse::<u64>().unwrap() << 30).to_string();
        let variables = [
            ("JOB_COMPLETION_INDEX", index.to_string()),
            ("COMPLETIONS", job["spec"]["completions"].to_string()),
            ("MEMORY", gibibytes("memory")),
            ("CPUS", limit("cpu")),
            ("DISK", gibibytes("ephemeral-storage")),
        ];
        self.end(&script, &self.path(""), &variables)
    }

    /// How many lines the store has, by the name of their bundle.
    fn lines(&self, store: &str) -> BTreeMap<String, usize> {
        let files = files_below(&self.path(store)).unwrap().into_iter();
        let bundles = files.filter(|(name, _)| name.starts_with("manifests/") && name.ends_with(".intoto.jsonl"));
        bundles.map(|(name, bytes)| (name, bytes.iter().filter(|byte| **byte == b'\n').count())).collect()
    }
}

fn is_one_each(lines: &BTreeMap<String, usize>) -> bool {
    lines.len() == SIZE.recipes && lines.values().all(|count| *count == 1)
}

#[test]
fn what_the_jobs_run_makes_a_store() {
    let place = Place::new();
    assert!(place.run_job("plan.yaml", 0).contains("3 units to rebuild"));
    // The last one has no share.
    for index in 0..=SIZE.recipes {
        place.run_job("rebuild.yaml", index);
    }
    place.run_job("merge.yaml", 0);
    let lines = place.lines("work/public");
    assert!(is_one_each(&lines), "{lines:?}");
    // As a later plan would, whose store knows of no earlier one.
    let published = files_below(&place.path("work/public")).unwrap();
    std::fs::remove_dir_all(place.path("work/current/merged")).unwrap();
    give_other_code(&place.path("work/current/units"));
    let merged = place.end_job("merge.yaml", 0);
    let said = String::from_utf8_lossy(&merged.stdout);
    assert!(merged.status.code() == Some(4) && said.contains(" (published)"), "{:?} {said}", merged.status);
    assert!(files_below(&place.path("work/public")).unwrap() == published, "something else was published");
    assert!(place.run_job("plan.yaml", 0).contains("0 units to rebuild"));
    place.run_job("rebuild.yaml", 0);
}

/// Has the first of these units give other code, as if it had been built on another machine.
fn give_other_code(units: &Path) {
    let unit = std::fs::read_dir(units).unwrap().next().unwrap().unwrap().path();
    let read = |name: &str| -> Value { serde_json::from_slice(&std::fs::read(unit.join(name)).unwrap()).unwrap() };
    let (mut statement, mut report) = (read("statement.json"), read("unit.json"));
    let code = b"\0asm\x01\0\0\0";
    let hash = Sha256Digest::of(code).to_hex();
    statement["subject"][0]["digest"]["sha256"] = json!(hash);
    report["artifact"] = json!(hash);
    std::fs::write(unit.join("artifact.wasm"), code).unwrap();
    std::fs::write(unit.join("statement.json"), statement.to_string()).unwrap();
    for file in report["files"].as_array_mut().unwrap() {
        let bytes = std::fs::read(unit.join(file["name"].as_str().unwrap())).unwrap();
        file["sha256"] = json!(Sha256Digest::of(&bytes).to_hex());
    }
    std::fs::write(unit.join("unit.json"), report.to_string()).unwrap();
}

/// The scripts of a workflow's job, with the variables of each, but the one that installs the helper.
fn steps(job: &str) -> Vec<(String, String, BTreeMap<String, String>)> {
    let script = "import json, sys, yaml; json.dump(yaml.safe_load(open(sys.argv[1])), sys.stdout)";
    let mut command = Ground::read().unwrap().of_actions("python3").unwrap();
    let output = command.args(["-c", script]).arg(folder("github-actions/rebuild-many.yml")).output().unwrap();
    let workflow = String::from_utf8(output.stdout).unwrap();
    let workflow: Value = serde_json::from_str(&workflow).unwrap();
    let steps = workflow["jobs"][job]["steps"].as_array().unwrap();
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let runs = steps.iter().filter_map(|step| Some((step, text(&step["name"])?, text(&step["run"])?)));
    let ours = runs.filter(|(_, name, _)| name != "Install the helper" && name != "Fail where something was refused");
    ours.map(|(step, name, script)| {
        assert!(!script.contains("${{"), "{name}: an expression in a script can become code");
        let variables = step["env"].as_object().into_iter().flatten();
        (name, script, variables.filter_map(|(name, value)| Some((name.clone(), text(value)?))).collect())
    })
    .collect()
}

/// A runner's folder for a job: the list, and a clone of the branch of the store.
fn runner(place: &Place, job: &str) -> PathBuf {
    let at = place.path(job);
    std::fs::create_dir(&at).unwrap();
    for name in ["accounts.txt", "rebuilders.txt"] {
        std::fs::copy(place.path("list").join(name), at.join(name)).unwrap();
    }
    place.run("git clone --quiet --branch store ../store.git store", &at, &[]);
    at
}

/// Runs a job of the workflow, where expressions are what `values` say; gives its outputs.
fn run_workflow(place: &Place, job: &str, at: &Path, values: &[(&str, &str)]) -> String {
    let output = at.join("output");
    std::fs::write(&output, "").unwrap();
    for (name, script, expressions) in steps(job) {
        let value = |text: &str| {
            let inside = text
                .strip_prefix("${{ ")
                .and_then(|rest| rest.strip_suffix(" }}"))
                .unwrap_or_else(|| panic!("{name}: {text}"));
            let found = values.iter().find(|(known, _)| *known == inside);
            found.unwrap_or_else(|| panic!("{name}: `{inside}` is not known")).1.to_owned()
        };
        let mut variables: Vec<(&str, String)> =
            expressions.iter().map(|(name, text)| (name.as_str(), value(text))).collect();
        variables.extend([
            ("GITHUB_OUTPUT", output.display().to_string()),
            ("GITHUB_STEP_SUMMARY", at.join("summary.md").display().to_string()),
            ("GITHUB_RUN_ID", "1".to_owned()),
            ("GITHUB_SERVER_URL", "https://forge.example".to_owned()),
        ]);
        let folder = if name == "Push the store" { at.join("store") } else { at.to_owned() };
        place.run(&script, &folder, &variables);
    }
    std::fs::read_to_string(output).unwrap()
}

#[test]
fn what_the_workflow_runs_makes_a_store() {
    let place = Place::new();
    let commit = "git init --quiet --initial-branch store seed && cd seed && \
                  git -c user.name=a -c user.email=a@a.invalid commit --quiet --allow-empty --message 'Begin a store' && \
                  git clone --quiet --bare . ../store.git";
    place.run(commit, &place.path(""), &[]);
    let planned = |job: &str| {
        let at = runner(&place, job);
        let output = run_workflow(&place, "plan", &at, &[]);
        let matrix: Value = serde_json::from_str(output.trim().strip_prefix("matrix=").unwrap()).unwrap();
        (at.join("plan.json"), matrix)
    };
    let (plan, matrix) = planned("first");
    let shards = matrix["include"].as_array().unwrap();
    assert_eq!(shards.len(), SIZE.recipes, "{matrix}");
    let merge = runner(&place, "merge");
    std::fs::copy(&plan, merge.join("plan.json")).unwrap();
    std::fs::create_dir(merge.join("shards")).unwrap();
    for shard in shards {
        let at = place.path(&format!("shard-{}", shard["shard"]));
        std::fs::create_dir(&at).unwrap();
        std::fs::copy(&plan, at.join("plan.json")).unwrap();
        run_workflow(&place, "rebuild", &at, &[("matrix.units", shard["units"].as_str().unwrap())]);
        std::fs::rename(at.join("units"), merge.join(format!("shards/units-{}", shard["shard"]))).unwrap();
    }
    let key = std::fs::read_to_string(place.path("key/rebuilder.pem")).unwrap();
    let outputs = run_workflow(&place, "merge", &merge, &[("secrets.REBUILDER_KEY", &key), ("github.token", "t")]);
    assert_eq!(outputs, "", "something was refused");
    // A runner that gives other code of one unit has nothing of it signed, and nothing is pushed.
    let again = runner(&place, "again");
    place.run("cp -r ../merge/shards ../merge/plan.json .", &again, &[]);
    give_other_code(&again.join("shards/units-0"));
    let outputs = run_workflow(&place, "merge", &again, &[("secrets.REBUILDER_KEY", &key), ("github.token", "t")]);
    assert_eq!(outputs, "refused=4\n");
    // What was pushed is what the next run finds, and it has nothing to do.
    let (_, matrix) = planned("second");
    assert_eq!(matrix.to_string(), r#"{"include":[]}"#);
    let lines = place.lines("second/store");
    assert!(is_one_each(&lines), "{lines:?}");
}
