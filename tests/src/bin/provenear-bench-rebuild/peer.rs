//! near-verify-rs, as its own users call it: a checkout on this machine, mounted into the container.

use std::path::Path;

use anyhow::{Context, Result, anyhow};
use near_verify_rs::logic::nep330_build;
use near_verify_rs::types::contract_source_metadata::ContractSourceMetadata;

/// Which of its two ways.
#[derive(Clone, Copy)]
pub(crate) enum Way {
    /// With network throughout.
    Online,
    /// `cargo fetch` first, then without network.
    Offline,
}

/// Builds `claim` in the checkout, and gives what came out.
pub(crate) fn build(claim: &str, checkout: &Path, way: Way) -> Result<Vec<u8>> {
    let metadata: ContractSourceMetadata = serde_json::from_str(claim)?;
    let checkout = checkout.to_str().context("a temporary folder has a name in UTF-8")?.into();
    let built = match way {
        Way::Online => nep330_build::run(metadata, checkout, Vec::new(), true),
        Way::Offline => nep330_build::run_offline(metadata, checkout, Vec::new(), true),
    };
    let path = built.map_err(|error| anyhow!("near-verify-rs failed: {error:#}"))?;
    std::fs::read(path.as_std_path()).context("failed to read what near-verify-rs built")
}
