//! Secret keys: made, imported and read from each place that the helper knows, never shown, and used for signing.

use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::SigningKey;
use provenear_shared::digest::Sha256Digest;
use provenear_shared::key::PublicKey;
use provenear_tests::ground::Ground;
use serde_json::{Value, json};

use crate::bench::{Bench, Ended};
use crate::real::{assert_absent, bench, case, claim};
use crate::tools::{Answer, VERIFIERS, ssh_fingerprint};

/// A secret key that must not be seen anywhere.
pub(crate) struct Secret(SigningKey);

impl Secret {
    pub(crate) fn named(name: &str) -> Secret {
        Secret(SigningKey::from_bytes(Sha256Digest::of(name.as_bytes()).as_bytes()))
    }

    pub(crate) fn public(&self) -> PublicKey {
        PublicKey::from_bytes(self.0.verifying_key().as_bytes()).unwrap()
    }

    /// As NEAR writes it.
    fn near(&self) -> String {
        format!("ed25519:{}", bs58::encode(self.0.to_keypair_bytes()).into_string())
    }

    /// As near-cli keeps it.
    pub(crate) fn credentials(&self, account_id: &str) -> String {
        let public = self.public().to_near();
        json!({"account_id": account_id, "public_key": public, "private_key": self.near()}).to_string()
    }

    /// In none of its spellings.
    pub(crate) fn assert_absent(&self, bytes: &[u8], place: &str) {
        let (seed, pair) = (self.0.to_bytes(), self.0.to_keypair_bytes());
        let hex: String = seed.iter().map(|byte| format!("{byte:02x}")).collect();
        let near = self.near();
        // Base64 depends on what stands before: PKCS#8 has 16 bytes there.
        let pem = &STANDARD.encode([&[0u8; 16][..], &seed].concat())[24..60];
        let base58 = [&seed[..], &pair].map(|secret| bs58::encode(secret).into_string());
        let base64 = STANDARD.encode(seed);
        assert_absent(bytes, &[hex.as_str(), &near, pem, &base58[0], &base58[1], &base64], place);
        assert!(!bytes.windows(32).any(|window| window == seed), "the seed stands in {place}");
    }
}

/// The secret key in a PKCS#8 file, as OpenSSL reads it.
fn openssl_reads(file: &Path) -> Secret {
    let out = Command::new("openssl").args(["pkey", "-outform", "DER", "-in"]).arg(file).output().unwrap();
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    assert_eq!(out.stdout.len(), 48);
    Secret(SigningKey::from_bytes(out.stdout.last_chunk().unwrap()))
}

fn keygen(data: &Path, args: &[&str]) -> Output {
    let helper = Ground::read().unwrap().provenear().unwrap();
    // Whatever is made is everybody's, unless the helper sees to it.
    let mut shell = Command::new("sh");
    shell.env("PROVENEAR_DATA", data).args(["-c", "umask 0; exec \"$@\"", "sh"]).arg(helper.get_program());
    shell.arg("keygen").args(args).stdin(Stdio::null()).output().unwrap()
}

fn assert_private(file: &Path) {
    assert_eq!(std::fs::metadata(file).unwrap().permissions().mode() & 0o7777, 0o600, "{}", file.display());
}

#[test]
fn a_new_key_is_its_owners_alone_and_never_printed() {
    let folder = tempfile::tempdir().unwrap();
    let (named, usual) = (folder.path().join("deep/key.pem"), folder.path().join("data"));
    let rows: [(Vec<&str>, &Path); 2] =
        [(vec!["--out", named.to_str().unwrap()], &named), (vec!["--json"], &usual.join("signing-key.pem"))];
    for (args, file) in rows {
        let out = keygen(&usual, &args);
        assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
        assert_private(file);
        assert_eq!(std::fs::read_dir(file.parent().unwrap()).unwrap().count(), 1, "something was left beside it");
        let secret = openssl_reads(file);
        let stdout = String::from_utf8(out.stdout).unwrap();
        let public = secret.public();
        for spelling in [public.to_near(), public.to_ssh()] {
            assert!(stdout.contains(&spelling), "{spelling} is not in {stdout}");
        }
        assert_eq!(ssh_fingerprint(&public.to_ssh()), Some(public.fingerprint()));
        secret.assert_absent(stdout.as_bytes(), "stdout");
        secret.assert_absent(&out.stderr, "stderr");
        // A key is never replaced.
        let before = std::fs::read(file).unwrap();
        let again = keygen(&usual, &args);
        assert_eq!(again.status.code(), Some(2));
        assert_eq!(std::fs::read(file).unwrap(), before);
    }
}

/// A key file in each spelling that other programs write, and whose it is.
fn spellings(folder: &Path) -> Vec<(&'static str, String, Secret)> {
    let run = |command: &mut Command| {
        let out = command.output().unwrap();
        assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    };
    let ssh = folder.join("id_ed25519");
    run(Command::new("ssh-keygen").args(["-q", "-t", "ed25519", "-N", "", "-C", "me@here", "-f"]).arg(&ssh));
    let pem = folder.join("genpkey.pem");
    run(Command::new("openssl").args(["genpkey", "-algorithm", "ed25519", "-out"]).arg(&pem));
    let near = Secret::named("near");
    let read = |file: &Path| std::fs::read_to_string(file).unwrap();
    let ssh_secret = openssh_secret(&read(&ssh));
    assert_eq!(PublicKey::parse(&read(&ssh.with_extension("pub"))).unwrap(), ssh_secret.public());
    vec![
        ("NEAR credentials", near.credentials("rebuilder.near"), near),
        ("OpenSSH", read(&ssh), ssh_secret),
        ("PKCS#8", read(&pem), openssl_reads(&pem)),
        ("ed25519:…", Secret::named("bare").near(), Secret::named("bare")),
    ]
}

/// The seed inside an unencrypted OpenSSH key: 64 bytes, seed and public key, after their length near the end.
fn openssh_secret(text: &str) -> Secret {
    let body: String = text.lines().filter(|line| !line.starts_with("-----")).collect();
    let blob = STANDARD.decode(body).unwrap();
    let at = blob.windows(4).rposition(|window| window == 64u32.to_be_bytes()).unwrap() + 4;
    Secret(SigningKey::from_bytes(blob[at..].first_chunk().unwrap()))
}

#[test]
fn an_imported_key_is_the_same_key() {
    let folder = tempfile::tempdir().unwrap();
    for (spelling, text, secret) in spellings(folder.path()) {
        let (from, to) = (folder.path().join("from"), folder.path().join("to.pem"));
        std::fs::write(&from, text).unwrap();
        let args = ["--json", "--import", from.to_str().unwrap(), "--out", to.to_str().unwrap()];
        let out = keygen(folder.path(), &args);
        assert!(out.status.success(), "{spelling}: {}", String::from_utf8_lossy(&out.stderr));
        assert_private(&to);
        let said = provenear_tests::documents::read(&out.stdout).unwrap();
        assert_eq!(said["public_key"], secret.public().to_near(), "{spelling}");
        assert_eq!(said["keyid"], secret.public().fingerprint(), "{spelling}");
        assert_eq!(openssl_reads(&to).public(), secret.public(), "{spelling}");
        secret.assert_absent(&out.stdout, "stdout");
        secret.assert_absent(&out.stderr, "stderr");
        std::fs::remove_file(&to).unwrap();
    }
}

/// Rebuilds with `--key` and gives back what came out.
fn rebuild_with(bench: &Bench, claim: &Value, key: &str, stdin: &str) -> Ended {
    let mut command = bench.command(claim, &["--key", key]);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(stdin.as_bytes()).unwrap();
    Ended::of(&child.wait_with_output().unwrap())
}

#[test]
fn every_spelling_of_a_key_signs_as_itself_from_a_file_and_from_standard_input() {
    let bench = bench();
    let claim = claim(&bench);
    for (at, (spelling, text, secret)) in spellings(bench.folder.path()).into_iter().enumerate() {
        let file = bench.path("key-to-sign-with");
        std::fs::write(&file, &text).unwrap();
        // Each way twice, with different spellings.
        let ended = match at % 2 {
            0 => rebuild_with(&bench, &claim, file.to_str().unwrap(), ""),
            _ => rebuild_with(&bench, &claim, "-", &text),
        };
        assert_eq!(ended.exit, 0, "{spelling}: {}", ended.stderr);
        let case = case(&ended, &secret);
        assert_eq!(case.line["signatures"][0]["keyid"].as_str(), Some(secret.public().fingerprint().as_str()));
        for (name, verify) in VERIFIERS {
            assert_eq!(
                verify(&case),
                Answer::Accepted(String::from_utf8(case.payload()).unwrap()),
                "{spelling}, {name}"
            );
        }
        let signer = ended.statement()["predicate"]["buildDefinition"]["internalParameters"]["signer"].clone();
        let mut expected = json!({"public_key": secret.public().to_near()});
        if spelling == "NEAR credentials" {
            expected["account_id"] = json!("rebuilder.near");
        }
        assert_eq!(signer, expected, "{spelling}");
        secret.assert_absent(ended.stderr.as_bytes(), "stderr");
        std::fs::remove_dir_all(bench.path("out")).unwrap();
    }
    // What is no key signs nothing, and is not repeated.
    let ended = rebuild_with(&bench, &claim, "-", "ed25519:not-a-key-of-mine");
    assert_eq!((ended.exit, ended.code()), (2, "usage"));
    assert!(!ended.stderr.contains("not-a-key-of-mine") && !ended.json.to_string().contains("not-a-key-of-mine"));
}
