//! `provenear lint`: a fixture for each finding, made on the spot, and nothing found in clean ones. Not here: the words of
//! `docs/lint.md` (`documents`).
#![cfg(all(unix, not(target_arch = "wasm32")))]
#![allow(clippy::unwrap_used)] // these are tests, helpers included

mod clean;
mod findings;
mod fixes;
mod formats;
mod hostile;
mod made;
mod others;
mod python;
mod real;
