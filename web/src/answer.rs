//! What the banner needs of a report, read out of its JSON: few fields, so that the first program need not know the rest.
//! Plain data about a verdict, never a verdict. Not here: drawing it (`components/banner`), the cards (`pages/cards`).

use serde_json::Value;

/// A stable code with its sentence, as [`provenear_shared::report::Coded`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Said {
    pub(crate) code: String,
    pub(crate) message: String,
}

/// The block that was looked at, and who was asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Asked {
    pub(crate) block_height: u64,
    pub(crate) block_time: String,
    /// Hosts that vouch for it.
    pub(crate) agreeing: Vec<String>,
}

/// One answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Answer {
    /// The whole report, as `inspect --json` prints it, for the second program.
    pub(crate) json: String,
    pub(crate) verdict: Option<Said>,
    /// Why we could not look; then there is no verdict.
    pub(crate) error: Option<Said>,
    /// `account`, `file` or `code-hash`.
    pub(crate) kind: String,
    pub(crate) name: String,
    /// Base58.
    pub(crate) code_hash: Option<String>,
    pub(crate) asked: Option<Asked>,
    pub(crate) notices: Vec<Said>,
    pub(crate) full_access_keys: Option<u64>,
    /// What to type to check it oneself: `rebuild` where the claim is usable.
    pub(crate) command: Option<String>,
    /// Whether a manifest came from a store.
    pub(crate) has_stored: bool,
}

impl Answer {
    /// Reads what the Worker posted.
    ///
    /// # Errors
    /// When that is no report, which would be a fault of ours.
    pub(crate) fn read(json: String) -> Result<Self, String> {
        let report: Value = serde_json::from_slice(json.as_bytes()).map_err(|error| error.to_string())?;
        let (code, deployment) = (&report["code"], &report["deployment"]);
        let asked = deployment["block_height"].as_u64().map(|block_height| Asked {
            block_height,
            block_time: text(&deployment["block_time"]),
            agreeing: items(&deployment["endpoints"])
                .filter(|endpoint| endpoint["agrees"] == Value::Bool(true))
                .map(|endpoint| text(&endpoint["host"]))
                .collect(),
        });
        Ok(Self {
            verdict: said(&report["verdict"]),
            error: said(&report["error"]),
            kind: text(&report["subject"]["kind"]),
            name: text(&report["subject"]["name"]),
            code_hash: code["code_hash"].as_str().map(str::to_owned),
            asked,
            notices: items(&report["notices"]).filter_map(said).collect(),
            command: command(&report),
            full_access_keys: report["changeable"]["full_access_keys"].as_u64(),
            has_stored: items(&report["manifests"]).any(|manifest| manifest["source"].as_str() == Some("store")),
            json,
        })
    }
}

fn command(report: &Value) -> Option<String> {
    let verb = if report["recipe"].is_object() { "rebuild" } else { "inspect" };
    let (account, code) = (&report["deployment"]["account_id"], &report["code"]["code_hash"]);
    match (account.as_str(), code.as_str()) {
        (Some(account), _) => {
            Some(format!("provenear {verb} {account} --network {}", text(&report["deployment"]["network"])))
        }
        (None, Some(hash)) if report["subject"]["kind"] == "code-hash" => Some(format!("provenear {verb} hash:{hash}")),
        (None, Some(_)) => Some(format!("provenear {verb} <file.wasm>")),
        (None, None) => None,
    }
}

fn said(value: &Value) -> Option<Said> {
    Some(Said { code: value["code"].as_str()?.to_owned(), message: text(&value["message"]) })
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn items(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}
