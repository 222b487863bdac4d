//! Where a git URL leads: the addresses of its host, asked for once and handed to git, so that no second answer of a name
//! server counts; and where a server redirects to. A claim must not make a rebuilder send requests into its own network,
//! nor a rebuild of what lies there pass for one of public source.

use std::io;
use std::net::{IpAddr, SocketAddr, ToSocketAddrs};

use ::url::Url;
use provenear_shared::address;
use provenear_shared::container::NetworkAccess;
use provenear_shared::source::is_host;
use ureq::http::Uri;
use ureq::unversioned::resolver::{DefaultResolver, ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::NextTimeout;

use super::url::{LocalSources, RepositoryUrl};
use crate::deadline::Deadline;
use crate::failure::{Code, fail};
use crate::proxies::PROXIES;
use crate::redact::redact_url;

/// How many redirects of one server are followed.
pub const MAX_REDIRECTS: usize = 4;
/// What git asks for first, and what a redirect of it has to end in.
pub const FIRST_QUESTION: &str = "/info/refs?service=git-upload-pack";

/// What becomes of a dependency whose host this machine does not know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UnknownHost {
    /// Nobody asks it, or a proxy may know it.
    Left,
    /// The container's own resolver may know it (search domains, the engine's names), as a local one.
    Refused,
}

impl UnknownHost {
    /// Where a build has this access.
    pub fn with(access: NetworkAccess) -> UnknownHost {
        match access {
            NetworkAccess::None => UnknownHost::Left,
            NetworkAccess::Fetch | NetworkAccess::Full if has_proxy() => UnknownHost::Left,
            NetworkAccess::Fetch | NetworkAccess::Full => UnknownHost::Refused,
        }
    }
}

fn has_proxy() -> bool {
    PROXIES.iter().any(|name| !name.eq_ignore_ascii_case("no_proxy") && std::env::var_os(name).is_some())
}

/// A URL with the addresses of its host.
#[derive(Debug, Clone)]
pub struct Reached {
    /// Where to.
    pub url: RepositoryUrl,
    /// Every one that may be used; none where only a proxy can find it.
    pub addresses: Vec<SocketAddr>,
    /// Whether it is on this machine or a private network.
    pub is_local: bool,
}

impl Reached {
    /// Asks the system's resolver.
    ///
    /// # Errors
    /// [`Code::SourceRefused`] for what is local, unless that is allowed; [`Code::CommitNotFound`] for a host that is not
    /// known, unless a proxy may know it.
    pub fn find(url: &RepositoryUrl, deadline: Deadline) -> anyhow::Result<Reached> {
        match Reached::by_resolver(url, deadline)? {
            Err(Lost::Refused(error)) => Err(error),
            Err(Lost::Unknown(_)) if has_proxy() => {
                Ok(Reached { url: url.clone(), addresses: Vec::new(), is_local: false })
            }
            Err(Lost::Unknown(error)) => {
                fail(Code::CommitNotFound, format!("`{}` was not found: {error}", url.authority()))
            }
            Ok(reached) => Ok(reached),
        }
    }

    /// Whether the source of a dependency, as a lock file spells it, is local. cargo asks it by itself: where it redirects
    /// to, and what submodules it has, is not seen here.
    ///
    /// # Errors
    /// [`Code::SourceRefused`] for what is local, unless that is allowed, for a file, and for what cargo would read
    /// otherwise than it is written; [`Code::NetworkNeeded`] for a host that is not known.
    pub fn is_local_dependency(
        source: &str,
        local_sources: LocalSources,
        unknown: UnknownHost,
        deadline: Deadline,
    ) -> anyhow::Result<bool> {
        let host = host_of_dependency(source)?;
        // The port decides nothing about where a host is, and the scheme nothing about whether it may be asked.
        let url = RepositoryUrl::parse(&format!("https://{host}/dependency"), local_sources)?;
        match (Reached::by_resolver(&url, deadline)?, unknown) {
            (Ok(reached), _) => Ok(reached.is_local),
            (Err(Lost::Refused(error)), _) => Err(error),
            // By its name alone, and allowed.
            (Err(Lost::Unknown(_)), _) if address::is_local(&host) => Ok(true),
            (Err(Lost::Unknown(_)), UnknownHost::Left) => Ok(false),
            (Err(Lost::Unknown(error)), UnknownHost::Refused) => {
                let why = "so nobody knows whether a dependency there is public";
                fail(Code::NetworkNeeded, format!("`{host}` was not found, {why}: {error}"))
            }
        }
    }

    /// As the system's resolver says, unless the time is over by then.
    fn by_resolver(url: &RepositoryUrl, deadline: Deadline) -> anyhow::Result<Result<Reached, Lost>> {
        let reached = Reached::by(url, |host, port| {
            let host = host.to_owned();
            deadline.wait(move || Ok((host.as_str(), port).to_socket_addrs()?.collect()))
        });
        deadline.check()?;
        Ok(reached)
    }

    fn by(url: &RepositoryUrl, resolve: impl Fn(&str, u16) -> io::Result<Vec<SocketAddr>>) -> Result<Reached, Lost> {
        let (authority, host) = (url.authority(), address::host(url.authority()));
        let by_spelling = address::is_local(authority);
        if by_spelling && url.local_sources() == LocalSources::Refused {
            return Err(Lost::Refused(refuse(authority, None)));
        }
        let addresses = resolve(host, url.port()).map_err(Lost::Unknown)?;
        let local = addresses.iter().map(SocketAddr::ip).find(|address| !address::is_public(*address));
        match (local, url.local_sources()) {
            (Some(address), LocalSources::Refused) => Err(Lost::Refused(refuse(authority, Some(address)))),
            (local, _) => Ok(Reached { url: url.clone(), addresses, is_local: by_spelling || local.is_some() }),
        }
    }

    /// What git is told: these addresses for this name, and no redirects of its own.
    pub fn settings(&self) -> Vec<String> {
        let mut settings = vec!["http.followRedirects=false".to_owned()];
        let (host, port) = (address::host(self.url.authority()), self.url.port());
        // An address is asked of nobody, and curl cannot read an entry that begins with an IPv6 one.
        if !self.addresses.is_empty() && host.parse::<IpAddr>().is_err() {
            let shown = |address: &SocketAddr| match address.ip() {
                IpAddr::V4(address) => address.to_string(),
                IpAddr::V6(address) => format!("[{address}]"),
            };
            let all: Vec<String> = self.addresses.iter().map(shown).collect();
            settings.push(format!("http.curloptResolve={host}:{port}:{}", all.join(",")));
        }
        settings
    }

    /// Gives the URL that a redirect of [`FIRST_QUESTION`] leads to, with the same rules.
    ///
    /// # Errors
    /// [`Code::SourceRefused`] for a place that no claim may name either.
    pub fn follow(&self, location: &str) -> anyhow::Result<RepositoryUrl> {
        let (scheme, rest) = self.url.as_str().split_once("://").unwrap_or_default();
        let whole = match location.strip_prefix('/') {
            Some(path) if !path.starts_with('/') => {
                format!("{scheme}://{}/{path}", rest.split('/').next().unwrap_or_default())
            }
            Some(_) | None => location.to_owned(),
        };
        match whole.strip_suffix(FIRST_QUESTION) {
            Some(url) => RepositoryUrl::parse(url, self.url.local_sources()),
            None => fail(Code::SourceRefused, format!("`{}` redirects away from git", self.url.as_str())),
        }
    }
}

/// The host of a source in a lock file, read by the parser that cargo reads it with. Where that parser mends the text (escapes,
/// foreign digits, missing slashes), nothing else can be sure of its host: cargo itself writes what needs no mending.
fn host_of_dependency(source: &str) -> anyhow::Result<String> {
    let refused = |why: &str| fail(Code::SourceRefused, format!("the dependency `{}` {why}", redact_url(source)));
    let written = source.split_once('+').map_or("", |(_, rest)| rest.split(['?', '#']).next().unwrap_or(rest));
    let Some(url) = Url::parse(written).ok().filter(|url| url.as_str() == written) else {
        return refused("is not as cargo writes it");
    };
    match url.host_str() {
        // The only files that cargo finds there are the commit's own and the image's, and a packed repository among them
        // shows nobody what it holds. No project needs one: cargo names what lies in the same tree by its path alone.
        _ if url.scheme() == "file" => refused("is a file in the container, which is not published source"),
        Some(host) if is_host(host) => Ok(host.to_owned()),
        Some(_) | None => refused("is not as cargo writes it"),
    }
}

enum Lost {
    Refused(anyhow::Error),
    Unknown(io::Error),
}

fn refuse(authority: &str, address: Option<IpAddr>) -> anyhow::Error {
    let at = address.map(|address| format!(" ({address})")).unwrap_or_default();
    let why = "is on this machine or a private network; `--allow-local-source` allows that";
    crate::failure::Failure::new(Code::SourceRefused, format!("the source `{authority}`{at} {why}")).into()
}

/// Answers for one host what was found before; a proxy in between is asked for as usual.
#[derive(Debug)]
pub struct Pinned {
    /// The host.
    pub host: String,
    /// Its addresses.
    pub addresses: Vec<SocketAddr>,
}

impl Resolver for Pinned {
    fn resolve(
        &self,
        uri: &Uri,
        config: &ureq::config::Config,
        timeout: NextTimeout,
    ) -> Result<ResolvedSocketAddrs, ureq::Error> {
        if uri.host().map(address::host) != Some(self.host.as_str()) {
            return DefaultResolver::default().resolve(uri, config, timeout);
        }
        let mut found = self.empty();
        self.addresses.iter().take(16).for_each(|address| found.push(*address));
        if found.is_empty() { Err(ureq::Error::HostNotFound) } else { Ok(found) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn find(url: &str, local: LocalSources) -> Result<Reached, String> {
        let resolve = |host: &str, port| match host {
            "rebinds.example" => Ok(vec![([8, 8, 8, 8], port).into(), ([127, 0, 0, 1], port).into()]),
            "metadata.example" => Ok(vec![([169, 254, 169, 254], port).into()]),
            "six.example" => Ok(vec![SocketAddr::new("fd00::1".parse().unwrap(), port)]),
            "mapped.example" => Ok(vec![SocketAddr::new("::ffff:10.0.0.1".parse().unwrap(), port)]),
            "gone.example" => Err(io::Error::other("no such host")),
            host => match host.parse() {
                Ok(ip) => Ok(vec![SocketAddr::new(ip, port)]),
                Err(_) => Ok(vec![([8, 8, 8, 8], port).into()]),
            },
        };
        Reached::by(&RepositoryUrl::parse(url, local).unwrap(), resolve).map_err(|lost| match lost {
            Lost::Refused(error) => error.to_string(),
            Lost::Unknown(error) => format!("unknown: {error}"),
        })
    }

    fn in_a_minute() -> Deadline {
        Deadline::after(std::time::Duration::from_secs(60), Code::LimitExceeded)
    }

    fn dependency(source: &str, local: LocalSources) -> anyhow::Result<bool> {
        Reached::is_local_dependency(source, local, UnknownHost::Refused, in_a_minute())
    }

    #[test]
    fn what_is_local_by_spelling_or_address_is_refused_and_allowed_by_name() {
        for url in [
            "http://127.0.0.1:8471/c.git",
            "http://localhost/c",
            "http://[::1]/c",
            "https://127.1/c",
            "https://2130706433/c",
            "https://0x7f.0.0.1/c",
            "https://10.0.0.8/c",
            "https://169.254.169.254/latest",
            "https://[fc00::1]/c",
            "https://[::ffff:192.168.0.1]/c",
            "https://gitea/c",
            "https://a.localhost/c",
            "https://rebinds.example/c",
            "https://metadata.example/c",
            "https://six.example/c",
            "https://mapped.example:8443/c",
        ] {
            let error = find(url, LocalSources::Refused).unwrap_err();
            assert!(
                error.contains("--allow-local-source")
                    && error.contains(RepositoryUrl::parse(url, LocalSources::Refused).unwrap().authority()),
                "{error}"
            );
            assert!(find(url, LocalSources::Allowed).unwrap().is_local, "{url}");
        }
        assert!(find("https://metadata.example/c", LocalSources::Refused).unwrap_err().contains("169.254.169.254"));
        let public = find("https://github.com/a/b", LocalSources::Refused).unwrap();
        assert!(!public.is_local);
        assert_eq!(public.settings(), ["http.followRedirects=false", "http.curloptResolve=github.com:443:8.8.8.8"]);
        assert!(find("https://gone.example/c", LocalSources::Refused).unwrap_err().starts_with("unknown"));
    }

    #[test]
    fn a_dependency_of_a_lock_file_obeys_the_same_rules() {
        for source in [
            "git+https://172.17.0.1/a/b?rev=1#1",
            "git+http://127.0.0.1:8471/c.git#1",
            "git+ssh://git@10.0.0.8/a/b#1",
            "registry+https://gitea/index",
            "sparse+https://[::1]/index/",
            "git+https://user:secret@localhost/a#1",
        ] {
            let error = dependency(source, LocalSources::Refused).unwrap_err().to_string();
            assert!(error.contains("--allow-local-source") && !error.contains("secret"), "{error}");
            assert!(dependency(source, LocalSources::Allowed).unwrap(), "{source}");
        }
        for source in
            ["git+https://8.8.8.8/a/b?branch=a/b#1", "sparse+https://8.8.8.8/index/", "git+ssh://git@8.8.8.8/a#1"]
        {
            assert!(!dependency(source, LocalSources::Refused).unwrap(), "{source}");
        }
    }

    /// cargo reads what we would not: every spelling that its parser changes is refused, allowed or not.
    #[test]
    fn a_dependency_is_spelled_as_cargo_spells_it() {
        for source in [
            "git+http://%31%37%32.17.0.1:48471/math.git#1",
            "git+http://\u{ff11}\u{ff17}\u{ff12}.17.0.1:48471/math.git#1",
            "git+http:/172.17.0.1:48471/math.git#1",
            "git+http:172.17.0.1:48471/math.git#1",
            "git+http:///172.17.0.1:48471/math.git#1",
            "git+http://172.17.0.1:48471\\@8.8.8.8/math.git#1",
            "git+http://172.17.0.1\t/math.git#1",
            "git+HTTP://172.17.0.1/math.git#1",
            "git+https://2130706433/math.git#1",
            "git+ssh://git@%31%37%32.17.0.1/math.git#1",
            "sparse+https://%31%37%32.17.0.1/index/",
            "git+git@172.17.0.1:math.git#1",
            "https://172.17.0.1/math.git",
            "git+ssh:math#1",
        ] {
            for local in [LocalSources::Refused, LocalSources::Allowed] {
                let error = dependency(source, local).unwrap_err().to_string();
                assert!(error.contains("not as cargo writes it"), "{source}: {error}");
            }
        }
    }

    #[test]
    fn a_dependency_in_a_file_is_no_published_source() {
        for source in ["git+file:///home/near/code/assets#1", "registry+file:///home/near/code/index", "path+file:///a"]
        {
            for local in [LocalSources::Refused, LocalSources::Allowed] {
                let error = dependency(source, local).unwrap_err().to_string();
                assert!(error.contains("is not published source"), "{source}: {error}");
            }
        }
    }

    /// The resolver in the fetch's container may know a name that this machine's does not.
    #[test]
    fn a_dependency_that_cannot_be_found_is_refused_where_it_would_be_asked_for() {
        let find = |unknown| {
            Reached::is_local_dependency(
                "registry+https://gone.invalid/index",
                LocalSources::Allowed,
                unknown,
                in_a_minute(),
            )
        };
        assert!(find(UnknownHost::Refused).unwrap_err().to_string().contains("gone.invalid"));
        assert!(!find(UnknownHost::Left).unwrap());
    }

    #[test]
    fn an_address_needs_no_pin() {
        for url in ["https://[2606:4700::1]/c", "https://8.8.8.8:8443/c"] {
            assert_eq!(find(url, LocalSources::Refused).unwrap().settings(), ["http.followRedirects=false"], "{url}");
        }
    }

    #[test]
    fn a_redirect_and_a_submodule_obey_the_same_rules() {
        let from = |local| Reached {
            url: RepositoryUrl::parse("https://h.example/a/b.git", local).unwrap(),
            addresses: Vec::new(),
            is_local: false,
        };
        let to = |location: &str, local| {
            from(local).follow(&format!("{location}{FIRST_QUESTION}")).map(|url| url.as_str().to_owned())
        };
        assert_eq!(to("/c/d", LocalSources::Refused).unwrap(), "https://h.example/c/d");
        assert_eq!(to("https://o.example/c", LocalSources::Refused).unwrap(), "https://o.example/c");
        for location in
            ["http://o.example/c", "ssh://o.example/c", "file:///c", "//evil.example/c", "https://u:p@o.example/c"]
        {
            assert!(to(location, LocalSources::Refused).is_err(), "{location}");
        }
        assert!(from(LocalSources::Refused).follow("https://o.example/login").is_err());
        // It is parsed where it leads, and then refused as any other is.
        let there = to("https://127.0.0.1/c", LocalSources::Refused).unwrap();
        assert!(find(&there, LocalSources::Refused).is_err());
        let base = RepositoryUrl::parse("https://h.example/a/b.git", LocalSources::Refused).unwrap();
        for submodule in ["https://127.0.0.1/lib.git", "http://localhost/lib.git"] {
            let url = base.submodule(submodule).unwrap();
            assert!(find(url.as_str(), url.local_sources()).is_err(), "{submodule}");
        }
    }
}
