//! The first phase: dependencies, with network. What crates.io holds comes to this machine without a program of any image:
//! archives by the SHA-256 of a lock file, with the index's lines about them, from which the helper writes what cargo would
//! have left in its `CARGO_HOME` (`home`). All else that a lock file names takes the image's own cargo (`elsewhere`).

pub mod cache;
pub mod crates_io;
mod elsewhere;
pub mod git_dependencies;
mod home;
mod index;

use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;

use anyhow::Context;
use provenear_shared::digest::{Hex, Sha256Digest};

use self::cache::{Cache, Item};
use self::crates_io::Crates;
use crate::deadline::Deadline;
use crate::engine::container::Container;
use crate::engine::{Engine, Image, Limits};
use crate::failure::{Code, fail};
use crate::owner::Owner;
use crate::progress::{Progress, show_log};
use crate::source::checkout::Checkout;
use crate::source::lock_files::{Locked, Published};
use crate::source::workspace;

/// Whether the image's own programs may use the network during the fetch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ImageNetwork {
    /// The reader accepts the image by its digest.
    Accepted,
    /// Its user says so (`--trust-image-network`); nothing secret goes to it.
    Trusted,
    /// Neither.
    Refused,
}

/// What the fetch needs to know.
#[derive(Debug, Clone, Copy)]
pub struct Fetch<'a> {
    /// The engine.
    pub engine: &'a Engine,
    /// The image, for its cargo.
    pub image: &'a Image,
    /// Whether that may use the network.
    pub image_network: ImageNetwork,
    /// The source.
    pub checkout: &'a Checkout,
    /// What its lock files name.
    pub locked: &'a Locked,
    /// A private folder.
    pub work: &'a Path,
    /// The rebuild.
    pub run: &'a str,
    /// This helper.
    pub owner: &'a Owner,
    /// Limits of the container.
    pub limits: &'a Limits,
    /// When all of it has to be done.
    pub until: Deadline,
    /// Go on where the engine cannot enforce a limit.
    pub allow_unlimited: bool,
    /// The folder of the contract, whose lock file must be fetched.
    pub contract_path: &'a str,
    /// More certificate authorities.
    pub ca_file: Option<&'a Path>,
}

/// What the build's `CARGO_HOME` gets.
#[derive(Debug, Default)]
pub struct Dependencies<'a> {
    /// Its files, all of them in the cache.
    pub items: Vec<Item>,
    /// The container that some were fetched in: no longer needed.
    pub container: Option<Container<'a>>,
}

/// The files that the build's `CARGO_HOME` gets: from the cache, or fetched now.
///
/// # Errors
/// [`Code::NetworkNeeded`] when they cannot be fetched.
pub fn dependencies<'a>(
    fetch: &Fetch<'a>,
    cache: &Cache,
    may_fetch: bool,
    progress: &Progress,
) -> anyhow::Result<Dependencies<'a>> {
    if fetch.locked.is_empty() {
        return Ok(Dependencies::default());
    }
    let mut items = public(fetch, cache, may_fetch, progress)?;
    if !fetch.locked.elsewhere {
        return Ok(Dependencies { items, container: None });
    }
    let others = elsewhere::dependencies(fetch, &items, cache, may_fetch, progress)?;
    items.extend(others.items);
    Ok(Dependencies { items, container: others.container })
}

/// What the lock files name of crates.io.
fn public(fetch: &Fetch<'_>, cache: &Cache, may_fetch: bool, progress: &Progress) -> anyhow::Result<Vec<Item>> {
    let wanted = &fetch.locked.published;
    let told = |one: &Published| {
        if !progress.is_quiet() {
            show_log(format!("  Downloaded {} v{}\n", one.name, one.version).as_bytes());
        }
    };
    let crates = if may_fetch {
        let crates = crates_io::crates(wanted, cache, fetch.ca_file, fetch.until, told)?;
        needs_none(&crates.failed, fetch, progress)?;
        crates
    } else {
        let crates = Crates::cached(wanted, cache);
        if !crates.failed.is_empty() {
            progress.say("not all dependencies are cached, and fetching them is switched off");
        }
        crates
    };
    progress.say(&format!("{} archives of crates.io", crates.held.len()));
    home::items(&crates.held, cache)
}

/// Only the lock file of the contract has to be had as a whole: others in the repository may be of something else.
fn needs_none(failed: &BTreeMap<Published, String>, fetch: &Fetch<'_>, progress: &Progress) -> anyhow::Result<()> {
    if failed.is_empty() {
        return Ok(());
    }
    let facts = &fetch.checkout.facts;
    let governing = workspace::lock_folder(facts, fetch.contract_path);
    let text = facts.named("Cargo.lock").find(|(folder, _)| Some(*folder) == governing.as_deref());
    let needed = text.map(|(_, text)| Locked::of(text).published).unwrap_or_default();
    for (one, why) in failed {
        let what = format!("`{}` could not be fetched", one.file_name());
        if needed.contains(one) {
            return fail(Code::NetworkNeeded, format!("{what}: {why}"));
        }
        progress.say(&format!("{what}; the build may not need it: {why}"));
    }
    Ok(())
}

/// Puts cached files into a container's `CARGO_HOME`, each hashed again on the way; what is there twice is one file with
/// two names.
///
/// # Errors
/// When one of them is no longer there, or does not match.
pub fn unpack_items(container: &Container<'_>, cargo_home: &str, cache: &Cache, items: &[Item]) -> anyhow::Result<()> {
    let mut written = Ok(());
    let unpacked = container.unpack_from(
        cargo_home,
        Box::new(|to| {
            written = write_tar(items, cache, to);
            Ok(())
        }),
    );
    // A reader that ended early has said why; one of a tar that was broken off knows of nothing.
    unpacked.and(written)
}

/// One file after the other: together they can be larger than this machine's memory.
fn write_tar(items: &[Item], cache: &Cache, to: &mut dyn Write) -> anyhow::Result<()> {
    let mut tar = tar::Builder::new(to);
    let mut first: BTreeMap<Sha256Digest, &str> = BTreeMap::new();
    for Item { path, sha256: Hex(sha256) } in items {
        let mut header = tar::Header::new_gnu();
        header.set_mode(0o644);
        header.set_mtime(0);
        if let Some(known) = first.get(sha256) {
            header.set_entry_type(tar::EntryType::Link);
            header.set_size(0);
            tar.append_link(&mut header, path, known)?;
            continue;
        }
        let bytes = cache.get(sha256).with_context(|| format!("the cached `{path}` is damaged; run again"))?;
        header.set_entry_type(tar::EntryType::Regular);
        header.set_size(bytes.len() as u64);
        tar.append_data(&mut header, path, bytes.as_slice())?;
        first.insert(*sha256, path);
    }
    Ok(tar.finish()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_there_twice_is_sent_once() {
        let folder = tempfile::tempdir().unwrap();
        let cache = Cache::at(folder.path().join("cache"));
        let item = |path: &str, bytes: &[u8]| Item { path: path.into(), sha256: Hex(cache.put(bytes).unwrap()) };
        let items = [item("a/1", b"one"), item("b/1", b"one"), item("b/2", b"two")];
        let out = folder.path().join("out");
        let mut tar = Vec::new();
        write_tar(&items, &cache, &mut tar).unwrap();
        tar::Archive::new(tar.as_slice()).unpack(&out).unwrap();
        let read = |path: &str| std::fs::read(out.join(path)).unwrap();
        assert_eq!([read("a/1"), read("b/1"), read("b/2")], [b"one", b"one", b"two"]);
        let inode = |path: &str| std::os::unix::fs::MetadataExt::ino(&std::fs::metadata(out.join(path)).unwrap());
        assert!(inode("a/1") == inode("b/1") && inode("a/1") != inode("b/2"));
        std::fs::remove_dir_all(folder.path().join("cache")).unwrap();
        assert!(write_tar(&items, &cache, &mut tar).unwrap_err().to_string().contains("damaged"));
    }
}
