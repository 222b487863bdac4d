//! One line of a scenario (see `provenear_tests::scenario`), twice: as a reader opens it who trusts `alice`, and by the key
//! that it names itself. `expect` is `opened` or the rejection; `untrusted` is who signed, or the rejection. `pulled` is the
//! digest by which the image was pulled, or `never`; `platform` is the one of its linux/amd64 manifest.

use provenear_shared::digest::Sha256Digest;
use provenear_shared::keys::KeyName;
use provenear_shared::manifest::{Policy, open, open_untrusted};
use provenear_shared::verdict::ClaimBasis;
use provenear_tests::notary::Notary;
use provenear_tests::scenario::Scenario;
use provenear_tests::vector::{Vector, same};

pub(crate) const HEADERS: &[&str] = &["expect", "untrusted", "pulled", "platform"];

pub(crate) fn check(vector: &Vector) -> Result<(), String> {
    let line = Scenario::parse(&vector.text()?)?.manifest_lines()?;
    let mut policy = Policy::new();
    policy.keys.push((Notary::named("alice").public_key(), KeyName::parse("alice").unwrap()));
    let opened = open(&line, &policy);
    same("the outcome", opened.as_ref().map_or_else(|it| it.code(), |_| "opened"), vector.header("expect")?)?;
    let optional = |name| vector.headers(name).first().copied().unwrap_or_default();
    let hex = |digest: Option<&Sha256Digest>| digest.map(Sha256Digest::to_hex).unwrap_or_default();
    if let Some(attestation) = opened.ok().filter(|_| !optional("pulled").is_empty()) {
        let pulled = hex(attestation.pulled_image());
        same("the image", if pulled.is_empty() { "never" } else { &pulled }, optional("pulled"))?;
        same("the linux/amd64 image", &hex(attestation.platform_image()), optional("platform"))?;
    }
    let untrusted = open_untrusted(&line, None, ClaimBasis::Code);
    let name = |key| ["alice", "mallory"].into_iter().find(|name| Notary::named(name).public_key() == key);
    let signer = untrusted.as_ref().map_or_else(|it| it.code(), |it| name(it.key).unwrap_or("nobody"));
    same("the signer", signer, vector.header("untrusted")?)
}
