//! Why a claim cannot be rebuilt, each with what the author should change.
//! Not here: finding the gaps (`source`, `image`, `recipe`, `wasm/node`).

mod why;

use thiserror::Error;

use crate::spelling::codes;
use crate::text::Shown;
use crate::wasm::{Oddity, PROTOCOL};

/// One reason why a claim cannot be rebuilt, with what the author should change.
///
/// # Examples
/// ```
/// use provenear_shared::gap::{GapCode, RecipeGap};
///
/// let gap = RecipeGap::SourceRevisionMissing;
/// assert_eq!(gap.to_string(), "`source_code_snapshot` names no commit; append `?rev=<full commit id>`");
/// // The code is what a program reads, and what documents and exports name.
/// assert_eq!(GapCode::parse("source-revision-missing"), Some(gap.code()));
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum RecipeGap {
    /// No node runs the module, so it claims nothing.
    #[error("no node of protocol {PROTOCOL} can run the code: {0}; build it within what NEAR nodes take")]
    NotRunnable(Oddity),
    /// Nobody has seen what the module claims, because it takes what is not run here.
    #[error("{0}; a node may run it, and here it is not run to its end")]
    NotRunHere(String),
    /// No metadata at all.
    #[error(
        "the contract has no `contract_source_metadata`; build it with a tool that writes it, such as `cargo near build reproducible-wasm`"
    )]
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

codes! {
    /// Why a claim cannot be rebuilt, in a word.
    pub enum GapCode of RecipeGap {
        NotRunnable = "not-runnable",
        NotRunHere = "not-run-here",
        MetadataMissing = "metadata-missing",
        MetadataMalformed = "metadata-malformed",
        BuildInfoMissing = "build-info-missing",
        SourceMissing = "source-missing",
        SourceNotGit = "source-not-git",
        SourceIpfs = "source-ipfs",
        SourceNeedsSsh = "source-needs-ssh",
        SourceRevisionMissing = "source-revision-missing",
        SourceRevisionNotACommit = "source-revision-not-a-commit",
        SourceRevisionConflict = "source-revision-conflict",
        SourceCredentials = "source-credentials",
        ImageMissing = "image-missing",
        ImageNotPinned = "image-not-pinned",
        ImageMalformed = "image-malformed",
        BuildCommandMissing = "build-command-missing",
        ContractPathEscapes = "contract-path-escapes",
        OutputPathOutsideMount = "output-path-outside-mount",
    }
}
