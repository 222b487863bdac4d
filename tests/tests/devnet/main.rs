//! The servers that the suites run on are themselves tested: they answer as the real ones do, and misbehave as told.
#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::unwrap_used)] // these are tests, helpers included

mod ask;
mod faults;
mod files;
mod git;
mod history;
mod replay;
mod stage;
mod view;
