//! What the steps of a batch hand to one another, also from one machine to another: a plan, what came of one unit of it, and what a
//! merge took. Not here: looking up, building and checking (`helper`).

use serde::{Deserialize, Serialize};

use super::{ArtifactReport, Coded, ErrorCode, PhaseReport, PrintedReport};
use crate::container::NetworkAccess;
use crate::digest::{Hex, Sha256Digest};
use crate::key::PublicKey;
use crate::provenance::Observed;
use crate::recipe::Claimed;
use crate::spelling::codes;

codes! {
    /// Name and version of the document.
    pub enum PlanSchema {
        /// The first.
        V1 = "provenear/plan/v1",
    }
}

codes! {
    /// Name and version of the document.
    pub enum UnitSchema {
        /// The first.
        V1 = "provenear/unit/v1",
    }
}

codes! {
    /// Name and version of the document.
    pub enum MergeSchema {
        /// The first.
        V1 = "provenear/merge/v1",
    }
}

codes! {
    /// Whether the image's own programs may use the network while dependencies are fetched.
    pub enum ImagePrograms {
        /// They may: the reader accepts the image by its digest.
        Accepted = "accepted",
        /// They may: whoever planned says so.
        Trusted = "trusted",
        /// They may not.
        Refused = "refused",
    }
}

/// What a batch has to build, and what each of its subjects waits for.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PlanReport<'a> {
    /// Name and version of the document.
    pub schema: PlanSchema,
    /// Always null: errors of single subjects stand in their lines.
    pub error: (),
    /// What is to be built, in the order in which the list needs it.
    pub units: Vec<PlanUnit>,
    /// Every subject of the list, in its order.
    pub subjects: Vec<PlanSubject<'a>>,
}

/// The units of a plan, as they are read back. The lines of its subjects, which can be most of it, are not kept.
#[derive(Debug, Clone, Deserialize)]
pub struct PlannedUnits {
    /// Name and version of the document.
    pub schema: PlanSchema,
    /// What is to be built.
    pub units: Vec<PlanUnit>,
}

/// A rebuild: decided by its inputs, the same on any machine.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PlanUnit {
    /// Its id: the SHA-256 of `inputs`, as JSON without blanks and with its members in this order.
    pub unit: Hex,
    /// Everything that decides the code.
    pub inputs: UnitInputs,
    /// Whether the image's own programs may use the network while dependencies are fetched.
    pub image_programs: ImagePrograms,
    /// What was seen of the first subject that waits for it; null for a file.
    pub observed: Option<Observed>,
    /// How long it is expected to take, by what earlier rebuilds on the planning machine took; null where nothing is known.
    pub seconds: Option<f64>,
    /// How many subjects wait for it.
    pub subjects: usize,
}

/// A subject of a plan.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PlanSubject<'a> {
    /// The unit that it waits for; null where the line is its answer already.
    pub unit: Option<Hex>,
    /// What the look-up answered.
    pub line: PrintedReport<'a>,
}

/// Everything that decides the code which comes out, and by what rules it is built.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct UnitInputs {
    /// The form of the manifest.
    pub build_type: String,
    /// What is claimed, as `rebuild --recipe` takes it.
    pub recipe: ClaimedRecipe,
    /// The image that runs.
    pub image: String,
    /// The repository that the commit is taken from in place of the claimed one (`--source`).
    pub source: Option<String>,
    /// How far the command reaches.
    pub network_access: NetworkAccess,
    /// Whether source on the building machine and on private networks may be fetched.
    pub allow_local_source: bool,
}

/// What a contract claims of its build, as far as that decides the code: NEP-330 metadata.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ClaimedRecipe {
    /// The link, which a build gets in its environment.
    pub link: Option<String>,
    /// How it is built.
    pub build_info: ClaimedBuild,
}

/// `build_info` of NEP-330.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ClaimedBuild {
    /// The image, pinned by digest.
    pub build_environment: Option<String>,
    /// The words of the command.
    pub build_command: Option<Vec<String>>,
    /// Folder of the contract in the source.
    pub contract_path: Option<String>,
    /// Where the source is, at which commit.
    pub source_code_snapshot: Option<String>,
    /// Where the build leaves the wasm.
    pub output_wasm_path: Option<String>,
}

impl From<Claimed> for ClaimedRecipe {
    fn from(claimed: Claimed) -> Self {
        let Claimed { build_environment, build_command, contract_path, source_code_snapshot, output_wasm_path, link } =
            claimed;
        let build_info =
            ClaimedBuild { build_environment, build_command, contract_path, source_code_snapshot, output_wasm_path };
        Self { link, build_info }
    }
}

/// What came of one unit, and the files that it left.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct UnitReport {
    /// Name and version of the document.
    pub schema: UnitSchema,
    /// Why nothing was built; then there are no files.
    pub error: Option<Coded<ErrorCode>>,
    /// The unit.
    pub unit: Hex,
    /// Everything that decides the code.
    pub inputs: UnitInputs,
    /// Whether it was built even if the engine does not enforce every limit.
    pub allow_unlimited: bool,
    /// The key that signed; null where that is left to the merge, or nothing was built.
    pub key: Option<PublicKey>,
    /// The name of the machine that built it, where it did not sign.
    pub host: Option<String>,
    /// SHA-256 of the rebuilt wasm.
    pub artifact: Option<Hex>,
    /// The files beside this one.
    pub files: Vec<UnitFile>,
    /// Parts of the rebuild, in order.
    pub phases: Vec<PhaseReport>,
}

/// A file of a unit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct UnitFile {
    /// Which.
    pub name: UnitFileName,
    /// SHA-256 of its content.
    pub sha256: Hex,
}

codes! {
    /// The files of a unit.
    pub enum UnitFileName {
        /// The rebuilt wasm.
        Artifact = "artifact.wasm",
        /// What the build printed.
        Log = "build.log",
        /// The source that was built, as a tar.
        Source = "source.tar",
        /// The signed manifest.
        Manifest = "manifest.intoto.jsonl",
        /// What is to be signed.
        Statement = "statement.json",
    }
}

/// What the store says of one unit: which code came out, by whomever.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct StoredUnit {
    /// Everything that decides the code.
    pub inputs: UnitInputs,
    /// The code hashes that came out, sorted; several are dissent.
    pub artifacts: Vec<Sha256Digest>,
}

codes! {
    /// Why a unit was not taken.
    pub enum RefusalCode {
        /// The folder is not that of a whole unit: a file is missing, or `unit.json` cannot be read.
        HalfWritten = "half-written",
        /// A file is not the one that `unit.json` names.
        Altered = "altered",
        /// It is not a unit of this plan.
        OtherPlan = "other-plan",
        /// The folder is named for another unit than its inputs give, or the manifest is about another recipe.
        OtherUnit = "other-unit",
        /// The manifest is not what its signer signed, or is not a manifest.
        Forged = "forged",
        /// The manifest is not about the wasm, log or source beside it.
        OtherFiles = "other-files",
        /// Nobody signed it, and no key was given.
        Unsigned = "unsigned",
        /// Nobody signed it, and other code came out of the same unit, here, before or in what is published: nothing of it is signed.
        Dissent = "dissent",
        /// It is signed by a key that this merge does not take.
        UntrustedKey = "untrusted-key",
        /// The store would hold more than readers accept.
        TooMuch = "too-much",
        /// A file could not be read or written.
        Unreadable = "unreadable",
    }
}

/// What a merge took.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct MergeReport {
    /// Name and version of the document.
    pub schema: MergeSchema,
    /// Always null: what was refused is listed.
    pub error: (),
    /// How many units were taken, also those that the store held before.
    pub taken: usize,
    /// How many manifests the store did not hold before.
    pub added: usize,
    /// What was not taken.
    pub refused: Vec<Refused>,
    /// Units whose build failed.
    pub failed: Vec<FailedUnit>,
    /// Units of the plan of which no result was taken.
    pub missing: Vec<Hex>,
    /// Units of which different code came out, here, before or in what is published.
    pub dissent: Vec<Dissent>,
    /// The exit code.
    pub exit: u8,
}

/// A folder that was not taken.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Refused {
    /// The folder.
    pub folder: String,
    /// Why, in a word.
    pub code: RefusalCode,
    /// One sentence.
    pub message: String,
}

/// A unit whose build failed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct FailedUnit {
    /// The unit.
    pub unit: Hex,
    /// Why.
    pub error: Coded<ErrorCode>,
}

/// A unit of which different code came out. What was signed is kept; what nobody signed stays where it was.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Dissent {
    /// The unit.
    pub unit: Hex,
    /// What came out.
    pub artifacts: Vec<ArtifactReport>,
    /// Files with comparisons of the first with each of the others; a module that is not one is not compared.
    pub diffs: Vec<String>,
}
