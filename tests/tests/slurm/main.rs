//! `deploy/slurm` on a real Slurm: a controller and two nodes on this machine, started and ended here.
#![cfg(all(target_os = "linux", not(target_arch = "wasm32")))]
#![allow(clippy::unwrap_used)] // these are tests, helpers included

mod cluster;
mod on_slurm;
