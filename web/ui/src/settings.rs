//! What the reader has set, kept in this browser alone: networks, trusted keys, accepted images, stores.
//! Not here: what follows from it (`shared`), the form (`provenear-web-later`).

mod address;
mod changes;
mod read;

use std::collections::BTreeMap;

pub use address::Address;
pub use changes::changes;
use leptos::prelude::window;
use provenear_shared::json::{object, written};
use provenear_shared::key::PublicKey;
use provenear_shared::keys::KeyName;
use provenear_shared::manifest::PUBLISHED_IMAGES;
use provenear_shared::near::{AccountId, Network};
use provenear_shared::registry;
pub use read::{MAX_THRESHOLD, Read};
use serde_json::Value;

const KEY: &str = "provenear/settings/v1";
/// Beside the others: what stands here is in no saved file, and no file that is read can set it.
const LOCAL_SOURCE_KEY: &str = "provenear/accept-local-source";
const LOCAL_SOURCE_ACCEPTED: &str = "yes";

/// Everything that is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// The network that home and code hashes look at.
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
    /// Whether a source on this machine or a private network is as good. In no file: the reader's act in this browser.
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
            stores: Address::store("manifests/").into_iter().collect(),
        }
    }
}

impl Settings {
    /// What this browser keeps, or the defaults.
    pub fn load() -> Read {
        let kept = storage().and_then(|storage| storage.get_item(KEY).ok().flatten());
        let mut read = match kept.as_deref().map(|text| Read::parse(text, Self::default())) {
            Some(Some(read)) => read,
            Some(None) => Read {
                settings: Self::default(),
                left_out: vec!["none of them could be read: they are not settings of this page".to_owned()],
            },
            None => Read { settings: Self::default(), left_out: Vec::new() },
        };
        read.settings.network = read.settings.first_network();
        let own = storage().and_then(|storage| storage.get_item(LOCAL_SOURCE_KEY).ok().flatten());
        read.settings.accept_local_source = own.as_deref() == Some(LOCAL_SOURCE_ACCEPTED);
        read
    }

    /// Keeps it. `false` if this browser refuses to keep anything.
    pub fn save(&self) -> bool {
        let local = if self.accept_local_source { LOCAL_SOURCE_ACCEPTED } else { "no" };
        storage().is_some_and(|storage| {
            storage.set_item(KEY, &self.to_json()).is_ok() && storage.set_item(LOCAL_SOURCE_KEY, local).is_ok()
        })
    }

    /// As a file or for the browser to keep.
    pub fn to_json(&self) -> String {
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
        let settings = object(vec![
            ("network", self.network.as_str().into()),
            ("networks", object(self.networks.iter().map(|(id, own)| (id.as_str(), network(own))).collect())),
            ("keys", self.keys.iter().map(key).collect()),
            ("threshold", self.threshold.into()),
            ("images", self.images.as_deref().into()),
            ("accept_custom_build", self.accept_custom_build.into()),
            ("stores", texts(&self.stores)),
        ]);
        written(&settings)
    }

    /// The network that is meant where a text names none.
    pub fn usual_network(&self) -> Network {
        Network::parse(&self.network).unwrap_or_else(Network::mainnet)
    }

    /// Endpoints and quorum for a network: the reader's, else the ones that this copy of the page was served with,
    /// else the known ones.
    pub fn network(&self, network: &Network) -> NetworkSettings {
        if let Some(own) = self.networks.get(network.chain_id()) {
            return own.clone();
        }
        if let Some((_, url)) = served_network().filter(|(id, _)| id == network.chain_id()) {
            return NetworkSettings { endpoints: vec![url], ..NetworkSettings::default() };
        }
        let endpoints = network.endpoints().iter().filter_map(|url| Address::endpoint(url).ok()).collect();
        NetworkSettings { endpoints, ..NetworkSettings::default() }
    }

    /// The account of the registry on `network`: the reader's, else the known one.
    pub fn registry(&self, network: &Network) -> Option<String> {
        let own = self.networks.get(network.chain_id()).and_then(|own| own.registry.clone());
        own.or_else(|| registry::account(network)).map(|account| account.to_string())
    }

    /// Chain ids that can be looked at.
    pub fn chain_ids(&self) -> Vec<String> {
        let mut ids = vec!["mainnet".to_owned(), "testnet".to_owned()];
        ids.extend(served_network().map(|(id, _)| id));
        ids.extend(self.networks.keys().cloned());
        let mut seen = Vec::new();
        ids.retain(|id| {
            !seen.contains(id) && {
                seen.push(id.clone());
                true
            }
        });
        ids
    }

    /// Trusted keys with their names, as texts.
    pub fn key_pairs(&self) -> Vec<(String, String)> {
        self.keys.iter().map(|key| (key.key.to_near(), key.name.to_string())).collect()
    }

    /// Accepted images in the form that `manifest::parse_images` reads.
    pub fn image_lines(&self) -> String {
        self.images.clone().unwrap_or_else(|| PUBLISHED_IMAGES.to_owned())
    }

    /// Store URLs, absolute, those beside the page included.
    pub fn store_urls(&self) -> Vec<String> {
        self.stores.iter().filter_map(|store| absolute(store.as_str())).collect()
    }

    fn first_network(&self) -> String {
        let untouched = self.network == "mainnet" && !self.networks.contains_key("mainnet");
        served_network().filter(|_| untouched).map_or_else(|| self.network.clone(), |(id, _)| id)
    }
}

/// A URL made absolute against the page's own; only http and https.
pub fn absolute(url: &str) -> Option<String> {
    absolute_to(url, &window().document()?.base_uri().ok()??)
}

/// A URL made absolute against `base`; only http and https.
pub fn absolute_to(url: &str, base: &str) -> Option<String> {
    let url = web_sys::Url::new_with_base(url, base).ok()?;
    matches!(url.protocol().as_str(), "https:" | "http:").then(|| url.href())
}

/// Whether a URL leads to where the page itself is from.
pub fn is_same_origin(url: &str) -> bool {
    let own = window().location().origin().ok();
    web_sys::Url::new(url).ok().map(|url| url.origin()) == own
}

/// A network that whoever serves this copy of the page put into it:
/// `<meta name="provenear-network" content="<chain id> <endpoint>">`. Never from a link.
fn served_network() -> Option<(String, Address)> {
    let meta = window().document()?.query_selector("meta[name=provenear-network]").ok()??;
    let content = meta.get_attribute("content")?;
    let (id, url) = content.trim().split_once(' ')?;
    Some((Network::parse(id)?.chain_id().to_owned(), Address::endpoint(url).ok()?))
}

fn storage() -> Option<web_sys::Storage> {
    window().local_storage().ok()?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whether_local_sources_are_accepted_is_in_no_file() {
        let without = Settings {
            network: "mainnet".to_owned(),
            networks: BTreeMap::new(),
            keys: Vec::new(),
            threshold: 2,
            images: None,
            accept_custom_build: true,
            accept_local_source: false,
            stores: Vec::new(),
        };
        let with = Settings { accept_local_source: true, ..without.clone() };
        assert_eq!(with.to_json(), without.to_json());
        let read = Read::parse(&with.to_json(), without.clone()).unwrap();
        assert_eq!((read.settings, read.left_out), (without, Vec::new()));
    }
}
