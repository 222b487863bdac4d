//! What people type: `cargo xtask <demo|check|test|slurm|build|bench|differential|release|releases>`; each does its own set-up.

mod bench;
mod build;
mod demo;
mod differential;
mod page;
mod release;
mod releases;
mod run;
mod service;
mod setup;
mod test;

use anyhow::{Result, bail};
use setup::Programs;
use std::process::ExitCode;

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    if let Err(error) = service::end_on_signals() {
        eprintln!("error: {error:#}");
        return ExitCode::FAILURE;
    }
    let done = match words.as_slice() {
        ["check"] => return test::check(),
        ["test"] => return test::run_all(),
        ["test", "--list"] => test::list(),
        ["test", suite, filter @ ..] if !suite.starts_with('-') => return test::one(suite, filter),
        ["slurm"] => return test::slurm(),
        ["build"] => setup::page().and_then(|programs| build::page(&programs).map(drop)),
        ["build", "--trunk"] => {
            setup::page().and_then(Programs::and_trunk).and_then(|programs| build::page_by_trunk(&programs))
        }
        ["build", "--twice"] => setup::page().and_then(|programs| build::page_twice(&programs)),
        ["finish-page"] => page::finish_for_trunk(),
        ["demo"] => demo(true),
        ["demo", "--once"] => demo(false),
        ["bench"] => bench::run(),
        ["bench", "rebuild"] => bench::rebuild(),
        ["bench", "probe"] => bench::probe(),
        ["bench", "lint"] => bench::lint(),
        ["bench", "lookups"] => bench::lookups(),
        ["bench", "machines"] => bench::machines(),
        ["bench", "slow"] => bench::slow(None),
        ["bench", "slow", older] => bench::slow(Some(older)),
        ["release"] => release::run(),
        ["release", "--try"] => release::follow_guides(),
        ["releases"] => releases::run(),
        ["differential", named @ ..] => differential::run(named),
        ["ground"] => setup::everything(build::both).map(drop),
        ["ground", "--keep"] => keep(),
        _ => {
            eprintln!(
                "usage: cargo xtask <demo [--once] | check | test [--list | SUITE [NAME]...] | build [--twice | --trunk] | slurm | bench [rebuild | probe | lint | lookups | machines | slow [PAGE]] | differential [FILE|FOLDER]... | release [--try] | releases>"
            );
            return ExitCode::from(2);
        }
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn demo(stay: bool) -> Result<()> {
    match demo::run(stay)? {
        true => Ok(()),
        false => bail!("not every verdict is as expected"),
    }
}

/// For work on the suites: the engines and the registry stay up until Ctrl-C.
fn keep() -> Result<()> {
    let _ground = setup::everything(build::both)?;
    run::say("the ground is laid; it stays until Ctrl-C");
    loop {
        std::thread::park();
    }
}
