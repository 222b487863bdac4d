//! Archives of crates.io, fetched by the helper itself while the engine makes the container that asks for the index. Each is
//! known by its SHA-256 from a lock file, so it does not matter who hands it out; what does not come is left to cargo.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use provenear_shared::digest::Sha256Digest;

use crate::cache::Cache;
use crate::interrupt;
use crate::lock::Published;
use crate::transport::Http;

/// Where the archives are: the `dl` of crates.io's index.
const CRATES_IO: &str = "https://static.crates.io/crates";
/// How many are on their way at once: as many as the client keeps connections for.
const AT_ONCE: usize = 3;
/// Bytes of one archive: above it cargo, which needs not hold it in memory, is asked.
const MAX_ARCHIVE: u64 = 32 << 20;
/// Bytes of all of them.
const MAX_ARCHIVES: u64 = 4 << 30;

/// Whether all of `wanted` are in the cache afterwards. Each that arrives is told to `say`.
pub fn archives(
    wanted: &BTreeSet<Published>,
    cache: &Cache,
    ca_file: Option<&Path>,
    say: impl Fn(&Published) + Sync,
) -> bool {
    let missing: Vec<&Published> = wanted.iter().filter(|one| cache.get(&one.sha256).is_none()).collect();
    if missing.is_empty() {
        return true;
    }
    let Ok(http) = Http::new(ca_file) else { return false };
    let (queue, total, failed) = (Mutex::new(missing.into_iter()), AtomicU64::new(0), AtomicBool::new(false));
    let fetch = || {
        let next = || queue.lock().ok()?.next();
        // Where one does not come, the others hardly will: cargo says better than we why.
        while !failed.load(Ordering::SeqCst)
            && !interrupt::asked()
            && let Some(one) = next()
        {
            let got = get(one, cache, &http);
            let bytes = got.map_or(u64::MAX, |bytes| total.fetch_add(bytes, Ordering::SeqCst).saturating_add(bytes));
            if bytes > MAX_ARCHIVES {
                failed.store(true, Ordering::SeqCst);
                return;
            }
            say(one);
        }
    };
    std::thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(fetch);
        }
    });
    !failed.into_inner() && queue.into_inner().is_ok_and(|left| left.len() == 0)
}

/// Fetches one into the cache, if it is what the lock file says; gives its size.
fn get(one: &Published, cache: &Cache, http: &Http) -> Option<u64> {
    let bytes = http.bytes(&url(one)?, MAX_ARCHIVE).ok()?;
    if Sha256Digest::of(&bytes).to_hex() != one.sha256 {
        return None;
    }
    cache.put(&bytes).ok()?;
    Some(bytes.len() as u64)
}

/// Where it is; `None` for names that are none.
fn url(one: &Published) -> Option<String> {
    let plain = |text: &str, more: &[u8]| {
        !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || more.contains(&b)) && !text.contains("..")
    };
    let Published { name, version, .. } = one;
    (plain(name, b"-_") && plain(version, b"-_.+")).then(|| format!("{CRATES_IO}/{name}/{version}/download"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(name: &str, version: &str, sha256: &str) -> Published {
        Published { name: name.into(), version: version.into(), sha256: sha256.into() }
    }

    #[test]
    fn only_names_and_versions_become_addresses() {
        let at = |name, version| url(&one(name, version, ""));
        assert_eq!(at("a-b_c", "1.0.0-rc.1+x").unwrap(), "https://static.crates.io/crates/a-b_c/1.0.0-rc.1+x/download");
        for (name, version) in
            [("", "1.0.0"), ("a/b", "1.0.0"), ("a", "1.0.0?x"), ("a", ".."), ("a", ""), ("a%2f", "1")]
        {
            assert_eq!(at(name, version), None, "{name} {version}");
        }
    }

    #[test]
    fn what_is_cached_is_not_fetched_and_what_has_no_address_is_left_to_cargo() {
        let folder = tempfile::tempdir().unwrap();
        let cache = Cache::at(folder.path().into());
        let held = one("a/b", "1.0.0", &cache.put(b"held").unwrap());
        let missing = one("a/b", "1.0.0", &Sha256Digest::of(b"missing").to_hex());
        let all = |wanted: &[&Published]| {
            let wanted = wanted.iter().copied().cloned().collect();
            archives(&wanted, &cache, None, |one| panic!("{one:?} was fetched"))
        };
        assert!(all(&[&held]));
        assert!(!all(&[&held, &missing]));
    }
}
