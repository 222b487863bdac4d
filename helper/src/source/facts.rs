//! What the files tell when they are read, not run: the manifests and lock files that later steps parse, and what a
//! reader should know about the tree.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Read;

use super::paths::{above, join};
use super::signs::Signs;

/// Files that are kept whole for reading; larger ones are not what they say.
const MAX_KEPT: u64 = 8 << 20;
/// Bytes of all that is kept.
const MAX_ALL_KEPT: usize = 16 << 20;
/// Bytes of memory that a kept file may take when it is parsed.
const MAX_PARSED: usize = 32 << 20;
/// Rust that is read through; nobody writes more into one file by hand. A longer one is believed to say everything.
const MAX_RUST: u64 = 1 << 20;
/// How a static library begins, which `.rlib` files are too.
const ARCHIVES: [&[u8]; 2] = [b"!<arch>\n", b"!<thin>\n"];

/// How a manifest is called.
pub const MANIFEST: [&str; 1] = ["Cargo.toml"];
/// How a toolchain file is called. Where both are there, rustup takes the one without an ending.
pub const TOOLCHAIN: [&str; 2] = ["rust-toolchain", "rust-toolchain.toml"];

/// A file that a tool finds from a folder, in it or above it.
#[derive(Debug, Clone, Copy)]
pub struct Found<'a> {
    /// Where it is.
    pub folder: &'a str,
    /// What it says, if it is kept.
    pub text: Option<&'a str>,
    /// Whether it is in `unread`, or another that has the same name to a reader.
    pub is_unread: bool,
    /// Whether it is a symbolic link.
    pub is_link: bool,
}

/// What was noticed while the archive was written.
#[derive(Debug, Default)]
pub struct Facts {
    /// `Cargo.toml`, `Cargo.lock`, toolchain files and cargo configuration, by path.
    pub kept: BTreeMap<String, String>,
    /// Paths of files that begin like a wasm module.
    pub wasm: Vec<String>,
    /// Paths of what a compiler made, or by which cargo knows that it is up to date. All times in the archive are the same,
    /// so cargo takes such a file for newer than the source.
    pub build_output: Vec<String>,
    /// Paths of symbolic links.
    pub links: BTreeSet<String>,
    /// Paths of submodules.
    pub submodules: Vec<String>,
    /// Submodules that were fetched by another URL than `.gitmodules` has, each by its path, that URL and the one that was asked.
    pub fetched_elsewhere: Vec<(String, String, String)>,
    /// Files of Rust, by path.
    pub rust: BTreeMap<String, Signs>,
    /// Paths of files of Python.
    pub python: BTreeSet<String>,
    /// Whether attributes of the tree may make another tool check out other bytes than stand in the archive.
    pub converts_elsewhere: bool,
    /// Files that belong to `kept`, but are too large or, by content or path, not text.
    pub unread: BTreeSet<String>,
    /// Bytes of all that is in `kept`.
    pub kept_bytes: usize,
}

impl Facts {
    /// Reads as much of a file as is needed to know it; gives back what was read.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn look(&mut self, path: &[u8], size: u64, content: &mut dyn Read) -> std::io::Result<Vec<u8>> {
        let name = path.rsplit(|b| *b == b'/').next().unwrap_or_default();
        let shown = String::from_utf8_lossy(path).into_owned();
        let in_cargo = shown.split('/').rev().nth(1) == Some(".cargo");
        let wanted = matches!(name, b"Cargo.toml" | b"Cargo.lock" | b"rust-toolchain" | b"rust-toolchain.toml")
            || (in_cargo && matches!(name, b"config" | b"config.toml"));
        // Under its lossy name a file could take the place of another.
        let is_text = std::str::from_utf8(path).is_ok();
        // Whatever its name is.
        let mut read = Vec::new();
        (&mut *content).take(8).read_to_end(&mut read)?;
        if read.starts_with(b"\0asm") {
            self.wasm.push(shown.clone());
        }
        if is_build_output(&shown) || ARCHIVES.iter().any(|magic| read.starts_with(magic)) {
            self.build_output.push(shown.clone());
        }
        if wanted && (size > MAX_KEPT || !is_text) {
            self.unread.insert(shown);
        } else if wanted {
            content.read_to_end(&mut read)?;
            let is_kept = self.kept_bytes + read.len() <= MAX_ALL_KEPT && parsed_size(&read) <= MAX_PARSED;
            match std::str::from_utf8(&read).ok().filter(|_| is_kept) {
                Some(text) => {
                    self.kept_bytes += text.len();
                    self.kept.insert(shown, text.to_owned());
                }
                None => _ = self.unread.insert(shown),
            }
        } else if name.ends_with(b".rs") {
            let signs = if size <= MAX_RUST {
                content.read_to_end(&mut read)?;
                Signs::of(&read)
            } else {
                Signs::ALL
            };
            self.rust.entry(shown).or_default().add(signs);
        } else if name.ends_with(b".py") && is_text {
            self.python.insert(shown);
        }
        Ok(read)
    }

    /// Notes a symbolic link.
    pub fn link(&mut self, path: &[u8]) {
        let shown = String::from_utf8_lossy(path).into_owned();
        if is_build_output(&shown) {
            self.build_output.push(shown.clone());
        }
        self.links.insert(shown);
    }

    /// Kept files of this name, by the folder that they stand in (`""` is the root).
    pub fn named<'a>(&'a self, name: &'a str) -> impl Iterator<Item = (&'a str, &'a str)> {
        #[cfg(test)]
        LOOKED_AT.set(LOOKED_AT.get() + self.kept.len());
        self.kept.iter().filter_map(move |(path, text)| match path.rsplit_once('/') {
            Some((folder, file)) if file == name => Some((folder, text.as_str())),
            None if path == name => Some(("", text.as_str())),
            Some(_) | None => None,
        })
    }

    /// The text of a `Cargo.toml` in a folder.
    pub fn manifest(&self, folder: &str) -> Option<&str> {
        self.kept.get(&join(folder, "Cargo.toml")).map(String::as_str)
    }

    /// The files of these names in a folder and in all above it, the nearest first.
    pub fn upwards<'a>(&'a self, folder: &'a str, names: &'a [&'a str]) -> impl Iterator<Item = Found<'a>> {
        let found = move |folder, name: &&str| {
            let path = join(folder, name);
            let text = self.kept.get(&path).map(String::as_str);
            let (is_unread, is_link) = (self.unread.contains(&path), self.links.contains(&path));
            (text.is_some() || is_unread || is_link).then_some(Found { folder, text, is_unread, is_link })
        };
        above(folder).flat_map(move |folder| names.iter().filter_map(move |name| found(folder, name)))
    }

    /// The text of the toolchain file that rustup obeys in a folder: the nearest.
    pub fn toolchain_file<'a>(&'a self, folder: &'a str) -> Option<&'a str> {
        self.upwards(folder, &TOOLCHAIN).find_map(|file| file.text)
    }
}

/// How much memory a TOML text takes when it is parsed, at most: a table for each bracket and for each dot of a key, an entry
/// for each value, a token for each piece. What stands between quotes is none of these, where it is sure to.
fn parsed_size(text: &[u8]) -> usize {
    const TABLE: usize = 2048;
    const ENTRY: usize = 256;
    const TOKEN: usize = 128;
    let of_line = |line: &[u8]| {
        let is_plain = !line.contains(&b'\'') && !line.contains(&b'\\');
        let mut is_quoted = false;
        let mut size = 0;
        for byte in line {
            is_quoted ^= is_plain && *byte == b'"';
            size += match byte {
                _ if is_quoted => 0,
                b'[' | b'{' | b'.' => TABLE,
                b'=' | b',' => ENTRY,
                b'-' | b'_' | b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' => 0,
                _ => TOKEN,
            };
        }
        size
    };
    text.len() + text.split(|byte| *byte == b'\n').map(|line| TOKEN + of_line(line)).sum::<usize>()
}

#[cfg(test)]
thread_local! {
    /// How many kept files were looked at for their names.
    pub(crate) static LOOKED_AT: std::cell::Cell<usize> = const { std::cell::Cell::new(0) };
}

/// Whether cargo or rustc keeps its record of a finished build under such a path.
fn is_build_output(path: &str) -> bool {
    path.split('/').any(|part| part == ".fingerprint") || path.ends_with("dep-graph.bin")
}
