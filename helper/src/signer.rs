//! Secret keys: made, read and used here, wiped from memory, never printed. Not here: whom the reader trusts.

use std::io::{ErrorKind, Read};
use std::path::{Path, PathBuf};

use anyhow::Context;
use ed25519_dalek::pkcs8::{DecodePrivateKey, EncodePrivateKey, KeypairBytes};
use ed25519_dalek::{Signer as _, SigningKey};
use provenear_shared::dsse::{Envelope, PAYLOAD_TYPE, pae};
use provenear_shared::key::PublicKey;
use serde::Deserialize;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use crate::failure::{Code, fail};
use crate::files::{self, Access};
use crate::progress::{self, Progress};

/// Bytes of a key file.
const MAX_KEY_FILE: u64 = 64 << 10;

/// A key that signs.
pub struct Signer {
    key: SigningKey,
    public: PublicKey,
    account: Option<String>,
}

/// A NEAR credentials file, as near-cli writes it.
#[derive(Deserialize, Zeroize, ZeroizeOnDrop)]
struct Credentials {
    account_id: Option<String>,
    implicit_account_id: Option<String>,
    #[serde(alias = "secret_key")]
    private_key: String,
}

impl Signer {
    /// A fresh key.
    ///
    /// # Errors
    /// When the system gives no randomness.
    pub fn generate() -> anyhow::Result<Signer> {
        let mut seed = Zeroizing::new([0u8; 32]);
        getrandom::fill(seed.as_mut()).map_err(|e| anyhow::anyhow!("the system does not provide randomness: {e}"))?;
        Signer::from_seed(&seed)
    }

    fn from_seed(seed: &[u8; 32]) -> anyhow::Result<Signer> {
        let key = SigningKey::from_bytes(seed);
        let public = PublicKey::from_bytes(key.verifying_key().as_bytes())?;
        Ok(Signer { key, public, account: None })
    }

    /// Loads the key that was named, or the usual one, which is generated if there is none yet: `progress` says so.
    ///
    /// # Errors
    /// When it cannot be read or generated.
    pub fn load(path: Option<&Path>, progress: &Progress) -> anyhow::Result<Signer> {
        if let Some(path) = path {
            return Signer::read(path);
        }
        let (signer, path, is_new) = Signer::default_key()?;
        if is_new {
            progress.say(&format!("created a signing key in `{}`: {}", path.display(), signer.public().to_near()));
        }
        Ok(signer)
    }

    /// Reads a key: PKCS#8 PEM, an unencrypted OpenSSH ed25519 key, a NEAR credentials file, or `ed25519:<base58>`.
    ///
    /// # Errors
    /// [`Code::Usage`] for anything else. The text is not repeated.
    pub fn parse(text: &str) -> anyhow::Result<Signer> {
        let text = text.trim();
        if text.starts_with("-----BEGIN PRIVATE KEY-----") {
            let Ok(key) = SigningKey::from_pkcs8_pem(text) else {
                return fail(Code::Usage, "the key file is not an Ed25519 key in PKCS#8");
            };
            return Signer::from_seed(key.as_bytes());
        }
        if text.starts_with("-----BEGIN OPENSSH PRIVATE KEY-----") {
            return from_openssh(text);
        }
        if text.starts_with('{') {
            let Ok(credentials) = serde_json::from_str::<Credentials>(text) else {
                return fail(Code::Usage, "the key file is JSON, but not a NEAR credentials file");
            };
            let mut signer = from_near(&credentials.private_key)?;
            signer.account = credentials.account_id.clone().or_else(|| credentials.implicit_account_id.clone());
            return Ok(signer);
        }
        from_near(text).or_else(|error| match PublicKey::parse(text) {
            Ok(_) => fail(Code::Usage, "this is the public half: name the file with the secret half"),
            Err(_) => Err(error),
        })
    }

    /// Reads a key file; `-` is standard input.
    ///
    /// # Errors
    /// When it cannot be read, or others may read it, or it holds no key.
    pub fn read(path: &Path) -> anyhow::Result<Signer> {
        let mut text = Zeroizing::new(String::with_capacity(MAX_KEY_FILE as usize + 1));
        let mut is_open = false;
        if path.as_os_str() == "-" {
            std::io::stdin().take(MAX_KEY_FILE).read_to_string(&mut text)?;
        } else {
            let mut read = || {
                let file = files::open(path)?;
                is_open = others_may_read(&file)?;
                file.take(MAX_KEY_FILE).read_to_string(&mut text)
            };
            read().with_context(|| format!("failed to read signing key `{}`", path.display()))?;
        }
        let signer = Signer::parse(&text).with_context(|| format!("`{}` is not a signing key", path.display()))?;
        if is_open {
            progress::warn(&format!("others may read `{}`; `chmod 600` changes that", path.display()));
        }
        Ok(signer)
    }

    /// The key that is used when none is named: made on first use. Also says whether it was made now.
    ///
    /// # Errors
    /// When it cannot be read or generated.
    pub fn default_key() -> anyhow::Result<(Signer, PathBuf, bool)> {
        let path = default_path()?;
        if !path.exists() {
            let signer = Signer::generate()?;
            match signer.create(&path) {
                // Another helper's first use may be now: its key counts.
                Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
                made => {
                    made.with_context(|| format!("failed to write `{}`", path.display()))?;
                    return Ok((signer, path, true));
                }
            }
        }
        Ok((Signer::read(&path)?, path, false))
    }

    /// Writes the key as PKCS#8 PEM, for its owner alone. Never over another file.
    ///
    /// # Errors
    /// [`Code::Usage`] when there is a file already.
    pub fn write_new(&self, path: &Path) -> anyhow::Result<()> {
        match self.create(path) {
            Err(error) if error.kind() == ErrorKind::AlreadyExists => fail(
                Code::Usage,
                format!(
                    "`{}` exists already, and keys are never replaced; name another file with `--out`",
                    path.display()
                ),
            ),
            made => made.with_context(|| format!("failed to write `{}`", path.display())),
        }
    }

    fn create(&self, path: &Path) -> std::io::Result<()> {
        // Version 1, which has no public half: OpenSSL 3.0 reads no other.
        let bytes = KeypairBytes { secret_key: self.key.to_bytes(), public_key: None };
        let pem = bytes.to_pkcs8_pem(ed25519_dalek::pkcs8::spki::der::pem::LineEnding::LF);
        let pem = pem.map_err(|error| std::io::Error::other(format!("no PKCS#8: {error}")))?;
        files::write_new(path, pem.as_bytes(), Access::Private)
    }

    /// The public half.
    pub fn public(&self) -> &PublicKey {
        &self.public
    }

    /// The account that the key's file names, which the reader's page checks on the chain.
    pub fn account(&self) -> Option<&str> {
        self.account.as_deref()
    }

    /// Signs a payload into a DSSE envelope.
    pub fn seal(&self, payload: &[u8]) -> Envelope {
        let signature = self.key.sign(&pae(PAYLOAD_TYPE, payload));
        Envelope::seal(payload, &self.public, &signature.to_bytes())
    }
}

/// Where the key lies that is used when none is named.
///
/// # Errors
/// When the user has no home.
pub fn default_path() -> anyhow::Result<PathBuf> {
    Ok(files::data_folder()?.join("signing-key.pem"))
}

fn from_openssh(text: &str) -> anyhow::Result<Signer> {
    let Ok(key) = ssh_key::PrivateKey::from_openssh(text) else {
        return fail(Code::Usage, "the key file is not an OpenSSH key that can be read");
    };
    if key.is_encrypted() {
        return fail(
            Code::Usage,
            "the OpenSSH key is encrypted; remove the passphrase from a copy with `ssh-keygen -p`",
        );
    }
    match key.key_data().ed25519() {
        Some(pair) => Signer::from_seed(&Zeroizing::new(pair.private.to_bytes())),
        None => fail(Code::Usage, "the OpenSSH key is not of type ed25519; `ssh-keygen -t ed25519` makes one"),
    }
}

/// `ed25519:<base58>` of seed and public key, 64 bytes, as NEAR writes it. Of 32 bytes nobody could tell whether they are the secret
/// half or the public one, by which anybody could sign.
fn from_near(text: &str) -> anyhow::Result<Signer> {
    let bad = || fail(Code::Usage, "the key is neither PKCS#8 PEM, OpenSSH, NEAR credentials nor `ed25519:…`");
    let Some(base58) = text.trim().strip_prefix("ed25519:").filter(|t| t.len() <= 90) else { return bad() };
    let Ok(bytes) = bs58::decode(base58).into_vec().map(Zeroizing::new) else { return bad() };
    if bytes.len() == 32 {
        let why =
            "the key has 32 bytes, as a public key has: a secret key of NEAR has 64, the public half behind the other";
        return fail(Code::Usage, why);
    }
    let Some(seed) = bytes.first_chunk::<32>().filter(|_| bytes.len() == 64) else { return bad() };
    let signer = Signer::from_seed(seed)?;
    if bytes.get(32..) != Some(signer.public.as_bytes().as_slice()) {
        return fail(Code::Usage, "the public half of the key does not belong to its secret half");
    }
    Ok(signer)
}

#[cfg(unix)]
fn others_may_read(file: &std::fs::File) -> std::io::Result<bool> {
    let mode = std::os::unix::fs::PermissionsExt::mode(&file.metadata()?.permissions());
    Ok(mode & 0o077 != 0)
}

#[cfg(not(unix))]
fn others_may_read(_file: &std::fs::File) -> std::io::Result<bool> {
    Ok(false)
}

#[cfg(test)]
mod tests {
    use super::*;
    use provenear_shared::keys::KeyName;
    use provenear_shared::manifest::{Policy, Rejection, open};

    #[test]
    fn every_spelling_gives_the_same_key() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("deep/key.pem");
        let signer = Signer::generate().unwrap();
        signer.write_new(&path).unwrap();
        assert!(signer.write_new(&path).is_err());
        assert_eq!(Signer::read(&path).unwrap().public(), signer.public());
        let mode = std::os::unix::fs::PermissionsExt::mode(&std::fs::metadata(&path).unwrap().permissions());
        assert_eq!(mode & 0o777, 0o600);
        let pair = bs58::encode(signer.key.to_keypair_bytes()).into_string();
        assert_eq!(Signer::parse(&format!("ed25519:{pair}\n")).unwrap().public(), signer.public());
        // Anybody could sign by a key whose secret half is published.
        let seed = bs58::encode(signer.key.to_bytes()).into_string();
        for half in [signer.public().to_near(), format!("ed25519:{seed}")] {
            assert!(Signer::parse(&half).is_err(), "32 bytes are not taken for a secret key");
        }
        let json = format!(r#"{{"account_id":"a.near","public_key":"x","private_key":"ed25519:{pair}"}}"#);
        let imported = Signer::parse(&json).unwrap();
        assert_eq!((imported.public(), imported.account()), (signer.public(), Some("a.near")));
    }

    #[test]
    fn of_keys_made_at_the_same_time_one_stays() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key.pem");
        let made = std::thread::scope(|scope| {
            let make = || {
                let signer = Signer::generate().unwrap();
                signer.write_new(&path).is_ok().then(|| *signer.public())
            };
            let all: Vec<_> = (0..8).map(|_| scope.spawn(make)).collect();
            all.into_iter().filter_map(|thread| thread.join().unwrap()).collect::<Vec<_>>()
        });
        assert_eq!(made, [*Signer::read(&path).unwrap().public()]);
        assert_eq!(std::fs::read_dir(&folder).unwrap().count(), 1);
    }

    #[test]
    fn an_openssh_key_is_imported_and_others_are_refused() {
        let directory = tempfile::tempdir().unwrap();
        for (kind, good) in [("ed25519", true), ("ecdsa", false)] {
            let path = directory.path().join(kind);
            let made = std::process::Command::new("ssh-keygen")
                .args(["-q", "-N", "", "-t", kind, "-f"])
                .arg(&path)
                .status()
                .unwrap();
            assert!(made.success());
            let read = Signer::read(&path);
            assert_eq!(read.is_ok(), good, "{kind}");
            if let Ok(signer) = read {
                let line = std::fs::read_to_string(path.with_extension("pub")).unwrap();
                assert_eq!(&PublicKey::parse(&line).unwrap(), signer.public());
                let public = Signer::read(&path.with_extension("pub")).err().unwrap();
                assert!(format!("{public:#}").ends_with("name the file with the secret half"), "{public:#}");
            }
        }
        for text in [
            "",
            "ed25519:",
            "ed25519:abc",
            "{}",
            "-----BEGIN PRIVATE KEY-----\n-----END PRIVATE KEY-----",
            "secp256k1:abc",
        ] {
            let error = Signer::parse(text).err().unwrap();
            assert_eq!(crate::failure::code_of(&error), Code::Usage, "{text}");
        }
    }

    #[test]
    fn what_is_sealed_opens_for_those_who_trust_the_key() {
        let signer = Signer::generate().unwrap();
        let line = serde_json::to_string(&signer.seal(b"{}")).unwrap();
        let mut policy = Policy::new();
        assert_eq!(open(&line, &policy).unwrap_err(), Rejection::KeyUntrusted);
        policy.keys.push((*signer.public(), KeyName::default()));
        assert_eq!(open(&line, &policy).unwrap_err(), Rejection::StatementMalformed);
    }
}
