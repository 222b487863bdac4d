//! The subcommands, one file each, and how each of them ends: by an exit code of `docs/verdicts.md` §Exit codes.

pub mod batch;
pub mod cache;
pub mod completions;
pub mod diff;
pub mod explain;
pub mod init;
pub mod inspect;
pub mod keygen;
pub mod lint;
pub mod probe;
pub mod publish;
pub mod rebuild;
pub mod verify;

use provenear_shared::Report;
use provenear_shared::report::{
    BatchSchema, CacheSchema, DiffFailed, Failed as Told, KeySchema, LintSchema, MergeSchema, PlanSchema,
    PrintedReport, ProbeSchema, PublishSchema, TreeSchema, UnitSchema,
};

use crate::args::{BatchStep, Command, Output, Provenear};
use crate::failure::{Code, code_of, fail};
use crate::look::inspection::name_subject;
use crate::look::{report, settings};
use crate::progress;

/// Whether a command that is stopped has something to take down first. Any other may end where it is: its files are written
/// whole or not at all.
pub fn needs_cleanup(command: &Command) -> bool {
    match command {
        Command::Rebuild(_) | Command::Batch(_) | Command::Probe(_) => true,
        Command::Inspect(_)
        | Command::Verify(_)
        | Command::Diff(_)
        | Command::Lint(_)
        | Command::Publish(_)
        | Command::Init(_)
        | Command::Keygen(_)
        | Command::Cache(_)
        | Command::Explain { .. }
        | Command::Completions { .. }
        | Command::Man { .. } => false,
    }
}

/// Does what was typed, and gives the exit code.
pub fn run(typed: Provenear) -> u8 {
    let Provenear { output, mut command } = typed;
    output.colors().write_global();
    let chosen = command.place().map_or(Ok(()), settings::load);
    let done = chosen.and_then(|()| dispatch(&command, &output));
    done.unwrap_or_else(|error| Failed::of(&command, output.json).say(&error))
}

fn dispatch(command: &Command, output: &Output) -> anyhow::Result<u8> {
    let text_alone = |name: &str| match output.json {
        true => fail(Code::Usage, format!("`{name}` prints text alone; leave out `--json`")),
        false => Ok(()),
    };
    match command {
        Command::Inspect(args) => inspect::run(args, output),
        Command::Verify(args) => verify::run(args, output),
        Command::Rebuild(args) => rebuild::run(args, output),
        Command::Batch(args) => batch::run(args, output),
        Command::Diff(args) => diff::run(args, output),
        Command::Lint(args) => lint::run(args, output),
        Command::Probe(args) => probe::run(args, output),
        Command::Publish(args) => publish::run(args, output),
        Command::Init(args) => text_alone("init").and_then(|()| init::run(args, output)),
        Command::Keygen(args) => keygen::run(args, output),
        Command::Cache(args) => cache::run(args, output),
        Command::Explain { code } => text_alone("explain").and_then(|()| explain::run(code.as_deref())),
        Command::Completions { shell } => text_alone("completions").and_then(|()| completions::completions(*shell)),
        Command::Man { folder } => text_alone("man").and_then(|()| completions::man(folder)),
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
    /// What a batch has to build.
    Plan,
    /// Units of a batch.
    Unit,
    /// What was merged of them.
    Merge,
    /// What was found.
    Lint,
    /// A probe.
    Probe,
    /// What was published.
    Publish,
    /// A key.
    Key,
    /// What is kept.
    Cache,
    /// A tree against the accounts that it names.
    Tree,
    /// Text that is nobody's JSON.
    Text,
}

impl<'a> Failed<'a> {
    fn of(command: &'a Command, json: bool) -> Failed<'a> {
        let shape = match command {
            Command::Inspect(args) => Shape::Inspection(&args.subject),
            Command::Verify(args) if args.tree.is_some() => Shape::Tree,
            Command::Verify(args) => Shape::Inspection(verify::subject_of(args).unwrap_or("manifests")),
            Command::Rebuild(args) => Shape::Inspection(args.subject.as_deref().unwrap_or("recipe")),
            Command::Batch(args) => match args.step {
                None => Shape::Batch,
                Some(BatchStep::Plan(_)) => Shape::Plan,
                Some(BatchStep::Run(_)) => Shape::Unit,
                Some(BatchStep::Merge(_)) => Shape::Merge,
            },
            Command::Diff(_) => Shape::Comparison,
            Command::Lint(_) => Shape::Lint,
            Command::Probe(_) => Shape::Probe,
            Command::Publish(_) => Shape::Publish,
            Command::Keygen(_) => Shape::Key,
            Command::Cache(_) => Shape::Cache,
            Command::Init(_) | Command::Explain { .. } | Command::Completions { .. } | Command::Man { .. } => {
                Shape::Text
            }
        };
        Failed { json, shape }
    }

    fn say(&self, error: &anyhow::Error) -> u8 {
        let code = code_of(error);
        let message = crate::redact::redact_error(error);
        if !self.json {
            progress::error(&message);
            return code.exit_code();
        }
        // A closed stdout leaves the exit code to tell.
        let _told = match self.shape {
            Shape::Text => {
                progress::error(&message);
                Ok(())
            }
            Shape::Inspection(name) => {
                let report = Report::empty(name_subject(name)).failed(code, &message);
                report::print_json(&PrintedReport { report: &report, rebuild: None })
            }
            Shape::Comparison => report::print_json(&DiffFailed::new(code, &message)),
            Shape::Batch => report::print_json(&Told::new(BatchSchema::V1, code, &message)),
            Shape::Plan => report::print_json(&Told::new(PlanSchema::V1, code, &message)),
            Shape::Unit => report::print_json(&Told::new(UnitSchema::V1, code, &message)),
            Shape::Merge => report::print_json(&Told::new(MergeSchema::V1, code, &message)),
            Shape::Lint => report::print_json(&Told::new(LintSchema::V1, code, &message)),
            Shape::Probe => report::print_json(&Told::new(ProbeSchema::V1, code, &message)),
            Shape::Publish => report::print_json(&Told::new(PublishSchema::V1, code, &message)),
            Shape::Key => report::print_json(&Told::new(KeySchema::V1, code, &message)),
            Shape::Cache => report::print_json(&Told::new(CacheSchema::V1, code, &message)),
            Shape::Tree => report::print_json(&Told::new(TreeSchema::V1, code, &message)),
        };
        code.exit_code()
    }
}
