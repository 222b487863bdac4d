//! `provenear batch`: many subjects, one JSON line each, in the order of the list. Subjects are looked up side by side, and
//! anew by every run. One rebuild per distinct recipe, however many subjects share it; a finished one is known by a file and
//! not done twice, also after a kill; one that failed is tried again.

mod lines;
mod list;
mod queue;
mod unit;
mod work;

use std::thread::ScopedJoinHandle;
use std::time::{Duration, Instant};

use anyhow::Context;
use provenear_shared::report::{BatchReport, BatchSchema, EngineReport};

use self::lines::{Lines, Tally};
use self::list::{Entry, List};
use self::queue::{AtWork, Queue, Subject};
use self::work::{Answer, Looked, Rebuilt, Step, Work};
use crate::args::{Batch, Output};
use crate::command;
use crate::engine::Engine;
use crate::failure::{Code, Failure, fail};
use crate::files::read_capped;
use crate::interrupt;
use crate::look::nearest;
use crate::look::question::network;
use crate::look::report::print_text;
use crate::owner::Owner;
use crate::progress::{self, Progress};
use crate::rebuild::ready;

/// Bytes of a list.
const MAX_LIST: u64 = 16 << 20;
/// How often it is said how far a batch is, at most.
const EVERY: Duration = Duration::from_secs(5);
/// How often is looked whether it is over.
const LOOK: Duration = Duration::from_millis(50);
/// Exit codes, the worst first (`docs/verdicts.md` §Exit codes). What was not looked at or built comes before any answer: it may
/// hide one that is worse.
const WORST_FIRST: [u8; 7] = [130, 4, 2, 5, 1, 3, 0];

/// Runs it.
///
/// # Errors
/// When the list cannot be read, or an engine does not answer.
pub fn run(args: &Batch, output: &Output) -> anyhow::Result<u8> {
    if args.build.show_commands {
        command::show_commands();
    }
    let mut progress = Progress::new(output.quiet);
    if !output.json {
        progress.beat();
    }
    let text = read_capped(&args.list, MAX_LIST).with_context(|| nearest::unread("", &args.list))?;
    let List { entries, notices } = list::read(&text, &network(&args.common)?)
        .with_context(|| format!("failed to read `{}`", args.list.display()))?;
    notices.iter().for_each(|notice| progress.say(notice));
    let word = if entries.len() == 1 { "subject" } else { "subjects" };
    progress.say(&format!("{} {word} to look up", entries.len()));
    let owner = Owner::current();
    let named: Vec<Option<&str>> =
        if args.engine.is_empty() { vec![None] } else { args.engine.iter().map(|name| Some(name.as_str())).collect() };
    let engines: Vec<Engine> = named
        .into_iter()
        .map(|name| ready::engine(name, &owner, &args.out, &progress))
        .collect::<anyhow::Result<_>>()?;
    let lines = Lines::new(&args.out).with_context(|| format!("failed to make a file in `{}`", args.out.display()))?;
    let work = Work::new(args, owner, &progress)?;

    let subjects = entries.iter().enumerate().filter_map(|(place, entry)| match entry {
        Entry::Subject(name) => Some(Subject { place, name: name.as_str() }),
        Entry::Refused(..) => None,
    });
    for (place, entry) in entries.iter().enumerate() {
        if let Entry::Refused(name, why) = entry {
            lines.tell(place, &Answer::failed(name, &list::refusal(why)));
        }
    }
    let desk = Desk { queue: Queue::new(subjects, engines.len() * args.jobs), work, lines };
    let rebuilds: Vec<usize> = std::thread::scope(|scope| {
        let desk = &desk;
        let builders: Vec<Vec<_>> = engines
            .iter()
            .map(|engine| (0..args.jobs).map(|_| scope.spawn(move || desk.build(engine))).collect())
            .collect();
        let lookers: Vec<_> = (0..args.lookups.min(entries.len())).map(|_| scope.spawn(move || desk.look())).collect();
        watch(desk, entries.len(), &progress, || {
            lookers.iter().all(ScopedJoinHandle::is_finished)
                && builders.iter().flatten().all(ScopedJoinHandle::is_finished)
        });
        let sum = |builders: Vec<_>| builders.into_iter().map(join).sum();
        builders.into_iter().map(sum).collect()
    });
    if interrupt::is_requested() {
        return fail(Code::Interrupted, "stopped on request; run again to go on");
    }
    for place in desk.lines.missing(entries.len()) {
        let error = Failure::new(Code::Io, "a fault of Provenear kept it from an answer; please report it");
        desk.lines.tell(place, &Answer::failed(entries[place].word(), &error.into()));
    }

    let Tally { answers, verdicts: counts, exits } = desk.lines.tally();
    let exit = WORST_FIRST.into_iter().find(|code| exits.contains(code)).unwrap_or(0);
    let engines: Vec<_> = engines
        .iter()
        .zip(&rebuilds)
        .map(|(engine, n)| EngineReport { engine: crate::redact::redact(&engine.to_shell()), rebuilds: *n })
        .collect();
    let summary = BatchReport {
        schema: BatchSchema::V1,
        error: (),
        subjects: answers,
        rebuilds: rebuilds.iter().sum(),
        engines,
        counts,
        exit,
    };
    print_text(&format!("{}\n", serde_json::to_string(&summary)?))?;
    for (verdict, count) in &summary.counts {
        progress.say(&format!("{count} {verdict}"));
    }
    Ok(exit)
}

/// What all workers share.
struct Desk<'a> {
    queue: Queue<'a, Box<Looked<'a>>>,
    work: Work<'a>,
    lines: Lines,
}

impl<'a> Desk<'a> {
    /// Looks up one subject after the other.
    fn look(&self) {
        while let Some((subject, _turn)) = self.queue.next_subject() {
            match self.work.look(subject) {
                Step::Answered(answer) => self.lines.tell(subject.place, &answer),
                Step::ToBuild(looked) => {
                    if let Err(looked) = self.queue.put_build(looked) {
                        self.tell(self.work.give_up(&looked));
                    }
                }
                // Whoever builds the same recipe puts it back.
                Step::Waits => {}
            }
        }
    }

    /// Builds one recipe after the other with an engine, and gives how many rebuilds that took.
    fn build(&self, engine: &Engine) -> usize {
        let mut all = 0;
        while let Some((looked, _turn)) = self.queue.next_build() {
            match self.work.build(looked, engine) {
                Rebuilt::Over(answers, waiting, rebuilds) => {
                    all += rebuilds;
                    self.tell(answers);
                    self.queue.put_back(waiting);
                }
                Rebuilt::EngineLost(looked) => {
                    let engine = crate::redact::redact(&engine.to_shell());
                    progress::warn(&format!("`{engine}` no longer answers, and gets no more work"));
                    self.queue.leave(looked).iter().for_each(|looked| self.tell(self.work.give_up(looked)));
                    break;
                }
            }
        }
        all
    }

    fn tell(&self, answers: Vec<(Subject<'a>, Answer)>) {
        answers.iter().for_each(|(subject, answer)| self.lines.tell(subject.place, answer));
    }
}

/// Says from time to time how far the workers are, until they are done.
fn watch(desk: &Desk<'_>, all: usize, progress: &Progress, is_done: impl Fn() -> bool) {
    let (mut said, mut looked) = (0, Instant::now());
    while !is_done() {
        std::thread::sleep(LOOK);
        let (answers, AtWork { looking, building }) = (desk.lines.answers(), desk.queue.at_work());
        if looked.elapsed() < EVERY || answers == said {
            continue;
        }
        (said, looked) = (answers, Instant::now());
        progress.say(&format!("{answers} of {all} answered, {looking} being looked up, {building} being rebuilt"));
    }
}

fn join(worker: ScopedJoinHandle<'_, usize>) -> usize {
    // One that panicked has said so, and its subject is missing from the sum.
    worker.join().unwrap_or_default()
}
