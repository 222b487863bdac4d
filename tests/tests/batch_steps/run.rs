//! What a run leaves, and knows again: units of this plan alone, finished ones as they are, failures by their kind.

use std::path::Path;
use std::process::Command;

use provenear_tests::desk::Said;
use provenear_tests::documents;
use provenear_tests::git_server::GitServer;
use provenear_tests::notary::Notary;
use serde_json::{Value, json};

use crate::bench::{Bench, IMAGE, Left, claiming_of, files, module, names, with_inputs};

/// Every plan here is of a repository on this machine.
const LOCAL: &[&str] = &["--allow-local-source"];

/// Runs units with an engine that answers, and can build nothing.
fn run(bench: &Bench, words: &[&str]) -> (Said, Vec<Value>) {
    let engine = bench.engine();
    let said = bench.desk.run(&[&["batch", "run", "plan.json", "--to", "runs"], &engine[..], LOCAL, words].concat());
    let lines = documents::read_lines(said.stdout.as_bytes()).unwrap_or_default();
    (said, lines)
}

#[test]
fn a_unit_of_another_plan_is_refused_before_anything_is_done() {
    let (bench, units) = Bench::planned(2);
    let own = units[0]["unit"].as_str().unwrap();
    for other in [&"f".repeat(64)[..], "x", &own[..16]] {
        let (said, lines) = run(&bench, &[own, other]);
        assert_eq!((said.exit, lines.len(), bench.path("runs").exists()), (2, 0, false), "{other}: {}", said.stderr);
    }
    let (said, _) = run(&bench, &["--unsigned", "--key", "k"]);
    assert_eq!(said.exit, 2);
    // A plan in which an id stands for other inputs was changed by somebody.
    let text = std::fs::read_to_string(bench.path("plan.json")).unwrap();
    std::fs::write(bench.path("plan.json"), text.replace("\"c0\"", "\"elsewhere\"")).unwrap();
    let (said, _) = run(&bench, &["--unsigned"]);
    assert!(said.exit == 2 && said.stderr.contains("inputs that give another id"), "{}", said.stderr);
    for plan in ["", "{}", "[]", "{\"schema\":\"provenear/plan/v2\",\"units\":[]}"] {
        std::fs::write(bench.path("plan.json"), plan).unwrap();
        let (said, _) = run(&bench, &["--unsigned"]);
        assert!(said.exit == 2 && said.stderr.contains("is not a plan"), "{plan}: {}", said.stderr);
    }
}

#[test]
fn a_finished_unit_is_known_and_left_as_it_is() {
    let (bench, units) = Bench::planned(3);
    let alice = bench.write_key("alice");
    for (number, unit) in units.iter().enumerate() {
        Left::new(unit, module(number)).write(&bench.path("runs"), Some(&alice));
    }
    let before: Vec<_> = names(&bench.path("runs")).iter().map(|id| files(&bench.path("runs").join(id))).collect();
    // In the order that was asked for, and each once.
    let ids: Vec<&str> = units.iter().map(|unit| unit["unit"].as_str().unwrap()).collect();
    let (said, lines) = run(&bench, &[ids[2], ids[0], ids[2], "--key", "alice"]);
    assert_eq!(said.exit, 0, "{}", said.stderr);
    assert_eq!(lines.iter().map(|it| it["unit"].as_str().unwrap()).collect::<Vec<_>>(), [ids[2], ids[0]]);
    assert!(said.stderr.contains("2 built before"), "{}", said.stderr);
    let (said, lines) = run(&bench, &["--key", "alice", "--jobs", "4"]);
    assert_eq!((said.exit, lines.len()), (0, 3), "{}", said.stderr);
    // Another key has to build for itself, which nobody can here; what is there stays.
    bench.write_key("bob");
    let (said, lines) = run(&bench, &["--key", "bob"]);
    assert_eq!((said.exit, &lines[0]["error"]["code"]), (4, &json!("commit-not-found")), "{}", said.stderr);
    let after: Vec<_> = names(&bench.path("runs")).iter().map(|id| files(&bench.path("runs").join(id))).collect();
    assert!(before == after, "{:?}", names(&bench.path("runs")));
}

#[test]
fn a_unit_that_is_not_whole_is_not_taken_for_finished() {
    type Spoil = fn(&Path);
    let (bench, units) = Bench::planned(1);
    let alice = bench.write_key("alice");
    let spoils: [Spoil; 5] = [
        |unit| std::fs::remove_file(unit.join("unit.json")).unwrap(),
        |unit| std::fs::remove_file(unit.join("build.log")).unwrap(),
        |unit| std::fs::write(unit.join("artifact.wasm"), b"\0asm\x01\0\0\0").unwrap(),
        |unit| std::fs::write(unit.join("unit.json"), b"{\"schema\":\"provenear/unit/v1\"").unwrap(),
        |unit| std::fs::write(unit.join("manifest.intoto.jsonl"), b"").unwrap(),
    ];
    for (number, spoil) in spoils.iter().enumerate() {
        let unit = Left::new(&units[0], module(1)).write(&bench.path("runs"), Some(&alice));
        assert_eq!(run(&bench, &["--key", "alice"]).0.exit, 0, "{number}");
        spoil(&unit);
        let (said, lines) = run(&bench, &["--key", "alice"]);
        assert_eq!(
            (said.exit, &lines[0]["error"]["code"]),
            (4, &json!("commit-not-found")),
            "{number} {}",
            said.stderr
        );
    }
}

/// A repository whose commit has no folder of the contract: found out before any engine is asked.
#[test]
fn a_failure_of_the_source_is_kept_and_tried_again_and_no_other_is_kept() {
    let bench = Bench::new();
    let git = bench.path("git");
    std::fs::create_dir(&git).unwrap();
    let commit = repository(&git.join("a.git"));
    let server = GitServer::start(git, 0).unwrap();
    let (here, gone) = (format!("{}/a.git", server.url()), format!("{}/b.git", server.url()));
    bench.devnet.deploy("here.devnet", claiming_of(&here, &commit, 1, "nowhere"));
    bench.devnet.deploy("gone.devnet", claiming_of(&gone, &commit, 2, ""));
    bench.desk.write("list", "here.devnet\ngone.devnet\n");
    let (_, plan) = bench.plan(&[]);
    let id = |at: usize| plan["units"][at]["unit"].as_str().unwrap();
    let said = |bench: &Bench| {
        let (said, lines) = run(bench, &["--unsigned"]);
        let codes: Vec<Value> = lines.iter().map(|it| it["error"]["code"].clone()).collect();
        assert_eq!(
            (codes, said.exit),
            (vec![json!("source-refused"), json!("commit-not-found")], 4),
            "{}",
            said.stderr
        );
    };
    // What was half written makes way for it.
    std::fs::create_dir_all(bench.path("runs").join(id(0))).unwrap();
    std::fs::write(bench.path("runs").join(id(0)).join("build.log"), "half").unwrap();
    said(&bench);
    assert_eq!(names(&bench.path("runs")), [id(0)]);
    assert_eq!(names(&bench.path("runs").join(id(0))), ["unit.json"]);
    let asked = server.requests().len();
    said(&bench);
    assert!(server.requests().len() > asked, "nobody tried again");
    let (report, exit) = bench.merge(&["runs", "--to", "store", "--plan", "plan.json"]);
    // An answer, which is nothing to mend here.
    assert_eq!((&report["failed"][0]["error"]["code"], exit), (&json!("source-refused"), 5), "{report}");
    assert_eq!((&report["failed"][0]["unit"], &report["missing"]), (&json!(id(0)), &json!([id(1)])));
}

/// A bare repository with one commit of one file; gives the commit.
fn repository(bare: &Path) -> String {
    let tree = tempfile::tempdir().unwrap();
    let git = |folder: &Path, words: &[&str]| {
        let mut command = Command::new("git");
        command.env("GIT_CONFIG_NOSYSTEM", "1").env("GIT_CONFIG_GLOBAL", "/dev/null").current_dir(folder);
        command.args(["-c", "user.name=t", "-c", "user.email=t@example.com", "-c", "protocol.file.allow=always"]);
        let out = command.args(words).output().unwrap();
        assert!(out.status.success(), "git {words:?}: {}", String::from_utf8_lossy(&out.stderr));
        String::from_utf8(out.stdout).unwrap().trim().to_owned()
    };
    git(tree.path(), &["init", "--quiet", "--initial-branch", "main"]);
    std::fs::write(tree.path().join("file"), "x").unwrap();
    git(tree.path(), &["add", "--all"]);
    git(tree.path(), &["commit", "--quiet", "--message", "c"]);
    git(tree.path(), &["clone", "--quiet", "--bare", ".", bare.to_str().unwrap()]);
    git(bare, &["rev-parse", "HEAD"])
}

#[test]
fn without_an_engine_no_unit_is_called_failed() {
    let (bench, _) = Bench::planned(1);
    let words = ["batch", "run", "plan.json", "--to", "runs", "--engine", "/bin/false", "--json"];
    let said = bench.desk.run(&[&words[..], LOCAL].concat());
    let error = documents::read(said.stdout.as_bytes()).unwrap();
    let expected = (&json!("provenear/unit/v1"), &json!("engine-missing"), 4);
    assert_eq!((&error["schema"], &error["error"]["code"], said.exit), expected);
    assert_eq!(names(&bench.path("runs")), Vec::<String>::new());
}

#[test]
fn what_somebody_else_signed_or_built_without_fences_is_not_finished() {
    let (bench, units) = Bench::planned(1);
    let (alice, mallory) = (bench.write_key("alice"), Notary::named("mallory"));
    let codes = |words: &[&str]| {
        let (said, lines) = run(&bench, words);
        (said.exit, lines[0]["error"]["code"].clone())
    };
    let not_built = (4, json!("commit-not-found"));
    Left::new(&units[0], module(1)).write(&bench.path("runs"), Some(&mallory));
    assert_eq!(codes(&["--unsigned"]), not_built);
    std::fs::remove_dir_all(bench.path("runs")).unwrap();
    Left::new(&units[0], module(1)).write(&bench.path("runs"), None);
    assert_eq!(codes(&["--unsigned"]), (0, json!(null)));
    assert_eq!(codes(&["--key", "alice"]), not_built);
    // By what is signed, and not by what lies beside it.
    std::fs::remove_dir_all(bench.path("runs")).unwrap();
    let mut left = Left::new(&units[0], module(1));
    *left.statement.pointer_mut("/predicate/buildDefinition/internalParameters/limits/memory").unwrap() =
        json!("not enforced");
    left.write(&bench.path("runs"), Some(&alice));
    assert_eq!(codes(&["--key", "alice"]), not_built);
    assert_eq!(codes(&["--key", "alice", "--allow-unlimited"]), (0, json!(null)));
    // Nor is what has a doubt that a rebuild of this unit would not have: a rebuild of the same recipe that was made otherwise.
    for notice in ["source-from-elsewhere", "image-substituted"] {
        let mut left = Left::new(&units[0], module(1));
        left.statement.pointer_mut("/predicate/buildDefinition/internalParameters").unwrap()["notices"] =
            json!([notice]);
        left.write(&bench.path("runs"), Some(&alice));
        assert_eq!(codes(&["--key", "alice"]), not_built, "{notice}");
    }
}

/// A plan can come from anybody, and this machine is not theirs.
#[test]
fn a_plan_does_not_decide_what_the_machine_lets_a_build_reach() {
    type Row<'a> = (Value, Option<&'a [&'a str]>, &'a [&'a str]);
    let (bench, units) = Bench::planned(1);
    let published = provenear_shared::manifest::Policy::new().images[0];
    let pinned = |digest: &str| json!(format!("x/y@sha256:{digest}"));
    let unit = |local: bool, source: Value, image: Value, programs: &str| {
        let mut unit = with_inputs(&units[0], |inputs| {
            inputs["allow_local_source"] = json!(local);
            inputs["source"] = source.clone();
            inputs["image"] = image.clone();
        });
        unit["image_programs"] = json!(programs);
        unit
    };
    std::fs::create_dir(bench.path("private")).unwrap();
    let folder = json!(bench.path("private"));
    let stranger = pinned(IMAGE);
    let known = pinned(&published.to_hex());
    let accept = format!("sha256:{IMAGE}");
    // The unit, the options without which it is refused, and with which it is begun.
    let rows: [Row<'_>; 7] = [
        (unit(false, json!(null), stranger.clone(), "refused"), None, &[]),
        (unit(true, json!(null), stranger.clone(), "refused"), Some(&[]), &["--allow-local-source"]),
        (unit(false, folder, stranger.clone(), "refused"), Some(&[]), &["--allow-local-source"]),
        (unit(false, json!(null), stranger.clone(), "trusted"), Some(&[]), &["--trust-image-network"]),
        (
            unit(false, json!(null), stranger.clone(), "trusted"),
            Some(&["--allow-local-source"]),
            &["--accept-image", &accept],
        ),
        // That the planner accepts an image is said by the plan alone.
        (unit(false, json!(null), stranger, "accepted"), Some(&[]), &["--accept-image", &accept]),
        (unit(false, json!(null), known, "accepted"), None, &[]),
    ];
    run(&bench, &["--unsigned"]);
    for (number, (unit, without, with)) in rows.into_iter().enumerate() {
        bench.write_plan(&[unit]);
        let run = |words: &[&str]| {
            let words = [&["batch", "run", "plan.json", "--to", "out", "--engine", "./docker", "--unsigned"], words];
            bench.desk.run(&words.concat())
        };
        if let Some(without) = without {
            let said = run(without);
            assert!(said.exit == 2 && said.stderr.contains("nothing was built"), "{number}: {}", said.stderr);
            assert!(said.stderr.contains(with[0]) && said.stdout.is_empty(), "{number}: {}", said.stderr);
            assert_eq!(names(&bench.path("out")), Vec::<String>::new(), "{number}");
        }
        let said = run(with);
        let lines = documents::read_lines(said.stdout.as_bytes()).unwrap();
        assert!(said.exit == 4 && lines[0]["error"]["code"] != "usage", "{number}: {} {}", said.stdout, said.stderr);
        let _made = std::fs::remove_dir_all(bench.path("out"));
    }
}
