//! `deploy`: ShellCheck, and the published schemas of Kubernetes, have nothing to say of it, Jobs are what their page says, and what
//! the Jobs and the workflow run is run here, on an engine of this machine. Not here: a workflow's syntax (`actions`), a real Slurm
//! (`slurm`), a cluster or a runner, of which there is none.
#![cfg(all(unix, not(target_arch = "wasm32")))]
#![allow(clippy::unwrap_used)] // these are tests, helpers included

mod kubernetes;
mod scripts;
mod steps;

use std::path::{Path, PathBuf};

/// A folder of `deploy`.
fn folder(engine: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../deploy").join(engine)
}

fn read(file: &str) -> String {
    std::fs::read_to_string(folder(file)).unwrap()
}
