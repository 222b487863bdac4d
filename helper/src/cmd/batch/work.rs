//! One subject of a batch: looked at, rebuilt unless another subject with the same recipe is or was, and answered.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use provenear_shared::Report;
use provenear_shared::inspection::{Inspection, Question};
use provenear_shared::provenance::Origin;
use provenear_shared::recipe::Recipe;
use provenear_shared::report::{PrintedReport, RebuildReport};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::unit::Unit;
use crate::args::Batch;
use crate::engine::Engine;
use crate::failure::{ErrorCode, Failure, code_of};
use crate::files::{self, Access};
use crate::interrupt;
use crate::look::inspection::{answer, exit_code, look, named, report};
use crate::look::question::{question, subject};
use crate::look::remembering::Remembering;
use crate::network::transport::Http;
use crate::owner::Owner;
use crate::progress::Progress;
use crate::rebuild::options::Options;
use crate::rebuild::signed::Means;
use crate::rebuild::statement;
use crate::signer::Signer;

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

/// How far a subject came.
pub(super) enum Step<'a> {
    /// It is answered, and so are those that waited for the same recipe; after how many rebuilds: none or one.
    Told(Vec<Answer>, usize),
    /// Another worker builds its recipe and will answer it.
    Left,
    /// The engine is gone; these are as before.
    EngineLost(Vec<&'a str>),
}

/// A subject that was looked at and can be rebuilt.
struct Looked<'a> {
    name: &'a str,
    question: Question,
    inspection: Inspection,
    recipe: Recipe,
    http: Remembering<Http>,
}

/// A recipe that somebody has begun with.
enum Slot<'a> {
    /// Who waits for it.
    Building(Vec<Looked<'a>>),
    /// What came of it.
    Done(Result<Finished, (ErrorCode, String)>),
}

/// What all workers share.
pub(super) struct Work<'a> {
    args: &'a Batch,
    options: Options,
    signer: Signer,
    owner: Owner,
    http: Http,
    slots: Mutex<HashMap<Unit, Slot<'a>>>,
}

impl<'a> Work<'a> {
    /// With nothing begun.
    ///
    /// # Errors
    /// When options or key make no sense.
    pub(super) fn new(args: &'a Batch, owner: Owner, progress: &Progress) -> anyhow::Result<Work<'a>> {
        Ok(Work {
            options: Options::typed(&args.build, &args.common)?,
            signer: Signer::named(args.key.as_deref(), progress)?,
            owner,
            http: Http::new(args.common.place.ca_file.as_deref())?,
            slots: Mutex::default(),
            args,
        })
    }

    /// Answers a subject, with a rebuild of an earlier run where its recipe has one.
    pub(super) fn subject(&self, name: &'a str, engine: &Engine) -> Step<'a> {
        let looked = match self.look(name) {
            Ok(Ok(looked)) => looked,
            Ok(Err(answer)) => return Step::Told(vec![answer], 0),
            Err(error) => return Step::Told(vec![Answer::failed(name, &error)], 0),
        };
        let unit = Unit::of(&looked.recipe, &self.options, self.signer.public());
        let mut slots = self.slots();
        match slots.get_mut(&unit) {
            Some(Slot::Building(waiting)) => {
                waiting.push(looked);
                Step::Left
            }
            Some(Slot::Done(result)) => {
                let result = result.clone();
                drop(slots);
                Step::Told(vec![self.tell(looked, &result)], 0)
            }
            None => {
                slots.insert(unit.clone(), Slot::Building(Vec::new()));
                drop(slots);
                self.build(&unit, looked, engine)
            }
        }
    }

    /// What is at hand of a subject, or its answer where nothing is to be built.
    fn look(&self, name: &'a str) -> anyhow::Result<Result<Looked<'a>, Answer>> {
        let question = question(subject(name)?, &self.args.common, &self.http)?;
        let http = Remembering::new(self.http.clone());
        let inspection = look(&question, &http, &Progress::new(true));
        Ok(match inspection.recipe().cloned() {
            Some(recipe) => Ok(Looked { name, question, inspection, recipe, http }),
            None => Err(Answer::of(&report(&inspection, &question), exit_code(&inspection), None)),
        })
    }

    /// Builds for the first subject with a recipe, and for those that come while it is built.
    fn build(&self, unit: &Unit, looked: Looked<'a>, engine: &Engine) -> Step<'a> {
        let kept = self.kept(unit);
        let (result, rebuilds) = match read::<Finished>(&kept) {
            Some(known) => (Ok(known), 0),
            None => {
                let built = self.make(&kept, &looked, engine);
                if built.is_err() && !interrupt::asked() && !engine.answers() {
                    let waiting = self.waiting(unit, None);
                    return Step::EngineLost(
                        std::iter::once(looked).chain(waiting).map(|looked| looked.name).collect(),
                    );
                }
                let rebuilds = usize::from(built.is_ok());
                (built.map_err(|error| (code_of(&error), format!("{error:#}"))), rebuilds)
            }
        };
        let waiting = self.waiting(unit, Some(Slot::Done(result.clone())));
        let all = std::iter::once(looked).chain(waiting);
        Step::Told(all.map(|looked| self.tell(looked, &result)).collect(), rebuilds)
    }

    /// Who waits for a unit; from now on its slot is `next`, or as if nobody had begun.
    fn waiting(&self, unit: &Unit, next: Option<Slot<'a>>) -> Vec<Looked<'a>> {
        let mut slots = self.slots();
        let before = slots.remove(unit);
        slots.extend(next.map(|next| (unit.clone(), next)));
        match before {
            Some(Slot::Building(waiting)) => waiting,
            Some(Slot::Done(_)) | None => Vec::new(),
        }
    }

    fn make(&self, kept: &Path, looked: &Looked<'a>, engine: &Engine) -> anyhow::Result<Finished> {
        interrupt::check()?;
        let means =
            Means { engine, owner: &self.owner, signer: &self.signer, options: &self.options, out: &self.args.out };
        let Looked { question, inspection, .. } = looked;
        let observed = statement::observed(inspection, &question.subject, &question.place.network);
        let made = means.rebuild(&looked.recipe, Origin::Claimed, observed.as_ref(), &mut Progress::new(true))?;
        let finished = Finished { line: made.line, rebuild: made.report };
        files::write(kept, &serde_json::to_vec(&finished)?, Access::Public)?;
        Ok(finished)
    }

    /// The answer to a subject by what came of its recipe.
    fn tell(&self, looked: Looked<'a>, result: &Result<Finished, (ErrorCode, String)>) -> Answer {
        let Looked { name, question, inspection: _, recipe: _, http } = looked;
        match result {
            Ok(finished) => {
                // By the key of this run, whoever wrote the file.
                let (inspection, question) = answer(question, *self.signer.public(), &finished.line, &http);
                Answer::of(&report(&inspection, &question), exit_code(&inspection), Some(finished.rebuild.clone()))
            }
            Err((code, message)) => Answer::failed(name, &Failure::new(*code, message.clone()).into()),
        }
    }

    fn slots(&self) -> MutexGuard<'_, HashMap<Unit, Slot<'a>>> {
        self.slots.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn kept(&self, unit: &Unit) -> PathBuf {
        self.args.out.join("batch").join("recipes").join(unit.file_name())
    }
}

fn read<T: serde::de::DeserializeOwned>(path: &Path) -> Option<T> {
    std::fs::read(path).ok().and_then(|text| serde_json::from_slice(&text).ok())
}

impl Answer {
    fn of(report: &Report, exit: u8, rebuild: Option<Box<RebuildReport>>) -> Answer {
        let verdict = report.verdict.as_ref().map(|verdict| verdict.code.code());
        let code = verdict.or(report.error.as_ref().map(|error| error.code.code()));
        let json = serde_json::to_value(PrintedReport { report, rebuild: Some(rebuild) }).unwrap_or(Value::Null);
        Answer { verdict: code.unwrap_or_default().to_owned(), exit, json }
    }

    /// Of a subject that could not be looked at or built.
    pub(super) fn failed(name: &str, error: &anyhow::Error) -> Answer {
        let code = code_of(error);
        let report = Report::bare(named(name)).failed(code, &crate::redact::shown(error));
        Answer::of(&report, code.exit_code(), None)
    }
}
