//! Git dependencies and factories: what several lock files name, from registries and repositories, is fetched with network,
//! checked again, and built without.

use std::collections::BTreeSet;

use provenear_tests::git_server::GitServer;
use serde_json::Value;

use crate::bench::{Bench, File, Kind};
use crate::dependencies::{LOCK, MANIFEST, SOURCE};

const FACTORY: &str = "#![no_std]\n#[panic_handler]\nfn panic(_: &core::panic::PanicInfo) -> ! {\n    loop {}\n}\n\
    static PRODUCT: &[u8] = include_bytes!(\"../product/target/wasm32-unknown-unknown/release/a.wasm\");\n\
    #[no_mangle]\npub extern \"C\" fn get() -> usize {\n    dep::seven() + PRODUCT.as_ptr() as usize\n}\n";
/// Product first, then the factory that carries it.
const BUILD: &str = "set -e\n\
    (cd product; cargo build --release --locked --target wasm32-unknown-unknown)\n\
    cargo build --release --locked --target wasm32-unknown-unknown; mkdir out\n\
    cp target/wasm32-unknown-unknown/release/f.wasm out/a.wasm\n";
/// After building: everything of git that can be reached is overwritten.
const TAMPER: &str = "find $CARGO_HOME/git -type f -exec sh -c 'chmod u+w {}; echo evil > {}' \\;\n";

/// A claim on a factory: it depends on the repository at `dependency`, and its product on a crate of the registry.
fn claim(bench: &Bench, name: &str, dependency: &str, commit: &str, script: &str) -> Value {
    let manifest = format!(
        "[package]\nname = \"f\"\nversion = \"1.0.0\"\nedition = \"2021\"\n[lib]\ncrate-type = [\"cdylib\"]\n\
         [dependencies]\ndep = {{ git = \"{dependency}\", rev = \"{commit}\" }}\n[profile.release]\npanic = \"abort\"\n\
         [workspace]\nexclude = [\"product\"]\n"
    );
    let lock = format!(
        "version = 3\n\n[[package]]\nname = \"dep\"\nversion = \"1.0.0\"\n\
         source = \"git+{dependency}?rev={commit}#{commit}\"\n\n\
         [[package]]\nname = \"f\"\nversion = \"1.0.0\"\ndependencies = [\n \"dep\",\n]\n"
    );
    let files = [
        ("Cargo.toml", File::Text(&manifest)),
        ("Cargo.lock", File::Text(&lock)),
        ("src/lib.rs", File::Text(FACTORY)),
        ("product/Cargo.toml", File::Text(MANIFEST)),
        ("product/Cargo.lock", File::Text(LOCK)),
        ("product/src/lib.rs", File::Text(SOURCE)),
        ("build.sh", File::Text(script)),
    ];
    bench.claim(name, &bench.repository(name, &files), &["bash", "build.sh"])
}

fn several_lock_files_and_a_git_dependency(kind: Kind) {
    let bench = Bench::new(kind);
    let dep = "[package]\nname = \"dep\"\nversion = \"1.0.0\"\nedition = \"2021\"\n";
    let commit = bench.repository(
        "dep",
        &[
            ("Cargo.toml", File::Text(dep)),
            ("src/lib.rs", File::Text("#![no_std]\n#[inline(never)]\npub fn seven() -> usize {\n    7\n}\n")),
        ],
    );
    let server = GitServer::start_for_containers(bench.path("git")).unwrap();
    let dependency = format!("{}/dep.git", server.url());
    let honest = claim(&bench, "honest", &dependency, &commit, BUILD);
    let evil = claim(&bench, "evil", &dependency, &commit, &format!("{BUILD}{TAMPER}"));
    // Only the image's cargo can fetch it, and nobody said that this one may use the network.
    let unasked = bench.rebuild(&honest, &[]);
    assert_eq!((unasked.code(), unasked.exit), ("network-needed", 5), "{}", unasked.json["error"]);
    assert_eq!(server.requests().len(), 0);
    let leave = ["--trust-image-network"];
    let first = bench.rebuild(&evil, &leave);
    assert_eq!(first.exit, 0, "{} {}", first.json["error"], first.stderr);
    let locks: BTreeSet<String> = first.statement()["predicate"]["buildDefinition"]["resolvedDependencies"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|d| d["name"].as_str().filter(|n| n.ends_with("Cargo.lock")).map(ToOwned::to_owned))
        .collect();
    assert_eq!(locks, BTreeSet::from(["Cargo.lock".to_owned(), "product/Cargo.lock".to_owned()]));
    let asked = server.requests().len();
    assert!(asked > 0, "the dependency was never asked for");
    drop(server);
    // The server is gone, and what the hostile build did to its copies has changed nothing.
    for access in ["fetch", "none"] {
        let second = bench.rebuild(&honest, &["--network-access", access]);
        assert_eq!(second.exit, 0, "{access}: {} {}", second.json["error"], second.stderr);
        let hash = |json: &Value| json.pointer("/rebuild/artifact/sha256").cloned();
        assert_eq!(hash(&second.json), hash(&first.json), "{access}");
        bench.nothing_left(&second, access);
    }
    // A commit that nobody has cannot be fetched, and nothing is built without it.
    let nobody = "0123456789abcdef0123456789abcdef01234567";
    let missing = bench.rebuild(&claim(&bench, "missing", &dependency, nobody, BUILD), &leave);
    assert_eq!((missing.code(), missing.exit), ("network-needed", 5), "{}", missing.json["error"]);
}

docker_and_podman!(several_lock_files_and_a_git_dependency);
