//! Why each finding matters to an author, in one or two sentences. Not here: what to do about it (`fix`).

use super::FindingCode;

impl FindingCode {
    /// What comes of it, as plain sentences.
    pub fn why(self) -> &'static str {
        match self {
            Self::NoSection => {
                "Without this section cargo-near builds outside of a container, and the code does not say how it was built."
            }
            Self::ContractWithoutSection => "If this package is deployed, its code does not say how it was built.",
            Self::SectionMalformed => "Cargo-near stops here, before it builds anything.",
            Self::UnknownKeys => {
                "Cargo-near refuses keys that it does not know, so that a misspelt one is not passed over."
            }
            Self::NoDigest => "A tag can be moved to another image. Only the digest says which tools built the code.",
            Self::ImageMalformed => "No engine can pull an image by this name.",
            Self::TagDigestMismatch => {
                "The digest decides which image runs, and the tag says something else. Readers and tools that go by the tag are misled."
            }
            Self::UnlistedImage => {
                "Readers accept the published images from the start. With any other digest, a match is `reproduced-unvetted` until a reader accepts it."
            }
            Self::ImageTooOld => "Cargo in this image refuses to build the contract.",
            Self::ImageTooNew => {
                "Nodes of older protocols refuse what this compiler makes, so cargo-near refuses it for a near-sdk that was made for them."
            }
            Self::ImageNoOutputPath => "Rebuilders then have to guess by convention where the build leaves the wasm.",
            Self::CommandMissing => {
                "Cargo-near refuses the section without it, and nobody could know which options were used."
            }
            Self::CommandMalformed => "Cargo-near refuses the command, or there is nothing to run.",
            Self::CommandNoLocked => "Dependencies would be resolved anew in each build. Cargo-near refuses it.",
            Self::CommandNotLocked => {
                "Cargo may then write another lock file than the one in git, and a rebuild may resolve other versions."
            }
            Self::CommandManifestPath => {
                "Cargo-near builds the package of the folder that it is started in, and refuses to be told another."
            }
            Self::CustomBuildCommand => {
                "Another command than cargo-near's can do anything. A match is `reproduced-unvetted` until a reader accepts custom builds."
            }
            Self::PassedEnv => {
                "If the variable is set where you build, its value becomes part of the public build command. Rebuilders use that value."
            }
            Self::PassedEnvSecret => {
                "Cargo-near writes the value into the build command, which is in the code and public for ever."
            }
            Self::AbiNotEmbedded => {
                "Wallets, explorers and Provenear read the ABI out of the code to show what can be called."
            }
            Self::NotACdylib => "Without this crate type no wasm comes out, and the build fails.",
            Self::NoRepository => "The claim takes its source from here. Without it nobody knows what to rebuild.",
            Self::RepositoryNotHttps => "Rebuilders have no login of yours. Cargo-near takes https alone.",
            Self::RepositoryCredentials => "The URL goes into the code as it is, so the credentials become public.",
            Self::RepositoryNotCloneable => "The claim takes its source from here, and git cannot clone this URL.",
            Self::RepositoryNotRemote => {
                "The claim will name a repository that this clone does not push to. If the commit is not there, nobody can rebuild it."
            }
            Self::LockMissing => {
                "Without a lock file each build chooses its own versions of dependencies. Cargo-near refuses to build."
            }
            Self::LockNotCommitted => {
                "Rebuilders get what is in git. Cargo-near builds a clone, does not find the lock file there and refuses."
            }
            Self::LockStale => "With `--locked` cargo refuses to build when the lock file would have to change.",
            Self::LockTooNew => "Cargo in this image refuses to read the lock file.",
            Self::DependencyOutside => "Rebuilders get the repository alone. The folder is not there.",
            Self::DependencyByBranch => {
                "The lock file keeps the commit, but when the branch is rewritten or deleted, nobody may be able to fetch that commit."
            }
            Self::DependencyBySsh => "Rebuilders have no login of yours, and the container has no ssh key.",
            Self::SdkTooOld => {
                "Before 5.2.0, near-sdk writes no `build_info`, so that the code does not say how it was built."
            }
            Self::SdkNoOutputPath => {
                "Before 5.12.0, near-sdk does not know `output_wasm_path`. Rebuilders then have to guess by convention where the build leaves the wasm."
            }
            Self::BuilderTooOld => {
                "The product of a factory then makes a claim without `output_wasm_path`, or another one than it has when it is built alone."
            }
            Self::ToolchainOverrides => {
                "If the image does not set a toolchain, rustup obeys this file and wants to download another compiler. The build has no network."
            }
            Self::ToolchainDiffers => {
                "The image's own compiler builds the contract, whatever the file says. What you test is built by another one."
            }
            Self::ToolchainNotPinned => {
                "If the image does not set a toolchain, another compiler may be used each time, and give other code."
            }
            Self::ToolchainPath => "A compiler inside the source is one that nobody else vouches for.",
            Self::RustcWrapper => "Such a program sees everything that is compiled and can add to it.",
            Self::CargoAlias => "The command reads like the usual one and runs something else.",
            Self::SourcesReplaced | Self::PathOverrides => {
                "Readers who know the published versions of your dependencies have not read what is compiled."
            }
            Self::ConfigInclude => "What was not examined can replace the compiler or the dependencies.",
            Self::EnvNamesPrograms => "Variables such as RUSTC put another program in the compiler's place.",
            Self::NoGit => "A claim names a repository and a commit. Without git there is neither.",
            Self::NoCommit => "A claim names a commit, and there is none yet.",
            Self::TreeDirty => {
                "Cargo-near builds the commit, not these changes. When it deploys, it refuses a tree with changes."
            }
            Self::CommitNotPushed => "Nobody else can fetch this commit. When it deploys, cargo-near refuses it.",
            Self::ShallowClone => {
                "Whether the commit is on a branch of the remote cannot be told from a clone without history."
            }
            Self::SubmoduleBySsh => {
                "Other rebuilders have no login of yours. Provenear asks the same repository by https; most tools do not."
            }
            Self::SubmoduleUnfetchable => "Rebuilders cannot fetch it, and without it the build fails.",
            Self::CheckoutAttributes => {
                "Tools that check out the same commit can end up with different files, and then with different code."
            }
            Self::PrebuiltWasmInTree => {
                "Readers are told of it, because a build could copy a finished module in place of compiling the source."
            }
            Self::BuildOutputInTree => "Cargo can take it for up to date and link it in place of the readable source.",
            Self::NotExamined => "What is in it is not covered by this answer.",
            Self::SubmoduleNotExamined => {
                "A rebuild takes the commit that is named, and what is in it is not covered by this answer."
            }
            Self::NotFinished => "What was not looked at can hold any of the other findings.",
            Self::BuildReadsGit => {
                "A rebuild gets the commit alone, without branches, tags or history. What the build makes of these differs from clone to clone."
            }
            Self::BuildReadsClock => "If the time gets into the code, no rebuild gives the same code again.",
            Self::BuildReadsEnvironment => {
                "The container of a build has no variables of yours but those in `passed_env`. The code is then what it is without the variable."
            }
            Self::BuildReadsNetwork => {
                "A rebuild has no network while it compiles, and what is downloaded can be something else tomorrow."
            }
            Self::PythonDependenciesOpen => "What is not pinned can be another version in each build.",
            Self::PythonVersionOpen => "Bytecode differs from version to version.",
            Self::PythonFormatterOpen => {
                "Another version of it formats the source in another way, and code that is compiled from that can differ."
            }
            Self::LanguageWithoutClaim => {
                "The code does not say from which source it was built, so that nobody can check it by what it claims itself."
            }
        }
    }
}
