//! A unit of which different code came out: what was signed is in the store, and each two are compared. Not here: who is right.

use std::collections::{BTreeSet, HashMap};
use std::path::PathBuf;

use provenear_shared::digest::{Hex, Sha256Digest};
use provenear_shared::near::MAX_CONTRACT_SIZE;
use provenear_shared::report::{ArtifactReport, Dissent};

use crate::cmd::diff;
use crate::files::{self, Access, read_plain};
use crate::rebuild::statement::PLATFORM;
use crate::rebuild::store::Store;

/// Most codes of one unit that are compared with one another: anybody who may write a folder can add one.
const MOST: usize = 6;

/// What is said of the codes that came out of a unit. Comparisons are written into the store, under the hashes of both: the same ones
/// whoever merges when. Code that was not taken is `elsewhere`.
pub(super) fn report(
    unit: Sha256Digest,
    all: &BTreeSet<Sha256Digest>,
    store: &Store<'_>,
    elsewhere: &HashMap<Sha256Digest, PathBuf>,
) -> Dissent {
    let path = |hash: &Sha256Digest| {
        let stored = store.artifact(hash);
        elsewhere.get(hash).filter(|_| !stored.is_file()).cloned().unwrap_or(stored)
    };
    let all: Vec<(Sha256Digest, PathBuf)> = all.iter().map(|hash| (*hash, path(hash))).collect();
    let compared = all.get(..all.len().min(MOST)).unwrap_or_default();
    let pairs = compared.iter().enumerate().flat_map(|(at, a)| compared.iter().skip(at + 1).map(move |b| [a, b]));
    Dissent {
        unit: Hex(unit),
        diffs: pairs.filter_map(|pair| compare(store, pair)).collect(),
        artifacts: all
            .iter()
            .map(|(hash, path)| ArtifactReport {
                code_hash: *hash,
                sha256: Hex(*hash),
                path: path.display().to_string(),
            })
            .collect(),
    }
}

/// Compares two codes; `None` where one of them is not a module, or is not at hand.
fn compare(store: &Store<'_>, pair: [&(Sha256Digest, PathBuf); 2]) -> Option<String> {
    let [a, b] = pair.map(|(hash, _)| hash.to_base58());
    let path = store.0.join(format!("{a}.{b}.diff.json"));
    if !path.is_file() {
        let [a, b] = pair.map(|(hash, path)| {
            let code = read_plain(path, MAX_CONTRACT_SIZE as u64).ok();
            code.filter(|code| Sha256Digest::of(code) == *hash)
        });
        let report = diff::compare([&a?, &b?], [Some(PLATFORM); 2]).ok()?;
        files::write(&path, &serde_json::to_vec_pretty(&report).ok()?, Access::Public).ok()?;
    }
    Some(path.display().to_string())
}
