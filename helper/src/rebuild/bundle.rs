//! Files of manifests: one envelope a line, merged by key and payload and never replaced; and beside each line
//! the bundle form that cosign and @sigstore/verify read.

use std::collections::{BTreeMap, HashSet};
use std::fs::File;
use std::path::{Path, PathBuf};

use anyhow::Context;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use provenear_shared::digest::Sha256Digest;
use provenear_shared::dsse::Envelope;
use provenear_shared::inspection::MAX_LINES;
use serde_json::json;

use crate::failure::{Code, fail};
use crate::files::{self, Access, read_capped};
use crate::network::transport::MAX_MANIFESTS;

/// In which order the lines of a file stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// New ones behind the others.
    AsTheyCome,
    /// By their digest: whoever merges the same lines in another order gets the same file.
    ByDigest,
}

/// What became of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// It was there already.
    Known,
    /// It was added.
    Added,
    /// It would be more than readers look at.
    TooMuch,
}

/// Adds lines to a bundle that are not in it yet, under a lock. Gives how many were added.
///
/// # Errors
/// When the file cannot be read or written, or would be longer than readers accept.
pub fn merge(path: &Path, lines: &[String], order: Order) -> anyhow::Result<usize> {
    let (mut added, mut is_too_long) = (0, false);
    edit(path, |before| {
        let (all, fates) = add(before, lines, order, usize::MAX);
        added = fates.iter().filter(|fate| **fate == Fate::Added).count();
        is_too_long = fates.contains(&Fate::TooMuch);
        if is_too_long { before.to_owned() } else { all }
    })?;
    if is_too_long {
        return fail(Code::LimitExceeded, format!("`{}` would be longer than readers accept", path.display()));
    }
    Ok(added)
}

/// The same line by line, in their order: one that readers would not look at keeps no other from being added, and pushes none out that
/// is there. Gives what became of each.
///
/// # Errors
/// When the file cannot be read or written.
pub fn merge_fitting(path: &Path, lines: &[String], order: Order) -> anyhow::Result<Vec<Fate>> {
    let mut fates = Vec::new();
    edit(path, |before| {
        let (all, each) = add(before, lines, order, MAX_LINES);
        fates = each;
        all
    })?;
    Ok(fates)
}

/// Replaces a bundle by another text of it, under a lock.
fn edit(path: &Path, change: impl FnOnce(&str) -> String) -> anyhow::Result<()> {
    let _lock = Lock::take(folder_of(path))?;
    let before = match read_capped(path, MAX_MANIFESTS) {
        Ok(bytes) => String::from_utf8(bytes).with_context(|| format!("`{}` is not text", path.display()))?,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => String::new(),
        Err(error) => return Err(error).with_context(|| format!("failed to read `{}`", path.display())),
    };
    let all = change(&before);
    if all != before {
        files::write(path, all.as_bytes(), Access::Public)?;
    }
    Ok(())
}

/// A text with these lines, as far as they fit, and what became of each.
fn add(before: &str, lines: &[String], order: Order, most: usize) -> (String, Vec<Fate>) {
    let mut known: HashSet<_> = before.lines().filter_map(identity).collect();
    let mut count = before.lines().filter(|line| !line.trim().is_empty()).count();
    let mut all = before.to_owned();
    let mut add = |line: &String| {
        let line = line.trim();
        let Some(id) = identity(line).filter(|id| !known.contains(id)) else { return Fate::Known };
        if count >= most || (all.len() + line.len() + 2) as u64 > MAX_MANIFESTS {
            return Fate::TooMuch;
        }
        if !all.is_empty() && !all.ends_with('\n') {
            all.push('\n');
        }
        all.push_str(line);
        all.push('\n');
        count += 1;
        known.insert(id);
        Fate::Added
    };
    let fates = lines.iter().map(&mut add).collect();
    let all = if order == Order::ByDigest { sort(&all) } else { all };
    (all, fates)
}

/// The lines by their digest, each once. What is not an envelope is kept as well: it is somebody's.
fn sort(text: &str) -> String {
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    let lines: BTreeMap<Sha256Digest, &str> = lines.map(|line| (Sha256Digest::of(line.as_bytes()), line)).collect();
    lines.into_values().flat_map(|line| [line, "\n"]).collect()
}

fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Payload and signature: what makes a line the same line. Not the hint: whoever is first with a bad line that names
/// another's key would keep the good one out.
fn identity(line: &str) -> Option<(Vec<u8>, Vec<u8>)> {
    let envelope = Envelope::parse(line.as_bytes()).ok()?;
    let signature = envelope.signatures.first()?;
    let signature = signature.bytes().map_or_else(|| signature.sig.as_bytes().to_vec(), |bytes| bytes.to_vec());
    Some((envelope.payload_bytes()?, signature))
}

/// Writes the bundle form of one line beside the file, and gives its path.
///
/// # Errors
/// When it cannot be written, or the line is no envelope.
pub fn write_sigstore(bundle: &Path, line: &str) -> anyhow::Result<PathBuf> {
    let envelope = Envelope::parse(line.as_bytes())?;
    let payload = envelope.payload_bytes().context("the payload is not base64")?;
    let path = sigstore_path(bundle, line);
    files::write(&path, serde_json::to_string(&sigstore(&envelope, &payload))?.as_bytes(), Access::Public)?;
    Ok(path)
}

/// Where the bundle form of a line lies.
pub fn sigstore_path(bundle: &Path, line: &str) -> PathBuf {
    let name = bundle.file_name().and_then(|n| n.to_str()).unwrap_or_default();
    let name = name.strip_suffix(".intoto.jsonl").unwrap_or(name);
    let short = Sha256Digest::of(line.trim().as_bytes()).to_hex();
    bundle.with_file_name(format!("{name}.{}.sigstore.json", &short[..16]))
}

/// Sigstore bundle v0.3 around one envelope, with a key hint in place of a certificate.
fn sigstore(envelope: &Envelope, payload: &[u8]) -> serde_json::Value {
    let signatures: Vec<_> = envelope.signatures.iter().map(|s| json!({"sig": s.sig, "keyid": s.keyid})).collect();
    let hint = envelope.signatures.first().and_then(|s| s.keyid.clone());
    json!({
        "mediaType": "application/vnd.dev.sigstore.bundle.v0.3+json",
        "verificationMaterial": {"publicKey": {"hint": hint}, "tlogEntries": []},
        "dsseEnvelope": {"payload": STANDARD.encode(payload), "payloadType": envelope.payload_type, "signatures": signatures},
    })
}

/// Held while files of a folder are read and replaced. It is gone with the process that took it.
pub struct Lock {
    _file: File,
}

impl Lock {
    /// Waits until nobody else has it.
    ///
    /// # Errors
    /// When the folder cannot be made or locked.
    pub fn take(folder: &Path) -> anyhow::Result<Lock> {
        files::create_folder(folder).with_context(|| format!("failed to create `{}`", folder.display()))?;
        let file = File::options().create(true).truncate(false).write(true).open(folder.join(".provenear.lock"))?;
        #[cfg(unix)]
        rustix::fs::flock(&file, rustix::fs::FlockOperation::LockExclusive).context("failed to lock the folder")?;
        Ok(Lock { _file: file })
    }

    /// Waits until nobody else has the whole of a folder that is there. Files of it are locked by [`Lock::take`] besides.
    ///
    /// # Errors
    /// When the folder cannot be locked.
    pub fn take_whole(folder: &Path) -> anyhow::Result<Lock> {
        let file = File::open(folder).with_context(|| format!("failed to open `{}`", folder.display()))?;
        #[cfg(unix)]
        rustix::fs::flock(&file, rustix::fs::FlockOperation::LockExclusive).context("failed to lock the folder")?;
        Ok(Lock { _file: file })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::signer::Signer;

    #[test]
    fn lines_are_merged_and_never_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.intoto.jsonl");
        let (one, two) = (Signer::generate().unwrap(), Signer::generate().unwrap());
        let line = |signer: &Signer, payload: &[u8]| serde_json::to_string(&signer.seal(payload)).unwrap();
        assert_eq!(
            merge(&path, &[line(&one, b"a"), line(&two, b"a"), line(&one, b"a")], Order::AsTheyCome).unwrap(),
            2
        );
        assert_eq!(merge(&path, &[line(&one, b"a"), line(&one, b"b"), "{}".into()], Order::AsTheyCome).unwrap(), 1);
        let text = std::fs::read_to_string(&path).unwrap();
        assert_eq!(text.lines().collect::<Vec<_>>(), [line(&one, b"a"), line(&two, b"a"), line(&one, b"b")]);
        // The same signature in another dress is the same line; another signature is not, whatever it says of itself.
        let mut dressed = one.seal(b"a");
        dressed.signatures[0].keyid = None;
        let mut bad = two.seal(b"c");
        bad.signatures[0].sig = one.seal(b"c").signatures[0].sig.clone();
        let both = [serde_json::to_string(&dressed).unwrap(), serde_json::to_string(&bad).unwrap(), line(&two, b"c")];
        assert_eq!(merge(&path, &both, Order::AsTheyCome).unwrap(), 2);
        let side = write_sigstore(&path, &line(&one, b"a")).unwrap();
        let value: serde_json::Value = serde_json::from_slice(&std::fs::read(side).unwrap()).unwrap();
        assert_eq!(value["verificationMaterial"]["publicKey"]["hint"], one.public().fingerprint());
    }

    #[test]
    fn lines_by_digest_are_the_same_file_in_whatever_order_they_come() {
        let folder = tempfile::tempdir().unwrap();
        let signer = Signer::generate().unwrap();
        let lines: Vec<String> =
            (0..6u8).map(|payload| serde_json::to_string(&signer.seal(&[payload])).unwrap()).collect();
        let file = |name: &str, order: &[usize]| {
            let path = folder.path().join(name);
            // What is there already and is no envelope stays.
            std::fs::write(&path, "{}\n").unwrap();
            for at in order {
                merge(&path, &[lines[*at].clone()], Order::ByDigest).unwrap();
            }
            std::fs::read_to_string(path).unwrap()
        };
        let one = file("a", &[0, 1, 2, 3, 4, 5]);
        assert_eq!((one.lines().count(), &one), (7, &file("b", &[5, 3, 3, 1, 0, 2, 4, 5])));
        assert!(one.lines().any(|line| line == "{}"));
    }
}
