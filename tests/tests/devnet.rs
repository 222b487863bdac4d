//! The servers that the suites run on are themselves tested: they answer as the real ones do, and misbehave as told.
#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::unwrap_used)] // these are tests, helpers included

#[path = "devnet/ask.rs"]
mod ask;
#[path = "devnet/faults.rs"]
mod faults;
#[path = "devnet/files.rs"]
mod files;
#[path = "devnet/git.rs"]
mod git;
#[path = "devnet/history.rs"]
mod history;
#[path = "devnet/replay.rs"]
mod replay;
#[path = "devnet/stage.rs"]
mod stage;
#[path = "devnet/view.rs"]
mod view;
