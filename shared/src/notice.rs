//! What goes with a verdict and does not change it: the unusual, said every time.
//! Not here: reasons that decide (`verdict`, `recipe`).

use crate::text::Shown;

/// One notice. Codes are stable (DESIGN §4).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Notice {
    /// The claimed command is not cargo-near's, or puts other programs in place of the image's.
    CustomBuildCommand,
    /// The tree sets a program that stands in for rustc.
    RustcWrapper,
    /// The tree carries a wasm module.
    PrebuiltWasmInTree,
    /// The image sets no toolchain, and the repository's toolchain file is not exact.
    ToolchainNotPinned,
    /// What is compiled asks git about itself.
    BuildReadsGit,
    /// The tree holds symbolic links.
    SymlinksInTree,
    /// The tree takes in other repositories.
    SubmodulesInTree,
    /// The claimed command could reach the network.
    NetworkFull,
    /// The rebuild ran in another image than the claimed one.
    ImageSubstituted,
    /// No branch or tag of the claimed repository reaches the commit.
    CommitNotOnARef,
    /// The commit was taken from another place than the claimed URL.
    SourceFromElsewhere,
    /// The free-text link points elsewhere.
    LinkDiffersFromSource(String),
    /// The claim is a node's word, because the code computes it; with the host functions that it calls.
    ClaimFromRpc(Vec<String>),
    /// The node's answer is not what the bytes say.
    ClaimDisagrees,
    /// A global contract that its owner can replace.
    MutableByOwner(String),
    /// An endpoint that a link named was asked as well.
    EndpointFromLink(String),
    /// Only one endpoint vouches for the deployment.
    SingleEndpoint,
    /// The image that ran is not on the reader's list.
    UnlistedImage,
    /// The host of the source is an internationalised name, which can look like another.
    SourceHostPunycode(String),
}

impl Notice {
    /// Stable kebab-case name.
    pub fn code(&self) -> &'static str {
        match self {
            Self::CustomBuildCommand => "custom-build-command",
            Self::RustcWrapper => "rustc-wrapper",
            Self::PrebuiltWasmInTree => "prebuilt-wasm-in-tree",
            Self::ToolchainNotPinned => "toolchain-not-pinned",
            Self::BuildReadsGit => "build-reads-git",
            Self::SymlinksInTree => "symlinks-in-tree",
            Self::SubmodulesInTree => "submodules-in-tree",
            Self::NetworkFull => "network-full",
            Self::ImageSubstituted => "image-substituted",
            Self::CommitNotOnARef => "commit-not-on-a-ref",
            Self::SourceFromElsewhere => "source-from-elsewhere",
            Self::LinkDiffersFromSource(_) => "link-differs-from-source",
            Self::ClaimFromRpc(_) => "claim-from-rpc",
            Self::ClaimDisagrees => "claim-disagrees",
            Self::MutableByOwner(_) => "mutable-by-owner",
            Self::EndpointFromLink(_) => "endpoint-from-link",
            Self::SingleEndpoint => "single-endpoint",
            Self::UnlistedImage => "unlisted-image",
            Self::SourceHostPunycode(_) => "source-host-punycode",
        }
    }

    /// The notices that a rebuilder can put into a manifest, by code; `None` for any other word.
    pub fn from_manifest(code: &str) -> Option<Self> {
        let carried = [
            Self::CustomBuildCommand,
            Self::RustcWrapper,
            Self::PrebuiltWasmInTree,
            Self::ToolchainNotPinned,
            Self::BuildReadsGit,
            Self::SymlinksInTree,
            Self::SubmodulesInTree,
            Self::NetworkFull,
            Self::ImageSubstituted,
            Self::CommitNotOnARef,
            Self::SourceFromElsewhere,
        ];
        carried.into_iter().find(|notice| notice.code() == code)
    }
}

impl std::fmt::Display for Notice {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::CustomBuildCommand => f.write_str("the build command is not the usual `cargo near build non-reproducible-wasm`: read what it runs before you rely on the source"),
            Self::RustcWrapper => f.write_str("the source sets a program that stands in for the compiler or linker: it can change what is compiled"),
            Self::PrebuiltWasmInTree => f.write_str("the source carries a ready-made wasm module: the code may be that file and not the readable source"),
            Self::ToolchainNotPinned => f.write_str("neither the image nor the source names one exact compiler: a later rebuild may use another and give other code"),
            Self::BuildReadsGit => f.write_str("the build reads the git history of its source: a rebuild gives it the commit alone, without branches, tags or history, so a difference may come from there"),
            Self::SymlinksInTree => f.write_str("the source holds symbolic links: a file may be another than its path says"),
            Self::SubmodulesInTree => f.write_str("the source takes in other repositories (submodules): their code is part of what was built"),
            Self::NetworkFull => f.write_str("the build could reach the network: what it downloaded is not recorded"),
            Self::ImageSubstituted => f.write_str("the rebuild ran in another image, with other build tools, than the one that the contract names"),
            Self::CommitNotOnARef => f.write_str("no branch or tag of the claimed repository leads to this commit: it may be a stranger's, whom the repository's owners never accepted"),
            Self::SourceFromElsewhere => f.write_str("the rebuilder took the commit from another place than the claimed repository"),
            Self::LinkDiffersFromSource(link) => write!(f, "the link that the contract gives, `{}`, does not lead into the repository that was built", Shown(link)),
            Self::ClaimFromRpc(called) if called.is_empty() => f.write_str("only a node says which source the contract names: the code by itself does not say it"),
            Self::ClaimFromRpc(called) => {
                let called = called.join(", ");
                write!(f, "only a node says which source the contract names: the code by itself does not say it, it asks outside by `{}`", Shown(&called))
            }
            Self::ClaimDisagrees => f.write_str("what a node says about the contract's source is not what the code itself says"),
            Self::MutableByOwner(owner) => write!(f, "the code is a global contract that `{}` can replace at any time", Shown(owner)),
            Self::EndpointFromLink(host) => write!(f, "the link that you opened names the endpoint `{}`, which was asked besides your own", Shown(host)),
            Self::SingleEndpoint => f.write_str("only one endpoint says which code stands at this account: if it lies, nobody contradicts it"),
            Self::UnlistedImage => f.write_str("the rebuild ran in an image, with build tools, that you have not accepted in settings"),
            Self::SourceHostPunycode(host) => write!(f, "the source is on `{}`: a name with special letters can be made to look like another", Shown(host)),
        }
    }
}
