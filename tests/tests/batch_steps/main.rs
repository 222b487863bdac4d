//! `provenear batch` in three steps, as machines that share nothing but a folder take them: what is to be built, what runs leave, and
//! what a store takes of it. Nothing is built here: units are left by hand, as honest and as hostile machines would leave them.
//! Not here: real builds (`rebuild_contained/steps`).
#![cfg(all(unix, not(target_arch = "wasm32")))]
#![allow(clippy::unwrap_used)] // these are tests, helpers included

mod bench;
mod dissent;
mod merge;
mod plan;
mod published;
mod refused;
mod run;
mod signing;
mod stores;
mod whole;
