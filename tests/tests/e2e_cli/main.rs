//! The helper as a program: what is typed, the JSON that it prints, and its exit code.
#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::unwrap_used)] // these are tests, helpers included

mod asking;
mod bytes;
mod compare;
mod endpoints;
mod hostile;
mod large;
mod names;
mod rebuilds;
mod replacement;
mod settings;
mod stores;
mod strangers;
mod subjects;
mod verdicts;
