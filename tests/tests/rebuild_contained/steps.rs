//! The three steps of a batch with real builds: a run that is killed goes on, nothing that was finished is built again, and what two
//! engines made of one unit agrees.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use provenear_tests::devnet::Devnet;
use provenear_tests::documents;
use serde_json::{Value, json};

use crate::bench::{Bench, File, Kind};
use crate::daemon::small_image;
use crate::engines::contract;

/// A chain with so many contracts of as many recipes, and the plan of them.
struct Town {
    bench: Bench,
    devnet: Devnet,
}

impl Town {
    fn new(kind: Kind, recipes: usize, seconds: usize) -> Town {
        let (bench, devnet) = (Bench::new(kind), Devnet::start().unwrap());
        let image = small_image(&bench.ground);
        let mut list = String::new();
        for number in 0..recipes {
            let name = format!("quick{number}");
            let commit = bench.repository(&name, &[("pre.wasm", File::Bytes(b"\0asm\x01\0\0\0"))]);
            let command = format!("sleep {seconds}; mkdir out; cp pre.wasm out/a.wasm");
            let mut claim = bench.claim(&name, &commit, &["sh", "-c", &command]);
            claim["build_info"]["build_environment"] = image.as_str().into();
            let account = format!("app{number}.devnet");
            devnet.deploy(&account, contract(&claim, number));
            list.push_str(&format!("{account}\n"));
        }
        std::fs::write(bench.path("list"), list).unwrap();
        let town = Town { bench, devnet };
        let out = town.plan("plan.json", &[]).output().unwrap();
        assert_eq!(out.status.code(), Some(0), "{}", String::from_utf8_lossy(&out.stderr));
        town
    }

    fn command(&self, words: &[&str]) -> Command {
        let mut command = self.bench.ground.provenear().unwrap();
        command.envs(&self.bench.engine().env).env("PROVENEAR_CACHE", self.bench.path("cache"));
        command.env("PROVENEAR_DATA", self.bench.path("data")).args(words).current_dir(self.bench.folder.path());
        command.stdin(Stdio::null());
        command
    }

    fn plan(&self, to: &str, more: &[&str]) -> Command {
        let url = self.devnet.url();
        let words = ["batch", "plan", "list", "--to", to, "--network", "devnet-test", "--rpc", &url];
        self.command(&[&words[..], &["--allow-local-source"], more].concat())
    }

    fn units(&self, plan: &str) -> Vec<Value> {
        let plan = documents::read(&std::fs::read(self.bench.path(plan)).unwrap()).unwrap();
        plan["units"].as_array().unwrap().clone()
    }

    /// A run with the engine of this kind.
    fn run(&self, more: &[&str]) -> Command {
        let mut command = self.command(&["batch", "run", "plan.json", "--to", "runs", "--allow-local-source"]);
        command.arg("--engine").arg(&self.bench.engine().command).args(more);
        command
    }

    fn merge(&self, words: &[&str]) -> (Value, i32) {
        let out = self.command(&[&["batch", "merge", "--json"], words].concat()).output().unwrap();
        let report = documents::read(&out.stdout);
        let report = report.unwrap_or_else(|error| panic!("{error:#} {}", String::from_utf8_lossy(&out.stderr)));
        (report, out.status.code().unwrap())
    }
}

/// The folders of units that are there, with the time at which each was finished.
fn finished(runs: &Path) -> Vec<(PathBuf, std::time::SystemTime)> {
    let entries = std::fs::read_dir(runs).into_iter().flatten().flatten().map(|entry| entry.path());
    let reports = entries.filter_map(|path| Some((path.clone(), path.join("unit.json").metadata().ok()?)));
    let is_named = |path: &Path| path.file_name().is_some_and(|name| name.len() == 64);
    let mut all: Vec<_> =
        reports.filter(|(path, _)| is_named(path)).map(|(path, meta)| (path, meta.modified().unwrap())).collect();
    all.sort();
    all
}

fn a_run_that_is_killed_goes_on_and_a_merge_signs_what_it_left(kind: Kind) {
    let town = Town::new(kind, 4, 2);
    let (planned, runs) = (town.units("plan.json"), town.bench.path("runs"));
    assert_eq!(planned.len(), 4);
    let mut killed = town.run(&["--unsigned"]).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let until = Instant::now() + Duration::from_secs(240);
    while finished(&runs).is_empty() {
        assert!(Instant::now() < until && killed.try_wait().unwrap().is_none(), "no unit was finished, or all");
        std::thread::sleep(Duration::from_millis(20));
    }
    killed.kill().unwrap();
    killed.wait().unwrap();
    let before = finished(&runs);
    assert!((1..4).contains(&before.len()), "{before:?}");
    let (report, exit) = town.merge(&["runs", "--to", "early", "--plan", "plan.json", "--key", "none"]);
    assert_eq!((&report["error"]["code"], exit), (&json!("io"), 4));
    // A unit that is not whole is built again, whoever left it.
    let last = runs.join(planned[3]["unit"].as_str().unwrap());
    std::fs::create_dir_all(&last).unwrap();
    std::fs::write(last.join("build.log"), "half").unwrap();

    let out = town.run(&["--unsigned", "--jobs", "2"]).output().unwrap();
    let stderr = String::from_utf8_lossy(&out.stderr);
    let lines = documents::read_lines(&out.stdout).unwrap();
    assert_eq!((lines.len(), out.status.code()), (4, Some(0)), "{stderr}");
    assert!(stderr.contains(&format!("{} built before", before.len())), "{stderr}");
    let after = finished(&runs);
    assert!(after.len() == 4 && before.iter().all(|unit| after.contains(unit)), "{before:?} {after:?}");
    assert_eq!(town.bench.work(), Vec::<String>::new());
    assert!(lines.iter().all(|line| line["key"].is_null() && line["host"].is_string()), "{lines:?}");

    // Signed where the key is.
    let key = town.command(&["keygen", "--out", "key.pem", "--json"]).output().unwrap();
    let key = documents::read(&key.stdout).unwrap()["public_key"].as_str().unwrap().to_owned();
    let (report, exit) = town.merge(&["runs", "--to", "store", "--plan", "plan.json", "--key", "key.pem"]);
    assert_eq!((&report["taken"], &report["added"], exit), (&json!(4), &json!(4), 0), "{report}");
    assert_eq!((&report["dissent"], &report["missing"]), (&json!([]), &json!([])));
    // From now on the store answers, and how long each took is known.
    let image = small_image(&town.bench.ground);
    let image = image.rsplit_once('@').unwrap().1;
    let out =
        town.plan("again.json", &["--store", "store", "--trust", &key, "--accept-image", image]).output().unwrap();
    assert_eq!(out.status.code(), Some(0), "{}", String::from_utf8_lossy(&out.stderr));
    assert_eq!(town.units("again.json"), Vec::<Value>::new());
    town.plan("later.json", &[]).output().unwrap();
    assert!(town.units("later.json").iter().all(|unit| unit["seconds"].as_f64().is_some_and(|it| it > 0.0)));
}

#[test]
fn one_unit_on_both_engines_agrees() {
    let town = Town::new(Kind::Docker, 1, 0);
    let engines = [town.bench.ground.docker().unwrap(), town.bench.ground.podman().unwrap()];
    for (engine, to) in engines.iter().zip(["docker", "podman"]) {
        let key = format!("{to}.pem");
        assert!(town.command(&["keygen", "--out", &key]).output().unwrap().status.success());
        let mut run =
            town.command(&["batch", "run", "plan.json", "--to", to, "--allow-local-source", "--key", &key, "--engine"]);
        let out = run.envs(&engine.env).arg(&engine.command).output().unwrap();
        assert_eq!(out.status.code(), Some(0), "{to}: {}", String::from_utf8_lossy(&out.stderr));
    }
    let (report, exit) = town.merge(&["podman", "docker", "--to", "store"]);
    assert_eq!((&report["taken"], &report["added"], &report["dissent"], exit), (&json!(1), &json!(2), &json!([]), 0));
    let unit = town.units("plan.json")[0]["unit"].as_str().unwrap().to_owned();
    let said: Value =
        serde_json::from_slice(&std::fs::read(town.bench.path(&format!("store/{unit}.unit.json"))).unwrap()).unwrap();
    let [artifact] = said["artifacts"].as_array().unwrap().as_slice() else { panic!("{said}") };
    let manifests = town.bench.path(&format!("store/{}.intoto.jsonl", artifact.as_str().unwrap()));
    assert_eq!(std::fs::read_to_string(manifests).unwrap().lines().count(), 2);
}

docker_and_podman!(a_run_that_is_killed_goes_on_and_a_merge_signs_what_it_left);
