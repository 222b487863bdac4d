//! What people have in place of an Ed25519 key, named: keys of other kinds, and what is no key. By spelling alone, and for a
//! sentence alone: nothing here makes a key.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use thiserror::Error;

/// What a text is that is not an Ed25519 public key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum OtherKey {
    /// ECDSA over the NIST curve of 256 bits, as cosign and GitHub use.
    #[error("this is a P-256 key (ECDSA), and Provenear checks Ed25519 only")]
    P256,
    /// ECDSA over another NIST curve.
    #[error("this is an ECDSA key, and Provenear checks Ed25519 only")]
    Ecdsa,
    /// RSA.
    #[error("this is an RSA key, and Provenear checks Ed25519 only")]
    Rsa,
    /// DSA.
    #[error("this is a DSA key, and Provenear checks Ed25519 only")]
    Dsa,
    /// ECDSA over the curve of Bitcoin and Ethereum.
    #[error("this is a secp256k1 key, and Provenear checks Ed25519 only")]
    Secp256k1,
    /// NEAR's post-quantum keys.
    #[error("this is an ML-DSA key, and Provenear checks Ed25519 only")]
    MlDsa,
    /// Keys for encryption, such as those of age.
    #[error("this is a key for encryption (X25519), which signs nothing")]
    X25519,
    /// A FIDO key, whose signatures are over more than what is signed.
    #[error("this is a key of a security token (`sk-…`), whose signatures Provenear does not check")]
    SecurityKey,
    /// An OpenSSH or X.509 certificate.
    #[error("this is a certificate: Provenear follows none, give the Ed25519 key itself")]
    Certificate,
    /// OpenPGP.
    #[error("this is an OpenPGP key, and Provenear checks plain Ed25519 only")]
    OpenPgp,
    /// minisign and signify, whose keys have another spelling.
    #[error("this is a minisign key: give the Ed25519 key as `ed25519:<base58>`, `ssh-ed25519 <base64>` or PEM")]
    Minisign,
    /// Of one of them.
    #[error("this is a fingerprint, and a fingerprint is not a key: get the key itself from its owner")]
    Fingerprint,
    /// 32 bytes in hex: a fingerprint, an account or a raw key.
    #[error("this is 64 hex digits, and could be a hash or an account: write the key as `ed25519:<base58>`")]
    Hex,
    /// 32 bytes in base58: a code hash, or a key without its prefix.
    #[error("this could be a hash: if it is an Ed25519 key of NEAR, write `ed25519:` before it")]
    Base58,
}

impl OtherKey {
    /// What a text begins with, if it is one of these. A text that begins with an Ed25519 key is none.
    pub fn of(text: &str) -> Option<Self> {
        let text = text.trim();
        let word = text.split_whitespace().next()?;
        if text.starts_with("-----BEGIN") || text.starts_with("---- BEGIN") {
            return of_armour(text);
        }
        let starts = |start: &str| word.to_ascii_lowercase().starts_with(start);
        let is_base64 = |text: &str| text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+/=".contains(&byte));
        let rules: [(bool, Self); 16] = [
            (word.ends_with("-cert-v01@openssh.com"), Self::Certificate),
            (starts("sk-ssh-") || starts("sk-ecdsa-"), Self::SecurityKey),
            (starts("ecdsa-sha2-nistp256"), Self::P256),
            (starts("ecdsa-sha2-"), Self::Ecdsa),
            (starts("ssh-rsa") || starts("rsa-sha2-"), Self::Rsa),
            (starts("ssh-dss"), Self::Dsa),
            (starts("secp256k1:"), Self::Secp256k1),
            (starts("ml-dsa") && word.contains(':'), Self::MlDsa),
            (starts("p256:"), Self::P256),
            (starts("age1") && word.len() == 62, Self::X25519),
            (starts("sha256:") || starts("md5:") || starts("sha512:"), Self::Fingerprint),
            // `ssh-keygen -l`: bits, fingerprint, comment, type.
            (
                word.parse::<u16>().is_ok() && text.split_whitespace().nth(1).is_some_and(is_fingerprint),
                Self::Fingerprint,
            ),
            (text.starts_with("untrusted comment:"), Self::Minisign),
            (word.len() == 56 && word.starts_with("RW") && is_base64(word), Self::Minisign),
            (word.len() == 64 && word.bytes().all(|byte| byte.is_ascii_hexdigit()), Self::Hex),
            (
                (43..=44).contains(&word.len()) && bs58::decode(word).into_vec().is_ok_and(|it| it.len() == 32),
                Self::Base58,
            ),
        ];
        rules.into_iter().find(|(is_one, _)| *is_one).map(|(_, kind)| kind)
    }
}

fn is_fingerprint(word: &str) -> bool {
    word.starts_with("SHA256:") || word.starts_with("MD5:")
}

/// By its label, or by the identifiers in its body (RFC 5480, RFC 8410, RFC 3279).
fn of_armour(text: &str) -> Option<OtherKey> {
    const P256: &[u8] = &[0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07];
    const SECP256K1: &[u8] = &[0x06, 0x05, 0x2b, 0x81, 0x04, 0x00, 0x0a];
    const EC: &[u8] = &[0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01];
    const RSA: &[u8] = &[0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01];
    const X25519: &[u8] = &[0x06, 0x03, 0x2b, 0x65, 0x6e];
    let first = text.lines().next()?;
    let labels =
        [("CERTIFICATE", OtherKey::Certificate), ("PGP", OtherKey::OpenPgp), ("RSA PUBLIC KEY", OtherKey::Rsa)];
    if let Some((_, kind)) = labels.into_iter().find(|(label, _)| first.contains(label)) {
        return Some(kind);
    }
    // Such a key is short; what comes behind it does not change what it is.
    let body: String = text.lines().skip(1).take_while(|line| !line.starts_with('-')).take(64).map(str::trim).collect();
    let der = STANDARD.decode(body).ok()?;
    let has = |id: &[u8]| der.windows(id.len()).take(32).any(|part| part == id);
    let ids = [
        (P256, OtherKey::P256),
        (SECP256K1, OtherKey::Secp256k1),
        (EC, OtherKey::Ecdsa),
        (RSA, OtherKey::Rsa),
        (X25519, OtherKey::X25519),
    ];
    ids.into_iter().find(|(id, _)| has(id)).map(|(_, kind)| kind)
}
