//! What the files tell when they are read, not run: the manifests and lock files that later steps parse, and what a
//! reader should know about the tree.

use std::collections::BTreeMap;
use std::io::Read;

use super::reads_git::Signs;

/// Files that are kept whole for reading; larger ones are not what they say.
const MAX_KEPT: u64 = 8 << 20;
/// Rust that is read through; nobody writes more into one file by hand.
const MAX_RUST: u64 = 1 << 20;

/// What was noticed while the archive was written.
#[derive(Debug, Default)]
pub struct Facts {
    /// `Cargo.toml`, `Cargo.lock`, toolchain files and cargo configuration, by path.
    pub kept: BTreeMap<String, String>,
    /// Paths of files that begin like a wasm module.
    pub wasm: Vec<String>,
    /// Paths of symbolic links.
    pub links: Vec<String>,
    /// Paths of submodules.
    pub submodules: Vec<String>,
    /// Files of Rust that say something of note, by path.
    pub rust: BTreeMap<String, Signs>,
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
        let mut read = Vec::new();
        if wanted && size <= MAX_KEPT {
            content.read_to_end(&mut read)?;
            if let Ok(text) = String::from_utf8(read.clone()) {
                self.kept.insert(shown, text);
            }
        } else if name.ends_with(b".rs") && size <= MAX_RUST {
            content.read_to_end(&mut read)?;
            let signs = Signs::of(&read);
            if signs != Signs::default() {
                self.rust.insert(shown, signs);
            }
        } else {
            content.take(4).read_to_end(&mut read)?;
            if read == b"\0asm" {
                self.wasm.push(shown);
            }
        }
        Ok(read)
    }

    /// Notes a symbolic link.
    pub fn link(&mut self, path: &[u8]) {
        self.links.push(String::from_utf8_lossy(path).into_owned());
    }

    /// Kept files of this name, by the folder that they stand in (`""` is the root).
    pub fn named<'a>(&'a self, name: &'a str) -> impl Iterator<Item = (&'a str, &'a str)> {
        self.kept.iter().filter_map(move |(path, text)| match path.rsplit_once('/') {
            Some((folder, file)) if file == name => Some((folder, text.as_str())),
            None if path == name => Some(("", text.as_str())),
            Some(_) | None => None,
        })
    }

    /// The program that `.cargo/config.toml` puts in place of the compiler or the linker, or in front of it.
    pub fn rustc_wrapper(&self) -> Option<String> {
        let configs = self.kept.iter().filter(|(path, _)| path.contains(".cargo/config"));
        configs.filter_map(|(_, text)| toml::from_str::<toml::Table>(text).ok()).find_map(|table| {
            let text = |of: &toml::Table, key: &str| of.get(key)?.as_str().map(ToOwned::to_owned);
            let build = table.get("build").and_then(|build| build.as_table());
            let compiler = build.and_then(|build| {
                ["rustc-wrapper", "rustc-workspace-wrapper", "rustc"].iter().find_map(|key| text(build, key))
            });
            let targets = table.get("target").and_then(|targets| targets.as_table());
            let mut targets = targets.into_iter().flatten().filter_map(|(_, target)| target.as_table());
            compiler.or_else(|| targets.find_map(|target| text(target, "linker")))
        })
    }

    /// The text of the toolchain file that rustup obeys in a folder: the nearest above it.
    pub fn toolchain_file(&self, folder: &str) -> Option<&str> {
        let mut folder = Some(folder);
        while let Some(here) = folder {
            let at = |name: &str| if here.is_empty() { name.to_owned() } else { format!("{here}/{name}") };
            // Where both are there, rustup takes the one without an ending.
            if let Some(text) =
                ["rust-toolchain", "rust-toolchain.toml"].iter().find_map(|name| self.kept.get(&at(name)))
            {
                return Some(text);
            }
            folder = if here.is_empty() { None } else { Some(here.rsplit_once('/').map_or("", |(above, _)| above)) };
        }
        None
    }
}
