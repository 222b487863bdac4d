//! One rebuild from recipe to files: built, stated, signed, written. What `rebuild` and `batch` share.

use std::path::Path;

use provenear_shared::digest::{Hex, Sha256Digest};
use provenear_shared::inspection::store_name;
use provenear_shared::key::PublicKey;
use provenear_shared::provenance::{Observed, Origin};
use provenear_shared::recipe::Recipe;
use provenear_shared::report::{ArtifactReport, RebuildReport};

use super::build::{Built, build};
use super::bundle;
use super::options::Options;
use super::statement::{self, About};
use crate::engine::Engine;
use crate::files::{self, Access};
use crate::owner::Owner;
use crate::progress::Progress;
use crate::signer::Signer;

/// Engine, signer, options and folder of a rebuild.
#[derive(Clone, Copy)]
pub struct Means<'a> {
    /// The engine.
    pub engine: &'a Engine,
    /// This helper.
    pub owner: &'a Owner,
    /// The key.
    pub signer: &'a Signer,
    /// How to build.
    pub options: &'a Options,
    /// Where the files go.
    pub out: &'a Path,
}

/// What came out.
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
    /// Builds, signs and writes.
    ///
    /// # Errors
    /// Everything that keeps an artifact from coming out.
    pub fn rebuild(
        &self,
        recipe: &Recipe,
        origin: Origin,
        observed: Option<&Observed>,
        progress: &mut Progress,
    ) -> anyhow::Result<Signed> {
        let work = files::work_folder(self.owner)?;
        let built = build(recipe, self.options, self.engine, self.owner, work.path(), progress)?;
        let about = About {
            recipe,
            origin,
            options: self.options,
            built: &built,
            engine: self.engine,
            observed,
            public_key: self.signer.public(),
            account_id: self.signer.account(),
        };
        let line = serde_json::to_string(&self.signer.seal(&serde_json::to_vec(&statement::statement(&about))?))?;
        let report = Box::new(self.keep(&built, &line)?);
        Ok(Signed { key: *self.signer.public(), line, artifact: built.artifact, report })
    }

    /// Writes what came out, each file at once: wasm, log, source archive, then the manifest that names them.
    fn keep(&self, built: &Built, line: &str) -> anyhow::Result<RebuildReport> {
        let hash = Sha256Digest::of(&built.artifact);
        // Other builds can give the same wasm: what is theirs alone is told apart by its digest.
        let named = |end: &str| self.out.join(format!("{}.{end}", hash.to_base58()));
        let (artifact, log) = (named("wasm"), named(&format!("{}.log", &built.log_sha256.to_hex()[..16])));
        let source = named(&source_archive(&built.checkout.archive_sha256));
        files::write(&artifact, &built.artifact, Access::Public)?;
        files::write(&log, &std::fs::read(&built.log)?, Access::Public)?;
        files::copy(&built.checkout.archive, &source)?;
        let manifest = self.out.join(store_name(&hash));
        bundle::merge(&manifest, &[line.to_owned()])?;
        let sigstore = bundle::write_sigstore(&manifest, line)?;
        let shown = |path: &Path| path.display().to_string();
        Ok(RebuildReport {
            artifact: ArtifactReport { code_hash: hash, sha256: Hex(hash), path: shown(&artifact) },
            manifest: shown(&manifest),
            sigstore: shown(&sigstore),
            log: shown(&log),
            source_archive: shown(&source),
            phases: built.phases.clone(),
            diff: None,
        })
    }
}

/// The end of a source archive's name.
pub fn source_archive(sha256: &Sha256Digest) -> String {
    format!("{}.source.tar", &sha256.to_hex()[..16])
}
