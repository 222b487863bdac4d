//! Words about contracts that cargo-near does not build: of Python, by nearc, and of JavaScript, by near-sdk-js. Not here: words that are
//! the same for all (`why`, `fix`).

use super::FindingCode;

/// Why it matters, and what to do.
type Words = (FindingCode, &'static str, &'static str);

const WORDS: [Words; 12] = [
    (
        FindingCode::NoSection,
        "Without this section the code does not say which tools built it.",
        "Add `[tool.near.reproducible_build]` with `image = \"NAME@sha256:…\"` and `container_build_command = [\"nearc\"]`.",
    ),
    (
        FindingCode::SectionMalformed,
        "Nearc copies these values into the claim, and a rebuild cannot use them.",
        "Write the image with its digest as a text, and the command as a list of texts without quotation marks in them.",
    ),
    (
        FindingCode::NoDigest,
        "Only the digest says which tools built the code. Nearc claims the image as it is named, and leaves `image_digest` out of the claim.",
        "Write `NAME@sha256:…` for the image, and start the container yourself: `nearc --reproducible` does not take such a name.",
    ),
    (
        FindingCode::UnlistedImage,
        "By default, Provenear accepts only the published images of cargo-near. With any other, a match is `reproduced-unvetted` until the reader accepts that image.",
        "Tell readers why they can accept this image.",
    ),
    (
        FindingCode::CommandMissing,
        "Nearc writes the command into the claim. Without it nobody could know how the code was built.",
        "Add `container_build_command = [\"nearc\"]`.",
    ),
    (
        FindingCode::CustomBuildCommand,
        "By default, Provenear accepts only the usual command of cargo-near. With any other, a match is `reproduced-unvetted` until the reader accepts custom builds.",
        "Tell readers that the command is that of nearc.",
    ),
    (
        FindingCode::NoRepository,
        "The claim takes its source from the remote `origin` of the clone. Without it nobody knows what to rebuild.",
        "Add the remote `origin` with the https URL of the repository, and keep the contract in the root of the repository.",
    ),
    (
        FindingCode::RepositoryNotHttps,
        "Others cannot clone with your login, and nearc claims the URL of the remote `origin` as it is.",
        "Run `git remote set-url origin` with the https URL of the same repository.",
    ),
    (
        FindingCode::RepositoryCredentials,
        "Nearc claims the URL of the remote `origin` as it is, so the credentials become public.",
        "Run `git remote set-url origin` with the URL without user name and password, and revoke them if they were published.",
    ),
    (FindingCode::TreeDirty, "A rebuild takes the commit, not these changes.", "Commit the changes, or discard them."),
    (
        FindingCode::CommitNotPushed,
        "Nobody else can fetch this commit.",
        "Push the commit to a branch of the repository, or run `git fetch` if it is there already.",
    ),
    (
        FindingCode::BuildReadsNetwork,
        "A rebuild has no network, unless its rebuilder gives it one by `--network-access full`, and then a match is `reproduced-unvetted`. What is downloaded can be something else tomorrow.",
        "Commit `uv.lock`, and tell rebuilders that the build needs a network.",
    ),
];

/// Those of a code, where they differ.
pub(super) fn words(code: FindingCode) -> Option<(&'static str, &'static str)> {
    WORDS.into_iter().find(|(known, ..)| *known == code).map(|(_, why, fix)| (why, fix))
}
