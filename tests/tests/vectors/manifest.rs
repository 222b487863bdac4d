//! One line of a scenario (see `provenear_tests::scenario`), twice: as a reader opens it who trusts `alice`, and by the key
//! that it names itself. `expect` is `opened` or the rejection; `untrusted` is who signed, or the rejection.

use provenear_shared::manifest::{Policy, open, open_untrusted};
use provenear_tests::notary::Notary;
use provenear_tests::scenario::Scenario;
use provenear_tests::vector::{Vector, same};

pub(crate) const HEADERS: &[&str] = &["expect", "untrusted", "account"];

pub(crate) fn check(vector: &Vector) -> Result<(), String> {
    let line = Scenario::parse(&vector.text()?)?.manifest_lines()?;
    let mut policy = Policy::new();
    policy.keys.push((Notary::named("alice").public_key(), "alice".to_owned()));
    same("the outcome", open(&line, &policy).map_or_else(|it| it.code(), |_| "opened"), vector.header("expect")?)?;
    let untrusted = open_untrusted(&line);
    let name = |key| ["alice", "mallory"].into_iter().find(|name| Notary::named(name).public_key() == key);
    let signer = untrusted.as_ref().map_or_else(|it| it.code(), |it| name(*it.key()).unwrap_or("nobody"));
    same("the signer", signer, vector.header("untrusted")?)?;
    let account = untrusted.as_ref().ok().and_then(|it| it.signer_account()).unwrap_or_default();
    same("the account", account, vector.headers("account").first().copied().unwrap_or_default())
}
