//! The folder of one unit, `<unit id>`: the files of its rebuild, and `unit.json`, which names them by their SHA-256. It is made under
//! another name and renamed, so that it is there whole or not at all. Not here: whether what it says is true (`evidence`).

use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use anyhow::Context;
use provenear_shared::digest::{Hex, Sha256Digest};
use provenear_shared::report::{Coded, PlanUnit, RefusalCode, UnitFile, UnitFileName, UnitReport, UnitSchema};
use tempfile::TempDir;

use crate::failure::code_of;
use crate::files::{self, Access, read_capped};
use crate::owner::Owner;
use crate::rebuild::signed::Made;
use crate::rebuild::statement::name_host;
use crate::rebuild::store::MAX_FILE;
use crate::redact::redact_error;
use crate::signer::Signer;

/// The file that names the others.
pub(super) const REPORT: &str = "unit.json";
/// Bytes of it.
const MAX_REPORT: u64 = 4 << 20;

/// Why a folder is not taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Refusal {
    pub(super) code: RefusalCode,
    pub(super) message: String,
}

impl Refusal {
    pub(super) fn new(code: RefusalCode, message: impl Into<String>) -> Refusal {
        Refusal { code, message: message.into() }
    }
}

/// The folders of units in one folder.
#[derive(Debug, Clone)]
pub(super) struct Units<'a> {
    pub(super) folder: &'a Path,
    pub(super) owner: &'a Owner,
}

impl Units<'_> {
    /// Where a unit lies.
    pub(super) fn path(&self, id: &Sha256Digest) -> PathBuf {
        self.folder.join(id.to_hex())
    }

    /// Removes what helpers of this machine that are gone left half done.
    pub(super) fn sweep(&self) {
        for entry in std::fs::read_dir(self.folder).into_iter().flatten().flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            let owner = name.strip_prefix(".provenear-").and_then(|rest| Owner::parse(rest.split_once('-')?.0));
            if owner.is_some_and(|owner| owner.is_gone(self.owner)) {
                // Another helper may sweep at the same time.
                let _gone = std::fs::remove_dir_all(entry.path());
            }
        }
    }

    /// A folder to fill, which [`Self::settle`] renames.
    ///
    /// # Errors
    /// When it cannot be made.
    fn begin(&self) -> anyhow::Result<TempDir> {
        let make = || {
            files::create_folder(self.folder)?;
            let mut builder = tempfile::Builder::new();
            #[cfg(unix)]
            builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o755));
            builder.prefix(&format!(".provenear-{}-", self.owner)).tempdir_in(self.folder)
        };
        make().with_context(|| format!("failed to make a folder in `{}`", self.folder.display()))
    }

    /// Writes what came out of a unit.
    ///
    /// # Errors
    /// When it cannot be written.
    pub(super) fn write(
        &self,
        unit: &PlanUnit,
        mut made: Made,
        signer: Option<&Signer>,
        allow_unlimited: bool,
    ) -> anyhow::Result<UnitReport> {
        let begun = self.begin()?;
        let path = |name: UnitFileName| begun.path().join(name.code());
        let host = if signer.is_none() { crate::owner::host() } else { None };
        if let Some(host) = &host {
            name_host(&mut made.statement, host);
        }
        let (said, text) = match signer {
            Some(signer) => (UnitFileName::Manifest, format!("{}\n", made.seal(signer)?)),
            None => (UnitFileName::Statement, serde_json::to_string(&made.statement)?),
        };
        let built = &made.built;
        files::write(&path(UnitFileName::Artifact), &built.artifact, Access::Public)?;
        files::copy(&built.log, &path(UnitFileName::Log))?;
        files::copy(&built.checkout.archive, &path(UnitFileName::Source))?;
        files::write(&path(said), text.as_bytes(), Access::Public)?;
        let artifact = Sha256Digest::of(&built.artifact);
        let named = [
            (UnitFileName::Artifact, artifact),
            (UnitFileName::Log, built.log_sha256),
            (UnitFileName::Source, built.checkout.archive_sha256),
            (said, Sha256Digest::of(text.as_bytes())),
        ];
        let report = UnitReport {
            artifact: Some(Hex(artifact)),
            key: signer.map(|signer| *signer.public()),
            host,
            files: named.map(|(name, sha256)| UnitFile { name, sha256: Hex(sha256) }).into(),
            phases: built.phases.clone(),
            ..empty(unit, allow_unlimited)
        };
        self.settle(begun, &report)?;
        Ok(report)
    }

    /// Writes why nothing came out of a unit.
    ///
    /// # Errors
    /// When it cannot be written.
    pub(super) fn write_failure(
        &self,
        unit: &PlanUnit,
        error: &anyhow::Error,
        allow_unlimited: bool,
    ) -> anyhow::Result<UnitReport> {
        let report = failed(unit, error, allow_unlimited);
        self.settle(self.begin()?, &report)?;
        Ok(report)
    }

    /// Gives a filled folder its name. What another run of the same unit left meanwhile, or one with another key, is not lost: one of
    /// the two has a longer name then.
    fn settle(&self, begun: TempDir, report: &UnitReport) -> anyhow::Result<()> {
        let text = serde_json::to_vec(report)?;
        files::write(&begun.path().join(REPORT), &text, Access::Public)?;
        let whole = begun.keep();
        let path = self.path(&report.unit.0);
        let beside = |text: &[u8]| {
            let short = Sha256Digest::of(text).to_hex();
            self.folder.join(format!("{}.{}", report.unit, &short[..16]))
        };
        let renamed = std::fs::rename(&whole, &path).or_else(|error| match error.kind() {
            ErrorKind::DirectoryNotEmpty | ErrorKind::AlreadyExists => std::fs::rename(&whole, beside(&text)),
            _ => Err(error),
        });
        renamed.with_context(|| format!("failed to write `{}`", path.display()))
    }

    /// Makes way for a new rebuild of a unit: what is whole is put aside, all else thrown away.
    ///
    /// # Errors
    /// When it cannot be renamed or removed.
    pub(super) fn make_way(&self, id: &Sha256Digest) -> anyhow::Result<()> {
        let path = self.path(id);
        let make_way = || match read(&path) {
            Ok(report) if report.error.is_none() => {
                let short = Sha256Digest::of(&std::fs::read(path.join(REPORT))?).to_hex();
                std::fs::rename(&path, self.folder.join(format!("{}.{}", id.to_hex(), &short[..16])))
            }
            Ok(_) | Err(_) => match std::fs::remove_dir_all(&path) {
                Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
                Ok(()) | Err(_) => Ok(()),
            },
        };
        make_way().with_context(|| format!("failed to put `{}` aside", path.display()))
    }
}

/// What is said of a unit of which nothing came.
pub(super) fn failed(unit: &PlanUnit, error: &anyhow::Error, allow_unlimited: bool) -> UnitReport {
    let error = Coded::new(code_of(error), redact_error(error));
    UnitReport { error: Some(error), ..empty(unit, allow_unlimited) }
}

fn empty(unit: &PlanUnit, allow_unlimited: bool) -> UnitReport {
    UnitReport {
        schema: UnitSchema::V1,
        error: None,
        unit: unit.unit,
        inputs: unit.inputs.clone(),
        allow_unlimited,
        key: None,
        host: None,
        artifact: None,
        files: Vec::new(),
        phases: Vec::new(),
    }
}

/// Reads a folder, and holds its files against what names them.
///
/// # Errors
/// Why it is not whole.
pub(super) fn read(folder: &Path) -> Result<UnitReport, Refusal> {
    let half = |why: String| Refusal::new(RefusalCode::HalfWritten, why);
    if !is_plain(&folder.join(REPORT)) {
        return Err(half(format!("there is no `{REPORT}`")));
    }
    let text = read_capped(&folder.join(REPORT), MAX_REPORT);
    let text = text.map_err(|error| half(format!("`{REPORT}` cannot be read: {error}")))?;
    let report: UnitReport =
        serde_json::from_slice(&text).map_err(|error| half(format!("`{REPORT}` is not one of a unit: {error}")))?;
    for UnitFile { name, sha256 } in &report.files {
        let (path, name) = (folder.join(name.code()), name.code());
        if !is_plain(&path) {
            return Err(half(format!("there is no file `{name}`")));
        }
        if path.metadata().is_ok_and(|meta| meta.len() > MAX_FILE) {
            return Err(Refusal::new(RefusalCode::TooMuch, format!("`{name}` is longer than {MAX_FILE} bytes")));
        }
        match files::digest(&path) {
            Ok(digest) if digest == sha256.0 => {}
            Ok(_) => return Err(Refusal::new(RefusalCode::Altered, format!("`{name}` was changed"))),
            Err(error) => {
                return Err(Refusal::new(RefusalCode::Unreadable, format!("`{name}` cannot be read: {error}")));
            }
        }
    }
    Ok(report)
}

/// The files that a whole folder names, each once.
///
/// # Errors
/// Where one stands there twice.
pub(super) fn named(report: &UnitReport) -> Result<BTreeMap<UnitFileName, Sha256Digest>, Refusal> {
    let all: BTreeMap<_, _> = report.files.iter().map(|file| (file.name, file.sha256.0)).collect();
    if all.len() == report.files.len() {
        Ok(all)
    } else {
        Err(Refusal::new(RefusalCode::HalfWritten, format!("`{REPORT}` names a file twice")))
    }
}

/// The unit that a folder is named for; `None` for a name that no unit has.
pub(super) fn unit_of(name: &str) -> Option<Sha256Digest> {
    let (id, rest) = name.split_once('.').unwrap_or((name, ""));
    let is_rest = rest.is_empty() || rest.len() == 16 && rest.bytes().all(|byte| byte.is_ascii_hexdigit());
    Sha256Digest::from_hex(id).ok().filter(|_| is_rest)
}

/// Whether there is a file itself and no link to one: a folder can come from anybody.
fn is_plain(path: &Path) -> bool {
    path.symlink_metadata().is_ok_and(|meta| meta.is_file())
}
