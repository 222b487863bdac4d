//! The contracts are the same on every machine: their commits and their deployed bytes are constants.
#![cfg(not(target_arch = "wasm32"))]

use anyhow::Result;
use provenear_tests::fixtures::{
    COUNTER_COMMIT, COUNTER_PINNED, COUNTER_PINNED_CLAIM, COUNTER_PINNED_CODE_HASH, TINY_COMMIT,
    counter_registry_claim, repository,
};
use sha2::{Digest, Sha256};

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
