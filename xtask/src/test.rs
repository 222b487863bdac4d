//! Runs suites and counts: all of them, one by its name, or those that need nothing but Rust. The guides also by themselves, for
//! `release --try`.

mod count;

use crate::setup::{self, Ground, Programs};
use crate::{build, run};
use anyhow::{Context, Result, bail};
use count::Count;
use serde_json::json;
use std::fs;
use std::path::Path;
use std::process::{Command, ExitCode};

const WASM: &str = "wasm32-unknown-unknown";
/// The packages of the page that draw.
const DRAWING: [&str; 3] = ["provenear-web-ui", "provenear-web-page", "provenear-web-later"];
/// Those that do not.
const THINKING: [&str; 3] = ["provenear-web", "provenear-web-browser", "provenear-web-workers"];
/// How many tests of a suite run at once.
const THREADS: &str = "RUST_TEST_THREADS";
/// With it, the tests that need the ground are built as well (`tests/Cargo.toml`).
const GROUND: &str = "provenear-tests/ground";

/// Something to run, by the name that a person types.
struct Suite {
    name: String,
    /// What it looks at.
    about: &'static str,
    needs: Needs,
    kind: Kind,
}

/// What has to be there before a suite runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Needs {
    /// Rust with the standard library for wasm32.
    Rust,
    /// The programs that build the page, and Node.
    Page,
    /// Engines, an image, a registry, browsers, the page and the helper.
    Ground,
}

/// How a suite is run.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Formatting,
    Clippy,
    ClippyOf(&'static [&'static str]),
    Rustdoc,
    /// What `deny.toml` says of dependencies, as far as no network is needed.
    Deny,
    /// Known weaknesses of dependencies, which somebody else's list names.
    Advisories,
    /// The unit tests of what runs natively.
    Unit,
    /// The examples in the documentation of the crates.
    Examples,
    /// A file or folder of `tests/tests`.
    Integration,
    /// Everything that runs natively, in one go: unit tests, integration tests and examples.
    Native,
    Drawing,
    Oracles,
    Wasm,
}

impl Suite {
    fn new(name: &str, about: &'static str, needs: Needs, kind: Kind) -> Suite {
        Suite { name: name.to_owned(), about, needs, kind }
    }

    /// Whether it counts tests; others only say yes or no.
    fn has_tests(&self) -> bool {
        match self.kind {
            Kind::Formatting | Kind::Clippy | Kind::ClippyOf(_) | Kind::Rustdoc | Kind::Deny | Kind::Advisories => {
                false
            }
            Kind::Unit
            | Kind::Examples
            | Kind::Integration
            | Kind::Native
            | Kind::Drawing
            | Kind::Oracles
            | Kind::Wasm => true,
        }
    }

    /// What runs it; `words` select tests by their names.
    fn command(&self, programs: Option<&Programs>, words: &[&str]) -> Result<Command> {
        let packages = |packages: &[&'static str]| -> Vec<&str> {
            packages.iter().flat_map(|package| ["--package", *package]).collect()
        };
        let mut command = match self.kind {
            Kind::Formatting => cargo(&["fmt", "--all", "--check"]),
            Kind::Clippy => {
                cargo(&["clippy", "--locked", "--all-targets", "--features", GROUND, "--", "-D", "warnings"])
            }
            Kind::ClippyOf(selected) => {
                let (start, end) = (["clippy", "--locked", "--target", WASM], ["--", "-D", "warnings"]);
                cargo(&[&start[..], &packages(selected), &end].concat())
            }
            Kind::Rustdoc => {
                let mut command = cargo(&["doc", "--locked", "--no-deps", "--document-private-items"]);
                command.env("RUSTDOCFLAGS", "-D warnings");
                command
            }
            Kind::Deny => deny(&["licenses", "bans", "sources"])?,
            Kind::Advisories => deny(&["advisories"])?,
            Kind::Unit => cargo_test(&["--lib", "--bins"]),
            Kind::Examples => cargo_test(&["--doc"]),
            Kind::Integration => cargo_test(&["--features", GROUND, "--test", &self.name]),
            Kind::Native => cargo_test(&["--features", GROUND]),
            Kind::Drawing => cargo_test(&packages(&DRAWING)),
            Kind::Oracles => cargo_test(&["--package", "provenear-oracles"]),
            Kind::Wasm => {
                let selected = packages(&["provenear-shared", "provenear-tests", "provenear-web-protocol"]);
                let mut command = cargo_test(&[&["--target", WASM, "--lib", "--tests"], &selected[..]].concat());
                let runner = programs.context("no program runs wasm32")?.program("wasm-bindgen-test-runner")?;
                command.env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUNNER", runner);
                command
            }
        };
        if self.has_tests() {
            command.arg("--").args(words);
        }
        Ok(command)
    }

    fn run(&self, count: &mut Count, programs: Option<&Programs>, words: &[&str]) -> Result<()> {
        if self.kind == Kind::Advisories {
            let mut fetch = cargo_deny()?;
            fetch.args(["fetch", "db"]).env("GIT_TERMINAL_PROMPT", "0");
            if let Err(error) = run::run_logged(&self.name, &mut fetch) {
                run::say(format!("{error:#}"));
                count.leave("advisories about dependencies: the list of RustSec at github.com cannot be fetched");
                return Ok(());
            }
        }
        let command = self.command(programs, words)?;
        if self.has_tests() { count.suite(&self.name, command) } else { count.check(&self.name, command) }
    }
}

/// What is looked at before any test.
fn checks() -> Vec<Suite> {
    let suite = |name, about, kind| Suite::new(name, about, Needs::Rust, kind);
    vec![
        suite("formatting", "every file is as rustfmt writes it", Kind::Formatting),
        suite("clippy", "clippy has nothing to say of what runs natively", Kind::Clippy),
        suite("clippy-page", "… of what runs in browsers and does not draw", Kind::ClippyOf(&THINKING)),
        // By itself: beside a package that has the pipeline, these would have it as well.
        suite("clippy-drawing", "… of what draws, without the pipeline", Kind::ClippyOf(&DRAWING)),
        suite("rustdoc", "the documentation of the crates is made without a warning", Kind::Rustdoc),
        suite("deny", "licences, sources and duplicates of what is released and of what builds it", Kind::Deny),
    ]
}

/// What runs after the native tests.
fn others() -> Vec<Suite> {
    vec![
        Suite::new("drawing", "what the page reads, and what draws cannot name", Needs::Rust, Kind::Drawing),
        Suite::new("oracles", "nearcore's own crates", Needs::Rust, Kind::Oracles),
        Suite::new("advisories", "no dependency is known to be unsafe", Needs::Rust, Kind::Advisories),
        Suite::new("wasm32", "the suites that run on both sides, on Node", Needs::Page, Kind::Wasm),
    ]
}

/// Each part of the native tests by itself.
fn parts() -> Result<Vec<Suite>> {
    let unit = Suite::new("unit", "unit tests of what runs natively", Needs::Rust, Kind::Unit);
    let examples = Suite::new("examples", "the examples in the documentation", Needs::Rust, Kind::Examples);
    let folder = run::workspace().join("tests/tests");
    let manifest = fs::read_to_string(run::workspace().join("tests/Cargo.toml"))?;
    let mut names: Vec<String> = fs::read_dir(&folder)?
        .map(|entry| Ok(entry?.path().file_stem().context("a file has a name")?.to_string_lossy().into_owned()))
        .collect::<Result<_>>()?;
    names.sort_unstable();
    let integration = names.into_iter().map(|name| {
        let needs = if needs_ground(&manifest, &name) { Needs::Ground } else { Needs::Rust };
        Suite { name, about: "", needs, kind: Kind::Integration }
    });
    Ok([unit, examples].into_iter().chain(integration).collect())
}

/// Whether this test is built with the feature `ground` alone, by the text of `tests/Cargo.toml`.
fn needs_ground(manifest: &str, name: &str) -> bool {
    let tables = manifest.split("[[test]]").skip(1);
    tables.filter(|table| table.contains(&format!("name = \"{name}\""))).any(|table| table.contains("\"ground\""))
}

/// Makes the ground, then runs every suite.
pub(crate) fn run_all() -> ExitCode {
    run_counted(|count| {
        let ground = setup::everything(build::both)?;
        let native = Suite::new("native", "", Needs::Ground, Kind::Native);
        let words = can_run(&ground, count);
        let words: Vec<&str> = words.iter().flat_map(|name| ["--skip", *name]).collect();
        checks().iter().try_for_each(|suite| suite.run(count, None, &[]))?;
        native.run(count, None, &words)?;
        others().iter().try_for_each(|suite| suite.run(count, Some(&ground.programs), &[]))?;
        setup::keep_compiled()
    })
}

/// Runs what needs neither engine, registry, browser nor root: what to look at before each commit.
pub(crate) fn check() -> ExitCode {
    run_counted(|count| {
        setup::rust()?;
        checks().iter().try_for_each(|suite| suite.run(count, None, &[]))?;
        // Without the feature `ground` there is nothing else in it.
        count.suite("native", cargo_test(&[]))
    })
}

/// Runs one suite, or those tests of it whose names contain one of `words`; makes what it needs, and no more.
pub(crate) fn one(name: &str, words: &[&str]) -> ExitCode {
    run_counted(|count| {
        let suites: Vec<Suite> = checks().into_iter().chain(parts()?).chain(others()).collect();
        let Some(suite) = suites.iter().find(|suite| suite.name == name) else {
            let names: Vec<&str> = suites.iter().map(|suite| suite.name.as_str()).collect();
            bail!("there is no suite `{name}`; the suites are {}", names.join(", "));
        };
        if !suite.has_tests() && !words.is_empty() {
            bail!("`{name}` is one check and has no tests to choose from");
        }
        match suite.needs {
            Needs::Rust => {
                setup::rust()?;
                suite.run(count, None, words)?;
            }
            Needs::Page => suite.run(count, Some(&setup::page()?), words)?,
            Needs::Ground => {
                let _ground = setup::everything(build::both)?;
                suite.run(count, None, words)?;
            }
        }
        if count.is_empty() && words.is_empty() {
            bail!("`{name}` could not be checked");
        }
        if count.is_empty() {
            bail!("no test of `{name}` has a name with {words:?}");
        }
        Ok(())
    })
}

/// Prints the suites, with what each needs.
///
/// # Errors
/// When the folder of the tests cannot be read.
pub(crate) fn list() -> Result<()> {
    for suite in checks().into_iter().chain(parts()?).chain(others()) {
        let needs = match suite.needs {
            Needs::Rust => "Rust",
            Needs::Page => "what builds the page",
            Needs::Ground => "engines, registry, browsers",
        };
        let about = match suite.kind {
            Kind::Integration => purpose(&suite.name)?,
            _ => suite.about.to_owned(),
        };
        println!("{:<18} {needs:<28} {about}", suite.name);
    }
    Ok(())
}

/// The first sentence of what a test file says of itself.
fn purpose(name: &str) -> Result<String> {
    let folder = run::workspace().join("tests/tests");
    let file = [folder.join(name).join("main.rs"), folder.join(format!("{name}.rs"))];
    let file = file.iter().find(|file| file.is_file()).with_context(|| format!("`{name}` has no file"))?;
    let text = fs::read_to_string(file)?;
    let said: Vec<&str> = text.lines().map_while(|line| line.strip_prefix("//!")).map(str::trim).collect();
    let said = said.join(" ");
    Ok(said.split_once(". ").map_or(said.as_str(), |(first, _)| first).trim_end_matches('.').to_owned())
}

fn run_counted(run: impl FnOnce(&mut Count) -> Result<()>) -> ExitCode {
    let mut count = Count::default();
    if let Err(error) = run(&mut count) {
        eprintln!("error: {error:#}");
        count.fail();
    }
    count.end()
}

/// The names of tests that cannot run on this ground; each is noted with the reason.
fn can_run(ground: &Ground, count: &mut Count) -> Vec<&'static str> {
    let missing = [
        (!setup::has_slurm(), "on_slurm", "only root can start one here, with Slurm's daemons"),
        (!setup::can_start_daemons(), "second_daemon", "only root can start one here, with `dockerd`"),
        (ground.facts["browsers"]["firefox"].is_null(), "firefox", "it is not on PATH"),
        (ground.facts["engines"]["podman"]["usable"] != json!(true), "podman", "Podman does not work here"),
    ];
    let missing = missing.into_iter().filter(|(is, ..)| *is);
    missing
        .map(|(_, name, reason)| {
            count.skip(format!("tests named `{name}`: {reason}"));
            name
        })
        .collect()
}

/// Follows the guides with what is at hand by `facts`, a file as `Around` of the suites reads it.
///
/// # Errors
/// When a guide does not end where it says, or none is followed.
pub(crate) fn guides(facts: &Path) -> Result<()> {
    let mut command = cargo_test(&["--features", GROUND, "--test", "guides"]);
    command.args(["--", "can_be_followed"]).env("PROVENEAR_AROUND", facts);
    let mut count = Count::default();
    count.suite("the guides, in a container without Rust", command)?;
    let followed = count.all_passed().context("not every guide could be followed")?;
    run::say(format!("{followed} guides were followed to their end"));
    Ok(())
}

/// Rebuilds on a Slurm of this machine: controller and two nodes, started and ended by the suite.
pub(crate) fn slurm() -> ExitCode {
    run_counted(|count| {
        let ground = setup::slurm()?;
        let mut facts = ground.facts.clone();
        facts["ca_file"] = json!(setup::ca_file());
        facts["provenear"] = json!(build::helper(build::Profile::Dev)?);
        let file = run::target().join("slurm.json");
        run::write(&file, serde_json::to_vec_pretty(&facts)?)?;
        let mut command = cargo_test(&["--features", GROUND, "--test", "slurm"]);
        command.args(["--", "--nocapture"]).env("PROVENEAR_AROUND", file);
        count.suite("slurm", command)
    })
}

fn cargo_test(args: &[&str]) -> Command {
    let mut command = cargo(&[&["test", "--locked", "--no-fail-fast"], args].concat());
    // Twice as many at once as usual: many of them wait, for a browser, an engine or an endpoint that says nothing.
    if std::env::var_os(THREADS).is_none() {
        let processors = std::thread::available_parallelism().map_or(2, std::num::NonZero::get);
        command.env(THREADS, (2 * processors).to_string());
    }
    command
}

/// A command that checks dependencies by `deny.toml`; what there is no longer of use fails as well.
fn deny(checks: &[&str]) -> Result<Command> {
    let mut command = cargo_deny()?;
    command.args(["check", "--deny", "warnings"]).args(checks);
    Ok(command)
}

fn cargo_deny() -> Result<Command> {
    let mut command = Command::new(setup::cargo_deny()?);
    command.current_dir(run::workspace()).arg("--locked");
    Ok(command)
}

fn cargo(args: &[&str]) -> Command {
    let mut command = run::cargo();
    command.args(args);
    command
}

#[cfg(test)]
mod tests {
    use super::{Kind, Needs, checks, needs_ground, others, parts, purpose};

    #[test]
    fn each_suite_has_a_name_of_its_own_and_says_what_it_is() {
        let suites: Vec<_> = checks().into_iter().chain(parts().unwrap()).chain(others()).collect();
        let mut names: Vec<&str> = suites.iter().map(|suite| suite.name.as_str()).collect();
        let all = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), all);
        for suite in suites.iter().filter(|suite| suite.kind == Kind::Integration) {
            assert!(!purpose(&suite.name).unwrap().is_empty(), "{}", suite.name);
        }
        let needs = |name: &str| suites.iter().find(|suite| suite.name == name).map(|suite| suite.needs);
        assert_eq!((needs("e2e_browser"), needs("vectors")), (Some(Needs::Ground), Some(Needs::Rust)));
    }

    #[test]
    fn what_needs_the_ground_is_read_off_the_manifest() {
        let manifest = "[features]\nground = []\n[[test]]\nname = \"a\"\nrequired-features = [\"ground\"]\n\n[[test]]\nname = \"b\"\n";
        assert!(needs_ground(manifest, "a") && !needs_ground(manifest, "b") && !needs_ground(manifest, "c"));
    }
}
