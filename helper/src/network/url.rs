//! Which git URLs we go to: https, and http on loopback for a reader's own server. Never ssh, never a file, never
//! a helper program (`ext::`), never one with a user name in it.

use provenear_shared::source::{is_host, is_plain_path};

use crate::failure::{Code, fail};
use crate::proxies::is_loopback;
use crate::redact::redact_url;

/// Whether source on this machine or a private network may be fetched (`--allow-local-source`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum LocalSources {
    /// As its user says.
    Allowed,
    /// As is usual: a claim must not name such a place.
    Refused,
}

/// A git URL that may be fetched from.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct RepositoryUrl {
    text: String,
    loopback: bool,
    local_sources: LocalSources,
}

impl RepositoryUrl {
    /// From a claimed URL, whose submodules and redirects obey the same rule about local sources.
    ///
    /// # Errors
    /// [`Code::SourceRefused`] for every other scheme, credentials, a query, a fragment, control characters.
    pub fn parse(text: &str, local_sources: LocalSources) -> anyhow::Result<RepositoryUrl> {
        let refused = |why: &str| fail(Code::SourceRefused, format!("the git URL `{}` {why}", redact_url(text)));
        if text.len() > 2048 || text.chars().any(|c| c.is_control() || c.is_whitespace() || c == '\\') {
            return refused("is malformed");
        }
        let Some((scheme, rest)) = text.split_once("://") else {
            return refused("is neither https nor loopback http");
        };
        if rest.contains(['?', '#']) {
            return refused("carries a query or a fragment");
        }
        let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
        if authority.contains('@') {
            return refused("carries credentials");
        }
        // Percent escapes and other alphabets: git and curl undo them, and reach another host than was judged.
        if !is_host(authority) || !is_plain_path(path) {
            return refused("is malformed");
        }
        let loopback = is_loopback(authority);
        match scheme {
            "https" => {}
            "http" if loopback => {}
            _ => return refused("is neither https nor loopback http"),
        }
        Ok(RepositoryUrl { text: text.to_owned(), loopback, local_sources })
    }

    /// The URL of a submodule, which may be relative to this one (`../other.git`), or name by ssh what its host gives to anybody
    /// by https. What is fetched is known by its commit, wherever it comes from.
    ///
    /// # Errors
    /// As [`RepositoryUrl::parse`]; also where `..` climbs above the host.
    pub fn submodule(&self, text: &str) -> anyhow::Result<RepositoryUrl> {
        if !(text.starts_with("./") || text.starts_with("../")) {
            return RepositoryUrl::parse(&by_https(text).unwrap_or_else(|| text.to_owned()), self.local_sources);
        }
        let (scheme, rest) = self.text.split_once("://").unwrap_or_default();
        let mut parts: Vec<&str> = rest.trim_end_matches('/').split('/').collect();
        for part in text.split('/') {
            match part {
                "" | "." => {}
                ".." if parts.len() > 1 => {
                    parts.pop();
                }
                ".." => {
                    return fail(Code::SourceRefused, format!("the submodule URL `{text}` climbs above its host"));
                }
                part => parts.push(part),
            }
        }
        RepositoryUrl::parse(&format!("{scheme}://{}", parts.join("/")), self.local_sources)
    }

    /// As claimed.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Host and port, as written.
    pub fn authority(&self) -> &str {
        let rest = self.text.split_once("://").map_or("", |(_, rest)| rest);
        rest.split('/').next().unwrap_or(rest)
    }

    /// The port, the scheme's own where none is written.
    pub fn port(&self) -> u16 {
        let after = self.authority().rsplit_once(']').map_or(self.authority(), |(_, after)| after);
        let written = after.rsplit_once(':').and_then(|(_, port)| port.parse().ok());
        written.unwrap_or(if self.text.starts_with("https:") { 443 } else { 80 })
    }

    /// Whether it may lead to this machine or a private network.
    pub fn local_sources(&self) -> LocalSources {
        self.local_sources
    }

    /// Whether plain http is allowed and redirects are not: a server on this machine.
    pub fn is_loopback(&self) -> bool {
        self.loopback
    }
}

/// The https URL of the repository that a URL of another scheme names, where only the way to it is another: ssh in both of its
/// spellings, git's own protocol and http without encryption. `None` for one with a password or a port, which are not the
/// same place by https.
pub fn by_https(text: &str) -> Option<String> {
    let (place, path) = match text.split_once("://") {
        Some(("ssh" | "git+ssh" | "ssh+git" | "git" | "http", rest)) => rest.split_once('/')?,
        Some(_) => return None,
        // scp-like: `git@github.com:owner/repository.git`
        None => text.split_once(':').filter(|(place, _)| place.contains('@') && !place.contains('/'))?,
    };
    let host = place.rsplit_once('@').map_or(place, |(_, host)| host);
    let is_same = !place.strip_suffix(host).is_some_and(|user| user.contains(':')) && !host.contains([':', '[']);
    (is_same && !is_loopback(host)).then(|| format!("https://{host}/{}", path.trim_start_matches('/')))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_https_and_loopback_http() {
        let rows = [
            ("https://github.com/near/mpc", true),
            ("https://github.com/near/mpc.git", true),
            ("http://127.0.0.1:8471/c.git", true),
            ("http://localhost/c.git", true),
            ("http://[::1]:80/c.git", true),
            ("http://github.com/near/mpc", false),
            ("http://localhost.evil.example/c", false),
            ("http://127.0.0.1@evil.example/c", false),
            ("ssh://git@github.com/near/mpc", false),
            ("git@github.com:near/mpc.git", false),
            ("file:///etc", false),
            ("ext::sh -c id", false),
            ("/etc", false),
            ("-upload-pack=x", false),
            ("https://u:p@github.com/x", false),
            ("https://github.com/../x", false),
            ("https://github.com/x?a=b", false),
            ("https:///x", false),
            ("https://%31%32%37.0.0.1:48472/s.git", false),
            ("https://\u{ff11}\u{ff12}\u{ff17}.0.0.1/s.git", false),
            ("https://g\u{131}thub.com/x", false),
            ("https://h.example:65536/x", false),
            ("https://[fe80::1%25eth0]/x", false),
            ("https://github.com/a%20b", true),
            ("https://github.com/%2e%2e/x", false),
            ("https://github.com/a/.%2E/x", false),
            ("https://github.com/a%2fx", false),
        ];
        for (text, accepted) in rows {
            assert_eq!(RepositoryUrl::parse(text, LocalSources::Refused).is_ok(), accepted, "{text}");
        }
    }

    #[test]
    fn relative_submodules_stay_on_their_host() {
        let base = RepositoryUrl::parse("https://h.example/o/r.git", LocalSources::Refused).unwrap();
        assert_eq!(base.submodule("../s.git").unwrap().as_str(), "https://h.example/o/s.git");
        assert_eq!(base.submodule("./s").unwrap().as_str(), "https://h.example/o/r.git/s");
        assert!(base.submodule("../../../x").is_err());
        assert!(base.submodule("../%2e%2e/x").is_err());
    }

    #[test]
    fn a_submodule_by_ssh_is_fetched_by_https_and_nothing_else_becomes_another_place() {
        let base = RepositoryUrl::parse("https://h.example/o/r.git", LocalSources::Refused).unwrap();
        for (text, expected) in [
            ("git@github.com:o/r.git", Some("https://github.com/o/r.git")),
            ("git@github.com:/o/r", Some("https://github.com/o/r")),
            ("ssh://git@github.com/o/r.git", Some("https://github.com/o/r.git")),
            ("git+ssh://git@github.com/o/r.git", Some("https://github.com/o/r.git")),
            ("git://github.com/o/r.git", Some("https://github.com/o/r.git")),
            ("http://github.com/o/r.git", Some("https://github.com/o/r.git")),
            ("https://github.com/o/r.git", Some("https://github.com/o/r.git")),
            ("ssh://git@h.example:2222/o/r.git", None),
            ("http://h.example:8080/o/r.git", None),
            ("ssh://git:secret@h.example/o/r.git", None),
            ("git@h.example:../r", None),
            ("git@-oProxyCommand=x:r", None),
            ("https://u:p@github.com/x", None),
            ("h.example:o/r", None),
            ("C:/o/r", None),
            ("ext::sh -c id@x:y", None),
            ("file:///etc", None),
            ("git@127.0.0.1:o/r", None),
            ("git@localhost:o/r", None),
        ] {
            let url = base.submodule(text);
            assert_eq!(url.as_ref().ok().map(RepositoryUrl::as_str), expected, "{text}");
        }
    }

    #[test]
    fn credentials_are_not_repeated() {
        let error =
            RepositoryUrl::parse("https://user:hunter2@h.example/x", LocalSources::Refused).unwrap_err().to_string();
        assert!(!error.contains("hunter2"), "{error}");
    }
}
