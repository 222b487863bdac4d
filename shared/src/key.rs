//! Ed25519 public keys in the three spellings that people have: NEAR, OpenSSH and PEM.
//! Not here: secret keys (`helper/signer`), or whom the reader trusts (`manifest::Policy`).

mod other;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};
use ed25519_dalek::VerifyingKey;
use sha2::{Digest, Sha256};
use thiserror::Error;

use crate::spelling::spelled;

pub use other::OtherKey;

/// DER prefix of an Ed25519 SubjectPublicKeyInfo (RFC 8410).
const SPKI_PREFIX: [u8; 12] = [0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00];

/// An Ed25519 public key that is a point on the curve and not of low order.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct PublicKey(VerifyingKey);

/// Why a text is not a public key that can be trusted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum KeyError {
    /// None of the three spellings.
    #[error("this is not an Ed25519 public key as `ed25519:<base58>`, `ssh-ed25519 <base64>` or PEM")]
    Spelling,
    /// The private half, which must not be repeated on a screen or in a log.
    #[error("this is a private key: name its public half, and keep this one to yourself")]
    Private,
    /// Thirty-two bytes that are not a point, or one of low order, for which anybody can make signatures.
    #[error("this Ed25519 public key is weak or not a point of the curve")]
    Weak,
}

impl PublicKey {
    /// Reads `ed25519:<base58>`, an OpenSSH line (a comment may follow) or a PEM block.
    ///
    /// # Errors
    /// [`KeyError`].
    ///
    /// # Examples
    /// ```
    /// use provenear_shared::key::{KeyError, PublicKey};
    ///
    /// let key = PublicKey::parse("ed25519:DcA2MzgpJbrUATQLLceocVckhhAqrkingax4oJ9kZ847").unwrap();
    /// assert_eq!(PublicKey::parse(&key.to_ssh()), Ok(key));
    /// assert_eq!(PublicKey::parse(&key.to_pem()), Ok(key));
    /// // A secret key, pasted by mistake, is told apart; the error does not repeat it.
    /// assert_eq!(PublicKey::parse(&format!("ed25519:{}", "2".repeat(88))), Err(KeyError::Private));
    /// ```
    pub fn parse(text: &str) -> Result<Self, KeyError> {
        let text = text.trim();
        if is_private(text) {
            return Err(KeyError::Private);
        }
        if !text.starts_with("-----BEGIN") && text.contains(|character: char| character.is_control()) {
            // A second line could be a second key, which nobody sees where the first is shown.
            return Err(KeyError::Spelling);
        }
        let bytes = if let Some(base58) = text.strip_prefix("ed25519:") {
            (base58.len() <= 44).then(|| bs58::decode(base58).into_vec().ok()).flatten()
        } else if let Some(rest) = text.strip_prefix("ssh-ed25519 ") {
            rest.split_whitespace().next().and_then(from_ssh)
        } else {
            from_pem(text)
        };
        Self::from_bytes(&bytes.ok_or(KeyError::Spelling)?)
    }

    /// Takes 32 raw bytes.
    ///
    /// # Errors
    /// [`KeyError`].
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, KeyError> {
        let bytes: &[u8; 32] = bytes.try_into().map_err(|_| KeyError::Spelling)?;
        let key = VerifyingKey::from_bytes(bytes).map_err(|_| KeyError::Weak)?;
        if key.is_weak() { Err(KeyError::Weak) } else { Ok(Self(key)) }
    }

    /// The 32 raw bytes.
    pub fn as_bytes(&self) -> &[u8; 32] {
        self.0.as_bytes()
    }

    /// NEAR's spelling, `ed25519:<base58>`.
    pub fn to_near(&self) -> String {
        format!("ed25519:{}", bs58::encode(self.as_bytes()).into_string())
    }

    /// An OpenSSH public key line without a comment.
    pub fn to_ssh(&self) -> String {
        format!("ssh-ed25519 {}", STANDARD.encode(ssh_blob(self.as_bytes())))
    }

    /// A PEM block, as OpenSSL and cosign read it.
    pub fn to_pem(&self) -> String {
        let der = [SPKI_PREFIX.as_slice(), self.as_bytes()].concat();
        format!("-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----\n", STANDARD.encode(der))
    }

    /// The OpenSSH fingerprint `SHA256:<base64, unpadded>`, which is our `keyid`: the one form that all DSSE clients accept.
    pub fn fingerprint(&self) -> String {
        format!("SHA256:{}", STANDARD_NO_PAD.encode(Sha256::digest(ssh_blob(self.as_bytes()))))
    }

    /// Strict verification: neither low-order keys nor malleable signatures pass.
    #[cfg(feature = "pipeline")]
    pub(crate) fn verifies(&self, message: &[u8], signature: &[u8; 64]) -> bool {
        self.0.verify_strict(message, &ed25519_dalek::Signature::from_bytes(signature)).is_ok()
    }
}

spelled!(PublicKey, "Ed25519 public key", PublicKey::to_near, |text| PublicKey::parse(text).ok());

impl std::fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.to_near())
    }
}

/// Whether a text is a private key as NEAR or PEM spell it.
fn is_private(text: &str) -> bool {
    // In NEAR's spelling both halves stand behind the same word: 32 bytes take at most 44 characters, 64 bytes 86 or more.
    let is_long = |base58: &str| base58.len() > 60 && base58.bytes().all(|byte| byte.is_ascii_alphanumeric());
    let is_near = text.strip_prefix("ed25519:").is_some_and(is_long);
    let is_pem =
        text.lines().next().is_some_and(|line| line.starts_with("-----BEGIN ") && line.contains("PRIVATE KEY"));
    is_near || is_pem
}

fn ssh_blob(key: &[u8; 32]) -> Vec<u8> {
    [&11u32.to_be_bytes()[..], b"ssh-ed25519", &32u32.to_be_bytes(), key].concat()
}

fn from_ssh(base64: &str) -> Option<Vec<u8>> {
    let blob = STANDARD.decode(base64).ok()?;
    let key: [u8; 32] = blob.get(blob.len().checked_sub(32)?..)?.try_into().ok()?;
    (blob == ssh_blob(&key)).then(|| key.to_vec())
}

fn from_pem(text: &str) -> Option<Vec<u8>> {
    let body = text.strip_prefix("-----BEGIN PUBLIC KEY-----")?.strip_suffix("-----END PUBLIC KEY-----")?;
    let base64: String = body.split_whitespace().collect();
    STANDARD.decode(base64).ok()?.strip_prefix(&SPKI_PREFIX).map(<[u8]>::to_vec)
}
