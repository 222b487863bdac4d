//! What a typed or pasted text asks for: an account, a code hash, or a link to a place where people find them.
//! Not here: files and manifests (`input`).

use provenear_shared::near::link::{self, NoContract, guess};
use provenear_shared::near::{ACCOUNT_FORM, BlockReference, Network, SubjectError, SubjectName, parse_subject_at};
use provenear_shared::text::Shown;
use provenear_web_ui::route::{AccountRoute, Route};

/// The view that a text asks for: a link to this page or to an explorer, an account id (of the `usual` network, if its name
/// does not tell) with or without a block, a code hash.
///
/// # Errors
/// One sentence that says what could be given instead.
pub(crate) fn route_of(text: &str, usual: Network) -> Result<Route, String> {
    if let Some((_, hash)) = text.split_once("#/") {
        let route = Route::parse(hash);
        if !matches!(route, Route::Unknown(_)) {
            return Ok(route);
        }
    }
    // Copied out of an address bar that hides it.
    let is_hidden = || text.split_once('/').is_some_and(|(host, _)| host.contains('.') && !host.starts_with('.'));
    match link::without_scheme(text) {
        Some(link) => return parse_link(link),
        None if !text.contains("://") && is_hidden() => return parse_link(text),
        None => {}
    }
    match parse_subject_at(text) {
        Ok((SubjectName::Account(account), block)) => {
            let route = AccountRoute::new(guess(usual, account.as_str()), account);
            Ok(Route::Account(AccountRoute { block: block.unwrap_or(BlockReference::Final), ..route }))
        }
        Ok((SubjectName::CodeHash(hash), _)) => Ok(Route::Code(hash)),
        Ok((SubjectName::File(_), _)) => {
            Err("This is not an account, a code hash or a known link. For a file, drop it here.".to_owned())
        }
        Err(SubjectError::Neither(text)) => {
            Err(format!("`{}` is neither {ACCOUNT_FORM} nor a code hash nor a link.", Shown(&text)))
        }
        Err(error @ (SubjectError::Both(_) | SubjectError::Block(_) | SubjectError::Hash(_))) => {
            Err(format!("{error}."))
        }
    }
}

/// Finds the view behind a link without its scheme, or what to do with one that names no account.
fn parse_link(address: &str) -> Result<Route, String> {
    let path = address.split(['?', '#']).next().unwrap_or_default();
    if let Some(proposal) = proposal(&path.split('/').collect::<Vec<_>>()) {
        return Ok(proposal);
    }
    let refused = match link::contract(address) {
        Ok((network, account)) => return Ok(Route::Account(AccountRoute::new(network, account))),
        Err(NoContract::Repository) => {
            "A repository does not say which accounts run its code. Enter the account: its code names the repository and commit."
        }
        Err(NoContract::TransactionOrBlock) => {
            "A link to a transaction or a block does not name a contract. Enter the account that the transaction calls."
        }
        Err(NoContract::NoAccount) => {
            "No account, code hash or proposal was found in this link. Enter the account itself."
        }
    };
    Err(refused.to_owned())
}

/// The proposal in a link to where DAOs vote: `https://app.astrodao.com/dao/<dao>/proposals/<dao>-<number>` (Astro) and
/// `https://trezu.app/<dao>/requests/<number>` (NEAR Treasury), as their own pages write them.
fn proposal(parts: &[&str]) -> Option<Route> {
    let astro = |dao: &str, id: &str| id.strip_prefix(dao)?.strip_prefix('-').map(str::to_owned);
    let (network, dao, id) = match parts {
        ["app.astrodao.com", "dao", dao, "proposals", id, ..] => ("mainnet", *dao, astro(dao, id)?),
        ["testnet.app.astrodao.com", "dao", dao, "proposals", id, ..] => ("testnet", *dao, astro(dao, id)?),
        ["trezu.app", dao, "requests", id, ..] => ("mainnet", *dao, (*id).to_owned()),
        _ => return None,
    };
    let route = Route::parse(&format!("#/{network}/{dao}/proposal/{id}"));
    matches!(route, Route::Proposal { .. }).then_some(route)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_asks_for_a_view() {
        for (text, link) in [
            ("app.near", "#/mainnet/app.near"),
            ("app.testnet", "#/testnet/app.testnet"),
            ("app.near@120000000", "#/mainnet/app.near?block=120000000"),
            ("hash:11111111111111111111111111111111", "#/code/11111111111111111111111111111111"),
            ("https://provenear.example/page/#/testnet/a.testnet?block=7", "#/testnet/a.testnet?block=7"),
            ("https://nearblocks.io/address/app.near?tab=contract", "#/mainnet/app.near"),
            ("https://testnet.nearblocks.io/address/app.testnet", "#/testnet/app.testnet"),
            ("https://explorer.near.org/accounts/app.near", "#/mainnet/app.near"),
            ("https://nearblocks.io/address/app.near?tab=txns", "#/mainnet/app.near"),
            ("HTTPS://nearblocks.io/address/app.near", "#/mainnet/app.near"),
            ("nearblocks.io/address/app.near", "#/mainnet/app.near"),
            ("https://near.social/mob.near/widget/X?contractId=app.near", "#/mainnet/app.near"),
            ("https://nearblocks.io/token/usdt.tether-token.near", "#/mainnet/usdt.tether-token.near"),
            ("https://dapp.example/call?contractId=app.testnet&methodName=x", "#/testnet/app.testnet"),
            ("https://trezu.app/dao.sputnik-dao.near/requests/12", "#/mainnet/dao.sputnik-dao.near/proposal/12"),
            (
                "https://app.astrodao.com/dao/dao.sputnik-dao.near/proposals/dao.sputnik-dao.near-3",
                "#/mainnet/dao.sputnik-dao.near/proposal/3",
            ),
        ] {
            assert_eq!(route_of(text, Network::mainnet()).unwrap().link(), link, "{text}");
        }
        // The network that is set counts where the name of the account does not tell.
        let own = Network::parse("devnet-1").unwrap();
        assert_eq!(route_of("app.devnet", own).unwrap().link(), "#/devnet-1/app.devnet");
    }

    #[test]
    fn a_text_that_asks_for_nothing_is_answered_with_what_would() {
        for (text, said) in [
            ("build/app.wasm", "For a file, drop it here"),
            ("Not An Account", "nor a link"),
            ("app.near@yesterday", "not a block"),
            ("hash:xyz", "not a SHA-256"),
            ("https://nearblocks.io/txns/4reLvkAWfqk5fsqio1KLudk46cqRz9erQdaHkWZKMJDZ", "Enter the account that"),
            ("https://explorer.near.org/transactions/abc#app.near", "Enter the account that"),
            ("https://nearblocks.io/blocks/123", "Enter the account that"),
            ("https://github.com/near/app.near/pull/7", "A repository does not say"),
            ("https://dapp.example/swap?referrer=partner.near", "Enter the account itself"),
            ("https://nearblocks.io/address/", "Enter the account itself"),
            ("https://dao.example/proposals/3", "Enter the account itself"),
        ] {
            let answer = route_of(text, Network::mainnet());
            assert!(answer.as_ref().is_err_and(|reason| reason.contains(said)), "{text}: {answer:?}");
        }
    }
}
