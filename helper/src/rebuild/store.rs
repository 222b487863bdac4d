//! A folder of finished rebuilds: for each wasm its file, its manifests one a line, and log and source of each build; for each unit of
//! a batch which code came out. Every file is there whole or not at all, so that who is killed leaves a whole store. Not here: whether a
//! line may be taken (`cmd/batch/evidence`), the envelopes themselves (`bundle`).

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use anyhow::Context;
use provenear_shared::digest::{Hex, Sha256Digest};
use provenear_shared::inspection::store_name;
use provenear_shared::report::{ArtifactReport, PhaseReport, RebuildReport, StoredUnit, UnitInputs};

pub use super::bundle::{Fate, Lock, Order};

use super::bundle;
use crate::failure::{Code, fail};
use crate::files::{self, Access, read_capped};

/// Bytes of what is said of a unit.
pub const MAX_UNIT: u64 = 4 << 20;
/// How the name of what is said of a unit ends.
pub const UNIT_END: &str = ".unit.json";

/// Bytes of a log or source: a checkout is kept to two gibibytes.
pub const MAX_FILE: u64 = 3 << 30;

/// The folder.
#[derive(Debug, Clone, Copy)]
pub struct Store<'a>(pub &'a Path);

/// What one build left.
#[derive(Debug, Clone, Copy)]
pub struct Stored<'a> {
    /// The wasm.
    pub artifact: &'a [u8],
    /// What the build printed.
    pub log: &'a Path,
    /// Its SHA-256.
    pub log_sha256: Sha256Digest,
    /// The source that was built, as a tar.
    pub source: &'a Path,
    /// Its SHA-256.
    pub source_sha256: Sha256Digest,
}

impl Store<'_> {
    /// Writes what came out, each file at once: wasm, log, source archive, then the manifest that names them.
    ///
    /// # Errors
    /// When it cannot be written, or readers would not accept as much.
    pub fn keep(
        &self,
        stored: &Stored<'_>,
        line: &str,
        phases: &[PhaseReport],
        order: Order,
    ) -> anyhow::Result<RebuildReport> {
        let report = self.keep_files(stored, line, phases)?;
        bundle::merge(Path::new(&report.manifest), &[line.to_owned()], order)?;
        bundle::write_sigstore(Path::new(&report.manifest), line)?;
        Ok(report)
    }

    /// The same without the manifest, which has to follow.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn keep_files(&self, stored: &Stored<'_>, line: &str, phases: &[PhaseReport]) -> anyhow::Result<RebuildReport> {
        let hash = Sha256Digest::of(stored.artifact);
        // Other builds can give the same wasm: what is theirs alone is told apart by its digest.
        let named = |end: &str| self.0.join(format!("{}.{end}", hash.to_base58()));
        let (artifact, log) = (named("wasm"), named(&format!("{}.log", &stored.log_sha256.to_hex()[..16])));
        let source = named(&source_archive(&stored.source_sha256));
        if !is_there(&artifact, &hash) {
            files::write(&artifact, stored.artifact, Access::Public)?;
        }
        copy_once(stored.log, &log, &stored.log_sha256)?;
        copy_once(stored.source, &source, &stored.source_sha256)?;
        let manifest = self.manifest(&hash);
        let sigstore = bundle::sigstore_path(&manifest, line);
        let shown = |path: &Path| path.display().to_string();
        Ok(RebuildReport {
            artifact: ArtifactReport { code_hash: hash, sha256: Hex(hash), path: shown(&artifact) },
            manifest: shown(&manifest),
            sigstore: shown(&sigstore),
            log: shown(&log),
            source_archive: shown(&source),
            phases: phases.to_vec(),
            diff: None,
        })
    }

    /// Adds manifests of this code, whose files are kept, as far as readers look at them. Gives what became of each.
    ///
    /// # Errors
    /// When they cannot be written.
    pub fn add_lines(&self, hash: &Sha256Digest, lines: &[String]) -> anyhow::Result<Vec<Fate>> {
        let manifest = self.manifest(hash);
        let fates = bundle::merge_fitting(&manifest, lines, Order::ByDigest)?;
        for (line, _) in lines.iter().zip(&fates).filter(|(_, fate)| **fate != Fate::TooMuch) {
            bundle::write_sigstore(&manifest, line)?;
        }
        Ok(fates)
    }

    /// The file of the manifests of some code.
    pub fn manifest(&self, hash: &Sha256Digest) -> PathBuf {
        self.0.join(store_name(hash))
    }

    /// The file of some code.
    pub fn artifact(&self, hash: &Sha256Digest) -> PathBuf {
        self.0.join(format!("{}.wasm", hash.to_base58()))
    }

    /// Which code came out of a unit, as far as this store knows.
    ///
    /// # Errors
    /// When that cannot be read.
    pub fn unit(&self, unit: &Sha256Digest) -> anyhow::Result<Vec<Sha256Digest>> {
        let path = self.unit_file(unit);
        let text = match read_capped(&path, MAX_UNIT) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(error).with_context(|| format!("failed to read `{}`", path.display())),
        };
        if let Some(stored) = parse_unit(&text, unit) {
            return Ok(stored.artifacts);
        }
        // Without it nobody knows what was signed.
        let why = "is not what a merge writes, and says what came out of the unit before: restore it, or remove it once you know";
        fail(Code::Io, format!("`{}` {why}", path.display()))
    }

    fn unit_file(&self, unit: &Sha256Digest) -> PathBuf {
        self.0.join(unit_name(unit))
    }

    /// Remembers that this code came out of a unit, and gives all that ever did.
    ///
    /// # Errors
    /// When it cannot be read or written.
    pub fn note(
        &self,
        unit: &Sha256Digest,
        inputs: &UnitInputs,
        came: &BTreeSet<Sha256Digest>,
    ) -> anyhow::Result<BTreeSet<Sha256Digest>> {
        let _lock = Lock::take(self.0)?;
        let before: BTreeSet<_> = self.unit(unit)?.into_iter().collect();
        let all: BTreeSet<_> = &before | came;
        if all != before {
            let stored = StoredUnit { inputs: inputs.clone(), artifacts: all.iter().copied().collect() };
            files::write(&self.unit_file(unit), &serde_json::to_vec(&stored)?, Access::Public)?;
        }
        Ok(all)
    }
}

/// The name of the file that says which code came out of a unit.
pub fn unit_name(unit: &Sha256Digest) -> String {
    format!("{}{UNIT_END}", unit.to_hex())
}

/// Reads what is said of a unit; `None` for what is about another, or about none.
pub fn parse_unit(text: &[u8], unit: &Sha256Digest) -> Option<StoredUnit> {
    parse_any_unit(text).filter(|(id, _)| id == unit).map(|(_, stored)| stored)
}

/// Reads what is said of some unit, with its id; `None` for what is about none.
pub fn parse_any_unit(text: &[u8]) -> Option<(Sha256Digest, StoredUnit)> {
    let stored: StoredUnit = serde_json::from_slice(text).ok()?;
    let is_sorted = stored.artifacts.is_sorted_by(|a, b| a < b);
    is_sorted.then(|| (unit_id(&stored.inputs), stored))
}

/// The id of a unit: the SHA-256 of what decides the code.
pub fn unit_id(inputs: &UnitInputs) -> Sha256Digest {
    Sha256Digest::of(&serde_json::to_vec(inputs).expect("texts and flags are JSON"))
}

/// The end of a source archive's name.
pub fn source_archive(sha256: &Sha256Digest) -> String {
    format!("{}.source.tar", &sha256.to_hex()[..16])
}

/// Whether a file is there and what it has to be: a disk that lost some of it is made good by the next merge.
fn is_there(path: &Path, sha256: &Sha256Digest) -> bool {
    path.is_file() && files::digest(path).is_ok_and(|digest| digest == *sha256)
}

/// Copies to a name that has the digest in it, unless it is there.
fn copy_once(from: &Path, to: &Path, sha256: &Sha256Digest) -> anyhow::Result<()> {
    if is_there(to, sha256) { Ok(()) } else { files::copy_checked(from, to, MAX_FILE, sha256) }
}
