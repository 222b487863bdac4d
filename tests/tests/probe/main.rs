//! Probes in real containers: each factor found in a contract that leaks it on purpose, and nothing in one that leaks nothing.
#![cfg(all(unix, not(target_arch = "wasm32")))]
#![allow(clippy::unwrap_used)] // these are tests, helpers included

mod bench;
mod ends;
mod factors;
