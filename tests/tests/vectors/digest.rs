//! A digest in one `form`: `expect: ok` with both faces, or `length` or `alphabet`.

use provenear_shared::digest::{DigestError, Sha256Digest};
use provenear_tests::vector::{Vector, same};

pub(crate) const HEADERS: &[&str] = &["form", "expect", "base58", "hex"];

pub(crate) fn check(vector: &Vector) -> Result<(), String> {
    let text = vector.text()?;
    let parsed = match vector.header("form")? {
        "base58" => Sha256Digest::from_base58(&text),
        "hex" => Sha256Digest::from_hex(&text),
        "oci" => Sha256Digest::from_oci(&text),
        other => return Err(format!("`{other}` is no form of a digest")),
    };
    let expect = vector.header("expect")?;
    match parsed {
        Ok(digest) => {
            same("the outcome", "ok", expect)?;
            same("base58", &digest.to_base58(), vector.header("base58")?)?;
            same("hex", &digest.to_hex(), vector.header("hex")?)?;
            same("OCI", &digest.to_oci(), &format!("sha256:{}", vector.header("hex")?))
        }
        Err(DigestError::Length(_)) => same("the outcome", "length", expect),
        Err(DigestError::Alphabet(_)) => same("the outcome", "alphabet", expect),
    }
}
