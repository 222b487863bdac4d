//! What the helper prints beside a report or in place of one, each a type of its own. Only written, and by the helper alone.
//! Not here: the report itself, comparisons (`wasm/diff/report`).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Coded, ErrorCode, Report};
use crate::digest::{Hex, Sha256Digest};
use crate::key::PublicKey;
use crate::spelling::codes;
use crate::wasm::diff;

codes! {
    /// Name and version of the document.
    pub enum BatchSchema {
        /// The first.
        V1 = "provenear/batch/v1",
    }
}

codes! {
    /// Name and version of the document.
    pub enum PublishSchema {
        /// The first.
        V1 = "provenear/publish/v1",
    }
}

codes! {
    /// Name and version of the document.
    pub enum KeySchema {
        /// The first.
        V1 = "provenear/key/v1",
    }
}

codes! {
    /// Name and version of the document.
    pub enum CacheSchema {
        /// The first.
        V1 = "provenear/cache/v1",
    }
}

codes! {
    /// Part of a rebuild.
    pub enum Phase {
        /// The commit is fetched.
        Source = "source",
        /// The image is found or pulled.
        Image = "image",
        /// The source is copied into a container.
        Prepare = "prepare",
        /// The dependencies are fetched.
        Fetch = "fetch",
        /// The claimed command runs.
        Build = "build",
        /// The rebuilt wasm is read.
        Artifact = "artifact",
    }
}

/// What is known about one subject, and the verdict.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PrintedReport<'a> {
    /// The report.
    #[serde(flatten)]
    pub report: &'a Report,
    /// What a rebuild left on this machine; null where nothing was built. Only `rebuild` and `batch` have this member.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rebuild: Option<Option<Box<RebuildReport>>>,
}

/// What a rebuild left on this machine. Paths as the options name them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RebuildReport {
    /// The rebuilt wasm.
    pub artifact: ArtifactReport,
    /// File of the signed manifests of this wasm, one a line.
    pub manifest: String,
    /// The new manifest as a Sigstore bundle.
    pub sigstore: String,
    /// What the build printed.
    pub log: String,
    /// The source that was built, as a tar.
    pub source_archive: String,
    /// Parts of the rebuild, in order.
    pub phases: Vec<PhaseReport>,
    /// File with the comparison of deployed and rebuilt code, where `rebuild` found them to differ.
    pub diff: Option<String>,
}

/// The rebuilt wasm.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ArtifactReport {
    /// Its hash, as NEAR shows it.
    pub code_hash: Sha256Digest,
    /// The same digest in hex.
    pub sha256: Hex,
    /// File with it.
    pub path: String,
}

/// One part of a rebuild.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PhaseReport {
    /// Which.
    pub name: Phase,
    /// How long it took.
    pub seconds: f64,
}

/// The last line of `batch`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct BatchReport {
    /// Name and version of the document.
    pub schema: BatchSchema,
    /// Always null: errors of single subjects stand in their lines.
    pub error: (),
    /// How many lines came before this one, one for each subject.
    pub subjects: usize,
    /// How many rebuilds were made.
    pub rebuilds: usize,
    /// The engines that were used.
    pub engines: Vec<EngineReport>,
    /// How many subjects have each verdict or error, by its code.
    pub counts: BTreeMap<String, usize>,
    /// The exit code.
    pub exit: u8,
}

/// One engine of a batch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct EngineReport {
    /// The engine, without credentials.
    pub engine: String,
    /// How many rebuilds it made.
    pub rebuilds: usize,
}

/// What `publish` did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PublishReport {
    /// Name and version of the document.
    pub schema: PublishSchema,
    /// Always null: what was published has no error.
    pub error: (),
    /// How many manifests were read.
    pub lines: usize,
    /// How many lines were left out, since they are not manifests.
    pub skipped: usize,
    /// Files in the store that were written, sorted.
    pub files: Vec<String>,
}

/// The key that `keygen` made or imported. Never its secret half.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct KeygenReport {
    /// Name and version of the document.
    pub schema: KeySchema,
    /// Always null: what was made has no error.
    pub error: (),
    /// File with the secret half.
    pub path: String,
    /// The public half, as NEAR writes it.
    pub public_key: PublicKey,
    /// The same as an OpenSSH line.
    pub ssh: String,
    /// The same as a PEM block.
    pub pem: String,
    /// Its OpenSSH fingerprint, which is the `keyid` of manifests.
    pub keyid: String,
}

/// What is kept between rebuilds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CacheReport {
    /// Name and version of the document.
    pub schema: CacheSchema,
    /// Always null: what could be read has no error.
    pub error: (),
    /// Folder that it is kept in.
    pub path: String,
    /// How many files.
    pub files: u64,
    /// Bytes of all of them.
    pub bytes: u64,
}

/// Why a command that is not about one subject did nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "{S}Failed"))]
pub struct Failed<S> {
    /// Name and version of the document.
    pub schema: S,
    /// Why.
    pub error: Coded<ErrorCode>,
}

impl<S> Failed<S> {
    /// For this reason.
    pub fn new(schema: S, code: ErrorCode, message: &str) -> Self {
        Self { schema, error: Coded::new(code, message) }
    }
}

/// A comparison as it is printed.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PrintedDiff<'a> {
    /// The comparison.
    #[serde(flatten)]
    pub report: &'a diff::DiffReport,
    /// The function that `--function` names, in both modules. Only with `--function`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub side_by_side: Option<&'a diff::SideBySide>,
}

codes! {
    /// How two hashes compare.
    pub enum HashClass {
        /// They are equal, and so is the code.
        Identical = "identical",
        /// They differ, and so does the code; how is not known.
        Different = "different",
    }
}

/// The members of a comparison that say what was found, all null.
#[allow(missing_docs)] // the members are those of `DiffReport`
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct NothingCompared {
    pub functions: (),
    pub sections: (),
    pub items: (),
    pub data: (),
    pub data_bytes: (),
    pub changes: (),
    pub causes: (),
}

/// A comparison where the code of one of the two is not to be had, with every member of one: only hashes were compared.
#[allow(missing_docs)] // the members are those of `DiffReport`
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct DiffByHash {
    /// Name and version of the document.
    pub schema: diff::Schema,
    /// Always null: hashes were compared.
    pub error: (),
    /// Whether the hashes are equal.
    pub class: HashClass,
    /// One sentence.
    pub message: String,
    /// Nothing was compared.
    #[serde(flatten)]
    pub nothing: NothingCompared,
    /// Why no code was compared, each in one sentence.
    pub notes: Vec<String>,
}

impl DiffByHash {
    /// Of these two.
    pub fn new(class: HashClass, message: &str, notes: Vec<String>) -> Self {
        Self {
            schema: diff::Schema::V1,
            error: (),
            class,
            message: message.to_owned(),
            nothing: NothingCompared::default(),
            notes,
        }
    }
}

/// A comparison that could not be made, with every member of one.
#[allow(missing_docs)] // the members are those of `DiffReport`
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct DiffFailed {
    /// Name and version of the document.
    pub schema: diff::Schema,
    /// Why.
    pub error: Coded<ErrorCode>,
    pub class: (),
    pub message: (),
    /// Nothing was compared.
    #[serde(flatten)]
    pub nothing: NothingCompared,
    pub notes: (),
}

impl DiffFailed {
    /// For this reason.
    pub fn new(code: ErrorCode, message: &str) -> Self {
        Self {
            schema: diff::Schema::V1,
            error: Coded::new(code, message),
            class: (),
            message: (),
            nothing: NothingCompared::default(),
            notes: (),
        }
    }
}
