//! What a person types, by `form`: a `subject` (its kind, with its `value` and the `kind` of account, or `refused`, with what the refusal `says`),
//! a `network` (`ok` with the number of its endpoints) or a `block` (in its plain spelling).

use provenear_shared::near::{AccountId, BlockReference, Network, SubjectName, parse_subject};
use provenear_tests::vector::{Vector, same};

pub(crate) const HEADERS: &[&str] = &["form", "expect", "value", "says", "endpoints", "kind"];

pub(crate) fn check(vector: &Vector) -> Result<(), String> {
    let text = vector.text()?;
    let expect = vector.header("expect")?;
    match vector.header("form")? {
        "subject" => subject(vector, &text, expect),
        "network" => match Network::parse(&text) {
            Some(network) => {
                same("the outcome", "ok", expect)?;
                same("the chain id", network.chain_id(), &text)?;
                same("the number of endpoints", &network.endpoints().len().to_string(), vector.header("endpoints")?)
            }
            None => same("the outcome", "refused", expect),
        },
        "block" => match BlockReference::parse(&text) {
            Some(block) => same("the block", &block.to_string(), expect),
            None => same("the outcome", "refused", expect),
        },
        other => Err(format!("`{other}` is no form of what is typed")),
    }
}

fn subject(vector: &Vector, text: &str, expect: &str) -> Result<(), String> {
    let (kind, value) = match parse_subject(text) {
        Ok(SubjectName::Account(account)) => ("account", account.to_string()),
        Ok(SubjectName::File(path)) => ("file", path),
        Ok(SubjectName::CodeHash(hash)) => ("code-hash", hash.to_base58()),
        Err(refusal) => {
            same("the outcome", "refused", expect)?;
            let refusal = refusal.to_string();
            return match vector.headers("says").iter().find(|part| !refusal.contains(*part)) {
                Some(part) => Err(format!("`{refusal}` does not say `{part}`")),
                None => Ok(()),
            };
        }
    };
    same("the outcome", kind, expect)?;
    if let Some(expected) = vector.headers("kind").first() {
        let account = AccountId::parse(&value).ok_or("it is not an account")?;
        same("the kind of account", &format!("{:?}: {}", account.kind(), account.kind().describe().unwrap_or("plain")), expected)?;
    }
    same("the value", &value, vector.header("value")?)
}
