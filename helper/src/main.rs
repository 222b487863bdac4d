//! The binary `provenear`.

use std::process::ExitCode;

use provenear_helper::args::{Provenear, color_asked, words};
use provenear_helper::{cmd, failure, interrupt, progress};

/// Keeps for the next run of a contract what the last one had: to get new pages from the system takes longer than most runs.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    // For what is printed before the command line was read.
    color_asked(std::env::args_os()).write_global();
    let typed = Provenear::typed(words(std::env::args_os()));
    if cmd::needs_cleanup(&typed.command)
        && let Err(error) = interrupt::listen()
    {
        progress::error(&format!("{error:#}"));
        return ExitCode::from(failure::COULD_NOT_LOOK);
    }
    ExitCode::from(cmd::run(typed))
}
