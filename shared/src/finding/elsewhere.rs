//! Words about contracts that cargo-near does not build: of Python, by nearc, and of JavaScript, by near-sdk-js. Not here: words that are
//! the same for all (`why`, `fix`).

use super::FindingCode;

/// Why it matters, and what to do.
type Words = (FindingCode, &'static str, &'static str);

const WORDS: [Words; 8] = [
    (
        FindingCode::NoSection,
        "Without this section the code does not say which tools built it.",
        "Add `[tool.near.reproducible_build]` with `image`, `image_digest` and `container_build_command = [\"nearc\"]`.",
    ),
    (
        FindingCode::SectionMalformed,
        "Nearc needs the image, its digest and the command.",
        "Write `image`, `image_digest` and `container_build_command`.",
    ),
    (
        FindingCode::UnlistedImage,
        "Readers accept the published images of cargo-near from the start. With any other, a match is `reproduced-unvetted` until a reader accepts it.",
        "Tell readers to accept this image, and why.",
    ),
    (
        FindingCode::CommandMissing,
        "Nearc needs it, and nobody could know how the code was built.",
        "Add `container_build_command = [\"nearc\"]`.",
    ),
    (
        FindingCode::CustomBuildCommand,
        "Readers accept the usual command of cargo-near from the start. With any other, a match is `reproduced-unvetted` until a reader accepts custom builds.",
        "Tell readers that the command is that of nearc.",
    ),
    (
        FindingCode::RepositoryNotHttps,
        "Rebuilders have no login of yours, and nearc claims the remote as it is spelled.",
        "Run `git remote set-url origin` with the https URL of the same repository.",
    ),
    (FindingCode::TreeDirty, "A rebuild takes the commit, not these changes.", "Commit the changes, or discard them."),
    (
        FindingCode::CommitNotPushed,
        "Nobody else can fetch this commit.",
        "Push the commit to a branch of the repository, or run `git fetch` if it is there already.",
    ),
];

/// Those of a code, where they differ.
pub(super) fn words(code: FindingCode) -> Option<(&'static str, &'static str)> {
    WORDS.into_iter().find(|(known, ..)| *known == code).map(|(_, why, fix)| (why, fix))
}
