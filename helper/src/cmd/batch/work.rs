//! One subject of a batch: looked up, rebuilt unless another subject with the same recipe is or was, and answered.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};

use provenear_shared::Report;
use provenear_shared::inspection::{Inspection, Question};
use provenear_shared::provenance::Origin;
use provenear_shared::recipe::Recipe;
use provenear_shared::report::{PrintedReport, RebuildReport};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::queue::Subject;
use super::unit::Unit;
use crate::args::Batch;
use crate::engine::Engine;
use crate::failure::{Code, ErrorCode, Failure, code_of, fail};
use crate::files::{self, Access};
use crate::interrupt;
use crate::look::inspection::{answer, exit_code, look, name_subject, report};
use crate::look::question::{self, question};
use crate::look::remembering::Remembering;
use crate::network::transport::Http;
use crate::owner::Owner;
use crate::progress::Progress;
use crate::rebuild::options::Options;
use crate::rebuild::signed::Means;
use crate::rebuild::statement;
use crate::signer::Signer;
use crate::source::checkout;

/// A rebuild that is over, as it is kept.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Finished {
    line: String,
    rebuild: Box<RebuildReport>,
}

/// A subject that is over. Never kept: what stands at an account is looked up by every run.
#[derive(Debug, Clone)]
pub(super) struct Answer {
    pub(super) verdict: String,
    pub(super) exit: u8,
    pub(super) json: Value,
}

/// How far a subject came by being looked up.
pub(super) enum Step<'a> {
    /// To its answer.
    Answered(Answer),
    /// To a recipe that nobody has begun with.
    ToBuild(Box<Looked<'a>>),
    /// To a recipe that another builds, whose rebuild it waits for. What was looked up is forgotten meanwhile: a thousand
    /// accounts can share a recipe whose build takes an hour.
    Waits,
}

/// What came of a rebuild.
pub(super) enum Rebuilt<'a> {
    /// Answers, those who are to be looked up again now that it is over, and how many rebuilds that took: none or one.
    Over(Vec<(Subject<'a>, Answer)>, Vec<Subject<'a>>, usize),
    /// The engine is gone; this is as before.
    EngineLost(Box<Looked<'a>>),
}

/// A subject that was looked up and can be rebuilt.
pub(super) struct Looked<'a> {
    subject: Subject<'a>,
    unit: Unit,
    question: Question,
    inspection: Inspection,
    recipe: Recipe,
    http: Remembering<Http>,
}

/// A recipe that somebody has begun with.
enum Slot<'a> {
    /// Who waits for it.
    Building(Vec<Subject<'a>>),
    /// What came of it; a rebuild is read from where it is kept.
    Done(Result<(), (ErrorCode, String)>),
}

/// What all workers share.
pub(super) struct Work<'a> {
    args: &'a Batch,
    options: Options,
    signer: Signer,
    owner: Owner,
    progress: Progress,
    http: Http,
    slots: Mutex<HashMap<Unit, Slot<'a>>>,
}

impl<'a> Work<'a> {
    /// With nothing begun.
    ///
    /// # Errors
    /// When options or key make no sense.
    pub(super) fn new(args: &'a Batch, owner: Owner, progress: &Progress) -> anyhow::Result<Work<'a>> {
        let options = Options::from_args(&args.build, &args.common)?;
        if matches!(options.origin, checkout::Origin::Archive(_)) {
            let message =
                "`--source` names an archive, which is the source of one claim: give it to `rebuild` with that subject";
            return fail(Code::Usage, message);
        }
        Ok(Work {
            options,
            signer: Signer::load(args.key.as_deref(), progress)?,
            owner,
            progress: Progress::new(progress.is_quiet()),
            http: Http::paced(args.common.place.ca_file.as_deref(), args.lookups)?,
            slots: Mutex::default(),
            args,
        })
    }

    /// Looks a subject up, and answers it unless it has to wait for a rebuild.
    pub(super) fn look(&self, subject: Subject<'a>) -> Step<'a> {
        let looked = match self.look_up(subject) {
            Ok(Ok(looked)) => looked,
            Ok(Err(answer)) => return Step::Answered(answer),
            Err(error) => return Step::Answered(Answer::failed(subject.name, &error)),
        };
        let mut slots = self.slots();
        let result = match slots.get_mut(&looked.unit) {
            Some(Slot::Building(waiting)) => {
                waiting.push(subject);
                return Step::Waits;
            }
            Some(Slot::Done(result)) => result.clone(),
            // Of an earlier run.
            None if self.read_finished(&looked.unit).is_some() => {
                slots.insert(looked.unit.clone(), Slot::Done(Ok(())));
                Ok(())
            }
            None => {
                slots.insert(looked.unit.clone(), Slot::Building(Vec::new()));
                return Step::ToBuild(Box::new(looked));
            }
        };
        drop(slots);
        Step::Answered(self.answer(looked, &result))
    }

    /// Looks a subject up: what is at hand of it, or its answer where nothing is to be built.
    fn look_up(&self, subject: Subject<'a>) -> anyhow::Result<Result<Looked<'a>, Answer>> {
        let mut question = question(question::subject(subject.name, &self.progress)?, &self.args.common, &self.http)?;
        self.http.put_silent_last(&mut question.chain.endpoints);
        let http = Remembering::new(self.http.clone());
        let inspection = look(&question, &http, &Progress::new(true));
        Ok(match inspection.recipe().cloned() {
            Some(recipe) => {
                let unit = Unit::of(&recipe, &self.options, self.signer.public());
                Ok(Looked { subject, unit, question, inspection, recipe, http })
            }
            None => Err(Answer::of(&report(&inspection, &question), exit_code(&inspection), None)),
        })
    }

    /// Builds for the first subject with a recipe.
    pub(super) fn build(&self, looked: Box<Looked<'a>>, engine: &Engine) -> Rebuilt<'a> {
        let result = self.rebuild(&looked, engine);
        if result.is_err() && !interrupt::is_requested() && !engine.answers() {
            return Rebuilt::EngineLost(looked);
        }
        let result = result.map_err(|error| (code_of(&error), format!("{error:#}")));
        let waiting = self.take_waiting(&looked.unit, Some(Slot::Done(result.clone())));
        let subject = looked.subject;
        let mut answers = vec![(subject, self.answer(*looked, &result))];
        match &result {
            Ok(()) => Rebuilt::Over(answers, waiting, 1),
            Err(error) => {
                answers.extend(waiting.into_iter().map(|subject| (subject, Answer::not_built(subject.name, error))));
                Rebuilt::Over(answers, Vec::new(), 0)
            }
        }
    }

    /// The answers to whoever waits for a recipe that nobody can build.
    pub(super) fn give_up(&self, looked: &Looked<'a>) -> Vec<(Subject<'a>, Answer)> {
        let waiting = self.take_waiting(&looked.unit, None);
        let error = (Code::EngineMissing.into(), "no engine is left that could build it".to_owned());
        let all = std::iter::once(looked.subject).chain(waiting);
        all.map(|subject| (subject, Answer::not_built(subject.name, &error))).collect()
    }

    /// Takes who waits for a unit; from now on its slot is `next`, or as if nobody had begun.
    fn take_waiting(&self, unit: &Unit, next: Option<Slot<'a>>) -> Vec<Subject<'a>> {
        let mut slots = self.slots();
        let before = slots.remove(unit);
        slots.extend(next.map(|next| (unit.clone(), next)));
        match before {
            Some(Slot::Building(waiting)) => waiting,
            Some(Slot::Done(_)) | None => Vec::new(),
        }
    }

    /// Rebuilds, and keeps what came out.
    fn rebuild(&self, looked: &Looked<'a>, engine: &Engine) -> anyhow::Result<()> {
        interrupt::check()?;
        let means =
            Means { engine, owner: &self.owner, signer: &self.signer, options: &self.options, out: &self.args.out };
        let Looked { question, inspection, .. } = looked;
        let observed = statement::observe(inspection, &question.subject, &question.chain.network);
        let signed = means.rebuild(&looked.recipe, Origin::Claimed, observed.as_ref(), &mut Progress::new(true))?;
        let finished = Finished { line: signed.line, rebuild: signed.report };
        files::write(&self.path(&looked.unit), &serde_json::to_vec(&finished)?, Access::Public)
    }

    /// The answer to a subject by what came of its recipe.
    fn answer(&self, looked: Looked<'a>, result: &Result<(), (ErrorCode, String)>) -> Answer {
        let Looked { subject, unit, question, inspection: _, recipe: _, http } = looked;
        let finished = match result {
            Ok(()) => self.read_finished(&unit),
            Err(error) => return Answer::not_built(subject.name, error),
        };
        let Some(finished) = finished else {
            let path = self.path(&unit);
            let error = format!("the rebuild that was kept in `{}` cannot be read any more", path.display());
            return Answer::not_built(subject.name, &(Code::Io.into(), error));
        };
        // By the key of this run, whoever wrote the file.
        let (inspection, question) = answer(question, *self.signer.public(), &finished.line, &http);
        Answer::of(&report(&inspection, &question), exit_code(&inspection), Some(finished.rebuild))
    }

    fn slots(&self) -> MutexGuard<'_, HashMap<Unit, Slot<'a>>> {
        self.slots.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn path(&self, unit: &Unit) -> PathBuf {
        self.args.out.join("batch").join("recipes").join(unit.file_name())
    }

    /// Reads what an earlier run or another worker kept of this unit.
    fn read_finished(&self, unit: &Unit) -> Option<Finished> {
        std::fs::read(self.path(unit)).ok().and_then(|text| serde_json::from_slice(&text).ok())
    }
}

impl Answer {
    fn of(report: &Report, exit: u8, rebuild: Option<Box<RebuildReport>>) -> Answer {
        let verdict = report.verdict.as_ref().map(|verdict| verdict.code.code());
        let code = verdict.or(report.error.as_ref().map(|error| error.code.code()));
        let json = serde_json::to_value(PrintedReport { report, rebuild: Some(rebuild) }).unwrap_or(Value::Null);
        Answer { verdict: code.unwrap_or_default().to_owned(), exit, json }
    }

    fn not_built(name: &str, (code, message): &(ErrorCode, String)) -> Answer {
        Answer::failed(name, &Failure::new(*code, message.clone()).into())
    }

    /// Of a subject that could not be looked at or built.
    pub(super) fn failed(name: &str, error: &anyhow::Error) -> Answer {
        let code = code_of(error);
        let report = Report::empty(name_subject(name)).failed(code, &crate::redact::redact_error(error));
        Answer::of(&report, code.exit_code(), None)
    }
}
