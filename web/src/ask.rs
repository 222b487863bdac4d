//! A question as it crosses to the Worker: one text, and the bytes of a file beside it.
//! Not here: answering it (`worker`).

use js_sys::{Object, Reflect, Uint8Array};
use provenear_shared::deployment::{Endpoint, Place};
use provenear_shared::digest::Sha256Digest;
use provenear_shared::inspection::{ManifestOrigin, ManifestText, Question, Stores, Subject};
use provenear_shared::json::{self, Unexpected};
use provenear_shared::key::PublicKey;
use provenear_shared::keys::KeyName;
use provenear_shared::manifest::{Policy, parse_images};
use provenear_shared::near::{AccountId, BlockReference, Network};
use provenear_shared::text::Shown;
use serde_json::Value;
use wasm_bindgen::JsValue;

/// One question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Ask {
    pub(crate) subject: AskSubject,
    pub(crate) network: String,
    /// URLs, and whether a link named them.
    pub(crate) endpoints: Vec<(String, bool)>,
    pub(crate) quorum: Option<usize>,
    /// A height, a hash or `final`.
    pub(crate) block: String,
    /// Keys with their names.
    pub(crate) keys: Vec<(String, String)>,
    pub(crate) threshold: usize,
    /// As `parse_images` reads them.
    pub(crate) images: String,
    pub(crate) accept_custom_build: bool,
    pub(crate) accept_local_source: bool,
    /// Texts, and whether they came from a URL (else from the reader's hands).
    pub(crate) manifests: Vec<(String, bool)>,
    /// Absolute URLs.
    pub(crate) stores: Vec<String>,
    /// Whether they may be asked now.
    pub(crate) asks_stores: bool,
}

/// What is asked about. The bytes of a file travel beside the question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum AskSubject {
    Account(String),
    Code(String),
    File(String),
}

impl Ask {
    /// The message for the Worker. Answers carry `id`, so that a late one is not taken for another.
    ///
    /// # Errors
    /// When the browser makes no object.
    pub(crate) fn message(&self, id: u32, bytes: Option<&Uint8Array>, unasked: bool) -> Result<JsValue, JsValue> {
        let message = Object::new();
        let set = |name: &str, value: &JsValue| Reflect::set(&message, &name.into(), value);
        set("ask", &self.text().into())?;
        set("id", &id.into())?;
        set("unasked", &unasked.into())?;
        if let Some(bytes) = bytes {
            set("bytes", bytes)?;
        }
        Ok(message.into())
    }

    /// As one text.
    pub(crate) fn text(&self) -> String {
        let (kind, name) = match &self.subject {
            AskSubject::Account(account) => ("account", account),
            AskSubject::Code(hash) => ("code", hash),
            AskSubject::File(name) => ("file", name),
        };
        let text = |text: &str| Value::from(text);
        let pairs = |pairs: &[(String, bool)]| -> Value {
            pairs.iter().map(|(text, flag)| Value::Array(vec![text.as_str().into(), (*flag).into()])).collect()
        };
        let ask = json::object(vec![
            ("kind", text(kind)),
            ("name", text(name)),
            ("network", text(&self.network)),
            ("endpoints", pairs(&self.endpoints)),
            ("quorum", self.quorum.into()),
            ("block", text(&self.block)),
            (
                "keys",
                self.keys
                    .iter()
                    .map(|(key, name)| Value::Array(vec![key.as_str().into(), name.as_str().into()]))
                    .collect(),
            ),
            ("threshold", self.threshold.into()),
            ("images", text(&self.images)),
            ("accept_custom_build", self.accept_custom_build.into()),
            ("accept_local_source", self.accept_local_source.into()),
            ("manifests", pairs(&self.manifests)),
            ("stores", self.stores.iter().map(String::as_str).collect()),
            ("asks_stores", self.asks_stores.into()),
        ]);
        json::written(&ask)
    }

    /// Reads what [`Ask::text`] wrote.
    ///
    /// # Errors
    /// [`Unexpected`], which would be a fault of ours.
    pub(crate) fn read(text: &str) -> Result<Self, Unexpected> {
        let ask = json::Object::parse(text.as_bytes())?;
        let name = ask.get("name")?;
        let subject = match ask.get::<String>("kind")?.as_str() {
            "account" => AskSubject::Account(name),
            "code" => AskSubject::Code(name),
            _ => AskSubject::File(name),
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

    /// The question that `shared` answers.
    ///
    /// # Errors
    /// What cannot be read, as one sentence: settings that somebody wrote by hand.
    pub(crate) fn question(self, bytes: Vec<u8>, now_ms: u64) -> Result<Question, String> {
        let network = Network::parse(&self.network)
            .ok_or_else(|| format!("`{}` is not a known network", Shown(&self.network)))?;
        let subject = match self.subject {
            AskSubject::Account(account) => Subject::Account(
                AccountId::parse(&account).ok_or_else(|| format!("`{}` is not an account id", Shown(&account)))?,
            ),
            AskSubject::Code(hash) => {
                Subject::CodeHash(Sha256Digest::from_base58(&hash).map_err(|error| error.to_string())?)
            }
            AskSubject::File(name) => Subject::File { name, bytes },
        };
        let endpoints = self.endpoints.into_iter().map(|(url, from_link)| Endpoint { url, from_link }).collect();
        let block = BlockReference::parse(&self.block)
            .ok_or_else(|| format!("`{}` is not a block height or hash", Shown(&self.block)))?;
        let images = parse_images(&self.images).map_err(|line| format!("`{}` is not an image digest", Shown(&line)))?;
        let origin = |from_url| if from_url { ManifestOrigin::Url } else { ManifestOrigin::File };
        let key = |(key, name): &(String, String)| {
            let key = PublicKey::parse(key).map_err(|error| error.to_string())?;
            Ok((key, KeyName::parse(name).map_err(|error| error.to_string())?))
        };
        let keys = self.keys.iter().map(key).collect::<Result<Vec<_>, String>>()?;
        Ok(Question {
            subject,
            place: Place { network, endpoints, quorum: self.quorum, block, now_ms },
            policy: Policy {
                keys,
                threshold: self.threshold.max(1),
                images,
                accept_custom_build: self.accept_custom_build,
                accept_local_source: self.accept_local_source,
            },
            manifests: self
                .manifests
                .into_iter()
                .map(|(text, from_url)| ManifestText { text, origin: origin(from_url) })
                .collect(),
            stores: if self.asks_stores { Stores::Asked(self.stores) } else { Stores::NotYet(self.stores) },
        })
    }
}
