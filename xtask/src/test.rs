//! Runs every suite and counts: the last line is `N passed, N failed`, and nothing is passed over unsaid. The guides also by
//! themselves, for `release --try`.

use crate::setup::{self, Ground};
use crate::{build, run};
use anyhow::{Context, Result, ensure};
use serde_json::json;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, ExitCode, Stdio};

const WASM: &str = "wasm32-unknown-unknown";
/// The packages of the page that draw.
const DRAWING: [&str; 3] = ["provenear-web-ui", "provenear-web-page", "provenear-web-later"];
/// Those that do not.
const THINKING: [&str; 3] = ["provenear-web", "provenear-web-browser", "provenear-web-workers"];

/// What has been counted so far.
#[derive(Default)]
struct Count {
    passed: u64,
    failed: u64,
    suites: Vec<String>,
    skipped: Vec<String>,
}

/// Makes the ground, then runs every suite.
pub(crate) fn run() -> ExitCode {
    let mut count = Count::default();
    if let Err(error) = suites(&mut count) {
        eprintln!("error: {error:#}");
        count.failed += 1;
    }
    if std::env::var_os("CI").is_some_and(|ci| ci == "true") {
        // There, whatever is missing could have been installed.
        count.failed += count.skipped.len() as u64;
    }
    println!("\ntested: {}", count.suites.join(", "));
    for skipped in &count.skipped {
        println!("skipped: {skipped}");
    }
    println!("{} passed, {} failed", count.passed, count.failed);
    if count.failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn suites(count: &mut Count) -> Result<()> {
    let ground = setup::everything(build::both)?;

    count.check("formatting", cargo(&["fmt", "--all", "--check"]))?;
    count
        .check("clippy", cargo(&[&["clippy", "--locked", "--all-targets"][..], &["--", "-D", "warnings"]].concat()))?;
    let clippy = |packages: &[&'static str]| {
        let selected: Vec<&str> = packages.iter().flat_map(|package| ["--package", *package]).collect();
        cargo(&[&["clippy", "--locked", "--target", WASM], &selected[..], &["--", "-D", "warnings"]].concat())
    };
    count.check("clippy of the page", clippy(&THINKING))?;
    // By itself: beside a package that has the pipeline, these would have it as well.
    count.check("clippy of what draws, without the pipeline", clippy(&DRAWING))?;

    let mut native = cargo(&["test", "--locked", "--no-fail-fast", "--"]);
    if !setup::can_start_daemons() {
        native.args(["--skip", "second_daemon"]);
        count.skipped.push("tests named `second_daemon`: only root can start one here, with `dockerd`".to_owned());
    }
    if ground.facts["browsers"]["firefox"].is_null() {
        native.args(["--skip", "firefox"]);
        count.skipped.push("tests named `firefox`: it is not on PATH".to_owned());
    }
    if ground.facts["engines"]["podman"]["usable"] != json!(true) {
        native.args(["--skip", "podman"]);
        count.skipped.push("tests named `podman`: Podman does not work here".to_owned());
    }
    count.suite("native", native)?;
    let selected: Vec<&str> = DRAWING.iter().flat_map(|package| ["--package", *package]).collect();
    let page = cargo(&[&["test", "--locked", "--no-fail-fast"], &selected[..]].concat());
    count.suite("what the page reads, and what draws cannot name", page)?;
    let oracles = ["test", "--locked", "--no-fail-fast", "--package", "provenear-oracles"];
    count.suite("nearcore's own crates", cargo(&oracles))?;
    count.suite("wasm32 on Node", wasm(&ground)?)
}

/// Follows the guides with what is at hand by `facts`, a file as `Around` of the suites reads it.
///
/// # Errors
/// When a guide does not end where it says, or none is followed.
pub(crate) fn guides(facts: &Path) -> Result<()> {
    let mut command = cargo(&["test", "--locked", "--test", "guides"]);
    command.args(["--", "can_be_followed"]).env("PROVENEAR_AROUND", facts);
    let mut count = Count::default();
    count.suite("the guides, in a container without Rust", command)?;
    ensure!(count.failed == 0 && count.skipped.is_empty(), "not every guide could be followed");
    run::say(format!("{} guides were followed to their end", count.passed));
    Ok(())
}

/// The suites that run on both sides, on Node.
fn wasm(ground: &Ground) -> Result<Command> {
    let mut command = cargo(&["test", "--locked", "--no-fail-fast", "--target", WASM]);
    command.args(["--lib", "--tests", "--package", "provenear-shared", "--package", "provenear-tests"]);
    command.args(["--package", "provenear-web-protocol"]);
    command.env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUNNER", ground.programs.program("wasm-bindgen-test-runner")?);
    Ok(command)
}

fn cargo(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO"));
    command.current_dir(run::workspace()).args(args);
    command
}

impl Count {
    /// A program that only says yes or no counts as one test.
    fn check(&mut self, name: &str, mut command: Command) -> Result<()> {
        run::say(format!("suite: {name}"));
        match command.status().with_context(|| format!("failed to start the suite `{name}`"))?.success() {
            true => self.passed += 1,
            false => self.failed += 1,
        }
        self.suites.push(name.to_owned());
        Ok(())
    }

    /// A suite whose `test result:` lines are added up as they pass by.
    fn suite(&mut self, name: &str, mut command: Command) -> Result<()> {
        run::say(format!("suite: {name}"));
        let context = || format!("failed to run the suite `{name}`");
        let mut child = command.stdout(Stdio::piped()).spawn().with_context(context)?;
        let before = (self.passed, self.failed);
        for line in BufReader::new(child.stdout.take().with_context(context)?).split(b'\n') {
            let line = line?;
            let line = String::from_utf8_lossy(&line);
            println!("{line}");
            std::io::stdout().flush()?;
            let Some(result) = Outcome::parse(&line) else {
                continue;
            };
            self.passed += result.passed;
            self.failed += result.failed;
            if result.ignored > 0 {
                self.skipped.push(format!("{} tests of {name}: marked as ignored", result.ignored));
            }
        }
        if !child.wait()?.success() && self.failed == before.1 {
            // It did not compile, or ended without a word.
            self.failed += 1;
        } else if self.passed == before.0 {
            self.skipped.push(format!("{name}: it holds no test"));
        }
        self.suites.push(format!("{name} ({})", self.passed - before.0));
        Ok(())
    }
}

/// The numbers of a `test result:` line.
#[derive(Debug, PartialEq, Eq)]
struct Outcome {
    passed: u64,
    failed: u64,
    ignored: u64,
}

impl Outcome {
    fn parse(line: &str) -> Option<Outcome> {
        let (_, numbers) = line.strip_prefix("test result: ")?.split_once(". ")?;
        let number =
            |name: &str| numbers.split("; ").find_map(|part| part.trim().strip_suffix(name)?.trim().parse().ok());
        Some(Outcome { passed: number("passed")?, failed: number("failed")?, ignored: number("ignored")? })
    }
}

#[cfg(test)]
mod tests {
    use super::Outcome;

    #[test]
    fn result_lines_of_cargo_and_of_the_wasm_runner_are_read() {
        let cargo =
            "test result: FAILED. 12 passed; 3 failed; 1 ignored; 0 measured; 4 filtered out; finished in 0.10s";
        assert_eq!(Outcome::parse(cargo), Some(Outcome { passed: 12, failed: 3, ignored: 1 }));
        let wasm = "test result: ok. 7 passed; 0 failed; 0 ignored; 0 filtered out; finished in 0.01s";
        assert_eq!(Outcome::parse(wasm), Some(Outcome { passed: 7, failed: 0, ignored: 0 }));
        assert_eq!(Outcome::parse("test wasm::a_module_is_read ... ok"), None);
    }
}
