//! A claim that can be rebuilt, or the full list of reasons why it cannot.
//! Not here: reading the claim (`nep330`), running it (`helper`).

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::image::ImageRef;
use crate::nep330::{BuildInfo, ContractSourceMetadata};
use crate::source::SourceSnapshot;
use crate::text::Shown;

/// Where the source stands inside the container (NEP-330).
pub const SOURCE_MOUNT: &str = "/home/near/code";

/// Everything that a rebuild needs. Made only by [`Recipe::from_metadata`], so each part is usable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recipe {
    source: SourceSnapshot,
    image: ImageRef,
    contract_path: String,
    build_command: Vec<String>,
    output_wasm_path: Option<String>,
    claimed: Claimed,
}

/// The six strings of a claim that decide the bytes, exactly as claimed: a SLSA `externalParameters` without `origin`.
/// `None` is "absent or null", which is not the same as an empty string.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Claimed {
    /// `build_info.build_environment`.
    pub build_environment: Option<String>,
    /// `build_info.build_command`.
    pub build_command: Option<Vec<String>>,
    /// `build_info.contract_path`.
    pub contract_path: Option<String>,
    /// `build_info.source_code_snapshot`.
    pub source_code_snapshot: Option<String>,
    /// `build_info.output_wasm_path`.
    pub output_wasm_path: Option<String>,
    /// `link`, which the build gets as `NEP330_LINK`.
    pub link: Option<String>,
}

/// One reason why a claim cannot be rebuilt, with what the author should change.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum RecipeGap {
    /// No metadata at all.
    #[error("the contract has no `contract_source_metadata`; build it with `cargo near build reproducible-wasm`")]
    MetadataMissing,
    /// Metadata that NEP-330 does not describe.
    #[error("{0}; return the JSON object that NEP-330 describes")]
    MetadataMalformed(String),
    /// Metadata of 1.0 or 1.1, or of a build outside a container.
    #[error(
        "the metadata has no `build_info`; build with `cargo near build reproducible-wasm` so that it is filled in"
    )]
    BuildInfoMissing,
    /// No `source_code_snapshot`.
    #[error("`source_code_snapshot` is missing; set `package.repository` to the https URL of the repository")]
    SourceMissing,
    /// Not a git repository over https.
    #[error("`source_code_snapshot` `{}` is not a git repository over https; write `git+https://host/path?rev=<commit>`", Shown(.0))]
    SourceNotGit(String),
    /// An IPFS content id.
    #[error("`source_code_snapshot` `{}` is on IPFS, where rebuilders cannot count on finding it; name a git commit over https", Shown(.0))]
    SourceIpfs(String),
    /// ssh needs a login.
    #[error("`source_code_snapshot` `{}` needs an ssh login; name the https URL of the repository", Shown(.0))]
    SourceNeedsSsh(String),
    /// No revision.
    #[error("`source_code_snapshot` names no commit; append `?rev=<full commit id>`")]
    SourceRevisionMissing,
    /// A branch, a tag or a short id.
    #[error("revision `{}` is not a full commit id, so what it means can change; name all 40 hex digits", Shown(.0))]
    SourceRevisionNotACommit(String),
    /// Two revisions.
    #[error("`source_code_snapshot` names two revisions, `{}` and `{}`; keep one", Shown(.0), Shown(.1))]
    SourceRevisionConflict(String, String),
    /// User name or password in the URL. The value is not repeated.
    #[error("the URL in `source_code_snapshot` carries credentials; remove them and revoke them, they are public")]
    SourceCredentials,
    /// No `build_environment`.
    #[error("`build_environment` is missing; name the container image by digest")]
    ImageMissing,
    /// A tag alone.
    #[error("image `{}` is not pinned by digest, so it can be replaced; append `@sha256:<digest>`", Shown(.0))]
    ImageNotPinned(String),
    /// Not an OCI reference.
    #[error("image `{}` is not `name[:tag]@sha256:<64 lower-case hex digits>`", Shown(.0))]
    ImageMalformed(String),
    /// No command, or an empty one.
    #[error("`build_command` is missing or empty; name the command as a list of words")]
    BuildCommandMissing,
    /// A path that leaves the source.
    #[error("`contract_path` `{}` leads out of the source; name a folder inside the repository", Shown(.0))]
    ContractPathEscapes(String),
    /// An output that is not below the mount.
    #[error("`output_wasm_path` `{}` is not below `/home/near/code`", Shown(.0))]
    OutputPathOutsideMount(String),
}

impl RecipeGap {
    /// Stable kebab-case name (DESIGN §4), used alike in JSON, vectors and CSS classes.
    pub fn code(&self) -> &'static str {
        match self {
            Self::MetadataMissing => "metadata-missing",
            Self::MetadataMalformed(_) => "metadata-malformed",
            Self::BuildInfoMissing => "build-info-missing",
            Self::SourceMissing => "source-missing",
            Self::SourceNotGit(_) => "source-not-git",
            Self::SourceIpfs(_) => "source-ipfs",
            Self::SourceNeedsSsh(_) => "source-needs-ssh",
            Self::SourceRevisionMissing => "source-revision-missing",
            Self::SourceRevisionNotACommit(_) => "source-revision-not-a-commit",
            Self::SourceRevisionConflict(..) => "source-revision-conflict",
            Self::SourceCredentials => "source-credentials",
            Self::ImageMissing => "image-missing",
            Self::ImageNotPinned(_) => "image-not-pinned",
            Self::ImageMalformed(_) => "image-malformed",
            Self::BuildCommandMissing => "build-command-missing",
            Self::ContractPathEscapes(_) => "contract-path-escapes",
            Self::OutputPathOutsideMount(_) => "output-path-outside-mount",
        }
    }
}

impl Recipe {
    /// Turns a claim into something usable.
    ///
    /// # Errors
    /// Every gap, because the author has to fix all of them.
    pub fn from_metadata(metadata: &ContractSourceMetadata) -> Result<Self, Vec<RecipeGap>> {
        let info = metadata.build_info.as_ref().ok_or_else(|| vec![RecipeGap::BuildInfoMissing])?;
        let mut gaps = Vec::new();
        let source = SourceSnapshot::parse(info.source_code_snapshot.as_deref().unwrap_or_default());
        let image = ImageRef::parse(info.build_environment.as_deref().unwrap_or_default());
        let build_command = usable_command(info);
        let contract_path = info.contract_path.clone().unwrap_or_default();
        let output_wasm_path = info.output_wasm_path.clone().filter(|path| !path.is_empty());

        if !stays_inside(&contract_path) {
            gaps.push(RecipeGap::ContractPathEscapes(contract_path.clone()));
        }
        if let Some(path) = output_wasm_path.as_ref().filter(|path| !is_below_mount(path)) {
            gaps.push(RecipeGap::OutputPathOutsideMount(path.clone()));
        }
        match (source, image, build_command) {
            (Ok(source), Ok(image), Ok(build_command)) if gaps.is_empty() => Ok(Self {
                source,
                image,
                contract_path,
                build_command,
                output_wasm_path,
                claimed: Claimed::of(metadata, info),
            }),
            (source, image, build_command) => {
                // The order in which an author meets them in the metadata.
                let mut all = source.err().unwrap_or_default();
                all.extend(image.err());
                all.extend(build_command.err());
                all.append(&mut gaps);
                Err(all)
            }
        }
    }

    /// The commit to fetch.
    pub fn source(&self) -> &SourceSnapshot {
        &self.source
    }

    /// The image to run.
    pub fn image(&self) -> &ImageRef {
        &self.image
    }

    /// Folder of the contract inside the source, `""` for its root; relative, without `..`.
    pub fn contract_path(&self) -> &str {
        &self.contract_path
    }

    /// The argv, at least one non-empty word, no NUL.
    pub fn build_command(&self) -> &[String] {
        &self.build_command
    }

    /// Absolute path below [`SOURCE_MOUNT`], without `..`, where the claim gives one.
    pub fn output_wasm_path(&self) -> Option<&str> {
        self.output_wasm_path.as_deref()
    }

    /// The six strings as claimed.
    pub fn claimed(&self) -> &Claimed {
        &self.claimed
    }

    /// Whether the command is the one that cargo-near runs, so that no other program can decide the bytes.
    pub fn is_customary_command(&self) -> bool {
        let words: Vec<&str> = self.build_command.iter().map(String::as_str).collect();
        words.starts_with(&["cargo", "near", "build", "non-reproducible-wasm"])
    }
}

impl Claimed {
    fn of(metadata: &ContractSourceMetadata, info: &BuildInfo) -> Self {
        Self {
            build_environment: info.build_environment.clone(),
            build_command: info.build_command.clone(),
            contract_path: info.contract_path.clone(),
            source_code_snapshot: info.source_code_snapshot.clone(),
            output_wasm_path: info.output_wasm_path.clone(),
            link: metadata.link.clone(),
        }
    }
}

fn usable_command(info: &BuildInfo) -> Result<Vec<String>, RecipeGap> {
    match &info.build_command {
        Some(words)
            if words.first().is_some_and(|word| !word.is_empty()) && !words.iter().any(|word| word.contains('\0')) =>
        {
            Ok(words.clone())
        }
        Some(_) | None => Err(RecipeGap::BuildCommandMissing),
    }
}

fn stays_inside(path: &str) -> bool {
    !path.starts_with('/') && !path.contains(['\\', '\0']) && path.split('/').all(|part| part != "..")
}

fn is_below_mount(path: &str) -> bool {
    path.strip_prefix(SOURCE_MOUNT)
        .and_then(|rest| rest.strip_prefix('/'))
        .is_some_and(|rest| !rest.is_empty() && stays_inside(rest))
}
