//! Cargo configuration of a repository that stands behind the customary command, in a real container.

use provenear_tests::registry::Registry;
use serde_json::Value;

use crate::bench::{Bench, Ended, File, Kind};

const CUSTOMARY: [&str; 5] = ["cargo", "near", "build", "non-reproducible-wasm", "--locked"];

/// `cargo near` runs a program of the repository, which hands out a module that was there before.
#[test]
fn an_alias_that_takes_the_place_of_cargo_near_is_told() {
    let bench = Bench::new(Kind::Docker);
    let program =
        "fn main() { std::fs::create_dir_all(\"out\").unwrap(); std::fs::copy(\"pre.bin\", \"out/a.wasm\").unwrap(); }";
    let commit = bench.repository(
        "r",
        &[
            (".cargo/config.toml", File::Text("[alias]\nnear = [\"run\", \"--quiet\", \"--\"]\n[net]\nretry = 3\n")),
            ("Cargo.toml", File::Text("[package]\nname = \"evil\"\nversion = \"1.0.0\"\nedition = \"2021\"\n")),
            ("Cargo.lock", File::Text("version = 3\n\n[[package]]\nname = \"evil\"\nversion = \"1.0.0\"\n")),
            ("src/main.rs", File::Text(program)),
            ("build.rs", File::Text("fn main() {}")),
            ("pre.bin", File::Bytes(b"\0asm\x01\0\0\0")),
        ],
    );
    let ended = bench.rebuild(&bench.claim("r", &commit, &CUSTOMARY), &[]);
    assert_eq!(ended.exit, 0, "{} {}", ended.json["error"], ended.stderr);
    let notices = ended.notices();
    let has = |code: &str| notices.contains(&code.to_owned());
    assert!(has("cargo-alias") && has("local-source") && !has("custom-build-command"), "{notices:?}");
    let statement = ended.statement();
    let tree = &statement["predicate"]["buildDefinition"]["internalParameters"]["tree"];
    let keys: Vec<Value> = vec![".cargo/config.toml: alias.near".into(), ".cargo/config.toml: net.retry".into()];
    assert_eq!((&tree["cargo_config"], &tree["build_scripts"]), (&keys.into(), &vec!["build.rs"].into()));
}

/// The published images name their toolchain in the environment, and so does the one that stands in for them: what a
/// repository names does not count, and nothing is downloaded for it.
#[test]
fn the_toolchain_is_the_images_and_not_the_repositorys() {
    let bench = Bench::new(Kind::Docker);
    let files = [
        ("rust-toolchain.toml", File::Text("[toolchain]\nchannel = \"stable\"\n")),
        ("pre.wasm", File::Bytes(b"\0asm\x01\0\0\0")),
    ];
    let commit = bench.repository("r", &files);
    let pinned = |ended: &Ended| !ended.notices().contains(&"toolchain-not-pinned".to_owned());
    let ended =
        bench.rebuild(&bench.claim("r", &commit, &["sh", "-c", "rustc -V; mkdir out; cp pre.wasm out/a.wasm"]), &[]);
    assert_eq!(ended.exit, 0, "{} {}", ended.json["error"], ended.stderr);
    assert!(ended.log().contains("rustc 1.85.0 ") && pinned(&ended), "{}", ended.log());
    // In an image that names none the file counts, and is not exact.
    let names_none = |config: &mut Value| {
        let variables = config.pointer_mut("/config/Env").and_then(Value::as_array_mut).unwrap();
        variables.retain(|it| !it.as_str().unwrap().starts_with("RUSTUP_TOOLCHAIN="));
    };
    let image = Registry::open(&bench.ground).unwrap().variant(names_none, &[]).unwrap().reference;
    let command = ["sh", "-c", "mkdir out; cp pre.wasm out/a.wasm"];
    let ended = bench.rebuild(&bench.claim("r", &commit, &command), &["--image", &image]);
    assert_eq!(ended.exit, 0, "{} {}", ended.json["error"], ended.stderr);
    assert!(!pinned(&ended));
}

#[test]
fn a_repository_on_this_machine_is_not_asked_unless_its_user_says_so() {
    let bench = Bench::new(Kind::Docker);
    let commit = bench.repository("r", &[("pre.wasm", File::Bytes(b"\0asm\x01\0\0\0"))]);
    let claim = bench.claim("r", &commit, &["sh", "-c", "mkdir out; cp pre.wasm out/a.wasm"]);
    let ended = unallowed(&bench, &claim, &[]);
    assert_eq!((ended.exit, ended.code()), (4, "source-refused"), "{}", ended.json);
    assert!(said(&ended).contains("127.0.0.1") && said(&ended).contains("--allow-local-source"), "{}", ended.json);
}

/// cargo would ask for it from within the fetch's container, which can reach this machine.
#[test]
fn a_dependency_on_this_machine_is_not_asked_for_unless_its_user_says_so() {
    let bench = Bench::new(Kind::Docker);
    let dependency = "git+http://172.17.0.1:1/dep.git?rev=0000000000000000000000000000000000000000";
    let lock = format!(
        "version = 3\n\n[[package]]\nname = \"dep\"\nversion = \"1.0.0\"\nsource = \"{dependency}#0000000000000000000000000000000000000000\"\n"
    );
    let commit =
        bench.repository("d", &[("Cargo.lock", File::Text(&lock)), ("pre.wasm", File::Bytes(b"\0asm\x01\0\0\0"))]);
    let mut claim = bench.claim("d", &commit, &["sh", "-c", "mkdir out; cp pre.wasm out/a.wasm"]);
    claim["build_info"]["source_code_snapshot"] = format!("git+https://source.invalid/d?rev={commit}").into();
    let source = bench.bare("d");
    let ended = unallowed(&bench, &claim, &["--source", source.to_str().unwrap()]);
    assert_eq!((ended.exit, ended.code()), (4, "source-refused"), "{}", ended.json);
    assert!(said(&ended).contains("172.17.0.1") && said(&ended).contains("--allow-local-source"), "{}", ended.json);
}

/// A rebuild by somebody who has not allowed local sources, as the other tests have.
fn unallowed(bench: &Bench, claim: &Value, more: &[&str]) -> Ended {
    let recipe = bench.path("local.json");
    std::fs::write(&recipe, claim.to_string()).unwrap();
    let mut command = bench.ground.provenear().unwrap();
    command.env("PROVENEAR_CACHE", bench.path("cache")).env("PROVENEAR_DATA", bench.path("data"));
    command.envs(&bench.engine().env).args(["rebuild", "--json", "--recipe"]).arg(&recipe);
    command.arg("--engine").arg(&bench.engine().command).arg("--out").arg(bench.path("out")).args(more);
    Ended::by(command)
}

fn said(ended: &Ended) -> &str {
    ended.json.pointer("/error/message").and_then(Value::as_str).unwrap_or_default()
}
