//! A commit of a git repository that anyone can fetch. Holding a [`SourceSnapshot`] proves that the URL is plain https
//! (http on loopback alone), carries no credentials, and that the revision is a full commit id.
//! Not here: fetching it (`helper/source`).

use crate::address;
use crate::gap::RecipeGap;

/// What `source_code_snapshot` names, ready to be fetched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceSnapshot {
    url: String,
    commit: String,
}

impl SourceSnapshot {
    /// Reads `source_code_snapshot`: `git+https://…?rev=<commit>` (cargo-near), `git+https://…#<commit>` (nearc, NEP-330's
    /// grammar), both if they agree. Forms that no rebuilder can fetch without a login are refused by name.
    ///
    /// # Errors
    /// Every reason why it cannot be fetched, at least one.
    ///
    /// # Examples
    /// ```
    /// use provenear_shared::gap::RecipeGap;
    /// use provenear_shared::source::SourceSnapshot;
    ///
    /// let commit = "d76a82548ce6a7aea346aa6c56f4af914366abf8";
    /// let source = SourceSnapshot::parse(&format!("git+https://github.com/near/mpc?rev={commit}")).unwrap();
    /// assert_eq!((source.url(), source.commit()), ("https://github.com/near/mpc", commit));
    /// assert_eq!(SourceSnapshot::parse(&format!("git+https://github.com/near/mpc#{commit}")), Ok(source));
    /// // What a branch means can change after the build.
    /// let gaps = SourceSnapshot::parse("git+https://github.com/near/mpc?branch=main");
    /// assert_eq!(gaps, Err(vec![RecipeGap::SourceRevisionNotACommit("main".to_owned())]));
    /// ```
    pub fn parse(text: &str) -> Result<Self, Vec<RecipeGap>> {
        if text.is_empty() {
            return Err(vec![RecipeGap::SourceMissing]);
        }
        if is_ipfs(text) {
            return Err(vec![RecipeGap::SourceIpfs(text.to_owned())]);
        }
        let rest = text.strip_prefix("git+").unwrap_or(text);
        let (rest, fragment) = split_off(rest, '#');
        let (url, query) = split_off(rest, '?');
        let mut gaps = Vec::new();
        let not_git = || RecipeGap::SourceNotGit(text.to_owned());
        match classify(url) {
            UrlKind::Public => {}
            UrlKind::WithCredentials => gaps.push(RecipeGap::SourceCredentials),
            UrlKind::NeedsSsh => gaps.push(RecipeGap::SourceNeedsSsh(text.to_owned())),
            UrlKind::Unusable if may_have_credentials(text) => return Err(vec![RecipeGap::SourceCredentials]),
            UrlKind::Unusable => return Err(vec![not_git()]),
        }
        match revision(query, fragment) {
            Ok(commit) if gaps.is_empty() => return Ok(Self { url: url.to_owned(), commit }),
            Ok(_) => {}
            Err(Some(gap)) => gaps.push(gap),
            Err(None) => gaps.push(not_git()),
        }
        Err(gaps)
    }

    /// The URL to clone, without `git+`, query and fragment.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The full commit id, lower-case hex, 40 (SHA-1) or 64 (SHA-256) digits.
    pub fn commit(&self) -> &str {
        &self.commit
    }

    /// Host and port of the URL.
    pub fn host(&self) -> &str {
        let rest = self.url.split_once("://").map_or(self.url.as_str(), |(_, rest)| rest);
        rest.split('/').next().unwrap_or(rest)
    }

    /// Host and path, as a reader knows a repository: `github.com/owner/name`.
    pub fn repository(&self) -> &str {
        let rest = self.url.split_once("://").map_or(self.url.as_str(), |(_, rest)| rest).trim_end_matches('/');
        rest.strip_suffix(".git").unwrap_or(rest)
    }

    /// The host and port, where they are local by their spelling: for anybody else they are another machine, or none.
    pub fn local_host(&self) -> Option<&str> {
        Some(self.host()).filter(|host| address::is_local(host))
    }

    /// A page that shows the tree at the commit, for the forges whose URL scheme is known.
    pub fn browse_url(&self) -> Option<String> {
        let base = self.url.trim_end_matches('/').trim_end_matches(".git");
        match self.host() {
            "github.com" | "codeberg.org" => Some(format!("{base}/tree/{}", self.commit)),
            "gitlab.com" => Some(format!("{base}/-/tree/{}", self.commit)),
            "bitbucket.org" => Some(format!("{base}/src/{}", self.commit)),
            _ => None,
        }
    }

    /// Whether the free-text `link` of a claim points into the same repository. A text that is not a URL never does, nor does
    /// one that a browser would follow out of it again.
    pub fn is_same_repository(&self, link: &str) -> bool {
        if !is_plain_path(link.split(['?', '#']).next().unwrap_or(link)) {
            return false;
        }
        let (link, own) = (canonical(link), canonical(&self.url));
        link == own || link.strip_prefix(&own).is_some_and(|rest| rest.starts_with(['/', '?', '#']))
    }
}

/// What a URL is good for.
enum UrlKind {
    Public,
    WithCredentials,
    NeedsSsh,
    Unusable,
}

/// Whether something in a text that is no URL looks like a user's name and password, which are not to be repeated.
fn may_have_credentials(text: &str) -> bool {
    let rest = text.split_once("://").and_then(|(_, rest)| rest.rsplit_once('@'));
    rest.is_some_and(|(before, _)| before.contains(':'))
}

/// Judges scheme, authority and path of a URL without its query and fragment.
fn classify(url: &str) -> UrlKind {
    if !url.bytes().all(|byte| {
        byte.is_ascii_graphic() && !matches!(byte, b'\\' | b'"' | b'<' | b'>' | b'`' | b'^' | b'{' | b'}' | b'|')
    }) {
        return UrlKind::Unusable;
    }
    let Some((scheme, rest)) = url.split_once("://") else {
        // scp-like: user@host:path
        let scp = url
            .split_once(':')
            .is_some_and(|(host, path)| host.contains('@') && !host.contains('/') && !path.is_empty());
        return if scp { UrlKind::NeedsSsh } else { UrlKind::Unusable };
    };
    let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
    let (userinfo, host) = authority.rsplit_once('@').map_or((None, authority), |(user, host)| (Some(user), host));
    if !is_host(host) || !is_plain_path(path) {
        return UrlKind::Unusable;
    }
    match (scheme.to_ascii_lowercase().as_str(), userinfo) {
        ("ssh" | "git+ssh", _) => UrlKind::NeedsSsh,
        ("https", None) if !path.is_empty() => UrlKind::Public,
        ("http", None) if !path.is_empty() && is_loopback(host) => UrlKind::Public,
        ("https" | "http", Some(_)) => UrlKind::WithCredentials,
        _ => UrlKind::Unusable,
    }
}

/// Finds the one commit that query and fragment name. `Err(None)`: the query asks for something that is not a revision.
fn revision(query: Option<&str>, fragment: Option<&str>) -> Result<String, Option<RecipeGap>> {
    let mut named = Vec::new();
    for pair in query.into_iter().flat_map(|query| query.split('&')) {
        match pair.split_once('=') {
            Some(("rev", value)) => named.push(value),
            Some(("branch" | "tag", value)) => return Err(Some(RecipeGap::SourceRevisionNotACommit(value.to_owned()))),
            Some(_) | None => return Err(None),
        }
    }
    named.extend(fragment);
    let Some(first) = named.first() else { return Err(Some(RecipeGap::SourceRevisionMissing)) };
    if let Some(wrong) = named.iter().find(|name| !is_commit(name)) {
        return Err(Some(RecipeGap::SourceRevisionNotACommit((*wrong).to_owned())));
    }
    if let Some(other) = named.iter().find(|name| !name.eq_ignore_ascii_case(first)) {
        return Err(Some(RecipeGap::SourceRevisionConflict((*first).to_owned(), (*other).to_owned())));
    }
    Ok(first.to_ascii_lowercase())
}

fn is_commit(text: &str) -> bool {
    matches!(text.len(), 40 | 64) && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// `ipfs://…`, or a bare CID: version 0 (`Qm` and 44 base58 digits) or version 1 (`b` and base32).
fn is_ipfs(text: &str) -> bool {
    let version_0 = text.len() == 46 && text.starts_with("Qm") && text.bytes().all(|byte| byte.is_ascii_alphanumeric());
    let version_1 = text.len() >= 50
        && text.starts_with("baf")
        && text.bytes().all(|byte| byte.is_ascii_lowercase() || matches!(byte, b'2'..=b'7'));
    text.starts_with("ipfs://") || version_0 || version_1
}

/// Whether everybody who reads the URL takes the same host out of it: no character in its authority stands for another, or ends
/// it for some and not for others.
pub fn names_one_host(url: &str) -> bool {
    let rest = url.split_once("://").map_or("", |(_, rest)| rest);
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let (user, host) = authority.rsplit_once('@').unwrap_or(("", authority));
    is_host(host) && user.bytes().all(|byte| byte.is_ascii_graphic() && !matches!(byte, b'\\' | b'@'))
}

/// Whether a text is `host[:port]` in the characters of a host, which nothing decodes further: no escapes, ASCII alone.
pub fn is_host(host: &str) -> bool {
    let (name, port) = match host.strip_prefix('[') {
        Some(rest) => match rest.split_once(']') {
            Some((address, port)) => (address, port.strip_prefix(':').map_or((!port.is_empty()).then_some(""), Some)),
            None => return false,
        },
        None => host.split_once(':').map_or((host, None), |(name, port)| (name, Some(port))),
    };
    !name.is_empty()
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b':'))
        && port.is_none_or(|port| port.parse::<u16>().is_ok())
}

/// Whether `host[:port]` is this machine by its very spelling, so that plain http cannot be tampered with on the way.
pub fn is_loopback(host: &str) -> bool {
    let name = host
        .strip_prefix('[')
        .map_or_else(|| host.split(':').next().unwrap_or(host), |rest| rest.split(']').next().unwrap_or(rest));
    name == "localhost"
        || name == "::1"
        || name.parse::<std::net::Ipv4Addr>().is_ok_and(|address| address.is_loopback())
}

/// Whether every reader of the path of a URL finds the same place by it: nothing in it climbs, or becomes a separator, once
/// escapes are undone or, as browsers do, line breaks and tabs are left out.
pub fn is_plain_path(path: &str) -> bool {
    let decoded = |part: &str| {
        let (bytes, mut plain, mut at) = (part.as_bytes(), Vec::new(), 0);
        let digit = |at: usize| bytes.get(at).and_then(|byte| char::from(*byte).to_digit(16));
        while let Some(&byte) = bytes.get(at) {
            let escaped = (byte == b'%').then(|| Some(digit(at + 1)? * 16 + digit(at + 2)?)).flatten();
            plain.push(escaped.map_or(byte, |escaped| escaped as u8));
            at += if escaped.is_some() { 3 } else { 1 };
        }
        plain
    };
    let is_plain = |part: &str| {
        let plain = decoded(part);
        !matches!(plain.as_slice(), b"." | b"..") && !plain.iter().any(|b| b.is_ascii_control() || b"/\\".contains(b))
    };
    path.split('/').all(is_plain)
}

fn split_off(text: &str, mark: char) -> (&str, Option<&str>) {
    text.split_once(mark).map_or((text, None), |(before, after)| (before, Some(after)))
}

/// For comparison alone, as cargo does it: no scheme, no `.git`, no trailing slash, GitHub without case.
fn canonical(url: &str) -> String {
    let rest = url.strip_prefix("git+").unwrap_or(url);
    let rest = rest.split_once("://").map_or(rest, |(_, rest)| rest);
    let rest = rest.trim_end_matches('/');
    let rest = rest.strip_suffix(".git").unwrap_or(rest);
    if rest.to_ascii_lowercase().starts_with("github.com/") { rest.to_ascii_lowercase() } else { rest.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_whose_host_can_be_read_in_two_ways_names_none() {
        for url in
            ["https://rpc.example", "http://127.0.0.1:3030/?key=1", "https://me:secret@rpc.example/", "http://[::1]:1/"]
        {
            assert!(names_one_host(url), "{url}");
        }
        for url in [
            r"https://evil.example\@rpc.example",
            r"https://rpc.example\evil",
            "https://a@evil.example@rpc.example",
            "https://%65vil.example",
            "https://\u{435}vil.example",
            "https://\u{ff45}vil.example",
            "https:///evil.example",
            r"http:\\evil.example",
            "https:evil.example",
        ] {
            assert!(!names_one_host(url), "{url}");
        }
    }
}
