//! The subcommands, one file each, and how each of them ends: by an exit code of `docs/verdicts.md` §Exit codes.

pub mod batch;
pub mod cache;
pub mod completions;
pub mod diff;
pub mod inspect;
pub mod keygen;
pub mod publish;
pub mod rebuild;
pub mod verify;

use provenear_shared::Report;
use provenear_shared::report::{
    BatchSchema, CacheSchema, DiffFailed, Failed as Told, KeySchema, PrintedReport, PublishSchema,
};

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
        | Command::Cache(_)
        | Command::Completions { .. }
        | Command::Man { .. } => false,
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
        Command::Completions { shell } => completions::completions(*shell),
        Command::Man { folder } => completions::man(folder),
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
    /// The sum of a batch.
    Batch,
    /// What was published.
    Publish,
    /// A key.
    Key,
    /// What is kept.
    Cache,
}

impl<'a> Failed<'a> {
    fn of(command: &'a Command) -> Failed<'a> {
        match command {
            Command::Inspect(args) => Failed::inspection(args.common.output.json, &args.subject),
            Command::Verify(args) => Failed::inspection(args.common.output.json, "manifests"),
            Command::Rebuild(args) => {
                Failed::inspection(args.common.output.json, args.subject.as_deref().unwrap_or("recipe"))
            }
            Command::Batch(_) => Failed { json: true, shape: Shape::Batch },
            Command::Diff(args) => Failed { json: args.common.output.json, shape: Shape::Comparison },
            Command::Publish(args) => Failed { json: args.json, shape: Shape::Publish },
            Command::Keygen(args) => Failed { json: args.json, shape: Shape::Key },
            Command::Cache(args) => Failed { json: args.json, shape: Shape::Cache },
            // What these print is nobody's JSON.
            Command::Completions { .. } | Command::Man { .. } => Failed { json: false, shape: Shape::Cache },
        }
    }

    fn inspection(json: bool, subject: &'a str) -> Failed<'a> {
        Failed { json, shape: Shape::Inspection(subject) }
    }

    fn say(&self, error: &anyhow::Error) -> u8 {
        let code = code_of(error);
        let message = crate::redact::shown(error);
        if !self.json {
            eprintln!("error: {}", crate::progress::printable(message.as_bytes()));
            return code.exit_code();
        }
        // A closed stdout leaves the exit code to tell.
        let _told = match self.shape {
            Shape::Inspection(name) => {
                let report = Report::bare(named(name)).failed(code, &message);
                report::print_json(&PrintedReport { report: &report, rebuild: None })
            }
            Shape::Comparison => report::print_json(&DiffFailed::new(code, &message)),
            Shape::Batch => report::print_json(&Told::new(BatchSchema::V1, code, &message)),
            Shape::Publish => report::print_json(&Told::new(PublishSchema::V1, code, &message)),
            Shape::Key => report::print_json(&Told::new(KeySchema::V1, code, &message)),
            Shape::Cache => report::print_json(&Told::new(CacheSchema::V1, code, &message)),
        };
        code.exit_code()
    }
}
