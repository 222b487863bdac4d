//! What is run or asked while a contract is compiled, by the words of its sources: git, the clock, variables, the network.
//! Reading finds what is written plainly, and no more. Not here: which files count as build scripts (`source::packages`).

use std::collections::{BTreeMap, BTreeSet};

use provenear_shared::finding::FindingCode;
use provenear_shared::text::Shown;

use super::contract::Contract;
use super::finding::{Findings, Place};
use super::lock::Local;
use super::project::Project;
use super::section::Section;
use crate::project::get;
use crate::source::packages::{Manifests, Packages, ReadsGit};
use crate::source::paths::join;
use crate::source::signs::{self, code_lines, first};

/// How build scripts learn the time.
const CLOCK: [&str; 8] = [
    "SystemTime::now",
    "Utc::now",
    "Local::now",
    "OffsetDateTime::now",
    "Timestamp::now",
    "Zoned::now",
    "new(\"date\")",
    "chrono::offset",
];
/// How build scripts reach the network.
const NETWORK: [&str; 7] =
    ["reqwest::", "ureq::", "TcpStream::", "hyper::", "new(\"curl\")", "new(\"wget\")", "attohttpc::"];
/// How code asks for a variable: while a build script runs, and while it is compiled.
const AT_RUN: [&str; 2] = ["env::var(", "env::var_os("];
const AT_COMPILATION: [&str; 1] = ["env!("];
/// Variables that cargo, rustc, cargo-near and every image set.
const SET: [&str; 16] = [
    "OUT_DIR",
    "TARGET",
    "HOST",
    "NUM_JOBS",
    "OPT_LEVEL",
    "PROFILE",
    "DEBUG",
    "RUSTC",
    "RUSTC_WRAPPER",
    "RUSTDOC",
    "RUSTFLAGS",
    "HOME",
    "PATH",
    "RUSTUP_TOOLCHAIN",
    "RUSTUP_HOME",
    "RUST_LOG",
];
const SET_STARTS: [&str; 4] = ["CARGO", "DEP_", "NEP330_", "NEAR_ABI_"];
/// Parts of a path by which a file is no part of the contract.
const OF_TESTS: [&str; 3] = ["tests", "benches", "examples"];

/// Names in one file that are kept: no build script sets so many variables.
const MOST_NAMES: usize = 1024;
/// What is kept of one file: after that it is as good as another one.
const MOST_ASKED: usize = 1024;

/// What one file of Rust asks for. It is read once, whoever is made of it.
#[derive(Debug, Default)]
pub struct Asks {
    all: Vec<(u32, Ask)>,
    /// The first line that reads git.
    git: Option<u32>,
    /// What stands between quotation marks or before `=`: a variable that a build script names, it sets for the code beside it.
    names: BTreeSet<String>,
}

/// One thing that is asked for.
#[derive(Debug, PartialEq, Eq)]
enum Ask {
    Clock(&'static str),
    Network(&'static str),
    /// A variable, while a build script runs.
    AtRun(String),
    /// A variable, while something is compiled.
    AtCompilation(String),
}

impl Asks {
    /// Reads a file; none where it asks for nothing, as most do.
    pub fn read(text: &[u8]) -> Option<Asks> {
        let text = String::from_utf8_lossy(text);
        if !may_ask(&text) {
            return None;
        }
        let mut asks = Asks { names: names(&text), ..Asks::default() };
        for (line, code) in code_lines(&text) {
            let first = |words: &[&'static str]| first(code, words);
            let git = || first(&signs::IN_BUILD_SCRIPTS).or_else(|| first(&signs::ANYWHERE));
            asks.git = asks.git.or_else(|| git().map(|_| line));
            let asked = |words: &'static [&'static str]| words.iter().flat_map(move |word| variables(code, word));
            let found = first(&CLOCK).map(Ask::Clock).into_iter().chain(first(&NETWORK).map(Ask::Network));
            let found = found.chain(asked(&AT_RUN).map(|name| Ask::AtRun(name.to_owned())));
            let found = found.chain(asked(&AT_COMPILATION).map(|name| Ask::AtCompilation(name.to_owned())));
            let room = MOST_ASKED.saturating_sub(asks.all.len());
            asks.all.extend(found.take(room).map(|ask| (line, ask)));
        }
        Some(asks)
    }

    /// Roughly how many bytes it takes.
    pub fn size(&self) -> usize {
        const EACH: usize = 64;
        (self.all.len() + self.names.len() + 1) * EACH
    }
}

/// Whether a text may ask for anything: most do not, and need not be looked at by lines.
fn may_ask(text: &str) -> bool {
    let has = |words: &[&str]| words.iter().any(|word| text.contains(word));
    // A build script may set a variable that other code asks for.
    has(&["rustc-env", signs::NESTED])
        || has(&CLOCK)
        || has(&NETWORK)
        || has(&AT_RUN)
        || has(&AT_COMPILATION)
        || has(&signs::IN_BUILD_SCRIPTS)
        || has(&signs::ANYWHERE)
}

/// Names between quotation marks or before `=`.
fn names(text: &str) -> BTreeSet<String> {
    let is_part = |it: char| it.is_ascii_alphanumeric() || it == '_';
    let mut names = BTreeSet::new();
    let mut rest = text;
    while let Some(at) = rest.find(is_part) {
        let (before, word) = rest.split_at(at);
        let word = &word[..word.find(|it| !is_part(it)).unwrap_or(word.len())];
        rest = &rest[at + word.len()..];
        let is_quoted = before.ends_with('"') && rest.starts_with('"');
        if (is_quoted || rest.starts_with('=')) && names.len() < MOST_NAMES {
            names.insert(word.to_owned());
        }
    }
    names
}

/// The files that ask for something, by the name of their package.
#[derive(Debug, Default)]
pub struct Asking<'a> {
    files: BTreeMap<&'a str, Vec<File<'a>>>,
    /// What the build scripts of each package name.
    set: BTreeMap<&'a str, BTreeSet<&'a str>>,
}

#[derive(Debug)]
struct File<'a> {
    path: &'a str,
    is_script: bool,
    asks: &'a Asks,
}

impl<'a> Asking<'a> {
    /// Of all contracts of a project.
    pub fn of(project: &'a Project, manifests: &'a Manifests<'_>) -> Asking<'a> {
        let mut asking = Asking::default();
        for (path, asks) in &project.rust {
            let Some(name) = manifests.name(path) else { continue };
            let is_script = manifests.is_build_script(path);
            if is_script {
                asking.set.entry(name).or_default().extend(asks.names.iter().map(String::as_str));
            }
            if !path.split('/').any(|part| OF_TESTS.contains(&part)) {
                asking.files.entry(name).or_default().push(File { path, is_script, asks });
            }
        }
        asking
    }
}

/// What the build of a contract asks outside.
pub fn examine(
    contract: &Contract<'_>,
    asking: &Asking<'_>,
    packages: &Packages<'_>,
    local: &Local<'_>,
    section: Option<&Section>,
    findings: &mut Findings,
) {
    reads_git(contract, packages, findings);
    missing(contract, packages, local, findings);
    let passed = section.map(|section| section.passed_env.as_slice()).unwrap_or_default();
    let name = contract.name();
    for package in &local.built {
        let set = asking.set.get(*package);
        for file in asking.files.get(*package).into_iter().flatten().take_while(|_| contract.project.goes_on()) {
            for (line, ask) in &file.asks.all {
                let (code, message) = match ask {
                    Ask::Clock(word) if file.is_script => {
                        (FindingCode::BuildReadsClock, format!("the build script reads the clock (`{}`)", Shown(word)))
                    }
                    Ask::Network(word) if file.is_script => (
                        FindingCode::BuildReadsNetwork,
                        format!("the build script may reach the network (`{}`)", Shown(word)),
                    ),
                    Ask::AtRun(variable) if file.is_script => depends_on(variable),
                    Ask::AtCompilation(variable)
                        if file.is_script || set.is_none_or(|set| !set.contains(variable.as_str())) =>
                    {
                        depends_on(variable)
                    }
                    Ask::Clock(_) | Ask::Network(_) | Ask::AtRun(_) | Ask::AtCompilation(_) => continue,
                };
                let is_passed = matches!(ask, Ask::AtRun(it) | Ask::AtCompilation(it) if passed.contains(it));
                if !is_passed {
                    findings.about(&name, code, Place::line(file.path, *line), message, None);
                }
            }
        }
    }
}

fn depends_on(variable: &str) -> (FindingCode, String) {
    let message = format!("what is compiled depends on the variable `{}`", Shown(variable));
    (FindingCode::BuildReadsEnvironment, message)
}

fn missing(contract: &Contract<'_>, packages: &Packages<'_>, local: &Local<'_>, findings: &mut Findings) {
    for folder in &local.folders {
        let manifest = contract.project.manifests.get(*folder);
        let name = manifest.and_then(|manifest| get(manifest, &["package", "name"])?.as_str());
        let Some(name) = name.filter(|name| local.built.contains(name)) else { continue };
        if let Some(path) = packages.missing_script(folder) {
            let place = contract.project.at(folder, &["package", "build"]);
            let message = format!("`{}` is the build script of `{}`, and is not in git", Shown(path), Shown(name));
            findings.about(&contract.name(), FindingCode::BuildScriptMissing, place, message, None);
        }
    }
}

/// By the same reader as the rebuild's.
fn reads_git(contract: &Contract<'_>, packages: &Packages<'_>, findings: &mut Findings) {
    let Some(found) = packages.reads_git() else { return };
    let (place, message) = match &found {
        ReadsGit::File(path) => {
            let line = contract.project.rust.get(path).and_then(|asks| asks.git);
            let place = Place { path: Some(path.clone()), line };
            (place, format!("`{}` reads git while the contract is compiled", Shown(path)))
        }
        ReadsGit::Crate(name) => {
            let place = Place::file(&join(&contract.workspace, "Cargo.lock"));
            (place, format!("`{name}` reads git while the contract is compiled"))
        }
        ReadsGit::Unread(path) => {
            (Place::file(path), format!("`{}` was not read here, so the build may read git", Shown(path)))
        }
    };
    findings.about(&contract.name(), FindingCode::BuildReadsGit, place, message, None);
}

/// Names of variables that a line asks for by this word and that nobody sets.
fn variables<'a>(code: &'a str, word: &'static str) -> impl Iterator<Item = &'a str> {
    let name = |rest: &'a str| rest.trim_start().strip_prefix('"')?.split('"').next();
    let is_set = |name: &str| SET.contains(&name) || SET_STARTS.iter().any(|start| name.starts_with(start));
    code.split(word).skip(1).filter_map(name).filter(move |name| !is_set(name) && !name.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_are_found_by_name() {
        for (code, expected) in [
            ("let x = std::env::var(\"MY_FLAG\").unwrap();", &["MY_FLAG"][..]),
            ("println!(\"{}\", env!(\"USER\"));", &["USER"]),
            ("env!(\"USER\")", &["USER"]),
            ("option_env!(\"CI\")", &["CI"]),
            ("env::var_os(\"OUT_DIR\")", &[]),
            ("env!(\"CARGO_PKG_VERSION\")", &[]),
            ("env::var(name)", &[]),
            ("env::var(\"\")", &[]),
        ] {
            let words = AT_RUN.iter().chain(&AT_COMPILATION);
            assert_eq!(words.flat_map(|word| variables(code, word)).collect::<Vec<_>>(), expected, "{code}");
        }
    }

    #[test]
    fn comments_ask_nothing() {
        let lines: Vec<_> = code_lines("// SystemTime::now\n  //! x\ncode\n").collect();
        assert_eq!(lines, [(3, "code")]);
        assert!(may_ask("SystemTime::now()") && may_ask("env!(\"X\")") && !may_ask("fn main() {}"));
    }

    #[test]
    fn a_file_is_read_once_for_all_that_it_asks_and_names() {
        let text = "// git_version!()\nfn main() { println!(\"cargo::rustc-env=OTHER=x\"); let it = \"KEY\"; }\n\
            fn x() { env::var(\"A\"); Utc::now(); \"git\" }\nconst B: &str = env!(\"B\");\n";
        let asks = Asks::read(text.as_bytes()).unwrap();
        let at = |text: &str| text.to_owned();
        let all = [(3, Ask::Clock("Utc::now")), (3, Ask::AtRun(at("A"))), (4, Ask::AtCompilation(at("B")))];
        assert_eq!((asks.all.as_slice(), asks.git), (&all[..], Some(3)));
        assert!(["OTHER", "KEY"].iter().all(|name| asks.names.contains(*name)), "{:?}", asks.names);
        assert!(!asks.names.contains("main") && Asks::read(b"fn main() {}").is_none());
        let long = "env!(\"X\");\n".repeat(MOST_ASKED * 2);
        assert_eq!(Asks::read(long.as_bytes()).unwrap().all.len(), MOST_ASKED);
    }
}
