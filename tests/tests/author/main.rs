//! What authors type before and after a release: `init`, and `verify --tree` against a chain. Everything is made in a folder of its own.
#![cfg(all(unix, not(target_arch = "wasm32")))]
#![allow(clippy::unwrap_used)] // these are tests, helpers included

mod desk;
mod init;
mod terminal;
mod tree;
