//! The subjects of a list, looked up side by side: each with the unit that it waits for, if any.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use provenear_shared::digest::Sha256Digest;
use provenear_shared::inspection::{Inspection, Question};
use provenear_shared::provenance::Observed;
use provenear_shared::recipe::Recipe;
use provenear_shared::report::UnitInputs;

use super::list::{Entry, refusal};
use super::unit::Typed;
use crate::args::Common;
use crate::interrupt;
use crate::look::inspection::look;
use crate::look::question::{self, question};
use crate::look::remembering::Remembering;
use crate::network::transport::Http;
use crate::progress::Progress;
use crate::rebuild::statement;
use crate::rebuild::store::unit_id;

/// How often it is said how far a batch is, at most.
const EVERY: Duration = Duration::from_secs(5);
/// How often is looked whether it is over.
const LOOK: Duration = Duration::from_millis(50);

/// How subjects are looked up.
pub(super) struct Looker<'a> {
    common: &'a Common,
    typed: Typed,
    http: Http,
    progress: Progress,
}

/// A subject that was looked up.
pub(super) struct Looked {
    pub(super) question: Question,
    pub(super) inspection: Inspection,
    /// Remembers what it was told.
    pub(super) http: Remembering<Http>,
    /// What it claims of its build, where that can be rebuilt.
    pub(super) wanted: Option<Wanted>,
}

/// A rebuild that a subject needs.
#[derive(Debug, Clone)]
pub(super) struct Wanted {
    pub(super) id: Sha256Digest,
    pub(super) inputs: UnitInputs,
    pub(super) recipe: Recipe,
}

impl<'a> Looker<'a> {
    /// Asks nobody yet.
    ///
    /// # Errors
    /// When options make no sense.
    pub(super) fn new(
        common: &'a Common,
        typed: Typed,
        at_once: usize,
        progress: &Progress,
    ) -> anyhow::Result<Looker<'a>> {
        let http = Http::paced(common.place.ca_file.as_deref(), at_once)?;
        Ok(Looker { common, typed, http, progress: Progress::new(progress.is_quiet()) })
    }

    /// What was typed of how to build.
    pub(super) fn typed(&self) -> &Typed {
        &self.typed
    }

    /// Looks up what an entry of the list names.
    ///
    /// # Errors
    /// When it names nothing, or options make no sense beside it.
    pub(super) fn look(&self, entry: &Entry) -> anyhow::Result<Looked> {
        let name = match entry {
            Entry::Subject(name) => name,
            Entry::Refused(_, why) => return Err(refusal(why)),
        };
        let mut question = question(question::subject(name, &self.progress)?, self.common, &self.http)?;
        self.http.put_silent_last(&mut question.chain.endpoints);
        let http = Remembering::new(self.http.clone());
        let inspection = look(&question, &http, &Progress::new(true));
        let wanted = inspection.recipe().map(|recipe| {
            let inputs = self.typed.inputs(recipe);
            Wanted { id: unit_id(&inputs), inputs, recipe: recipe.clone() }
        });
        Ok(Looked { question, inspection, http, wanted })
    }
}

impl Looked {
    /// What a rebuilder saw of it.
    pub(super) fn observed(&self) -> Option<Observed> {
        statement::observe(&self.inspection, &self.question.subject, &self.question.chain.network)
    }
}

/// Does something with every number below `all`, so many at once, in their order; stops where the person who waits wants to stop.
/// Says from time to time how far it is, by `tell`, where that changed.
pub(super) fn side_by_side(
    all: usize,
    at_once: usize,
    each: impl Fn(usize) + Sync,
    tell: impl Fn() -> (usize, String),
    progress: &Progress,
) {
    let next = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        let work = || {
            while !interrupt::is_requested() {
                let at = next.fetch_add(1, Ordering::Relaxed);
                if at >= all {
                    break;
                }
                each(at);
            }
        };
        let workers: Vec<_> = (0..at_once.min(all)).map(|_| scope.spawn(work)).collect();
        watch(|| workers.iter().all(std::thread::ScopedJoinHandle::is_finished), tell, progress);
        // One that panicked has said so, and what it had is missing.
        workers.into_iter().for_each(|worker| drop(worker.join()));
    });
}

/// Says from time to time how far something is, until it is over.
pub(super) fn watch(is_done: impl Fn() -> bool, tell: impl Fn() -> (usize, String), progress: &Progress) {
    let (mut said, mut looked) = (0, Instant::now());
    while !is_done() {
        std::thread::sleep(LOOK);
        if looked.elapsed() < EVERY {
            continue;
        }
        let (now, text) = tell();
        if now != said {
            (said, looked) = (now, Instant::now());
            progress.say(&text);
        }
    }
}
