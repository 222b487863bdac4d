//! A likely reason why two modules differ, as a plain value. Not here: finding one (`causes`).

use serde::{Deserialize, Serialize};

use crate::spelling::codes;

codes! {
    /// Kinds of cause. The order is that in which they are worth trying.
    pub enum CauseKind {
        /// The claims name different commits.
        OtherCommit = "other-commit",
        /// The claims have different versions.
        OtherVersion = "other-version",
        /// The claims name different images.
        OtherImage = "other-image",
        /// The claims pass different environment variables to the build.
        PassedEnv = "passed-env",
        /// The claims build other features.
        Features = "features",
        /// The claims build with another profile.
        Profile = "profile",
        /// The claims have different build commands otherwise.
        OtherCommand = "other-command",
        /// rustc differs.
        OtherRustc = "other-rustc",
        /// cargo-near differs.
        OtherCargoNear = "other-cargo-near",
        /// Crates have other versions.
        OtherCrates = "other-crates",
        /// Crates have other versions at the same commit, or only one command has `--locked`.
        NotLocked = "not-locked",
        /// Paths of the build machine stand in the data.
        OtherPath = "other-path",
        /// wasm-opt was run for one of the two.
        WasmOpt = "wasm-opt",
        /// Names or debug sections were left in one of the two.
        NamesLeft = "names-left",
        /// The ABI is embedded in one of the two.
        Abi = "abi",
        /// Overflow is checked in one of the two.
        OverflowChecks = "overflow-checks",
        /// One was built on another processor architecture.
        OtherPlatform = "other-platform",
        /// Functions differ, and nothing of the above does: features, profile or an edited source.
        OtherSource = "other-source",
    }
}

/// A likely reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct Cause {
    /// What kind.
    pub code: CauseKind,
    /// One sentence.
    pub message: String,
    /// What it rests on: of the first module, of the second.
    pub evidence: Vec<(Option<String>, Option<String>)>,
    /// What to try next.
    pub next: String,
}
