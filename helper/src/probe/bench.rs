//! The builds of a probe, one after the other: each kept as soon as it is done, none begun that would not end in time.
//! Not here: what is changed (`setting`), what it comes to (`probe`).

use std::path::Path;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use provenear_shared::digest::Sha256Digest;
use provenear_shared::report::{Factor, FactorOutcome, FactorReport, FailureCode, LeakReport};
use provenear_shared::wasm::diff::DiffReport;

use super::check::NotVaried;
use super::setting::Setting;
use super::state::{State, Usual};
use super::tools::Tools;
use super::{Asked, check, clock, hints, leak};
use crate::engine::Engine;
use crate::engine::container::Container;
use crate::failure::{Code, code_of};
use crate::fetch::cache::Cache;
use crate::files;
use crate::owner::Owner;
use crate::progress::Progress;
use crate::rebuild::build::{now, run_id};
use crate::rebuild::job::{Job, Source};
use crate::rebuild::options::Options;

/// What all builds have in common.
pub struct Bench<'a> {
    /// What is asked for.
    pub asked: &'a Asked,
    /// Limits and reach.
    pub options: &'a Options,
    /// The engine.
    pub engine: &'a Engine,
    /// This helper.
    pub owner: &'a Owner,
    /// A private folder.
    pub work: &'a Path,
    /// What is built.
    pub source: &'a Source,
    /// The build command as one line of a shell.
    pub joined: &'a str,
    /// Downloaded dependencies.
    pub cache: Cache,
    /// What was built already.
    pub state: State,
    /// How it is built with nothing changed.
    pub usual: Setting,
    /// When the probe began.
    pub started: Instant,
}

/// What came out of one build.
struct Made {
    artifact: Vec<u8>,
    note: Option<String>,
    seconds: f64,
}

impl Bench<'_> {
    /// The usual build, and each that was asked for, in order.
    ///
    /// # Errors
    /// Where nothing comes out with nothing changed, the engine is gone, or on Ctrl-C.
    pub fn build_all(&self, progress: &mut Progress) -> anyhow::Result<(Sha256Digest, Vec<FactorReport>)> {
        let usual = match self.state.usual() {
            Some(usual) => {
                progress.say("the build with nothing changed was made by an earlier run");
                usual
            }
            None => self.build_usual(progress)?,
        };
        let mut tools = None;
        let mut longest = usual.seconds;
        let mut noise = None;
        let mut reports = Vec::new();
        for factor in Factor::ALL.iter().copied() {
            if factor != Factor::Again && !self.asked.factors.contains(&factor) {
                reports.push(leave_out(factor, FactorOutcome::NotAsked, None));
                continue;
            }
            let report = match self.state.factor(factor) {
                Some((report, artifact)) => {
                    if let (Factor::Again, Some(artifact)) = (factor, artifact) {
                        noise = Some(leak::compare([&usual.artifact, &artifact])?);
                    }
                    progress.say(&format!("{}: {}, by an earlier run", factor.code(), report.outcome.code()));
                    report
                }
                None if self.is_over(longest) => not_varied(factor, "the time of `--budget` was used up"),
                None => {
                    let tools = match &tools {
                        Some(tools) => tools,
                        None => tools.insert(self.tools()?),
                    };
                    let (report, differs) = self.vary(factor, &usual, noise.as_ref(), tools, progress)?;
                    if factor == Factor::Again {
                        noise = differs;
                    }
                    report
                }
            };
            longest = longest.max(report.seconds.unwrap_or_default());
            reports.push(report);
        }
        Ok((Sha256Digest::of(&usual.artifact), reports))
    }

    /// Whether another build, as long as the longest so far, would not end in time.
    fn is_over(&self, longest: f64) -> bool {
        let next = Duration::try_from_secs_f64(longest).unwrap_or(Duration::MAX);
        self.asked.budget.is_some_and(|budget| self.started.elapsed().saturating_add(next) > budget)
    }

    fn tools(&self) -> anyhow::Result<Tools> {
        let clock = if self.asked.factors.contains(&Factor::Clock) && self.state.factor(Factor::Clock).is_none() {
            clock::build_library(&clock::Place {
                engine: self.engine,
                owner: self.owner,
                work: self.work,
                run: &run_id()?,
                image: &self.usual.image,
                limits: &self.options.limits,
                allow_unlimited: self.options.allow_unlimited,
            })?
        } else {
            Err("it was not asked for".to_owned())
        };
        Ok(Tools { kind: self.engine.kind, clock, cpus: self.options.limits.cpus })
    }

    fn build_usual(&self, progress: &mut Progress) -> anyhow::Result<Usual> {
        progress.say("building with nothing changed");
        let order = Mutex::new(String::new());
        let listed = |container: &Container<'_>| {
            let listing = check::list_files(container, &self.usual.surroundings.mount)?;
            order.lock().map_err(|_| anyhow::anyhow!("a reader broke down"))?.push_str(&listing);
            Ok(None)
        };
        let made = self.build("usual", &self.usual, listed, progress)?;
        let order = order.into_inner().unwrap_or_default();
        let usual = Usual { artifact: made.artifact, order, seconds: made.seconds };
        // What is no module is no contract, and nothing could be said of it.
        leak::compare([&usual.artifact, &usual.artifact])?;
        self.state.keep_usual(&usual)?;
        progress.say(&format!("built {}", Sha256Digest::of(&usual.artifact).to_base58()));
        Ok(usual)
    }

    /// Builds with one factor changed; gives the comparison too, where the code differs.
    fn vary(
        &self,
        factor: Factor,
        usual: &Usual,
        noise: Option<&DiffReport>,
        tools: &Tools,
        progress: &Progress,
    ) -> anyhow::Result<(FactorReport, Option<DiffReport>)> {
        let code = factor.code();
        let setting = match self.usual.with(factor, self.joined, tools) {
            Ok(setting) => setting,
            Err(why) => return Ok((not_varied(factor, &why), None)),
        };
        progress.say(&format!("{code}: {}", setting.change));
        let prepare = |container: &Container<'_>| check::prepare(container, factor, &setting, &usual.order);
        let made = match self.build(code, &setting, prepare, &mut Progress::new(true)) {
            Ok(made) => made,
            Err(error) => {
                let mut report = self.explain_failure(factor, error)?;
                report.change = Some(setting.change);
                progress.say(&format!("{code}: {}", report.outcome.code()));
                return Ok((report, None));
            }
        };
        let mut report = FactorReport {
            factor,
            outcome: FactorOutcome::Same,
            held_by_the_image: factor.is_held_by_the_image(),
            change: Some(setting.change.clone()),
            message: made.note.clone(),
            code_hash: Some(Sha256Digest::of(&made.artifact)),
            seconds: Some(made.seconds),
            built_on: Some(now()),
            leak: None,
        };
        let mut compared = None;
        if made.artifact != usual.artifact {
            let comparison = leak::compare([&usual.artifact, &made.artifact])?;
            let path = self.state.path(&format!("{code}.diff.json"));
            leak::keep(&comparison, &path)?;
            match leak::find_leak(&comparison, noise) {
                Some(found) => {
                    report.outcome = FactorOutcome::Leaks;
                    report.leak = Some(LeakReport {
                        carries: leak::find_carried(&setting.marks, &usual.artifact, &made.artifact),
                        hints: hints::find_hints(&self.source.checkout.archive, factor)?,
                        diff: path.display().to_string(),
                        ..found
                    });
                }
                None => {
                    report.outcome = FactorOutcome::Unclear;
                    report.message = Some("it differs where two builds with nothing changed differ as well".to_owned());
                }
            }
            compared = Some(comparison);
        }
        self.state.keep_factor(&report, &made.artifact)?;
        progress.say(&format!("{code}: {} ({:.0} s)", report.outcome.code(), made.seconds));
        Ok((report, compared))
    }

    fn build(
        &self,
        name: &str,
        setting: &Setting,
        prepare: impl Fn(&Container<'_>) -> anyhow::Result<Option<String>> + Sync,
        progress: &mut Progress,
    ) -> anyhow::Result<Made> {
        let since = Instant::now();
        let mut archive = self.source.checkout.archive.clone();
        if setting.reordered {
            let usual = std::mem::replace(&mut archive, self.work.join(format!("{name}.tar")));
            check::reorder(&usual, &archive)?;
        }
        let log = self.work.join(format!("{name}.log"));
        let job = Job {
            engine: self.engine,
            owner: self.owner,
            work: self.work,
            run: &run_id()?,
            options: self.options,
            image: &setting.image,
            source: self.source,
            archive: &archive,
            command: &setting.command,
            shown: self.joined,
            env: &setting.env,
            surroundings: &setting.surroundings,
            log: &log,
        };
        let note = Mutex::new(None);
        let noting = |container: &Container<'_>| {
            let said = prepare(container)?;
            *note.lock().map_err(|_| anyhow::anyhow!("a reader broke down"))? = said;
            Ok(())
        };
        let left = job.run(&self.cache, noting, progress);
        if log.exists() {
            files::copy(&log, &self.state.path(&format!("{name}.log")))?;
        }
        let seconds = (since.elapsed().as_secs_f64() * 10.0).round() / 10.0;
        Ok(Made { artifact: left?.artifact, note: note.into_inner().unwrap_or_default(), seconds })
    }

    /// For a build that gave nothing: whether that is the factor's doing, or nobody's who could be asked again.
    fn explain_failure(&self, factor: Factor, error: anyhow::Error) -> anyhow::Result<FactorReport> {
        if let Some(NotVaried(why)) = error.downcast_ref::<NotVaried>() {
            return Ok(not_varied(factor, why));
        }
        let said = crate::redact::redact_error(&error);
        let failed = |code: FailureCode| code_of(&error) == code;
        let not_built = [Code::BuildFailed, Code::BuildTimeout, Code::NetworkNeeded, Code::ArtifactMissing];
        if not_built.into_iter().any(failed) {
            let log = self.state.path(&format!("{}.log", factor.code()));
            let why = format!("{said}; what it printed is in `{}`", log.display());
            return Ok(leave_out(factor, FactorOutcome::NotBuilt, Some(&why)));
        }
        // An engine that is there and refuses does not know an option, or cannot enforce a limit with it.
        if [Code::EngineFailed, Code::LimitExceeded].into_iter().any(failed) && self.engine.answers() {
            return Ok(not_varied(factor, &said));
        }
        Err(error)
    }
}

fn not_varied(factor: Factor, why: &str) -> FactorReport {
    leave_out(factor, FactorOutcome::NotVaried, Some(why))
}

/// Reports a factor that nothing was built with.
pub fn leave_out(factor: Factor, outcome: FactorOutcome, why: Option<&str>) -> FactorReport {
    FactorReport {
        factor,
        outcome,
        held_by_the_image: factor.is_held_by_the_image(),
        change: None,
        message: why.map(ToOwned::to_owned),
        code_hash: None,
        seconds: None,
        built_on: None,
        leak: None,
    }
}
