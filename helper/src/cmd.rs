//! The subcommands, one file each, and how each of them ends: the exit codes of DESIGN §5.

pub mod cache;
pub mod inspect;
pub mod keygen;
pub mod rebuild;
pub mod verify;

use provenear_shared::Report;
use provenear_shared::inspection::Inspection;
use provenear_shared::report::SubjectReport;

use crate::args::{Command, Output, Provenear};
use crate::failure::{Code, code_of};
use crate::report;

/// Could not look.
pub const COULD_NOT_LOOK: u8 = 4;

/// Does what was typed, and gives the exit code.
pub fn run(typed: Provenear) -> u8 {
    let (ran, output, name) = match &typed.command {
        Command::Inspect(args) => (inspect::run(args), Some(&args.common.output), args.subject.as_str()),
        Command::Verify(args) => (verify::run(args), Some(&args.common.output), "manifests"),
        Command::Rebuild(args) => {
            (rebuild::run(args), Some(&args.common.output), args.subject.as_deref().unwrap_or("recipe"))
        }
        Command::Keygen(args) => (keygen::run(args), None, "key"),
        Command::Cache(args) => (cache::run(args), None, "cache"),
    };
    match ran {
        Ok(code) => code,
        Err(error) => failed(&error, output, name),
    }
}

/// Says what went wrong: as JSON where JSON was asked for, else as one sentence.
fn failed(error: &anyhow::Error, output: Option<&Output>, name: &str) -> u8 {
    let code = code_of(error);
    let message = format!("{error:#}");
    if output.is_some_and(|output| output.json) {
        let report = Report::failed(SubjectReport::named(kind(name), name), code.as_str(), &message);
        if report::print(&report, None, output.unwrap_or(&QUIET)).is_err() {
            return code.exit();
        }
    } else if code != Code::Interrupted {
        eprintln!("error: {}", crate::progress::printable(message.as_bytes()));
    }
    code.exit()
}

static QUIET: Output = Output { json: true, quiet: true, color: crate::args::Color::Never };

/// What a subject that was never looked at seems to be.
fn kind(name: &str) -> &'static str {
    use provenear_shared::near::{SubjectName, parse_subject};
    match parse_subject(name) {
        Ok(SubjectName::Account(_)) | Err(_) => "account",
        Ok(SubjectName::File(_)) => "file",
        Ok(SubjectName::CodeHash(_)) => "code-hash",
    }
}

/// The exit code of an inspection.
pub fn exit_code(inspection: &Inspection) -> u8 {
    inspection.outcome.as_ref().map_or(COULD_NOT_LOOK, provenear_shared::verdict::Verdict::exit_code)
}
