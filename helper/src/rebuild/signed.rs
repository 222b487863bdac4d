//! One rebuild from recipe to statement, and a signed one to files. What `rebuild` and `batch` share.

use provenear_shared::key::PublicKey;
use provenear_shared::provenance::{Observed, Origin, Statement};
use provenear_shared::recipe::Recipe;
use provenear_shared::report::RebuildReport;
use tempfile::TempDir;

use super::build::{Built, build};
use super::options::Options;
use super::statement::{self, About};
use super::store::{Order, Store, Stored};
use crate::engine::Engine;
use crate::files;
use crate::owner::Owner;
use crate::progress::Progress;
use crate::signer::Signer;

/// Engine and options of a rebuild.
#[derive(Clone, Copy)]
pub struct Means<'a> {
    /// The engine.
    pub engine: &'a Engine,
    /// This helper.
    pub owner: &'a Owner,
    /// How to build.
    pub options: &'a Options,
}

/// What came out, and what is to be said of it. Log and source lie in a folder that is gone with this.
pub struct Made {
    /// What came out.
    pub built: Built,
    /// What is to be signed.
    pub statement: Statement,
    _work: TempDir,
}

/// What came out, signed and written.
#[derive(Debug, Clone)]
pub struct Signed {
    /// The public half of the key that signed.
    pub key: PublicKey,
    /// The manifest.
    pub line: String,
    /// The rebuilt wasm.
    pub artifact: Vec<u8>,
    /// The `rebuild` part of the report.
    pub report: Box<RebuildReport>,
}

impl Means<'_> {
    /// Builds, and states what was built; names the key that is to sign, if there is one.
    ///
    /// # Errors
    /// Everything that keeps an artifact from coming out.
    pub fn rebuild(
        &self,
        recipe: &Recipe,
        origin: Origin,
        observed: Option<&Observed>,
        signer: Option<&Signer>,
        progress: &mut Progress,
    ) -> anyhow::Result<Made> {
        let work = files::work_folder(self.owner)?;
        let built = build(recipe, self.options, self.engine, self.owner, work.path(), progress)?;
        let about =
            About { recipe, origin, options: self.options, built: &built, engine: self.engine, observed, signer };
        Ok(Made { statement: statement::statement(&about), built, _work: work })
    }
}

impl Made {
    /// The signed line.
    ///
    /// # Errors
    /// Never: a statement is JSON.
    pub fn seal(&self, signer: &Signer) -> anyhow::Result<String> {
        Ok(serde_json::to_string(&signer.seal(&serde_json::to_vec(&self.statement)?))?)
    }

    /// Signs, and writes everything into a store.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn keep(self, signer: &Signer, store: &Store<'_>) -> anyhow::Result<Signed> {
        let line = self.seal(signer)?;
        let stored = Stored {
            artifact: &self.built.artifact,
            log: &self.built.log,
            log_sha256: self.built.log_sha256,
            source: &self.built.checkout.archive,
            source_sha256: self.built.checkout.archive_sha256,
        };
        let report = Box::new(store.keep(&stored, &line, &self.built.phases, Order::AsTheyCome)?);
        Ok(Signed { key: *signer.public(), line, artifact: self.built.artifact, report })
    }
}
