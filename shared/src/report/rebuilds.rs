//! In what two rebuilds differ, by their manifests: the shape of what `diff` prints of them. Only written, and by the helper alone.
//! Not here: reading and comparing them (`helper`), what follows for a verdict (nothing).

use serde::Serialize;

use crate::key::PublicKey;
use crate::spelling::codes;

codes! {
    /// Name and version of the document.
    pub enum RebuildsSchema {
        /// The first.
        V1 = "provenear/rebuilds/v1",
    }
}

codes! {
    /// What is known of the signature of a manifest.
    pub enum SignatureCheck {
        /// It is by a key that the reader trusts.
        Trusted = "trusted",
        /// It is by the key that the manifest itself names, whoever's that is.
        NamedByItself = "named-by-itself",
        /// It does not fit, or cannot be checked: anybody may have written the manifest.
        NotChecked = "not-checked",
    }
}

codes! {
    /// What two rebuilds can differ in.
    pub enum RebuildPart {
        /// What came out, by its SHA-256.
        Artifact = "artifact",
        /// What was claimed of the build.
        Claim = "claim",
        /// The repository that was given, the commit, its tree, and the branch or tag that reaches it.
        Source = "source",
        /// The archive of the source.
        SourceArchive = "source-archive",
        /// The image that the build ran in.
        Image = "image",
        /// A lock file.
        LockFile = "lock-file",
        /// The command line that ran.
        Command = "command",
        /// A variable of the environment that it was given.
        Environment = "environment",
        /// How far it was to reach.
        NetworkAccess = "network-access",
        /// A limit or fence, as enforced.
        Limit = "limit",
        /// What it was built on.
        Platform = "platform",
        /// What was unusual.
        Notice = "notice",
        /// What of the tree took part in the build.
        Tree = "tree",
        /// Who builds, and the version of the form.
        Builder = "builder",
        /// The version of a program that took part.
        Version = "version",
        /// What the build printed, by its SHA-256.
        Log = "log",
    }
}

/// One of the two manifests.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RebuildSide {
    /// File or URL.
    pub name: String,
    /// What is known of the signature.
    pub signature: SignatureCheck,
    /// The key that made the signature, where that was checked.
    pub key: Option<PublicKey>,
    /// One sentence about the signature.
    pub message: String,
    /// When the build ended, RFC 3339, by the rebuilder's clock.
    pub finished_on: String,
}

/// Something that the two say differently.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RebuildDifference {
    /// What.
    pub part: RebuildPart,
    /// Which of them, where there are several.
    pub name: Option<String>,
    /// What the first says; null where it says nothing.
    pub a: Option<String>,
    /// What the second says.
    pub b: Option<String>,
}

/// Two rebuilds, and in what they differ. Who signed, when, and at which deployment they looked is not compared.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RebuildsReport {
    /// Name and version of the document.
    pub schema: RebuildsSchema,
    /// Always null: two manifests that were read have no error.
    pub error: (),
    /// Whether the same code came out.
    pub same_artifact: bool,
    /// One sentence.
    pub message: String,
    /// The first.
    pub a: RebuildSide,
    /// The second.
    pub b: RebuildSide,
    /// What they say differently.
    pub differences: Vec<RebuildDifference>,
}
