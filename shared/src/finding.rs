//! What `lint` finds in the source of a contract before it is deployed: each finding by a stable code, with its weight and with
//! what it makes of a later verdict. Each is explained in `docs/lint.md`. Not here: finding them (`helper/lint`).

mod elsewhere;
mod fix;
mod why;

use crate::gap::GapCode;
use crate::notice::NoticeCode;
use crate::report::{FailureCode, Language};
use crate::spelling::codes;

codes! {
    /// How much a finding weighs.
    pub enum Severity {
        /// No rebuild can give this code, or cargo-near refuses to build it so that it could.
        Breaks = "breaks",
        /// A rebuild can give this code, but readers have to accept something first, or it may give other code.
        Doubt = "doubt",
        /// Good to know. It keeps nobody from rebuilding the code.
        Note = "note",
    }
}

/// What a finding makes of the verdict about a contract that is deployed from this source.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// The claim has this gap: `not-rebuildable`.
    Gap(GapCode),
    /// A rebuild ends with this error: `not-rebuilt`.
    Failure(FailureCode),
    /// A rebuild carries this doubt: `reproduced-unvetted`.
    Doubt(NoticeCode),
    /// A rebuild carries this notice, which changes no verdict.
    Notice(NoticeCode),
    /// A rebuild takes what was not read here, and may notice in it what was not found: `reproduced-unvetted` until somebody has looked.
    Unseen,
    /// None that can be told before.
    Open,
}

codes! {
    /// What is wrong with the source of a contract, in a word.
    pub enum FindingCode {
        /// No section for reproducible builds.
        NoSection = "no-section",
        /// Another package of the tree is a contract without that section.
        ContractWithoutSection = "contract-without-section",
        /// The section lacks a key, or has one of another type.
        SectionMalformed = "section-malformed",
        /// Keys that cargo-near does not know.
        UnknownKeys = "unknown-keys",
        /// No digest of the image.
        NoDigest = "no-digest",
        /// Image and digest are not an image reference.
        ImageMalformed = "image-malformed",
        /// The digest is known by another tag.
        TagDigestMismatch = "tag-digest-mismatch",
        /// The digest is not one of the published images.
        UnlistedImage = "unlisted-image",
        /// Rust of the image is older than the contract needs.
        ImageTooOld = "image-too-old",
        /// Rust of the image is newer than this near-sdk allows.
        ImageTooNew = "image-too-new",
        /// cargo-near of the image writes no `output_wasm_path`.
        ImageNoOutputPath = "image-no-output-path",
        /// No build command.
        CommandMissing = "command-missing",
        /// The build command is empty, or has characters that cargo-near refuses.
        CommandMalformed = "command-malformed",
        /// `--no-locked` in the build command.
        CommandNoLocked = "command-no-locked",
        /// No `--locked` in the build command.
        CommandNotLocked = "command-not-locked",
        /// `--manifest-path` in the build command.
        CommandManifestPath = "command-manifest-path",
        /// The build command is not the customary one.
        CustomBuildCommand = "custom-build-command",
        /// A variable whose value becomes part of the claim.
        PassedEnv = "passed-env",
        /// A variable in `passed_env` that looks like a secret.
        PassedEnvSecret = "passed-env-secret",
        /// The code will not contain its ABI.
        AbiNotEmbedded = "abi-not-embedded",
        /// The package is not a `cdylib`.
        NotACdylib = "not-a-cdylib",
        /// No `repository`.
        NoRepository = "no-repository",
        /// `repository` is not an https URL.
        RepositoryNotHttps = "repository-not-https",
        /// `repository` carries a user name or password.
        RepositoryCredentials = "repository-credentials",
        /// `repository` is a page, or no URL of a repository.
        RepositoryNotCloneable = "repository-not-cloneable",
        /// No remote of this clone is the repository.
        RepositoryNotRemote = "repository-not-remote",
        /// The repository is on somebody's own machine or private network.
        LocalSource = "local-source",
        /// No lock file.
        LockMissing = "lock-missing",
        /// The lock file is not in git.
        LockNotCommitted = "lock-not-committed",
        /// The lock file does not fit the manifests.
        LockStale = "lock-stale",
        /// The lock file is of a version that cargo of the image cannot read.
        LockTooNew = "lock-too-new",
        /// A dependency by a path outside of the repository.
        DependencyOutside = "dependency-outside",
        /// A dependency by a branch.
        DependencyByBranch = "dependency-by-branch",
        /// A dependency by ssh.
        DependencyBySsh = "dependency-by-ssh",
        /// near-sdk writes no `build_info`.
        SdkTooOld = "sdk-too-old",
        /// near-sdk writes no `output_wasm_path`.
        SdkNoOutputPath = "sdk-no-output-path",
        /// cargo-near-build of the build script does not fit the image.
        BuilderTooOld = "builder-too-old",
        /// A toolchain file that an unknown image may obey.
        ToolchainOverrides = "toolchain-overrides",
        /// A toolchain file that names another compiler than the image has.
        ToolchainDiffers = "toolchain-differs",
        /// A toolchain file that an unknown image may obey, and that does not name one exact compiler.
        ToolchainNotPinned = "toolchain-not-pinned",
        /// A toolchain by its path.
        ToolchainPath = "toolchain-path",
        /// Cargo configuration names a compiler, a wrapper, a linker or another program.
        RustcWrapper = "rustc-wrapper",
        /// Cargo configuration gives a word of the command another meaning.
        CargoAlias = "cargo-alias",
        /// Cargo configuration replaces or patches dependencies.
        SourcesReplaced = "sources-replaced",
        /// Cargo configuration overrides dependencies by paths.
        PathOverrides = "path-overrides",
        /// Cargo configuration that cannot be examined.
        ConfigInclude = "config-include",
        /// Cargo configuration sets variables that choose programs.
        EnvNamesPrograms = "env-names-programs",
        /// No git repository.
        NoGit = "no-git",
        /// No commit.
        NoCommit = "no-commit",
        /// Files that are not committed.
        TreeDirty = "tree-dirty",
        /// The commit is on no branch of a remote.
        CommitNotPushed = "commit-not-pushed",
        /// A tag has the commit, and no branch of the remote.
        CommitOnTagAlone = "commit-on-tag-alone",
        /// A clone without history.
        ShallowClone = "shallow-clone",
        /// A submodule by ssh.
        SubmoduleBySsh = "submodule-by-ssh",
        /// A submodule that nobody else can fetch.
        SubmoduleUnfetchable = "submodule-unfetchable",
        /// Attributes that change files when they are checked out.
        CheckoutAttributes = "checkout-attributes",
        /// A wasm module in the tree.
        PrebuiltWasmInTree = "prebuilt-wasm-in-tree",
        /// Build output in the tree.
        BuildOutputInTree = "build-output-in-tree",
        /// A file that could not be read here.
        NotExamined = "not-examined",
        /// A submodule, which a rebuild takes too.
        SubmoduleNotExamined = "submodule-not-examined",
        /// Not everything was looked at.
        NotFinished = "not-finished",
        /// What is compiled asks git about itself.
        BuildReadsGit = "build-reads-git",
        /// A build script that a manifest names is not there.
        BuildScriptMissing = "build-script-missing",
        /// A build script reads the clock.
        BuildReadsClock = "build-reads-clock",
        /// What is compiled reads a variable that the container does not set.
        BuildReadsEnvironment = "build-reads-environment",
        /// A build script wants the network.
        BuildReadsNetwork = "build-reads-network",
        /// A Python dependency that is not pinned.
        PythonDependenciesOpen = "python-dependencies-open",
        /// The version of Python is not stated exactly.
        PythonVersionOpen = "python-version-open",
        /// A tool that formats the source is not pinned.
        PythonFormatterOpen = "python-formatter-open",
        /// nearc does not find what it is to build, or finds another contract.
        PythonEntryMissing = "python-entry-missing",
        /// The contract has a claim of its author's own, to which nearc adds none.
        PythonOwnClaim = "python-own-claim",
        /// The compiler of this language writes no claim.
        LanguageWithoutClaim = "language-without-claim",
    }
}

impl FindingCode {
    /// How much it weighs.
    ///
    /// # Examples
    /// ```
    /// use provenear_shared::finding::{FindingCode, Severity};
    ///
    /// let code = FindingCode::parse("no-digest").unwrap();
    /// assert_eq!(code.severity(), Severity::Breaks);
    /// ```
    pub fn severity(self) -> Severity {
        match self {
            Self::NoSection
            | Self::SectionMalformed
            | Self::UnknownKeys
            | Self::NoDigest
            | Self::ImageMalformed
            | Self::ImageTooOld
            | Self::ImageTooNew
            | Self::CommandMissing
            | Self::CommandMalformed
            | Self::CommandNoLocked
            | Self::CommandManifestPath
            | Self::NotACdylib
            | Self::NoRepository
            | Self::RepositoryNotHttps
            | Self::RepositoryCredentials
            | Self::RepositoryNotCloneable
            | Self::LockMissing
            | Self::LockNotCommitted
            | Self::LockStale
            | Self::LockTooNew
            | Self::DependencyOutside
            | Self::DependencyBySsh
            | Self::SdkTooOld
            | Self::NoGit
            | Self::NoCommit
            | Self::CommitNotPushed
            | Self::SubmoduleUnfetchable
            | Self::BuildScriptMissing
            | Self::PythonEntryMissing
            | Self::LanguageWithoutClaim => Severity::Breaks,
            Self::TagDigestMismatch
            | Self::UnlistedImage
            | Self::CommandNotLocked
            | Self::CustomBuildCommand
            | Self::PassedEnvSecret
            | Self::RepositoryNotRemote
            | Self::LocalSource
            | Self::BuilderTooOld
            | Self::ToolchainOverrides
            | Self::ToolchainPath
            | Self::RustcWrapper
            | Self::CargoAlias
            | Self::SourcesReplaced
            | Self::PathOverrides
            | Self::ConfigInclude
            | Self::EnvNamesPrograms
            | Self::TreeDirty
            | Self::CommitOnTagAlone
            | Self::ShallowClone
            | Self::SubmoduleBySsh
            | Self::CheckoutAttributes
            | Self::BuildOutputInTree
            | Self::SubmoduleNotExamined
            | Self::NotFinished
            | Self::BuildReadsGit
            | Self::BuildReadsClock
            | Self::BuildReadsNetwork
            | Self::PythonDependenciesOpen
            | Self::PythonOwnClaim => Severity::Doubt,
            Self::ContractWithoutSection
            | Self::ImageNoOutputPath
            | Self::PassedEnv
            | Self::AbiNotEmbedded
            | Self::DependencyByBranch
            | Self::SdkNoOutputPath
            | Self::ToolchainDiffers
            | Self::ToolchainNotPinned
            | Self::PrebuiltWasmInTree
            | Self::NotExamined
            | Self::BuildReadsEnvironment
            | Self::PythonVersionOpen
            | Self::PythonFormatterOpen => Severity::Note,
        }
    }

    /// What comes of it for a contract in this language, and what its author does about it, as plain sentences.
    pub fn words(self, language: Language) -> (&'static str, &'static str) {
        let own = match language {
            Language::Rust => None,
            Language::Python | Language::JavaScript => elsewhere::words(self),
        };
        own.unwrap_or((self.why(), self.fix()))
    }

    /// What it makes of the verdict. What cargo-near refuses to build is deployed without `build_info`, if at all.
    pub fn outcome(self) -> Outcome {
        match self {
            Self::NoSection
            | Self::SectionMalformed
            | Self::UnknownKeys
            | Self::ImageTooOld
            | Self::ImageTooNew
            | Self::CommandMalformed
            | Self::CommandNoLocked
            | Self::CommandManifestPath
            | Self::NotACdylib
            | Self::LockMissing
            | Self::LockNotCommitted
            | Self::LockStale
            | Self::LockTooNew
            | Self::DependencyOutside
            | Self::SdkTooOld
            | Self::BuildScriptMissing
            | Self::NoGit
            | Self::NoCommit => Outcome::Gap(GapCode::BuildInfoMissing),
            Self::NoDigest => Outcome::Gap(GapCode::ImageNotPinned),
            Self::ImageMalformed => Outcome::Gap(GapCode::ImageMalformed),
            Self::CommandMissing => Outcome::Gap(GapCode::BuildCommandMissing),
            Self::NoRepository => Outcome::Gap(GapCode::SourceMissing),
            Self::RepositoryNotHttps => Outcome::Gap(GapCode::SourceNeedsSsh),
            Self::RepositoryCredentials => Outcome::Gap(GapCode::SourceCredentials),
            Self::RepositoryNotCloneable => Outcome::Gap(GapCode::SourceNotGit),
            Self::LanguageWithoutClaim => Outcome::Gap(GapCode::MetadataMissing),
            Self::DependencyBySsh => Outcome::Failure(FailureCode::NetworkNeeded),
            Self::PythonEntryMissing => Outcome::Failure(FailureCode::ArtifactAmbiguous),
            Self::CommitNotPushed | Self::SubmoduleUnfetchable => Outcome::Failure(FailureCode::CommitNotFound),
            Self::UnlistedImage => Outcome::Doubt(NoticeCode::UnlistedImage),
            Self::LocalSource => Outcome::Doubt(NoticeCode::LocalSource),
            Self::CustomBuildCommand => Outcome::Doubt(NoticeCode::CustomBuildCommand),
            Self::ToolchainPath => Outcome::Doubt(NoticeCode::ToolchainPath),
            Self::RustcWrapper => Outcome::Doubt(NoticeCode::RustcWrapper),
            Self::CargoAlias => Outcome::Doubt(NoticeCode::CargoAlias),
            Self::SourcesReplaced => Outcome::Doubt(NoticeCode::SourcesReplaced),
            Self::PathOverrides => Outcome::Doubt(NoticeCode::PathOverrides),
            Self::ConfigInclude => Outcome::Doubt(NoticeCode::ConfigInclude),
            Self::EnvNamesPrograms => Outcome::Doubt(NoticeCode::EnvNamesPrograms),
            Self::BuildOutputInTree => Outcome::Doubt(NoticeCode::BuildOutputInTree),
            Self::PassedEnvSecret => Outcome::Notice(NoticeCode::SecretInCommand),
            Self::ToolchainNotPinned => Outcome::Notice(NoticeCode::ToolchainNotPinned),
            Self::CheckoutAttributes => Outcome::Notice(NoticeCode::CheckoutAttributes),
            Self::PrebuiltWasmInTree => Outcome::Notice(NoticeCode::PrebuiltWasmInTree),
            Self::BuildReadsGit => Outcome::Notice(NoticeCode::BuildReadsGit),
            Self::TreeDirty | Self::SubmoduleNotExamined | Self::NotFinished | Self::PythonOwnClaim => Outcome::Unseen,
            Self::ContractWithoutSection
            | Self::TagDigestMismatch
            | Self::ImageNoOutputPath
            | Self::CommandNotLocked
            | Self::PassedEnv
            | Self::AbiNotEmbedded
            | Self::RepositoryNotRemote
            | Self::DependencyByBranch
            | Self::SdkNoOutputPath
            | Self::BuilderTooOld
            | Self::ToolchainOverrides
            | Self::ToolchainDiffers
            | Self::CommitOnTagAlone
            | Self::ShallowClone
            | Self::SubmoduleBySsh
            | Self::NotExamined
            | Self::BuildReadsClock
            | Self::BuildReadsEnvironment
            | Self::BuildReadsNetwork
            | Self::PythonDependenciesOpen
            | Self::PythonVersionOpen
            | Self::PythonFormatterOpen => Outcome::Open,
        }
    }
}

#[cfg(test)]
mod tests;
