//! Which code of a tree asks git about itself while it is compiled, found by reading. Such a build can put a branch, a
//! tag or a date into the bytes that the commit alone does not decide.

use std::collections::{BTreeMap, BTreeSet};

use toml::{Table, Value};

use super::facts::{Facts, join};
use crate::locate;
use crate::lock;

/// What a build script says that reads git: by running it, by a library, or by itself.
const IN_BUILD_SCRIPTS: [&str; 10] = [
    "\"git\"",
    ".git/",
    "rev-parse",
    "git2::",
    "gix::",
    "vergen",
    "shadow_rs",
    "git_version",
    "git_testament",
    "built::",
];
/// What any other code says that has git read while it is compiled.
const ANYWHERE: [&str; 5] =
    ["git_version!(", "git_describe!(", "git_testament!(", "include_str!(\"../.git/", "include_str!(\"../../.git/"];
/// Crates that are there to read git while something is compiled.
const CRATES: [&str; 9] = [
    "git-testament",
    "git-version",
    "git-version-macro",
    "shadow-rs",
    "vergen",
    "vergen-git2",
    "vergen-gitcl",
    "vergen-gix",
    "vergen-lib",
];
/// What a build script says that builds another contract, with manifests and lock file of its own.
const NESTED: &str = "cargo_near_build";

/// What one file of Rust says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Signs {
    /// It reads git, if it is a build script.
    pub as_build_script: bool,
    /// It has git read wherever it stands.
    pub anywhere: bool,
    /// It builds another contract, if it is a build script.
    pub nested: bool,
}

impl Signs {
    /// Of a file that is not read.
    pub const ALL: Signs = Signs { as_build_script: true, anywhere: true, nested: true };

    /// Looks at the text of a file.
    pub fn of(text: &[u8]) -> Signs {
        let text = String::from_utf8_lossy(text);
        let says = |words: &[&str]| words.iter().any(|word| text.contains(word));
        Signs { as_build_script: says(&IN_BUILD_SCRIPTS), anywhere: says(&ANYWHERE), nested: text.contains(NESTED) }
    }

    /// Takes in what another file says that has the same name to a reader.
    pub fn add(&mut self, other: Signs) {
        self.as_build_script |= other.as_build_script;
        self.anywhere |= other.anywhere;
        self.nested |= other.nested;
    }
}

/// The first path or crate through which the build of the contract in `folder` reads git.
pub fn found(facts: &Facts, folder: &str) -> Option<String> {
    let wanted = wanted(facts, folder);
    let counts = |name: &str| wanted.as_ref().is_none_or(|names| names.contains(name));
    let crates = CRATES.iter().find(|name| match &wanted {
        Some(names) => names.contains(**name),
        None => facts.named("Cargo.lock").any(|(_, text)| text.contains(&format!("name = \"{name}\""))),
    });
    let mut read = files(facts).into_iter();
    let in_tree = read.find(|(path, signs)| {
        let holds = signs.anywhere || (signs.as_build_script && is_build_script(facts, path));
        holds && package(facts, path).is_none_or(|(_, name)| counts(&name))
    });
    in_tree.map(|(path, _)| path).or_else(|| crates.map(|name| (*name).to_owned()))
}

/// The packages that the contract is made of by its lock file; `None` where that cannot be told, or is not all.
pub(super) fn wanted(facts: &Facts, folder: &str) -> Option<BTreeSet<String>> {
    graph(facts, folder).filter(|_| !nests(facts, folder))
}

/// Whether a build script of the contract builds other packages, in their own folders.
pub fn nests(facts: &Facts, folder: &str) -> bool {
    let names = graph(facts, folder);
    let counts = |name: &str| names.as_ref().is_none_or(|names| names.contains(name));
    files(facts).iter().any(|(path, signs)| {
        signs.nested && is_build_script(facts, path) && package(facts, path).is_some_and(|(_, name)| counts(&name))
    })
}

fn graph(facts: &Facts, folder: &str) -> Option<BTreeSet<String>> {
    let (_, name) = package(facts, &join(folder, "Cargo.toml"))?;
    // The one that cargo obeys: another, nearer to the contract, may name less.
    let text = facts.kept.get(&join(&locate::lock_folder(facts, folder)?, "Cargo.lock"))?;
    lock::reachable(text, &name)
}

/// The folder and the name of the package that a file belongs to.
fn package(facts: &Facts, path: &str) -> Option<(String, String)> {
    let mut folder = path;
    while !folder.is_empty() {
        folder = folder.rsplit_once('/').map_or("", |(parent, _)| parent);
        let manifest = facts.named("Cargo.toml").find(|(other, _)| *other == folder);
        let name = manifest.and_then(|(_, text)| Some(of_package(text, "name")?.as_str()?.to_owned()));
        if let Some(name) = name {
            return Some((folder.to_owned(), name));
        }
    }
    None
}

fn of_package(manifest: &str, key: &str) -> Option<Value> {
    toml::from_str::<Table>(manifest).ok()?.get("package")?.get(key).cloned()
}

/// What each file of Rust says, and each build script that was not read: a link, or a file with another ending.
fn files(facts: &Facts) -> BTreeMap<String, Signs> {
    let manifests = facts.named("Cargo.toml");
    let scripts = manifests.flat_map(|(folder, text)| scripts(facts, folder, of_package(text, "build").as_ref()));
    let unread = scripts.map(|path| (path, Signs::ALL));
    unread.chain(facts.rust.iter().map(|(path, signs)| (path.clone(), *signs))).collect()
}

/// The files that cargo compiles and runs before the package in a folder, by the `build` of its manifest.
pub(super) fn scripts(facts: &Facts, folder: &str, build: Option<&Value>) -> Vec<String> {
    let named: Vec<&str> = match build {
        Some(Value::String(named)) => vec![named],
        Some(Value::Array(named)) => named.iter().filter_map(Value::as_str).collect(),
        Some(Value::Boolean(false)) => Vec::new(),
        Some(_) | None => vec!["build.rs"],
    };
    let is_there = |path: &String| build.is_some() || facts.rust.contains_key(path) || facts.links.contains(path);
    named.into_iter().map(|script| join(folder, &locate::normal(script))).filter(is_there).collect()
}

/// Whether cargo runs a file before it compiles its package.
fn is_build_script(facts: &Facts, path: &str) -> bool {
    let Some((folder, _)) = package(facts, path) else { return path.ends_with("build.rs") };
    let manifest = facts.named("Cargo.toml").find(|(other, _)| *other == folder);
    let build = manifest.and_then(|(_, text)| of_package(text, "build"));
    scripts(facts, &folder, build.as_ref()).iter().any(|script| script == path)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn facts(files: &[(&str, &str)]) -> Facts {
        let mut facts = Facts::default();
        for (path, text) in files {
            let read = facts.look(path.as_bytes(), text.len() as u64, &mut text.as_bytes()).unwrap();
            assert!(text.as_bytes().starts_with(&read));
        }
        facts
    }

    const SCRIPT: &str = "fn main() { std::process::Command::new(\"git\").arg(\"rev-parse\"); }";

    #[test]
    fn only_what_the_contract_is_made_of_counts() {
        let lock = "[[package]]\nname = \"c\"\nversion = \"1.0.0\"\ndependencies = [\n \"lib\",\n \"near-sdk 5.0.0\",\n]\n\
            [[package]]\nname = \"lib\"\nversion = \"1.0.0\"\n[[package]]\nname = \"near-sdk\"\nversion = \"5.0.0\"\nsource = \"registry+r\"\n\
            [[package]]\nname = \"node\"\nversion = \"1.0.0\"\ndependencies = [\n \"vergen\",\n]\n\
            [[package]]\nname = \"vergen\"\nversion = \"8.0.0\"\nsource = \"registry+r\"\n";
        let tree = |more: &[(&'static str, &'static str)]| {
            let mut files = vec![
                ("Cargo.lock", lock),
                ("Cargo.toml", "[workspace]"),
                ("c/Cargo.toml", "[package]\nname = \"c\""),
                ("lib/Cargo.toml", "[package]\nname = \"lib\"\nbuild = \"./tools/make.rs\""),
                ("node/Cargo.toml", "[package]\nname = \"node\""),
                ("node/build.rs", SCRIPT),
                ("lib/tools/make.rs", "fn main() {}"),
            ];
            files.extend(more);
            found(&facts(&files), "c")
        };
        assert_eq!(tree(&[]), None);
        assert_eq!(tree(&[("c/src/lib.rs", "const GIT: &str = \"git\";")]), None);
        assert_eq!(tree(&[("c/build.rs", SCRIPT)]).as_deref(), Some("c/build.rs"));
        assert_eq!(tree(&[("lib/build.rs", SCRIPT)]), None);
        assert_eq!(tree(&[("lib/tools/make.rs", SCRIPT)]).as_deref(), Some("lib/tools/make.rs"));
        assert_eq!(tree(&[("lib/src/lib.rs", "git_version!()")]).as_deref(), Some("lib/src/lib.rs"));
        // A factory builds another package, with another lock file: then everything counts.
        assert_eq!(tree(&[("c/build.rs", "cargo_near_build::extended::build()")]).as_deref(), Some("node/build.rs"));
        assert_eq!(found(&facts(&[("Cargo.lock", lock)]), "").as_deref(), Some("vergen"));
    }

    /// What cargo does not obey, or what is not read, must not make a tree look as if it asked git nothing.
    #[test]
    fn a_second_lock_file_or_a_hidden_build_script_hides_nothing() {
        let lock = "[[package]]\nname = \"c\"\nversion = \"1.0.0\"\ndependencies = [\n \"vergen\",\n]\n\
            [[package]]\nname = \"vergen\"\nversion = \"8.0.0\"\n";
        let decoy = "[[package]]\nname = \"c\"\nversion = \"1.0.0\"\n";
        let with = |root: &str, lock: &str| {
            let files = [("Cargo.lock", lock), ("Cargo.toml", root), ("c/Cargo.toml", "[package]\nname = \"c\"")];
            let mut facts = facts(&files);
            facts.look(b"c/Cargo.lock", decoy.len() as u64, &mut decoy.as_bytes()).unwrap();
            facts
        };
        assert_eq!(found(&with("[workspace]", lock), "c").as_deref(), Some("vergen"));
        assert_eq!(found(&with("[workspace]\nexclude = [\"c\"]", lock), "c"), None);
        assert_eq!(wanted(&with("[workspace]", "= ="), "c"), None);
        let script = |manifest: &str| {
            let mut facts = facts(&[("Cargo.toml", manifest), ("Cargo.lock", decoy)]);
            facts.link(b"build.rs");
            (found(&facts, ""), nests(&facts, ""))
        };
        assert_eq!(script("[package]\nname = \"c\""), (Some("build.rs".into()), true));
        assert_eq!(script("[package]\nname = \"c\"\nbuild = \"make.txt\""), (Some("make.txt".into()), true));
        assert_eq!(script("[package]\nname = \"c\"\nbuild = false"), (None, false));
    }

    #[test]
    fn crates_that_read_git_count_by_name() {
        let lock = "[[package]]\nname = \"a\"\nversion = \"1.0.0\"\ndependencies = [\"vergen-git2\"]\n\
            [[package]]\nname = \"vergen-git2\"\nversion = \"1.0.0\"\n";
        let facts = facts(&[("Cargo.lock", lock), ("Cargo.toml", "[package]\nname = \"a\"")]);
        assert_eq!(found(&facts, "").as_deref(), Some("vergen-git2"));
    }
}
