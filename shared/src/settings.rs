//! A reader's settings as text: what the page keeps and saves, and what the helper reads (`--settings`). Out of a browser's
//! storage, which every page of its host can write, or out of a file that somebody else may have made: what is not exactly
//! one key, name, address or digest is left out, with a word for the reader.
//! Not here: what follows from them, and which endpoints are usual.

mod address;
mod file;
#[cfg(feature = "schema")]
mod schema;

use std::collections::BTreeMap;
use std::fmt::Display;

pub use address::{Address, Url, Urls};
use serde_json::Value;

use crate::json::{Member, Object, Unexpected, object, to_text};
use crate::key::PublicKey;
use crate::keys::KeyName;
use crate::manifest::parse_images;
use crate::near::{AccountId, Network};
use crate::text::Shown;

/// Most keys that may be asked to agree, as in the form.
pub const MAX_THRESHOLD: u64 = 99;

/// Everything that is set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// The network that is meant where a text names none.
    pub network: String,
    /// What the reader changed about networks, by chain id.
    pub networks: BTreeMap<String, NetworkSettings>,
    /// Keys whose word counts, each once.
    pub keys: Vec<TrustedKey>,
    /// How many of them must agree.
    pub threshold: usize,
    /// Accepted image digests, one a line; `None`: the published ones.
    pub images: Option<String>,
    /// Whether a build that is not the customary one is as good.
    pub accept_custom_build: bool,
    /// Whether a source on this machine or a private network is as good. In no file: the reader's own act.
    pub accept_local_source: bool,
    /// Where manifests are looked for, relative to the page or absolute.
    pub stores: Vec<Address>,
}

/// One network.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NetworkSettings {
    /// Endpoints, in the order in which they are asked.
    pub endpoints: Vec<Address>,
    /// How many must agree; `None`: two where there are two.
    pub quorum: Option<usize>,
    /// The account of a registry like SourceScan's; `None`: the known one.
    pub registry: Option<AccountId>,
}

impl NetworkSettings {
    /// The endpoints as URLs.
    pub fn endpoint_urls(&self) -> impl Iterator<Item = String> {
        self.endpoints.iter().map(|address| address.as_str().to_owned())
    }
}

/// A key that the reader trusts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrustedKey {
    /// One key.
    pub key: PublicKey,
    /// The reader's name for it.
    pub name: KeyName,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            network: "mainnet".to_owned(),
            networks: BTreeMap::new(),
            keys: Vec::new(),
            threshold: 1,
            images: None,
            accept_custom_build: false,
            accept_local_source: false,
            stores: Vec::new(),
        }
    }
}

impl Settings {
    /// For a browser to keep.
    pub fn to_json(&self) -> String {
        to_text(&object(self.members()))
    }

    fn members(&self) -> Vec<(&str, Value)> {
        let texts = |addresses: &[Address]| addresses.iter().map(Address::as_str).collect::<Value>();
        let network = |own: &NetworkSettings| {
            object(vec![
                ("endpoints", texts(&own.endpoints)),
                ("quorum", own.quorum.into()),
                ("registry", own.registry.as_ref().map(AccountId::as_str).into()),
            ])
        };
        let key =
            |key: &TrustedKey| object(vec![("key", key.key.to_near().into()), ("name", key.name.as_str().into())]);
        vec![
            ("network", self.network.as_str().into()),
            ("networks", object(self.networks.iter().map(|(id, own)| (id.as_str(), network(own))).collect())),
            ("keys", self.keys.iter().map(key).collect()),
            ("threshold", self.threshold.into()),
            ("images", self.images.as_deref().into()),
            ("accept_custom_build", self.accept_custom_build.into()),
            ("stores", texts(&self.stores)),
        ]
    }
}

/// Settings, and what was left out of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Read {
    /// What was read.
    pub settings: Settings,
    /// Sentences of the form of `shared`: lower case, values in backticks, no full stop.
    pub left_out: Vec<String>,
}

/// A value that is read later, by itself.
struct Raw<'a>(&'a str);

impl<'a> Member<'a> for Raw<'a> {
    fn read(text: &'a str) -> Result<Self, Unexpected> {
        Ok(Self(text))
    }
}

impl Read {
    /// Reads what [`Settings::to_json`] wrote, or somebody by hand. What is not said is as in `usual`; `None` unless the text
    /// is an object.
    ///
    /// # Examples
    /// ```
    /// use provenear_shared::settings::{Read, Settings, Url, Urls};
    ///
    /// /// Stands for the URL parser of a browser: nothing is an address here.
    /// struct NoAddress;
    ///
    /// impl Urls for NoAddress {
    ///     fn parse(&self, _text: &str) -> Option<Url> {
    ///         None
    ///     }
    ///     fn join(&self, _text: &str) -> Option<Url> {
    ///         None
    ///     }
    ///     fn origin(&self) -> Option<String> {
    ///         None
    ///     }
    /// }
    ///
    /// let text = r#"{ "keys": [{ "key": "ed25519:broken" }], "threshold": 200 }"#;
    /// let read = Read::parse(text, Settings::default(), &NoAddress).unwrap();
    /// // Nobody is trusted by a slip, no threshold falls, and the reader is told.
    /// assert!(read.settings.keys.is_empty());
    /// assert_eq!((read.settings.threshold, read.left_out.len()), (99, 2));
    /// ```
    pub fn parse(text: &str, usual: Settings, urls: &dyn Urls) -> Option<Self> {
        let object = Object::parse(text.as_bytes()).ok()?;
        let mut read = Self { settings: usual, left_out: Vec::new() };
        if let Some(Some(name)) = read.keep("the network", object.maybe::<String>("network")) {
            let network = Network::parse(&name).ok_or("it is not a chain id");
            if let Some(network) = read.keep("the network", network) {
                read.settings.network = network.chain_id().to_owned();
            }
        }
        let networks = object.or_default::<BTreeMap<String, Raw<'_>>>("networks");
        for (id, text) in read.keep("the networks", networks).into_iter().flatten() {
            read.network(&id, text.0, urls);
        }
        let keys = read.keep("the keys", object.or_default::<Vec<Raw<'_>>>("keys")).unwrap_or_default();
        keys.into_iter().for_each(|key| read.key(key.0));
        let threshold = read.limit("the number of keys that must agree", object.maybe("threshold"));
        read.settings.threshold = threshold.unwrap_or(read.settings.threshold);
        match read.keep("the accepted images", object.maybe::<String>("images")) {
            Some(Some(images)) => read.images(&images),
            Some(None) => {}
            // None, rather than the published ones: the reader may have wanted fewer.
            None => read.settings.images = Some(String::new()),
        }
        let custom = read.keep("whether custom builds are accepted", object.maybe::<bool>("accept_custom_build"));
        read.settings.accept_custom_build = custom.flatten().unwrap_or(read.settings.accept_custom_build);
        if let Some(Some(stores)) = read.keep("the stores", object.maybe::<Vec<Raw<'_>>>("stores")) {
            let store = |text: &str| Address::store(text, urls);
            read.settings.stores =
                stores.into_iter().filter_map(|text| read.address(text.0, "a store", &store)).collect();
        }
        Some(read)
    }

    fn network(&mut self, id: &str, text: &str, urls: &dyn Urls) {
        let what = format!("the network `{}`", Shown(id));
        if self.keep(&what, Network::parse(id).ok_or("its name is not a chain id")).is_none() {
            return;
        }
        let Some(object) = self.keep(&what, Object::read(text)) else { return };
        let Some(endpoints) = self.keep(&what, object.or_default::<Vec<Raw<'_>>>("endpoints")) else { return };
        let an_endpoint = format!("an endpoint of {what}");
        let endpoint = |text: &str| Address::endpoint(text, urls);
        let endpoints = endpoints.into_iter().filter_map(|text| self.address(text.0, &an_endpoint, &endpoint));
        let endpoints: Vec<Address> = endpoints.collect();
        let quorum = self.limit(&format!("how many endpoints of {what} must agree"), object.maybe("quorum"));
        let registry = self.keep(&what, object.maybe::<String>("registry")).flatten();
        let registry = registry.and_then(|registry| {
            self.keep(&format!("the registry of {what}"), AccountId::parse(&registry).ok_or("it is not an account id"))
        });
        if endpoints.is_empty() {
            return self.left_out.push(format!("{what} was left out: it names no endpoint that can be asked"));
        }
        let own = NetworkSettings { endpoints, quorum, registry };
        self.settings.networks.insert(id.to_owned(), own);
    }

    fn key(&mut self, text: &str) {
        let Some(object) = self.keep("a key", Object::read(text)) else { return };
        let name = self.keep("the name of a key", object.or_default::<String>("name")).unwrap_or_default();
        let what =
            if name.is_empty() { "a key without a name".to_owned() } else { format!("the key `{}`", Shown(&name)) };
        let Some(key) = self.keep(&what, object.get::<String>("key")) else { return };
        // The text itself is not repeated: it may be a private key, taken for its public half.
        let Some(key) = self.keep(&what, PublicKey::parse(&key)) else { return };
        let name = self.keep(&format!("the name of `{}`", key.to_near()), KeyName::parse(&name)).unwrap_or_default();
        match self.settings.keys.iter().find(|known| known.key == key) {
            Some(known) if known.name == name => {}
            Some(known) => {
                let again = format!(
                    "the name `{}` for the key `{}`, which is `{}` already",
                    Shown(name.as_str()),
                    key.to_near(),
                    Shown(known.name.as_str())
                );
                self.left_out.push(format!("{again} was left out"));
            }
            None => self.settings.keys.push(TrustedKey { key, name }),
        }
    }

    /// Each line by itself: one that is no digest takes none of the others with it.
    fn images(&mut self, text: &str) {
        let mut lines = Vec::new();
        for line in text.lines() {
            let is_digest = parse_images(line).map_err(|line| format!("`{}` is not a digest", Shown(&line)));
            lines.extend(self.keep("an accepted image", is_digest).map(|_| line));
        }
        self.settings.images = Some(lines.join("\n"));
    }

    fn address(&mut self, text: &str, what: &str, parse: &dyn Fn(&str) -> Result<Address, String>) -> Option<Address> {
        let text = self.keep(what, String::read(text))?;
        self.keep(what, parse(&text))
    }

    /// How many must agree, where it is said: as many as can be asked for if it cannot be read, because it may have been more
    /// than the usual number.
    fn limit(&mut self, what: &str, read: Result<Option<u64>, Unexpected>) -> Option<usize> {
        let in_bounds = match read {
            Ok(Some(number)) if !(1..=MAX_THRESHOLD).contains(&number) => Err("it is not 1 to 99".to_owned()),
            Ok(number) => Ok(number),
            Err(why) => Err(why.to_string()),
        };
        self.keep(what, in_bounds).unwrap_or(Some(MAX_THRESHOLD)).map(|number| number as usize)
    }

    /// The value, or a word about what was left out and why.
    fn keep<T>(&mut self, what: &str, read: Result<T, impl Display>) -> Option<T> {
        read.map_err(|why| self.left_out.push(format!("{what} could not be read: {why}"))).ok()
    }
}
