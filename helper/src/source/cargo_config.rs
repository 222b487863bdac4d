//! The cargo configuration of a tree that the claimed build obeys: what in it takes the place of a program, a word of the
//! command or a dependency, which is a doubt, and everything else by its keys, which is listed and not judged.
//! Not here: configuration of the image (`$CARGO_HOME`, folders above the mount), and options of the command itself.

use std::collections::BTreeSet;

use provenear_shared::customary::chooses_programs;
use provenear_shared::notice::Notice;
use toml::{Table, Value};

use super::facts::{Facts, TOOLCHAIN};
use super::paths::{above, join};

/// The two names of a configuration file; cargo reads the first where both are there, and here both count.
const NAMES: [&str; 2] = ["config", "config.toml"];

/// What was found.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct CargoConfig {
    /// What makes the build another than the customary one.
    pub doubts: BTreeSet<Notice>,
    /// Where each of them comes from: a path, and the first key of it that does.
    pub places: BTreeSet<(Notice, String, Option<String>)>,
    /// `path: key` of everything that is set.
    pub keys: Vec<String>,
}

/// Where a build that begins in one folder looks for configuration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope<'a> {
    /// From this folder up to the root, as cargo does.
    Above(&'a str),
    /// Anywhere: a build script starts cargo in other folders of the tree.
    Everywhere,
}

/// Reads all of it. What cannot be read whole is a doubt, never nothing.
pub fn examine(facts: &Facts, scope: Scope<'_>, command: &[String]) -> CargoConfig {
    let mut found = CargoConfig::default();
    for folder in folders(facts, scope) {
        let dot_cargo = join(&folder, ".cargo");
        let files = NAMES.map(|name| join(&dot_cargo, name));
        let unseen = |path: &String| facts.unread.contains(path) || facts.links.contains(path);
        // Where the folder itself is a link, cargo looks above the place that it leads to.
        let is_linked = above(&folder).any(|here| facts.links.contains(here));
        if is_linked || facts.links.contains(&dot_cargo) || files.iter().any(unseen) {
            found.doubt(Notice::ConfigInclude, &dot_cargo, None);
        }
        for (path, text) in files.iter().filter_map(|path| Some((path, facts.kept.get(path)?))) {
            match toml::from_str::<Table>(text) {
                Ok(table) => found.read(path, &table, command),
                Err(_) => found.doubt(Notice::ConfigInclude, path, None),
            }
        }
    }
    found
}

fn folders(facts: &Facts, scope: Scope<'_>) -> BTreeSet<String> {
    match scope {
        Scope::Above(folder) => above(folder).map(ToOwned::to_owned).collect(),
        Scope::Everywhere => {
            let paths = facts.kept.keys().chain(&facts.unread).chain(&facts.links);
            let beside = |here: &str| match here.rsplit_once('/') {
                Some((folder, ".cargo")) => Some(folder.to_owned()),
                None if here == ".cargo" => Some(String::new()),
                Some(_) | None => None,
            };
            paths.flat_map(|path| above(path).filter_map(beside)).collect()
        }
    }
}

impl CargoConfig {
    fn read(&mut self, path: &str, table: &Table, command: &[String]) {
        for (key, value) in table {
            if let Some(notice) = doubt(key, value, command) {
                self.doubt(notice, path, Some(key));
            }
            self.list(&format!("{path}: {key}"), value, if key == "target" || key == "profile" { 2 } else { 1 });
        }
    }

    fn doubt(&mut self, notice: Notice, path: &str, key: Option<&str>) {
        self.doubts.insert(notice.clone());
        self.places.insert((notice, path.to_owned(), key.map(ToOwned::to_owned)));
    }

    fn list(&mut self, name: &str, value: &Value, depth: usize) {
        match value.as_table().filter(|table| depth > 0 && !table.is_empty()) {
            Some(table) => table.iter().for_each(|(key, value)| self.list(&format!("{name}.{key}"), value, depth - 1)),
            None => self.keys.push(name.to_owned()),
        }
    }
}

/// What a key of the configuration takes the place of (The Cargo Book, "Configuration"). Flags of rustc are not among
/// them: cargo-near sets `RUSTFLAGS`, and then cargo takes none from a file.
fn doubt(key: &str, value: &Value, command: &[String]) -> Option<Notice> {
    let has = |wanted: &dyn Fn(&str, &Value) -> bool| {
        value.as_table().is_none_or(|table| table.iter().any(|(name, value)| wanted(name, value)))
    };
    let is_set = value.as_table().is_none_or(|table| !table.is_empty());
    match key {
        "alias" => has(&|name, _| is_word(command, name)).then_some(Notice::CargoAlias),
        "source" | "patch" => is_set.then_some(Notice::SourcesReplaced),
        "registries" => has(&|name, value| name == "crates-io" && value.get("index").is_some())
            .then_some(Notice::SourcesReplaced)
            .or_else(|| has(&|_, value| value.get("credential-provider").is_some()).then_some(Notice::RustcWrapper)),
        "registry" => has(&|name, _| name == "index")
            .then_some(Notice::SourcesReplaced)
            .or_else(|| has(&|name, _| name.contains("credential-provider")).then_some(Notice::RustcWrapper)),
        "paths" => value.as_array().is_none_or(|paths| !paths.is_empty()).then_some(Notice::PathOverrides),
        "include" => Some(Notice::ConfigInclude),
        "build" => has(&|name, _| name.starts_with("rustc")).then_some(Notice::RustcWrapper),
        "target" => has(&is_linker)
            .then_some(Notice::RustcWrapper)
            // `[target.<triple>.<links>]` stands in for the build script of a dependency.
            .or_else(|| {
                has(&|_, value| value.as_table().is_some_and(|of| of.values().any(Value::is_table)))
                    .then_some(Notice::PathOverrides)
            }),
        // A stable cargo ignores the first two.
        "unstable" | "host" | "credential-alias" => is_set.then_some(Notice::RustcWrapper),
        "env" => has(&|name, _| chooses_programs(name)).then_some(Notice::EnvNamesPrograms),
        _ => None,
    }
}

/// A linker of what goes on chain, or a program of the tree that links build scripts. One of the image's for these
/// (`linker = "clang"`) is a matter of taste.
fn is_linker(target: &str, value: &Value) -> bool {
    let Some(linker) = value.get("linker") else { return false };
    let is_path = linker.as_str().is_none_or(|program| program.contains('/'));
    is_path || target.starts_with("wasm32") || target.starts_with("cfg(")
}

/// Whether an alias of this name can stand in the way of the command: of a word in it, or in a script that it gives.
fn is_word(command: &[String], alias: &str) -> bool {
    alias == "near" || command.iter().flat_map(|word| word.split_whitespace()).any(|word| word == alias)
}

/// Whether the toolchain file that rustup obeys in a folder, the nearest, names a toolchain by its path; a file that cannot
/// be read here may.
pub fn names_toolchain_by_path(facts: &Facts, folder: &str) -> bool {
    let nearest = facts.upwards(folder, &TOOLCHAIN).next();
    nearest.is_some_and(|file| file.is_unread || file.is_link || file.text.is_some_and(is_path))
}

/// Whether a toolchain file names a path: by its key, or where the name of a channel is expected.
fn is_path(text: &str) -> bool {
    let Ok(file) = toml::from_str::<Table>(text) else { return text.contains('/') };
    let named = |key: &str| file.get("toolchain")?.get(key);
    let is_path = |channel: &Value| channel.as_str().is_none_or(|channel| channel.contains('/'));
    named("path").is_some() || named("channel").is_some_and(is_path)
}

#[cfg(test)]
mod tests;
