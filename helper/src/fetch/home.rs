//! The part of a `CARGO_HOME` that stands for crates.io, written as cargo itself would have left it after a fetch: its
//! configuration, the index lines of the locked versions, and the archives. No program of any image is needed for it.
//! Not here: where lines and archives come from (`download`).

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::cache::{Cache, Item};
use crate::download::Held;
use crate::lock::Published;

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
    for (one, Held { line }) in held {
        entries.entry(index_path(&one.name)).or_default().push((&one.version, line));
        archives.push((format!("cache/{{}}/{}", one.file_name()), one.sha256.clone()));
    }
    let mut files = archives;
    if !held.is_empty() {
        files.push(("index/{}/config.json".to_owned(), cache.put(CONFIG)?));
    }
    for (path, lines) in entries {
        files.push((format!("index/{{}}/.cache/{path}"), cache.put(&entry(&lines))?));
    }
    let everywhere = |(path, sha256): (String, String)| {
        FOLDERS.map(|folder| Item { path: format!("registry/{}", path.replace("{}", folder)), sha256: sha256.clone() })
    };
    Ok(files.into_iter().flat_map(everywhere).collect())
}

/// Whether a path below `CARGO_HOME` belongs to crates.io, which nobody but the helper writes.
pub(super) fn is_public(path: &str) -> bool {
    let place = path.strip_prefix("registry/").and_then(|rest| rest.split('/').nth(1)).unwrap_or_default();
    FOLDERS.contains(&place)
}

/// Where the index has a package: cargo's `make_dep_path`.
pub fn index_path(name: &str) -> String {
    let name = name.to_ascii_lowercase();
    let part = |from: usize, to: usize| name.get(from..to).unwrap_or_default();
    match name.len() {
        0..=2 => format!("{}/{name}", name.len()),
        3 => format!("3/{}/{name}", part(0, 1)),
        _ => format!("{}/{}/{name}", part(0, 2), part(2, 4)),
    }
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

/// Of a line only what tells which archive it is about.
#[derive(Deserialize)]
struct Line {
    name: String,
    vers: String,
    cksum: String,
}

/// The line about a locked version in a package's file of the index, a line for each version.
///
/// # Errors
/// Says why there is none, in a few words.
pub fn line<'a>(file: &'a [u8], one: &Published) -> Result<&'a [u8], &'static str> {
    let of = |text: &&'a [u8]| {
        let line: Option<Line> = serde_json::from_slice(text).ok();
        line.filter(|line| line.name == one.name && line.vers == one.version).map(|line| (*text, line))
    };
    match file.split(|byte| *byte == b'\n').find_map(|text| of(&text)) {
        None => Err("the index of crates.io does not list it"),
        // cargo would say the same, and rightly.
        Some((_, line)) if line.cksum != one.sha256 => Err("crates.io has other bytes than the lock file names"),
        Some((text, _)) => Ok(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(name: &str, version: &str, sha256: &str) -> Published {
        Published { name: name.into(), version: version.into(), sha256: sha256.into() }
    }

    fn text(name: &str, version: &str, sha256: &str) -> String {
        format!(r#"{{"name":"{name}","vers":"{version}","deps":[],"cksum":"{sha256}","features":{{}},"yanked":false}}"#)
    }

    #[test]
    fn a_package_is_where_cargo_looks_for_it() {
        for (name, path) in [
            ("a", "1/a"),
            ("cc", "2/cc"),
            ("syn", "3/s/syn"),
            ("quote", "qu/ot/quote"),
            ("Inflector", "in/fl/inflector"),
            ("near-sdk", "ne/ar/near-sdk"),
        ] {
            assert_eq!(index_path(name), path);
        }
    }

    #[test]
    fn a_line_is_about_the_locked_bytes_or_there_is_none() {
        let lines = [text("a", "1.0.0", "aa"), text("a", "1.0.1", "bb"), text("A", "1.0.2", "cc"), "{}".into()];
        let file = lines.join("\n");
        let find = |version, sha256| line(file.as_bytes(), &one("a", version, sha256));
        assert_eq!(find("1.0.1", "bb").unwrap(), lines[1].as_bytes());
        assert!(find("1.0.1", "aa").unwrap_err().contains("other bytes"));
        // Neither a version that is not there nor one of a package of another name.
        for version in ["1.0", "1.0.2", "1.0.3"] {
            assert!(find(version, "cc").unwrap_err().contains("does not list"), "{version}");
        }
    }

    /// What would end an entry early cannot be in a line.
    #[test]
    fn a_line_cannot_hold_another_entry() {
        let hidden = text("a", "1.0.0", "aa").replace("false", "false,\"x\":\"\0 1.0.1\0{}\"");
        assert!(line(hidden.as_bytes(), &one("a", "1.0.0", "aa")).is_err());
    }

    #[test]
    fn both_names_of_the_registry_hold_the_same() {
        let folder = tempfile::tempdir().unwrap();
        let cache = Cache::at(folder.path().into());
        let (old, new) = (one("syn", "1.0.109", &cache.put(b"old").unwrap()), one("syn", "2.0.0", "bb"));
        let line = |one: &Published| Held { line: text(&one.name, &one.version, &one.sha256).into_bytes() };
        let held = BTreeMap::from([(old.clone(), line(&old)), (new.clone(), line(&new))]);
        let items = items(&held, &cache).unwrap();
        let of = |folder: &str| -> Vec<(String, String)> {
            let of = items.iter().filter(|item| item.path.contains(folder));
            of.map(|item| (item.path.replace(folder, "X"), item.sha256.clone())).collect()
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
        let line = |one: &Published| text(&one.name, &one.version, &one.sha256);
        let expected =
            format!("\u{3}\u{2}\0\0\0Unknown\01.0.109\0{}\02.0.0\0{}\0", line(&old), line(&new)).into_bytes();
        assert_eq!(entry, expected);
        assert_eq!(super::items(&BTreeMap::new(), &cache).unwrap(), []);
    }
}
