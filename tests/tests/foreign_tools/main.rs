//! Manifests and keys before programs that nobody here wrote: each accepts what is honest and refuses what is bent.
//! A program that is missing is a failure. How to check a manifest with each of them: `testdata/foreign`.
#![cfg(all(unix, not(target_arch = "wasm32")))]
#![allow(clippy::unwrap_used)] // these are tests, helpers included

#[path = "../rebuild_contained/bench.rs"]
#[allow(dead_code, unused_imports, unused_macros)] // the suite of containment uses all of it
mod bench;
mod keys;
mod manifests;
mod real;
mod tools;
