//! Why each finding matters to an author, in one or two sentences. Not here: what to do about it (`fix`).

use super::FindingCode;

impl FindingCode {
    /// What comes of it, as plain sentences.
    pub fn why(self) -> &'static str {
        match self {
            Self::NoSection => {
                "Without this section cargo-near builds on your machine instead of in a container, and the code does not say how it was built."
            }
            Self::ContractWithoutSection => "If this package is deployed, its code does not say how it was built.",
            Self::SectionMalformed => "Cargo-near refuses such a section and builds nothing.",
            Self::UnknownKeys => {
                "Cargo-near refuses keys that it does not know, so that a misspelt one is not passed over."
            }
            Self::NoDigest => "A tag can be moved to another image. Only the digest says which tools built the code.",
            Self::ImageMalformed => "No engine can pull an image by this name.",
            Self::TagDigestMismatch => {
                "The digest decides which image runs, and the tag says something else. Readers and tools that go by the tag are misled."
            }
            Self::UnlistedImage => {
                "By default, Provenear accepts only the published images of cargo-near. With any other, a match is `reproduced-unvetted` until the reader accepts that image."
            }
            Self::ImageTooOld => "The Rust in this image is older than the contract needs, so the build fails.",
            Self::ImageTooNew => {
                "After Rust 1.86 the compiler uses instructions that older NEAR nodes refuse. So cargo-near builds with such a Rust only from near-sdk 5.28 on."
            }
            Self::ImageNoOutputPath => {
                "The code then does not say where the build leaves the wasm. Rebuilders look where cargo-near usually puts it."
            }
            Self::CommandMissing => {
                "Cargo-near refuses the section without it, and nobody could tell which options were used."
            }
            Self::CommandMalformed => "Cargo-near refuses the command, or there is nothing to run.",
            Self::CommandNoLocked => {
                "Each build could choose other versions of dependencies, so cargo-near refuses the command."
            }
            Self::CommandNotLocked => {
                "Cargo may then change the lock file while it builds, and a rebuild may use other versions of dependencies."
            }
            Self::CommandManifestPath => {
                "Cargo-near builds the package of the folder that it is started in, and refuses to be told another."
            }
            Self::CustomBuildCommand => {
                "By default, Provenear accepts only the usual command of cargo-near. Another one can do anything, so a match is `reproduced-unvetted` until the reader accepts custom builds."
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
            Self::NoRepository => "This becomes the source in the claim. Without it nobody knows what to rebuild.",
            Self::RepositoryNotHttps => "Others cannot clone with your login, and cargo-near accepts https only.",
            Self::RepositoryCredentials => "The URL becomes part of the code, so the credentials become public.",
            Self::RepositoryNotCloneable => "This becomes the source in the claim, and git cannot clone it.",
            Self::RepositoryNotRemote => {
                "The claim will name a repository that this clone does not push to. If the commit is not there, nobody can rebuild it."
            }
            Self::LocalSource => {
                "Nobody outside of that network can fetch it, so others have only the word of those who can."
            }
            Self::LockMissing => {
                "Without a lock file each build chooses its own versions of dependencies. Cargo-near refuses to build."
            }
            Self::LockNotCommitted => {
                "Rebuilders get only what is in git. Cargo-near builds a fresh clone too, does not find the lock file in it and refuses."
            }
            Self::LockStale => "With `--locked` cargo refuses to build when the lock file would have to change.",
            Self::LockTooNew => "The cargo in this image cannot read a lock file of this version, so the build fails.",
            Self::DependencyOutside => "Rebuilders get only the repository, which does not contain this folder.",
            Self::DependencyByBranch => {
                "The lock file names a commit of the branch. Once the branch is rewritten or deleted, others may no longer be able to fetch that commit."
            }
            Self::DependencyBySsh => "Others cannot fetch it with your login, and the container has no ssh key.",
            Self::SdkTooOld => {
                "Before 5.2.0, near-sdk does not write `build_info`, so the code does not say how it was built."
            }
            Self::SdkNoOutputPath => {
                "Before 5.12.0, near-sdk does not write `output_wasm_path`, so the code does not say where the build leaves the wasm. Rebuilders look where cargo-near usually puts it."
            }
            Self::BuilderTooOld => {
                "The build script of this package builds another contract. With these versions, the claim of that contract lacks `output_wasm_path`, or differs from the claim it has when it is built by itself."
            }
            Self::ToolchainOverrides => {
                "If the image does not set a toolchain, rustup follows this file and tries to download another compiler. A rebuild has no network, and fails."
            }
            Self::ToolchainDiffers => {
                "The contract is built with the compiler of the image, whatever this file says. Your tests use another one."
            }
            Self::ToolchainNotPinned => {
                "If the image does not set a toolchain, each build may use another compiler and give other code."
            }
            Self::ToolchainPath => {
                "A compiler from the repository itself can put anything into the code, so a match is `reproduced-unvetted`."
            }
            Self::RustcWrapper => {
                "Such a program sees everything that is compiled and can change it, so a match is `reproduced-unvetted`."
            }
            Self::CargoAlias => "With this alias the build command looks like the usual one and runs something else.",
            Self::SourcesReplaced | Self::PathOverrides => {
                "What is compiled is not the published version of the dependency, although the name is the same."
            }
            Self::ConfigInclude => {
                "Cargo configuration that was not read here can replace the compiler or the dependencies."
            }
            Self::EnvNamesPrograms => "Variables such as RUSTC put another program in the compiler's place.",
            Self::NoGit => "A claim names a repository and a commit. Without git there is neither.",
            Self::NoCommit => "A claim names a commit, and there is none yet.",
            Self::TreeDirty => {
                "Cargo-near builds the commit, not these changes. When it deploys, it refuses a tree with changes."
            }
            Self::CommitNotPushed => "Nobody else can fetch this commit. When it deploys, cargo-near refuses it.",
            Self::CommitOnTagAlone => {
                "A pushed tag is enough for a rebuild. This clone does not know whether the tag was pushed."
            }
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
            Self::BuildOutputInTree => {
                "Cargo can take such a file for up to date and use it in place of the source that readers see."
            }
            Self::NotExamined => "What is in this file is not covered by this answer.",
            Self::SubmoduleNotExamined => {
                "A rebuild uses this submodule, and what is in it is not covered by this answer."
            }
            Self::NotFinished => "What was not looked at can hold any of the other findings.",
            Self::BuildScriptMissing => "Cargo refuses to build a package without the build script that it names.",
            Self::BuildReadsGit => {
                "A rebuild gets the commit alone, without branches, tags or history. What the build makes of these differs from clone to clone."
            }
            Self::BuildReadsClock => "If the time gets into the code, no rebuild gives the same code again.",
            Self::BuildReadsEnvironment => {
                "In the container only the variables in `passed_env` are set. The code there is what comes out without this variable."
            }
            Self::BuildReadsNetwork => {
                "A rebuild has no network while it compiles. And what is downloaded today can be something else tomorrow."
            }
            Self::PythonDependenciesOpen => "What is not pinned can be another version in each build.",
            Self::PythonVersionOpen => {
                "Which versions of dependencies are installed, and compiled into the code, depends on the version of Python."
            }
            Self::PythonFormatterOpen => {
                "Another version of it formats the source in another way, and code that is compiled from that can differ."
            }
            Self::PythonEntryMissing => {
                "Nearc builds the file that the command names, or else `__init__.py` or `main.py`. A rebuild runs the claimed command in the claimed folder, and there it does not find your contract."
            }
            Self::PythonOwnClaim => "Nearc leaves it as it is. Whether it says what a rebuild needs was not read.",
            Self::LanguageWithoutClaim => {
                "The code does not say from which source it was built, so that nobody can check it by what it claims itself."
            }
        }
    }
}
