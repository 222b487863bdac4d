//! Which branch or tag of the claimed URL reaches a commit. A server may hand out commits that only a fork holds;
//! then there is no such ref, and the reader is told.

use super::git::Repository;
use crate::network::url::RepositoryUrl;

/// Looks the ref up: first among the tips, then along the history.
///
/// # Errors
/// When the server cannot be asked.
pub fn look_up(history: &Repository, url: &RepositoryUrl, commit: &str) -> anyhow::Result<Option<String>> {
    let tips = history.remote(url, &["ls-remote", "--heads", "--tags", "--quiet"], &[])?;
    if !tips.status.success() {
        anyhow::bail!("`{}` did not list its branches and tags: {}", url.as_str(), tips.complaint());
    }
    if let Some(name) = tip(&String::from_utf8_lossy(&tips.stdout), commit) {
        return Ok(Some(name));
    }
    let all = ["fetch", "--quiet", "--no-tags", "--no-write-fetch-head", "--filter=tree:0"];
    let out = history.remote(url, &all, &["+refs/heads/*:refs/heads/*", "+refs/tags/*:refs/tags/*"])?;
    if !out.status.success() {
        anyhow::bail!("`{}` did not give its history: {}", url.as_str(), out.complaint());
    }
    // A commit that is not here at all is one that no branch or tag reaches.
    let found = history.run(["for-each-ref", "--contains", commit, "--format=%(refname)"]).output()?;
    Ok(if found.status.success() { best(String::from_utf8_lossy(&found.stdout).lines()) } else { None })
}

/// The ref whose tip the commit is, from `git ls-remote`.
fn tip(listing: &str, commit: &str) -> Option<String> {
    let names = listing.lines().filter_map(|line| {
        let (id, name) = line.split_once('\t')?;
        (id == commit).then(|| name.trim_end_matches("^{}"))
    });
    best(names)
}

/// The default branches first, then tags, then the rest by name.
fn best<'a>(names: impl Iterator<Item = &'a str>) -> Option<String> {
    let rank = |name: &str| match name {
        "refs/heads/main" => 0,
        "refs/heads/master" => 1,
        tag if tag.starts_with("refs/tags/") => 2,
        _ => 3,
    };
    names
        .filter(|n| n.starts_with("refs/heads/") || n.starts_with("refs/tags/"))
        .min_by_key(|name| (rank(name), *name))
        .map(ToOwned::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tips_of_branches_and_peeled_tags_count_and_pull_requests_do_not() {
        let listing = "aa\trefs/heads/dev\nbb\trefs/tags/v1\naa\trefs/tags/v1^{}\ncc\trefs/pull/7/head\n";
        assert_eq!(tip(listing, "aa").as_deref(), Some("refs/tags/v1"));
        assert_eq!(tip(listing, "bb").as_deref(), Some("refs/tags/v1"));
        assert_eq!(tip(listing, "cc"), None);
    }
}
