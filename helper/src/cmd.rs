//! The subcommands, one file each, and how each of them ends: the exit codes of DESIGN §5.

pub mod batch;
pub mod cache;
pub mod diff;
pub mod inspect;
pub mod keygen;
pub mod publish;
pub mod rebuild;
pub mod verify;

use provenear_shared::Report;
use provenear_shared::inspection::Inspection;
use provenear_shared::report::SubjectReport;
use serde_json::json;

use crate::args::{Command, Provenear};
use crate::failure::code_of;
use crate::report;

/// Could not look.
pub const COULD_NOT_LOOK: u8 = 4;

/// Whether a command that is stopped has something to take down first. Any other may end where it is: its files are written
/// whole or not at all.
pub fn takes_down(command: &Command) -> bool {
    match command {
        Command::Rebuild(_) | Command::Batch(_) => true,
        Command::Inspect(_)
        | Command::Verify(_)
        | Command::Diff(_)
        | Command::Publish(_)
        | Command::Keygen(_)
        | Command::Cache(_) => false,
    }
}

/// Does what was typed, and gives the exit code.
pub fn run(typed: Provenear) -> u8 {
    let (ran, failed) = match &typed.command {
        Command::Inspect(args) => (inspect::run(args), Failed::inspection(args.common.output.json, &args.subject)),
        Command::Verify(args) => (verify::run(args), Failed::inspection(args.common.output.json, "manifests")),
        Command::Rebuild(args) => {
            let name = args.subject.as_deref().unwrap_or("recipe");
            (rebuild::run(args), Failed::inspection(args.common.output.json, name))
        }
        Command::Batch(args) => (batch::run(args), Failed::plain(true, "provenear/batch/v1")),
        Command::Diff(args) => (diff::run(args), Failed::plain(args.common.output.json, diff::SCHEMA)),
        Command::Publish(args) => (publish::run(args), Failed::plain(args.json, "provenear/publish/v1")),
        Command::Keygen(args) => (keygen::run(args), Failed::plain(args.json, "provenear/key/v1")),
        Command::Cache(args) => (cache::run(args), Failed::plain(args.json, "provenear/cache/v1")),
    };
    ran.unwrap_or_else(|error| failed.say(&error))
}

/// How a failure is told: as JSON where JSON was asked for, and as one sentence on stderr otherwise.
struct Failed<'a> {
    json: bool,
    schema: &'a str,
    subject: Option<&'a str>,
}

impl<'a> Failed<'a> {
    fn inspection(json: bool, subject: &'a str) -> Failed<'a> {
        Failed { json, schema: provenear_shared::report::SCHEMA, subject: Some(subject) }
    }

    fn plain(json: bool, schema: &'a str) -> Failed<'a> {
        Failed { json, schema, subject: None }
    }

    fn say(&self, error: &anyhow::Error) -> u8 {
        let code = code_of(error);
        let message = crate::redact::shown(error);
        if !self.json {
            eprintln!("error: {}", crate::progress::printable(message.as_bytes()));
            return code.exit();
        }
        let value = match self.subject {
            Some(name) => {
                serde_json::to_value(Report::failed(SubjectReport::named(kind(name), name), code.as_str(), &message))
            }
            None => {
                let error = json!({"code": code.as_str(), "message": message});
                Ok(match self.schema {
                    diff::SCHEMA => diff::failed(&error),
                    schema => json!({"schema": schema, "error": error}),
                })
            }
        };
        // A closed stdout leaves the exit code to tell.
        let _told = value.map_err(Into::into).and_then(|value| report::print_json(&value));
        code.exit()
    }
}

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
