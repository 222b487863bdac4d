//! The steps of `action.yml` on a contract of this machine: it is built, rebuilt, signed and compared; and what fails is red.

use std::path::PathBuf;
use std::process::Command;
use std::sync::{Mutex, MutexGuard, PoisonError};

use provenear_tests::devnet::Devnet;
use provenear_tests::documents;
use provenear_tests::fixtures::{GIT_PORT, contracts};
use provenear_tests::git_server::GitServer;
use provenear_tests::ground::Ground;
use serde_json::Value;
use tempfile::TempDir;

use crate::runner::{Runner, Step};

/// An author's clone, its public repository, and a chain.
struct Place {
    folder: TempDir,
    devnet: Devnet,
    ground: Ground,
    _git: GitServer,
    _turn: MutexGuard<'static, ()>,
}

/// The port of the repository is one.
static TURN: Mutex<()> = Mutex::new(());

const BUILD: &str = "cargo build --release --locked --target wasm32-unknown-unknown && mkdir -p target/near && \
                     cp target/wasm32-unknown-unknown/release/tiny.wasm target/near/tiny.wasm";

impl Place {
    fn new() -> Place {
        let turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
        let (folder, ground) = (tempfile::tempdir().unwrap(), Ground::read().unwrap());
        std::fs::create_dir(folder.path().join("git")).unwrap();
        let git = GitServer::start(folder.path().join("git"), GIT_PORT).unwrap();
        let place = Place { folder, devnet: Devnet::start().unwrap(), ground, _git: git, _turn: turn };
        let tree = place.path("tree");
        run(Command::new("cp").arg("-R").arg(contracts().join("tiny")).arg(&tree));
        let image = &place.ground.image.reference;
        let (name, digest) = image.split_once('@').unwrap();
        let manifest = std::fs::read_to_string(tree.join("Cargo.toml")).unwrap();
        let section = format!(
            "\n[package.metadata.near.reproducible_build]\nimage = \"{name}\"\nimage_digest = \"{digest}\"\n\
             container_build_command = [\"bash\", \"-c\", \"{BUILD}\"]\n\
             [package.metadata.provenear.accounts]\ndevnet-test = [\"app.devnet\"]\n"
        );
        std::fs::write(tree.join("Cargo.toml"), manifest + &section).unwrap();
        // The contract says by which command it is built, as cargo-near would have it.
        let source = std::fs::read_to_string(tree.join("src/lib.rs")).unwrap();
        let usual = r#"["cargo","build","--release","--locked","--target","wasm32-unknown-unknown"]"#;
        assert!(source.contains(usual));
        let said = source.replace(usual, &format!(r#"["bash","-c","{BUILD}"]"#));
        std::fs::write(tree.join("src/lib.rs"), said).unwrap();
        place.git(&["init", "--quiet", "--initial-branch", "main"]);
        place.git(&["init", "--quiet", "--bare", "../git/tiny.git"]);
        place.commit();
        place.devnet.deploy("app.devnet", wat::parse_str("(module)").unwrap());
        place
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Commits and pushes all that is in the tree.
    fn commit(&self) {
        self.git(&["add", "--all"]);
        self.git(&["-c", "user.name=a", "-c", "user.email=a@a.invalid", "commit", "--quiet", "--message", "Go on"]);
        self.git(&["push", "--quiet", "../git/tiny.git", "main"]);
    }

    fn git(&self, words: &[&str]) {
        run(Command::new("git").env("GIT_CONFIG_GLOBAL", "/dev/null").current_dir(self.path("tree")).args(words));
    }

    /// A runner whose files are in a folder of their own, with more inputs.
    fn runner(&self, name: &str, more: &[(&str, &str)]) -> Runner {
        let provenear = self.ground.provenear().unwrap();
        let engine = self.ground.engine().unwrap();
        let ca = self.ground.ca_file.as_ref().map(|file| format!("--ca-file={}\n", file.display())).unwrap_or_default();
        let arguments = format!(
            "{ca}--allow-local-source\n--accept-custom-build\n--accept-image={}\n--rpc={}\n",
            self.ground.image.digest,
            self.devnet.url()
        );
        let build = format!("--engine={}", engine.command.display());
        let inputs = [
            ("program", provenear.get_program().to_str().unwrap()),
            ("directory", "tree"),
            ("arguments", arguments.as_str()),
            ("build-arguments", build.as_str()),
        ];
        Runner::new(&self.path(name), self.folder.path(), &[&inputs[..], more].concat())
    }

    /// What the engine needs, and folders of the helper's own.
    fn variables(&self) -> Vec<(&str, String)> {
        let engine = self.ground.engine().unwrap();
        let text = |path: PathBuf| path.to_str().unwrap().to_owned();
        let mut all: Vec<(&str, String)> =
            engine.env.iter().map(|(name, value)| (name.as_str(), value.display().to_string())).collect();
        all.extend([("PROVENEAR_DATA", text(self.path("data"))), ("PROVENEAR_CACHE", text(self.path("cache")))]);
        all.extend(std::env::var("DOCKER_HOST").ok().map(|host| ("DOCKER_HOST", host)));
        all
    }
}

fn run(command: &mut Command) {
    let output = command.output().unwrap();
    assert!(output.status.success(), "{command:?}: {output:?}");
}

fn exits(steps: &[Step]) -> Vec<Option<i32>> {
    steps.iter().map(|step| step.exit).collect()
}

fn key(place: &Place) -> String {
    let file = place.path("author.pem");
    run(place.ground.provenear().unwrap().arg("keygen").arg("--out").arg(&file));
    std::fs::read_to_string(file).unwrap()
}

#[test]
fn a_release_is_built_signed_and_compared_by_the_steps_of_the_action() {
    let place = Place::new();
    let key = key(&place);
    let mut runner = place.runner("first", &[("key", &key)]);
    let steps = runner.run(&place.variables());
    // What is deployed is another contract, which is shown and stops nothing. The last step keeps the files.
    assert!(exits(&steps).iter().flatten().all(|exit| *exit == 0), "{steps:#?}");
    assert_eq!(runner.output("rebuild", "verdict"), "reproduced", "{steps:#?}");
    let summary = runner.summary();
    for part in ["| reproduced | `", "| `app.devnet` | devnet-test | differs | it is not the file that was given"] {
        assert!(summary.contains(part), "{part}: {summary}");
    }
    let files = PathBuf::from(runner.output("install", "files"));
    let badge: Value = serde_json::from_slice(&std::fs::read(files.join("badge.json")).unwrap()).unwrap();
    assert_eq!(
        (&badge["schemaVersion"], &badge["message"], &badge["color"]),
        (&1.into(), &"reproduced".into(), &"brightgreen".into())
    );
    let kept = steps.last().unwrap();
    assert_eq!((kept.exit, kept.with["path"].as_str()), (None, files.to_str().unwrap()), "{kept:?}");
    let hash = runner.output("rebuild", "code-hash").to_owned();
    for end in ["intoto.jsonl", "wasm"] {
        assert!(
            files.join(format!("{hash}.{end}")).is_file(),
            "{end}: {:?}",
            std::fs::read_dir(&files).unwrap().collect::<Vec<_>>()
        );
    }
    let report = documents::read(&std::fs::read(files.join("rebuild.json")).unwrap()).unwrap();
    assert_eq!(report["code"]["code_hash"], hash.as_str());
    // It is nowhere but in the signature.
    let secret = key.lines().nth(1).unwrap();
    assert!(!steps.iter().any(|step| step.said.contains(secret)) && !summary.contains(secret));

    // Now it is deployed: with the manifest of the first run and the author's key, nothing has to be built.
    let wasm = std::fs::read(files.join(format!("{hash}.wasm"))).unwrap();
    place.devnet.deploy("app.devnet", wasm);
    let required = [("deployed", "require"), ("rebuild", "false")];
    let alone = place.runner("second", &required).run(&place.variables());
    assert_eq!(exits(&alone).last(), Some(&Some(3)), "nobody is trusted: {alone:#?}");
    let public = report["verdict"]["keys"][0]["key"].as_str().unwrap().to_owned();
    let manifest = files.join(format!("{hash}.intoto.jsonl"));
    let mut runner = place.runner("third", &required);
    runner.add("arguments", &format!("--trust={public}\n--manifest={}\n", manifest.display()));
    let steps = runner.run(&place.variables());
    assert!(exits(&steps).iter().flatten().all(|exit| *exit == 0), "{steps:#?}");
    assert!(
        runner.summary().contains("| `app.devnet` | devnet-test | same | it was built from this commit |"),
        "{}",
        runner.summary()
    );
    // And then somebody deploys something else.
    place.devnet.deploy("app.devnet", wat::parse_str("(module)").unwrap());
    let steps = place.runner("fourth", &required).run(&place.variables());
    assert_eq!(exits(&steps).last(), Some(&Some(3)), "{steps:#?}");
}

#[test]
fn a_step_that_fails_is_red_and_the_last() {
    let place = Place::new();
    for inputs in [
        &[("program", "")][..],
        &[("program", ""), ("release", "https://releases.example/provenear.tar.gz")],
        &[("program", ""), ("release", "https://releases.example/provenear.tar.gz"), ("sha256", "latest")],
        &[("program", ""), ("release", "http://127.0.0.1:9/a.tar.gz"), ("sha256", &"0".repeat(64))],
    ] {
        let steps = place.runner("install", inputs).run(&place.variables());
        assert!(matches!(exits(&steps)[..], [Some(exit)] if exit != 0), "{inputs:?}: {steps:#?}");
    }
    let manifest = std::fs::read_to_string(place.path("tree/Cargo.toml")).unwrap();
    std::fs::write(place.path("tree/Cargo.toml"), manifest.replace(BUILD, "false")).unwrap();
    place.commit();
    let steps = place.runner("broken", &[]).run(&place.variables());
    let [.., last, kept] = &steps[..] else { panic!("{steps:#?}") };
    assert!(last.exit.is_some_and(|exit| exit != 0) && last.name.contains("Build the commit"), "{steps:#?}");
    // What it said is kept, so that somebody can find out why.
    let files = PathBuf::from(&kept.with["path"]);
    let log = std::fs::read_to_string(files.join("build.log")).unwrap();
    assert!(kept.name.contains("Keep") && log.contains("error:"), "{kept:?}: {log}");
    assert!(documents::read(&std::fs::read(files.join("lint.json")).unwrap()).is_ok());
    // A contract that nobody can rebuild is shown, and red where that was asked for.
    let manifest = std::fs::read_to_string(place.path("tree/Cargo.toml")).unwrap();
    std::fs::write(place.path("tree/Cargo.toml"), manifest.replace("image_digest", "digest")).unwrap();
    place.commit();
    for (lint, last) in [("require", "Look for"), ("report", "Build the commit"), ("skip", "Build the commit")] {
        let steps = place.runner(lint, &[("lint", lint)]).run(&place.variables());
        let ended = steps.iter().rfind(|step| step.exit.is_some()).unwrap();
        assert!(ended.exit.is_some_and(|exit| exit != 0) && ended.name.contains(last), "{lint}: {steps:#?}");
        let is_shown = steps.iter().any(|step| step.said.contains("::error file="));
        assert_eq!(is_shown, lint != "skip", "{steps:#?}");
    }
    // Words of an input are words, whatever they look like.
    let mut runner = place.runner("hostile", &[("deployed", "require"), ("rebuild", "false")]);
    runner.add("arguments", "--trust=$(touch pwned); touch pwned\n");
    let steps = runner.run(&place.variables());
    assert!(exits(&steps).iter().flatten().last().is_some_and(|exit| *exit != 0), "{steps:#?}");
    assert!(!place.path("pwned").exists() && !place.path("tree/pwned").exists());
}
