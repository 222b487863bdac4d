//! What the files tell when they are read, not run: the manifests and lock files that later steps parse, and what a
//! reader should know about the tree.

use std::collections::BTreeMap;
use std::io::Read;

/// Files that are kept whole for reading; larger ones are not what they say.
const MAX_KEPT: u64 = 8 << 20;

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

    /// The program that `.cargo/config.toml` puts in place of the compiler, or in front of it.
    pub fn rustc_wrapper(&self) -> Option<String> {
        let configs = self.kept.iter().filter(|(path, _)| path.contains(".cargo/config"));
        configs.filter_map(|(_, text)| toml::from_str::<toml::Table>(text).ok()).find_map(|table| {
            let build = table.get("build")?.as_table()?;
            ["rustc-wrapper", "rustc-workspace-wrapper", "rustc"]
                .iter()
                .find_map(|key| build.get(*key)?.as_str().map(ToOwned::to_owned))
        })
    }

    /// Whether a toolchain file asks for a particular toolchain.
    pub fn toolchain_file(&self) -> Option<&str> {
        self.kept.keys().map(String::as_str).find(|path| {
            let name = path.rsplit('/').next().unwrap_or_default();
            name == "rust-toolchain" || name == "rust-toolchain.toml"
        })
    }
}
