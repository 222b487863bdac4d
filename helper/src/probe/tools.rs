//! What a factor needs before it can be changed, found once.

use crate::engine::Kind;

/// What there is.
#[derive(Debug, Clone)]
pub struct Tools {
    /// Which engine: each spells some options in its own way.
    pub kind: Kind,
    /// A library that sets the clock back, or why there is none.
    pub clock: Result<Vec<u8>, String>,
    /// Processors of the usual build.
    pub cpus: f64,
}
