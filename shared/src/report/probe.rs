//! What `probe --json` prints: which factors of a build were changed, and which of them change the code. Only written and
//! kept by the helper. Not here: changing anything (`helper/probe`), comparing modules (`wasm/diff`).

use serde::{Deserialize, Serialize};

use crate::digest::Sha256Digest;
use crate::spelling::codes;

codes! {
    /// Name and version of the document.
    pub enum ProbeSchema {
        /// The first.
        V1 = "provenear/probe/v1",
    }
}

codes! {
    /// What two builds can differ in. In the order in which they are tried.
    pub enum Factor {
        /// Nothing: a second clean build, in a fresh container.
        Again = "again",
        /// Date and time of day.
        Clock = "clock",
        /// How many processors there are.
        Cpus = "cpus",
        /// The machine's name.
        HostName = "host-name",
        /// In which order folders list their files, and the file system.
        FileOrder = "file-order",
        /// The numbers of user and group.
        User = "user",
        /// Which permissions new files lack, and files of the source.
        Umask = "umask",
        /// A variable that has nothing to do with the build.
        Environment = "environment",
        /// Whether there is a network.
        Network = "network",
        /// The time zone.
        TimeZone = "time-zone",
        /// The language, and how text is sorted.
        Locale = "locale",
        /// The user's home.
        Home = "home",
        /// The folder of cargo's registry.
        CargoHome = "cargo-home",
        /// The folder of the source.
        BuildPath = "build-path",
    }
}

impl Factor {
    /// Whether NEP-330 and the image decide it, so that it is the same in every rebuild.
    pub fn is_held_by_the_image(self) -> bool {
        match self {
            Factor::TimeZone | Factor::Locale | Factor::Home | Factor::CargoHome | Factor::BuildPath => true,
            Factor::Again
            | Factor::Clock
            | Factor::Cpus
            | Factor::HostName
            | Factor::FileOrder
            | Factor::User
            | Factor::Umask
            | Factor::Environment
            | Factor::Network => false,
        }
    }
}

codes! {
    /// What became of one factor.
    pub enum FactorOutcome {
        /// It was changed, and the code is the same.
        Same = "same",
        /// It was changed, and the code differs.
        Leaks = "leaks",
        /// It was changed, and the code differs only where two builds with nothing changed differ as well.
        Unclear = "unclear",
        /// It was changed, and nothing was built.
        NotBuilt = "not-built",
        /// It was to be changed, and was not.
        NotVaried = "not-varied",
        /// Nobody asked for it.
        NotAsked = "not-asked",
    }
}

codes! {
    /// What a probe comes to.
    pub enum ProbeOutcome {
        /// Whatever two rebuilds can differ in was changed, of what was asked for, and the code stayed the same.
        Clean = "clean",
        /// Two rebuilds can give different code.
        Leaks = "leaks",
        /// Nothing leaked, but not everything that was asked for could be changed.
        Incomplete = "incomplete",
    }
}

/// A probe.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ProbeReport {
    /// Name and version of the document.
    pub schema: ProbeSchema,
    /// Always null: a probe that was made has no error.
    pub error: (),
    /// What it comes to.
    pub outcome: ProbeOutcome,
    /// One sentence.
    pub message: String,
    /// Folder of the tree that was copied.
    pub tree: String,
    /// The git tree of the files that were built, in hex.
    pub git_tree: String,
    /// Whether these are the files of a commit that was made, and no others.
    pub committed: bool,
    /// Folder of the contract in the tree.
    pub contract_path: String,
    /// The image, as it was named.
    pub image: String,
    /// The build command.
    pub build_command: Vec<String>,
    /// Hash of the code that is built with nothing changed.
    pub code_hash: Sha256Digest,
    /// Folder that modules, logs and comparisons are kept in.
    pub folder: String,
    /// Every factor, in the order in which they are tried.
    pub factors: Vec<FactorReport>,
}

/// One factor.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct FactorReport {
    /// Which.
    pub factor: Factor,
    /// What became of it.
    pub outcome: FactorOutcome,
    /// Whether NEP-330 and the image decide it, so that it is the same in every rebuild.
    pub held_by_the_image: bool,
    /// How it was changed; null where it was not.
    pub change: Option<String>,
    /// What else has to be said, such as why it was not changed.
    pub message: Option<String>,
    /// Hash of the code that was built; null where nothing was.
    pub code_hash: Option<Sha256Digest>,
    /// How long the build took.
    pub seconds: Option<f64>,
    /// When it was built, RFC 3339; null where nothing was.
    pub built_on: Option<String>,
    /// Where the code differs; null where it does not.
    pub leak: Option<LeakReport>,
}

/// Where code differs, beyond what two builds with nothing changed differ in.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct LeakReport {
    /// How much differs, in one sentence.
    pub message: String,
    /// The texts that were changed and stand in the code: proof that it carries them.
    pub carries: Vec<String>,
    /// Functions that differ, at most 20. Their names are hostile text.
    pub functions: Vec<String>,
    /// How many functions differ.
    pub function_count: usize,
    /// Data that differs, at most 20 pieces.
    pub data: Vec<LeakedData>,
    /// How many pieces of data differ.
    pub data_count: usize,
    /// Sections that differ and are neither code nor data.
    pub sections: Vec<String>,
    /// Lines of the tree that may read it. Found by words alone: hints, not proofs.
    pub hints: Vec<SourceHint>,
    /// File with the whole comparison.
    pub diff: String,
}

/// A piece of data that differs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct LeakedData {
    /// Address of the first byte that differs, with nothing changed.
    pub address: Option<u64>,
    /// The text around it with nothing changed.
    pub before: Option<String>,
    /// The text around it with the factor changed.
    pub after: Option<String>,
}

/// A line of the tree.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SourceHint {
    /// The file, relative to the tree.
    pub path: String,
    /// Its line, from 1.
    pub line: usize,
    /// What stands there, cut to 160 characters.
    pub text: String,
    /// The word by which it was found.
    pub word: String,
}
