//! `provenear inspect`: what stands there, what it claims, and the verdict by the manifests at hand.

use provenear_shared::abi::abi;
use provenear_shared::deployment::Transport;
use provenear_shared::embedded::facts;
use provenear_shared::inspection::{Inspection, Question, Step};
use provenear_shared::wasm::Module;
use provenear_shared::{Report, inspect};

use super::exit_code;
use crate::args::Inspect;
use crate::progress::Progress;
use crate::question::{question, subject};
use crate::report::{Rebuilt, print};
use crate::sandbox::Interpreter;
use crate::transport::Http;

/// Runs it.
///
/// # Errors
/// What was typed makes no sense, or a file cannot be read.
pub fn run(args: &Inspect) -> anyhow::Result<u8> {
    let http = Http::new(args.common.ca_file.as_deref())?;
    let question = question(subject(&args.subject)?, &args.common, &http)?;
    let progress = Progress::new(args.common.output.quiet || args.common.output.json);
    let inspection = look(&question, &http, &progress);
    print(&report(&inspection, &question), Rebuilt::NotAsked, &args.common.output)?;
    Ok(exit_code(&inspection))
}

/// Asks `shared`, telling what is being waited for.
pub fn look(question: &Question, transport: &impl Transport, progress: &Progress) -> Inspection {
    pollster::block_on(inspect(question, transport, &Interpreter, |step| {
        progress.say(match step {
            Step::Deployment => "asking for block and code",
            Step::Claim => "reading the claim",
            Step::Manifests => "opening manifests",
            Step::AccessKeys => "asking for access keys",
        });
    }))
}

/// The report of an inspection, module facts and ABI included.
pub fn report(inspection: &Inspection, question: &Question) -> Report {
    let mut report = Report::of(inspection, &question.subject, &question.place.network);
    report.put_words();
    if let Some(module) = inspection.code().and_then(|code| Module::parse(code.bytes()).ok()) {
        report.module = Some(pollster::block_on(facts(&module, &Interpreter)));
        report.set_abi(pollster::block_on(abi(&module, &Interpreter)));
    }
    report
}
