//! `expect: ok` with the key as NEAR writes it and its fingerprint, `spelling`, `private` or `weak`. What is written is read again.

use provenear_shared::key::{KeyError, PublicKey};
use provenear_tests::vector::{Vector, same};

pub(crate) const HEADERS: &[&str] = &["expect", "near", "keyid"];

pub(crate) fn check(vector: &Vector) -> Result<(), String> {
    let expect = vector.header("expect")?;
    match PublicKey::parse(&vector.text()?) {
        Ok(key) => {
            same("the outcome", "ok", expect)?;
            same("NEAR's spelling", &key.to_near(), vector.header("near")?)?;
            same("the fingerprint", &key.fingerprint(), vector.header("keyid")?)?;
            let again = [key.to_near(), key.to_ssh(), key.to_pem()].iter().all(|text| PublicKey::parse(text) == Ok(key));
            if again { Ok(()) } else { Err("what was written is not read again".to_owned()) }
        }
        Err(KeyError::Spelling) => same("the outcome", "spelling", expect),
        Err(KeyError::Private) => same("the outcome", "private", expect),
        Err(KeyError::Weak) => same("the outcome", "weak", expect),
    }
}
