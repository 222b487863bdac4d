//! Which view a link asks for. Everything behind the `#`, where the host never sees it.
//! Nothing in a link can add trust: there is no word for it here.

use provenear_shared::digest::Sha256Digest;
use provenear_shared::near::{AccountId, BlockReference, Network};

/// One view.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Route {
    /// The field to look something up with.
    Home,
    /// The answer about an account.
    Account(AccountRoute),
    /// The answer about code, by its hash.
    Code(Sha256Digest),
    /// A file that the reader gave, whose hash is not known yet.
    File,
    /// Two modules; the query names those that a link can name (`provenear-web-later`).
    Compare(String),
    /// `#/<network>/<dao>/proposal/<number>`: what a DAO is asked to run.
    Proposal {
        /// Where the DAO is.
        network: Network,
        /// The DAO.
        dao: AccountId,
        /// The number of the proposal.
        id: u64,
    },
    /// What the reader has set.
    Settings,
    /// What this page is.
    About,
    /// None of ours.
    Unknown(String),
}

/// `#/<network>/<account_id>[?block=…&rpc=…&manifest=…]`
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountRoute {
    /// Where the account is.
    pub network: Network,
    /// The account.
    pub account: AccountId,
    /// As of which block.
    pub block: BlockReference,
    /// Endpoints that the link names, asked besides the reader's own.
    pub endpoints: Vec<String>,
    /// Manifests that the link names.
    pub manifests: Vec<String>,
}

impl AccountRoute {
    /// The newest final block, nothing else named.
    pub fn new(network: Network, account: AccountId) -> Self {
        Self { network, account, block: BlockReference::Final, endpoints: Vec::new(), manifests: Vec::new() }
    }
}

impl Route {
    /// Reads a location hash, with or without `#`.
    pub fn parse(hash: &str) -> Self {
        let text = hash.strip_prefix('#').unwrap_or(hash);
        let (path, query) = text.split_once('?').unwrap_or((text, ""));
        let parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
        let found = match parts.as_slice() {
            [] => Some(Self::Home),
            ["compare"] => Some(Self::Compare(query.to_owned())),
            ["settings"] => Some(Self::Settings),
            ["about"] => Some(Self::About),
            ["file"] => Some(Self::File),
            ["code", hash] => {
                Sha256Digest::from_base58(hash).or_else(|_| Sha256Digest::from_hex(hash)).ok().map(Self::Code)
            }
            [network, account] => account_route(network, account, query),
            [network, dao, "proposal", id] => proposal_route(network, dao, id),
            _ => None,
        };
        found.unwrap_or_else(|| Self::Unknown(text.to_owned()))
    }

    /// The link to this view.
    pub fn link(&self) -> String {
        match self {
            Self::Home => "#/".to_owned(),
            Self::Account(route) => {
                let mut link = format!("#/{}/{}", route.network.chain_id(), route.account);
                let block = match route.block {
                    BlockReference::Final => None,
                    BlockReference::Height(_) | BlockReference::Hash(_) => Some(route.block.to_string()),
                };
                let named = block.iter().map(|block| ("block", block));
                let named = named.chain(route.endpoints.iter().map(|url| ("rpc", url)));
                let named = named.chain(route.manifests.iter().map(|url| ("manifest", url)));
                for (position, (name, value)) in named.enumerate() {
                    link.push(if position == 0 { '?' } else { '&' });
                    link.push_str(&format!("{name}={}", percent_encode(value)));
                }
                link
            }
            Self::Proposal { network, dao, id } => format!("#/{}/{dao}/proposal/{id}", network.chain_id()),
            Self::Code(hash) => format!("#/code/{}", hash.to_base58()),
            Self::File => "#/file".to_owned(),
            Self::Compare(query) if query.is_empty() => "#/compare".to_owned(),
            Self::Compare(query) => format!("#/compare?{query}"),
            Self::Settings => "#/settings".to_owned(),
            Self::About => "#/about".to_owned(),
            Self::Unknown(text) => format!("#{text}"),
        }
    }
}

fn proposal_route(network: &str, dao: &str, id: &str) -> Option<Route> {
    let (network, dao) = (Network::parse(network)?, AccountId::parse(&percent_decode(dao)?)?);
    Some(Route::Proposal { network, dao, id: id.parse().ok()? })
}

fn account_route(network: &str, account: &str, query: &str) -> Option<Route> {
    let network = Network::parse(network)?;
    let mut route = AccountRoute::new(network, AccountId::parse(&percent_decode(account)?)?);
    for (name, value) in query.split('&').filter_map(|pair| pair.split_once('=')) {
        let value = percent_decode(value)?;
        match name {
            "block" => route.block = BlockReference::parse(&value)?,
            "rpc" => route.endpoints.push(value),
            "manifest" => route.manifests.push(value),
            _ => {}
        }
    }
    Some(Route::Account(route))
}

/// Text as it stands in a query: everything but unreserved characters and `/` and `:` encoded.
pub fn percent_encode(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~/:".contains(&byte);
    text.bytes().map(|byte| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") }).collect()
}

/// The text that stands encoded in a query; `None` if that is not UTF-8.
pub fn percent_decode(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        let digit = |digit: Option<u8>| char::from(digit?).to_digit(16);
        bytes.push(if byte == b'%' { (digit(rest.next())? * 16 + digit(rest.next())?) as u8 } else { byte });
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_lead_back_to_the_view() {
        for link in [
            "#/",
            "#/compare",
            "#/compare?a=mainnet/app.near&b=mainnet/app.near%40120000000",
            "#/settings",
            "#/about",
            "#/mainnet/app.near",
            "#/testnet/a.testnet?block=123",
            "#/devnet-1/a?rpc=http://127.0.0.1:3030/%3Fkey%3D1&manifest=https://x.org/m.jsonl",
            "#/code/11111111111111111111111111111111",
            "#/mainnet/hos-root.sputnik-dao.near/proposal/12",
        ] {
            assert_eq!(Route::parse(link).link(), link);
        }
    }

    #[test]
    fn what_is_no_view_is_said_to_be_none() {
        for link in [
            "#/mainnet/Not An Account",
            "#/code/xyz",
            "#/MAINNET/app.near",
            "#/a/b/c",
            "#/mainnet/a.near/proposal/x",
            "#/mainnet/a.near?block=x",
        ] {
            assert!(matches!(Route::parse(link), Route::Unknown(_)), "{link}");
        }
    }

    #[test]
    fn a_link_has_no_word_for_trust() {
        let Route::Account(route) = Route::parse("#/mainnet/app.near?key=ed25519:x&threshold=0&accept-image=y") else {
            panic!("an account")
        };
        let Route::Account(plain) = Route::parse("#/mainnet/app.near") else { panic!("an account") };
        assert_eq!(route, plain);
    }
}
