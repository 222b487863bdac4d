//! What the banner needs of a report, read out of its JSON: few fields, so that the first program need not know the rest.
//! Plain data about a verdict, never a verdict. Not here: drawing it (`components/banner`), the cards (`pages/cards`).

use provenear_shared::json::{Member, Object, Unexpected};

/// A stable code with its sentence, as [`provenear_shared::report::Coded`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Said {
    pub(crate) code: String,
    pub(crate) message: String,
}

/// A verdict in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Judged {
    pub(crate) code: String,
    /// In a few words.
    pub(crate) headline: String,
    pub(crate) message: String,
}

/// The block that was looked at, and who was asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Asked {
    pub(crate) block_height: u64,
    pub(crate) block_time: String,
    /// Seconds from the block to the present, where the reader asked for that block.
    pub(crate) age_seconds: Option<u64>,
    /// Hosts that vouch for it.
    pub(crate) agreeing: Vec<String>,
}

/// One answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Answer {
    /// The whole report, as `inspect --json` prints it, for the second program.
    pub(crate) json: String,
    pub(crate) verdict: Option<Judged>,
    /// Why we could not look; then there is no verdict.
    pub(crate) error: Option<Said>,
    /// `account`, `file` or `code-hash`.
    pub(crate) kind: String,
    pub(crate) name: String,
    /// Base58.
    pub(crate) code_hash: Option<String>,
    pub(crate) asked: Option<Asked>,
    pub(crate) notices: Vec<Said>,
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
    pub(crate) fn read(json: String) -> Result<Self, Unexpected> {
        let report = Object::parse(json.as_bytes())?;
        let subject: Object<'_> = report.get("subject")?;
        let deployment: Option<Object<'_>> = report.maybe("deployment")?;
        let code_hash = report.maybe::<Object<'_>>("code")?.map(|code| code.get("code_hash")).transpose()?;
        let asked = deployment.as_ref().map(asked).transpose()?;
        let manifests: Vec<Object<'_>> = report.get("manifests")?;
        let (kind, name): (String, String) = (subject.get("kind")?, subject.get("name")?);
        let is_rebuildable = report.maybe::<Object<'_>>("recipe")?.is_some();
        Ok(Self {
            verdict: report.maybe("verdict")?,
            error: report.maybe("error")?,
            command: command(is_rebuildable, &kind, &name, deployment.as_ref(), code_hash.as_deref())?,
            kind,
            name,
            code_hash,
            asked,
            notices: report.get("notices")?,
            has_stored: manifests.iter().any(|line| line.get::<String>("source").is_ok_and(|source| source == "store")),
            json,
        })
    }
}

impl<'a> Member<'a> for Said {
    fn read(text: &'a str) -> Result<Self, Unexpected> {
        let object = Object::read(text)?;
        Ok(Self { code: object.get("code")?, message: object.get("message")? })
    }
}

impl<'a> Member<'a> for Judged {
    fn read(text: &'a str) -> Result<Self, Unexpected> {
        let object = Object::read(text)?;
        Ok(Self { code: object.get("code")?, headline: object.get("headline")?, message: object.get("message")? })
    }
}

fn asked(deployment: &Object<'_>) -> Result<Asked, Unexpected> {
    let mut agreeing = Vec::new();
    for endpoint in deployment.get::<Vec<Object<'_>>>("endpoints")? {
        if endpoint.get("agrees")? {
            agreeing.push(endpoint.get("host")?);
        }
    }
    Ok(Asked {
        block_height: deployment.get("block_height")?,
        block_time: deployment.get("block_time")?,
        age_seconds: deployment.maybe("age_seconds")?,
        agreeing,
    })
}

fn command(
    is_rebuildable: bool,
    kind: &str,
    name: &str,
    deployment: Option<&Object<'_>>,
    code_hash: Option<&str>,
) -> Result<Option<String>, Unexpected> {
    let verb = if is_rebuildable { "rebuild" } else { "inspect" };
    Ok(match (deployment, code_hash) {
        (Some(deployment), _) => {
            // Who was shown one block checks that one.
            let block = match deployment.maybe::<u64>("age_seconds")? {
                Some(_) => format!(" --block {}", deployment.get::<u64>("block_height")?),
                None => String::new(),
            };
            Some(format!("provenear {verb} {name} --network {}{block}", deployment.get::<String>("network")?))
        }
        (None, Some(hash)) if kind == "code-hash" => Some(format!("provenear {verb} hash:{hash}")),
        (None, Some(_)) => Some(format!("provenear {verb} <file.wasm>")),
        (None, None) => None,
    })
}
