//! What the inspector says of a question, and what the banner needs of a report: few fields, read out of its text, so that
//! the first program need not know the rest. Plain data about a verdict, never a verdict.

use provenear_shared::deployment::LookCode;
use provenear_shared::digest::Sha256Digest;
use provenear_shared::inspection::Step;
use provenear_shared::json::{self, Object, Unexpected};
use provenear_shared::notice::NoticeCode;
use provenear_shared::report::{Coded, SubjectKind};
use provenear_shared::verdict::VerdictCode;
use serde_json::Value;

/// What is said of a question: any number of steps, then one of the others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Said {
    /// What is being waited for.
    Step(Step),
    /// The report, as `inspect --json` prints it.
    Report(String),
    /// Why the question could not be put, in one sentence.
    Failed(String),
}

/// What the first program knows of a report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The whole report, for the second program.
    pub report: String,
    /// The verdict.
    pub verdict: Option<Judged>,
    /// Why we could not look, in which case there is no verdict.
    pub error: Option<Coded<LookCode>>,
    /// What kind of thing was asked about.
    pub kind: SubjectKind,
    /// Account id, file name or base58 hash.
    pub name: String,
    /// The code that was found.
    pub code_hash: Option<Sha256Digest>,
    /// Who was asked, of an account.
    pub asked: Option<Asked>,
    /// How many keys can replace the code, as far as they could be listed.
    pub full_access_keys: Option<u64>,
    /// What is unusual.
    pub notices: Vec<Coded<NoticeCode>>,
    /// What to type to check it oneself: `rebuild` where the claim is usable.
    pub command: Option<String>,
}

/// A verdict in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Judged {
    /// Which verdict.
    pub code: VerdictCode,
    /// In a few words.
    pub headline: String,
    /// In one sentence.
    pub message: String,
}

/// The block that was looked at, and who was asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// Its height.
    pub block_height: u64,
    /// Its time, RFC 3339.
    pub block_time: String,
    /// Seconds from the block to the present, where the reader asked for that block.
    pub age_seconds: Option<u64>,
    /// Hosts that vouch for it.
    pub agreeing: Vec<String>,
}

impl Said {
    /// As the text that crosses.
    pub fn to_json(self) -> String {
        let (kind, said) = match self {
            Self::Step(step) => ("step", step.code().into()),
            Self::Report(report) => ("report", Value::String(report)),
            Self::Failed(reason) => ("failed", Value::String(reason)),
        };
        json::to_text(&json::object(vec![(kind, said)]))
    }

    /// Reads what was written.
    ///
    /// # Errors
    /// [`Unexpected`], which would be a fault of ours.
    pub fn read(text: &str) -> Result<Self, Unexpected> {
        let said = Object::parse(text.as_bytes())?;
        if said.text("step").is_some() {
            return said.word("step", Step::parse).map(Self::Step);
        }
        if let Some(report) = said.maybe("report")? {
            return Ok(Self::Report(report));
        }
        said.get("failed").map(Self::Failed)
    }
}

impl Answer {
    /// Reads the text of a report.
    ///
    /// # Errors
    /// When the text is not a report, which would be our own bug.
    pub fn read(text: String) -> Result<Self, Unexpected> {
        let report = Object::parse(text.as_bytes())?;
        let subject: Object<'_> = report.get("subject")?;
        let deployment: Option<Object<'_>> = report.maybe("deployment")?;
        let hash = |text: &str| Sha256Digest::from_base58(text).ok();
        let code_hash = report.maybe::<Object<'_>>("code")?.map(|code| code.word("code_hash", hash)).transpose()?;
        let error: Option<Object<'_>> = report.maybe("error")?;
        let verdict: Option<Object<'_>> = report.maybe("verdict")?;
        let mut notices = Vec::new();
        for notice in report.get::<Vec<Object<'_>>>("notices")? {
            notices.push(Coded::read(&notice, NoticeCode::parse)?);
        }
        let asked = deployment.as_ref().map(read_deployment).transpose()?;
        let changeable: Option<Object<'_>> = report.maybe("changeable")?;
        let (kind, name): (_, String) = (subject.word("kind", SubjectKind::parse)?, subject.get("name")?);
        let is_rebuildable = report.maybe::<Object<'_>>("recipe")?.is_some();
        Ok(Self {
            verdict: verdict.as_ref().map(read_verdict).transpose()?,
            error: error.map(|error| Coded::read(&error, LookCode::parse)).transpose()?,
            command: command(is_rebuildable, kind, &name, deployment.as_ref(), code_hash.as_ref())?,
            kind,
            name,
            code_hash,
            asked,
            full_access_keys: changeable.map(|it| it.maybe("full_access_keys")).transpose()?.flatten(),
            notices,
            report: text,
        })
    }
}

fn read_verdict(verdict: &Object<'_>) -> Result<Judged, Unexpected> {
    let headline = verdict.get("headline")?;
    let Coded { code, message, .. } = Coded::read(verdict, VerdictCode::parse)?;
    Ok(Judged { code, headline, message })
}

fn read_deployment(deployment: &Object<'_>) -> Result<Asked, Unexpected> {
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
    kind: SubjectKind,
    name: &str,
    deployment: Option<&Object<'_>>,
    code_hash: Option<&Sha256Digest>,
) -> Result<Option<String>, Unexpected> {
    let verb = if is_rebuildable { "rebuild" } else { "inspect" };
    Ok(match (deployment, code_hash, kind) {
        (Some(deployment), _, _) => {
            // Who was shown one block checks that one.
            let block = match deployment.maybe::<u64>("age_seconds")? {
                Some(_) => format!(" --block {}", deployment.get::<u64>("block_height")?),
                None => String::new(),
            };
            Some(format!("provenear {verb} {name} --network {}{block}", deployment.get::<String>("network")?))
        }
        (None, Some(hash), SubjectKind::CodeHash) => Some(format!("provenear {verb} hash:{}", hash.to_base58())),
        (None, Some(_), SubjectKind::Account | SubjectKind::File) => Some(format!("provenear {verb} <file.wasm>")),
        (None, None, _) => None,
    })
}
