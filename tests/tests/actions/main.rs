//! The action and its workflows: actionlint and zizmor have nothing to say of them, and the steps of `action.yml` run as a runner runs
//! them, on a chain, a repository and an engine of this machine.
#![cfg(all(unix, not(target_arch = "wasm32")))]
#![allow(clippy::unwrap_used)] // these are tests, helpers included

mod checked;
mod hostile;
mod runner;
mod steps;
