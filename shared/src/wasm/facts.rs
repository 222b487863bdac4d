//! Module facts as a plain value, in the shape of the `module` part of `inspect --json`.
//! Not here: gathering them (`gather`), and the metadata of embedded modules, which needs a sandbox: `embedded[].metadata` is
//! filled in by the caller.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::OddityCode;
use crate::digest::Sha256Digest;
use crate::spelling::codes;

/// What the code says without being run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct ModuleFacts {
    /// Every section in the order of the file.
    pub sections: Vec<SectionFact>,
    /// `module.name` of every import, in order.
    pub imports: Vec<String>,
    /// Name of every export, in order.
    pub exports: Vec<String>,
    /// How many functions are defined, imports not counted.
    pub functions: usize,
    /// What the data segments hold.
    pub data: DataFact,
    /// Modules inside the data of this one, as a factory carries them.
    pub embedded: Vec<EmbeddedFact>,
    /// What panic messages say of compiler, crates and the place of the build.
    pub fingerprint: FingerprintFact,
    /// What is unusual about the module.
    pub oddities: Vec<OddityFact>,
}

/// One section.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct SectionFact {
    /// The specification's name; for a custom section `custom` and its own name.
    pub name: String,
    /// Bytes of its content.
    pub size: usize,
}

/// The data segments together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct DataFact {
    /// How many there are; wasm-opt makes many of one.
    pub segments: usize,
    /// Bytes in all of them.
    pub size: usize,
}

/// One module found in the data of another.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct EmbeddedFact {
    /// SHA-256 of its bytes: what `code_hash` would be if it were deployed.
    pub code_hash: Sha256Digest,
    /// Its size in bytes.
    pub size: usize,
    /// Its own NEP-330 metadata, verbatim, when somebody ran it.
    pub metadata: Option<Value>,
}

/// How the code seems to have been built: hints, any of which its author can have written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct FingerprintFact {
    /// Version of rustc, when the commit in the panic messages is a known release.
    pub rustc: Option<String>,
    /// The commit of rustc, 40 hex digits.
    pub rustc_commit: Option<String>,
    /// Crates named in panic messages, by name and version.
    pub crates: Vec<CrateFact>,
    /// Git dependencies named in panic messages.
    pub git: Vec<GitFact>,
    /// The folder that the build ran in or kept its crates in, such as `/home/near`.
    pub build_home: Option<String>,
    /// What kind of place that is.
    pub build_place: Option<BuildPlace>,
    /// What the contract is written in, when there is evidence.
    pub language: Option<LanguageFact>,
}

impl FingerprintFact {
    /// The compiler as a person reads it: its version, or where the commit is not one of a release that is known here, that commit.
    pub fn compiler(&self) -> Option<String> {
        match (&self.rustc, &self.rustc_commit) {
            (Some(version), _) => Some(format!("rustc {version}")),
            (None, Some(commit)) => Some(format!(
                "rustc of commit {commit}: not a release that this version of Provenear knows (newer, beta, nightly or patched)"
            )),
            (None, None) => None,
        }
    }
}

/// A crate named in a panic message.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct CrateFact {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
}

/// A git dependency named in a panic message.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct GitFact {
    /// Folder of the checkout, without cargo's hash.
    pub repository: String,
    /// The short commit that cargo names the folder by.
    pub rev: String,
}

codes! {
    /// What kind of place a build ran in.
    pub enum BuildPlace {
        /// A container of the published images.
        Container = "container",
        /// A machine of a forge.
        CiRunner = "ci-runner",
        /// Nix's store or sandbox.
        Nix = "nix",
        /// Somebody's home.
        Personal = "personal",
        /// Anywhere else.
        Other = "other",
    }
}

codes! {
    /// What a contract can be written in.
    #[allow(missing_docs)] // the names are those of the languages
    pub enum Language {
        Rust = "rust",
        Javascript = "javascript",
        Python = "python",
    }
}

/// A guess at the language.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct LanguageFact {
    /// Which.
    pub name: Language,
    /// What it rests on.
    pub evidence: String,
}

/// One oddity.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct OddityFact {
    /// Its class.
    pub code: OddityCode,
    /// One sentence.
    pub message: String,
}
