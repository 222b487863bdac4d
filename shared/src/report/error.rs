//! Why a report has no verdict, in a word, and the helper's exit code for it: what kept `shared` from looking, or the helper from
//! building.

use crate::deployment::LookCode;
use crate::spelling::{Code, codes, spelled};

codes! {
    /// Why the helper did not do what was asked of it, in a word.
    pub enum FailureCode {
        /// What was typed makes no sense.
        Usage = "usage",
        /// Neither Docker nor Podman answers.
        EngineMissing = "engine-missing",
        /// The engine answers, but does not do what it was asked to do.
        EngineFailed = "engine-failed",
        /// The image cannot be pulled by its digest.
        ImageUnavailable = "image-unavailable",
        /// The commit cannot be fetched.
        CommitNotFound = "commit-not-found",
        /// The commit contains something that is not safe to unpack or to build.
        SourceRefused = "source-refused",
        /// The claimed command ended with an error.
        BuildFailed = "build-failed",
        /// The build was ended by the time limit.
        BuildTimeout = "build-timeout",
        /// A size or resource limit was reached, or the engine cannot enforce one.
        LimitExceeded = "limit-exceeded",
        /// The build needs something from the network that could not be fetched, or was not allowed to be.
        NetworkNeeded = "network-needed",
        /// The command succeeded and left no file where the claim says.
        ArtifactMissing = "artifact-missing",
        /// No path is claimed and the convention does not name one.
        ArtifactAmbiguous = "artifact-ambiguous",
        /// What is at the claimed path is not a plain file.
        ArtifactNotRegular = "artifact-not-regular",
        /// The claim has gaps, so there is nothing to run.
        NotRebuildable = "not-rebuildable",
        /// There is no code to compare.
        NoContract = "no-contract",
        /// A local file cannot be read or written.
        Io = "io",
        /// Stopped by the user.
        Interrupted = "interrupted",
    }
}

/// Why there is no verdict.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorCode {
    /// We could not look.
    Look(LookCode),
    /// The helper could not do what was asked of it.
    Failure(FailureCode),
}

impl ErrorCode {
    /// Stable kebab-case name.
    pub fn code(self) -> &'static str {
        match self {
            Self::Look(look) => look.code(),
            Self::Failure(failure) => failure.code(),
        }
    }

    /// The helper's exit code: 2 usage, 3 nothing to rebuild, 4 could not look, 5 the build itself failed, 130 stopped.
    pub fn exit_code(self) -> u8 {
        match self {
            Self::Failure(FailureCode::Usage) => 2,
            Self::Failure(FailureCode::NotRebuildable) => 3,
            Self::Look(_)
            | Self::Failure(
                FailureCode::EngineMissing
                | FailureCode::EngineFailed
                | FailureCode::ImageUnavailable
                | FailureCode::CommitNotFound
                | FailureCode::SourceRefused
                | FailureCode::NoContract
                | FailureCode::Io,
            ) => 4,
            Self::Failure(
                FailureCode::BuildFailed
                | FailureCode::BuildTimeout
                | FailureCode::LimitExceeded
                | FailureCode::NetworkNeeded
                | FailureCode::ArtifactMissing
                | FailureCode::ArtifactAmbiguous
                | FailureCode::ArtifactNotRegular,
            ) => 5,
            Self::Failure(FailureCode::Interrupted) => 130,
        }
    }

    /// The one that is spelled like this.
    pub fn parse(code: &str) -> Option<Self> {
        LookCode::parse(code).map(Self::Look).or_else(|| FailureCode::parse(code).map(Self::Failure))
    }
}

impl Code for ErrorCode {
    fn code(self) -> &'static str {
        Self::code(self)
    }
}

impl From<LookCode> for ErrorCode {
    fn from(code: LookCode) -> Self {
        Self::Look(code)
    }
}

impl From<FailureCode> for ErrorCode {
    fn from(code: FailureCode) -> Self {
        Self::Failure(code)
    }
}

impl PartialEq<FailureCode> for ErrorCode {
    fn eq(&self, other: &FailureCode) -> bool {
        *self == Self::from(*other)
    }
}

spelled!(ErrorCode, "code of an error", |it: &ErrorCode| it.code(), ErrorCode::parse);
