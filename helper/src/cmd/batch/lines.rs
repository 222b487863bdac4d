//! What a batch prints or writes: one line for each subject, in the order of the list, whoever is answered first. A line that comes
//! before its turn waits in a file without a name, so that it takes no memory and is gone with the process.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::answer::Answer;
use crate::interrupt;
use crate::look::report::print_json_line;
use crate::progress;

/// Written by all workers.
pub(super) struct Lines(Mutex<State>);

/// Where lines go.
pub(super) enum To {
    /// They are printed.
    Stdout,
    /// They are written down.
    File(File),
}

struct State {
    to: To,
    /// The place that is printed next.
    next: usize,
    /// By their place.
    waiting: BTreeMap<usize, Waiting>,
    file: File,
    end: u64,
    tally: Tally,
}

/// A line that waits.
enum Waiting {
    InFile {
        start: u64,
        length: usize,
    },
    /// Where the file takes no more: a line that is lost is worse than memory that grows.
    InMemory(String),
}

/// What the answers were, all in all.
#[derive(Debug, Clone, Default)]
pub(super) struct Tally {
    pub(super) answers: usize,
    /// By verdict or code of the error.
    pub(super) verdicts: BTreeMap<String, usize>,
    pub(super) exits: BTreeSet<u8>,
}

impl Lines {
    /// None yet. Those that wait do so on the file system of `folder`.
    ///
    /// # Errors
    /// When no file can be made there.
    pub(super) fn new(folder: &Path, to: To) -> io::Result<Lines> {
        let (file, waiting) = (tempfile::tempfile_in(folder)?, BTreeMap::new());
        Ok(Lines(Mutex::new(State { to, next: 0, waiting, file, end: 0, tally: Tally::default() })))
    }

    /// Prints an answer when all before it are printed. Once the person who waits wants to stop, nothing is an answer any more:
    /// it may be one only because we stopped.
    pub(super) fn tell(&self, place: usize, answer: &Answer) {
        if interrupt::is_requested() {
            return;
        }
        let line = format!("{}\n", answer.json);
        let mut state = self.state();
        state.tally.answers += 1;
        *state.tally.verdicts.entry(answer.verdict.clone()).or_default() += 1;
        state.tally.exits.insert(answer.exit);
        if place != state.next {
            let waiting = state.keep(&line).unwrap_or(Waiting::InMemory(line));
            state.waiting.insert(place, waiting);
            return;
        }
        if let Err(error) = state.print(&line) {
            progress::warn(&crate::redact::redact_error(&error));
        }
    }

    /// What the answers were so far.
    pub(super) fn tally(&self) -> Tally {
        self.state().tally.clone()
    }

    /// How many were answered so far.
    pub(super) fn answers(&self) -> usize {
        self.state().tally.answers
    }

    /// Those of the first `all` places that have no answer.
    pub(super) fn missing(&self, all: usize) -> Vec<usize> {
        let state = self.state();
        (state.next..all).filter(|place| !state.waiting.contains_key(place)).collect()
    }

    /// The file that they were written to.
    pub(super) fn into_file(self) -> Option<File> {
        match self.0.into_inner().unwrap_or_else(PoisonError::into_inner).to {
            To::File(file) => Some(file),
            To::Stdout => None,
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// Prints the next line, and those that waited for it.
    fn print(&mut self, line: &str) -> anyhow::Result<()> {
        let printed = self.to.put(line);
        self.next += 1;
        let mut kept = Ok(());
        while let Some(waiting) = self.waiting.remove(&self.next) {
            self.next += 1;
            let line = self.read(waiting);
            kept = kept.and(line.and_then(|line| self.to.put(&line)));
        }
        if self.waiting.is_empty() && self.end > 0 {
            self.end = 0;
            self.file.set_len(0)?;
        }
        printed.and(kept)
    }

    fn keep(&mut self, line: &str) -> io::Result<Waiting> {
        self.file.seek(SeekFrom::Start(self.end))?;
        self.file.write_all(line.as_bytes())?;
        let kept = Waiting::InFile { start: self.end, length: line.len() };
        self.end += line.len() as u64;
        Ok(kept)
    }

    fn read(&mut self, waiting: Waiting) -> anyhow::Result<String> {
        match waiting {
            Waiting::InMemory(line) => Ok(line),
            Waiting::InFile { start, length } => {
                let mut line = vec![0; length];
                self.file.seek(SeekFrom::Start(start))?;
                self.file.read_exact(&mut line)?;
                Ok(String::from_utf8(line)?)
            }
        }
    }
}

impl To {
    fn put(&mut self, line: &str) -> anyhow::Result<()> {
        match self {
            To::Stdout => print_json_line(line),
            To::File(file) => Ok(file.write_all(line.as_bytes())?),
        }
    }
}
