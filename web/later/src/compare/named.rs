//! What a link can name as one side of a comparison, and how it spells it: `mainnet/app.near`, `mainnet/app.near@123456`,
//! `mainnet/code/<hash>`. The same may be typed; without a network, the reader's own is meant.

use provenear_shared::digest::Sha256Digest;
use provenear_shared::near::link::guess;
use provenear_shared::near::{AccountId, BlockReference, Network, SubjectName, parse_subject_at};
use provenear_shared::text::Shown;
use provenear_web_ui::route::{percent_decode, percent_encode};

/// One side.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Named {
    Account { network: Network, account: AccountId, block: BlockReference },
    Code { network: Network, code_hash: Sha256Digest },
}

impl Named {
    /// Reads what was typed, or what stands in a link.
    ///
    /// # Errors
    /// One sentence that says what is wrong with it.
    pub(super) fn parse(text: &str, usual: &Network) -> Result<Named, String> {
        let text = text.trim();
        if text.is_empty() {
            return Err("enter an account or a code hash".to_owned());
        }
        let (network, rest) = match text.split_once('/') {
            Some(("code", _)) | None => (usual.clone(), text),
            Some((chain, rest)) => match Network::parse(chain) {
                Some(network) => (network, rest),
                None => return Err(format!("`{}` is not the name of a network", Shown(chain))),
            },
        };
        // Said to be a hash, whatever else it can be.
        if let Some(hash) = rest.strip_prefix("code/") {
            return match Sha256Digest::from_base58(hash).or_else(|_| Sha256Digest::from_hex(hash)) {
                Ok(code_hash) => Ok(Named::Code { network, code_hash }),
                Err(_) => Err(format!("`{}` is not a code hash", Shown(hash))),
            };
        }
        let (subject, block) = parse_subject_at(rest).map_err(|why| why.to_string())?;
        match subject {
            SubjectName::Account(account) => {
                let is_named = network != *usual;
                let network = if is_named { network } else { guess(network, account.as_str()) };
                Ok(Named::Account { network, account, block: block.unwrap_or(BlockReference::Final) })
            }
            SubjectName::CodeHash(code_hash) => Ok(Named::Code { network, code_hash }),
            SubjectName::File(_) => {
                Err(format!("`{}` is the name of a file: pick it with the button, or drop it", Shown(text)))
            }
        }
    }

    /// The same at the block that was looked at; code by its hash is the same at every block.
    pub(super) fn at(&self, height: Option<u64>) -> Named {
        let (Named::Account { network, account, .. }, Some(height)) = (self, height) else { return self.clone() };
        Named::Account { network: network.clone(), account: account.clone(), block: BlockReference::Height(height) }
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
            Named::Code { network, code_hash } => format!("{}/code/{}", network.chain_id(), code_hash.to_base58()),
        }
    }
}

/// The two sides that a query names, each once. What else it says is not read: no word of it could add trust.
pub(super) fn read(query: &str, usual: &Network) -> [Option<Result<Named, String>>; 2] {
    [("a", "first"), ("b", "second")].map(|(side, title)| {
        let mut values = query.split('&').map(|pair| pair.split_once('=').unwrap_or((pair, "")));
        let mut values = values.by_ref().filter(|(name, _)| *name == side);
        let (_, value) = values.next()?;
        if values.next().is_some() {
            return Some(Err(format!("the link names the {title} side more than once")));
        }
        match percent_decode(value) {
            None => Some(Err(format!("the link is damaged: what it names as the {title} side is not text"))),
            Some(text) if text.trim().is_empty() => Some(Err(format!("the link names nothing as the {title} side"))),
            Some(text) => Some(Named::parse(&text, usual)),
        }
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
        let hash = "code/11111111111111111111111111111111";
        let typed = ["app.near", "app.near@120000000", "testnet/app.testnet", hash, &format!("testnet/{hash}")];
        for (a, b) in typed.iter().zip(typed.iter().rev()) {
            let (a, b) = (Named::parse(a, &mainnet).unwrap(), Named::parse(b, &mainnet).unwrap());
            let query = link_of(Some(&a), Some(&b));
            assert_eq!(read(&query, &testnet), [Some(Ok(a)), Some(Ok(b))], "{query}");
        }
        assert_eq!(read("b=app.near", &mainnet)[0], None);
        assert!(Named::parse("build/app.wasm", &mainnet).is_err());
    }

    #[test]
    fn a_link_with_anything_else_is_refused_in_a_sentence() {
        let mainnet = Network::mainnet();
        let long = format!("a={}", "x".repeat(100_000));
        for (query, expected) in [
            ("a=", "the link names nothing as the first side"),
            ("a", "the link names nothing as the first side"),
            ("a=%20", "the link names nothing as the first side"),
            ("a=%FF%FE", "the link is damaged"),
            ("a=app.near%4", "the link is damaged"),
            ("a=%zz", "the link is damaged"),
            ("a=app.near&b=b.near&a=evil.near", "the link names the first side more than once"),
            ("a=code/xyz", "`xyz` is not a code hash"),
            ("a=mainnet/code/", "`` is not a code hash"),
            (
                "a=code/code/11111111111111111111111111111111",
                "`code/11111111111111111111111111111111` is not a code hash",
            ),
            ("a=MAINNET/app.near", "`MAINNET` is not the name of a network"),
            ("a=https://evil.example/app.wasm", "`https:` is not the name of a network"),
            ("a=../app.near", "`..` is not the name of a network"),
            ("a=/etc/passwd", "`` is not the name of a network"),
            ("a=mainnet/app.wasm", "`mainnet/app.wasm` is the name of a file"),
            ("a=mainnet/file:app", "`mainnet/file:app` is the name of a file"),
            ("a=mainnet/a/b", "`mainnet/a/b` is the name of a file"),
            ("a=app.near@", "`` is not a block"),
            ("a=app.near@-1", "`-1` is not a block"),
            ("a=app.near@18446744073709551616", "`18446744073709551616` is not a block"),
            ("a=app.near@1@2", "`app.near@1@2` is neither an account id"),
            ("a=mainnet/App.near", "`App.near` is neither an account id"),
            ("a=app.near%E2%80%AE", "`app.near\\u{202e}` is neither an account id"),
            ("a=app.near%00", "`app.near\\u{0}` is neither an account id"),
            ("a=%3Cimg%20src=x%3E", "`<img src=x>` is neither an account id"),
            ("a=app%60near", "`app'near` is neither an account id"),
            (&long, "`xxxx"),
        ] {
            let [Some(Err(reason)), _] = read(query, &mainnet) else { panic!("{query}") };
            assert!(reason.starts_with(expected) && reason.len() < 400, "{query}: {reason}");
        }
        // Nothing else is read, whatever it is called.
        let trusting =
            "a=app.near&key=ed25519:x&rpc=https://evil.example&threshold=0&accept-image=y&network=evil&B=evil.near";
        assert_eq!(read(trusting, &mainnet), read("a=app.near", &mainnet));
    }

    #[test]
    fn what_was_looked_at_is_named_by_its_block() {
        let mainnet = Network::mainnet();
        for (typed, expected) in [
            ("app.near", "mainnet/app.near@7"),
            ("app.near@5", "mainnet/app.near@7"),
            ("code/11111111111111111111111111111111", "mainnet/code/11111111111111111111111111111111"),
        ] {
            let named = Named::parse(typed, &mainnet).unwrap();
            assert_eq!((named.at(Some(7)).text().as_str(), named.at(None)), (expected, named));
        }
    }
}
