//! A unit of which different code came out: all of it is in the store, and each two of them are compared. Not here: who is right.

use provenear_shared::digest::{Hex, Sha256Digest};
use provenear_shared::near::MAX_CONTRACT_SIZE;
use provenear_shared::report::{ArtifactReport, Dissent};

use crate::cmd::diff;
use crate::files::{self, Access, read_capped};
use crate::rebuild::statement::PLATFORM;
use crate::rebuild::store::Store;

/// Most codes of one unit that are compared with one another: anybody who may write a folder can add one.
const MOST: usize = 6;

/// The codes that came out of a unit, sorted.
pub(super) struct Artifacts {
    pub(super) unit: Sha256Digest,
    pub(super) all: Vec<Sha256Digest>,
}

impl Artifacts {
    /// What is said of them. Comparisons are written beside them, under the hashes of both: the same ones whoever merges when.
    pub(super) fn report(&self, store: &Store<'_>) -> Dissent {
        let artifact = |hash: &Sha256Digest| ArtifactReport {
            code_hash: *hash,
            sha256: Hex(*hash),
            path: store.artifact(hash).display().to_string(),
        };
        let compared = self.all.get(..self.all.len().min(MOST)).unwrap_or_default();
        let pairs = compared.iter().enumerate().flat_map(|(at, a)| compared.iter().skip(at + 1).map(move |b| (a, b)));
        Dissent {
            unit: Hex(self.unit),
            artifacts: self.all.iter().map(artifact).collect(),
            diffs: pairs.filter_map(|(a, b)| compare(store, a, b)).collect(),
        }
    }
}

/// Compares two codes; `None` where one of them is not a module.
fn compare(store: &Store<'_>, a: &Sha256Digest, b: &Sha256Digest) -> Option<String> {
    let path = store.0.join(format!("{}.{}.diff.json", a.to_base58(), b.to_base58()));
    if !path.is_file() {
        let read = |hash: &Sha256Digest| read_capped(&store.artifact(hash), MAX_CONTRACT_SIZE as u64).ok();
        let report = diff::compare([&read(a)?, &read(b)?], [Some(PLATFORM); 2]).ok()?;
        files::write(&path, &serde_json::to_vec_pretty(&report).ok()?, Access::Public).ok()?;
    }
    Some(path.display().to_string())
}
