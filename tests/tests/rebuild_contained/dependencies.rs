//! Two phases: dependencies with network, the claimed command without; and a cache that no build can alter.

use provenear_shared::provenance::BUILDER_HERMETIC;

use crate::bench::{Bench, Ended, File, Kind};

pub(crate) const MANIFEST: &str = "[package]\nname = \"a\"\nversion = \"1.0.0\"\nedition = \"2021\"\n\
    [lib]\ncrate-type = [\"cdylib\"]\n[dependencies]\ncfg-if = \"=1.0.0\"\n[profile.release]\npanic = \"abort\"\n";
pub(crate) const LOCK: &str = "version = 3\n\n[[package]]\nname = \"a\"\nversion = \"1.0.0\"\ndependencies = [\n \"cfg-if\",\n]\n\n\
    [[package]]\nname = \"cfg-if\"\nversion = \"1.0.0\"\nsource = \"registry+https://github.com/rust-lang/crates.io-index\"\n\
    checksum = \"baf1de4339761588bc0619e3cbc0120ee582ebb74b53b4efbf79117bd2da40fd\"\n";
pub(crate) const SOURCE: &str = "#![no_std]\n#[panic_handler]\nfn panic(_: &core::panic::PanicInfo) -> ! {\n    loop {}\n}\n\
    cfg_if::cfg_if! {\n    if #[cfg(all())] {\n        #[no_mangle]\n        pub extern \"C\" fn get() {}\n    }\n}\n";
const BUILD: &str = "set -e; cargo build --release --locked --target wasm32-unknown-unknown; mkdir out; \
    cp target/wasm32-unknown-unknown/release/a.wasm out/a.wasm\n";
/// Puts something else in the place of every crate that it can reach, after building.
const TAMPER: &str = "find $CARGO_HOME/registry -name '*.crate' -exec sh -c 'echo evil > {}' \\;\n\
    find $CARGO_HOME/registry -name 'lib.rs' -exec sh -c 'echo evil > {}' \\;\n";

/// A claim on a repository with one dependency, built by a script.
fn claim(bench: &Bench, name: &str, script: &str) -> serde_json::Value {
    let files = [
        ("Cargo.toml", File::Text(MANIFEST)),
        ("Cargo.lock", File::Text(LOCK)),
        ("src/lib.rs", File::Text(SOURCE)),
        ("build.sh", File::Text(script)),
    ];
    bench.claim(name, &bench.repository(name, &files), &["bash", "build.sh"])
}

/// The same without tricks.
pub(crate) fn honest(bench: &Bench) -> serde_json::Value {
    claim(bench, "honest", BUILD)
}

fn dependencies_are_fetched_once_and_never_altered(kind: Kind) {
    let bench = Bench::new(kind);
    let (honest, evil) = (honest(&bench), claim(&bench, "evil", &format!("{BUILD}{TAMPER}")));
    // Nothing is cached yet.
    assert_eq!(bench.rebuild(&honest, &["--network-access", "none"]).code(), "network-needed");
    let first = bench.rebuild(&evil, &[]);
    assert_eq!(first.exit, 0, "{}", first.stderr);
    // Everything is cached, and what the hostile build did to its copies has changed nothing.
    let second = bench.rebuild(&honest, &["--network-access", "none"]);
    assert_eq!(second.exit, 0, "{}", second.stderr);
    let artifact = |ended: &crate::bench::Ended| ended.json.pointer("/rebuild/artifact/sha256").cloned();
    assert_eq!(artifact(&second), artifact(&first));
    let fetched = |ended: &crate::bench::Ended| ended.stderr.contains("Download");
    assert!(fetched(&first) && !fetched(&second));
    // An archive that was altered on disk is fetched again, not used.
    for entry in walk(&bench.path("cache/crates/blobs")) {
        std::fs::write(entry, "evil").unwrap();
    }
    let third = bench.rebuild(&honest, &[]);
    assert_eq!(artifact(&third), artifact(&first), "{}", third.stderr);
    assert_eq!(third.statement()["predicate"]["runDetails"]["builder"]["id"], BUILDER_HERMETIC);
}

/// By a proxy where nothing listens. No program of the image is asked to try.
fn what_the_helper_cannot_get_is_named(kind: Kind) {
    let bench = Bench::new(kind);
    let mut command = bench.command(&honest(&bench), &[]);
    command.env("no_proxy", "canary.example").env("NO_PROXY", "canary.example");
    for name in ["https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"] {
        command.env(name, "http://127.0.0.1:9");
    }
    let ended = Ended::by(command);
    assert_eq!((ended.code(), ended.exit), ("network-needed", 5), "{}", ended.json["error"]);
    let message = ended.json["error"]["message"].as_str().unwrap();
    assert!(message.starts_with("`cfg-if-1.0.0.crate` could not be fetched: "), "{message}");
    bench.nothing_left(&ended, "unreachable");
    // A checksum that is not the crate's is not a matter of the network, and is named all the same.
    let lock = LOCK.replace("baf1de43", "00000000");
    let files =
        [("Cargo.toml", File::Text(MANIFEST)), ("Cargo.lock", File::Text(&lock)), ("src/lib.rs", File::Text(SOURCE))];
    let ended = bench.rebuild(&bench.claim("bent", &bench.repository("bent", &files), &["true"]), &[]);
    assert_eq!(ended.code(), "network-needed", "{}", ended.json["error"]);
    assert!(ended.json["error"]["message"].as_str().unwrap().contains("other bytes"), "{}", ended.json["error"]);
}

fn walk(folder: &std::path::Path) -> Vec<std::path::PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap().map(|e| e.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { walk(&path) } else { vec![path] }).collect()
}

docker_and_podman!(dependencies_are_fetched_once_and_never_altered, what_the_helper_cannot_get_is_named);
