//! Why a line does not count. Not here: the checks themselves (`manifest`, `rebuild`).

use thiserror::Error;

use crate::spelling::codes;

codes! {
    /// Why a line does not count.
    #[derive(Error)]
    pub enum Rejection {
        /// Longer than 1 MiB.
        #[error("the manifest is longer than 1 MiB")]
        TooLarge = "too-large",
        /// Not a DSSE envelope.
        #[error("the line is not a DSSE envelope")]
        EnvelopeMalformed = "envelope-malformed",
        /// An in-toto statement without an envelope.
        #[error("the line is an in-toto statement that nobody signed: a manifest is the signed envelope around one")]
        StatementUnsigned = "statement-unsigned",
        /// By a certificate, as GitHub attestations and keyless signatures of cosign are.
        #[error(
            "the line is signed with a certificate, as GitHub attestations are: evidence with workflow and commit, which Provenear does not check yet"
        )]
        CertificateSigned = "certificate-signed",
        /// By a key of another kind than Ed25519.
        #[error("the signature is not by an Ed25519 key, and Provenear checks no others")]
        SignatureUnsupported = "signature-unsupported",
        /// None or several.
        #[error("a manifest carries exactly one signature")]
        SignatureCount = "signature-count",
        /// Not in-toto.
        #[error("the payload type is not `application/vnd.in-toto+json`")]
        PayloadTypeUnsupported = "payload-type-unsupported",
        /// It names a key that did not make this signature.
        #[error("the signature does not fit the payload: it was changed after signing, or the key is another")]
        SignatureInvalid = "signature-invalid",
        /// No trusted key made it.
        #[error("no key that you trust made this signature")]
        KeyUntrusted = "key-untrusted",
        /// No trusted key made it, and the payload does not name the key that did: anybody may have.
        #[error(
            "the signer cannot be checked: no key that you trust made this signature, and the manifest does not name the key that did"
        )]
        SignerNotCheckable = "signer-not-checkable",
        /// The payload is not an in-toto Statement v1 with all that a rebuild must say.
        #[error("the payload is not a statement about a rebuild")]
        StatementMalformed = "statement-malformed",
        /// Another predicate.
        #[error("the predicate is not SLSA provenance v1")]
        PredicateUnsupported = "predicate-unsupported",
        /// Another build type.
        #[error("the build type is not a NEP-330 rebuild of a version that is known here")]
        BuildTypeUnsupported = "build-type-unsupported",
        /// Another builder, or one of another version than the build type.
        #[error("the builder is not known for this build type")]
        BuilderUnknown = "builder-unknown",
        /// Not one artifact with a lower-case SHA-256.
        #[error("the statement does not name one artifact by a lower-case SHA-256")]
        SubjectMalformed = "subject-malformed",
        /// The payload names another key than the one that signed, or none where its version has to.
        #[error("the manifest does not name the key that signed it")]
        KeyMismatch = "key-mismatch",
        /// About neither this recipe nor this code.
        #[error("the manifest is about neither this recipe nor this code")]
        Irrelevant = "irrelevant",
    }
}
