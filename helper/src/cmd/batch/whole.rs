//! `provenear batch LIST`: plan, run and merge in one process. Every subject is looked up; the units that some wait for are built, each
//! once, and merged into the folder of results; then whoever waited is looked up again and answered by what came out.
//!
//! No rebuild begins before the last look-up: a manifest says what was seen of the first subject of the list that claims the recipe, and
//! which one that is nobody knows earlier. It is no long wait: look-ups of a thousand take a minute, and one rebuild can take several.

use std::collections::{BTreeSet, HashMap};
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::Context;
use provenear_shared::digest::Sha256Digest;
use provenear_shared::key::PublicKey;
use provenear_shared::report::{BatchReport, BatchSchema, EngineReport, ErrorCode, PlanUnit, RebuildReport};

use super::answer::Answer;
use super::builder::{Builder, Finished};
use super::evidence::{Came, Taking, examine};
use super::folder::Units as Folders;
use super::lines::{Lines, Tally, To};
use super::list::Entry;
use super::looking::{Looked, Looker, side_by_side, watch};
use super::plan::Units;
use super::unit::Typed;
use super::{read_list, worst};
use crate::args::{Batch, Output};
use crate::command;
use crate::failure::{Code, code_of, fail};
use crate::interrupt;
use crate::look::inspection::answer;
use crate::look::report::print_text;
use crate::owner::Owner;
use crate::progress::{self, Progress};
use crate::rebuild::ready;
use crate::rebuild::store::{Order, Store};
use crate::rebuild::times::Times;
use crate::redact::redact_error;
use crate::signer::Signer;

/// Runs it.
///
/// # Errors
/// When the list cannot be read, or no engine answers.
pub(super) fn run(args: &Batch, list: &Path, output: &Output) -> anyhow::Result<u8> {
    if args.build.bounds.show_commands {
        command::show_commands();
    }
    let mut progress = Progress::new(output.quiet);
    if !output.json {
        progress.beat();
    }
    let entries = read_list(list, &args.common, &progress)?;
    let owner = Owner::current();
    let engine = ready::engine(args.engine.as_deref(), &owner, &args.out, &progress)?;
    let lines = Lines::new(&args.out, To::Stdout);
    let lines = lines.with_context(|| format!("failed to make a file in `{}`", args.out.display()))?;
    let typed = Typed::new(&args.build.inputs, &args.common)?;
    let signer = Signer::load(args.key.as_deref(), &progress)?;
    let folder = args.out.join("batch");
    Folders { folder: &folder, owner: &owner }.sweep();
    let builder = Builder {
        engine: &engine,
        owner: &owner,
        signer: Some(&signer),
        bounds: &args.build.bounds,
        ca_file: args.common.place.ca_file.as_deref(),
        folder: &folder,
        times: Times::open()?,
        is_lost: AtomicBool::new(false),
    };
    let desk = Desk {
        entries: &entries,
        looker: Looker::new(&args.common, typed, args.lookups, &progress)?,
        builder,
        key: *signer.public(),
        store: &args.out,
        lines,
        waiting: Mutex::default(),
        finished: Mutex::default(),
        building: AtomicUsize::new(0),
    };

    let units = desk.plan(args.lookups, &progress);
    let rebuilds = desk.build(&units, args, &progress);
    if interrupt::is_requested() {
        return fail(Code::Interrupted, "stopped on request; run again to go on");
    }
    for place in desk.lines.missing(entries.len()) {
        desk.lines.tell(place, &Answer::lost(entries[place].word()));
    }

    let Tally { answers, verdicts: counts, exits } = desk.lines.tally();
    let exit = worst(exits);
    let engines = vec![EngineReport { engine: crate::redact::redact(&engine.to_shell()), rebuilds }];
    let summary =
        BatchReport { schema: BatchSchema::V1, error: (), subjects: answers, rebuilds, engines, counts, exit };
    print_text(&format!("{}\n", serde_json::to_string(&summary)?))?;
    for (verdict, count) in &summary.counts {
        progress.say(&format!("{count} {verdict}"));
    }
    Ok(exit)
}

/// What all workers share.
struct Desk<'a> {
    entries: &'a [Entry],
    looker: Looker<'a>,
    builder: Builder<'a>,
    key: PublicKey,
    store: &'a Path,
    lines: Lines,
    /// The places in the list that wait for each unit.
    waiting: Mutex<HashMap<Sha256Digest, Vec<usize>>>,
    finished: Mutex<HashMap<Sha256Digest, Arc<Merged>>>,
    building: AtomicUsize,
}

/// A unit that is in the store.
struct Merged {
    line: String,
    report: Box<RebuildReport>,
}

impl Desk<'_> {
    /// Looks every subject up, answers those that wait for nothing, and gives the units that the others wait for.
    fn plan(&self, at_once: usize, progress: &Progress) -> Vec<PlanUnit> {
        let units = Units::default();
        let look = |place: usize| {
            if let Some(answer) = self.look(place, &units) {
                self.lines.tell(place, &answer);
            }
        };
        side_by_side(self.entries.len(), at_once, look, || self.how_far(), progress);
        units.into_sorted()
    }

    /// The answer to a subject; none where it waits for a unit.
    fn look(&self, place: usize, units: &Units) -> Option<Answer> {
        let mut looked = match self.looker.look(&self.entries[place]) {
            Ok(looked) => looked,
            Err(error) => return Some(Answer::failed(self.entries[place].word(), &error)),
        };
        let Some(wanted) = looked.wanted.take() else {
            return Some(Answer::looked(&looked.inspection, &looked.question, None));
        };
        let known = self.finished.lock().unwrap_or_else(PoisonError::into_inner).get(&wanted.id).cloned();
        if let Some(merged) = known.or_else(|| self.merge(&wanted.id).ok()) {
            return Some(self.answer(looked, &merged));
        }
        units.add(place, &wanted, &looked, &self.looker);
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner).entry(wanted.id).or_default().push(place);
        None
    }

    /// Builds the units, so many at once, and answers whoever waits for each as soon as it is over. Gives how many were built.
    fn build(&self, units: &[PlanUnit], args: &Batch, progress: &Progress) -> usize {
        if units.is_empty() || interrupt::is_requested() {
            return 0;
        }
        let (next, built) = (AtomicUsize::new(0), AtomicUsize::new(0));
        let (over, waits) = channel::<usize>();
        let waits = Mutex::new(waits);
        std::thread::scope(|scope| {
            let (next, built, waits) = (&next, &built, &waits);
            let builders: Vec<_> = (0..args.jobs.min(units.len()))
                .map(|_| {
                    let over = over.clone();
                    scope.spawn(move || {
                        while let Some(unit) = units.get(next.fetch_add(1, Ordering::Relaxed)) {
                            if interrupt::is_requested() {
                                break;
                            }
                            self.building.fetch_add(1, Ordering::Relaxed);
                            built.fetch_add(usize::from(self.build_one(unit, &over)), Ordering::Relaxed);
                            self.building.fetch_sub(1, Ordering::Relaxed);
                        }
                    })
                })
                .collect();
            drop(over);
            let lookers: Vec<_> = (0..args.lookups).map(|_| scope.spawn(move || self.answer_waiting(waits))).collect();
            let is_done = || builders.iter().all(|it| it.is_finished()) && lookers.iter().all(|it| it.is_finished());
            watch(is_done, || self.how_far(), progress);
            // One that panicked has said so, and what it had is missing.
            builders.into_iter().for_each(|worker| drop(worker.join()));
            lookers.into_iter().for_each(|worker| drop(worker.join()));
        });
        built.into_inner()
    }

    /// Builds one unit and puts it into the store. Whoever waits for it goes to those who look up, or is told why there is nothing. Gives
    /// whether it was built now.
    fn build_one(&self, unit: &PlanUnit, over: &Sender<usize>) -> bool {
        let id = unit.unit.0;
        let built = self.builder.build(unit);
        let is_new = matches!(built, Ok(Finished::Now(_)));
        let merged = built.and_then(|_| self.merge(&id));
        let waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner).remove(&id).unwrap_or_default();
        match merged {
            Ok(_) => {
                for place in waiting {
                    // Nobody is left to hear it where the person who waits wants to stop.
                    let _unheard = over.send(place);
                }
            }
            Err(error) => {
                let error: (ErrorCode, String) = (code_of(&error), redact_error(&error));
                for place in waiting {
                    self.lines.tell(place, &Answer::not_built(self.entries[place].word(), &error));
                }
            }
        }
        is_new
    }

    /// Looks up those who waited, once what they waited for is there.
    fn answer_waiting(&self, waits: &Mutex<Receiver<usize>>) {
        let next = || waits.lock().unwrap_or_else(PoisonError::into_inner).recv().ok();
        while let Some(place) = next() {
            if interrupt::is_requested() {
                break;
            }
            let answer = match self.looker.look(&self.entries[place]) {
                Ok(looked) => self.answer_looked(looked),
                Err(error) => Answer::failed(self.entries[place].word(), &error),
            };
            self.lines.tell(place, &answer);
        }
    }

    /// The answer to a subject that was looked up again: it may claim something else by now, which the next run builds.
    fn answer_looked(&self, looked: Looked) -> Answer {
        let wanted = looked.wanted.as_ref().map(|wanted| wanted.id);
        let finished = self.finished.lock().unwrap_or_else(PoisonError::into_inner);
        let merged = wanted.and_then(|id| finished.get(&id).cloned());
        drop(finished);
        match merged {
            Some(merged) => self.answer(looked, &merged),
            None => Answer::looked(&looked.inspection, &looked.question, None),
        }
    }

    /// By the key of this run, whoever else is trusted.
    fn answer(&self, looked: Looked, merged: &Merged) -> Answer {
        let (inspection, question) = answer(looked.question, self.key, &merged.line, &looked.http);
        Answer::looked(&inspection, &question, Some(merged.report.clone()))
    }

    /// Puts a unit into the store that is finished and ours.
    fn merge(&self, id: &Sha256Digest) -> anyhow::Result<Arc<Merged>> {
        let evidence = match examine(&self.builder.folder.join(id.to_hex()), id, Taking::default()) {
            Ok(Came::Code(evidence)) if self.builder.is_usable(&evidence) => evidence,
            Ok(Came::Code(_) | Came::Failure(_)) => return fail(Code::Io, "no rebuild of this run's key was kept"),
            Err(refusal) => {
                let message =
                    format!("the rebuild that was kept of `{}` cannot be taken: {}", id.to_hex(), refusal.message);
                return fail(Code::Io, message);
            }
        };
        let store = Store(self.store);
        let artifact = match evidence.read_artifact() {
            Ok(artifact) => artifact,
            Err(refusal) => return fail(Code::Io, refusal.message),
        };
        let came = BTreeSet::from([evidence.artifact.1]);
        let known = store.note(id, &evidence.report.inputs, &came)?;
        let report =
            store.keep(&evidence.stored(&artifact), &evidence.line, &evidence.report.phases, Order::ByDigest)?;
        if known.len() > 1 {
            let codes: Vec<String> = known.iter().map(Sha256Digest::to_base58).collect();
            progress::warn(&format!(
                "rebuilds of the unit `{}` gave different code: {}",
                id.to_hex(),
                codes.join(", ")
            ));
        }
        let merged = Arc::new(Merged { line: evidence.line, report: Box::new(report) });
        self.finished.lock().unwrap_or_else(PoisonError::into_inner).insert(*id, merged.clone());
        Ok(merged)
    }

    fn how_far(&self) -> (usize, String) {
        let (answers, all) = (self.lines.answers(), self.entries.len());
        let building = self.building.load(Ordering::Relaxed);
        let waiting: usize = self.waiting.lock().unwrap_or_else(PoisonError::into_inner).values().map(Vec::len).sum();
        (answers, format!("{answers} of {all} answered, {waiting} wait for a rebuild, {building} being rebuilt"))
    }
}
