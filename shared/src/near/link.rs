//! Which account a link to an explorer is about. A link is a place where people find an account's name, and nothing more is
//! taken from it. Not here: links to the page (`web/ui/route`) and to proposals (`web/page/typed`).

use super::{AccountId, Network};

/// Why a link names no contract.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoContract {
    /// It leads to a repository, which does not say what runs where.
    Repository,
    /// It leads to a transaction or a block.
    TransactionOrBlock,
    /// No account was found in it.
    NoAccount,
}

/// What explorers call transactions and blocks.
const OTHERS: [&str; 7] = ["tx", "txns", "txn", "transaction", "transactions", "block", "blocks"];

/// A link without its scheme, where a text has the scheme of a web page.
pub fn without_scheme(text: &str) -> Option<&str> {
    let (scheme, rest) = text.split_once("://")?;
    ["https", "http"].iter().any(|it| scheme.eq_ignore_ascii_case(it)).then_some(rest)
}

/// The account in a link without its scheme, and the network that it is on: what follows `address`, `account` or `accounts`,
/// else, of anything but a transaction or a block, what the query names as a contract or an account, or what stands in the path
/// and is called as accounts of a public network are. Who referred a reader to somewhere is neither.
///
/// # Errors
/// [`NoContract`].
pub fn contract(link: &str) -> Result<(Network, AccountId), NoContract> {
    let (path, query) = link.split_at(link.find(['?', '#']).unwrap_or(link.len()));
    let parts: Vec<&str> = path.split('/').collect();
    let (host, parts) = parts.split_first().map_or(("", [].as_slice()), |(host, parts)| (*host, parts));
    if ["github.com", "www.github.com", "gitlab.com", "codeberg.org"].contains(&host) {
        return Err(NoContract::Repository);
    }
    let is_other = parts.iter().any(|part| OTHERS.contains(part));
    find_account(parts, query, is_other)
        .and_then(|account| {
            let network = Network::parse(if host.contains("testnet") { "testnet" } else { "mainnet" })?;
            Some((guess(network, account.as_str()), account))
        })
        .ok_or(if is_other { NoContract::TransactionOrBlock } else { NoContract::NoAccount })
}

fn find_account(parts: &[&str], query: &str, is_other: bool) -> Option<AccountId> {
    let is_word = |part: &&str| ["address", "account", "accounts"].contains(part);
    let after_word = parts.iter().position(is_word).and_then(|at| parts.get(at + 1)).copied();
    let is_name = |part: &&str| part.ends_with(".near") || part.ends_with(".testnet");
    let pairs = query.split(['?', '#', '&']).filter_map(|pair| pair.split_once('='));
    let is_meant = |name: &str| ["contract", "account"].iter().any(|it| name.to_ascii_lowercase().starts_with(it));
    let in_query = pairs.filter(|(name, _)| is_meant(name)).map(|(_, value)| value);
    let by_name = || in_query.chain(parts.iter().copied()).find(is_name).filter(|_| !is_other);
    AccountId::parse(after_word.or_else(by_name)?)
}

/// `.near` exists on mainnet and `.testnet` on testnet; any other name is looked up on the chosen network.
pub fn guess(chosen: Network, account: &str) -> Network {
    let named = match (chosen.chain_id(), account.rsplit('.').next()) {
        ("mainnet", Some("testnet")) => Network::parse("testnet"),
        ("testnet", Some("near")) => Network::parse("mainnet"),
        _ => None,
    };
    named.unwrap_or(chosen)
}
