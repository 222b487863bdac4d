//! What the reader has set, kept in this browser alone: networks, trusted keys, accepted images, stores.
//! Not here: what follows from it (`shared`), the form (`provenear-web-later`).

mod changes;
mod urls;

use std::ops::{Deref, DerefMut};

pub use changes::changes;
use leptos::prelude::window;
use provenear_shared::manifest::PUBLISHED_IMAGES;
use provenear_shared::near::Network;
use provenear_shared::registry;
use provenear_shared::settings as kept;
pub use provenear_shared::settings::{MAX_THRESHOLD, NetworkSettings, TrustedKey};
pub use urls::{absolute, absolute_to, is_same_origin, parse_endpoint, parse_store};

const KEY: &str = "provenear/settings/v1";
/// Beside the others: what stands here is in no saved file, and no file that is read can set it.
const LOCAL_SOURCE_KEY: &str = "provenear/accept-local-source";
const LOCAL_SOURCE_ACCEPTED: &str = "yes";

/// Everything that is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings(kept::Settings);

impl Deref for Settings {
    type Target = kept::Settings;

    fn deref(&self) -> &kept::Settings {
        &self.0
    }
}

impl DerefMut for Settings {
    fn deref_mut(&mut self) -> &mut kept::Settings {
        &mut self.0
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

impl Read {
    /// What is kept in the form of [`kept::Settings::to_json`].
    fn parse(text: &str, usual: Settings) -> Option<Self> {
        kept::Read::parse(text, usual.0, &urls::Browser).map(Self::of)
    }

    /// What is in a file. What it does not say is as at first; whether local sources are accepted is as it is kept here.
    ///
    /// # Errors
    /// One sentence.
    pub fn parse_file(text: &str) -> Result<Self, String> {
        let accept_local_source = Settings::load().settings.accept_local_source;
        let usual = kept::Settings { accept_local_source, ..Settings::default().0 };
        kept::Read::parse_file(text, usual, &urls::Browser).map(Self::of)
    }

    fn of(read: kept::Read) -> Self {
        Self { settings: Settings(read.settings), left_out: read.left_out }
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self(kept::Settings { stores: parse_store("manifests/").into_iter().collect(), ..kept::Settings::default() })
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

    /// As a file that means the same elsewhere: with the address of this page, and the network that it was served with.
    pub fn to_file(&self) -> String {
        let mut file = self.0.clone();
        if let Some((id, _)) = served_network()
            && let Some(network) = Network::parse(&id)
        {
            file.networks.insert(id, self.network(&network));
        }
        file.to_file(absolute("./").as_deref())
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
        let endpoints = network.endpoints().iter().filter_map(|url| parse_endpoint(url).ok()).collect();
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

/// A network that whoever serves this copy of the page put into it:
/// `<meta name="provenear-network" content="<chain id> <endpoint>">`. Never from a link.
fn served_network() -> Option<(String, kept::Address)> {
    let meta = window().document()?.query_selector("meta[name=provenear-network]").ok()??;
    let content = meta.get_attribute("content")?;
    let (id, url) = content.trim().split_once(' ')?;
    Some((Network::parse(id)?.chain_id().to_owned(), parse_endpoint(url).ok()?))
}

fn storage() -> Option<web_sys::Storage> {
    window().local_storage().ok()?
}
