//! The part of a `CARGO_HOME` that stands for crates.io, written as cargo itself would have left it after a fetch: its
//! configuration, the index lines of the locked versions, and the archives. No program of any image is needed for it.
//! Not here: where lines and archives come from (`crates_io`).

use std::collections::BTreeMap;

use provenear_shared::digest::{Hex, Sha256Digest};

use super::cache::{Cache, Item};
use super::crates_io::Held;
use super::index::index_path;
use crate::source::lock_files::Published;

/// What cargo calls its sparse index of crates.io on a 64-bit machine: since Rust 1.85, and before. The name is in the
/// paths that a build puts into its code, so each cargo has to find its own, and nothing may stand in for the registry.
const FOLDERS: [&str; 2] = ["index.crates.io-1949cf8c6b5b557f", "index.crates.io-6f17d22bba15001f"];
/// The index's `config.json`: cargo asks for no archive without it.
const CONFIG: &[u8] = br#"{"dl":"https://static.crates.io/crates","api":"https://crates.io"}"#;
/// How an entry of the cache begins: the version of its form, then the newest version of the index's schema that cargo
/// reads, as four bytes (`CURRENT_CACHE_VERSION` and `INDEX_V_MAX` in cargo's `sources/registry/index`).
const FORM: [u8; 5] = [3, 2, 0, 0, 0];
/// What stands for the version of an entry where the server named none. It decides whether cargo asks again, which it
/// does not without network.
const REVISION: &[u8] = b"Unknown";

/// The files of crates.io that a build's `CARGO_HOME` gets, below the names of every cargo.
///
/// # Errors
/// When the cache cannot be written.
pub(super) fn items(held: &BTreeMap<Published, Held>, cache: &Cache) -> anyhow::Result<Vec<Item>> {
    let mut entries: BTreeMap<String, Vec<(&str, &[u8])>> = BTreeMap::new();
    let mut archives = Vec::new();
    for (one, Held { sha256, line }) in held {
        entries.entry(index_path(&one.name)).or_default().push((&one.version, line));
        archives.push((format!("cache/{{}}/{}", one.file_name()), *sha256));
    }
    let mut files = archives;
    if !held.is_empty() {
        files.push(("index/{}/config.json".to_owned(), cache.put(CONFIG)?));
    }
    for (path, lines) in entries {
        files.push((format!("index/{{}}/.cache/{path}"), cache.put(&entry(&lines))?));
    }
    let everywhere = |(path, sha256): (String, Sha256Digest)| {
        FOLDERS.map(|folder| Item { path: format!("registry/{}", path.replace("{}", folder)), sha256: Hex(sha256) })
    };
    Ok(files.into_iter().flat_map(everywhere).collect())
}

/// Whether a path below `CARGO_HOME` belongs to crates.io, which nobody but the helper writes.
pub(super) fn is_public(path: &str) -> bool {
    let place = path.strip_prefix("registry/").and_then(|rest| rest.split('/').nth(1)).unwrap_or_default();
    FOLDERS.contains(&place)
}

/// An entry of the cache: lines of the index by version.
fn entry(lines: &[(&str, &[u8])]) -> Vec<u8> {
    let mut entry = FORM.to_vec();
    for part in [REVISION].into_iter().chain(lines.iter().flat_map(|(version, line)| [version.as_bytes(), line])) {
        entry.extend_from_slice(part);
        entry.push(0);
    }
    entry
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(version: &str, sha256: Sha256Digest) -> Published {
        Published { name: "syn".into(), version: version.into(), sha256: Some(sha256) }
    }

    #[test]
    fn both_names_of_the_registry_hold_the_same() {
        let folder = tempfile::tempdir().unwrap();
        let cache = Cache::at(folder.path().into());
        let (old, new) = (cache.put(b"old").unwrap(), Sha256Digest::of(b"new"));
        let held = |version: &str, sha256, line: &str| (one(version, sha256), Held { sha256, line: line.into() });
        let held = BTreeMap::from([held("1.0.109", old, "{old}"), held("2.0.0", new, "{new}")]);
        let items = items(&held, &cache).unwrap();
        let of = |folder: &str| -> Vec<(String, Sha256Digest)> {
            let of = items.iter().filter(|item| item.path.contains(folder));
            of.map(|item| (item.path.replace(folder, "X"), item.sha256.0)).collect()
        };
        let paths: Vec<String> = of(FOLDERS[0]).into_iter().map(|(path, _)| path).collect();
        assert_eq!(
            paths,
            [
                "registry/cache/X/syn-1.0.109.crate",
                "registry/cache/X/syn-2.0.0.crate",
                "registry/index/X/config.json",
                "registry/index/X/.cache/3/s/syn"
            ]
        );
        assert_eq!((of(FOLDERS[0]), items.len()), (of(FOLDERS[1]), 8));
        assert!(items.iter().all(|item| is_public(&item.path)));
        assert!(!is_public("registry/cache/other-1949cf8c6b5b557f/a.crate") && !is_public("git/db/a"));
        let entry = cache.get(&of(FOLDERS[0])[3].1).unwrap();
        assert_eq!(entry, b"\x03\x02\0\0\0Unknown\x001.0.109\0{old}\x002.0.0\0{new}\0");
        assert_eq!(super::items(&BTreeMap::new(), &cache).unwrap(), []);
    }
}
