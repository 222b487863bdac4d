//! What panic messages tell of the making of a module: compiler, crates, git dependencies, build home, language.
//! Hints of whoever wrote the bytes, since anyone can write any message; nothing is decided by them.
//! Order and size of the result depend on the bytes alone.

mod releases;

use std::collections::{BTreeMap, BTreeSet};

use super::facts::{BuildPlace, CrateFact, FingerprintFact, GitFact, Language, LanguageFact};
use super::{MemoryImage, Module, is_active};

/// Most crates, and most git dependencies, that are named.
const MAX_NAMED: usize = 500;
/// Longest piece of a path that is believed.
const MAX_PIECE: usize = 128;
/// Texts that only a QuickJS or a MicroPython engine carries.
const QUICKJS: &[u8] = b"cannot read property '%s' of undefined";
const MICROPYTHON: &[u8] = b"MicroPython v";
/// Where build homes of people begin, and others.
const PERSONAL: [&str; 2] = ["/home/", "/Users/"];
const ROOTS: [&str; 9] =
    ["/root", "/nix/store/", "/usr/local", "/usr/", "/opt/", "/builds/", "/build", "/github/", "/tmp/"];

/// Reads the fingerprint out of the data of `module`, whose memory at instantiation is `image`.
pub fn of(module: &Module, image: &MemoryImage) -> FingerprintFact {
    let mut found = Found::default();
    for run in image.runs() {
        found.read(&run.bytes);
    }
    for segment in module.data().iter().filter(|segment| !is_active(segment)) {
        found.read(segment.data);
    }
    found.fact()
}

#[derive(Default)]
struct Found {
    commits: BTreeMap<String, usize>,
    crates: BTreeSet<CrateFact>,
    git: BTreeSet<GitFact>,
    homes: BTreeMap<String, usize>,
    quickjs: bool,
    micropython: bool,
}

impl Found {
    /// One pass over a piece of memory; paths of Windows are read with their separators turned.
    fn read(&mut self, bytes: &[u8]) {
        let text: Vec<u8> = bytes.iter().map(|byte| if *byte == b'\\' { b'/' } else { *byte }).collect();
        for (at, byte) in text.iter().enumerate() {
            let rest = &text[at..];
            match byte {
                b'/' => self.path(&text[..at], rest),
                b'c' if rest.starts_with(QUICKJS) => self.quickjs = true,
                b'M' if rest.starts_with(MICROPYTHON) => self.micropython = true,
                _ => {}
            }
        }
    }

    fn path(&mut self, before: &[u8], rest: &[u8]) {
        if let Some(rest) = rest.strip_prefix(b"/rustc/") {
            if let Some(commit) = piece(rest).filter(|commit| is_hex(commit) && commit.len() == 40) {
                *self.commits.entry(commit.to_owned()).or_default() += 1;
            }
        } else if let Some(rest) = rest.strip_prefix(b"/registry/src/") {
            let Some(registry) = piece(rest) else { return };
            if let Some((name, version)) = piece(&rest[registry.len() + 1..]).and_then(name_and_version) {
                if self.crates.len() < MAX_NAMED {
                    self.crates.insert(CrateFact { name: name.to_owned(), version: version.to_owned() });
                }
                self.home(before);
            }
        } else if let Some(rest) = rest.strip_prefix(b"/git/checkouts/") {
            let Some(folder) = piece(rest) else { return };
            let rev = piece(&rest[folder.len() + 1..]).filter(|rev| is_hex(rev) && rev.len() >= 7);
            if let (Some(repository), Some(rev)) = (repository(folder), rev) {
                if self.git.len() < MAX_NAMED {
                    self.git.insert(GitFact { repository: repository.to_owned(), rev: rev.to_owned() });
                }
                self.home(before);
            }
        }
    }

    /// The folder before `/registry/src` or `/git/checkouts`. Strings lie in memory without a separator, so the
    /// path begins at a known root after the last `.rs` of the string before.
    fn home(&mut self, before: &[u8]) {
        let before = &before[before.len().saturating_sub(MAX_PIECE)..];
        let start = before.iter().rposition(|byte| !is_path(*byte)).map_or(0, |at| at + 1);
        let Ok(path) = std::str::from_utf8(&before[start..]) else {
            return;
        };
        let path = path.rfind(".rs").map_or(path, |at| &path[at + 3..]);
        let path = path.strip_suffix("/.cargo").unwrap_or(path);
        // Another path may stand before; of two homes the last is this one.
        let personal = PERSONAL.iter().filter_map(|root| path.rfind(root)).max();
        let begin = personal.or_else(|| ROOTS.iter().filter_map(|root| path.find(root)).min());
        if let Some(home) = begin.map(|begin| &path[begin..]).filter(|_| self.homes.len() < MAX_NAMED) {
            *self.homes.entry(home.to_owned()).or_default() += 1;
        }
    }

    fn fact(self) -> FingerprintFact {
        let rustc_commit = most(self.commits);
        let build_home = most(self.homes);
        let language = if self.quickjs {
            Some((
                Language::Javascript,
                "a message that the QuickJS engine carries; no tool makes such builds repeatable",
            ))
        } else if self.micropython {
            Some((Language::Python, "the banner of the MicroPython engine; its claims leave out what a rebuild needs"))
        } else if self.crates.iter().any(|found| found.name == "near-sdk" || found.name == "near-sys") {
            Some((Language::Rust, "paths of near-sdk in panic messages"))
        } else if rustc_commit.is_some() {
            Some((Language::Rust, "the commit of a rustc in panic messages"))
        } else {
            None
        };
        FingerprintFact {
            rustc: rustc_commit.as_deref().and_then(releases::version_of).map(str::to_owned),
            rustc_commit,
            crates: self.crates.into_iter().collect(),
            git: self.git.into_iter().collect(),
            build_place: build_home.as_deref().map(classify),
            build_home,
            language: language.map(|(name, evidence)| LanguageFact { name, evidence: evidence.to_owned() }),
        }
    }
}

/// The commonest key, the first in order of those equally common.
fn most(counts: BTreeMap<String, usize>) -> Option<String> {
    let most = counts.values().copied().max()?;
    counts.into_iter().find(|(_, count)| *count == most).map(|(key, _)| key)
}

/// Says what kind of folder a build home is.
fn classify(home: &str) -> BuildPlace {
    // `/home/near` is the user of the published build images, `/usr/local/cargo` the folder of the rust images.
    let is = |roots: &[&str]| roots.iter().any(|root| home == *root || home.starts_with(&format!("{root}/")));
    if is(&["/home/near", "/usr/local/cargo"]) {
        BuildPlace::Container
    } else if is(&["/home/runner", "/Users/runner", "/github", "/builds"]) {
        BuildPlace::CiRunner
    } else if is(&["/nix/store", "/build"]) {
        BuildPlace::Nix
    } else if home.starts_with("/home/") || home.starts_with("/Users/") {
        BuildPlace::Personal
    } else {
        BuildPlace::Other
    }
}

fn is_path(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"/._-+@~".contains(&byte)
}

fn is_hex(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte))
}

/// The path component at the start of `rest`, if a slash ends it.
fn piece(rest: &[u8]) -> Option<&str> {
    let rest = &rest[..rest.len().min(MAX_PIECE)];
    let end = rest.iter().position(|byte| *byte == b'/' || !is_path(*byte))?;
    let piece = rest[..end].iter().copied().all(is_path) && rest[end] == b'/' && end > 0;
    std::str::from_utf8(&rest[..end]).ok().filter(|_| piece)
}

/// `near-sdk-5.24.0` → `near-sdk`, `5.24.0`: the version begins at the first hyphen that three numbers follow.
fn name_and_version(folder: &str) -> Option<(&str, &str)> {
    folder.match_indices('-').map(|(at, _)| (&folder[..at], &folder[at + 1..])).find(|(name, version)| {
        let core = version.split(['-', '+']).next().unwrap_or_default();
        let numbers: Vec<&str> = core.split('.').collect();
        let number = |text: &&str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        !name.is_empty() && numbers.len() == 3 && numbers.iter().all(number)
    })
}

/// `near-sdk-rs-5fa5a2b7d4d1c3e9` → `near-sdk-rs`: cargo appends 16 hex digits.
fn repository(folder: &str) -> Option<&str> {
    let (name, hash) = folder.rsplit_once('-')?;
    (hash.len() == 16 && is_hex(hash) && !name.is_empty()).then_some(name)
}
