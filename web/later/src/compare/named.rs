//! What a link can name as one side of a comparison, and how it spells it: `mainnet/app.near`, `mainnet/app.near@123456`,
//! `code/<hash>`. The same may be typed; without a network, the reader's own is meant.

use provenear_shared::digest::Sha256Digest;
use provenear_shared::near::{AccountId, BlockReference, Network, SubjectName, parse_subject_at};
use provenear_web_ui::route::{guess, percent_decode, percent_encode};

/// One side.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Named {
    Account { network: Network, account: AccountId, block: BlockReference },
    Code(Sha256Digest),
}

impl Named {
    /// Reads what was typed, or what stands in a link.
    ///
    /// # Errors
    /// One sentence that says what could be typed instead.
    pub(super) fn parse(text: &str, usual: &Network) -> Result<Named, String> {
        let text = text.trim();
        let (network, rest) = match text.split_once('/') {
            // Said to be a hash, whatever else it can be.
            Some(("code", hash)) => {
                return Sha256Digest::from_base58(hash).map(Named::Code).map_err(|error| error.to_string());
            }
            Some((chain, rest)) => match Network::parse(chain) {
                Some(network) => (network, rest),
                None => (usual.clone(), text),
            },
            None => (usual.clone(), text),
        };
        let (subject, block) = parse_subject_at(rest)?;
        match subject {
            SubjectName::Account(account) => {
                let is_named = network != *usual;
                let network = if is_named { network } else { guess(network, account.as_str()) };
                Ok(Named::Account { network, account, block: block.unwrap_or(BlockReference::Final) })
            }
            SubjectName::CodeHash(hash) => Ok(Named::Code(hash)),
            SubjectName::File(_) => Err("Pick the file with the button, or drop it.".to_owned()),
        }
    }

    /// As a link spells it.
    pub(super) fn text(&self) -> String {
        match self {
            Named::Account { network, account, block: BlockReference::Final } => {
                format!("{}/{account}", network.chain_id())
            }
            Named::Account {
                network,
                account,
                block: block @ (BlockReference::Height(_) | BlockReference::Hash(_)),
            } => {
                format!("{}/{account}@{block}", network.chain_id())
            }
            Named::Code(hash) => format!("code/{}", hash.to_base58()),
        }
    }
}

/// The two sides that a query names. What cannot be read is kept as text, for the reader to mend.
pub(super) fn read(query: &str, usual: &Network) -> [Option<Result<Named, String>>; 2] {
    ["a", "b"].map(|side| {
        let mut pairs = query.split('&').filter_map(|pair| pair.split_once('='));
        let (_, value) = pairs.find(|(name, _)| *name == side)?;
        let text = percent_decode(value).unwrap_or_default();
        Some(Named::parse(&text, usual))
    })
}

/// The query that names two sides, as far as they can be named.
pub(super) fn link_of(a: Option<&Named>, b: Option<&Named>) -> String {
    let named = [("a", a), ("b", b)].into_iter();
    let named = named.filter_map(|(name, side)| Some(format!("{name}={}", percent_encode(&side?.text()))));
    named.collect::<Vec<_>>().join("&")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_names_what_it_was_made_of() {
        let (mainnet, testnet) = (Network::mainnet(), Network::parse("testnet").unwrap());
        let typed = ["app.near", "app.near@120000000", "testnet/app.testnet", "code/11111111111111111111111111111111"];
        for (a, b) in typed.iter().zip(typed.iter().rev()) {
            let (a, b) = (Named::parse(a, &mainnet).unwrap(), Named::parse(b, &mainnet).unwrap());
            let query = link_of(Some(&a), Some(&b));
            assert_eq!(read(&query, &testnet), [Some(Ok(a)), Some(Ok(b))], "{query}");
        }
        assert_eq!(read("b=app.near", &mainnet)[0], None);
        assert!(Named::parse("build/app.wasm", &mainnet).is_err());
    }
}
