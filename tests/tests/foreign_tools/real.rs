//! A manifest that the helper really wrote, after a rebuild in a container with secrets all around it.

use std::path::{Path, PathBuf};

use provenear_shared::provenance::{BUILD_TYPE, BUILDER_HERMETIC};
use provenear_tests::devnet::Devnet;
use provenear_tests::ground::Ground;
use provenear_tests::saying::saying;
use serde_json::{Value, json};

use crate::bench::{Bench, Ended, File, Kind};
use crate::keys::Secret;
use crate::manifests::hold;
use crate::tools::Case;

/// What comes out of the build.
pub(crate) const WASM: &[u8] = b"\0asm\x01\0\0\0";
const COMMAND: [&str; 3] = ["sh", "-c", "mkdir out; cp pre.wasm out/a.wasm"];

/// With the engine for tests that ask for no particular one.
pub(crate) fn bench() -> Bench {
    let has_docker = Ground::read().unwrap().docker().is_ok();
    Bench::new(if has_docker { Kind::Docker } else { Kind::Podman })
}

/// The claim on a repository whose command does next to nothing.
pub(crate) fn claim(bench: &Bench) -> Value {
    let commit = bench.repository("quick", &[("pre.wasm", File::Bytes(WASM))]);
    bench.claim("quick", &commit, &COMMAND)
}

/// The line and the bundle that a rebuild wrote, said to be signed by `secret`.
pub(crate) fn case(ended: &Ended, secret: &Secret) -> Case {
    let read = |name: &str| {
        let path = ended.json.pointer(&format!("/rebuild/{name}")).and_then(Value::as_str);
        std::fs::read(path.unwrap_or_else(|| panic!("no `{name}`: {}", ended.stderr))).unwrap()
    };
    let lines = String::from_utf8(read("manifest")).unwrap();
    assert_eq!(lines.lines().count(), 1);
    let line = serde_json::from_str(&lines).unwrap();
    let sigstore = serde_json::from_slice(&read("sigstore")).unwrap();
    Case { line, sigstore, key: secret.public(), wasm: read("artifact/path") }
}

#[test]
fn what_the_helper_signs_is_accepted_and_tells_no_secret() {
    let bench = bench();
    let claim = claim(&bench);
    let mirror = bench.path("git/mirror-of-mine/quick.git");
    std::fs::create_dir(bench.path("git/mirror-of-mine")).unwrap();
    std::fs::rename(bench.bare("quick"), &mirror).unwrap();
    let devnet = Devnet::start().unwrap();
    devnet.deploy("app.near", saying(&claim.to_string(), ""));

    let secret = Secret::named("somebody");
    let key = bench.path("credentials.json");
    std::fs::write(&key, secret.credentials("rebuilder.near")).unwrap();
    let host = devnet.url().trim_start_matches("http://").to_owned();
    let rpc = format!("http://rpc-user:rpc-word@{host}/path-key?apikey=query-key");
    let source = format!("{}/mirror-of-mine/quick.git", bench.git.url());
    let mut command = bench.ground.provenear().unwrap();
    command.envs(&bench.engine().env).env("PROVENEAR_CACHE", bench.path("cache"));
    command
        .env("CARGO_REGISTRY_TOKEN", "token-of-mine")
        .env("NO_PROXY", "127.0.0.1")
        .env("HTTPS_PROXY", "http://proxy-user:proxy-word@127.0.0.1:9");
    command.args(["rebuild", "app.near", "--json", "--allow-local-source", "--network", "devnet-test"]);
    command.args(["--rpc", &rpc, "--source", &source]);
    command.arg("--engine").arg(&bench.engine().command).arg("--out").arg(bench.path("out")).arg("--key").arg(&key);
    let ended = Ended::of(&command.output().unwrap());
    assert_eq!(ended.json["verdict"]["code"], "differs", "{}\n{}", ended.json, ended.stderr);

    let case = case(&ended, &secret);
    hold(&case);
    let statement: Value = serde_json::from_slice(&case.payload()).unwrap();
    let internal = &statement["predicate"]["buildDefinition"]["internalParameters"];
    assert_eq!(internal["observed"]["endpoints"], json!([host]));
    assert_eq!(internal["signer"]["account_id"], "rebuilder.near");
    assert_eq!(internal["signer"]["public_key"], secret.public().to_near());
    assert_eq!(statement["predicate"]["buildDefinition"]["buildType"], BUILD_TYPE);
    assert_eq!(statement["predicate"]["runDetails"]["builder"]["id"], BUILDER_HERMETIC);
    assert!(internal["notices"].as_array().unwrap().contains(&json!("source-from-elsewhere")), "{internal}");

    let manifest = ended.json.pointer("/rebuild/manifest").and_then(Value::as_str).unwrap();
    let store = bench.path("store");
    let published = bench.ground.provenear().unwrap().args(["publish", manifest, "--to"]).arg(&store).output().unwrap();
    assert!(published.status.success(), "{}", String::from_utf8_lossy(&published.stderr));

    let ours = bench.folder.path().to_str().unwrap();
    let around =
        ["rpc-user", "rpc-word", "path-key", "query-key", "apikey", "token-of-mine", "proxy-user", "proxy-word"];
    let signed: Vec<&str> = around.into_iter().chain(["mirror-of-mine", ours]).collect();
    let mut looked_at = 0;
    for path in files(&bench.path("out")).into_iter().chain(files(&store)) {
        let name = path.display();
        let bytes = std::fs::read(&path).unwrap();
        secret.assert_absent(&bytes, &name.to_string());
        assert_absent(&bytes, &around, &name.to_string());
        if name.to_string().ends_with(".intoto.jsonl") || name.to_string().ends_with(".sigstore.json") {
            assert_absent(&bytes, &signed, &name.to_string());
            looked_at += 1;
        }
    }
    // The line and its bundle, as written and as filed under both hashes.
    assert_eq!(looked_at, 6);
    assert_absent(&case.payload(), &signed, "the payload");
    assert!(contains(&case.payload(), "quick.git"));
    secret.assert_absent(&case.payload(), "the payload");
    secret.assert_absent(ended.stderr.as_bytes(), "stderr");
    secret.assert_absent(ended.json.to_string().as_bytes(), "stdout");
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}

fn contains(bytes: &[u8], word: &str) -> bool {
    bytes.windows(word.len()).any(|window| window == word.as_bytes())
}

/// None of the words stands there.
pub(crate) fn assert_absent<W: AsRef<str>>(bytes: &[u8], words: &[W], place: &str) {
    let found: Vec<&str> = words.iter().map(AsRef::as_ref).filter(|word| contains(bytes, word)).collect();
    assert!(found.is_empty(), "{found:?} stand in {place}");
}
