//! What suites came to: their `test result:` lines are added up as they pass by.

use crate::run;
use anyhow::{Context, Result};
use std::io::{BufRead, BufReader, Write};
use std::process::{Command, ExitCode, Stdio};
use std::time::Instant;

/// What has been counted so far.
#[derive(Default)]
pub(super) struct Count {
    passed: u64,
    failed: u64,
    suites: Vec<String>,
    skipped: Vec<String>,
    left: Vec<String>,
}

impl Count {
    /// Notes what cannot be run here, and why.
    pub(super) fn skip(&mut self, what: impl Into<String>) {
        self.skipped.push(what.into());
    }

    /// Notes what could not be looked at for want of somebody else's server: said, and no failure anywhere.
    pub(super) fn leave(&mut self, what: impl Into<String>) {
        self.left.push(what.into());
    }

    /// Counts one failure that no suite has counted.
    pub(super) fn fail(&mut self) {
        self.failed += 1;
    }

    /// Prints what was tested and what was not. The last line is `N passed, N failed`.
    pub(super) fn end(mut self) -> ExitCode {
        if std::env::var_os("CI").is_some_and(|ci| ci == "true") {
            // There, whatever is missing could have been installed.
            self.failed += self.skipped.len() as u64;
        }
        println!("\ntested: {}", self.suites.join(", "));
        for skipped in &self.skipped {
            println!("skipped: {skipped}");
        }
        for left in &self.left {
            println!("not checked: {left}");
        }
        println!("{} passed, {} failed", self.passed, self.failed);
        if self.failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
    }

    /// A program that only says yes or no counts as one test.
    pub(super) fn check(&mut self, name: &str, mut command: Command) -> Result<()> {
        run::say(format!("suite: {name}"));
        let start = Instant::now();
        match command.status().with_context(|| format!("failed to start the suite `{name}`"))?.success() {
            true => self.passed += 1,
            false => self.failed += 1,
        }
        self.suites.push(format!("{name} in {} s", start.elapsed().as_secs()));
        Ok(())
    }

    /// Runs a suite of tests. One that holds none, or none of the asked name, is noted as skipped.
    pub(super) fn suite(&mut self, name: &str, mut command: Command) -> Result<()> {
        run::say(format!("suite: {name}"));
        let (start, before) = (Instant::now(), (self.passed, self.failed));
        let context = || format!("failed to run the suite `{name}`");
        let mut child = command.stdout(Stdio::piped()).spawn().with_context(context)?;
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
        } else if (self.passed, self.failed) == before {
            self.skipped.push(format!("{name}: it holds no such test"));
        }
        let tests = self.passed + self.failed - before.0 - before.1;
        self.suites.push(format!("{name} ({tests}) in {} s", start.elapsed().as_secs()));
        Ok(())
    }

    /// How many passed, if some did, none failed and none was skipped.
    pub(super) fn all_passed(&self) -> Option<u64> {
        (self.passed > 0 && self.failed == 0 && self.skipped.is_empty()).then_some(self.passed)
    }

    /// Whether nothing ran at all.
    pub(super) fn is_empty(&self) -> bool {
        self.passed + self.failed == 0
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
