//! What the files tell when they are read, not run: the manifests and lock files that later steps parse, and what a
//! reader should know about the tree.

use std::collections::BTreeMap;
use std::io::Read;

use super::reads_git::Signs;

/// Files that are kept whole for reading; larger ones are not what they say.
const MAX_KEPT: u64 = 8 << 20;
/// Rust that is read through; nobody writes more into one file by hand. A longer one is believed to say everything.
const MAX_RUST: u64 = 1 << 20;
/// How a static library begins, which `.rlib` files are too.
const ARCHIVES: [&[u8]; 2] = [b"!<arch>\n", b"!<thin>\n"];

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
    pub links: Vec<String>,
    /// Paths of submodules.
    pub submodules: Vec<String>,
    /// Files of Rust, by path.
    pub rust: BTreeMap<String, Signs>,
    /// Whether attributes of the tree may make another tool check out other bytes than stand in the archive.
    pub converts_elsewhere: bool,
    /// Files that belong to `kept`, but are too large or, by content or path, not text.
    pub unread: Vec<String>,
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
            self.unread.push(shown);
        } else if wanted {
            content.read_to_end(&mut read)?;
            match String::from_utf8(read.clone()) {
                Ok(text) => drop(self.kept.insert(shown, text)),
                Err(_) => self.unread.push(shown),
            }
        } else if name.ends_with(b".rs") {
            let signs = if size <= MAX_RUST {
                content.read_to_end(&mut read)?;
                Signs::of(&read)
            } else {
                Signs::ALL
            };
            self.rust.entry(shown).or_default().add(signs);
        }
        Ok(read)
    }

    /// Notes a symbolic link.
    pub fn link(&mut self, path: &[u8]) {
        let shown = String::from_utf8_lossy(path).into_owned();
        if is_build_output(&shown) {
            self.build_output.push(shown.clone());
        }
        self.links.push(shown);
    }

    /// Kept files of this name, by the folder that they stand in (`""` is the root).
    pub fn named<'a>(&'a self, name: &'a str) -> impl Iterator<Item = (&'a str, &'a str)> {
        self.kept.iter().filter_map(move |(path, text)| match path.rsplit_once('/') {
            Some((folder, file)) if file == name => Some((folder, text.as_str())),
            None if path == name => Some(("", text.as_str())),
            Some(_) | None => None,
        })
    }

    /// The text of the toolchain file that rustup obeys in a folder: the nearest above it. Where both are there, rustup takes
    /// the one without an ending.
    pub fn toolchain_file(&self, folder: &str) -> Option<&str> {
        let names = ["rust-toolchain", "rust-toolchain.toml"];
        above(folder)
            .find_map(|here| names.iter().find_map(|name| self.kept.get(&join(here, name))))
            .map(String::as_str)
    }
}

/// Whether cargo or rustc keeps its record of a finished build under such a path.
fn is_build_output(path: &str) -> bool {
    path.split('/').any(|part| part == ".fingerprint") || path.ends_with("dep-graph.bin")
}

/// A folder and all folders above it, the root (`""`) last.
pub fn above(folder: &str) -> impl Iterator<Item = &str> {
    std::iter::successors(Some(folder), |here| {
        (!here.is_empty()).then(|| here.rsplit_once('/').map_or("", |(above, _)| above))
    })
}

/// A path below a folder, which may be the root.
pub fn join(folder: &str, name: &str) -> String {
    if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") }
}
