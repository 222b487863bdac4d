//! `provenear batch plan`: every subject is looked up once, and what is to be built of them written down, without what the reader's
//! stores answer already.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use anyhow::Context;
use provenear_shared::digest::{Hex, Sha256Digest};
use provenear_shared::report::PlanUnit;
use serde_json::json;

use super::answer::Answer;
use super::answered::{Enforced, is_answered};
use super::lines::{Lines, Tally, To};
use super::list::Entry;
use super::looking::{Looked, Looker, Wanted, side_by_side};
use super::matrix::matrix;
use super::unit::{Typed, names};
use super::{plan_file, read_list, worst};
use crate::args::{Output, Plan};
use crate::failure::{Code, fail};
use crate::files;
use crate::interrupt;
use crate::look::report::{print_file, print_text};
use crate::progress::Progress;
use crate::rebuild::times::Times;

/// Runs it.
///
/// # Errors
/// When the list cannot be read or the plan not be written.
pub(super) fn run(args: &Plan, output: &Output) -> anyhow::Result<u8> {
    let mut progress = Progress::new(output.quiet);
    if !output.json {
        progress.beat();
    }
    // Not at the end, after all look-ups.
    if args.to.is_dir() {
        let to = args.to.display();
        return fail(Code::Usage, format!("`--to {to}` is a folder: name the file to write the plan to"));
    }
    let entries = read_list(&args.list, &args.common, &progress)?;
    let looker = Looker::new(&args.common, Typed::new(&args.inputs, &args.common)?, args.lookups, &progress)?;
    let folder = args.to.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    files::create_folder(folder).with_context(|| format!("failed to create `{}`", folder.display()))?;
    let lines = tempfile::tempfile_in(folder).and_then(|file| Lines::new(folder, To::File(file)));
    let lines = lines.with_context(|| format!("failed to make a file in `{}`", folder.display()))?;
    let enforced = if args.allow_unlimited { Enforced::AllOrSome } else { Enforced::All };
    let units = Units::default();
    let look = |place: usize| {
        let (answer, unit) = match look_up(&looker, &entries[place]) {
            Ok((mut looked, wanted)) => {
                let wanted = wanted.filter(|wanted| !is_answered(&mut looked, wanted, enforced));
                if let Some(wanted) = &wanted {
                    units.add(place, wanted, &looked, &looker);
                }
                (Answer::looked(&looked.inspection, &looked.question, None), wanted.map(|wanted| Hex(wanted.id)))
            }
            Err(error) => (Answer::failed(entries[place].word(), &error), None),
        };
        lines.tell(place, &Answer { json: json!({"unit": unit, "line": answer.json}), ..answer });
    };
    let tell = || (lines.answers(), format!("{} of {} looked up", lines.answers(), entries.len()));
    side_by_side(entries.len(), args.lookups, look, tell, &progress);
    if interrupt::is_requested() {
        return fail(Code::Interrupted, "stopped on request; nothing was written");
    }
    for place in lines.missing(entries.len()) {
        let answer = Answer::lost(entries[place].word());
        lines.tell(place, &Answer { json: json!({"unit": null, "line": answer.json}), ..answer });
    }
    let Tally { exits, verdicts, .. } = lines.tally();
    let units = units.into_sorted();
    let subjects = lines.into_file().context("the lines of a plan are written to a file")?;
    plan_file::write(&args.to, &units, subjects, entries.len())?;
    for (verdict, count) in &verdicts {
        progress.say(&format!("{count} {verdict}"));
    }
    progress.say(&match units.len() {
        1 => "1 unit to build".to_owned(),
        count => format!("{count} units to build"),
    });
    print(args, &units, output)?;
    // A subject without a rebuild has a verdict that says so: only what was not looked at is a failure of the plan.
    let exit = worst(exits.into_iter().filter(|exit| [2, 4].contains(exit)));
    if exit != 0 {
        progress.note(&format!("`{}` says why not every subject was looked up", args.to.display()));
    }
    Ok(exit)
}

fn look_up(looker: &Looker<'_>, entry: &Entry) -> anyhow::Result<(Looked, Option<Wanted>)> {
    let mut looked = looker.look(entry)?;
    let wanted = looked.wanted.take();
    Ok((looked, wanted))
}

fn print(args: &Plan, units: &[PlanUnit], output: &Output) -> anyhow::Result<()> {
    if let Some(most) = args.matrix {
        print_text(&format!("{}\n", matrix(units, most)))
    } else if output.json {
        print_file(&args.to)
    } else {
        units.iter().try_for_each(|unit| print_text(&format!("{}\n", unit.unit)))
    }
}

/// The units so far, each with the place of the first subject that waits for it.
#[derive(Default)]
pub(super) struct Units(Mutex<BTreeMap<Sha256Digest, (usize, PlanUnit)>>);

impl Units {
    /// Notes that the subject at this place waits for a unit. Whoever is looked up first, the first of the list is the one it was
    /// planned for.
    pub(super) fn add(&self, place: usize, wanted: &Wanted, looked: &Looked, looker: &Looker<'_>) {
        let mut units = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (first, unit) = units.entry(wanted.id).or_insert_with(|| {
            let seconds = Times::open().ok().and_then(|times| times.recall(&names(&wanted.id, &wanted.recipe)));
            let unit = PlanUnit {
                unit: Hex(wanted.id),
                inputs: wanted.inputs.clone(),
                image_programs: looker.typed().image_programs(&wanted.inputs.image),
                observed: None,
                seconds,
                subjects: 0,
            };
            (usize::MAX, unit)
        });
        unit.subjects += 1;
        if place < *first {
            *first = place;
            unit.observed = looked.observed();
        }
    }

    /// In the order in which the list needs them.
    pub(super) fn into_sorted(self) -> Vec<PlanUnit> {
        let units = self.0.into_inner().unwrap_or_else(PoisonError::into_inner);
        let mut units: Vec<_> = units.into_values().collect();
        units.sort_by_key(|(place, _)| *place);
        units.into_iter().map(|(_, unit)| unit).collect()
    }
}
