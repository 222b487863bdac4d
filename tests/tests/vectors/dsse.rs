//! Whole envelopes, made by another implementation: what `open` says to a reader who trusts the key `trust`.

use provenear_shared::key::PublicKey;
use provenear_shared::keys::KeyName;
use provenear_shared::manifest::{Policy, open};
use provenear_tests::vector::{Vector, same};

pub(crate) const HEADERS: &[&str] = &["expect", "trust"];

pub(crate) fn check(vector: &Vector) -> Result<(), String> {
    let mut policy = Policy::new();
    let key = PublicKey::parse(vector.header("trust")?).map_err(|error| error.to_string())?;
    policy.keys.push((key, KeyName::parse("alice").unwrap()));
    let outcome = match open(&vector.text()?, &policy) {
        Ok(attestation) if *attestation.key() != key => return Err("another key is named".to_owned()),
        Ok(_) => "ok",
        Err(rejection) => rejection.code(),
    };
    same("the outcome", outcome, vector.header("expect")?)
}
