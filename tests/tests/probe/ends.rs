//! How a probe ends: in time, stopped, by a tree that cannot be built; and that the next one goes on where it was.

use std::time::{Duration, Instant};

use crate::bench::Tree;

#[test]
fn what_does_not_fit_into_the_budget_is_named_and_done_by_the_next_run() {
    let tree = Tree::new("\"always\"", &[]);
    let first = tree.probe(&["--budget", "1s", "--factors", "environment,home"]);
    assert_eq!((first.exit, first.json["outcome"].as_str()), (3, Some("incomplete")), "{}", first.stderr);
    for factor in ["again", "environment", "home"] {
        assert_eq!(first.factor(factor)["outcome"], "not-varied");
        assert!(first.factor(factor)["message"].as_str().unwrap().contains("--budget"));
    }
    let second = tree.probe(&["--factors", "environment,home"]);
    assert_eq!(second.exit, 0, "{:#} {}", second.json, second.stderr);
    assert!(second.stderr.contains("with nothing changed was made by an earlier run"), "{}", second.stderr);
    assert_eq!(second.json["code_hash"], first.json["code_hash"]);
    let restarted = tree.probe(&["--factors", "environment", "--restart", "--budget", "1s"]);
    assert!(restarted.stderr.contains("building with nothing changed"), "{}", restarted.stderr);
    // Another tree is another probe.
    tree.write("src/more.rs", "// nothing");
    let other = tree.probe(&["--factors", "environment", "--budget", "1s"]);
    assert!(other.stderr.contains("building with nothing changed"), "{}", other.stderr);
    assert_ne!(other.json["folder"], first.json["folder"]);
}

#[test]
fn one_that_is_killed_or_stopped_leaves_nothing_that_the_next_one_does_not_take_away() {
    let tree = Tree::new("\"always\"", &[]);
    let start = || {
        let child = tree.command(&["--factors", "environment"]).spawn().unwrap();
        let until = Instant::now() + Duration::from_secs(120);
        while !tree.containers(child.id()).iter().any(|line| line.contains("-build")) {
            assert!(Instant::now() < until, "the container never came up");
            std::thread::sleep(Duration::from_millis(50));
        }
        child
    };
    let mut killed = start();
    killed.kill().unwrap();
    killed.wait().unwrap();
    assert_eq!(tree.containers(killed.id()).len(), 1);
    let mut stopped = start();
    let pid = stopped.id();
    assert!(std::process::Command::new("kill").args(["-s", "INT", &pid.to_string()]).status().unwrap().success());
    assert_eq!(stopped.wait().unwrap().code(), Some(130));
    assert_eq!((tree.containers(pid), tree.containers(killed.id())), (vec![], vec![]));
    let ended = tree.probe(&["--factors", "environment"]);
    assert_eq!(ended.exit, 0, "{}", ended.stderr);
}

/// A build that fails with something changed says nothing about bytes, and is no clean bill either.
#[test]
fn a_build_that_fails_is_told_by_what_makes_it_fail() {
    let picky =
        Tree::new("\"always\"", &[("build.rs", "fn main() { assert!(std::env::var(\"PROVENEAR_PROBE\").is_err()); }")]);
    let ended = picky.probe(&["--factors", "environment"]);
    assert_eq!((ended.exit, ended.json["outcome"].as_str()), (3, Some("incomplete")), "{}", ended.stderr);
    let found = ended.factor("environment");
    assert_eq!(found["outcome"], "not-built");
    let message = found["message"].as_str().unwrap();
    let (_, log) = message.trim_end_matches('`').rsplit_once('`').unwrap();
    assert!(std::fs::read_to_string(log).unwrap().contains("PROVENEAR_PROBE"), "{message}");

    let broken = Tree::new("no such thing", &[]);
    let ended = broken.probe(&[]);
    assert_eq!((ended.exit, ended.json["error"]["code"].as_str()), (5, Some("build-failed")), "{}", ended.stderr);

    let nameless = Tree::new("\"always\"", &[("Cargo.toml", "[package]\nname = \"leaky\"\n")]);
    let ended = nameless.probe(&[]);
    assert_eq!((ended.exit, ended.json["error"]["code"].as_str()), (4, Some("image-unavailable")), "{}", ended.stderr);
}

/// What nearc would claim of a contract in Python is built, as far as the image can build it without a network.
#[test]
fn a_contract_in_python_is_built_by_what_nearc_would_claim() {
    let tree = Tree::new("\"always\"", &[("build.sh", "printf '\\0asm\\1\\0\\0\\0' > made.wasm\n")]);
    std::fs::remove_file(tree.path().join("Cargo.toml")).unwrap();
    let image = tree.ground.image.reference.clone();
    let project = |rest: &str| {
        format!(
            "[project]\nname = \"greeter\"\n[tool.near.contract.build_info]\nbuild_environment = \"{image}\"\n{rest}"
        )
    };
    let own = "build_command = [\"sh\", \"build.sh\"]\noutput_wasm_path = \"/home/near/code/made.wasm\"\n";
    tree.write("pyproject.toml", &project(own));
    let ended = tree.probe(&["--factors", "environment"]);
    assert_eq!((ended.exit, ended.json["outcome"].as_str()), (0, Some("clean")), "{:#} {}", ended.json, ended.stderr);
    assert_eq!(ended.json["build_command"], serde_json::json!(["sh", "build.sh"]));
    tree.write("pyproject.toml", &project("build_command = [\"nearc\"]\n"));
    let ended = tree.probe(&["--factors", "environment"]);
    assert_eq!((ended.exit, ended.json["error"]["code"].as_str()), (5, Some("artifact-ambiguous")), "{}", ended.stderr);
}
