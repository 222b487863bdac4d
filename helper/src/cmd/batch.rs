//! `provenear batch`: many subjects, one JSON line each. One rebuild per distinct recipe, however many subjects share it;
//! a finished one is known by a file and not done twice, also after a kill; one that failed is tried again. Subjects are
//! looked up anew by every run.

mod list;
mod queue;
mod unit;
mod work;

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::thread::ScopedJoinHandle;

use anyhow::Context;
use provenear_shared::report::{BatchReport, BatchSchema, EngineReport};

use self::list::List;
use self::queue::Queue;
use self::work::{Answer, Step, Work};
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
/// Exit codes, the worst first. What was typed wrongly was not looked at either.
const WORST_FIRST: [u8; 7] = [130, 4, 2, 5, 1, 3, 0];

/// Runs it.
///
/// # Errors
/// When the list cannot be read, or an engine does not answer.
pub fn run(args: &Batch, output: &Output) -> anyhow::Result<u8> {
    if args.build.show_commands {
        command::show_commands();
    }
    let progress = Progress::new(output.quiet);
    let text = read_capped(&args.list, MAX_LIST).with_context(|| nearest::unread("", &args.list))?;
    let List { subjects, refused, notices } = list::read(&text, &network(&args.common)?)
        .with_context(|| format!("failed to read `{}`", args.list.display()))?;
    notices.iter().for_each(|notice| progress.say(notice));
    let queue = Queue::new(subjects.iter().map(String::as_str));
    let owner = Owner::ourselves();
    let named: Vec<Option<&str>> =
        if args.engine.is_empty() { vec![None] } else { args.engine.iter().map(|name| Some(name.as_str())).collect() };
    let engines: Vec<Engine> = named
        .into_iter()
        .map(|name| ready::engine(name, &owner, &args.out, &progress))
        .collect::<anyhow::Result<_>>()?;
    let work = Work::new(args, owner, &progress)?;

    let answers = Mutex::new(Vec::new());
    let tell = |answer: &Answer| {
        // The lock also keeps lines whole.
        let mut answers = answers.lock().unwrap_or_else(PoisonError::into_inner);
        if let Err(error) = print_text(&format!("{}\n", answer.json)) {
            progress::warn(&crate::redact::shown(&error));
        }
        answers.push((answer.verdict.clone(), answer.exit));
    };
    refused.iter().for_each(|(name, why)| tell(&Answer::failed(name, &list::refusal(why))));
    let rebuilds: Vec<usize> = std::thread::scope(|scope| {
        let worker = |engine| {
            scope.spawn({
                let (queue, work, tell) = (&queue, &work, &tell);
                move || drain(queue, work, engine, tell)
            })
        };
        let workers: Vec<Vec<_>> =
            engines.iter().map(|engine| (0..args.jobs).map(|_| worker(engine)).collect()).collect();
        let sum = |workers: Vec<_>| workers.into_iter().map(joined).sum();
        workers.into_iter().map(sum).collect()
    });
    if interrupt::asked() {
        return fail(Code::Interrupted, "stopped on request; run again to go on");
    }
    for name in queue.left() {
        tell(&Answer::failed(name, &Failure::new(Code::EngineMissing, "no engine is left that could build it").into()));
    }

    let answers = answers.into_inner().unwrap_or_else(PoisonError::into_inner);
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for (verdict, _) in &answers {
        *counts.entry(verdict.clone()).or_default() += 1;
    }
    let exit = WORST_FIRST.into_iter().find(|code| answers.iter().any(|(_, exit)| exit == code)).unwrap_or(0);
    let engines: Vec<_> = engines
        .iter()
        .zip(&rebuilds)
        .map(|(engine, n)| EngineReport { engine: crate::redact::redacted(&engine.shown()), rebuilds: *n })
        .collect();
    let summary = BatchReport {
        schema: BatchSchema::V1,
        error: (),
        subjects: answers.len(),
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

/// Works off the queue with one engine, and gives how many rebuilds that took.
fn drain<'a>(queue: &Queue<'a>, work: &Work<'a>, engine: &Engine, tell: &(impl Fn(&Answer) + Sync)) -> usize {
    let mut all = 0;
    while let Some(turn) = queue.next() {
        match work.subject(turn.name, engine) {
            Step::Told(answers, rebuilds) => {
                all += rebuilds;
                answers.iter().for_each(tell);
            }
            // Whoever builds the same recipe will tell.
            Step::Left => {}
            Step::EngineLost(names) => {
                let engine = crate::redact::redacted(&engine.shown());
                progress::warn(&format!("`{engine}` no longer answers, and gets no more work"));
                queue.put_back(names);
                break;
            }
        }
    }
    all
}

fn joined(worker: ScopedJoinHandle<'_, usize>) -> usize {
    // One that panicked has said so, and its subject is missing from the sum.
    worker.join().unwrap_or_default()
}
