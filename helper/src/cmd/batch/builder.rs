//! One unit on this machine: known by its folder where it is finished, and built otherwise. Not here: which units, and what comes of
//! their code.

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use provenear_shared::provenance::Origin;
use provenear_shared::report::{FailureCode, PlanUnit, UnitReport};

use super::evidence::{Came, Checked, Taking, examine};
use super::folder::Units;
use super::unit;
use crate::args::Bounds;
use crate::engine::Engine;
use crate::failure::{Code, ErrorCode, code_of, fail};
use crate::interrupt;
use crate::owner::Owner;
use crate::progress::{self, Progress};
use crate::rebuild::signed::Means;
use crate::rebuild::times::Times;
use crate::signer::Signer;

/// The engine, and all that is the same for every unit.
pub(super) struct Builder<'a> {
    pub(super) engine: &'a Engine,
    pub(super) owner: &'a Owner,
    /// Who signs; nobody where that is left to a merge.
    pub(super) signer: Option<&'a Signer>,
    pub(super) bounds: &'a Bounds,
    pub(super) ca_file: Option<&'a Path>,
    /// Where the folders of the units are.
    pub(super) folder: &'a Path,
    pub(super) times: Times,
    /// Whether the engine was seen not to answer any more.
    pub(super) is_lost: AtomicBool,
}

/// How a unit came to be finished.
pub(super) enum Finished {
    /// It was before.
    Before(UnitReport),
    /// It was built now.
    Now(UnitReport),
}

impl Builder<'_> {
    fn units(&self) -> Units<'_> {
        Units { folder: self.folder, owner: self.owner }
    }

    /// What a run of this key left of a unit, where all of it is there and nothing lacked that is wanted now.
    pub(super) fn finished(&self, unit: &PlanUnit) -> Option<UnitReport> {
        let id = unit.unit.0;
        // What nobody signed is examined with a key that is thrown away: who will sign it is not known here.
        let passing = match self.signer {
            Some(_) => None,
            None => Signer::generate().ok(),
        };
        let taking = Taking { signer: passing.as_ref(), ..Taking::default() };
        let Ok(Came::Code(found)) = examine(&self.units().path(&id), &id, taking) else {
            return None;
        };
        self.is_usable(&found).then_some(found.report)
    }

    /// Whether a rebuild is what one by this run would be: by its key, or unsigned, and behind the fences that it wants.
    pub(super) fn is_usable(&self, found: &Checked) -> bool {
        let is_ours = match self.signer {
            Some(signer) => !found.was_unsigned && *signer.public() == found.key,
            None => found.was_unsigned,
        };
        is_ours && (self.bounds.allow_unlimited || found.is_fenced)
    }

    /// Builds a unit, unless it is finished. Why the source keeps code from coming out is kept, and tried again by the next run; nothing
    /// is of any other failure.
    ///
    /// # Errors
    /// Everything that keeps code from coming out.
    pub(super) fn build(&self, unit: &PlanUnit) -> anyhow::Result<Finished> {
        interrupt::check()?;
        if let Some(report) = self.finished(unit) {
            return Ok(Finished::Before(report));
        }
        if self.is_lost.load(Ordering::SeqCst) {
            return fail(Code::EngineMissing, "no engine is left that could build it");
        }
        let built = self.build_now(unit);
        let Err(error) = built else { return built };
        if interrupt::is_requested() {
            return Err(error);
        }
        if is_about_the_source(code_of(&error)) {
            self.units().make_way(&unit.unit.0)?;
            self.units().write_failure(unit, &error, self.bounds.allow_unlimited)?;
        } else if !self.engine.answers() {
            if !self.is_lost.swap(true, Ordering::SeqCst) {
                let engine = crate::redact::redact(&self.engine.to_shell());
                progress::warn(&format!("`{engine}` no longer answers, and gets no more work"));
            }
            return fail(Code::EngineMissing, "no engine is left that could build it");
        }
        Err(error)
    }

    fn build_now(&self, unit: &PlanUnit) -> anyhow::Result<Finished> {
        let recipe = unit::recipe(&unit.inputs)?;
        let options = unit::options(unit, self.bounds, self.ca_file)?;
        let means = Means { engine: self.engine, owner: self.owner, options: &options };
        let observed = unit.observed.as_ref();
        let made = means.rebuild(&recipe, Origin::Claimed, observed, self.signer, &mut Progress::new(true))?;
        let seconds = made.built.phases.iter().map(|phase| phase.seconds).sum();
        // Before the unit is there: a unit that is finished is not built again, and nobody would note it after a kill.
        self.times.note(&unit::names(&unit.unit.0, &recipe), seconds);
        self.units().make_way(&unit.unit.0)?;
        let report = self.units().write(unit, made, self.signer, self.bounds.allow_unlimited)?;
        Ok(Finished::Now(report))
    }
}

/// Whether a failure is an answer about the source, which another machine would give as well.
pub(super) fn is_about_the_source(code: ErrorCode) -> bool {
    match code {
        ErrorCode::Failure(code) => match code {
            FailureCode::BuildFailed
            | FailureCode::SourceRefused
            | FailureCode::ArtifactMissing
            | FailureCode::ArtifactAmbiguous
            | FailureCode::ArtifactNotRegular => true,
            FailureCode::Usage
            | FailureCode::EngineMissing
            | FailureCode::EngineFailed
            | FailureCode::ImageUnavailable
            | FailureCode::CommitNotFound
            | FailureCode::BuildTimeout
            | FailureCode::LimitExceeded
            | FailureCode::NetworkNeeded
            | FailureCode::NotRebuildable
            | FailureCode::NoContract
            | FailureCode::Io
            | FailureCode::Interrupted => false,
        },
        ErrorCode::Look(_) => false,
    }
}
