//! A chain as a reader looks at it: its id, the endpoints that are asked about it, and a block of it.

use serde::{Deserialize, Serialize};

use super::endpoint::{Endpoint, of_each_host, strangers};
use crate::near::{BlockReference, Network};

/// A chain as a reader looks at it: through which endpoints, at which block.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChainView {
    /// The chain, which every endpoint has to name.
    pub network: Network,
    /// Endpoints in the order in which they are tried.
    pub endpoints: Vec<Endpoint>,
    /// How many of the reader's own must agree; by default 2 where there are two, else 1.
    pub quorum: Option<usize>,
    /// Which block.
    pub block: BlockReference,
    /// The reader's clock, milliseconds since 1970 UTC.
    pub now_ms: u64,
}

impl ChainView {
    /// How many of the reader's own endpoints must agree.
    ///
    /// # Examples
    /// ```
    /// use provenear_shared::deployment::{ChainView, Endpoint};
    /// use provenear_shared::near::{BlockReference, Network};
    ///
    /// let view = |urls: &[&str]| ChainView {
    ///     network: Network::mainnet(),
    ///     endpoints: urls.iter().map(|url| Endpoint::own(*url)).collect(),
    ///     quorum: None,
    ///     block: BlockReference::Final,
    ///     now_ms: 1_795_392_000_000,
    /// };
    /// assert_eq!(view(&["https://one.example", "https://two.example"]).quorum(), 2);
    /// // One host under two keys is one witness.
    /// assert_eq!(view(&["https://one.example/key-1", "https://ONE.example/key-2"]).quorum(), 1);
    /// ```
    pub fn quorum(&self) -> usize {
        self.quorum.unwrap_or_else(|| self.own_endpoints().len().min(2)).max(1)
    }

    /// The reader's own endpoints, of each host the first: a host cannot agree with itself.
    pub fn own_endpoints(&self) -> Vec<&Endpoint> {
        of_each_host(self.endpoints.iter().filter(|endpoint| !endpoint.from_link))
    }

    /// Endpoints of a link, of each host the first, where it is not one of the reader's own.
    pub fn link_endpoints(&self) -> Vec<&Endpoint> {
        strangers(&self.own_endpoints(), self.endpoints.iter().filter(|endpoint| endpoint.from_link))
    }
}
