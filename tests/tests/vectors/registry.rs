//! What a registry contract answers, read `as` the record of an account or those of a `code`: `expect` is each record in
//! short, `none`, or why it is no record.

use provenear_shared::digest::Sha256Digest;
use provenear_shared::registry::{Record, RecordError, parse_account, parse_code};
use provenear_tests::vector::{Vector, same};

pub(crate) const HEADERS: &[&str] = &["as", "code", "expect"];

pub(crate) fn check(vector: &Vector) -> Result<(), String> {
    let answer = vector.bytes()?;
    let found = match vector.header("as")? {
        "account" => parse_account(&answer).map(|record| record.into_iter().collect()),
        "code" => {
            let code = Sha256Digest::from_base58(vector.header("code")?).map_err(|error| error.to_string())?;
            parse_code(&answer, &code)
        }
        other => return Err(format!("no answer is read as `{other}`")),
    };
    let found = match found {
        Ok(records) if records.is_empty() => "none".to_owned(),
        Ok(records) => records.iter().map(short).collect::<Vec<_>>().join("; "),
        Err(RecordError::TooLarge) => "too-large".to_owned(),
        Err(RecordError::Malformed(_)) => "malformed".to_owned(),
        Err(other) => other.to_string(),
    };
    same("the outcome", &found, vector.header("expect")?)
}

fn short(record: &Record) -> String {
    let account = record.account_id.as_ref().map(|account| format!("{account} ")).unwrap_or_default();
    let height = record.block_height.map_or("-".to_owned(), |height| height.to_string());
    format!("{account}{} {} {} {height}", record.code_hash.to_base58(), record.cid, record.lang)
}
