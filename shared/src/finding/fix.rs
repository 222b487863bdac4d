//! What an author does about each finding, and what `lint --fix` does. Not here: doing it (`helper/lint/fix`).

use super::FindingCode;

/// What is corrected, and when.
const CORRECTIONS: [(FindingCode, &str); 6] = [
    (FindingCode::NoDigest, "Writes the digest, if the tag is that of a published image."),
    (
        FindingCode::CommandMissing,
        "Writes the usual command, if the image is a published one with cargo-near 0.13 or newer.",
    ),
    (FindingCode::CommandNoLocked, "Writes `--locked` in its place."),
    (FindingCode::CommandNotLocked, "Adds `--locked`."),
    (FindingCode::NoRepository, "Writes the remote of the clone, if it has one alone, and that an https URL."),
    (FindingCode::RepositoryNotHttps, "Writes the https URL, if the address has one."),
];

impl FindingCode {
    /// What `--fix` does about it, as a plain sentence; none where all of it is left to the author.
    pub fn correction(self) -> Option<&'static str> {
        CORRECTIONS.into_iter().find(|(code, _)| *code == self).map(|(_, what)| what)
    }

    /// What to do, as plain sentences.
    pub fn fix(self) -> &'static str {
        match self {
            Self::NoSection | Self::ContractWithoutSection => {
                "Run `provenear init`, which adds `[package.metadata.near.reproducible_build]`."
            }
            Self::SectionMalformed => {
                "Write `image` and `image_digest` as texts, `container_build_command` and, if needed, `passed_env` as lists of texts."
            }
            Self::UnknownKeys => "Remove the key, or correct its spelling.",
            Self::NoDigest => "Add `image_digest = \"sha256:…\"`; `docker buildx imagetools inspect IMAGE` prints it.",
            Self::ImageMalformed => {
                "Write the name with its tag into `image`, and `sha256:` with 64 lower-case hex digits into `image_digest`."
            }
            Self::TagDigestMismatch => "Write the tag that belongs to the digest, or the digest of the tag.",
            Self::UnlistedImage => {
                "Use a published image (`provenear init` knows the newest), or tell readers why they can accept this one."
            }
            Self::ImageTooOld => "Use an image with a newer Rust.",
            Self::ImageTooNew => "Use near-sdk 5.28 or newer, or an image with Rust 1.86 or older.",
            Self::ImageNoOutputPath => "Use an image with cargo-near 0.14 or newer.",
            Self::CommandMissing => {
                "Add `container_build_command = [\"cargo\", \"near\", \"build\", \"non-reproducible-wasm\", \"--locked\"]`."
            }
            Self::CommandMalformed => "Write the command as a list of words in printable ASCII.",
            Self::CommandNoLocked => "Write `--locked` in its place, and commit `Cargo.lock`.",
            Self::CommandNotLocked => "Add `--locked`.",
            Self::CommandManifestPath => {
                "Remove it, and put the section into the manifest of the package that is to be built."
            }
            Self::CustomBuildCommand => {
                "Use `cargo near build non-reproducible-wasm --locked`, with options of it that select features, profile or ABI."
            }
            Self::PassedEnv => "Take it out of `passed_env` if the build does not need it.",
            Self::PassedEnvSecret => "Take it out of `passed_env`. If a build with it was deployed, revoke the secret.",
            Self::AbiNotEmbedded => "Leave out `--no-abi` and `--no-embed-abi`.",
            Self::NotACdylib => "Add `crate-type = [\"cdylib\"]` to `[lib]`.",
            Self::NoRepository => "Add `repository` with the https URL of the repository to `[package]`.",
            Self::RepositoryNotHttps => "Write the https URL of the same repository.",
            Self::RepositoryCredentials => "Remove user name and password, and revoke them if they were published.",
            Self::RepositoryNotCloneable => {
                "Write the URL that `git clone` takes, without `/tree/…`, a query or a fragment."
            }
            Self::RepositoryNotRemote => {
                "Write the URL of the repository that you push to, or push the commit to the one that is named."
            }
            Self::LocalSource => "Push to a public repository, and name that one.",
            Self::LockMissing => "Run `cargo generate-lockfile`, and commit `Cargo.lock`.",
            Self::LockNotCommitted => "Remove `Cargo.lock` from `.gitignore`, and commit it.",
            Self::LockStale => "Run `cargo update --workspace`, and commit `Cargo.lock`.",
            Self::LockTooNew => "Use an image with Rust 1.78 or newer, or make the lock file anew with an older cargo.",
            Self::DependencyOutside => "Move it into the repository, or depend on it by version, or by git and `rev`.",
            Self::DependencyByBranch => "Name the commit by `rev`, or a tag that is not moved.",
            Self::DependencyBySsh => "Name the https URL of a public repository.",
            Self::SdkTooOld => "Use near-sdk 5.12 or newer.",
            Self::SdkNoOutputPath => "Use near-sdk 5.12 or newer.",
            Self::BuilderTooOld => {
                "Use cargo-near-build 0.6 or newer in the build script, and cargo-near 0.14 or newer in the image."
            }
            Self::ToolchainOverrides => "Name the compiler of the image, or remove the file.",
            Self::ToolchainDiffers => "Name the compiler of the image in the file.",
            Self::ToolchainNotPinned => "Name an exact `channel`, such as `1.86.0`.",
            Self::ToolchainPath => "Name a published toolchain by its version.",
            Self::RustcWrapper => {
                "Leave compiler, wrapper and linker to the image; set yours outside of the repository."
            }
            Self::CargoAlias => "Rename the alias.",
            Self::SourcesReplaced => "Move the patch into `Cargo.toml`: then `Cargo.lock` says what is compiled.",
            Self::PathOverrides => "Use a path dependency in `Cargo.toml`.",
            Self::ConfigInclude => "Write the configuration into one plain `.cargo/config.toml`.",
            Self::EnvNamesPrograms => "Leave these variables to the image.",
            Self::NoGit => "Run `git init`, commit, and push to a public repository.",
            Self::NoCommit => "Commit, and push to a public repository.",
            Self::TreeDirty => "Commit the changes, or discard them.",
            Self::CommitNotPushed => {
                "Push the commit to a branch of the repository, or run `git fetch` if it is there already."
            }
            Self::CommitOnTagAlone => {
                "Push the tag if that is not done yet, run `git fetch`, or push the commit to a branch of the repository."
            }
            Self::ShallowClone => "Run `git fetch --unshallow`; in CI, fetch the whole history.",
            Self::SubmoduleBySsh => "Write the https URL into `.gitmodules`.",
            Self::SubmoduleUnfetchable => "Write the https URL of a public repository into `.gitmodules`.",
            Self::CheckoutAttributes => {
                "Remove attributes that change the content of files, such as `filter`, `eol` or `ident`."
            }
            Self::PrebuiltWasmInTree => "Say in the repository where the module comes from, or build it from source.",
            Self::BuildOutputInTree => "Remove the file from git.",
            Self::NotExamined => "Read the file yourself.",
            Self::SubmoduleNotExamined => "Run `provenear lint` in a clone of the submodule too.",
            Self::NotFinished => {
                "Run it in the folder of one contract, or take out of the repository what is not source."
            }
            Self::BuildScriptMissing => "Commit the file, or remove `build` from `[package]`.",
            Self::BuildReadsGit => "Read only the commit, or nothing of git.",
            Self::BuildReadsClock => "Use the version of the package in place of a time.",
            Self::BuildReadsEnvironment => "Write the value into the source, or name the variable in `passed_env`.",
            Self::BuildReadsNetwork => "Put what is downloaded into the repository, or depend on it by `Cargo.toml`.",
            Self::PythonDependenciesOpen => {
                "Commit `uv.lock`, which nearc installs by, or pin each dependency by `==`."
            }
            Self::PythonVersionOpen => "State one version in `requires-python` or `.python-version`.",
            Self::PythonFormatterOpen => "Pin the tool by `==` or by a lock file, and format before you commit.",
            Self::PythonEntryMissing => {
                "Move the contract to `main.py` in the root of the repository, or name its file in the command and its folder by `contract_path` in `[tool.near.contract.build_info]`."
            }
            Self::PythonOwnClaim => "Remove `contract_source_metadata` from the contract, so that nearc adds its own.",
            Self::LanguageWithoutClaim => {
                "Publish commit, image by digest and command. A rebuilder can use them as a recipe, and a match is then `reproduced-unclaimed`."
            }
        }
    }
}
