//! Why the helper could not answer: a stable code and one sentence.
//! Not here: the codes with their exit codes (`shared::report`), verdicts (`shared::verdict`). A failure means that we could not look or could not build.

use std::fmt;

pub use provenear_shared::report::{ErrorCode, FailureCode as Code};

/// The exit code of a look that came to nothing.
pub const COULD_NOT_LOOK: u8 = 4;

/// A failure with its code, carried through `anyhow` and found again by [`code_of`].
#[derive(Debug)]
pub struct Failure {
    /// What kind.
    pub code: ErrorCode,
    /// One lower-case sentence, values in backticks.
    pub message: String,
}

impl Failure {
    /// A failure of this kind.
    pub fn new(code: impl Into<ErrorCode>, message: impl Into<String>) -> Failure {
        Failure { code: code.into(), message: message.into() }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Failure {}

/// Shorthand for returning a coded failure.
pub fn fail<T>(code: impl Into<ErrorCode>, message: impl Into<String>) -> anyhow::Result<T> {
    Err(Failure::new(code, message).into())
}

/// The code of an error: its own, or `io` where none was given.
pub fn code_of(error: &anyhow::Error) -> ErrorCode {
    let code = |cause: &(dyn std::error::Error + 'static)| {
        // What an error of I/O was made of is not among its causes.
        let carried = cause.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref);
        let carried = carried.and_then(|carried| carried.downcast_ref::<Failure>());
        cause.downcast_ref::<Failure>().or(carried).map(|failure| failure.code)
    };
    error.chain().find_map(code).unwrap_or(Code::Io.into())
}
