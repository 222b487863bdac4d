//! SHA-256 digests with their two faces: base58 as NEAR writes a `code_hash`, hex as OCI and in-toto write it.
//! Not here: what a digest is a digest of.

use sha2::{Digest, Sha256};
use thiserror::Error;

use crate::spelling::spelled;

/// A SHA-256 digest, 32 bytes.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Sha256Digest([u8; 32]);

/// Why a text is not a SHA-256 digest.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum DigestError {
    /// The text decodes to another number of bytes than 32.
    #[error("a SHA-256 digest has 32 bytes, this text decodes to {0}")]
    Length(usize),
    /// The text holds a character that the notation does not have.
    #[error("a SHA-256 digest in {0} holds a character that {0} does not have")]
    Alphabet(&'static str),
}

impl Sha256Digest {
    /// The digest of `bytes`.
    pub fn of(bytes: &[u8]) -> Self {
        Self(Sha256::digest(bytes).into())
    }

    /// A digest that was computed elsewhere, 32 bytes.
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The 32 bytes.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// Reads a digest as people publish one: in base58, or in hex of either case, with or without `sha256:` or `0x` in front.
    pub fn from_published(text: &str) -> Option<Self> {
        let hex = text.strip_prefix("sha256:").or_else(|| text.strip_prefix("0x")).unwrap_or(text);
        Self::from_base58(text).or_else(|_| Self::from_hex(&hex.to_ascii_lowercase())).ok()
    }

    /// Reads NEAR's notation (`code_hash`, block hashes).
    ///
    /// # Errors
    /// [`DigestError::Length`] unless `text` decodes to exactly 32 bytes, [`DigestError::Alphabet`] if it is not base58.
    ///
    /// # Examples
    /// ```
    /// use provenear_shared::digest::{DigestError, Sha256Digest};
    ///
    /// let nothing = Sha256Digest::of(b"");
    /// assert_eq!(Sha256Digest::from_base58("GKot5hBsd81kMupNCXHaqbhv3huEbxAFMLnpcX2hniwn"), Ok(nothing));
    /// // The same digest as an image or a manifest names it.
    /// assert_eq!(Sha256Digest::from_oci(&format!("sha256:{}", nothing.to_hex())), Ok(nothing));
    /// assert_eq!(Sha256Digest::from_base58("GKot5hBsd81k"), Err(DigestError::Length(9)));
    /// ```
    pub fn from_base58(text: &str) -> Result<Self, DigestError> {
        // 32 bytes never take more than 44 base58 digits; decoding is quadratic, so longer text is not tried.
        if text.len() > 44 {
            return Err(DigestError::Length(text.len()));
        }
        let bytes = bs58::decode(text).into_vec().map_err(|_| DigestError::Alphabet("base58"))?;
        let length = bytes.len();
        bytes.try_into().map(Self).map_err(|_| DigestError::Length(length))
    }

    /// Reads 64 lower-case hexadecimal digits (in-toto: digests are lower-case).
    ///
    /// # Errors
    /// [`DigestError::Length`] or [`DigestError::Alphabet`].
    pub fn from_hex(text: &str) -> Result<Self, DigestError> {
        let digits = text.as_bytes();
        if digits.len() != 64 {
            return Err(DigestError::Length(digits.len() / 2));
        }
        let mut bytes = [0; 32];
        for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
            *byte = hex_digit(pair[0])? << 4 | hex_digit(pair[1])?;
        }
        Ok(Self(bytes))
    }

    /// Reads the OCI notation `sha256:<64 lower-case hex digits>`.
    ///
    /// # Errors
    /// As [`Sha256Digest::from_hex`]; a missing or other algorithm is [`DigestError::Alphabet`].
    pub fn from_oci(text: &str) -> Result<Self, DigestError> {
        Self::from_hex(text.strip_prefix("sha256:").ok_or(DigestError::Alphabet("OCI notation"))?)
    }

    /// NEAR's notation.
    pub fn to_base58(&self) -> String {
        bs58::encode(self.0).into_string()
    }

    /// 64 lower-case hexadecimal digits.
    pub fn to_hex(&self) -> String {
        const DIGITS: &[u8; 16] = b"0123456789abcdef";
        self.0.iter().flat_map(|byte| [byte >> 4, byte & 15]).map(|digit| DIGITS[usize::from(digit)] as char).collect()
    }

    /// `sha256:<hex>`, as OCI writes an image digest.
    pub fn to_oci(&self) -> String {
        format!("sha256:{}", self.to_hex())
    }
}

/// A digest that is written as 64 lower-case hexadecimal digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Hex(pub Sha256Digest);

/// A digest that is written as OCI writes it, `sha256:<hex>`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Oci(pub Sha256Digest);

spelled!(Sha256Digest, "SHA-256 in base58", Sha256Digest::to_base58, |text| Sha256Digest::from_base58(text).ok());
spelled!(Hex, "SHA-256 in hex", ToString::to_string, |text| Sha256Digest::from_hex(text).ok().map(Hex));
spelled!(Oci, "image digest", ToString::to_string, |text| Sha256Digest::from_oci(text).ok().map(Oci));

impl std::fmt::Display for Hex {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0.to_hex())
    }
}

impl std::fmt::Display for Oci {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0.to_oci())
    }
}

impl std::fmt::Debug for Sha256Digest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.to_oci())
    }
}

fn hex_digit(digit: u8) -> Result<u8, DigestError> {
    match digit {
        b'0'..=b'9' => Ok(digit - b'0'),
        b'a'..=b'f' => Ok(digit - b'a' + 10),
        _ => Err(DigestError::Alphabet("lower-case hexadecimal")),
    }
}
