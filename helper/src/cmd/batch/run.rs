//! `provenear batch run`: units of a plan, on whatever machine this is. Each leaves a folder of its own, and nothing else is shared.

use std::collections::HashMap;
use std::sync::atomic::AtomicBool;

use anyhow::Context;
use provenear_shared::manifest::Policy;
use provenear_shared::report::{ImagePrograms, PlanUnit, UnitReport};

use super::answer::Answer;
use super::builder::{Builder, Finished};
use super::folder::{Units, failed};
use super::lines::{Lines, Tally, To};
use super::looking::side_by_side;
use super::unit::digest_of;
use super::{plan_file, worst};
use crate::args::{Output, Run};
use crate::command;
use crate::failure::{Code, code_of, fail};
use crate::interrupt;
use crate::network::transport::is_url;
use crate::owner::Owner;
use crate::progress::Progress;
use crate::rebuild::ready;
use crate::rebuild::times::Times;
use crate::signer::Signer;

/// Runs it.
///
/// # Errors
/// When the plan cannot be read, has no such unit, or no engine answers.
pub(super) fn run(args: &Run, output: &Output) -> anyhow::Result<u8> {
    if args.bounds.show_commands {
        command::show_commands();
    }
    let mut progress = Progress::new(output.quiet);
    if !output.json {
        progress.beat();
    }
    let units = choose(args)?;
    // First what can be wrong at once.
    for unit in &units {
        super::unit::options(unit, &args.bounds, args.ca_file.as_deref())?;
        check_leave(unit, args)?;
    }
    let owner = Owner::current();
    let engine = ready::engine(args.engine.as_deref(), &owner, &args.to, &progress)?;
    let signer = if args.unsigned { None } else { Some(Signer::load(args.key.as_deref(), &progress)?) };
    Units { folder: &args.to, owner: &owner }.sweep();
    let builder = Builder {
        engine: &engine,
        owner: &owner,
        signer: signer.as_ref(),
        bounds: &args.bounds,
        ca_file: args.ca_file.as_deref(),
        folder: &args.to,
        times: Times::open()?,
        is_lost: AtomicBool::new(false),
    };
    let lines = Lines::new(&args.to, To::Stdout);
    let lines = lines.with_context(|| format!("failed to make a file in `{}`", args.to.display()))?;
    let build = |place: usize| lines.tell(place, &answer(&builder, &units[place], args));
    let tell = || (lines.answers(), format!("{} of {} units are over", lines.answers(), units.len()));
    side_by_side(units.len(), args.jobs, build, tell, &progress);
    if interrupt::is_requested() {
        return fail(Code::Interrupted, "stopped on request; run again to go on");
    }
    let Tally { answers, verdicts, exits } = lines.tally();
    for (word, count) in &verdicts {
        progress.say(&format!("{count} {word}"));
    }
    if answers < units.len() {
        return fail(Code::Io, "a fault of Provenear kept a unit from an answer; please report it");
    }
    Ok(worst(exits))
}

/// The units that were named, each once; all of the plan where none was.
fn choose(args: &Run) -> anyhow::Result<Vec<PlanUnit>> {
    let all = plan_file::read(&args.plan)?;
    if args.units.is_empty() {
        return Ok(all);
    }
    let mut known: HashMap<_, _> = all.into_iter().map(|unit| (unit.unit.0, unit)).collect();
    if let Some(other) = args.units.iter().find(|id| !known.contains_key(*id)) {
        let (other, plan) = (other.to_hex(), args.plan.display());
        return fail(Code::Usage, format!("`{other}` is not a unit of `{plan}`; nothing was built"));
    }
    Ok(args.units.iter().filter_map(|id| known.remove(id)).collect())
}

/// That this machine allows what a plan asks of it: whoever wrote the plan may be somewhere else.
///
/// # Errors
/// [`Code::Usage`].
fn check_leave(unit: &PlanUnit, args: &Run) -> anyhow::Result<()> {
    let PlanUnit { unit: id, inputs, image_programs, .. } = unit;
    let is_local = inputs.allow_local_source || inputs.source.as_deref().is_some_and(|source| !is_url(source));
    if is_local && !args.allow_local_source {
        let why = "the plan lets it read source on this machine or a private network";
        return fail(Code::Usage, format!("`{id}`: {why}: `--allow-local-source` allows that; nothing was built"));
    }
    let policy = Policy::new();
    let accepted = || policy.images.iter().chain(&args.accept_image);
    let is_accepted = digest_of(&inputs.image).is_some_and(|digest| accepted().any(|known| *known == digest));
    let asks = match image_programs {
        ImagePrograms::Refused => false,
        ImagePrograms::Accepted | ImagePrograms::Trusted => true,
    };
    if asks && !is_accepted && !args.trust_image_network {
        let why = "the plan lets programs of its image use the network of this machine";
        let ways = "`--accept-image` with its digest allows that, and `--trust-image-network` does for all";
        return fail(Code::Usage, format!("`{id}`: {why}: {ways}; nothing was built"));
    }
    Ok(())
}

/// What is printed of a unit.
fn answer(builder: &Builder<'_>, unit: &PlanUnit, args: &Run) -> Answer {
    let of = |word: &str, exit: u8, report: &UnitReport| Answer {
        verdict: word.to_owned(),
        exit,
        json: serde_json::to_value(report).unwrap_or_default(),
    };
    match builder.build(unit) {
        Ok(Finished::Now(report)) => of("built", 0, &report),
        Ok(Finished::Before(report)) => of("built before", 0, &report),
        Err(error) => {
            let code = code_of(&error);
            of(code.code(), code.exit_code(), &failed(unit, &error, args.bounds.allow_unlimited))
        }
    }
}
