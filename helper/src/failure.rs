//! Why the helper could not answer: a stable code, one sentence, and the exit code that goes with it.
//! Not here: verdicts (`shared::verdict`). A failure means that we could not look or could not build.

use std::fmt;

/// The stable codes of the helper's own failures (DESIGN §4 and §5).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Code {
    /// What was typed makes no sense.
    Usage,
    /// No Docker and no Podman answers.
    EngineMissing,
    /// The engine answers, but not with what was asked of it.
    EngineFailed,
    /// The image cannot be had by its digest.
    ImageUnavailable,
    /// The commit is nowhere to be had.
    CommitNotFound,
    /// The commit is there, and holds something that is not safe to build or to unpack.
    SourceRefused,
    /// The claimed command ended with an error.
    BuildFailed,
    /// The build was ended by the time limit.
    BuildTimeout,
    /// A size or resource limit was reached, or the engine cannot enforce one.
    LimitExceeded,
    /// The offline phase wanted the network.
    NetworkNeeded,
    /// The command ended well and left no artifact where the claim says.
    ArtifactMissing,
    /// No path is claimed and the convention does not name one.
    ArtifactAmbiguous,
    /// What lies at the claimed path is no plain file.
    ArtifactNotRegular,
    /// The claim has gaps, so there is nothing to run.
    NotRebuildable,
    /// `shared` could not look, for the reason with this code.
    NotLooked(&'static str),
    /// A file of the reader's own cannot be read or written.
    Io,
    /// Stopped by the user.
    Interrupted,
}

impl Code {
    /// The stable kebab-case spelling.
    pub fn as_str(self) -> &'static str {
        match self {
            Code::Usage => "usage",
            Code::EngineMissing => "engine-missing",
            Code::EngineFailed => "engine-failed",
            Code::ImageUnavailable => "image-unavailable",
            Code::CommitNotFound => "commit-not-found",
            Code::SourceRefused => "source-refused",
            Code::BuildFailed => "build-failed",
            Code::BuildTimeout => "build-timeout",
            Code::LimitExceeded => "limit-exceeded",
            Code::NetworkNeeded => "network-needed",
            Code::ArtifactMissing => "artifact-missing",
            Code::ArtifactAmbiguous => "artifact-ambiguous",
            Code::ArtifactNotRegular => "artifact-not-regular",
            Code::NotRebuildable => "not-rebuildable",
            Code::NotLooked(code) => code,
            Code::Io => "io",
            Code::Interrupted => "interrupted",
        }
    }

    /// The exit code: 2 usage, 3 nothing to rebuild, 4 could not look, 5 the build itself failed.
    pub fn exit(self) -> u8 {
        match self {
            Code::Usage => 2,
            Code::NotRebuildable => 3,
            Code::EngineMissing
            | Code::EngineFailed
            | Code::ImageUnavailable
            | Code::CommitNotFound
            | Code::SourceRefused
            | Code::NotLooked(_)
            | Code::Io => 4,
            Code::BuildFailed
            | Code::BuildTimeout
            | Code::LimitExceeded
            | Code::NetworkNeeded
            | Code::ArtifactMissing
            | Code::ArtifactAmbiguous
            | Code::ArtifactNotRegular => 5,
            Code::Interrupted => 130,
        }
    }
}

/// A failure with its code, carried through `anyhow` and found again by [`code_of`].
#[derive(Debug)]
pub struct Failure {
    /// What kind.
    pub code: Code,
    /// One lower-case sentence, values in backticks.
    pub message: String,
}

impl Failure {
    /// A failure of this kind.
    pub fn new(code: Code, message: impl Into<String>) -> Failure {
        Failure { code, message: message.into() }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Failure {}

/// Shorthand for returning a coded failure.
pub fn fail<T>(code: Code, message: impl Into<String>) -> anyhow::Result<T> {
    Err(Failure::new(code, message).into())
}

/// The code of an error: its own, or `io` where none was given.
pub fn code_of(error: &anyhow::Error) -> Code {
    let code = |cause: &(dyn std::error::Error + 'static)| {
        // What an error of I/O was made of is not among its causes.
        let carried = cause.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref);
        let carried = carried.and_then(|carried| carried.downcast_ref::<Failure>());
        cause.downcast_ref::<Failure>().or(carried).map(|failure| failure.code)
    };
    error.chain().find_map(code).unwrap_or(Code::Io)
}
