//! `provenear batch`: many subjects, one JSON line each. One rebuild per distinct recipe, however many subjects share it;
//! what is finished is known by a file and not done twice, also after a kill.

use std::collections::{BTreeMap, HashMap};
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::Context;
use provenear_shared::Report;
use provenear_shared::digest::Sha256Digest;
use provenear_shared::key::PublicKey;
use provenear_shared::provenance::{Observed, Origin};
use provenear_shared::recipe::Recipe;
use provenear_shared::report::SubjectReport;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::inspect::{look, report};
use super::{exit_code, kind};
use crate::args::Batch;
use crate::build::Options;
use crate::engine::{Engine, Owner};
use crate::failure::{Code, Failure, code_of, fail};
use crate::files::{self, Access};
use crate::interrupt;
use crate::make::{self, Maker, answer};
use crate::memory::Remembering;
use crate::progress::Progress;
use crate::question::{question, subject};
use crate::report::print_text;
use crate::signer::Signer;
use crate::statement;
use crate::transport::{Http, read_capped};

/// Bytes of a list.
const MAX_LIST: u64 = 16 << 20;
/// Exit codes, the worst first.
const WORST_FIRST: [u8; 6] = [130, 4, 5, 1, 3, 0];

/// A rebuild that is over, as it is kept.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Finished {
    key: String,
    line: String,
    rebuild: Value,
}

/// A subject that is over, as it is kept.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Answer {
    verdict: String,
    exit: u8,
    json: Value,
}

/// What came of one recipe; whoever comes first builds, the others wait for it.
type Slot = Arc<Mutex<Option<Result<Finished, (Code, String)>>>>;

struct Work<'a> {
    args: &'a Batch,
    options: Options,
    signer: Signer,
    owner: Owner,
    http: Http,
    slots: Mutex<HashMap<String, Slot>>,
    built: AtomicUsize,
}

/// Runs it.
///
/// # Errors
/// When the list cannot be read, or no engine answers.
pub fn run(args: &Batch) -> anyhow::Result<u8> {
    let progress = Progress::new(args.common.output.quiet);
    let text =
        read_capped(&args.list, MAX_LIST).with_context(|| format!("failed to read `{}`", args.list.display()))?;
    let text = String::from_utf8(text).with_context(|| format!("`{}` is not text", args.list.display()))?;
    let subjects: Vec<&str> = text.lines().map(str::trim).filter(|l| !l.is_empty() && !l.starts_with('#')).collect();
    let work = Work {
        options: make::options(&args.build, args.common.ca_file.as_deref())?,
        signer: make::signer(args.key.as_deref(), &progress)?,
        owner: Owner::ourselves(),
        http: Http::new(args.common.ca_file.as_deref())?,
        slots: Mutex::default(),
        built: AtomicUsize::new(0),
        args,
    };
    let named: Vec<Option<&str>> =
        if args.engine.is_empty() { vec![None] } else { args.engine.iter().map(|e| Some(e.as_str())).collect() };
    let engines: Vec<Engine> = named
        .into_iter()
        .map(|engine| make::ready(engine, &work.owner, &args.out, &progress))
        .collect::<anyhow::Result<_>>()?;
    let next = AtomicUsize::new(0);
    let answers = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for engine in engines.iter().flat_map(|engine| std::iter::repeat_n(engine, args.jobs)) {
            scope.spawn(|| {
                while let Some(name) = subjects.get(next.fetch_add(1, Ordering::SeqCst)) {
                    if interrupt::asked() {
                        return;
                    }
                    let answer = work.subject(name, engine);
                    // The lock also keeps lines whole.
                    let mut answers = answers.lock().unwrap_or_else(PoisonError::into_inner);
                    if let Err(error) = print_text(&format!("{}\n", answer.json)) {
                        eprintln!("warning: {error:#}");
                    }
                    answers.push((answer.verdict, answer.exit));
                }
            });
        }
    });
    let answers = answers.into_inner().unwrap_or_else(PoisonError::into_inner);
    if interrupt::asked() {
        return fail(Code::Interrupted, "stopped on request; run again to go on");
    }
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for (verdict, _) in &answers {
        *counts.entry(verdict.clone()).or_default() += 1;
    }
    let exit = WORST_FIRST.into_iter().find(|code| answers.iter().any(|(_, exit)| exit == code)).unwrap_or(0);
    let rebuilds = work.built.load(Ordering::SeqCst);
    let summary = json!({"schema": "provenear/batch/v1", "error": null, "subjects": answers.len(), "rebuilds": rebuilds,
        "counts": counts, "exit": exit});
    print_text(&format!("{summary}\n"))?;
    for (verdict, count) in &counts {
        progress.say(&format!("{count} {verdict}"));
    }
    Ok(exit)
}

impl Work<'_> {
    fn kept(&self, of: &str, name: &str) -> PathBuf {
        self.args.out.join("batch").join(of).join(format!("{}.json", Sha256Digest::of(name.as_bytes()).to_hex()))
    }

    /// Answers one subject, or finds the answer of an earlier run.
    fn subject(&self, name: &str, engine: &Engine) -> Answer {
        let network = self.args.common.network.as_deref().unwrap_or("mainnet");
        let kept = self.kept("subjects", &format!("{network} {name}"));
        if let Some(known) = std::fs::read(&kept).ok().and_then(|text| serde_json::from_slice::<Answer>(&text).ok()) {
            return known;
        }
        let answer = self.answer(name, engine).unwrap_or_else(|error| {
            let code = code_of(&error);
            let failed = Report::failed(SubjectReport::named(kind(name), name), code.as_str(), &format!("{error:#}"));
            answer_of(code.as_str(), code.exit(), &failed, Value::Null)
        });
        // What could not be looked at is tried again next time.
        if ![4, 130].contains(&answer.exit)
            && let Err(error) = serde_json::to_vec(&answer)
                .map_err(Into::into)
                .and_then(|text| files::write(&kept, &text, Access::Public))
        {
            eprintln!("warning: {error:#}");
        }
        answer
    }

    fn answer(&self, name: &str, engine: &Engine) -> anyhow::Result<Answer> {
        let http = Remembering::new(self.http.clone());
        let question = question(subject(name)?, &self.args.common, &self.http)?;
        let inspection = look(&question, &http, &Progress::new(true));
        let (Ok(_), Ok(recipe)) = (&inspection.outcome, &inspection.recipe) else {
            return Ok(judged(&report(&inspection, &question), exit_code(&inspection), Value::Null));
        };
        let finished = self
            .recipe(recipe, engine, || statement::observed(&inspection, &question.subject, &question.place.network))?;
        let key = PublicKey::parse(&finished.key)?;
        let (inspection, question) = answer(question, key, &finished.line, &http);
        Ok(judged(&report(&inspection, &question), exit_code(&inspection), finished.rebuild))
    }

    /// Builds a recipe once; another subject with the same one gets what came of it.
    fn recipe(
        &self,
        recipe: &Recipe,
        engine: &Engine,
        observed: impl FnOnce() -> Option<Observed>,
    ) -> anyhow::Result<Finished> {
        let how = (&self.options.image, self.options.network_access.as_str(), self.signer.public().to_near());
        let name = serde_json::to_string(&(recipe.claimed(), how))?;
        let slot = self.slots.lock().unwrap_or_else(PoisonError::into_inner).entry(name.clone()).or_default().clone();
        let mut slot = slot.lock().unwrap_or_else(PoisonError::into_inner);
        if slot.is_none() {
            *slot = Some(self.build(&name, recipe, engine, observed).map_err(|e| (code_of(&e), format!("{e:#}"))));
        }
        match slot.as_ref() {
            Some(Ok(finished)) => Ok(finished.clone()),
            Some(Err((code, message))) => Err(Failure::new(*code, message.clone()).into()),
            None => fail(Code::Io, "a rebuild was lost"),
        }
    }

    fn build(
        &self,
        name: &str,
        recipe: &Recipe,
        engine: &Engine,
        observed: impl FnOnce() -> Option<Observed>,
    ) -> anyhow::Result<Finished> {
        let kept = self.kept("recipes", name);
        if let Some(known) = std::fs::read(&kept).ok().and_then(|text| serde_json::from_slice::<Finished>(&text).ok()) {
            return Ok(known);
        }
        interrupt::check()?;
        let maker =
            Maker { engine, owner: &self.owner, signer: &self.signer, options: &self.options, out: &self.args.out };
        let mut progress = Progress::new(true);
        let made = maker.make(recipe, Origin::Claimed, observed().as_ref(), &mut progress)?;
        self.built.fetch_add(1, Ordering::SeqCst);
        let finished = Finished { key: made.key.to_near(), line: made.line, rebuild: made.json };
        files::write(&kept, &serde_json::to_vec(&finished)?, Access::Public)?;
        Ok(finished)
    }
}

fn judged(report: &Report, exit: u8, rebuild: Value) -> Answer {
    let code = report.verdict.as_ref().map(|v| v.code.as_str()).or(report.error.as_ref().map(|e| e.code.as_str()));
    answer_of(code.unwrap_or("not-rebuilt"), exit, report, rebuild)
}

fn answer_of(verdict: &str, exit: u8, report: &Report, rebuild: Value) -> Answer {
    let mut json = serde_json::to_value(report).unwrap_or(Value::Null);
    if let Some(object) = json.as_object_mut() {
        object.insert("rebuild".to_owned(), rebuild);
    }
    Answer { verdict: verdict.to_owned(), exit, json }
}
