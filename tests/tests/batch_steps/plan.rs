//! What is to be built: the same plan of the same chain, in the order of the list, written whole or not at all.

use std::process::Stdio;
use std::time::{Duration, Instant};

use provenear_tests::devnet::{Fault, Where};
use provenear_tests::documents;
use serde_json::{Value, json};

use crate::bench::{Bench, claiming, module, names};

/// Two recipes in four contracts, contracts that claim nothing, and lines that name none.
fn town() -> Bench {
    let bench = Bench::new();
    for (account, code) in [
        ("one.devnet", claiming(1, "a")),
        ("two.devnet", claiming(2, "b")),
        ("three.devnet", claiming(3, "a")),
        ("same.devnet", claiming(1, "a")),
        ("silent.devnet", module(1)),
    ] {
        bench.devnet.deploy(account, code);
    }
    let list = ["silent.devnet", "two.devnet", "nobody.devnet", "one.devnet", "NOT ONE", "three.devnet", "same.devnet"];
    bench.desk.write("list", list.join("\n"));
    bench.chain.freeze(bench.chain.final_block().height);
    bench
}

#[test]
fn the_plan_of_a_chain_is_the_same_however_many_are_looked_up_at_once() {
    let bench = town();
    let (said, plan) = bench.plan(&["--lookups", "1"]);
    assert_eq!(said.exit, 4, "nobody.devnet could not be looked up: {}", said.stderr);
    let names: Vec<&str> = plan["subjects"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| it.pointer("/line/subject/name").and_then(Value::as_str).unwrap())
        .collect();
    let list = std::fs::read_to_string(bench.path("list")).unwrap();
    assert_eq!(names, list.lines().collect::<Vec<_>>());
    // In the order in which the list needs them, and each for the first that does.
    let units = plan["units"].as_array().unwrap();
    let of = |at: usize| plan["subjects"][at]["unit"].clone();
    assert_eq!((units[0]["unit"].clone(), units[1]["unit"].clone()), (of(1), of(3)));
    assert_eq!((of(5), of(6), of(0), of(2), of(4)), (of(3), of(3), Value::Null, Value::Null, Value::Null));
    let observed = |at: usize| units[at].pointer("/observed/account_id").cloned();
    assert_eq!((observed(0), observed(1)), (Some(json!("two.devnet")), Some(json!("one.devnet"))));
    assert_eq!(
        (&units[0]["subjects"], &units[1]["subjects"], &units[0]["seconds"]),
        (&json!(1), &json!(3), &json!(null))
    );
    assert_eq!(said.stdout, format!("{}\n{}\n", of(1).as_str().unwrap(), of(3).as_str().unwrap()));
    // An id is what its inputs give, for whoever wants to see it.
    let inputs = std::fs::read_to_string(bench.path("plan.json")).unwrap();
    let inputs = inputs.split("\"inputs\":").nth(1).unwrap();
    let inputs = &inputs[..inputs.find(",\"image_programs\"").unwrap()];
    assert_eq!(of(1), provenear_shared::digest::Sha256Digest::of(inputs.as_bytes()).to_hex());

    let before = std::fs::read(bench.path("plan.json")).unwrap();
    for _ in 0..3 {
        let (_, _) = bench.plan(&["--lookups", "16"]);
        assert!(std::fs::read(bench.path("plan.json")).unwrap() == before, "another plan of the same chain");
    }
    let (said, _) = bench.plan(&["--json"]);
    assert!(said.stdout.as_bytes() == before, "`--json` prints something else than was written");
    // Nothing but the plan is left.
    assert_eq!(names_of(&bench), ["list", "plan.json"]);
}

fn names_of(bench: &Bench) -> Vec<String> {
    names(bench.desk.folder()).into_iter().filter(|name| !["cache", "data"].contains(&name.as_str())).collect()
}

#[test]
fn a_line_of_a_plan_is_the_line_of_a_batch() {
    let bench = town();
    bench.desk.write("list", "silent.devnet\nnobody.devnet\nNOT ONE\n");
    let (_, plan) = bench.plan(&[]);
    let said = bench.whole(&["--out", "out"]);
    let mut lines = documents::read_lines(said.stdout.as_bytes()).unwrap();
    lines.pop();
    let planned: Vec<&Value> = plan["subjects"].as_array().unwrap().iter().map(|it| &it["line"]).collect();
    assert_eq!(planned, lines.iter().collect::<Vec<_>>());
}

#[test]
fn a_matrix_has_every_unit_once_and_no_more_shards_than_asked_for() {
    let (bench, units) = Bench::planned(5);
    for (most, shards) in [("1", 1), ("3", 3), ("256", 5)] {
        let (said, _) = bench.plan(&["--matrix", most]);
        // A document of GitHub's, which no schema of ours describes.
        let printed = said.stdout;
        let matrix: Value = serde_json::from_str(&printed).unwrap();
        let include = matrix["include"].as_array().unwrap();
        assert_eq!(include.len(), shards, "{matrix}");
        let mut named: Vec<&str> = include.iter().flat_map(|it| it["units"].as_str().unwrap().split(' ')).collect();
        named.sort_unstable();
        let mut all: Vec<&str> = units.iter().map(|unit| unit["unit"].as_str().unwrap()).collect();
        all.sort_unstable();
        assert_eq!(named, all);
    }
    for most in ["0", "257", "x"] {
        assert_eq!(bench.desk.run(&[&bench.plan_words()[..], &["--matrix", most]].concat()).exit, 2, "{most}");
    }
    bench.desk.write("list", "");
    assert_eq!(bench.plan(&["--matrix", "4"]).0.stdout, "{\"include\":[]}\n");
}

#[test]
fn a_plan_that_is_stopped_is_not_written() {
    let bench = town();
    bench.devnet.misbehave(Where::all(), Fault::Hang);
    let mut planning = bench.desk.command(&bench.plan_words());
    let mut planning = planning.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let until = Instant::now() + Duration::from_secs(60);
    while bench.devnet.received().is_empty() {
        assert!(Instant::now() < until, "nobody was asked");
        std::thread::sleep(Duration::from_millis(10));
    }
    let stopped = std::process::Command::new("kill").args(["-TERM", &planning.id().to_string()]).status().unwrap();
    assert!(stopped.success());
    assert_eq!(planning.wait().unwrap().code(), Some(130));
    assert_eq!(names_of(&bench), ["list"]);
}

#[test]
fn what_does_not_fit_is_refused_and_a_list_may_be_called_as_a_step_is() {
    let bench = town();
    std::fs::write(bench.path("source.tar"), [0; 1024]).unwrap();
    let said = bench.desk.run(&[&bench.plan_words()[..], &["--source", "source.tar"]].concat());
    assert!(said.exit == 2 && said.stderr.contains("give it to `rebuild`"), "{}", said.stderr);
    assert!(!bench.path("plan.json").exists());
    let said = bench.desk.run(&["batch", "plan", "missing", "--to", "plan.json", "--json"]);
    let error = documents::read(said.stdout.as_bytes()).unwrap();
    assert_eq!((&error["schema"], &error["error"]["code"], said.exit), (&json!("provenear/plan/v1"), &json!("io"), 4));
    // Other options of a whole batch are not those of a step.
    assert_eq!(bench.desk.run(&["batch", "list", "plan", "list", "--to", "x"]).exit, 2);
    bench.desk.write("plan", "NOT ONE\n");
    let said = bench.desk.run(&["batch", "./plan", "--engine", "/bin/false"]);
    assert!(said.exit == 4 && said.stderr.contains("no container engine"), "{}", said.stderr);
    assert_eq!(bench.desk.run(&["batch", "--help"]).exit, 0);
    assert_eq!(bench.desk.run(&["batch"]).exit, 2);
}
