//! Makes manifests as a rebuilder would, with keys whose names are their seeds, so that every run has the same ones.
//! Also for hostile ones: the statement is JSON and can be bent before it is signed, the line after.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use ed25519_dalek::{Signer, SigningKey};
use provenear_shared::digest::Sha256Digest;
use provenear_shared::dsse::{Envelope, PAYLOAD_TYPE, pae};
use provenear_shared::key::PublicKey;
use provenear_shared::recipe::Claimed;
use serde_json::{Value, json};

/// Who signs.
pub struct Notary {
    key: SigningKey,
}

impl Notary {
    /// The key of this name.
    pub fn named(name: &str) -> Notary {
        Notary { key: SigningKey::from_bytes(Sha256Digest::of(name.as_bytes()).as_bytes()) }
    }

    /// Its public half.
    ///
    /// # Panics
    /// Never: a key made from a seed is a good one.
    pub fn public_key(&self) -> PublicKey {
        PublicKey::from_bytes(self.key.verifying_key().as_bytes()).expect("a key made from a seed is a good one")
    }

    /// Names this key in a statement, as version 2 asks.
    ///
    /// # Panics
    /// When it is not a statement.
    pub fn introduce(&self, statement: &mut Value) {
        let internal = statement.pointer_mut("/predicate/buildDefinition/internalParameters");
        let internal = internal.expect("a statement has internal parameters");
        internal["signer"]["public_key"] = json!(self.public_key().to_near());
    }

    /// The manifest line of a statement, in which this key names itself.
    ///
    /// # Panics
    /// When it is not a statement.
    pub fn sign(&self, statement: &Value) -> String {
        let mut statement = statement.clone();
        self.introduce(&mut statement);
        self.seal(statement.to_string().as_bytes())
    }

    /// The manifest line of a payload, whatever it is.
    ///
    /// # Panics
    /// Never: an envelope is JSON.
    pub fn seal(&self, payload: &[u8]) -> String {
        let signature = self.key.sign(&pae(PAYLOAD_TYPE, payload)).to_bytes();
        let envelope = Envelope::seal(payload, &self.public_key(), &signature);
        serde_json::to_string(&envelope).expect("an envelope is JSON")
    }
}

/// What a rebuilder states who followed `claimed`, took the commit from the claimed place, and got `artifact`.
/// Written out by hand, not with the types of `shared`, so that a renamed field there is noticed.
pub fn statement(claimed: &Claimed, image: &str, commit: &str, artifact: &Sha256Digest) -> Value {
    let command = claimed.build_command.clone().unwrap_or_default();
    let mut parameters = json!({ "origin": "claimed" });
    let six = [
        ("build_environment", json!(claimed.build_environment)),
        ("build_command", json!(claimed.build_command)),
        ("contract_path", json!(claimed.contract_path)),
        ("source_code_snapshot", json!(claimed.source_code_snapshot)),
        ("output_wasm_path", json!(claimed.output_wasm_path)),
        ("link", json!(claimed.link)),
    ];
    for (name, value) in six {
        if !value.is_null() {
            parameters[name] = value;
        }
    }
    json!({
        "_type": "https://in-toto.io/Statement/v1",
        "subject": [{ "name": "contract.wasm", "digest": { "sha256": artifact.to_hex() } }],
        "predicateType": "https://slsa.dev/provenance/v1",
        "predicate": {
            "buildDefinition": {
                "buildType": "urn:provenear:nep330-rebuild:v2",
                "externalParameters": parameters,
                "internalParameters": {
                    "platform": "linux/amd64",
                    "argv": ["/bin/bash", "-c", shell_words::join(command)],
                    "network_access": "fetch",
                    "limits": {
                        "memory": "8589934592", "swap": "none", "cpus": "2", "pids": "4096", "open_files": "65536",
                        "file_size": "4294967296", "core_size": "0", "disk": "21474836480", "capabilities": "none",
                        "new_privileges": "none", "seccomp": "filtered", "user": "1000:1000", "network": "none",
                        "namespaces": "private", "devices": "none", "mounts": "none", "environment": "image",
                        "output": "67108864", "seconds": "3600", "watched": "disk, output, seconds",
                    },
                    "notices": [],
                },
                "resolvedDependencies": [
                    { "name": "source", "digest": { "gitCommit": commit }, "annotations": { "ref": "refs/heads/main" } },
                    { "name": "image", "digest": { "sha256": image } },
                ],
            },
            "runDetails": {
                "builder": { "id": "urn:provenear:builder:hermetic:v2" },
                "metadata": {
                    "invocationId": "1", "startedOn": "2026-11-23T06:00:00Z", "finishedOn": "2026-11-23T06:01:00Z" },
            },
        },
    })
}

/// A bundle like those of GitHub's `actions/attest-build-provenance`, by which `workflow` built `code`. Nobody has signed it: it
/// has a signature and a certificate by their length alone.
pub fn github_attestation(code: &[u8], workflow: &str) -> String {
    let repository = "https://github.com/near-examples/counter";
    let statement = json!({
        "_type": "https://in-toto.io/Statement/v1",
        "subject": [{ "name": "counter.wasm", "digest": { "sha256": Sha256Digest::of(code).to_hex() } }],
        "predicateType": "https://slsa.dev/provenance/v1",
        "predicate": { "buildDefinition": {
            "buildType": "https://actions.github.io/buildtypes/workflow/v1",
            "externalParameters": {
                "workflow": { "ref": "refs/heads/main", "repository": repository, "path": workflow } },
            "resolvedDependencies": [{
                "uri": format!("git+{repository}@refs/heads/main"), "digest": { "gitCommit": "0123456789".repeat(4) } }],
        } },
    });
    let payload = BASE64_STANDARD.encode(statement.to_string());
    let signature = BASE64_STANDARD.encode([0x30; 71]);
    json!({
        "mediaType": "application/vnd.dev.sigstore.bundle.v0.3+json",
        "verificationMaterial": { "certificate": { "rawBytes": "MIIG" } },
        "dsseEnvelope": { "payload": payload, "payloadType": PAYLOAD_TYPE, "signatures": [{ "sig": signature }] },
    })
    .to_string()
}
