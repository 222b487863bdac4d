//! One endpoint, and when two spellings are the same one: told apart by host and port, because whoever answers there answers
//! under every path. Not here: what an endpoint is asked (`look`).

use serde::{Deserialize, Serialize};

use crate::address::{Host, host};

/// One JSON-RPC endpoint.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Endpoint {
    /// Full URL, possibly with a secret path.
    pub url: String,
    /// Whether a link named it. Such an endpoint is asked besides the reader's own, never instead.
    pub from_link: bool,
}

impl Endpoint {
    /// One of the reader's own.
    pub fn own(url: impl Into<String>) -> Self {
        Self { url: url.into(), from_link: false }
    }

    /// One that a link named.
    pub fn of_link(url: impl Into<String>) -> Self {
        Self { url: url.into(), from_link: true }
    }

    /// Whether both lead to the same host and port. `localhost` and the loopback addresses are one host, http and https at
    /// their usual ports are one port: two names of one machine are no two witnesses.
    pub fn is_same_host(&self, other: &Self) -> bool {
        self.host_and_port() == other.host_and_port()
    }

    /// Host however it is spelled, and port where it is none of the usual two.
    fn host_and_port(&self) -> (Host, Option<u16>) {
        let authority = self.host();
        let name = host(authority);
        let port = authority.rsplit_once(':').filter(|(before, _)| before.len() >= name.len());
        let port = port.and_then(|(_, port)| port.parse().ok());
        (Host::of(name), port.filter(|port| !matches!(port, 80 | 443)))
    }

    /// Host and port: what may be shown, because paths and user names can hold API keys.
    pub fn host(&self) -> &str {
        let rest = self.url.split_once("://").map_or(self.url.as_str(), |(_, rest)| rest);
        // A browser reads `\` as `/`.
        let authority = rest.split(['/', '\\', '?', '#']).next().unwrap_or(rest);
        authority.rsplit_once('@').map_or(authority, |(_, host)| host)
    }
}

/// Those of `linked` that are at no host of `own`, of each host the first.
pub fn strangers<'a>(own: &[&Endpoint], linked: impl IntoIterator<Item = &'a Endpoint>) -> Vec<&'a Endpoint> {
    let is_own = |endpoint: &Endpoint| own.iter().any(|own| own.is_same_host(endpoint));
    of_each_host(linked.into_iter().filter(|endpoint| !is_own(endpoint)))
}

/// Of each host the first.
pub(super) fn of_each_host<'a>(endpoints: impl Iterator<Item = &'a Endpoint>) -> Vec<&'a Endpoint> {
    let mut hosts: Vec<&Endpoint> = Vec::new();
    for endpoint in endpoints {
        if !hosts.iter().any(|known| known.is_same_host(endpoint)) {
            hosts.push(endpoint);
        }
    }
    hosts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_host_that_is_shown_is_the_one_that_is_asked() {
        for (url, host) in [
            ("https://me:secret@rpc.example:8443/key?key=1", "rpc.example:8443"),
            (r"https://evil.example\@rpc.example", "evil.example"),
            (r"https://evil.example\path@rpc.example/", "evil.example"),
        ] {
            assert_eq!(Endpoint::own(url).host(), host);
        }
    }

    #[test]
    fn endpoints_are_told_apart_by_host_and_not_by_spelling() {
        let same = |one: &str, other: &str| Endpoint::own(one).is_same_host(&Endpoint::own(other));
        for (one, other) in [
            ("https://rpc.example", "https://RPC.Example/"),
            ("https://rpc.example/key-1", "https://rpc.example:443/key-2?x"),
            ("https://rpc.example.", "HTTPS://me@rpc.example"),
            ("https://rpc.example", "http://rpc.example:80"),
            ("https://rpc.example", "http://rpc.example:443"),
            ("http://rpc.example", "https://rpc.example:80/key"),
            ("http://127.0.0.1:3030", "http://localhost:3030/"),
            ("http://[::1]:3030", "http://localhost.:3030/"),
            ("http://127.1:3030", "http://[0:0:0:0:0:0:0:1]:3030/"),
            ("http://2130706433:3030", "http://[::ffff:127.0.0.1]:3030/"),
            ("http://0x7f.1:3030", "http://a.localhost:3030/"),
            ("http://8.8.8.8", "http://0x8.8.2056"),
        ] {
            assert!(same(one, other), "{one} and {other} are one");
        }
        for (one, other) in [
            ("https://rpc.example", "https://rpc2.example"),
            ("https://rpc.example", "https://rpc.example:8443"),
            ("http://127.0.0.1:3030", "http://127.0.0.1:3031"),
            ("http://127.0.0.1:3030", "http://10.0.0.1:3030"),
        ] {
            assert!(!same(one, other), "{one} and {other} are two");
        }
    }
}
