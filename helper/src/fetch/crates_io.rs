//! What crates.io holds, fetched by the helper itself, whatever image will build it: archives, each known by its SHA-256
//! from a lock file, so that it does not matter who hands them out, and the index's lines about them.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use anyhow::Context;
use provenear_shared::deployment::TransportError;
use provenear_shared::digest::{Hex, Sha256Digest};

use super::cache::{Cache, Item};
use super::index::{index_path, line};
use crate::deadline::Deadline;
use crate::failure::{Code, fail};
use crate::network::transport::{Answered, Http};
use crate::source::lock_files::Published;

/// Where the archives are: the `dl` of crates.io's index.
const ARCHIVES: &str = "https://static.crates.io/crates";
/// Its index, a file for each package.
const INDEX: &str = "https://index.crates.io";
/// How many are on their way at once.
const AT_ONCE: usize = 8;
/// Bytes of one archive or file of the index: crates.io takes archives of 10 MiB, and larger ones by request.
const MAX_FILE: u64 = 32 << 20;
/// Bytes of all of them.
const MAX_FILES: u64 = 4 << 30;
/// How often one is asked for.
const TRIES: u32 = 3;
/// Between two tries; twice as long before each next one.
const PAUSE: Duration = Duration::from_millis(400);
/// How often Ctrl-C and the clock are looked at.
const TICK: Duration = Duration::from_millis(50);

/// What is known of a version whose archive is in the cache.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    /// The SHA-256 of the archive.
    pub sha256: Sha256Digest,
    /// The index's line about it, as it came.
    pub line: Vec<u8>,
}

/// What there is of the versions that were asked for: each is in one of the two.
#[derive(Debug, Default)]
pub struct Crates {
    /// What is in the cache.
    pub held: BTreeMap<Published, Held>,
    /// What could not be fetched, and why.
    pub failed: BTreeMap<Published, String>,
}

impl Crates {
    /// What the cache holds of them, read again now.
    pub fn cached(wanted: &BTreeSet<Published>, cache: &Cache) -> Crates {
        let mut crates = Crates::default();
        for one in wanted {
            let held = archive(one, cache).zip(known_line(one, cache));
            match held {
                Some((sha256, line)) if has_address(one) => _ = crates.held.insert(one.clone(), Held { sha256, line }),
                Some(_) | None => _ = crates.failed.insert(one.clone(), "it is not cached".to_owned()),
            }
        }
        crates
    }
}

/// All of `wanted`, from the cache or from crates.io. Each archive that arrives is told to `say`.
///
/// # Errors
/// That of the deadline, [`Code::LimitExceeded`] above that of size, [`Code::Interrupted`].
pub fn crates(
    wanted: &BTreeSet<Published>,
    cache: &Cache,
    ca_file: Option<&Path>,
    until: Deadline,
    mut say: impl FnMut(&Published),
) -> anyhow::Result<Crates> {
    let mut crates = Crates::cached(wanted, cache);
    if crates.failed.is_empty() {
        return Ok(crates);
    }
    let missing: BTreeSet<Published> = crates.failed.into_keys().collect();
    let why = fetch(&missing, cache, &Http::downloading(ca_file, AT_ONCE)?, until, &mut say)?;
    let Crates { held, mut failed } = Crates::cached(&missing, cache);
    for (one, said) in &mut failed {
        if let Some(why) = why.get(one) {
            why.clone_into(said);
        }
    }
    crates.held.extend(held);
    Ok(Crates { held: crates.held, failed })
}

/// One file of crates.io.
enum Piece {
    Archive(Published),
    /// What the index says of these versions, all of one package.
    Lines(Vec<Published>),
}

/// Why something did not come.
enum Missed {
    /// It is not there, or not what the lock file names: others may be.
    This(String),
    /// Nothing answers: the others hardly will.
    All(String),
}

/// What came of one piece: its size, and the lines or faults of versions.
struct Came {
    bytes: u64,
    archive: Option<Published>,
    lines: Vec<(Published, Result<Vec<u8>, String>)>,
}

/// Fetches what is missing into the cache, and gives why some of it did not come.
fn fetch(
    missing: &BTreeSet<Published>,
    cache: &Cache,
    http: &Http,
    until: Deadline,
    say: &mut impl FnMut(&Published),
) -> anyhow::Result<BTreeMap<Published, String>> {
    let mut by_name: BTreeMap<String, Vec<Published>> = BTreeMap::new();
    let mut queue = Vec::new();
    for one in missing {
        if archive(one, cache).is_none() {
            queue.push(Piece::Archive(one.clone()));
        }
        if known_line(one, cache).is_none() {
            by_name.entry(one.name.clone()).or_default().push(one.clone());
        }
    }
    queue.extend(by_name.into_values().map(Piece::Lines));
    let queue = Arc::new(Mutex::new(queue.into_iter()));
    let (sender, answers) = mpsc::channel();
    // On threads that are let go: a server that says nothing must keep nobody from stopping.
    for _ in 0..AT_ONCE {
        let (queue, cache, http, sender) = (queue.clone(), cache.clone(), http.clone(), sender.clone());
        std::thread::spawn(move || {
            let next = || queue.lock().ok()?.next();
            while let Some(piece) = next() {
                let came = piece.get(&cache, &http);
                let others_come = !matches!(came, Err(Missed::All(_)));
                // Nobody listens any more: then there is nobody to fetch for.
                if sender.send((piece, came)).is_err() || !others_come {
                    return;
                }
            }
        });
    }
    drop(sender);

    let (mut failed, mut total) = (BTreeMap::new(), 0u64);
    loop {
        until.check().context("the dependencies were not all fetched")?;
        let (piece, came) = match answers.recv_timeout(TICK) {
            Ok(answer) => answer,
            Err(RecvTimeoutError::Timeout) => continue,
            Err(RecvTimeoutError::Disconnected) => break,
        };
        match came {
            Ok(came) => {
                total = total.saturating_add(came.bytes);
                if total > MAX_FILES {
                    return fail(Code::LimitExceeded, format!("the dependencies are larger than {MAX_FILES} bytes"));
                }
                came.archive.iter().for_each(&mut *say);
                for (one, line) in came.lines {
                    match line {
                        Ok(line) => note_line(&one, &line, cache)?,
                        Err(why) => _ = failed.insert(one, why),
                    }
                }
            }
            Err(Missed::This(why)) => failed.extend(piece.versions().iter().map(|one| (one.clone(), why.clone()))),
            Err(Missed::All(why)) => {
                let rest: Vec<Piece> = queue.lock().map(|mut left| left.by_ref().collect()).unwrap_or_default();
                let versions = rest.iter().chain([&piece]).flat_map(Piece::versions);
                failed.extend(versions.map(|one| (one.clone(), why.clone())));
            }
        }
    }
    Ok(failed)
}

impl Piece {
    fn versions(&self) -> &[Published] {
        match self {
            Piece::Archive(one) => std::slice::from_ref(one),
            Piece::Lines(versions) => versions,
        }
    }

    fn url(&self) -> Option<String> {
        match self {
            Piece::Archive(one) => {
                has_address(one).then(|| format!("{ARCHIVES}/{}/{}/download", one.name, one.version))
            }
            // All of one name, which may have come with versions that are none.
            Piece::Lines(versions) => {
                versions.iter().find(|one| has_address(one)).map(|one| format!("{INDEX}/{}", index_path(&one.name)))
            }
        }
    }

    fn get(&self, cache: &Cache, http: &Http) -> Result<Came, Missed> {
        let url = self.url().ok_or_else(|| Missed::This("there is no package of that name".to_owned()))?;
        let bytes = download(&url, http)?;
        let mut came = Came { bytes: bytes.len() as u64, archive: None, lines: Vec::new() };
        match self {
            Piece::Archive(one) => {
                if one.sha256 != Some(Sha256Digest::of(&bytes)) {
                    return Err(Missed::This("crates.io serves other bytes than the lock file names".to_owned()));
                }
                cache.put(&bytes).map_err(|error| Missed::All(format!("{error:#}")))?;
                came.archive = Some(one.clone());
            }
            Piece::Lines(versions) => {
                let of = |one: &Published| line(&bytes, one).map(<[u8]>::to_vec).map_err(ToOwned::to_owned);
                came.lines = versions.iter().map(|one| (one.clone(), of(one))).collect();
            }
        }
        Ok(came)
    }
}

/// Asks again for what a busy server or a broken line kept back.
fn download(url: &str, http: &Http) -> Result<Vec<u8>, Missed> {
    let (mut tries, mut pause) = (1, PAUSE);
    loop {
        let why = match http.download(url, MAX_FILE) {
            Ok(Answered::With(bytes)) => return Ok(bytes),
            Ok(Answered::Status(status)) => {
                let why = format!("crates.io answered with HTTP {status}");
                if !is_busy(status) {
                    return Err(Missed::This(why));
                }
                why
            }
            Err(error @ TransportError::TooLarge(_)) => return Err(Missed::This(error.to_string())),
            Err(error) => error.to_string(),
        };
        if tries == TRIES {
            return Err(Missed::All(why));
        }
        std::thread::sleep(pause);
        (tries, pause) = (tries + 1, pause * 2);
    }
}

fn is_busy(status: u16) -> bool {
    status == 429 || status >= 500
}

/// Whether its name and version are such as can be: they become parts of URLs and paths.
fn has_address(one: &Published) -> bool {
    let is_plain = |text: &str, more: &[u8]| {
        !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || more.contains(&b)) && !text.contains("..")
    };
    is_plain(&one.name, b"-_") && is_plain(&one.version, b"-_.+")
}

/// Under which name the line about a version is kept: it never changes but for whether the version was yanked.
fn key(one: &Published) -> String {
    let Published { name, version, sha256 } = one;
    let sha256 = sha256.map(|digest| digest.to_hex()).unwrap_or_default();
    format!("line-{}", Sha256Digest::of(format!("{name}\0{version}\0{sha256}").as_bytes()).to_hex())
}

/// The digest of its archive, if the cache holds that.
fn archive(one: &Published, cache: &Cache) -> Option<Sha256Digest> {
    one.sha256.filter(|digest| cache.get(digest).is_some())
}

fn known_line(one: &Published, cache: &Cache) -> Option<Vec<u8>> {
    let kept = cache.recall(&key(one)).into_iter().next()?;
    let kept = cache.get(&kept.sha256.0)?;
    // The list is only a list.
    line(&kept, one).is_ok().then_some(kept)
}

fn note_line(one: &Published, line: &[u8], cache: &Cache) -> anyhow::Result<()> {
    cache.remember(&key(one), &[Item { path: one.file_name(), sha256: Hex(cache.put(line)?) }])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(name: &str, version: &str, sha256: Sha256Digest) -> Published {
        Published { name: name.into(), version: version.into(), sha256: Some(sha256) }
    }

    fn text(one: &Published) -> Vec<u8> {
        format!(r#"{{"name":"{}","vers":"{}","cksum":"{}"}}"#, one.name, one.version, one.sha256.unwrap().to_hex())
            .into_bytes()
    }

    #[test]
    fn only_names_and_versions_become_addresses() {
        let archive = |name, version| Piece::Archive(one(name, version, Sha256Digest::of(b""))).url();
        let lines = |name| Piece::Lines(vec![one(name, "1.0.0", Sha256Digest::of(b""))]).url();
        let at = "https://static.crates.io/crates/a-b_c/1.0.0-rc.1+x/download";
        assert_eq!(archive("a-b_c", "1.0.0-rc.1+x").unwrap(), at);
        assert_eq!(lines("a-b_c").unwrap(), "https://index.crates.io/a-/b_/a-b_c");
        for (name, version) in
            [("", "1.0.0"), ("a/b", "1.0.0"), ("a", "1.0.0?x"), ("a", ".."), ("a", ""), ("a%2f", "1")]
        {
            assert_eq!(archive(name, version), None, "{name} {version}");
        }
        for name in ["", "a/b", "..", "a%2f", "\u{e4}"] {
            assert_eq!(lines(name), None, "{name}");
        }
    }

    #[test]
    fn what_is_cached_is_not_fetched_and_what_has_no_address_fails_alone() {
        let folder = tempfile::tempdir().unwrap();
        let cache = Cache::at(folder.path().into());
        let held = one("a", "1.0.0", cache.put(b"held").unwrap());
        note_line(&held, &text(&held), &cache).unwrap();
        // Kept or not: it would become a path.
        let missing = one("a/b", "1.0.1", held.sha256.unwrap());
        note_line(&missing, &text(&missing), &cache).unwrap();
        let get = |wanted: &[&Published]| {
            let wanted = wanted.iter().copied().cloned().collect();
            let say = |one: &Published| panic!("{one:?} was fetched");
            crates(&wanted, &cache, None, Deadline::after(Duration::from_secs(60), Code::BuildTimeout), say).unwrap()
        };
        let all = get(&[&held]);
        assert_eq!((all.held[&held].line.clone(), all.failed.len()), (text(&held), 0));
        let some = get(&[&held, &missing]);
        assert_eq!(some.held.keys().collect::<Vec<_>>(), [&held]);
        assert_eq!(some.failed.keys().collect::<Vec<_>>(), [&missing]);
        let missing = one("a/b", "1.0.1", Sha256Digest::of(b"missing"));
        assert_eq!(get(&[&held, &missing]).failed[&missing], "there is no package of that name");
    }

    /// A list that was altered brings no line of another version in.
    #[test]
    fn a_line_is_looked_at_again_each_time() {
        let folder = tempfile::tempdir().unwrap();
        let cache = Cache::at(folder.path().into());
        let (a, b) = (one("a", "1.0.0", cache.put(b"a").unwrap()), one("a", "1.0.1", Sha256Digest::of(b"b")));
        note_line(&a, &text(&b), &cache).unwrap();
        let crates = Crates::cached(&BTreeSet::from([a.clone()]), &cache);
        assert_eq!((crates.held.len(), crates.failed[&a].as_str()), (0, "it is not cached"));
        note_line(&a, &text(&a), &cache).unwrap();
        assert_eq!(Crates::cached(&BTreeSet::from([a.clone()]), &cache).held[&a].line, text(&a));
    }
}
