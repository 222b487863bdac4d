//! Batches on other engines: Podman, and a Docker that is reached by TLS; one that goes away; one by ssh; one unit on two of them.

use std::process::{Command, Stdio};

use provenear_tests::devnet::Devnet;
use provenear_tests::documents;
use provenear_tests::saying::saying;
use serde_json::{Value, json};

use crate::bench::{Bench, Ended, File, Kind};
use crate::daemon::{Daemon, small_image};

/// A claim whose command takes a while; each `number` is another recipe.
fn claim(bench: &Bench, image: &str, number: usize, seconds: usize) -> Value {
    let name = format!("quick{number}");
    let commit = bench.repository(&name, &[("pre.wasm", File::Bytes(b"\0asm\x01\0\0\0"))]);
    let command = format!("sleep {seconds}; mkdir out; cp pre.wasm out/a.wasm");
    let mut claim = bench.claim(&name, &commit, &["sh", "-c", &command]);
    claim["build_info"]["build_environment"] = image.into();
    claim
}

/// A contract that says `claim` of itself, told from others that say the same by its size.
pub(crate) fn contract(claim: &Value, number: usize) -> Vec<u8> {
    saying(&claim.to_string(), &"n".repeat(number))
}

/// Deploys `subjects` contracts that share `claims`, and gives the list of them.
fn deploy(devnet: &Devnet, claims: &[Value], subjects: usize) -> String {
    let mut list = String::from("# subjects\n");
    for number in 0..subjects {
        let account = format!("app{number}.devnet");
        devnet.deploy(&account, contract(&claims[number % claims.len()], number));
        list.push_str(&format!("{account}\n"));
    }
    list
}

/// A command of the helper that knows where the engines' certificates and settings are.
fn helper(bench: &Bench, daemon: &Daemon, words: &[&str]) -> Command {
    let mut command = bench.ground.provenear().unwrap();
    command.env("PROVENEAR_CACHE", bench.path("cache")).env("PROVENEAR_DATA", bench.path("data"));
    command.envs(&bench.ground.podman().unwrap().env).env("DOCKER_CERT_PATH", daemon.certificates());
    command.args(words).current_dir(bench.folder.path());
    command
}

/// The answers of a batch, and its summary.
fn lines(stdout: &[u8]) -> (Vec<Value>, Value) {
    let mut lines = documents::read_lines(stdout).unwrap();
    let summary = lines.pop().unwrap();
    (lines, summary)
}

#[test]
fn a_batch_on_a_second_daemon_leaves_others_alone_and_is_gone_on_with_by_podman() {
    let bench = Bench::new(Kind::Docker);
    let devnet = Devnet::start().unwrap();
    let (daemon, image) = (Daemon::start(), small_image(&bench.ground));
    let claims: Vec<Value> = (0..4).map(|number| claim(&bench, &image, number, 4)).collect();
    let list = deploy(&devnet, &claims, 20) + "nobody.devnet\n";
    std::fs::write(bench.path("list"), list).unwrap();
    let (docker, podman) = (bench.ground.docker().unwrap(), bench.ground.podman().unwrap());
    let (docker, podman, remote) = (docker.command.to_str().unwrap(), podman.command.to_str().unwrap(), daemon.url());
    let words =
        ["batch", "list", "--allow-local-source", "--out", "out", "--network", "devnet-test", "--rpc", &devnet.url()];
    let mut batch = helper(&bench, &daemon, &[&words[..], &["--engine", &remote, "--jobs", "2"]].concat());
    let batch = batch.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();

    // A second helper comes to the same engine, and to others: nobody takes away what is another's.
    daemon.wait_for_container();
    let recipe = bench.path("other.json");
    std::fs::write(&recipe, claim(&bench, &image, 9, 1).to_string()).unwrap();
    for engine in [docker, podman, &remote] {
        let words = [
            "rebuild",
            "--json",
            "--allow-local-source",
            "--out",
            "other",
            "--engine",
            engine,
            "--recipe",
            recipe.to_str().unwrap(),
        ];
        let ended = Ended::of(&helper(&bench, &daemon, &words).output().unwrap());
        assert_eq!(ended.exit, 0, "{engine}: {} {}", ended.json["error"], ended.stderr);
    }

    let out = batch.wait_with_output().unwrap();
    let (answers, summary) = lines(&out.stdout);
    assert_eq!(answers.len(), 21, "{}", String::from_utf8_lossy(&out.stderr));
    assert_eq!(summary["counts"], json!({"differs": 20, "unknown-account": 1}), "{summary}");
    // Four recipes are four builds.
    assert_eq!((&summary["rebuilds"], out.status.code()), (&json!(4), Some(4)), "{summary}");
    assert_eq!(summary["engines"].as_array().map(Vec::len), Some(1), "{summary}");
    assert_eq!((daemon.containers(), bench.work()), (vec![], vec![]));
    // What is finished is not done again, with whatever engine.
    let again = helper(&bench, &daemon, &[&words[..], &["--engine", podman]].concat()).output().unwrap();
    assert_eq!(lines(&again.stdout).1["rebuilds"], 0);
    // Who asks for more keys asks something else, and gets an answer of its own, without a rebuild.
    let more = [&words[..], &["--engine", podman, "--threshold", "2"]].concat();
    let summary = lines(&helper(&bench, &daemon, &more).output().unwrap().stdout).1;
    assert_eq!(summary["counts"], json!({"not-rebuilt": 20, "unknown-account": 1}), "{summary}");
    assert_eq!(summary["rebuilds"], 0);
}

#[test]
fn after_a_second_daemon_went_away_podman_goes_on() {
    let bench = Bench::new(Kind::Podman);
    let devnet = Devnet::start().unwrap();
    let (mut daemon, image) = (Daemon::start(), small_image(&bench.ground));
    let claims: Vec<Value> = (0..3).map(|number| claim(&bench, &image, number, 5)).collect();
    std::fs::write(bench.path("list"), deploy(&devnet, &claims, 6)).unwrap();
    let (podman, remote) = (bench.engine().command.to_str().unwrap(), daemon.url());
    let rpc = devnet.url();
    let words = ["batch", "list", "--allow-local-source", "--out", "out", "--network", "devnet-test", "--rpc", &rpc];
    let mut batch = helper(&bench, &daemon, &[&words[..], &["--engine", &remote]].concat());
    let batch = batch.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    daemon.wait_for_container();
    daemon.stop();
    let out = batch.wait_with_output().unwrap();
    let (answers, summary) = lines(&out.stdout);
    let stderr = String::from_utf8_lossy(&out.stderr);
    // That an engine is gone says nothing about any contract.
    assert_eq!((answers.len(), &summary["counts"]), (6, &json!({"engine-missing": 6})), "{stderr}");
    assert!(out.status.code() == Some(4) && stderr.contains("no longer answers"), "{stderr}");
    let again = helper(&bench, &daemon, &[&words[..], &["--engine", podman]].concat()).output().unwrap();
    let (_, summary) = lines(&again.stdout);
    assert_eq!((&summary["counts"], &summary["rebuilds"]), (&json!({"differs": 6}), &json!(3)), "{summary}");

    // Without any engine: not looked at, and nothing is called finished.
    let alone = helper(&bench, &daemon, &[&words[..], &["--json", "--engine", &remote]].concat()).output().unwrap();
    assert_eq!(alone.status.code(), Some(4));
    assert_eq!(documents::read(&alone.stdout).unwrap()["error"]["code"], "engine-missing");
}

#[test]
fn a_second_daemon_is_asked_for_its_certificate_and_asks_for_ours_podman() {
    let bench = Bench::new(Kind::Podman);
    let daemon = Daemon::start();
    let image = small_image(&bench.ground);
    let recipe = bench.path("recipe.json");
    std::fs::write(&recipe, claim(&bench, &image, 0, 0).to_string()).unwrap();
    let rebuild = |engine: &str, certificates: &str| {
        let words = [
            "rebuild",
            "--json",
            "--allow-local-source",
            "--out",
            "out",
            "--engine",
            engine,
            "--recipe",
            recipe.to_str().unwrap(),
        ];
        Ended::of(&helper(&bench, &daemon, &words).env("DOCKER_CERT_PATH", certificates).output().unwrap())
    };
    let good = daemon.certificates().display().to_string();
    let ended = rebuild(&daemon.url(), &good);
    assert_eq!(ended.exit, 0, "{} {}", ended.json["error"], ended.stderr);
    let strangers = Daemon::certificates_of_a_stranger();
    let plain = bench.git.url().replace("http://", "tcp://");
    for (engine, certificates) in [(daemon.url(), strangers.path().to_str().unwrap()), (plain, &good)] {
        let ended = rebuild(&engine, certificates);
        assert_eq!((ended.exit, ended.code()), (4, "engine-missing"), "{engine}: {}", ended.json);
    }
}

/// The program `ssh` is a stand-in that goes nowhere: what is tried is how Docker's client is told, and all that goes through.
#[test]
fn an_engine_is_reached_by_ssh() {
    let bench = Bench::new(Kind::Docker);
    let programs = bench.path("programs");
    std::fs::create_dir(&programs).unwrap();
    let log = bench.path("ssh.log");
    let script = format!(
        "#!/bin/sh\necho \"$*\" >> '{}'\nwhile [ \"$1\" != docker ]; do shift; done\nexec \"$@\"\n",
        log.display()
    );
    let ssh = programs.join("ssh");
    std::fs::write(&ssh, script).unwrap();
    std::fs::set_permissions(&ssh, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    let image = small_image(&bench.ground);
    let recipe = bench.path("recipe.json");
    std::fs::write(&recipe, claim(&bench, &image, 0, 0).to_string()).unwrap();
    let path = format!("{}:{}", programs.display(), std::env::var("PATH").unwrap());
    let mut command = bench.ground.provenear().unwrap();
    command.env("PATH", path).env("PROVENEAR_CACHE", bench.path("cache")).env("PROVENEAR_DATA", bench.path("data"));
    command.args([
        "rebuild",
        "--json",
        "--allow-local-source",
        "--engine",
        "ssh://builder@elsewhere.example:2222",
        "--out",
    ]);
    let ended = Ended::of(&command.arg(bench.path("out")).arg("--recipe").arg(&recipe).output().unwrap());
    assert_eq!(ended.exit, 0, "{} {}", ended.json["error"], ended.stderr);
    let asked = std::fs::read_to_string(&log).unwrap();
    assert!(asked.lines().all(|line| line.contains("elsewhere.example") && line.contains("2222")), "{asked}");
    assert!(asked.lines().count() > 5, "{asked}");
}
