//! From a claim to a verdict by a real container build of the tiny contract: alone, published, in a batch, by hand.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use provenear_shared::digest::Sha256Digest;
use provenear_tests::devnet::Devnet;
use provenear_tests::documents;
use provenear_tests::fixtures;
use serde_json::Value;

use crate::bench::{Bench, Ended, File, Kind};

const BUILD: [&str; 6] = ["cargo", "build", "--release", "--locked", "--target", "wasm32-unknown-unknown"];
const OUTPUT: &str = "/home/near/code/target/wasm32-unknown-unknown/release/tiny.wasm";

/// The claim of the tiny contract in a bench's own repository.
fn claim(bench: &Bench) -> Value {
    let commit = fixtures::repository("tiny", &bench.path("git")).unwrap().commit;
    let mut claim = bench.claim("tiny", &commit, &BUILD);
    claim["build_info"]["output_wasm_path"] = OUTPUT.into();
    claim
}

struct Town {
    bench: Bench,
    devnet: Devnet,
    wasm: Vec<u8>,
    claim: Value,
}

impl Town {
    /// The tiny contract at `tiny.devnet`, as its author built it.
    fn new() -> Town {
        let bench = Bench::new(Kind::Docker);
        let devnet = Devnet::start().unwrap();
        let claim = claim(&bench);
        let built = bench.rebuild(&claim, &[]);
        assert_eq!(built.exit, 0, "{} {}", built.json["error"], built.stderr);
        let wasm = std::fs::read(built.json.pointer("/rebuild/artifact/path").unwrap().as_str().unwrap()).unwrap();
        devnet.deploy("tiny.devnet", wasm.clone());
        Town { bench, devnet, wasm, claim }
    }

    fn command(&self, words: &[&str]) -> Command {
        let mut command = self.bench.ground.provenear().unwrap();
        command.env("PROVENEAR_CACHE", self.bench.path("cache")).env("PROVENEAR_DATA", self.bench.path("data"));
        // What these claims run is cargo itself, and their repository is on this machine.
        command.args(words).args(["--json", "--accept-custom-build", "--allow-local-source"]);
        command.args(["--network", "devnet-test", "--rpc", &self.devnet.url()]);
        command.current_dir(self.bench.folder.path());
        command
    }

    fn run(&self, words: &[&str]) -> Ended {
        let out = self.command(words).output().unwrap();
        let stderr = String::from_utf8_lossy(&out.stderr).into_owned();
        let json = match out.stdout.as_slice() {
            // An option that the command does not have is refused before there is anything to print.
            [] => Value::Null,
            text => documents::read(text).unwrap_or_else(|error| panic!("{error:#}\n{stderr}")),
        };
        Ended { exit: out.status.code().unwrap_or(-1), json, stderr, pid: 0 }
    }

    fn rebuild(&self, subject: &str, more: &[&str]) -> Ended {
        let out = self.bench.path("answers");
        self.run(&[&["rebuild", subject, "--out", out.to_str().unwrap()], more].concat())
    }

    fn image(&self) -> &str {
        &self.bench.ground.image.digest
    }
}

fn verdict(ended: &Ended) -> &str {
    let code = ended.json.pointer("/verdict/code").and_then(Value::as_str);
    code.unwrap_or_else(|| panic!("{} {}", ended.json, ended.stderr))
}

#[test]
fn honest_code_is_reproduced_and_tampered_code_differs() {
    let town = Town::new();
    let published = town.bench.ground.image.published;
    let unvetted = town.rebuild("tiny.devnet", &[]);
    let expected = if published { ("reproduced", 0) } else { ("reproduced-unvetted", 3) };
    assert_eq!((verdict(&unvetted), unvetted.exit), expected);
    let honest = town.rebuild("tiny.devnet", &["--accept-image", town.image()]);
    assert_eq!((verdict(&honest), honest.exit), ("reproduced", 0), "{}", honest.json);
    assert_eq!(honest.json.pointer("/metadata/from").unwrap(), "code");
    assert_eq!(honest.notices(), ["custom-build-command", "local-source"]);

    let mut tampered = town.wasm.clone();
    let at = tampered.windows(5).position(|w| w == b"STATE").unwrap();
    tampered[at] = b'X';
    town.devnet.deploy("tampered.devnet", tampered);
    let differs = town.rebuild("tampered.devnet", &["--accept-image", town.image()]);
    assert_eq!((verdict(&differs), differs.exit), ("differs", 1));
    let why = PathBuf::from(differs.json.pointer("/rebuild/diff").unwrap().as_str().unwrap());
    let manifest = PathBuf::from(differs.json.pointer("/rebuild/manifest").unwrap().as_str().unwrap());
    assert_eq!(why.parent(), manifest.parent());
    let why = documents::read(&std::fs::read(why).unwrap()).unwrap();
    assert_eq!(why["class"], "data");
}

#[test]
fn what_is_published_convinces_those_who_trust_the_key() {
    let town = Town::new();
    let rebuilt = town.rebuild("tiny.devnet", &["--accept-image", town.image()]);
    let manifest = rebuilt.json.pointer("/rebuild/manifest").unwrap().as_str().unwrap().to_owned();
    let mut publish = town.bench.ground.provenear().unwrap();
    publish.current_dir(town.bench.folder.path()).args(["publish", "--json", "--to", "site", &manifest]);
    let published = documents::read(&publish.output().unwrap().stdout).unwrap();
    let files: Vec<&str> = published["files"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
    for (folder, end) in [
        ("manifests", ".intoto.jsonl"),
        ("manifests", ".sigstore.json"),
        ("code", ".wasm"),
        ("code", ".metadata.json"),
        ("sources", ".tar"),
    ] {
        let is_filed = |file: &&str| file.starts_with(&format!("site/{folder}/")) && file.ends_with(end);
        assert!(files.iter().any(is_filed), "{end}: {files:?}");
    }
    let filed = town.bench.path("site/manifests").join(Path::new(&manifest).file_name().unwrap());
    let before = std::fs::read(&filed).unwrap();
    assert!(publish.output().unwrap().status.success());
    assert_eq!(before, std::fs::read(&filed).unwrap(), "a line was filed twice");

    let stranger = town.run(&["inspect", "tiny.devnet", "--store", "site"]);
    assert_eq!((verdict(&stranger), stranger.exit), ("not-rebuilt", 3));
    let key = rebuilt.json.pointer("/verdict/keys/0/key").unwrap().as_str().unwrap();
    let trust = ["--trust", key, "--accept-image", town.image()];
    let trusting = |words: &[&str]| town.run(&[words, &trust[..]].concat());
    for words in [
        &["inspect", "tiny.devnet", "--store", "site"][..],
        &["inspect", "tiny.devnet", "--manifest", &manifest],
        &["verify", &manifest, "tiny.devnet"],
        &["verify", &manifest],
    ] {
        let ended = trusting(words);
        assert_eq!((verdict(&ended), ended.exit), ("reproduced", 0), "{words:?}");
    }
    let text = std::fs::read_to_string(&manifest).unwrap();
    let flipped = text.replacen("\"payload\":\"eyJ", "\"payload\":\"eyK", 1);
    assert_ne!(flipped, text);
    std::fs::write(town.bench.path("flipped.json"), flipped).unwrap();
    let flipped = trusting(&["verify", "flipped.json", "tiny.devnet"]);
    assert_eq!(verdict(&flipped), "not-rebuilt");
    assert_eq!(flipped.json.pointer("/manifests/0/rejection/code").unwrap(), "signature-invalid");
}

#[test]
fn a_batch_builds_each_recipe_once_and_goes_on_after_a_kill() {
    let town = Town::new();
    let mut list = String::from("# subjects\nnobody.devnet\nNOT AN ACCOUNT\n");
    for n in 0..6 {
        town.devnet.deploy(&format!("copy{n}.devnet"), town.wasm.clone());
        list.push_str(&format!("copy{n}.devnet\n"));
    }
    std::fs::write(town.bench.path("list"), list).unwrap();
    let batch = || {
        let mut command =
            town.command(&["batch", "list", "--out", "batch-out", "--jobs", "2", "--accept-image", town.image()]);
        command.stdout(Stdio::piped()).stderr(Stdio::null());
        command
    };
    let mut killed = batch().spawn().unwrap();
    let until = std::time::Instant::now() + std::time::Duration::from_secs(60);
    while town.bench.containers(killed.id()).is_empty() {
        assert!(std::time::Instant::now() < until, "the container never came up");
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    killed.kill().unwrap();
    killed.wait().unwrap();
    let again = |builds: u64| {
        let out = batch().output().unwrap();
        let lines = documents::read_lines(&out.stdout).unwrap();
        let (last, answers) = lines.split_last().unwrap();
        assert_eq!(answers.len(), 8, "{lines:?}");
        assert_eq!(last["rebuilds"], builds);
        assert_eq!(last["counts"], serde_json::json!({"reproduced": 6, "unknown-account": 1, "usage": 1}));
        assert_eq!(out.status.code(), Some(4));
    };
    again(1);
    assert_eq!((town.bench.containers(killed.id()), town.bench.work()), (vec![], vec![]));
    again(0);
}

#[test]
fn the_printed_commands_build_the_same_without_us() {
    let town = Town::new();
    let recipe = town.bench.path("by-hand.json");
    std::fs::write(&recipe, town.claim.to_string()).unwrap();
    let mut print = town.bench.ground.provenear().unwrap();
    print.args(["rebuild", "--print-commands", "--engine"]).arg(&town.bench.engine().command);
    let script = print.arg("--recipe").arg(&recipe).output().unwrap();
    let script = String::from_utf8(script.stdout).unwrap();
    assert!(run_script(&town.bench, "sh", &script) == town.wasm);
}

/// Pastes a printed script into a fresh shell, in an empty folder, and gives what came out.
fn run_script(bench: &Bench, shell: &str, script: &str) -> Vec<u8> {
    // Another run of this suite may run its own at the same time.
    let script = script.replace("provenear-by-hand", &format!("by-hand-{}-{shell}", std::process::id()));
    let folder = bench.path("hand");
    std::fs::create_dir(&folder).unwrap();
    let mut fresh = Command::new(shell);
    fresh.env_clear().env("PATH", std::env::var_os("PATH").unwrap()).env("HOME", &folder).envs(&bench.engine().env);
    let fresh = fresh.current_dir(&folder).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut fresh = fresh.spawn().unwrap();
    // The shell lives on after what was pasted.
    let pasted = format!("{script}\necho \"then $?\"\n");
    fresh.stdin.take().unwrap().write_all(pasted.as_bytes()).unwrap();
    let out = fresh.wait_with_output().unwrap();
    let (said, complaints) = (String::from_utf8_lossy(&out.stdout), String::from_utf8_lossy(&out.stderr));
    assert!(said.ends_with("then 0\n"), "{script}\n{said}\n{complaints}");
    std::fs::read(folder.join("rebuilt.wasm")).unwrap()
}

#[test]
fn the_printed_commands_work_with_podman_and_carry_what_is_claimed_unharmed() {
    let bench = Bench::new(Kind::Podman);
    let build = "mkdir out; printf '%s' \"$NEP330_LINK\" | cat pre.wasm - > out/a.wasm";
    let commit = bench.repository("odd", &[("pre.wasm", File::Bytes(b"\0asm\x01\0\0\0"))]);
    let mut claim = bench.claim("odd", &commit, &["sh", "-c", build]);
    // The end of a paste, and a command after it: a terminal would run it.
    let link = "it's\u{1b}[201~\ntouch owned\n\u{202e}\\ $(touch owned)";
    claim["link"] = link.into();
    let rebuilt = bench.rebuild(&claim, &[]);
    assert_eq!(rebuilt.exit, 0, "{} {}", rebuilt.json["error"], rebuilt.stderr);
    let artifact = rebuilt.json.pointer("/rebuild/artifact/path").and_then(Value::as_str).unwrap();
    let mut print = bench.ground.provenear().unwrap();
    print.args(["rebuild", "--print-commands", "--engine"]).arg(&bench.engine().command);
    print.arg("--recipe").arg(bench.path("recipe.json"));
    let script = String::from_utf8(print.output().unwrap().stdout).unwrap();
    assert!(!script.contains(['\u{1b}', '\u{202e}']), "{script:?}");
    let built = run_script(&bench, "bash", &script);
    assert_eq!(built, std::fs::read(artifact).unwrap());
    assert!(built.ends_with(link.as_bytes()));
    assert!(!bench.path("hand/owned").exists());
}

/// Two commits that give the same wasm: whoever publishes both publishes the source of both.
#[test]
fn the_source_of_every_manifest_is_kept_and_published() {
    let bench = Bench::new(Kind::Docker);
    let build = ["sh", "-c", "mkdir out; cp pre.wasm out/a.wasm"];
    let mut digests = Vec::new();
    for name in ["one", "two"] {
        let wasm = ("pre.wasm", File::Bytes(b"\0asm\x01\0\0\0"));
        let commit = bench.repository(name, &[wasm, ("README", File::Text(name))]);
        let rebuilt = bench.rebuild(&bench.claim(name, &commit, &build), &[]);
        assert_eq!(rebuilt.exit, 0, "{} {}", rebuilt.json["error"], rebuilt.stderr);
        let archive = rebuilt.json.pointer("/rebuild/source_archive").and_then(Value::as_str).unwrap();
        let archive = Sha256Digest::of(&std::fs::read(archive).unwrap()).to_hex();
        let statement = rebuilt.statement();
        let named = statement["predicate"]["buildDefinition"]["resolvedDependencies"].as_array().unwrap();
        let named = named.iter().find(|it| it["name"] == "source-archive").unwrap();
        assert_eq!(named["digest"]["sha256"], archive.as_str());
        digests.push(archive);
    }
    assert_ne!(digests[0], digests[1]);
    let mut publish = bench.ground.provenear().unwrap();
    let manifests = std::fs::read_dir(bench.path("out")).unwrap().map(|entry| entry.unwrap().path());
    let manifests = manifests.filter(|path| path.to_string_lossy().ends_with(".intoto.jsonl"));
    publish.arg("publish").args(manifests).arg("--to").arg(bench.path("site"));
    assert!(publish.output().unwrap().status.success());
    for digest in digests {
        let filed = std::fs::read(bench.path("site/sources").join(format!("{digest}.tar"))).unwrap();
        assert_eq!(Sha256Digest::of(&filed).to_hex(), digest);
    }
}

#[test]
fn docker_and_podman_build_the_same() {
    let (docker, podman) = (Bench::new(Kind::Docker), Bench::new(Kind::Podman));
    let claim = claim(&docker);
    let by_docker = docker.rebuild(&claim, &[]);
    let by_podman = podman.rebuild(&claim, &[]);
    assert_eq!(by_podman.exit, 0, "{} {}", by_podman.json["error"], by_podman.stderr);
    let hash = |ended: &Ended| ended.json.pointer("/rebuild/artifact/sha256").cloned();
    assert_eq!(hash(&by_docker), hash(&by_podman));
    let archive = |ended: &Ended| {
        let path = ended.json.pointer("/rebuild/source_archive").and_then(Value::as_str).unwrap();
        std::fs::read(path).unwrap()
    };
    assert!(archive(&by_docker) == archive(&by_podman), "the source archives differ");
    // Nor does the network make a difference to what comes out, only to who answers for it.
    let full = docker.rebuild(&claim, &["--network-access", "full"]);
    assert_eq!(hash(&by_docker), hash(&full));
    assert_eq!(full.notices(), ["custom-build-command", "network-full", "local-source"]);
}

/// k of n: two keys with names, one of them handed in on standard input as a NEAR credentials file.
#[test]
fn as_many_keys_must_agree_as_the_reader_asks_for() {
    let town = Town::new();
    let first = town.run(&["keygen", "--out", "first.pem"]);
    assert_eq!(first.exit, 2, "`keygen` looks nothing up, so it takes no `--network`");
    let made = town
        .bench
        .ground
        .provenear()
        .unwrap()
        .args(["keygen", "--json", "--out"])
        .arg(town.bench.path("first.pem"))
        .output();
    let made = documents::read(&made.unwrap().stdout).unwrap();
    let out = town.bench.path("two");
    let words = ["rebuild", "tiny.devnet", "--out", out.to_str().unwrap(), "--accept-image", town.image(), "--key"];
    let one = town.run(&[&words[..], &["first.pem"]].concat());
    assert_eq!(one.exit, 0, "{}", one.stderr);

    let pair = ed25519_dalek::SigningKey::from_bytes(&[7; 32]).to_keypair_bytes();
    let pair = format!("ed25519:{}", bs58::encode(pair).into_string());
    let credentials = serde_json::json!({"account_id": "signer.devnet", "private_key": pair}).to_string();
    let mut second = town.command(&[&words[..], &["-"]].concat());
    second.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut second = second.spawn().unwrap();
    second.stdin.take().unwrap().write_all(credentials.as_bytes()).unwrap();
    let second = second.wait_with_output().unwrap();
    let two = Ended {
        exit: second.status.code().unwrap(),
        json: documents::read(&second.stdout).unwrap(),
        stderr: String::new(),
        pid: 0,
    };
    assert_eq!(two.exit, 0, "{}", two.json);
    let signer = &two.statement()["predicate"]["buildDefinition"]["internalParameters"]["signer"];
    let key = two.json.pointer("/verdict/keys/0/key").unwrap();
    assert_eq!(signer, &serde_json::json!({"account_id": "signer.devnet", "public_key": key}));
    assert!(!two.statement().to_string().contains(&pair));

    let key = two.json.pointer("/verdict/keys/0/key").unwrap().as_str().unwrap();
    let trusted = format!("# mine\n{} first\n{key} second of two\n", made["public_key"].as_str().unwrap());
    std::fs::write(town.bench.path("trusted"), trusted).unwrap();
    let manifest = two.json.pointer("/rebuild/manifest").unwrap().as_str().unwrap();
    for (threshold, expected) in [("1", "reproduced"), ("2", "reproduced"), ("3", "not-rebuilt")] {
        let words = ["verify", manifest, "tiny.devnet", "--trust", "trusted", "--threshold", threshold];
        let ended = town.run(&[&words[..], &["--accept-image", town.image()]].concat());
        assert_eq!(verdict(&ended), expected, "{threshold}");
        let names: Vec<&str> =
            ended.json["verdict"]["keys"].as_array().unwrap().iter().filter_map(|k| k["name"].as_str()).collect();
        assert_eq!(names, ["first", "second of two"], "{threshold}");
    }
}
