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

/// Where the certificates are put.
const CERTIFICATES: &str = "/etc/provenear-ca.pem";

/// Builds `claim` in the checkout, trusting the certificates of `ca_file`, and gives what came out.
pub(crate) fn build(claim: &str, checkout: &Path, way: Way, ca_file: Option<&Path>) -> Result<Vec<u8>> {
    let metadata: ContractSourceMetadata = serde_json::from_str(claim)?;
    let checkout = checkout.to_str().context("a temporary folder has a name in UTF-8")?.into();
    let mount = |file: &Path| {
        let (volume, variable) = (format!("{}:{CERTIFICATES}:ro", file.display()), "CARGO_HTTP_CAINFO");
        vec!["--volume".to_owned(), volume, "--env".to_owned(), format!("{variable}={CERTIFICATES}")]
    };
    let arguments = ca_file.map(mount).unwrap_or_default();
    let built = match way {
        Way::Online => nep330_build::run(metadata, checkout, arguments, true),
        Way::Offline => nep330_build::run_offline(metadata, checkout, arguments, true),
    };
    let path = built.map_err(|error| anyhow!("near-verify-rs failed: {error:#}"))?;
    std::fs::read(path.as_std_path()).context("failed to read what near-verify-rs built")
}
