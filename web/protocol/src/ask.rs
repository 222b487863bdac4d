//! A question, as it is asked of the inspector. The bytes of a file travel beside it.

use provenear_shared::json::{self, Object, Unexpected};
use serde::de::{Deserialize, Deserializer, Error as _};
use serde::ser::{Serialize, Serializer};
use serde_json::Value;

/// One question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ask {
    /// What it is about.
    pub subject: AskSubject,
    /// A chain id.
    pub network: String,
    /// URLs, and whether a link named them.
    pub endpoints: Vec<(String, bool)>,
    /// How many of them have to agree, where the reader says so.
    pub quorum: Option<usize>,
    /// A height, a hash or `final`.
    pub block: String,
    /// Keys with their names.
    pub keys: Vec<(String, String)>,
    /// How many keys are asked for.
    pub threshold: usize,
    /// As `parse_images` reads them.
    pub images: String,
    /// As [`provenear_shared::manifest::Policy`] has it.
    pub accept_custom_build: bool,
    /// As [`provenear_shared::manifest::Policy`] has it.
    pub accept_local_source: bool,
    /// Texts, and whether they came from a URL (else from the reader's hands).
    pub manifests: Vec<(String, bool)>,
    /// Absolute URLs.
    pub stores: Vec<String>,
    /// Whether they may be asked now.
    pub asks_stores: bool,
}

/// What is asked about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AskSubject {
    /// An account id.
    Account(String),
    /// A code hash in base58.
    Code(String),
    /// The name of a file.
    File(String),
}

/// Within a message it is its text.
impl<'de> Deserialize<'de> for Ask {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::read(&String::deserialize(deserializer)?).map_err(D::Error::custom)
    }
}

impl Serialize for Ask {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.to_json())
    }
}

impl Ask {
    /// As the text that crosses.
    pub fn to_json(&self) -> String {
        let text = |text: &str| Value::from(text);
        let pairs = |pairs: &[(String, bool)]| -> Value {
            pairs.iter().map(|(text, flag)| Value::Array(vec![text.as_str().into(), (*flag).into()])).collect()
        };
        let key = |(key, name): &(String, String)| Value::Array(vec![key.as_str().into(), name.as_str().into()]);
        let subject = match &self.subject {
            AskSubject::Account(account) => ("account", text(account)),
            AskSubject::Code(hash) => ("code", text(hash)),
            AskSubject::File(name) => ("file", text(name)),
        };
        // By name, so that the text is one whether or not `serde_json` keeps an order.
        json::to_text(&json::object(vec![
            ("accept_custom_build", self.accept_custom_build.into()),
            ("accept_local_source", self.accept_local_source.into()),
            ("asks_stores", self.asks_stores.into()),
            ("block", text(&self.block)),
            ("endpoints", pairs(&self.endpoints)),
            ("images", text(&self.images)),
            ("keys", self.keys.iter().map(key).collect()),
            ("manifests", pairs(&self.manifests)),
            ("network", text(&self.network)),
            ("quorum", self.quorum.into()),
            ("stores", self.stores.iter().map(String::as_str).collect()),
            ("subject", json::object(vec![subject])),
            ("threshold", self.threshold.into()),
        ]))
    }

    /// Reads what was written.
    ///
    /// # Errors
    /// [`Unexpected`], which would be a fault of ours.
    pub fn read(text: &str) -> Result<Self, Unexpected> {
        let ask = Object::parse(text.as_bytes())?;
        let subject: Object<'_> = ask.get("subject")?;
        let subject = match (subject.maybe("account")?, subject.maybe("code")?) {
            (Some(account), _) => AskSubject::Account(account),
            (None, Some(hash)) => AskSubject::Code(hash),
            (None, None) => AskSubject::File(subject.get("file")?),
        };
        Ok(Self {
            subject,
            network: ask.get("network")?,
            endpoints: ask.get("endpoints")?,
            quorum: ask.maybe::<u64>("quorum")?.map(|quorum| quorum as usize),
            block: ask.get("block")?,
            keys: ask.get("keys")?,
            threshold: ask.get::<u64>("threshold")? as usize,
            images: ask.get("images")?,
            accept_custom_build: ask.get("accept_custom_build")?,
            accept_local_source: ask.get("accept_local_source")?,
            manifests: ask.get("manifests")?,
            stores: ask.get("stores")?,
            asks_stores: ask.get("asks_stores")?,
        })
    }
}
