//! The contracts are the same on every machine: their commits and their deployed bytes are constants.
#![cfg(not(target_arch = "wasm32"))]

use anyhow::{Context, Result};
use provenear_tests::fixtures::{
    COUNTER_COMMIT, COUNTER_PINNED, COUNTER_PINNED_CLAIM, COUNTER_PINNED_CODE_HASH, TINY_COMMIT, contracts,
    counter_registry_claim, repository, tiny_claim,
};
use sha2::{Digest, Sha256};
use std::process::Command;

#[test]
fn the_commits_of_the_contracts_are_constants() -> Result<()> {
    let folder = tempfile::tempdir()?;
    assert_eq!(repository("counter", folder.path())?.commit, COUNTER_COMMIT);
    assert_eq!(repository("tiny", folder.path())?.commit, TINY_COMMIT);
    Ok(())
}

#[test]
fn a_stray_commit_is_another_one_of_the_same_tree() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let tiny = repository("tiny", folder.path())?;
    let stray = tiny.stray_commit()?;
    assert_eq!(stray.len(), 40);
    assert_ne!(stray, TINY_COMMIT);
    Ok(())
}

#[test]
fn the_deployed_counter_carries_the_pinned_claim() {
    let claim = COUNTER_PINNED_CLAIM.as_bytes();
    assert!(COUNTER_PINNED.windows(claim.len()).any(|window| window == claim));
    assert!(COUNTER_PINNED_CLAIM.contains(&format!("counter.git?rev={COUNTER_COMMIT}\"")));
    let code_hash = bs58::encode(Sha256::digest(COUNTER_PINNED)).into_string();
    assert_eq!(code_hash, COUNTER_PINNED_CODE_HASH);
}

#[test]
fn the_registry_claim_differs_in_its_image_alone() -> Result<()> {
    let image = "127.0.0.1:5097/some/image:tag@sha256:00";
    let mut claim: serde_json::Value = serde_json::from_str(&counter_registry_claim(image))?;
    assert_eq!(claim["build_info"]["build_environment"], image);
    let pinned: serde_json::Value = serde_json::from_str(COUNTER_PINNED_CLAIM)?;
    claim["build_info"]["build_environment"] = pinned["build_info"]["build_environment"].clone();
    assert_eq!(claim, pinned);
    Ok(())
}

#[test]
fn the_tiny_contract_carries_its_claim() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let claim = tiny_claim("127.0.0.1:5097/some/image:tag@sha256:00", TINY_COMMIT);
    let parsed: serde_json::Value = serde_json::from_str(&claim)?;
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(["build", "--release", "--locked", "--target", "wasm32-unknown-unknown", "--target-dir"]);
    cargo.arg(folder.path()).arg("--manifest-path").arg(contracts().join("tiny/Cargo.toml"));
    for (variable, field) in [
        ("BUILD_ENVIRONMENT", "build_environment"),
        ("CONTRACT_PATH", "contract_path"),
        ("SOURCE_CODE_SNAPSHOT", "source_code_snapshot"),
        ("OUTPUT_WASM_PATH", "output_wasm_path"),
    ] {
        let value = parsed["build_info"][field].as_str().context("a string")?;
        cargo.env(format!("NEP330_BUILD_INFO_{variable}"), value);
    }
    assert!(cargo.status()?.success());
    let wasm = std::fs::read(folder.path().join("wasm32-unknown-unknown/release/tiny.wasm"))?;
    assert!(wasm.windows(claim.len()).any(|window| window == claim.as_bytes()), "`{claim}` is not in the bytes");
    Ok(())
}
