//! Signed manifests: which the reader trusts, how they stand to a claim, why a line does not count; and, behind the feature
//! `pipeline`, what opens them. Not here: what follows from one (`verdict`).

#[cfg(feature = "pipeline")]
mod attestation;
#[cfg(feature = "pipeline")]
mod attested;
mod items;
mod policy;
#[cfg(feature = "pipeline")]
mod rebuild;
mod rejection;
mod relation;

#[cfg(feature = "pipeline")]
pub use attestation::{Attestation, Untrusted, open, open_untrusted, stated_notices};
#[cfg(feature = "pipeline")]
pub use attested::Attested;
pub use items::items;
pub use policy::{PUBLISHED_IMAGES, Policy, parse_images};
pub use rejection::Rejection;
pub use relation::Relation;

/// The longest line that is looked at, in bytes.
pub const MAX_LINE_SIZE: usize = 1_048_576;
