//! Private keys where a public one is asked for: told by their shape, so that none is repeated on a screen or in a log.

use ed25519_dalek::SigningKey;
use provenear_shared::given::Given;

/// What is said of one. Never with the text.
pub const PRIVATE: &str = "this holds a private key: nobody needs it to check anything, so keep it to yourself";

/// Whether a text holds a private key: PEM or OpenSSH, the JSON of NEAR credentials, `ed25519:` before more than the 32 bytes of a
/// public key, or seed and public half in base58 or hex without anything around them.
pub fn is_private(text: &str) -> bool {
    let marks = ["PRIVATE KEY", "private_key", "secret_key", "seed_phrase"];
    let words = text.split(|it: char| !it.is_ascii_alphanumeric() && it != ':');
    marks.iter().any(|mark| text.contains(mark)) || words.into_iter().any(is_secret)
}

/// A list without its comment lines, which may talk of anything.
pub fn without_comments(list: &str) -> String {
    list.lines().filter(|line| !line.trim_start().starts_with('#')).collect::<Vec<_>>().join("\n")
}

fn is_secret(word: &str) -> bool {
    // In NEAR's spelling both halves stand behind the same word: 32 bytes take at most 44 characters, 64 bytes 86 or more.
    match word.split_once("ed25519:") {
        Some((_, rest)) => rest.len() > 60,
        None => word.split(':').any(is_pair),
    }
}

/// Whether it is seed and public half of a key.
fn is_pair(word: &str) -> bool {
    let base58 = || bs58::decode(word).into_vec().ok().filter(|_| (80..=90).contains(&word.len()));
    let hex = || (word.len() == 128).then(|| Given::Hex.unpack(word.as_bytes())).flatten().map(|(bytes, _)| bytes);
    let pair = base58().or_else(hex).and_then(|bytes| <[u8; 64]>::try_from(bytes).ok());
    pair.is_some_and(|pair| SigningKey::from_keypair_bytes(&pair).is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_spelling_of_a_private_key_is_one_and_no_public_key_is() {
        let key = SigningKey::from_bytes(&[7; 32]);
        let pair = bs58::encode(key.to_keypair_bytes()).into_string();
        let hex: String = key.to_keypair_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
        for text in [
            format!("ed25519:{pair}"),
            format!("alice {pair}"),
            format!("key:ed25519:{pair}"),
            format!("key:{pair}"),
            hex.clone(),
            format!("\"ed25519:{pair}\","),
            "-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEAAAAA".to_owned(),
            "-----BEGIN EC PRIVATE KEY-----".to_owned(),
            r#"{"account_id":"a.near","secret_key":"x"}"#.to_owned(),
        ] {
            assert!(is_private(&text), "{text}");
        }
        let public = bs58::encode(key.verifying_key().as_bytes()).into_string();
        for text in [
            format!("ed25519:{public} alice"),
            "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ8xJc0Hn0bq0v7PfYVFLLsPq1i3kKyXgq9M3Z2o0Qq5 me@host".to_owned(),
            // As long as both halves, and not those of a key.
            "1".repeat(88),
            "ab".repeat(64),
            String::new(),
        ] {
            assert!(!is_private(&text), "{text}");
        }
        let listed = without_comments("# no PRIVATE KEY here\ned25519:x");
        assert_eq!(listed, "ed25519:x");
    }
}
