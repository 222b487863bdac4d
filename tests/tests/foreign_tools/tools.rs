//! The programs, each started the way its users start it.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use provenear_shared::key::PublicKey;
use provenear_tests::ground::Ground;
use serde_json::{Value, json};

/// A manifest line, its bundle form, whose key is said to have signed it, and the wasm that it is said to be about.
#[derive(Debug, Clone)]
pub(crate) struct Case {
    pub(crate) line: Value,
    pub(crate) sigstore: Value,
    pub(crate) key: PublicKey,
    pub(crate) wasm: Vec<u8>,
}

impl Case {
    pub(crate) fn payload(&self) -> Vec<u8> {
        STANDARD.decode(self.line["payload"].as_str().unwrap()).unwrap()
    }

    /// The same change to the line and to the envelope in the bundle.
    pub(crate) fn with(&self, member: &str, value: Value) -> Case {
        let mut bent = self.clone();
        bent.line[member] = value.clone();
        bent.sigstore["dsseEnvelope"][member] = value;
        bent
    }

    pub(crate) fn with_payload(&self, payload: &[u8]) -> Case {
        self.with("payload", json!(STANDARD.encode(payload)))
    }
}

/// What a program said about a case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Answer {
    /// Signature and digest are right; what it read.
    Accepted(String),
    SignatureRefused,
    OtherBytes,
    Malformed,
}

/// A program that verifies.
type Verifier = fn(&Case) -> Answer;

/// The programs that verify, by name.
pub(crate) const VERIFIERS: [(&str, Verifier); 3] =
    [("securesystemslib", securesystemslib), ("@sigstore/verify", sigstore), ("OpenSSL and jq", openssl)];

fn securesystemslib(case: &Case) -> Answer {
    let mut python = Command::new(Ground::read().unwrap().python);
    ask(python.arg(script("securesystemslib_verify.py")), &case.line.to_string().into_bytes(), case)
}

fn sigstore(case: &Case) -> Answer {
    let ground = Ground::read().unwrap();
    let mut node = Command::new(&ground.node);
    node.env("NODE_PATH", ground.sigstore().unwrap().join("node_modules"));
    ask(node.arg(script("sigstore_verify.cjs")), &case.sigstore.to_string().into_bytes(), case)
}

fn openssl(case: &Case) -> Answer {
    ask(Command::new("sh").arg(script("openssl_verify.sh")), &case.line.to_string().into_bytes(), case)
}

/// Parses the payload with in-toto's own types, which look at no signature.
pub(crate) fn in_toto(payload: &[u8], wasm: &[u8]) -> Answer {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, bytes: &[u8]| write(folder.path(), name, bytes);
    let mut python = Command::new(Ground::read().unwrap().python);
    python.arg(script("in_toto_parse.py")).arg(file("payload", payload)).arg(file("wasm", wasm));
    answer(&python.output().unwrap())
}

/// The fingerprint that `ssh-keygen -lf` shows of a public key line; nothing where it reads none.
pub(crate) fn ssh_fingerprint(line: &str) -> Option<String> {
    let folder = tempfile::tempdir().unwrap();
    let file = write(folder.path(), "key.pub", line.as_bytes());
    let out = Command::new("ssh-keygen").arg("-lf").arg(file).output().expect("`ssh-keygen` is on PATH");
    let text = String::from_utf8(out.stdout).unwrap();
    let mut words = text.split_whitespace();
    (out.status.success() && words.next() == Some("256")).then(|| words.next().unwrap().to_owned())
}

fn ask(command: &mut Command, signed: &[u8], case: &Case) -> Answer {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, bytes: &[u8]| write(folder.path(), name, bytes);
    command.arg(file("signed.json", signed)).arg(file("key.pem", case.key.to_pem().as_bytes()));
    answer(&command.arg(file("contract.wasm", &case.wasm)).output().unwrap())
}

/// The exit codes of `testdata/foreign`. Every other one means that the program does not work here.
fn answer(out: &Output) -> Answer {
    match out.status.code() {
        Some(0) => Answer::Accepted(String::from_utf8(out.stdout.clone()).unwrap()),
        Some(10) => Answer::SignatureRefused,
        Some(12) => Answer::OtherBytes,
        Some(13) => Answer::Malformed,
        other => panic!("the program ended with {other:?}: {}", String::from_utf8_lossy(&out.stderr)),
    }
}

fn script(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/foreign").join(name)
}

fn write(folder: &Path, name: &str, bytes: &[u8]) -> PathBuf {
    let path = folder.join(name);
    std::fs::write(&path, bytes).unwrap();
    path
}
