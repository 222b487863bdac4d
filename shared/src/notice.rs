//! The unusual, said with every verdict. A notice with a [`Doubt`] keeps a match from being `reproduced`; all others
//! change no verdict. Not here: deciding (`verdict`), reasons why a claim cannot be rebuilt (`gap`).

mod why;

use std::collections::BTreeSet;

use crate::customary;
use crate::image::NEAR_IMAGE;
use crate::recipe::Recipe;
use crate::sort::sort_unique;
use crate::spelling::codes;
use crate::text::Shown;

/// How many words of a signer's choice are listed, of limits and of unknown codes each: a line has room for a hundred thousand.
const MOST_LISTED: usize = 16;

/// Why a match is not vouched for whole, by what a reader can do about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Doubt {
    /// The build was not the customary one. `Policy::accept_custom_build` accepts that.
    CustomBuild,
    /// The source is on a local address. `Policy::accept_local_source` accepts that.
    LocalSource,
    /// Nobody vouches for image, commit, sandbox or builder.
    Unvouched,
}

/// One notice. Codes are stable, and each is explained in `docs/verdicts.md` §Notices.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Notice {
    /// The claimed command is not cargo-near's, or puts other programs in place of the image's.
    CustomBuildCommand,
    /// Cargo configuration of the tree sets a compiler, a wrapper around it, a linker, or another program.
    RustcWrapper,
    /// Cargo configuration of the tree gives a word of the command another meaning.
    CargoAlias,
    /// Cargo configuration of the tree replaces or patches the sources of dependencies.
    SourcesReplaced,
    /// Cargo configuration of the tree overrides dependencies by paths.
    PathOverrides,
    /// Cargo configuration of the tree includes or links to another file, or cannot be read.
    ConfigInclude,
    /// Cargo configuration of the tree sets environment variables that name programs.
    EnvNamesPrograms,
    /// A toolchain file of the tree names a toolchain by path.
    ToolchainPath,
    /// The tree carries what a compiler made, which cargo can take for its own.
    BuildOutputInTree,
    /// The claimed command sets an environment variable that looks like a secret; its name.
    SecretInCommand(String),
    /// The tree carries a wasm module.
    PrebuiltWasmInTree,
    /// The image sets no toolchain, and the repository's toolchain file is not exact.
    ToolchainNotPinned,
    /// What is compiled asks git about itself.
    BuildReadsGit,
    /// Attributes of the tree make tools check out files in different ways.
    CheckoutAttributes,
    /// The tree holds symbolic links.
    SymlinksInTree,
    /// The tree takes in other repositories.
    SubmodulesInTree,
    /// The claimed command could reach the network.
    NetworkFull,
    /// The engine did not keep the claimed command from the network.
    NetworkNotFenced,
    /// The manifest does not say whether the claimed command was kept from the network.
    NetworkNotStated,
    /// Limits that the engine did not hold or the manifest does not state, by name. The network is not among them.
    FencesNotHeld(Vec<String>),
    /// The manifest is of version 1, whose builder did not examine tree, image and fences.
    BuilderVersion1,
    /// The source is on somebody's own machine or a private network.
    LocalSource(String),
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
    /// The image that ran is not on the reader's list; its digest where it bears the name of NEAR's own, so that a reader can
    /// accept it.
    UnlistedImage(Option<String>),
    /// The host of the source is an internationalised name, which can look like another.
    SourceHostPunycode(String),
    /// The access keys of the account could not be listed, for this reason.
    AccessKeysUnlisted(String),
    /// The block was asked for, and is older than the present by this many seconds.
    OldBlock(u64),
    /// A store that could not be read, by its URL or folder.
    StoreUnreachable(String),
    /// A store with more lines than are read of one, by its URL or folder.
    StoreCut(String),
    /// A file of manifests at hand with more lines than are read of one.
    ManifestsCut,
    /// A code in a manifest that this version does not read there: an unknown one, or one that is not a rebuilder's to say.
    Unknown(String),
    /// So many more such codes, which are not listed.
    UnknownMore(usize),
}

codes! {
    /// What is unusual, in a word.
    pub enum NoticeCode of Notice {
        CustomBuildCommand = "custom-build-command",
        RustcWrapper = "rustc-wrapper",
        CargoAlias = "cargo-alias",
        SourcesReplaced = "sources-replaced",
        PathOverrides = "path-overrides",
        ConfigInclude = "config-include",
        EnvNamesPrograms = "env-names-programs",
        ToolchainPath = "toolchain-path",
        BuildOutputInTree = "build-output-in-tree",
        SecretInCommand = "secret-in-command",
        PrebuiltWasmInTree = "prebuilt-wasm-in-tree",
        ToolchainNotPinned = "toolchain-not-pinned",
        BuildReadsGit = "build-reads-git",
        CheckoutAttributes = "checkout-attributes",
        SymlinksInTree = "symlinks-in-tree",
        SubmodulesInTree = "submodules-in-tree",
        NetworkFull = "network-full",
        NetworkNotFenced = "network-not-fenced",
        NetworkNotStated = "network-not-stated",
        FencesNotHeld = "fences-not-held",
        BuilderVersion1 = "builder-version-1",
        LocalSource = "local-source",
        ImageSubstituted = "image-substituted",
        CommitNotOnARef = "commit-not-on-a-ref",
        SourceFromElsewhere = "source-from-elsewhere",
        LinkDiffersFromSource = "link-differs-from-source",
        ClaimFromRpc = "claim-from-rpc",
        ClaimDisagrees = "claim-disagrees",
        MutableByOwner = "mutable-by-owner",
        EndpointFromLink = "endpoint-from-link",
        SingleEndpoint = "single-endpoint",
        UnlistedImage = "unlisted-image",
        SourceHostPunycode = "source-host-punycode",
        AccessKeysUnlisted = "access-keys-unlisted",
        OldBlock = "old-block",
        StoreUnreachable = "store-unreachable",
        StoreCut = "store-cut",
        ManifestsCut = "manifests-cut",
        Unknown = "unknown-notice",
        UnknownMore = "unknown-notices-more",
    }
}

impl Notice {
    /// What kind of doubt this is about a match; `None` where it changes no verdict.
    pub fn doubt(&self) -> Option<Doubt> {
        match self {
            Self::CustomBuildCommand
            | Self::RustcWrapper
            | Self::CargoAlias
            | Self::SourcesReplaced
            | Self::PathOverrides
            | Self::ConfigInclude
            | Self::EnvNamesPrograms
            | Self::ToolchainPath
            | Self::BuildOutputInTree => Some(Doubt::CustomBuild),
            Self::LocalSource(_) => Some(Doubt::LocalSource),
            Self::NetworkFull
            | Self::NetworkNotFenced
            | Self::NetworkNotStated
            | Self::BuilderVersion1
            | Self::CommitNotOnARef
            | Self::SourceFromElsewhere
            | Self::UnlistedImage(_) => Some(Doubt::Unvouched),
            Self::SecretInCommand(_)
            | Self::PrebuiltWasmInTree
            | Self::ToolchainNotPinned
            | Self::BuildReadsGit
            | Self::CheckoutAttributes
            | Self::SymlinksInTree
            | Self::SubmodulesInTree
            | Self::FencesNotHeld(_)
            | Self::ImageSubstituted
            | Self::LinkDiffersFromSource(_)
            | Self::ClaimFromRpc(_)
            | Self::ClaimDisagrees
            | Self::MutableByOwner(_)
            | Self::EndpointFromLink(_)
            | Self::SingleEndpoint
            | Self::SourceHostPunycode(_)
            | Self::AccessKeysUnlisted(_)
            | Self::OldBlock(_)
            | Self::StoreUnreachable(_)
            | Self::StoreCut(_)
            | Self::ManifestsCut
            | Self::Unknown(_)
            | Self::UnknownMore(_) => None,
        }
    }

    /// What a manifest can carry by its code alone.
    pub const CARRIED: &[Self] = &[
        Self::CustomBuildCommand,
        Self::RustcWrapper,
        Self::CargoAlias,
        Self::SourcesReplaced,
        Self::PathOverrides,
        Self::ConfigInclude,
        Self::EnvNamesPrograms,
        Self::ToolchainPath,
        Self::BuildOutputInTree,
        Self::PrebuiltWasmInTree,
        Self::ToolchainNotPinned,
        Self::BuildReadsGit,
        Self::CheckoutAttributes,
        Self::SymlinksInTree,
        Self::SubmodulesInTree,
        Self::NetworkFull,
        Self::NetworkNotFenced,
        Self::ImageSubstituted,
        Self::CommitNotOnARef,
        Self::SourceFromElsewhere,
        // Which host it was stands in the recipe, where it is the recipe's.
        Self::LocalSource(String::new()),
    ];

    /// What is unusual about a recipe by itself, whoever rebuilds it.
    pub fn of_recipe(recipe: &Recipe) -> Vec<Self> {
        let mut notices = Vec::new();
        if !recipe.is_customary_command() {
            notices.push(Self::CustomBuildCommand);
        }
        notices.extend(customary::secrets(recipe.build_command()).into_iter().map(Self::SecretInCommand));
        let source = recipe.source();
        notices.extend(source.local_host().map(|host| Self::LocalSource(host.to_owned())));
        if let Some(link) = recipe.claimed().link.as_ref().filter(|link| !source.is_same_repository(link)) {
            notices.push(Self::LinkDiffersFromSource(link.clone()));
        }
        if source.host().split('.').any(|label| label.starts_with("xn--")) {
            notices.push(Self::SourceHostPunycode(source.host().to_owned()));
        }
        notices
    }

    /// The notice that a code in a manifest stands for; [`Notice::Unknown`] for any other word.
    ///
    /// # Examples
    /// ```
    /// use provenear_shared::notice::{Doubt, Notice};
    ///
    /// assert_eq!(Notice::from_manifest("rustc-wrapper").doubt(), Some(Doubt::CustomBuild));
    /// // Some notices are the reader's own to find: no manifest can put them into its mouth.
    /// assert_eq!(Notice::from_manifest("old-block"), Notice::Unknown("old-block".to_owned()));
    /// ```
    pub fn from_manifest(code: &str) -> Self {
        let carried = Self::CARRIED.iter().find(|notice| notice.code().code() == code);
        carried.cloned().unwrap_or_else(|| Self::Unknown(code.to_owned()))
    }
}

/// Each once, in order; of unknown codes the first few and how many more there are.
pub fn gather(notices: impl IntoIterator<Item = Notice>) -> Vec<Notice> {
    let (mut known, mut unknown, mut more) = (Vec::new(), BTreeSet::new(), 0);
    for notice in notices {
        match notice {
            Notice::Unknown(code) => _ = unknown.insert(code),
            Notice::UnknownMore(count) => more += count,
            other => known.push(other),
        }
    }
    // A manifest says that source was local, a recipe also where.
    if known.iter().any(|notice| matches!(notice, Notice::LocalSource(host) if !host.is_empty())) {
        known.retain(|notice| *notice != Notice::LocalSource(String::new()));
    }
    more += unknown.len().saturating_sub(MOST_LISTED);
    known.extend(unknown.into_iter().take(MOST_LISTED).map(Notice::Unknown));
    known.extend((more > 0).then_some(Notice::UnknownMore(more)));
    sort_unique(known)
}

impl std::fmt::Display for Notice {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::CustomBuildCommand => f.write_str("the build command is not the usual `cargo near build non-reproducible-wasm`: read what it runs before you rely on the source"),
            Self::RustcWrapper => f.write_str("the source's cargo configuration names a program to run in the build, such as a compiler, a wrapper or a linker, which can change what is compiled"),
            Self::CargoAlias => f.write_str("the source redefines a word of the build command by a cargo alias, so another program can run in its place"),
            Self::SourcesReplaced => f.write_str("the source replaces or patches dependencies in its cargo configuration, so other code can be compiled than the lock file names"),
            Self::PathOverrides => f.write_str("the source overrides dependencies by paths in its cargo configuration, so other code can be compiled than the lock file names"),
            Self::ConfigInclude => f.write_str("part of the source's cargo configuration was not examined: it includes another file, is a link, or cannot be read"),
            Self::EnvNamesPrograms => f.write_str("the source's cargo configuration sets environment variables that choose which programs run"),
            Self::ToolchainPath => f.write_str("the source names its Rust toolchain by a path, so a compiler of its own can run"),
            Self::BuildOutputInTree => f.write_str("the source contains compiled build output, which cargo can link in place of the readable source"),
            Self::SecretInCommand(name) => write!(f, "the build command sets `{}`, which looks like a secret and is public now", Shown(name)),
            Self::PrebuiltWasmInTree => f.write_str("the source contains a precompiled wasm module: the code may be that file and not the readable source"),
            Self::ToolchainNotPinned => f.write_str("neither the image nor the source names one exact compiler: a later rebuild may use another and give other code"),
            Self::BuildReadsGit => f.write_str("the build reads the git history of its source: a rebuild gives it the commit alone, without branches, tags or history, so a difference may come from there"),
            Self::CheckoutAttributes => f.write_str("git attributes of the source (such as `filter`, `eol` or `ident` in `.gitattributes`) make some tools check out other files than were built here: a difference may come from there"),
            Self::SymlinksInTree => f.write_str("the source contains symbolic links: a file may be another than its path says"),
            Self::SubmodulesInTree => f.write_str("the source includes other repositories (submodules): their code is part of what was built"),
            Self::NetworkFull => f.write_str("the build could reach the network: what it downloaded is not recorded"),
            Self::NetworkNotFenced => f.write_str("the engine did not keep the build from the network: what it downloaded is not recorded"),
            Self::NetworkNotStated => f.write_str("the manifest does not say that the build was kept from the network: what it downloaded is not recorded"),
            Self::FencesNotHeld(names) => {
                f.write_str("the engine did not enforce, or the manifest does not state, these limits of the build: ")?;
                let comma = |position| if position == 0 { "" } else { ", " };
                let mut listed = names.iter().take(MOST_LISTED).enumerate();
                listed.try_for_each(|(position, name)| write!(f, "{}`{}`", comma(position), Shown(name)))?;
                if names.len() > MOST_LISTED { write!(f, " and {} more", names.len() - MOST_LISTED) } else { Ok(()) }
            }
            Self::BuilderVersion1 => f.write_str("the manifest is of version 1: its builder did not examine the source's cargo configuration, the image and the sandbox as version 2 does"),
            Self::LocalSource(host) if host.is_empty() => f.write_str("a rebuilder fetched source from an address on its own machine or private network, which others may not be able to fetch"),
            Self::LocalSource(host) => write!(f, "the source is at `{}`, an address on somebody's own machine or private network, which nobody else can fetch", Shown(host)),
            Self::ImageSubstituted => f.write_str("the rebuild ran in another image, with other build tools, than the claimed one"),
            Self::CommitNotOnARef => f.write_str("no branch or tag of the claimed repository leads to this commit: it may come from a fork the owners never merged"),
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
            Self::SingleEndpoint => f.write_str("only one endpoint says which code this account has: nobody else confirms it"),
            Self::UnlistedImage(None) => f.write_str("the build image, with its tools, is not one that you have accepted in settings"),
            Self::UnlistedImage(Some(digest)) => write!(f, "the build image has the name of NEAR's newer build image, {NEAR_IMAGE}, and a digest that you have not accepted in settings: accept `{digest}` if NEAR attests it"),
            Self::SourceHostPunycode(host) => write!(f, "the source is on `{}`: a name with special letters can be made to look like another", Shown(host)),
            Self::AccessKeysUnlisted(reason) => write!(f, "the account's access keys could not be listed, so there may be keys that can replace the code: {reason}"),
            Self::OldBlock(seconds) => write!(f, "this is the state of {} ago: the account may run other code now", crate::text::Duration(*seconds)),
            Self::StoreUnreachable(store) => write!(f, "the store `{}` could not be read: it may hold rebuilds that say otherwise", Shown(store)),
            Self::StoreCut(store) => write!(f, "the store `{}` holds more lines than are read of one store: those left out may say otherwise", Shown(store)),
            Self::ManifestsCut => f.write_str("a file of manifests holds more lines than are read of one file: those left out may say otherwise"),
            Self::Unknown(code) => write!(f, "a manifest carries the notice `{}`, which this version does not read from manifests", Shown(code)),
            Self::UnknownMore(1) => f.write_str("manifests carry 1 more notice that this version does not read from them"),
            Self::UnknownMore(more) => write!(f, "manifests carry {more} more notices that this version does not read from them"),
        }
    }
}
