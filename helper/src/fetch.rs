//! The first phase: dependencies, with network. Archives of crates.io come to this machine by their SHA-256; the index and
//! all else come by cargo, in a container that is thrown away. It runs nothing of the repository, and is started outside of
//! it, so that no configuration of the repository is read. Only archives that a lock file names by SHA-256, the index and
//! git databases go on; what was unpacked never does.

mod cargo;

use std::collections::{BTreeMap, BTreeSet};
use std::io::Read;
use std::path::Path;

use anyhow::Context;
use provenear_shared::digest::Sha256Digest;
use provenear_shared::recipe::SOURCE_MOUNT;

use self::cargo::Cargo;
use crate::cache::{Cache, Item};
use crate::checkout::Checkout;
use crate::download;
use crate::engine::container::{Container, Plan};
use crate::engine::{Engine, Image, Limits, Owner};
use crate::failure::{Code, fail};
use crate::gitdeps;
use crate::lock::{Locked, Published};
use crate::progress::Progress;
use crate::transport::PROXIES;

/// Bytes that a fetch may bring in all, and in one file.
const MAX_FETCHED: u64 = 4 << 30;
const MAX_FILE: u64 = 512 << 20;
/// What goes on from `CARGO_HOME`.
const KEPT: [&str; 3] = ["registry/cache", "registry/index", "git/db"];

/// What the fetch needs to know.
#[derive(Debug, Clone, Copy)]
pub struct Fetch<'a> {
    /// The engine.
    pub engine: &'a Engine,
    /// The image, for its cargo.
    pub image: &'a Image,
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
    /// The container that they were fetched in, where they were: no longer needed.
    pub container: Option<Container<'a>>,
}

impl Dependencies<'_> {
    fn of(items: Vec<Item>) -> Self {
        Dependencies { items, container: None }
    }
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
        return Ok(Dependencies::of(Vec::new()));
    }
    // The index that goes on is the work of the image's own cargo, so it is kept for images of that digest alone. An id does
    // not do: a stranger's image can have the id of a published one, and its cargo writes what it likes.
    let key = fetch.image.pulled().map(|digest| fetch.locked.key(digest));
    let items = key.as_deref().map(|key| cache.recall(key)).unwrap_or_default();
    // Against the lock files again, each time: the list is only a list.
    if !items.is_empty() && items.iter().all(|item| is_wanted(item, fetch.locked) && cache.holds(item)) {
        progress.say(&format!("{} archives are cached", fetch.locked.archives.len()));
        return Ok(Dependencies::of(items));
    }
    if !may_fetch {
        progress.say("the dependencies are not all cached, and are not fetched");
        let mut held = known_archives(fetch, cache);
        let beside = |item: &Item| !is_archive(&item.path) && is_wanted(item, fetch.locked) && cache.holds(item);
        held.extend(items.into_iter().filter(beside));
        return Ok(Dependencies::of(held));
    }
    let (items, container) = fetched(fetch, cache, progress)?;
    if let Some(key) = key {
        cache.remember(&key, &items)?;
    }
    Ok(Dependencies { items, container: Some(container) })
}

fn fetched<'a>(fetch: &Fetch<'a>, cache: &Cache, progress: &Progress) -> anyhow::Result<(Vec<Item>, Container<'a>)> {
    let certificates = cargo::certificates(fetch.ca_file)?;
    let cargo_home = fetch.image.cargo_home();
    let folders = ["/home/near", SOURCE_MOUNT, cargo_home.as_str()];
    let files: Vec<(&str, &[u8])> = certificates.iter().map(|pem| (cargo::CERTIFICATES, pem.as_slice())).collect();
    let plan = Plan {
        run: fetch.run,
        purpose: "fetch",
        owner: fetch.owner,
        work: fetch.work,
        image: fetch.image,
        network: true,
        limits: fetch.limits,
        allow_unlimited: fetch.allow_unlimited,
        folders: &folders,
        files: &files,
    };
    let told = |one: &Published| {
        if !progress.is_quiet() {
            crate::progress::show_log(format!("  Downloaded {} v{}\n", one.name, one.version).as_bytes());
        }
    };
    let passed: Vec<&str> = PROXIES.into_iter().filter(|name| std::env::var_os(name).is_some()).collect();
    let env = cargo::environment(certificates.is_some());
    let (items, container) = std::thread::scope(|scope| {
        let Locked { published, elsewhere, .. } = fetch.locked;
        let downloads = scope.spawn(move || !elsewhere && download::archives(published, cache, fetch.ca_file, told));
        let container = Container::start(fetch.engine, &plan)?;
        container.unpack_file(SOURCE_MOUNT, &fetch.checkout.archive)?;
        let cargo = Cargo { container: &container, env: &env, passed: &passed, limits: fetch.limits, progress };
        let items = if *elsewhere { None } else { index(&cargo, fetch, cache, &cargo_home)? };
        let items = match items.filter(|_| downloads.join().unwrap_or_default()) {
            Some(items) => items,
            None => everything(&cargo, fetch, cache, &cargo_home)?,
        };
        anyhow::Ok((items, container))
    })?;
    note_layout(fetch, cache, &items)?;
    Ok((items, container))
}

/// While the helper gets the archives itself, cargo is only asked for the index: `fetch` would unpack them all, for
/// nobody. `None` where that is not enough.
fn index(cargo: &Cargo<'_>, fetch: &Fetch<'_>, cache: &Cache, cargo_home: &str) -> anyhow::Result<Option<Vec<Item>>> {
    for folder in &fetch.locked.folders {
        if let Err(said) = cargo.run(&["update", "--quiet", "--workspace"], folder)? {
            cargo.progress.say(&format!("the index alone was not enough: {said}"));
            return Ok(None);
        }
    }
    let mut items = taken(cargo.container, fetch, cache, cargo_home)?;
    let Some(registry) = crates_io(&items) else { return Ok(None) };
    let archive = |one: &Published| Item {
        path: format!("registry/cache/{registry}/{}", one.file_name()),
        sha256: one.sha256.clone(),
    };
    items.extend(fetch.locked.published.iter().map(archive));
    Ok(Some(items))
}

/// Under which name cargo keeps crates.io, from the place of its index.
fn crates_io(items: &[Item]) -> Option<String> {
    let places = items.iter().filter_map(|item| item.path.strip_prefix("registry/index/")?.split('/').next());
    let is_it = |place: &&str| ["index.crates.io-", "github.com-"].iter().any(|start| place.starts_with(start));
    let found: BTreeSet<&str> = places.filter(is_it).collect();
    found.first().filter(|_| found.len() == 1).map(|place| (*place).to_owned())
}

fn everything(cargo: &Cargo<'_>, fetch: &Fetch<'_>, cache: &Cache, cargo_home: &str) -> anyhow::Result<Vec<Item>> {
    let known = known_archives(fetch, cache);
    if !known.is_empty() {
        cargo.progress.say(&format!("{} of {} archives are cached", known.len(), fetch.locked.archives.len()));
        unpack_items(cargo.container, cargo_home, cache, &known)?;
    }
    let governing = crate::locate::lock_folder(&fetch.checkout.facts, fetch.contract_path);
    for folder in &fetch.locked.folders {
        let Err(said) = cargo.run(&["fetch"], folder)? else { continue };
        let what = format!("the dependencies of `{}` could not be fetched", cargo::manifest(folder));
        if governing.as_ref() == Some(folder) {
            return fail(Code::NetworkNeeded, format!("{what}: {said}"));
        }
        cargo.progress.say(&format!("{what}, and may not be needed: {said}"));
    }
    let items = taken(cargo.container, fetch, cache, cargo_home)?;
    gitdeps::check(&items, &fetch.locked.commits, cache, fetch.work)?;
    Ok(items)
}

/// Archives of an earlier fetch in the same image that these lock files name too, at the paths that its cargo uses.
fn known_archives(fetch: &Fetch<'_>, cache: &Cache) -> Vec<Item> {
    let seen = layout_key(fetch.image).map(|key| cache.recall(&key)).unwrap_or_default();
    let known = |item: &Item| is_archive(&item.path) && is_wanted(item, fetch.locked) && cache.holds(item);
    seen.into_iter().filter(known).collect()
}

fn is_archive(path: &str) -> bool {
    path.starts_with("registry/cache/")
}

/// Whether a file may go into a container: at a plain path of a kind that is kept, and where it is an archive, one that
/// a lock file names byte for byte.
fn is_wanted(item: &Item, locked: &Locked) -> bool {
    let path = item.path.as_str();
    let is_plain = !path.split('/').any(|part| part.is_empty() || part == "." || part == "..");
    let is_kept = KEPT.iter().any(|kept| path.starts_with(&format!("{kept}/"))) && !path.contains("/hooks/");
    let name = path.rsplit('/').next().unwrap_or_default();
    is_plain && is_kept && (!is_archive(path) || locked.allows(name, &item.sha256))
}

/// Under which name the archives of all fetches in one image are listed.
fn layout_key(image: &Image) -> Option<String> {
    image.pulled().map(|digest| format!("archives-{}", digest.trim_start_matches("sha256:")))
}

/// What the container fetched, into the cache.
fn taken(container: &Container<'_>, fetch: &Fetch<'_>, cache: &Cache, cargo_home: &str) -> anyhow::Result<Vec<Item>> {
    let mut arguments = vec!["-C".to_owned(), cargo_home.to_owned(), "--".to_owned()];
    arguments.extend(KEPT.map(ToOwned::to_owned));
    container.tar(&arguments, |from| sort_out(from, fetch.locked, cache))
}

/// Remembers where the image's cargo keeps these archives.
fn note_layout(fetch: &Fetch<'_>, cache: &Cache, items: &[Item]) -> anyhow::Result<()> {
    let Some(key) = layout_key(fetch.image) else { return Ok(()) };
    let mut archives: BTreeMap<String, Item> = BTreeMap::new();
    let before = cache.recall(&key);
    for item in before.into_iter().chain(items.iter().filter(|i| is_archive(&i.path)).cloned()) {
        archives.insert(item.path.clone(), item);
    }
    let archives: Vec<Item> = archives.into_values().collect();
    cache.remember(&key, &archives)
}

/// Keeps plain files at plain paths; of the archives only those that a lock file names.
fn sort_out(from: &mut dyn Read, locked: &Locked, cache: &Cache) -> anyhow::Result<Vec<Item>> {
    let mut tar = tar::Archive::new(from);
    let mut items = Vec::new();
    let mut total = 0;
    for entry in tar.entries()? {
        let mut entry = entry?;
        if !entry.header().entry_type().is_file() {
            continue;
        }
        let path = String::from_utf8(entry.path_bytes().into_owned()).context("cargo made a path that is not text")?;
        total += entry.size();
        if entry.size() > MAX_FILE || total > MAX_FETCHED {
            return fail(Code::LimitExceeded, format!("the dependencies are larger than {MAX_FETCHED} bytes"));
        }
        let mut bytes = Vec::new();
        (&mut entry).take(MAX_FILE).read_to_end(&mut bytes)?;
        let item = Item { sha256: Sha256Digest::of(&bytes).to_hex(), path };
        if is_wanted(&item, locked) {
            cache.put(&bytes)?;
            items.push(item);
        }
    }
    Ok(items)
}

/// Puts cached files into a container's `CARGO_HOME`, each hashed again on the way.
///
/// # Errors
/// When one of them is no longer there, or does not match.
pub fn unpack_items(container: &Container<'_>, cargo_home: &str, cache: &Cache, items: &[Item]) -> anyhow::Result<()> {
    let mut tar = tar::Builder::new(Vec::new());
    for item in items {
        let bytes =
            cache.get(&item.sha256).with_context(|| format!("the cached `{}` is damaged; run again", item.path))?;
        let mut header = tar::Header::new_gnu();
        header.set_entry_type(tar::EntryType::Regular);
        header.set_mode(0o644);
        header.set_size(bytes.len() as u64);
        header.set_mtime(0);
        tar.append_data(&mut header, &item.path, bytes.as_slice())?;
    }
    let bytes = tar.into_inner()?;
    container.unpack(cargo_home, &mut bytes.as_slice())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_a_lock_file_names_goes_on() {
        let good = Sha256Digest::of(b"good").to_hex();
        let mut locked = Locked::default();
        locked.archives.entry("a-1.0.0.crate".into()).or_default().insert(good.clone());
        let mut tar = tar::Builder::new(Vec::new());
        for (path, bytes) in [
            ("registry/cache/r-1/a-1.0.0.crate", &b"good"[..]),
            ("registry/cache/r-2/a-1.0.0.crate", b"evil"),
            ("registry/cache/r-1/b-1.0.0.crate", b"good"),
            ("registry/src/r-1/a-1.0.0/build.rs", b"evil"),
            ("registry/index/r-1/.cache/a/a", b"index"),
            ("git/db/x-1/hooks/post-checkout", b"evil"),
            ("bin/cargo", b"evil"),
        ] {
            let mut header = tar::Header::new_gnu();
            header.set_size(bytes.len() as u64);
            header.set_mode(0o644);
            tar.append_data(&mut header, path, bytes).unwrap();
        }
        let bytes = tar.into_inner().unwrap();
        let folder = tempfile::tempdir().unwrap();
        let items = sort_out(&mut bytes.as_slice(), &locked, &Cache::at(folder.path().into())).unwrap();
        let paths: Vec<&str> = items.iter().map(|i| i.path.as_str()).collect();
        assert_eq!(paths, ["registry/cache/r-1/a-1.0.0.crate", "registry/index/r-1/.cache/a/a"]);
        // Nor does a list that was altered bring anything else in.
        for path in ["registry/cache/r-1/b-1.0.0.crate", "registry/index/../../bin/cargo", "registry/src/r-1/a/lib.rs"]
        {
            assert!(!is_wanted(&Item { path: path.into(), sha256: good.clone() }, &locked), "{path}");
        }
    }

    #[test]
    fn the_place_of_an_archive_is_that_of_its_index() {
        let place = |paths: &[&str]| {
            let item = |path: &&str| Item { path: (*path).to_owned(), sha256: String::new() };
            crates_io(&paths.iter().map(item).collect::<Vec<_>>())
        };
        let (sparse, git) = ("registry/index/index.crates.io-1/.cache/a/a", "registry/index/github.com-2/.git/HEAD");
        assert_eq!(place(&[sparse, "registry/index/other-3/config.json"]).unwrap(), "index.crates.io-1");
        assert_eq!(place(&[git]).unwrap(), "github.com-2");
        assert_eq!((place(&[sparse, git]), place(&["registry/index/mirror-1/config.json"])), (None, None));
    }
}
