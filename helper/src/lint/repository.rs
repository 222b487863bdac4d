//! `package.repository`, which a claim takes its source from. Not here: whether the commit is there (`git`).

use provenear_shared::finding::FindingCode;
use provenear_shared::gap::RecipeGap;
use provenear_shared::source::SourceSnapshot;
use provenear_shared::text::Shown;

use super::contract::Contract;
use super::finding::{Findings, Place};
use super::fix::Change;
use super::project::Project;
use crate::network::url::by_https;
use crate::project::get;
use crate::source::paths::join;

/// A commit to read a claim's source with, before there is one.
const SOME_COMMIT: &str = "0000000000000000000000000000000000000000";
/// Parts of a path by which a forge shows a part of a repository.
const PAGES: [&str; 5] = ["/tree/", "/blob/", "/src/", "/-/", "/commit/"];

/// What is wrong with the repository that a contract names.
pub fn examine(contract: &Contract<'_>, findings: &mut Findings) {
    let name = contract.name();
    let found = contract.inherited("repository");
    let text = found.as_ref().and_then(|(value, ..)| value.as_str()).unwrap_or_default();
    if text.is_empty() {
        let is_absent = get(contract.manifest, &["package", "repository"]).is_none();
        let own = ["package".to_owned(), "repository".to_owned()];
        let change = remote(contract.project).filter(|_| is_absent);
        let change = change.map(|url| Change::set(&contract.manifest_path(), &own, &url));
        let message = format!("`{}` does not name its repository", Shown(&contract.package));
        findings.about(&name, FindingCode::NoRepository, contract.at(&["package", "repository"]), message, change);
        return;
    }
    let Some((_, folder, keys)) = found else { return };
    let keys: Vec<&str> = keys.into_iter().filter(|key| !key.is_empty()).collect();
    let place = contract.project.at(folder, &keys);
    let manifest = join(folder, "Cargo.toml");
    let keys: Vec<String> = keys.into_iter().map(str::to_owned).collect();
    let set = |url: String| Change::set(&manifest, &keys, &url);
    judge(contract.project, &name, text, place, set, findings);
}

/// What is wrong with the URL of a repository.
pub fn judge(
    project: &Project,
    name: &str,
    text: &str,
    place: Place,
    set: impl Fn(String) -> Change,
    findings: &mut Findings,
) {
    let shown = Shown(text);
    match parse(text) {
        Ok(source) => {
            if let Some(host) = source.local_host() {
                let message = format!("`{}` is on somebody's own machine or private network", Shown(host));
                findings.about(name, FindingCode::LocalSource, place.clone(), message, None);
            }
            let path = source.url().split_once("://").map_or("", |(_, rest)| rest);
            if PAGES.iter().any(|page| path.contains(page)) {
                let message = format!("`{shown}` is a page about a part of a repository");
                findings.about(name, FindingCode::RepositoryNotCloneable, place, message, None);
            } else if let Some(clone) = project.clone.as_ref().filter(|clone| !clone.remotes.is_empty()) {
                let is_it = |(_, url): &(String, String)| source.is_same_repository(&plain(url));
                if !clone.remotes.iter().any(is_it) {
                    let message = format!("no remote of this clone is `{shown}`");
                    findings.about(name, FindingCode::RepositoryNotRemote, place, message, None);
                }
            }
        }
        Err(gaps) if gaps.contains(&RecipeGap::SourceCredentials) => {
            let message = "the URL of the repository carries a user name or password";
            findings.about(name, FindingCode::RepositoryCredentials, place, message, None);
        }
        Err(_) => {
            let https = by_https(text).filter(|url| is_usable(url));
            let is_other_way = https.is_some() || !text.starts_with("https://");
            let (code, message) = if is_other_way {
                (FindingCode::RepositoryNotHttps, format!("`{shown}` is not an https URL"))
            } else {
                (FindingCode::RepositoryNotCloneable, format!("`{shown}` is not the URL of a repository"))
            };
            findings.about(name, code, place, message, https.map(set));
        }
    }
}

/// The URL that the clone was made of, as a claim can name it.
fn remote(project: &Project) -> Option<String> {
    let remotes = &project.clone.as_ref()?.remotes;
    let (_, url) = remotes.first()?;
    // Of several, nobody knows which is meant.
    let is_only = remotes.iter().all(|(_, other)| other == url);
    Some(plain(url)).filter(|_| is_only).filter(|url| is_usable(url))
}

fn is_usable(url: &str) -> bool {
    source(url).is_some_and(|source| source.local_host().is_none())
}

/// A repository at a URL that a claim can name.
pub fn source(url: &str) -> Option<SourceSnapshot> {
    parse(url).ok()
}

fn parse(url: &str) -> Result<SourceSnapshot, Vec<RecipeGap>> {
    SourceSnapshot::parse(&format!("git+{url}?rev={SOME_COMMIT}"))
}

/// A remote by https, without a login and without `.git`.
pub fn plain(remote: &str) -> String {
    let url = by_https(remote).unwrap_or_else(|| remote.to_owned());
    let url = match url.split_once("://") {
        Some((scheme, rest)) => {
            let (place, path) = rest.split_once('/').unwrap_or((rest, ""));
            format!("{scheme}://{}/{path}", place.rsplit_once('@').map_or(place, |(_, host)| host))
        }
        None => url,
    };
    let url = url.trim_end_matches('/');
    url.strip_suffix(".git").unwrap_or(url).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_remote_is_known_in_each_of_its_spellings() {
        for remote in [
            "https://github.com/near/mpc",
            "https://github.com/near/mpc.git",
            "https://github.com/near/mpc/",
            "https://me:token@github.com/near/mpc.git",
            "git@github.com:near/mpc.git",
            "ssh://git@github.com/near/mpc",
            "git://github.com/near/mpc.git",
        ] {
            assert_eq!(plain(remote), "https://github.com/near/mpc", "{remote}");
        }
        assert!(!is_usable("/srv/git/x") && !is_usable("https://127.0.0.1/x") && is_usable("https://h.example/x"));
    }
}
