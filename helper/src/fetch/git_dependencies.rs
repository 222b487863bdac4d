//! Git dependencies, checked again on this host: every pack is indexed anew and every loose object read, which recomputes
//! the id of each, and the locked commits must be there with all that they hold. Nothing of the databases' own
//! configuration is read.

use std::collections::BTreeSet;
use std::path::Path;

use anyhow::Context;

use super::cache::{Cache, Item};
use crate::failure::{Code, fail};
use crate::source::git::{Limits, Repository};

/// Checks that the packs among `items` hold every one of `commits`, whole.
///
/// # Errors
/// [`Code::SourceRefused`] for a pack that is damaged, or a commit that is missing or incomplete.
pub fn check(items: &[Item], commits: &BTreeSet<String>, cache: &Cache, work: &Path) -> anyhow::Result<()> {
    if commits.is_empty() {
        return Ok(());
    }
    let (path, home) = (work.join("gitdeps"), work.join("gitdeps-home"));
    std::fs::create_dir(&home)?;
    let first = commits.first().map(String::as_str).unwrap_or_default();
    let repository = Repository::create(&path, &home, first, Limits::default(), None)?;
    for item in items.iter().filter(|item| item.path.starts_with("git/db/") && item.path.ends_with(".pack")) {
        let pack = cache.get(&item.sha256.0).with_context(|| format!("the cached `{}` is damaged", item.path))?;
        let run = repository.run(["index-pack", "--stdin"]).stdin(Box::new(|to| to.write_all(&pack)));
        let out = repository.output(run)?;
        if !out.status.success() {
            return fail(Code::SourceRefused, format!("`{}` is damaged: {}", item.path, out.complaint()));
        }
    }
    let loose: BTreeSet<&str> = items.iter().filter_map(|item| loose_object(&item.path)).collect();
    if !loose.is_empty() {
        for item in items {
            let Some(place) = loose_object(&item.path) else { continue };
            let object = cache.get(&item.sha256.0).with_context(|| format!("the cached `{}` is damaged", item.path))?;
            let place = path.join("objects").join(place);
            std::fs::create_dir_all(place.parent().context("an object lies in a folder")?)?;
            std::fs::write(place, object)?;
        }
        let read = repository.output(repository.run(["fsck", "--full", "--no-dangling", "--no-reflogs"]))?;
        if !read.status.success() {
            return fail(Code::SourceRefused, format!("a git dependency is damaged: {}", read.complaint()));
        }
    }
    for commit in commits {
        let whole = repository.output(repository.run(["rev-list", "--objects", "--no-walk", "--quiet", commit]))?;
        if !repository.has_commit(commit)? || !whole.status.success() {
            return fail(Code::SourceRefused, format!("the git dependency at `{commit}` was not fetched whole"));
        }
    }
    std::fs::remove_dir_all(&path)?;
    std::fs::remove_dir_all(&home)?;
    Ok(())
}

/// `ab/cdef…` for an object that is no part of a pack.
fn loose_object(path: &str) -> Option<&str> {
    let (_, place) = path.strip_prefix("git/db/")?.split_once("/objects/")?;
    let (folder, rest) = place.split_once('/')?;
    let is_hex = |text: &str| text.bytes().all(|b| b.is_ascii_hexdigit());
    (folder.len() == 2 && [38, 62].contains(&rest.len()) && is_hex(folder) && is_hex(rest)).then_some(place)
}

#[cfg(test)]
mod tests {
    use super::*;
    use provenear_shared::digest::Hex;
    use std::process::Command;

    fn git(folder: &Path, words: &[&str]) -> String {
        let mut command = Command::new("git");
        command.args(["-c", "user.name=t", "-c", "user.email=t@example.com"]).args(words).current_dir(folder);
        let out = command.env("GIT_CONFIG_GLOBAL", "/dev/null").output().unwrap();
        assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
        String::from_utf8(out.stdout).unwrap().trim().to_owned()
    }

    #[test]
    fn packs_are_indexed_anew_and_commits_must_be_whole() {
        let folder = tempfile::tempdir().unwrap();
        let source = folder.path().join("source");
        std::fs::create_dir(&source).unwrap();
        git(&source, &["init", "-q"]);
        std::fs::write(source.join("lib.rs"), "honest").unwrap();
        git(&source, &["add", "-A"]);
        git(&source, &["commit", "-q", "-m", "c"]);
        let commit = git(&source, &["rev-parse", "HEAD"]);
        git(&source, &["repack", "-adq"]);
        let packs = std::fs::read_dir(source.join(".git/objects/pack")).unwrap().map(|e| e.unwrap().path());
        let pack = packs.into_iter().find(|p| p.extension().is_some_and(|e| e == "pack")).unwrap();
        let bytes = std::fs::read(pack).unwrap();
        let cache = Cache::at(folder.path().join("cache"));
        let item = |bytes: &[u8]| Item {
            path: "git/db/x-1/objects/pack/p.pack".into(),
            sha256: Hex(cache.put(bytes).unwrap()),
        };
        let commits = |id: &str| BTreeSet::from([id.to_owned()]);
        let try_it = |bytes: &[u8], id: &str| {
            let work = tempfile::tempdir().unwrap();
            check(&[item(bytes)], &commits(id), &cache, work.path())
        };
        try_it(&bytes, &commit).unwrap();
        assert!(try_it(&bytes, "0123456789abcdef0123456789abcdef01234567").is_err());
        let mut damaged = bytes.clone();
        let middle = damaged.len() / 2;
        damaged[middle] ^= 1;
        assert!(try_it(&damaged, &commit).is_err());
    }

    #[test]
    fn loose_objects_are_what_their_names_say() {
        let folder = tempfile::tempdir().unwrap();
        let source = folder.path();
        git(source, &["init", "-q"]);
        std::fs::write(source.join("lib.rs"), "honest").unwrap();
        git(source, &["add", "-A"]);
        git(source, &["commit", "-q", "-m", "c"]);
        let commit = git(source, &["rev-parse", "HEAD"]);
        let cache = Cache::at(source.join("cache"));
        let read = |id: &str| std::fs::read(source.join(".git/objects").join(&id[..2]).join(&id[2..])).unwrap();
        let (tree, blob) = (git(source, &["rev-parse", "HEAD^{tree}"]), git(source, &["rev-parse", "HEAD:lib.rs"]));
        let item = |id: &str, bytes: &[u8]| Item {
            path: format!("git/db/x-1/objects/{}/{}", &id[..2], &id[2..]),
            sha256: Hex(cache.put(bytes).unwrap()),
        };
        let try_it = |items: &[Item]| {
            let work = tempfile::tempdir().unwrap();
            check(items, &BTreeSet::from([commit.clone()]), &cache, work.path())
        };
        let whole = [item(&commit, &read(&commit)), item(&tree, &read(&tree)), item(&blob, &read(&blob))];
        try_it(&whole).unwrap();
        assert!(try_it(&whole[..2]).is_err(), "a file is missing");
        std::fs::write(source.join("lib.rs"), "hostile").unwrap();
        let other = git(source, &["hash-object", "-w", "lib.rs"]);
        assert!(try_it(&[whole[0].clone(), whole[1].clone(), item(&blob, &read(&other))]).is_err());
    }
}
