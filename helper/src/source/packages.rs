//! Which code of a tree runs or asks git about itself while it is compiled, found by reading. A build that asks can put a
//! branch, a tag or a date into the bytes that the commit alone does not decide.

use std::collections::{BTreeMap, BTreeSet};

use provenear_shared::container::normal;
use provenear_shared::provenance::Tree;
use toml::{Table, Value};

use super::facts::{Facts, MANIFEST};
use super::lock_files::LockFile;
use super::paths::{above, join};
use super::signs::Signs;
use super::workspace;

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

/// The manifests of a tree: parsed once, and not for each contract, file or question.
pub struct Manifests<'a> {
    facts: &'a Facts,
    by_folder: BTreeMap<&'a str, Package>,
    /// What each file of Rust says, and each build script that was not read: a link, or a file with another ending.
    files: BTreeMap<String, Signs>,
}

/// The packages of a tree, and which of them a contract is made of.
pub struct Packages<'a> {
    of: &'a Manifests<'a>,
    /// The packages that the contract is made of by its lock file; `None` where that cannot be told, or is not all.
    wanted: Option<BTreeSet<String>>,
    is_nested: bool,
}

/// Through what a build reads git.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ReadsGit {
    /// A file that says so.
    File(String),
    /// A crate that is there for it.
    Crate(&'static str),
    /// A file that was not read, and may say anything.
    Unread(String),
}

/// What a manifest says of its package.
struct Package {
    /// Whether it is about one at all.
    is_there: bool,
    name: Option<String>,
    build: Option<Value>,
    /// What cargo runs before it compiles the package.
    scripts: BTreeSet<String>,
    /// Whether it is a procedural macro.
    is_macro: bool,
}

impl<'a> Manifests<'a> {
    /// Reads them.
    pub fn of(facts: &'a Facts) -> Self {
        let read = |(folder, text)| {
            let mut package = Package::parse(text);
            package.scripts = scripts(facts, folder, package.build.as_ref()).into_iter().collect();
            (folder, package)
        };
        let by_folder: BTreeMap<_, _> = facts.named("Cargo.toml").map(read).collect();
        let scripts = by_folder.values().flat_map(|it| &it.scripts).filter(|path| may_be_there(facts, path));
        let unread = scripts.map(|path| (path.clone(), Signs::ALL));
        let files = unread.chain(facts.rust.iter().map(|(path, signs)| (path.clone(), *signs))).collect();
        Manifests { facts, by_folder, files }
    }

    /// The folder and the package that a file belongs to; none where a manifest on the way was not read.
    fn around(&self, path: &str) -> Option<(&'a str, &Package)> {
        for manifest in self.facts.upwards(above(path).nth(1)?, &MANIFEST) {
            if manifest.is_unread {
                return None;
            }
            let named = self.by_folder.get_key_value(manifest.folder).filter(|(_, package)| package.name.is_some());
            if let Some((folder, package)) = named {
                return Some((folder, package));
            }
        }
        None
    }

    /// The name of the package that a file belongs to.
    pub fn name(&self, path: &str) -> Option<&str> {
        self.around(path)?.1.name.as_deref()
    }

    /// Whether cargo runs a file before it compiles its package.
    pub fn is_build_script(&self, path: &str) -> bool {
        let Some((_, package)) = self.around(path) else { return path.ends_with("build.rs") };
        package.scripts.contains(path)
    }
}

impl<'a> Packages<'a> {
    /// For the contract in `folder`.
    pub fn of(manifests: &'a Manifests<'a>, folder: &str) -> Self {
        let wanted = || {
            let name = manifests.name(&join(folder, "Cargo.toml"))?;
            // The one that cargo obeys: another, nearer to the contract, may name less.
            let lock = join(&workspace::lock_folder(manifests.facts, folder)?, "Cargo.lock");
            LockFile::parse(manifests.facts.kept.get(&lock)?)?.reachable(name)
        };
        Packages::made_of(manifests, wanted())
    }

    /// For a contract that is made of these packages; `None` where that cannot be told.
    pub fn made_of(manifests: &'a Manifests<'a>, wanted: Option<BTreeSet<String>>) -> Self {
        let mut packages = Packages { of: manifests, wanted: None, is_nested: false };
        packages.is_nested = packages.nests_one_of(wanted.as_ref());
        packages.wanted = wanted.filter(|_| !packages.is_nested);
        packages
    }

    fn nests_one_of(&self, graph: Option<&BTreeSet<String>>) -> bool {
        let counts = |name: &str| graph.is_none_or(|names| names.contains(name));
        let is_it = |(path, signs): (&String, &Signs)| {
            signs.nested && self.of.is_build_script(path) && self.of.name(path).is_some_and(counts)
        };
        self.of.files.iter().any(is_it)
    }

    /// Whether a build script of the contract builds other packages, in their own folders.
    pub fn nests(&self) -> bool {
        self.is_nested
    }

    /// Whether the contract is made of a package, as far as that can be told.
    pub fn is_wanted(&self, name: &str) -> bool {
        self.wanted.as_ref().is_none_or(|names| names.contains(name))
    }

    /// The first file or crate through which the build of the contract reads git. A manifest that was not read may name any
    /// file as its build script.
    pub fn reads_git(&self) -> Option<ReadsGit> {
        let facts = self.of.facts;
        let crates = CRATES.iter().find(|name| match &self.wanted {
            Some(names) => names.contains(**name),
            None => facts.named("Cargo.lock").any(|(_, text)| text.contains(&format!("name = \"{name}\""))),
        });
        let in_tree = |is_unread: bool| {
            let mut files = self.of.files.iter().filter(|(_, signs)| signs.unread == is_unread);
            files.find(|(path, signs)| {
                let holds = signs.anywhere || (signs.as_build_script && self.of.is_build_script(path));
                holds && self.of.name(path).is_none_or(|name| self.is_wanted(name))
            })
        };
        let manifest = || facts.unread.iter().find(|path| path.rsplit('/').next() == Some("Cargo.toml"));
        let unread = || in_tree(true).map(|(path, _)| path).or_else(manifest);
        let file = in_tree(false).map(|(path, _)| ReadsGit::File(path.clone()));
        file.or_else(|| crates.map(|name| ReadsGit::Crate(name))).or_else(|| unread().cloned().map(ReadsGit::Unread))
    }

    /// The build script that the package in a folder names and that is not there: cargo refuses to build it.
    pub fn missing_script(&self, folder: &str) -> Option<&str> {
        let facts = self.of.facts;
        let is_missing = |path: &&String| !facts.rust.contains_key(*path) && !may_be_there(facts, path);
        self.of.by_folder.get(folder)?.scripts.iter().find(is_missing).map(String::as_str)
    }

    /// What a manifest says of the tree that the contract was built from: build scripts and procedural macros of the packages
    /// that it is made of. Listed, not judged: honest repositories have both.
    pub fn tree(&self, cargo_config: Vec<String>) -> Tree {
        let mut tree = Tree { cargo_config, ..Tree::default() };
        for (place, package) in self.of.by_folder.iter().filter(|(_, package)| package.is_there) {
            if !self.is_wanted(package.name.as_deref().unwrap_or_default()) {
                continue;
            }
            tree.build_scripts.extend(scripts(self.of.facts, place, package.build.as_ref()));
            if package.is_macro {
                tree.proc_macros.push(if place.is_empty() { "." } else { place }.to_owned());
            }
        }
        tree.truncate()
    }
}

impl Package {
    fn parse(manifest: &str) -> Self {
        #[cfg(test)]
        tests::PARSED.set(tests::PARSED.get() + 1);
        let mut manifest = toml::from_str::<Table>(manifest).unwrap_or_default();
        let (is_there, mut package) = match manifest.remove("package") {
            Some(Value::Table(package)) => (true, package),
            Some(_) => (true, Table::new()),
            None => (false, Table::new()),
        };
        let name = package.get("name").and_then(Value::as_str).map(ToOwned::to_owned);
        let is_macro = manifest.get("lib").is_some_and(is_macro);
        Package { is_there, name, build: package.remove("build"), scripts: BTreeSet::new(), is_macro }
    }
}

fn is_macro(library: &Value) -> bool {
    let says = |key: &str| library.get(key).and_then(Value::as_bool) == Some(true);
    let kinds = library.get("crate-type").or_else(|| library.get("crate_type")).and_then(Value::as_array);
    says("proc-macro") || says("proc_macro") || kinds.is_some_and(|kinds| kinds.contains(&"proc-macro".into()))
}

/// The files that cargo compiles and runs before the package in a folder, by the `build` of its manifest.
fn scripts(facts: &Facts, folder: &str, build: Option<&Value>) -> Vec<String> {
    let named: Vec<&str> = match build {
        Some(Value::String(named)) => vec![named],
        Some(Value::Array(named)) => named.iter().filter_map(Value::as_str).collect(),
        Some(Value::Boolean(false)) => Vec::new(),
        Some(_) | None => vec!["build.rs"],
    };
    let is_there = |path: &String| build.is_some() || facts.rust.contains_key(path) || facts.links.contains(path);
    named.into_iter().map(|script| join(folder, &normal(script))).filter(is_there).collect()
}

/// Whether a build script that was not read may be there: cargo refuses to build a package without the one that it names. Files of
/// Rust are all known, but for what a link or a submodule leads to; of others it is not known.
fn may_be_there(facts: &Facts, path: &str) -> bool {
    let is_elsewhere = |above: &str| facts.links.contains(above) || facts.submodules.iter().any(|it| it == above);
    !path.ends_with(".rs") || facts.unread.contains(path) || above(path).any(is_elsewhere)
}

#[cfg(test)]
mod tests {
    use super::super::signs::NESTED;
    use super::*;

    thread_local! {
        /// How many manifests were parsed.
        pub(super) static PARSED: std::cell::Cell<usize> = const { std::cell::Cell::new(0) };
    }

    fn found(facts: &Facts, folder: &str) -> Option<String> {
        Packages::of(&Manifests::of(facts), folder).reads_git().map(|found| match found {
            ReadsGit::File(path) => path,
            ReadsGit::Crate(name) => name.to_owned(),
            ReadsGit::Unread(path) => format!("unread: {path}"),
        })
    }

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
        assert_eq!(Packages::of(&Manifests::of(&with("[workspace]", "= =")), "c").wanted, None);
        let script = |manifest: &str| {
            let mut facts = facts(&[("Cargo.toml", manifest), ("Cargo.lock", decoy)]);
            facts.link(b"build.rs");
            (found(&facts, ""), Packages::of(&Manifests::of(&facts), "").nests())
        };
        assert_eq!(script("[package]\nname = \"c\""), (Some("unread: build.rs".into()), true));
        assert_eq!(script("[package]\nname = \"c\"\nbuild = \"make.txt\""), (Some("unread: make.txt".into()), true));
        // cargo does not build a package without the build script that it names.
        assert_eq!(script("[package]\nname = \"c\"\nbuild = \"gone.rs\""), (None, false));
        assert!(script("[package]\nname = \"c\"\nbuild = \"build.rs/gone.rs\"").1, "a link may lead to it");
        assert_eq!(script("[package]\nname = \"c\"\nbuild = false"), (None, false));
    }

    #[test]
    fn crates_that_read_git_count_by_name() {
        let lock = "[[package]]\nname = \"a\"\nversion = \"1.0.0\"\ndependencies = [\"vergen-git2\"]\n\
            [[package]]\nname = \"vergen-git2\"\nversion = \"1.0.0\"\n";
        let facts = facts(&[("Cargo.lock", lock), ("Cargo.toml", "[package]\nname = \"a\"")]);
        assert_eq!(found(&facts, "").as_deref(), Some("vergen-git2"));
    }

    /// However many files of Rust and however many manifests there are.
    #[test]
    fn each_manifest_is_parsed_once_and_not_for_each_file_or_question() {
        let mut facts = facts(&[("Cargo.toml", "[workspace]\nmembers = [\"p0\"]")]);
        for n in 0..100 {
            let manifest = format!("[package]\nname = \"p{n}\"\n");
            facts.look(format!("p{n}/Cargo.toml").as_bytes(), 20, &mut manifest.as_bytes()).unwrap();
            for file in ["build.rs", "src/lib.rs", "src/more/mod.rs"] {
                let text = format!("{SCRIPT} git_version!() {NESTED}");
                facts.look(format!("p{n}/{file}").as_bytes(), 20, &mut text.as_bytes()).unwrap();
            }
        }
        PARSED.set(0);
        let manifests = Manifests::of(&facts);
        let packages = Packages::of(&manifests, "p0");
        assert!(packages.reads_git().is_some() && packages.nests());
        assert_eq!((packages.wanted.as_ref(), packages.tree(Vec::new()).build_scripts.len()), (None, 64));
        assert_eq!(PARSED.get(), 101);
    }

    /// Memory for parsing is bounded before anything is parsed, and what is not parsed says everything.
    #[test]
    fn a_manifest_that_would_take_too_much_memory_is_not_read() {
        let of = |text: &str| facts(&[("Cargo.toml", text), ("build.rs", "fn main() {}")]);
        let package = "[package]\nname = \"a\"\n";
        let long = |piece: &str, size: usize| format!("{package}{}", piece.repeat(size / piece.len()));
        for text in [
            long("a.a.a.a.a.a.a.a = 1\n", 8 << 20),
            long("[x.y]\n", 1 << 20),
            long("#\n", 1 << 20),
            long("1 ", 1 << 20),
            long("x = \"\\\"\".a.a.a\"\n", 1 << 20),
            long("x = '\"'.a.a.a.a\n", 1 << 20),
            format!("{package}x = [{}]", "{},".repeat(1 << 17)),
            format!("{package}{}", (0..1 << 18).map(|n| format!("x{n}=1\n")).collect::<String>()),
        ] {
            let facts = of(&text);
            assert!(facts.kept.is_empty() && facts.unread.contains("Cargo.toml"), "{}", &text[..60]);
            assert_eq!(found(&facts, "").as_deref(), Some("unread: Cargo.toml"));
        }
        for text in [
            long("# a comment of a few words, with dots and \"quotes\"...\n", 10 << 10),
            long("x = \"a.b.c\"\n", 100 << 10),
        ] {
            assert!(of(&text).unread.is_empty(), "{}", &text[..60]);
        }
        // Nor do many small ones together.
        let mut many = Facts::default();
        let text = format!("{package}# {}", "x".repeat(1 << 20));
        for n in 0..40 {
            many.look(format!("{n}/Cargo.toml").as_bytes(), text.len() as u64, &mut text.as_bytes()).unwrap();
        }
        assert!(many.kept.len() < 20 && many.unread.len() > 20);
    }
}
