//! One rebuild from recipe to files: built, stated, signed, written. What `rebuild` and `batch` share.

use std::path::{Path, PathBuf};

use anyhow::Context;
use provenear_shared::deployment::Transport;
use provenear_shared::digest::Sha256Digest;
use provenear_shared::inspection::{Inspection, ManifestOrigin, ManifestText, Question, store_name};
use provenear_shared::key::PublicKey;
use provenear_shared::keys::KeyName;
use provenear_shared::provenance::{Observed, Origin};
use provenear_shared::recipe::Recipe;
use serde_json::{Value, json};

use crate::args;
use crate::build::{self, Built, Options};
use crate::bundle;
use crate::checkout::{self, LocalSources, RepositoryUrl};
use crate::cmd::inspect::look;
use crate::engine::{Engine, Limits, Owner};
use crate::failure::{Code, fail};
use crate::fetch::ImageNetwork;
use crate::files::{self, Access};
use crate::progress::Progress;
use crate::question::policy;
use crate::signer::Signer;
use crate::statement::{self, About};
use crate::transport::is_url;

/// With what, by whom and whereto.
#[derive(Clone, Copy)]
pub struct Maker<'a> {
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
pub struct Made {
    /// The public half of the key that signed.
    pub key: PublicKey,
    /// The manifest.
    pub line: String,
    /// The rebuilt wasm.
    pub artifact: Vec<u8>,
    /// The `rebuild` part of the report.
    pub json: Value,
}

impl Maker<'_> {
    /// Builds, signs and writes.
    ///
    /// # Errors
    /// Everything that keeps an artifact from coming out.
    pub fn make(
        &self,
        recipe: &Recipe,
        origin: Origin,
        observed: Option<&Observed>,
        progress: &mut Progress,
    ) -> anyhow::Result<Made> {
        let work = files::work_folder(self.owner)?;
        let built = build::build(recipe, self.options, self.engine, self.owner, work.path(), progress)?;
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
        let json = self.keep(&built, &line)?;
        Ok(Made { key: *self.signer.public(), line, artifact: built.artifact, json })
    }

    /// Writes what came out, each file at once: wasm, log, source archive, then the manifest that names them.
    fn keep(&self, built: &Built, line: &str) -> anyhow::Result<Value> {
        let hash = Sha256Digest::of(&built.artifact);
        // Other builds can give the same wasm: what is theirs alone is told apart by its digest.
        let named = |end: &str| self.out.join(format!("{}.{end}", hash.to_base58()));
        let archive = Sha256Digest::from_bytes(built.checkout.archive_sha256).to_hex();
        let (artifact, log) = (named("wasm"), named(&format!("{}.log", &built.log_sha256[..16])));
        let source = named(&source_archive(&archive));
        files::write(&artifact, &built.artifact, Access::Public)?;
        files::write(&log, &std::fs::read(&built.log)?, Access::Public)?;
        files::copy(&built.checkout.archive, &source)?;
        let manifest = self.out.join(store_name(&hash));
        bundle::merge(&manifest, &[line.to_owned()])?;
        let sigstore = bundle::write_sigstore(&manifest, line)?;
        Ok(json!({
            "artifact": {"code_hash": hash.to_base58(), "sha256": hash.to_hex(), "path": artifact},
            "manifest": manifest, "sigstore": sigstore, "log": log, "source_archive": source, "phases": built.phases,
        }))
    }
}

/// The end of a source archive's name, by its digest in hex.
pub fn source_archive(sha256: &str) -> String {
    format!("{}.source.tar", sha256.get(..16).unwrap_or_default())
}

/// The answer with a manifest of one's own: "by you, now". Asks nothing that was asked before.
pub fn answer(
    mut question: Question,
    key: PublicKey,
    line: &str,
    transport: &impl Transport,
) -> (Inspection, Question) {
    if !question.policy.keys.iter().any(|(known, _)| *known == key) {
        let you = KeyName::parse("you").expect("a plain word is a name");
        question.policy.keys.push((key, you));
    }
    question.manifests.push(ManifestText { text: line.to_owned(), origin: ManifestOrigin::File });
    let inspection = look(&question, transport, &Progress::new(true));
    (inspection, question)
}

/// How to build, from what was typed.
///
/// # Errors
/// [`Code::Usage`].
pub fn options(build: &args::Build, common: &args::Common) -> anyhow::Result<Options> {
    let local_sources = if common.allow_local_source { LocalSources::Allowed } else { LocalSources::Refused };
    let origin = match &build.source {
        None => checkout::Origin::Claimed,
        Some(url) if is_url(url) => checkout::Origin::Url(RepositoryUrl::parse(url, local_sources)?),
        Some(folder) => checkout::Origin::Directory(PathBuf::from(folder)),
    };
    let usual = Limits::default();
    let cpus = build.cpus.unwrap_or(usual.cpus);
    if !(cpus.is_finite() && cpus > 0.0) {
        return fail(Code::Usage, format!("`--cpus {cpus}` is no number of processors"));
    }
    let limits = Limits {
        memory: build.memory,
        cpus,
        pids: build.pids,
        disk: build.disk,
        file_size: usual.file_size.min(build.disk),
        output: build.log_size,
        time: build.timeout,
        ..usual
    };
    Ok(Options {
        origin,
        image: build.image.clone(),
        network_access: build.network_access,
        accepted_images: policy(common)?.images,
        other_images: if build.trust_image_network { ImageNetwork::Trusted } else { ImageNetwork::Refused },
        limits,
        allow_unlimited: build.allow_unlimited,
        local_sources,
        ca_file: common.ca_file.clone(),
    })
}

/// The key that was named, or the usual one, made now if need be and said so.
///
/// # Errors
/// When it cannot be read or made.
pub fn signer(named: Option<&Path>, progress: &Progress) -> anyhow::Result<Signer> {
    if let Some(path) = named {
        return Signer::read(path);
    }
    let (signer, path, is_new) = Signer::default_key()?;
    if is_new {
        progress.say(&format!("made a signing key in `{}`: {}", path.display(), signer.public().to_near()));
    }
    Ok(signer)
}

/// The engine, with what earlier helpers left on it taken away, and the folder for what comes out.
///
/// # Errors
/// [`Code::EngineMissing`] when none answers.
pub fn ready(engine: Option<&str>, owner: &Owner, out: &Path, progress: &Progress) -> anyhow::Result<Engine> {
    let engine = Engine::find(engine)?;
    std::fs::create_dir_all(out).with_context(|| format!("failed to make `{}`", out.display()))?;
    files::sweep(out, owner, 2);
    files::sweep(&files::cache_folder()?, owner, 3);
    let swept = engine.sweep(owner)?;
    if swept > 0 {
        progress.say(&format!("removed {swept} containers that an earlier run left"));
    }
    Ok(engine)
}
