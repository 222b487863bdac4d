//! What a DAO answers for proposal `id`: `expect` is the proposal in short, or `malformed`.

use provenear_shared::dao::{Carrying, DaoError, Kind, parse};
use provenear_tests::vector::{Vector, same};

pub(crate) const HEADERS: &[&str] = &["id", "expect"];

pub(crate) fn check(vector: &Vector) -> Result<(), String> {
    let id = vector.header("id")?.parse().map_err(|_| "`id` is no number")?;
    let found = match parse(&vector.bytes()?, id) {
        Ok(proposal) => {
            let kind = match &proposal.kind {
                Kind::UpgradeSelf(hash) => format!("UpgradeSelf {}", hash.to_base58()),
                Kind::UpgradeRemote { receiver_id, method_name, hash } => {
                    format!("UpgradeRemote {receiver_id}.{method_name} {}", hash.to_base58())
                }
                Kind::Calls { receiver_id, count, carrying } => {
                    let one = |call: &Carrying| format!(" {} {}", call.method_name, call.code.hash().to_base58());
                    format!("{count} calls of {receiver_id}:{}", carrying.iter().map(one).collect::<String>())
                }
                Kind::Other(name) => name.clone(),
            };
            format!("{} {} {} {kind}", proposal.id, proposal.proposer, proposal.status)
        }
        Err(DaoError::Malformed(_)) => "malformed".to_owned(),
        Err(other) => other.to_string(),
    };
    same("the outcome", &found, vector.header("expect")?)
}
