//! The helper as a program: what is typed, the JSON that it prints, and its exit code.
#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::unwrap_used)] // these are tests, helpers included

#[path = "e2e_cli/asking.rs"]
mod asking;
#[path = "e2e_cli/bytes.rs"]
mod bytes;
#[path = "e2e_cli/compare.rs"]
mod compare;
#[path = "e2e_cli/endpoints.rs"]
mod endpoints;
#[path = "e2e_cli/hostile.rs"]
mod hostile;
#[path = "e2e_cli/names.rs"]
mod names;
#[path = "e2e_cli/replacement.rs"]
mod replacement;
#[path = "e2e_cli/stores.rs"]
mod stores;
#[path = "e2e_cli/verdicts.rs"]
mod verdicts;
