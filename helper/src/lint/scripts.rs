//! What is run or asked while a contract is compiled, by the words of its sources: git, the clock, variables, the network.
//! Reading finds what is written plainly, and no more. Not here: which files count as build scripts (`source::packages`).

use provenear_shared::finding::FindingCode;
use provenear_shared::text::Shown;

use super::contract::Contract;
use super::finding::{Findings, Place};
use super::lock::Local;
use super::section::Section;
use crate::source::packages::{Manifests, Packages};
use crate::source::paths::join;
use crate::source::signs;

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

/// Whether a text may ask for anything: most do not, and need not be kept.
pub fn may_ask(text: &[u8]) -> bool {
    let text = String::from_utf8_lossy(text);
    let has = |words: &[&str]| words.iter().any(|word| text.contains(word));
    // A build script may set a variable that other code asks for.
    has(&["rustc-env", signs::NESTED])
        || has(&CLOCK)
        || has(&NETWORK)
        || has(&AT_RUN)
        || has(&AT_COMPILATION)
        || has(&signs::IN_BUILD_SCRIPTS)
}

/// What the build of a contract asks outside.
pub fn examine(
    contract: &Contract<'_>,
    manifests: &Manifests<'_>,
    packages: &Packages<'_>,
    local: &Local<'_>,
    section: Option<&Section>,
    findings: &mut Findings,
) {
    reads_git(contract, packages, findings);
    let is_part = |path: &str| manifests.name(path).is_some_and(|name| local.built.contains(name));
    let passed = section.map(|section| section.passed_env.as_slice()).unwrap_or_default();
    let name = contract.name();
    for (path, text) in contract.project.rust.iter().filter(|(path, _)| is_part(path)) {
        let is_script = manifests.is_build_script(path);
        if path.split('/').any(|part| OF_TESTS.contains(&part)) {
            continue;
        }
        for (line, code) in code_lines(text) {
            let place = || Place::line(path, line);
            let asks = |words: &[&'static str]| words.iter().copied().find(|word| is_script && code.contains(word));
            if let Some(word) = asks(&CLOCK) {
                let message = format!("the build script reads the clock (`{}`)", Shown(word));
                findings.about(&name, FindingCode::BuildReadsClock, place(), message, None);
            }
            if let Some(word) = asks(&NETWORK) {
                let message = format!("the build script may reach the network (`{}`)", Shown(word));
                findings.about(&name, FindingCode::BuildReadsNetwork, place(), message, None);
            }
            let at_run = if is_script { &AT_RUN[..] } else { &[] };
            let words = at_run.iter().chain(&AT_COMPILATION);
            for variable in words.flat_map(|word| variables(code, word)) {
                let is_set = !is_script && is_set_by_script(contract, manifests, path, variable);
                if is_set || passed.iter().any(|passed| passed == variable) {
                    continue;
                }
                let message = format!("what is compiled depends on the variable `{}`", Shown(variable));
                findings.about(&name, FindingCode::BuildReadsEnvironment, place(), message, None);
            }
        }
    }
}

/// Whether the build script of the same package names a variable: then it sets it.
fn is_set_by_script(contract: &Contract<'_>, manifests: &Manifests<'_>, path: &str, variable: &str) -> bool {
    let quoted = format!("\"{variable}\"");
    let assigned = format!("{variable}=");
    let names = |(other, text): (&String, &String)| {
        manifests.is_build_script(other)
            && manifests.name(other) == manifests.name(path)
            && (text.contains(&quoted) || text.contains(&assigned))
    };
    contract.project.rust.iter().any(names)
}

/// By the same reader as the rebuild's.
fn reads_git(contract: &Contract<'_>, packages: &Packages<'_>, findings: &mut Findings) {
    let Some(found) = packages.reads_git() else { return };
    let in_file = contract.project.rust.get(&found).map(|text| {
        let says = |code: &str| signs::IN_BUILD_SCRIPTS.iter().chain(&signs::ANYWHERE).any(|word| code.contains(word));
        let line = code_lines(text).find(|(_, code)| says(code)).map(|(line, _)| line);
        Place { path: Some(found.clone()), line }
    });
    let is_path = found.contains('/') || found.contains('.');
    let place = in_file.unwrap_or_else(|| match is_path {
        true => Place::file(&found),
        false => Place::file(&join(&contract.workspace, "Cargo.lock")),
    });
    let message = format!("`{}` reads git while the contract is compiled", Shown(&found));
    findings.about(&contract.name(), FindingCode::BuildReadsGit, place, message, None);
}

/// Lines that are not comments, with their numbers.
fn code_lines(text: &str) -> impl Iterator<Item = (u32, &str)> {
    (1..).zip(text.lines()).filter(|(_, line)| !line.trim_start().starts_with("//"))
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
        assert!(may_ask(b"SystemTime::now()") && may_ask(b"env!(\"X\")") && !may_ask(b"fn main() {}"));
    }
}
