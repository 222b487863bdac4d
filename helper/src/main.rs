//! The binary `provenear`.

use std::process::ExitCode;

use clap::Parser;
use provenear_helper::args::Provenear;
use provenear_helper::{cmd, failure, interrupt};

fn main() -> ExitCode {
    // Usage errors end here with exit code 2, `--help` and `--version` with 0.
    let typed = Provenear::parse();
    if cmd::takes_down(&typed.command)
        && let Err(error) = interrupt::listen()
    {
        eprintln!("error: {error:#}");
        return ExitCode::from(failure::COULD_NOT_LOOK);
    }
    ExitCode::from(cmd::run(typed))
}
