//! `provenear batch`: many subjects, one JSON line each, in the order of the list. One rebuild per distinct recipe, however many
//! subjects share it; a finished one is known by its folder and not done twice, also after a kill; one that failed is tried again.
//! Three steps, which can run on machines of their own: what is to be built, building it, and what came of it.

mod answer;
mod answered;
mod builder;
mod evidence;
mod folder;
mod lines;
mod list;
mod looking;
mod matrix;
mod merge;
mod plan;
mod plan_file;
mod run;
mod unit;
mod whole;

use std::path::Path;

use anyhow::Context;

use self::list::{Entry, List};
use crate::args::{Batch, BatchStep, Common, Output};
use crate::failure::{Code, fail};
use crate::files::read_capped;
use crate::look::nearest;
use crate::look::question::network;
use crate::progress::Progress;

/// Bytes of a list.
const MAX_LIST: u64 = 16 << 20;
/// Exit codes, the worst first (`docs/verdicts.md` §Exit codes). What was not looked at or built comes before any answer: it may
/// hide one that is worse.
const WORST_FIRST: [u8; 7] = [130, 4, 2, 5, 1, 3, 0];

/// Runs it, or the one of its steps that was named.
///
/// # Errors
/// When the list or plan cannot be read, or an engine does not answer.
pub fn run(args: &Batch, output: &Output) -> anyhow::Result<u8> {
    match (&args.step, &args.list) {
        (Some(BatchStep::Plan(args)), _) => plan::run(args, output),
        (Some(BatchStep::Run(args)), _) => run::run(args, output),
        (Some(BatchStep::Merge(args)), _) => merge::run(args, output),
        (None, Some(list)) => whole::run(args, list, output),
        (None, None) => fail(Code::Usage, "no list is named"),
    }
}

/// The entries of a list; what a person should know of how it was read is said.
fn read_list(path: &Path, common: &Common, progress: &Progress) -> anyhow::Result<Vec<Entry>> {
    let text = read_capped(path, MAX_LIST).with_context(|| nearest::unread("list ", path))?;
    let List { entries, notices } =
        list::read(&text, &network(common)?).with_context(|| format!("`{}` is not a list", path.display()))?;
    notices.iter().for_each(|notice| progress.say(notice));
    if entries.is_empty() {
        progress.note(&format!("`{}` does not name a subject: write one a line", path.display()));
    }
    let word = if entries.len() == 1 { "subject" } else { "subjects" };
    progress.say(&format!("{} {word} to look up", entries.len()));
    Ok(entries)
}

/// The exit code of several.
fn worst(exits: impl IntoIterator<Item = u8>) -> u8 {
    let exits: Vec<u8> = exits.into_iter().collect();
    WORST_FIRST.into_iter().find(|code| exits.contains(code)).unwrap_or(0)
}
