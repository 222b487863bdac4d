//! Why a line does not count. Not here: the checks themselves (`manifest`, `rebuild`).

use thiserror::Error;

/// Why a line does not count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum Rejection {
    /// Longer than [`super::MAX_LINE_SIZE`].
    #[error("the manifest is longer than 1 MiB")]
    TooLarge,
    /// Not a DSSE envelope.
    #[error("the line is not a DSSE envelope")]
    EnvelopeMalformed,
    /// None or several.
    #[error("a manifest carries exactly one signature")]
    SignatureCount,
    /// Not in-toto.
    #[error("the payload type is not `application/vnd.in-toto+json`")]
    PayloadTypeUnsupported,
    /// It names a key that did not make this signature.
    #[error("the signature does not fit the payload: it was changed after signing, or the key is another")]
    SignatureInvalid,
    /// No trusted key made it.
    #[error("no key that you trust made this signature")]
    KeyUntrusted,
    /// The payload is not an in-toto Statement v1 with all that a rebuild must say.
    #[error("the payload is not a statement about a rebuild")]
    StatementMalformed,
    /// Another predicate.
    #[error("the predicate is not SLSA provenance v1")]
    PredicateUnsupported,
    /// Another build type.
    #[error("the build type is not a NEP-330 rebuild of a version that is known here")]
    BuildTypeUnsupported,
    /// Another builder, or one of another version than the build type.
    #[error("the builder is not known for this build type")]
    BuilderUnknown,
    /// Not one artifact with a lower-case SHA-256.
    #[error("the statement does not name one artifact by a lower-case SHA-256")]
    SubjectMalformed,
    /// The payload names another key than the one that signed, or none where its version has to.
    #[error("the manifest does not name the key that signed it")]
    KeyMismatch,
    /// About neither this recipe nor these bytes.
    #[error("the manifest is about neither this recipe nor these bytes")]
    Irrelevant,
}

impl Rejection {
    /// Stable kebab-case name.
    pub fn code(self) -> &'static str {
        match self {
            Self::TooLarge => "too-large",
            Self::EnvelopeMalformed => "envelope-malformed",
            Self::SignatureCount => "signature-count",
            Self::PayloadTypeUnsupported => "payload-type-unsupported",
            Self::SignatureInvalid => "signature-invalid",
            Self::KeyUntrusted => "key-untrusted",
            Self::StatementMalformed => "statement-malformed",
            Self::PredicateUnsupported => "predicate-unsupported",
            Self::BuildTypeUnsupported => "build-type-unsupported",
            Self::BuilderUnknown => "builder-unknown",
            Self::SubjectMalformed => "subject-malformed",
            Self::KeyMismatch => "key-mismatch",
            Self::Irrelevant => "irrelevant",
        }
    }
}
