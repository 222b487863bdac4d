//! The subcommands, one file each, and how each of them ends: by an exit code of `docs/verdicts.md` §Exit codes.

pub mod batch;
pub mod cache;
pub mod diff;
pub mod inspect;
pub mod keygen;
pub mod publish;
pub mod rebuild;
pub mod verify;

use provenear_shared::Report;
use serde_json::json;

use crate::args::{Command, Provenear};
use crate::failure::code_of;
use crate::look::inspection::named;
use crate::look::{report, settings};

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
pub fn run(mut typed: Provenear) -> u8 {
    let chosen = typed.command.common().map_or(Ok(()), settings::load);
    chosen.and_then(|()| dispatch(&typed.command)).unwrap_or_else(|error| Failed::of(&typed.command).say(&error))
}

fn dispatch(command: &Command) -> anyhow::Result<u8> {
    match command {
        Command::Inspect(args) => inspect::run(args),
        Command::Verify(args) => verify::run(args),
        Command::Rebuild(args) => rebuild::run(args),
        Command::Batch(args) => batch::run(args),
        Command::Diff(args) => diff::run(args),
        Command::Publish(args) => publish::run(args),
        Command::Keygen(args) => keygen::run(args),
        Command::Cache(args) => cache::run(args),
    }
}

/// How a failure is told: as JSON where JSON was asked for, and as one sentence on stderr otherwise.
struct Failed<'a> {
    json: bool,
    shape: Shape<'a>,
}

/// What would have been printed.
enum Shape<'a> {
    /// A report about this subject.
    Inspection(&'a str),
    /// A comparison.
    Comparison,
    /// Something of this schema.
    Plain(&'static str),
}

impl<'a> Failed<'a> {
    fn of(command: &'a Command) -> Failed<'a> {
        match command {
            Command::Inspect(args) => Failed::inspection(args.common.output.json, &args.subject),
            Command::Verify(args) => Failed::inspection(args.common.output.json, "manifests"),
            Command::Rebuild(args) => {
                Failed::inspection(args.common.output.json, args.subject.as_deref().unwrap_or("recipe"))
            }
            Command::Batch(_) => Failed::plain(true, "provenear/batch/v1"),
            Command::Diff(args) => Failed { json: args.common.output.json, shape: Shape::Comparison },
            Command::Publish(args) => Failed::plain(args.json, "provenear/publish/v1"),
            Command::Keygen(args) => Failed::plain(args.json, "provenear/key/v1"),
            Command::Cache(args) => Failed::plain(args.json, "provenear/cache/v1"),
        }
    }

    fn inspection(json: bool, subject: &'a str) -> Failed<'a> {
        Failed { json, shape: Shape::Inspection(subject) }
    }

    fn plain(json: bool, schema: &'static str) -> Failed<'a> {
        Failed { json, shape: Shape::Plain(schema) }
    }

    fn say(&self, error: &anyhow::Error) -> u8 {
        let code = code_of(error);
        let message = crate::redact::shown(error);
        if !self.json {
            eprintln!("error: {}", crate::progress::printable(message.as_bytes()));
            return code.exit_code();
        }
        let error = || json!({"code": code, "message": message});
        let value = match self.shape {
            Shape::Inspection(name) => serde_json::to_value(Report::bare(named(name)).failed(code, &message)),
            Shape::Comparison => Ok(diff::failed(&error())),
            Shape::Plain(schema) => Ok(json!({"schema": schema, "error": error()})),
        };
        // A closed stdout leaves the exit code to tell.
        let _told = value.map_err(Into::into).and_then(|value| report::print_json(&value));
        code.exit_code()
    }
}
