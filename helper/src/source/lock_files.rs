//! `Cargo.lock` files, read and never run: which archives they name by SHA-256, which git commits.
//! Not by the crate `cargo-lock`, which refuses a whole file for one entry that cargo passes over, so that the hosts in it
//! would be asked unseen; which mends the spelling of a source that `network::reach` judges; and which looks through all
//! packages for each dependency.

use std::collections::{BTreeMap, BTreeSet};

use provenear_shared::digest::Sha256Digest;
use serde::Deserialize;
use sha2::{Digest, Sha256};

use super::facts::Facts;

/// Where a lock file says that a package comes from crates.io, by git or by HTTP.
const CRATES_IO: [&str; 2] =
    ["registry+https://github.com/rust-lang/crates.io-index", "sparse+https://index.crates.io/"];

/// Versions of one package that another depends on: cargo allows one for each major version.
const MOST_VERSIONS: usize = 64;

/// An archive that crates.io holds.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Published {
    /// The package.
    pub name: String,
    /// Its version.
    pub version: String,
    /// Its SHA-256; `None` where the lock file has something else in its place, which no archive matches.
    pub sha256: Option<Sha256Digest>,
}

impl Published {
    /// Its file name.
    pub fn file_name(&self) -> String {
        format!("{}-{}.crate", self.name, self.version)
    }
}

/// What a set of lock files names.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Locked {
    /// `<name>-<version>.crate` → the SHA-256 values that stand for it in a lock file.
    pub archives: BTreeMap<String, BTreeSet<Sha256Digest>>,
    /// Those of them that crates.io holds.
    pub published: BTreeSet<Published>,
    /// Whether something comes from elsewhere.
    pub elsewhere: bool,
    /// Where that is, as the lock files spell it: `git+https://…`, `registry+https://…`.
    pub places: BTreeSet<String>,
    /// Commits of git dependencies.
    pub commits: BTreeSet<String>,
    /// Folders of the lock files that stand beside a manifest, `""` for the root.
    pub folders: Vec<String>,
    /// SHA-256 of each lock file, by path.
    pub digests: BTreeMap<String, Sha256Digest>,
}

/// A lock file.
#[derive(Debug, Deserialize)]
pub struct LockFile {
    /// The version of its format; the oldest two have none.
    pub version: Option<u32>,
    /// Its packages.
    #[serde(default)]
    pub package: Vec<Package>,
    /// Of the oldest format.
    root: Option<Package>,
    #[serde(default)]
    patch: Patch,
    #[serde(default)]
    metadata: BTreeMap<String, toml::Value>,
}

#[derive(Debug, Default, Deserialize)]
struct Patch {
    /// cargo asks for these too, to know that they are unused.
    #[serde(default)]
    unused: Vec<Package>,
}

/// A package of a lock file.
#[derive(Debug, Deserialize)]
pub struct Package {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// Where it comes from; none where it is of the repository itself.
    pub source: Option<String>,
    checksum: Option<String>,
    /// What it depends on: `name`, `name version` or `name version (source)`, as short as is clear.
    #[serde(default)]
    pub dependencies: Vec<String>,
}

impl LockFile {
    /// Reads one; none where it is not one.
    pub fn parse(text: &str) -> Option<LockFile> {
        toml::from_str(text).ok()
    }

    /// The entry of a package of the repository.
    pub fn own(&self, name: &str) -> Option<&Package> {
        self.package.iter().find(|it| it.name == name && it.source.is_none())
    }

    /// The versions of a package that another depends on directly.
    pub fn versions<'a>(&'a self, of: &'a Package, name: &'a str) -> impl Iterator<Item = semver::Version> + 'a {
        let entries = of.dependencies.iter().filter_map(move |entry| {
            let mut words = entry.split(' ');
            (words.next() == Some(name)).then(|| words.next())
        });
        entries.take(MOST_VERSIONS).flat_map(move |version| {
            let fits = move |it: &&Package| it.name == name && version.is_none_or(|version| it.version == version);
            self.package.iter().filter(fits).filter_map(|it| semver::Version::parse(&it.version).ok())
        })
    }

    /// The names of all packages that `root` is made of, itself included; `None` where it is not in there.
    pub fn reachable(&self, root: &str) -> Option<BTreeSet<String>> {
        let mut needs: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for package in &self.package {
            let names = package.dependencies.iter().filter_map(|dependency| dependency.split(' ').next());
            needs.entry(package.name.as_str()).or_default().extend(names);
        }
        let (mut found, mut next) = (BTreeSet::new(), vec![root]);
        needs.get(root)?;
        while let Some(name) = next.pop() {
            if found.insert(name.to_owned()) {
                next.extend(needs.get(name).into_iter().flatten());
            }
        }
        Some(found)
    }
}

impl Locked {
    /// Reads every lock file of a tree. One that cannot be read names nothing.
    pub fn read(facts: &Facts) -> Locked {
        let mut locked = Locked::default();
        for (folder, text) in facts.named("Cargo.lock") {
            let path = if folder.is_empty() { "Cargo.lock".to_owned() } else { format!("{folder}/Cargo.lock") };
            locked.digests.insert(path, Sha256Digest::of(text.as_bytes()));
            if facts.manifest(folder).is_some() {
                locked.folders.push(folder.to_owned());
            }
            if let Some(file) = LockFile::parse(text) {
                locked.add(file);
            }
        }
        locked
    }

    /// What the text of one lock file names.
    pub fn of(text: &str) -> Locked {
        let mut locked = Locked::default();
        if let Some(file) = LockFile::parse(text) {
            locked.add(file);
        }
        locked
    }

    fn add(&mut self, file: LockFile) {
        for package in file.package.into_iter().chain(file.root).chain(file.patch.unused) {
            let Some(source) = package.source else { continue };
            let published = CRATES_IO.contains(&source.as_str());
            if !published {
                self.elsewhere = true;
                self.places.insert(source.clone());
            }
            if let Some(git) = source.strip_prefix("git+") {
                self.commits.extend(git.rsplit_once('#').map(|(_, commit)| commit.to_owned()));
                continue;
            }
            // The first version of the format keeps the checksums at its end.
            let old = format!("checksum {} {} ({source})", package.name, package.version);
            let checksum = package.checksum.or_else(|| file.metadata.get(&old)?.as_str().map(ToOwned::to_owned));
            let Some(checksum) = checksum else {
                self.elsewhere = true;
                continue;
            };
            let sha256 = Sha256Digest::from_hex(&checksum).ok();
            let archive = Published { name: package.name, version: package.version, sha256 };
            self.archives.entry(archive.file_name()).or_default().extend(archive.sha256);
            if published {
                self.published.insert(archive);
            }
        }
    }

    /// Whether an archive is one that a lock file names, byte for byte.
    pub fn allows(&self, file_name: &str, sha256: &Sha256Digest) -> bool {
        self.archives.get(file_name).is_some_and(|known| known.contains(sha256))
    }

    /// Whether anything has to be fetched.
    pub fn is_empty(&self) -> bool {
        self.archives.is_empty() && self.commits.is_empty()
    }

    /// One name for what these lock files need in the image of this digest.
    pub fn key(&self, digest: &Sha256Digest) -> String {
        let mut hash = Sha256::new();
        hash.update(digest.to_oci());
        for (path, digest) in &self.digests {
            hash.update([0]);
            hash.update(path);
            hash.update([0]);
            hash.update(digest.to_hex());
        }
        Sha256Digest::from_bytes(hash.finalize().into()).to_hex()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn archives_and_commits_of_every_lock_file_are_known() {
        let (one, other) = (Sha256Digest::of(b"one"), Sha256Digest::of(b"other"));
        let mut facts = Facts::default();
        facts.kept.insert("Cargo.toml".into(), String::new());
        facts.kept.insert(
            "Cargo.lock".into(),
            "version = 3\n[[package]]\nname = \"a\"\nversion = \"1.0.0\"\nsource = \"registry+https://r\"\nchecksum = \"<one>\"\n\
             [[package]]\nname = \"own\"\nversion = \"0.1.0\"\n\
             [[package]]\nname = \"g\"\nversion = \"1.0.0\"\nsource = \"git+https://h/g?rev=1#cafe\"\n"
                .replace("<one>", &one.to_hex()),
        );
        facts.kept.insert(
            "factory/Cargo.lock".into(),
            "[[package]]\nname = \"a\"\nversion = \"1.0.0\"\nsource = \"registry+https://q\"\n\
             [metadata]\n\"checksum a 1.0.0 (registry+https://q)\" = \"<other>\"\n"
                .replace("<other>", &other.to_hex()),
        );
        facts.kept.insert("broken/Cargo.lock".into(), "= =".into());
        let locked = Locked::read(&facts);
        assert!(locked.allows("a-1.0.0.crate", &one) && locked.allows("a-1.0.0.crate", &other));
        assert!(!locked.allows("a-1.0.0.crate", &Sha256Digest::of(b"")) && !locked.allows("own-0.1.0.crate", &one));
        assert!(locked.elsewhere && locked.published.is_empty());
        assert_eq!(locked.commits.iter().collect::<Vec<_>>(), ["cafe"]);
        assert_eq!(locked.folders, [""]);
        assert_eq!(locked.digests.len(), 3);
        assert_ne!(locked.key(&one), locked.key(&other));
    }

    /// cargo asks them all.
    #[test]
    fn sources_of_unused_patches_and_of_the_root_are_read_too() {
        let mut facts = Facts::default();
        let text = "[root]\nname = \"r\"\nversion = \"1.0.0\"\nsource = \"git+https://h/r#beef\"\n\
            [[patch.unused]]\nname = \"p\"\nversion = \"1.0.0\"\nsource = \"git+https://h/p#cafe\"\n";
        facts.kept.insert("Cargo.lock".into(), text.into());
        let locked = Locked::read(&facts);
        assert_eq!(locked.places.iter().collect::<Vec<_>>(), ["git+https://h/p#cafe", "git+https://h/r#beef"]);
        assert_eq!(locked.commits.iter().collect::<Vec<_>>(), ["beef", "cafe"]);
        assert!(locked.elsewhere);
    }

    #[test]
    fn what_crates_io_holds_is_known_under_both_of_its_names() {
        let package = |name: &str, source: &str| {
            format!(
                "[[package]]\nname = \"{name}\"\nversion = \"1.0.0\"\nsource = \"{source}\"\nchecksum = \"{name}{name}\"\n"
            )
        };
        let of = |packages: &[(&str, &str)]| {
            let mut facts = Facts::default();
            let text = packages.iter().map(|(name, source)| package(name, source)).collect();
            facts.kept.insert("Cargo.lock".into(), text);
            Locked::read(&facts)
        };
        let both = of(&[("a", CRATES_IO[0]), ("b", CRATES_IO[1])]);
        let names: Vec<String> = both.published.iter().map(Published::file_name).collect();
        assert_eq!((names.join(" ").as_str(), both.elsewhere), ("a-1.0.0.crate b-1.0.0.crate", false));
        let other = of(&[("a", CRATES_IO[0]), ("b", "sparse+https://index.crates.io.example/")]);
        assert_eq!((other.published.len(), other.elsewhere), (1, true));
    }

    /// A lock file in each of many folders: what is looked at grows with their number, and not with its square.
    #[test]
    fn many_lock_files_are_read_in_one_pass() {
        let looked_at = |count: usize| {
            let mut facts = Facts::default();
            for n in 0..count {
                facts.kept.insert(format!("{n}/Cargo.toml"), String::new());
                facts.kept.insert(format!("{n}/Cargo.lock"), String::new());
            }
            super::super::facts::LOOKED_AT.set(0);
            assert_eq!(Locked::read(&facts).folders.len(), count);
            super::super::facts::LOOKED_AT.get()
        };
        assert_eq!((looked_at(100), looked_at(400)), (200, 800));
    }
}
