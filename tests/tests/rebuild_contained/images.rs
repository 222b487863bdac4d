//! Images: by index and platform, on a machine of another kind, and with a volume.

use std::os::unix::fs::PermissionsExt;
use std::process::{Command, Stdio};

use provenear_tests::registry::{Registry, Stored};
use serde_json::{Value, json};

use crate::bench::{Bench, Ended, File, Kind};

const COPY: [&str; 3] = ["sh", "-c", "mkdir out; cp pre.wasm out/a.wasm"];

fn commit(bench: &Bench) -> String {
    bench.repository("r", &[("pre.wasm", File::Bytes(b"\0asm\x01\0\0\0"))])
}

fn claim(bench: &Bench, commit: &str, image: &Stored, command: &[&str]) -> Value {
    let mut claim = bench.claim("r", commit, command);
    claim["build_info"]["build_environment"] = image.reference.clone().into();
    claim
}

fn an_index_is_resolved_to_our_platform(kind: Kind) {
    let bench = Bench::new(kind);
    let registry = Registry::open(&bench.ground).unwrap();
    let ours = registry.itself().unwrap();
    let theirs = registry.variant(|config| config["architecture"] = "arm64".into(), &[]).unwrap();
    let index = registry.index(&[("arm64", &theirs), ("amd64", &ours)]).unwrap();
    let commit = commit(&bench);
    let built = bench.rebuild(&claim(&bench, &commit, &index, &COPY), &[]);
    assert_eq!(built.exit, 0, "{} {}", built.json["error"], built.stderr);
    let statement = built.statement();
    let digest = |name: &str| -> String {
        let all = statement["predicate"]["buildDefinition"]["resolvedDependencies"].as_array().unwrap();
        let found = all.iter().find(|dependency| dependency["name"] == name).unwrap();
        format!("sha256:{}", found["digest"]["sha256"].as_str().unwrap())
    };
    assert_eq!(digest("image"), index.digest);
    assert!(!built.notices().contains(&"image-substituted".to_owned()));
    // One that is for another machine alone is not emulated behind the reader's back.
    let foreign = bench.rebuild(&claim(&bench, &commit, &theirs, &COPY), &[]);
    assert_eq!((foreign.code(), foreign.exit), ("image-unavailable", 4), "{}", foreign.json["error"]);
    // Nor is one by a digest that the registry does not have.
    let mut nowhere = index.clone();
    nowhere.reference.replace_range(nowhere.reference.len() - 8.., "00000000");
    assert_eq!(bench.rebuild(&claim(&bench, &commit, &nowhere, &COPY), &[]).code(), "image-unavailable");
    bench.nothing_left(&foreign, "foreign");
}

/// A volume that the image asks for goes with the container: also when the helper was killed.
fn volumes_go_with_their_container(kind: Kind) {
    let bench = Bench::new(kind);
    let registry = Registry::open(&bench.ground).unwrap();
    let image = registry.variant(|config| config["config"]["Volumes"] = json!({"/data": {}}), &[]).unwrap();
    let commit = commit(&bench);
    let lax = ["--allow-unlimited"];
    let mut child = bench.start(&claim(&bench, &commit, &image, &["sleep", "600"]), &lax);
    let name = bench.containers(child.id()).first().unwrap().split(' ').next().unwrap().to_owned();
    let volumes = || {
        let words = ["container", "inspect", "--format", "{{range .Mounts}}{{.Name}} {{end}}", &name];
        let out = bench.engine().command().args(words).output().unwrap();
        String::from_utf8(out.stdout).unwrap().split_whitespace().map(ToOwned::to_owned).collect::<Vec<_>>()
    };
    // An engine lists a container before it has made its volumes.
    let until = std::time::Instant::now() + std::time::Duration::from_secs(30);
    while volumes().is_empty() && std::time::Instant::now() < until {
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    let made = volumes();
    assert_eq!(made.len(), 1, "the image was to have a volume");
    child.kill().unwrap();
    child.wait().unwrap();
    let next = bench.rebuild(&claim(&bench, &commit, &image, &COPY), &lax);
    assert_eq!(next.exit, 0, "{} {}", next.json["error"], next.stderr);
    let there = |volume: &String| {
        let mut command = bench.engine().command();
        command.args(["volume", "inspect", volume]).stdout(Stdio::null()).stderr(Stdio::null());
        command.status().unwrap().success()
    };
    assert!(!made.iter().any(there), "{made:?} was left behind");
    assert_eq!(bench.containers(child.id()), Vec::<String>::new());
    bench.nothing_left(&next, "next");
}

/// What is written into a volume is counted by no engine: such an image is refused before a container is made of it, and
/// with leave the manifest says that the disk has no limit. Whatever is written elsewhere is still counted.
fn a_volume_of_the_image_does_not_escape_the_limit_of_disk(kind: Kind) {
    let bench = Bench::new(kind);
    let registry = Registry::open(&bench.ground).unwrap();
    let image = registry.variant(|config| config["config"]["Volumes"] = json!({"/tmp": {}}), &[]).unwrap();
    let commit = commit(&bench);
    let fill = |folder: &str| {
        // No file is larger than the limit, which the kernel would see.
        let script = format!(
            "for n in 1 2 3 4; do head -c 50M /dev/zero > {folder}/$n; done; mkdir out; cp pre.wasm out/a.wasm"
        );
        claim(&bench, &commit, &image, &["sh", "-c", &script])
    };
    let limit = ["--disk", "60m"];
    let made = bench.path("made");
    let log = format!("echo \"$*\" >> {}; exec REAL \"$@\"", made.display());
    let refused = rebuild_by(&bench, &between(&bench, &log), &fill("/tmp"), &limit);
    assert_eq!((refused.code(), refused.exit), ("limit-exceeded", 5), "{}", refused.json["error"]);
    let message = refused.json["error"]["message"].as_str().unwrap();
    assert!(message.contains("`/tmp`") && message.contains("--allow-unlimited"), "{message}");
    let asked = std::fs::read_to_string(made).unwrap();
    assert!(!asked.contains("container create"), "{asked}");
    let leave = [&limit[..], &["--allow-unlimited"]].concat();
    let allowed = bench.rebuild(&fill("/tmp"), &leave);
    assert_eq!(allowed.exit, 0, "{} {}", allowed.json["error"], allowed.stderr);
    assert_eq!(allowed.limits()["disk"], "not enforced");
    let elsewhere = bench.rebuild(&fill("."), &leave);
    assert_eq!(elsewhere.code(), "limit-exceeded", "{}", elsewhere.json["error"]);
    bench.nothing_left(&elsewhere, "elsewhere");
}

/// An engine whose program stands between us and the real one.
pub(crate) fn between(bench: &Bench, script: &str) -> String {
    let name = if bench.kind == Kind::Docker { "docker" } else { "podman" };
    let path = bench.path(&format!("between/{name}"));
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    let real = bench.engine().command.display().to_string();
    std::fs::write(&path, format!("#!/bin/bash\n{}\n", script.replace("REAL", &real))).unwrap();
    std::fs::set_permissions(&path, PermissionsExt::from_mode(0o755)).unwrap();
    path.display().to_string()
}

/// The same command with another engine.
pub(crate) fn by(engine: &str, command: &Command) -> Command {
    let mut words: Vec<_> = command.get_args().map(ToOwned::to_owned).collect();
    let at = words.iter().position(|word| word == "--engine").unwrap();
    words[at + 1] = engine.into();
    let mut changed = Command::new(command.get_program());
    changed.args(words).stdin(Stdio::null());
    changed.envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))));
    changed
}

pub(crate) fn rebuild_by(bench: &Bench, engine: &str, claim: &Value, more: &[&str]) -> Ended {
    Ended::by(by(engine, &bench.command(claim, more)))
}

fn a_machine_of_another_kind_is_said_to_emulate(kind: Kind) {
    let bench = Bench::new(kind);
    let claim = bench.claim("r", &commit(&bench), &COPY);
    let engine = between(&bench, "case $1 in version|info) echo 9.9.9 arm64;; *) exec REAL \"$@\";; esac");
    let ended = rebuild_by(&bench, &engine, &claim, &[]);
    assert_eq!(ended.exit, 0, "{} {}", ended.json["error"], ended.stderr);
    assert!(ended.stderr.contains("runs on arm64: the build is emulated"), "{}", ended.stderr);
}

docker_and_podman!(
    an_index_is_resolved_to_our_platform,
    volumes_go_with_their_container,
    a_volume_of_the_image_does_not_escape_the_limit_of_disk
);

#[test]
fn emulation_is_said() {
    a_machine_of_another_kind_is_said_to_emulate(Kind::Docker);
}
