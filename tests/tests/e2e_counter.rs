//! The main job on the real thing: two builds of the near-sdk contract in the build image, by the real cargo-near, from a
//! clone over HTTP; what comes of them by the helper; and what other people's tools say of the manifest. Two builds and
//! no more: the tests share them.
#![cfg(all(unix, not(target_arch = "wasm32")))]
#![allow(clippy::unwrap_used)] // these are tests, helpers included

use std::path::PathBuf;
use std::process::Command;
use std::sync::{Mutex, OnceLock};

use provenear_shared::key::PublicKey;
use provenear_shared::provenance::{BUILD_TYPE, BUILDER_HERMETIC, BUILDER_NETWORKED};
use provenear_tests::devnet::Devnet;
use provenear_tests::documents;
use provenear_tests::fixtures::{
    COUNTER_COMMIT, COUNTER_PINNED, COUNTER_PINNED_CLAIM, COUNTER_PINNED_CODE_HASH, GIT_PORT, counter_registry_claim,
    repository,
};
use provenear_tests::git_server::GitServer;
use provenear_tests::ground::Ground;
use provenear_tests::registry::Registry;
use serde_json::Value;
use tempfile::TempDir;

/// One finished build.
struct Built {
    folder: TempDir,
    exit: Option<i32>,
    json: Value,
}

impl Built {
    fn text(&self, pointer: &str) -> &str {
        self.json.pointer(pointer).and_then(Value::as_str).unwrap_or_else(|| panic!("no `{pointer}` in {}", self.json))
    }

    fn manifest(&self) -> PathBuf {
        PathBuf::from(self.text("/rebuild/manifest"))
    }

    /// The envelope that was written.
    fn line(&self) -> Value {
        let text = std::fs::read_to_string(self.manifest()).unwrap();
        serde_json::from_str(text.trim_end()).unwrap()
    }

    fn statement(&self) -> Value {
        let payload = self.line()["payload"].as_str().unwrap().to_owned();
        let engine = base64::engine::general_purpose::STANDARD;
        serde_json::from_slice(&base64::Engine::decode(&engine, payload).unwrap()).unwrap()
    }

    fn key(&self) -> PublicKey {
        let secret = self.folder.path().join("key");
        let mut keygen = Ground::read().unwrap().provenear().unwrap();
        keygen.args(["keygen", "--json", "--import"]).arg(&secret);
        let copy = tempfile::tempdir().unwrap();
        keygen.arg("--out").arg(copy.path().join("copy"));
        let said = documents::read(&keygen.output().unwrap().stdout).unwrap();
        PublicKey::parse(said["public_key"].as_str().unwrap()).unwrap()
    }
}

/// Builds in a folder of its own; `words` say what. One at a time: the port of the repositories is fixed.
fn build(words: impl FnOnce(&Ground, &std::path::Path) -> Vec<String>) -> Built {
    static PORT: Mutex<()> = Mutex::new(());
    let _one_at_a_time = PORT.lock().unwrap();
    let ground = Ground::read().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let git = folder.path().join("git");
    std::fs::create_dir(&git).unwrap();
    assert_eq!(repository("counter", &git).unwrap().commit, COUNTER_COMMIT);
    let _server = GitServer::start(git, GIT_PORT).unwrap();
    let key = folder.path().join("key");
    let mut keygen = ground.provenear().unwrap();
    assert!(keygen.args(["keygen", "--out"]).arg(&key).output().unwrap().status.success());
    let engine = ground.engine().unwrap();
    let mut command = ground.provenear().unwrap();
    command.envs(&engine.env).env("PROVENEAR_DATA", folder.path().join("data"));
    command
        .args(["rebuild", "--json", "--quiet", "--allow-local-source", "--engine"])
        .arg(&engine.command)
        .args(words(&ground, folder.path()));
    command.arg("--key").arg(&key).arg("--out").arg(folder.path().join("out")).current_dir(folder.path());
    if let Some(file) = &ground.ca_file {
        command.arg("--ca-file").arg(file);
    }
    let output = command.output().unwrap();
    let json = documents::read(&output.stdout)
        .unwrap_or_else(|error| panic!("{error:#}: {}", String::from_utf8_lossy(&output.stderr)));
    Built { folder, exit: output.status.code(), json }
}

fn strings(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}

/// The contract that claims the published image, from the chain to the verdict.
fn pinned() -> &'static Built {
    static BUILT: OnceLock<Built> = OnceLock::new();
    BUILT.get_or_init(|| {
        let devnet = Devnet::start().unwrap();
        devnet.deploy("counter.devnet", COUNTER_PINNED);
        build(|ground, _| {
            let mut words = strings(&["counter.devnet", "--network", "devnet-test", "--rpc", &devnet.url()]);
            if !ground.image.published {
                words.extend(strings(&["--image", &ground.image.reference, "--accept-image", &ground.image.digest]));
            }
            words
        })
    })
}

/// The contract that claims an image of the registry on loopback, from its recipe alone: its author's build.
fn registry() -> &'static Built {
    static BUILT: OnceLock<Built> = OnceLock::new();
    BUILT.get_or_init(|| {
        build(|ground, folder| {
            let recipe = folder.join("recipe.json");
            std::fs::write(&recipe, counter_registry_claim(&ground.registry.image)).unwrap();
            strings(&["--recipe", recipe.to_str().unwrap()])
        })
    })
}

#[test]
fn the_pinned_contract_comes_out_to_its_code_hash_and_is_reproduced() {
    let built = pinned();
    assert_eq!(built.exit, Some(0), "{}", built.json);
    assert_eq!(built.text("/rebuild/artifact/code_hash"), COUNTER_PINNED_CODE_HASH);
    assert_eq!(built.text("/verdict/code"), "reproduced");
    assert!(std::fs::read(built.text("/rebuild/artifact/path")).unwrap() == COUNTER_PINNED);
    let statement = built.statement();
    let parameters = &statement["predicate"]["buildDefinition"]["externalParameters"];
    assert_eq!(parameters["origin"], "claimed");
    assert_eq!(parameters["build_environment"], Ground::read().unwrap().image.claimed);
    let source = &statement["predicate"]["buildDefinition"]["resolvedDependencies"][0];
    assert_eq!((&source["name"], &source["digest"]["gitCommit"]), (&"source".into(), &COUNTER_COMMIT.into()));
    assert_eq!(source["annotations"]["ref"], "refs/heads/main");
    let id = &statement["predicate"]["runDetails"]["builder"]["id"];
    assert_eq!(id, BUILDER_HERMETIC);
}

#[test]
fn the_registry_contract_is_reproduced_and_its_tampered_twin_differs() {
    let built = registry();
    assert_eq!(built.exit, Some(0), "{}", built.json);
    let wasm = std::fs::read(built.text("/rebuild/artifact/path")).unwrap();
    let devnet = Devnet::start().unwrap();
    devnet.deploy("honest.devnet", wasm.clone());
    let mut twin = wasm;
    let word = b"increment";
    let at = twin.windows(word.len()).rposition(|window| window == word).unwrap();
    twin[at] ^= 1;
    devnet.deploy("twin.devnet", twin);
    let ground = Ground::read().unwrap();
    let (_, digest) = ground.registry.image.rsplit_once('@').unwrap();
    let verdict = |account: &str| {
        let mut command = ground.provenear().unwrap();
        command.arg("verify").arg(built.manifest()).args([
            account,
            "--json",
            "--allow-local-source",
            "--network",
            "devnet-test",
        ]);
        command.args(["--rpc", &devnet.url(), "--trust", &built.key().to_near(), "--accept-image", digest]);
        let output = command.output().unwrap();
        let json = documents::read(&output.stdout).unwrap();
        (json["verdict"]["code"].as_str().unwrap().to_owned(), output.status.code())
    };
    assert_eq!(verdict("honest.devnet"), ("reproduced".to_owned(), Some(0)));
    assert_eq!(verdict("twin.devnet"), ("differs".to_owned(), Some(1)));
}

#[test]
fn the_two_contracts_differ_in_what_they_claim_and_in_nothing_else() {
    let built = registry();
    let pinned = built.folder.path().join("pinned.wasm");
    std::fs::write(&pinned, COUNTER_PINNED).unwrap();
    let mut command = Ground::read().unwrap().provenear().unwrap();
    command.args(["diff", "--json"]).arg(&pinned).arg(built.text("/rebuild/artifact/path"));
    let why = documents::read(&command.output().unwrap().stdout).unwrap();
    let functions = &why["functions"];
    for kind in ["changed", "guessed", "added", "removed"] {
        assert_eq!(functions[kind], 0, "{why}");
    }
    assert!(functions["matched"].as_u64().unwrap() > 50, "{functions}");
    assert!(matches!(why["class"].as_str(), Some("metadata" | "data")), "{why}");
    let image = why["causes"].as_array().unwrap().iter().find(|cause| cause["code"] == "other-image").unwrap();
    assert!(image["evidence"][0].as_array().unwrap().iter().all(|side| side.as_str().unwrap().contains("@sha256:")));
}

/// The image in which a command with network can download something here: where the network has a certificate of its
/// own, that has to be in the image, as for every other tool.
fn online_image(ground: &Ground) -> String {
    let Some(file) = &ground.ca_file else { return ground.image.reference.clone() };
    let certificates = std::fs::read(file).unwrap();
    let files: [(&str, &[u8]); 1] = [("etc/ssl/certs/ca-certificates.crt", &certificates)];
    Registry::open(ground).unwrap().variant(|_| {}, &files).unwrap().reference
}

/// A contract is the same whether its dependencies were fetched before or by the claimed command itself.
#[test]
fn with_network_both_contracts_come_out_the_same() {
    let ground = Ground::read().unwrap();
    let image = online_image(&ground);
    let registry_claim = counter_registry_claim(&ground.registry.image);
    for (claim, offline) in [(COUNTER_PINNED_CLAIM, pinned()), (registry_claim.as_str(), registry())] {
        let online = build(|_, folder| {
            let recipe = folder.join("recipe.json");
            std::fs::write(&recipe, claim).unwrap();
            strings(&["--recipe", recipe.to_str().unwrap(), "--network-access", "full", "--image", &image])
        });
        assert_eq!(online.exit, Some(0), "{}", online.json);
        assert_eq!(online.text("/rebuild/artifact/sha256"), offline.text("/rebuild/artifact/sha256"));
        let id = &online.statement()["predicate"]["runDetails"]["builder"]["id"];
        assert_eq!(id, BUILDER_NETWORKED);
    }
}

/// Verifies an envelope with securesystemslib, then parses what is signed with the strict types of in-toto-attestation.
const READER: &str = r#"
import json, sys
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from google.protobuf import json_format
from in_toto_attestation.predicates.provenance.v1 import provenance_pb2
from in_toto_attestation.v1 import statement_pb2
from securesystemslib.dsse import Envelope
from securesystemslib.exceptions import VerificationError
from securesystemslib.signer import SSlibKey

envelope, pem, keyid = sys.argv[1:]
envelope = Envelope.from_dict(json.loads(envelope))
key = SSlibKey.from_crypto(load_pem_public_key(pem.encode()), keyid=keyid)
try:
    envelope.verify([key], 1)
except VerificationError:
    print("refused")
    sys.exit()
payload = json.loads(envelope.payload)
statement = json_format.ParseDict(payload, statement_pb2.Statement())
provenance = json_format.ParseDict(payload["predicate"], provenance_pb2.Provenance())
print("verified", statement.subject[0].digest["sha256"], provenance.build_definition.build_type)
"#;

#[test]
fn other_peoples_tools_verify_the_manifest_and_refuse_a_tampered_one() {
    let (built, python) = (pinned(), Ground::read().unwrap().python);
    let key = built.key();
    let read = |envelope: &Value| {
        let mut command = Command::new(&python);
        command.args(["-c", READER, &envelope.to_string(), &key.to_pem(), &key.fingerprint()]);
        let output = command.output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    };
    let honest = built.line();
    let sha256 = built.text("/rebuild/artifact/sha256");
    assert_eq!(read(&honest), format!("verified {sha256} {BUILD_TYPE}\n"));

    let engine = base64::engine::general_purpose::STANDARD;
    let mut other = built.statement();
    other["subject"][0]["digest"]["sha256"] = "0".repeat(64).into();
    let mut tampered = honest.clone();
    tampered["payload"] = base64::Engine::encode(&engine, other.to_string()).into();
    assert_eq!(read(&tampered), "refused\n");
    let mut retyped = honest;
    retyped["payloadType"] = "application/json".into();
    assert_eq!(read(&retyped), "refused\n");
}
