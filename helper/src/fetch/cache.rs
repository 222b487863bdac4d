//! What is kept between rebuilds: downloaded archives, the index entries that belong to them, and git databases, each by
//! its SHA-256 and checked on every use. A build only ever gets copies. Never compiled code.

use std::path::{Path, PathBuf};

use provenear_shared::digest::{Hex, Sha256Digest};
use serde::{Deserialize, Serialize};

use crate::files::{self, Access};

/// One file below `CARGO_HOME`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Item {
    /// Relative path, `/` between the parts.
    pub path: String,
    /// SHA-256 of its content.
    pub sha256: Hex,
}

/// The store on this machine. Any number of helpers may use it at once: files appear whole or not at all.
#[derive(Debug, Clone)]
pub struct Cache {
    root: PathBuf,
}

/// What the store holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Usage {
    /// Files.
    pub files: u64,
    /// Bytes.
    pub bytes: u64,
}

impl Cache {
    /// The store of this user.
    ///
    /// # Errors
    /// When the user has no home.
    pub fn open() -> anyhow::Result<Cache> {
        Ok(Cache::at(files::cache_folder()?.join("crates")))
    }

    /// A store in a folder.
    pub fn at(root: PathBuf) -> Cache {
        Cache { root }
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.root
    }

    fn blob(&self, sha256: &Sha256Digest) -> PathBuf {
        let name = sha256.to_hex();
        self.root.join("blobs").join(&name[..2]).join(name)
    }

    /// Content by its hash, hashed again now. What does not match any more is removed.
    pub fn get(&self, sha256: &Sha256Digest) -> Option<Vec<u8>> {
        let path = self.blob(sha256);
        let bytes = std::fs::read(&path).ok()?;
        if Sha256Digest::of(&bytes) == *sha256 {
            return Some(bytes);
        }
        // Whether or not it can be removed, it is not used.
        let _removed = std::fs::remove_file(&path);
        None
    }

    /// Keeps content, and gives its hash.
    ///
    /// # Errors
    /// When the folder cannot be written.
    pub fn put(&self, bytes: &[u8]) -> anyhow::Result<Sha256Digest> {
        let sha256 = Sha256Digest::of(bytes);
        let path = self.blob(&sha256);
        if self.get(&sha256).is_none() {
            files::write(&path, bytes, Access::Public)?;
        }
        Ok(sha256)
    }

    fn list(&self, key: &str) -> PathBuf {
        self.root.join("lists").join(format!("{key}.json"))
    }

    /// The files that were remembered under a key; [`Cache::holds`] tells whether they are still here.
    pub fn recall(&self, key: &str) -> Vec<Item> {
        let text = std::fs::read(self.list(key)).unwrap_or_default();
        serde_json::from_slice(&text).unwrap_or_default()
    }

    /// Whether a file is here and unaltered.
    pub fn holds(&self, item: &Item) -> bool {
        self.get(&item.sha256.0).is_some()
    }

    /// Remembers which files a set of lock files needs.
    ///
    /// # Errors
    /// When the folder cannot be written.
    pub fn remember(&self, key: &str, items: &[Item]) -> anyhow::Result<()> {
        files::write(&self.list(key), &serde_json::to_vec(items)?, Access::Public)
    }

    /// How much it holds.
    pub fn usage(&self) -> Usage {
        let mut usage = Usage { files: 0, bytes: 0 };
        count(&self.root.join("blobs"), &mut usage);
        usage
    }

    /// Removes everything.
    ///
    /// # Errors
    /// When it cannot be removed.
    pub fn clear(&self) -> std::io::Result<()> {
        match std::fs::remove_dir_all(&self.root) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error),
            Ok(()) | Err(_) => Ok(()),
        }
    }
}

fn count(folder: &Path, usage: &mut Usage) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        match entry.metadata() {
            Ok(meta) if meta.is_dir() => count(&entry.path(), usage),
            Ok(meta) => {
                usage.files += 1;
                usage.bytes += meta.len();
            }
            Err(_) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_altered_is_not_given_back() {
        let folder = tempfile::tempdir().unwrap();
        let cache = Cache::at(folder.path().join("c"));
        let sha256 = cache.put(b"crate").unwrap();
        assert_eq!(cache.get(&sha256).as_deref(), Some(&b"crate"[..]));
        cache.remember("k", &[Item { path: "registry/cache/r/a.crate".into(), sha256: Hex(sha256) }]).unwrap();
        assert!(cache.recall("k").iter().all(|item| cache.holds(item)));
        assert_eq!((cache.recall("k").len(), cache.recall("other").len()), (1, 0));
        std::fs::write(cache.blob(&sha256), b"evil!").unwrap();
        assert_eq!(cache.get(&sha256), None);
        assert!(!cache.recall("k").iter().any(|item| cache.holds(item)));
        cache.clear().unwrap();
        cache.clear().unwrap();
        assert_eq!(cache.usage(), Usage { files: 0, bytes: 0 });
    }
}
