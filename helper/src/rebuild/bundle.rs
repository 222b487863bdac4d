//! Files of manifests: one envelope a line, merged by key and payload, never replaced or reordered; and beside each line
//! the bundle form that cosign and @sigstore/verify read.

use std::fs::File;
use std::path::{Path, PathBuf};

use anyhow::Context;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use provenear_shared::digest::Sha256Digest;
use provenear_shared::dsse::Envelope;
use serde_json::json;

use crate::failure::{Code, fail};
use crate::files::{self, Access, read_capped};
use crate::network::transport::MAX_MANIFESTS;

/// Adds lines to a bundle that are not in it yet, under a lock. Gives how many were added.
///
/// # Errors
/// When the file cannot be read or written.
pub fn merge(path: &Path, lines: &[String]) -> anyhow::Result<usize> {
    let _lock = Lock::take(path)?;
    let before = match read_capped(path, MAX_MANIFESTS) {
        Ok(bytes) => String::from_utf8(bytes).with_context(|| format!("`{}` is not text", path.display()))?,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => String::new(),
        Err(error) => return Err(error).with_context(|| format!("failed to read `{}`", path.display())),
    };
    let mut known: Vec<_> = before.lines().filter_map(identity).collect();
    let mut all = before;
    let mut added = 0;
    for line in lines {
        match identity(line) {
            Some(id) if !known.contains(&id) => {
                if !all.is_empty() && !all.ends_with('\n') {
                    all.push('\n');
                }
                all.push_str(line.trim());
                all.push('\n');
                known.push(id);
                added += 1;
            }
            Some(_) | None => {}
        }
    }
    if all.len() as u64 > MAX_MANIFESTS {
        return fail(Code::LimitExceeded, format!("`{}` would be longer than readers accept", path.display()));
    }
    if added > 0 {
        files::write(path, all.as_bytes(), Access::Public)?;
    }
    Ok(added)
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
    let name = bundle.file_name().and_then(|n| n.to_str()).unwrap_or_default();
    let name = name.strip_suffix(".intoto.jsonl").unwrap_or(name);
    let short = Sha256Digest::of(line.trim().as_bytes()).to_hex();
    let path = bundle.with_file_name(format!("{name}.{}.sigstore.json", &short[..16]));
    files::write(&path, serde_json::to_string(&sigstore(&envelope, &payload))?.as_bytes(), Access::Public)?;
    Ok(path)
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

/// Held while a file is read and replaced.
struct Lock {
    _file: File,
}

impl Lock {
    fn take(path: &Path) -> anyhow::Result<Lock> {
        let folder = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
        std::fs::create_dir_all(folder).with_context(|| format!("failed to create `{}`", folder.display()))?;
        let file = File::options().create(true).truncate(false).write(true).open(folder.join(".provenear.lock"))?;
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
        assert_eq!(merge(&path, &[line(&one, b"a"), line(&two, b"a"), line(&one, b"a")]).unwrap(), 2);
        assert_eq!(merge(&path, &[line(&one, b"a"), line(&one, b"b"), "{}".into()]).unwrap(), 1);
        let text = std::fs::read_to_string(&path).unwrap();
        assert_eq!(text.lines().collect::<Vec<_>>(), [line(&one, b"a"), line(&two, b"a"), line(&one, b"b")]);
        // The same signature in another dress is the same line; another signature is not, whatever it says of itself.
        let mut dressed = one.seal(b"a");
        dressed.signatures[0].keyid = None;
        let mut bad = two.seal(b"c");
        bad.signatures[0].sig = one.seal(b"c").signatures[0].sig.clone();
        let both = [serde_json::to_string(&dressed).unwrap(), serde_json::to_string(&bad).unwrap(), line(&two, b"c")];
        assert_eq!(merge(&path, &both).unwrap(), 2);
        let side = write_sigstore(&path, &line(&one, b"a")).unwrap();
        let value: serde_json::Value = serde_json::from_slice(&std::fs::read(side).unwrap()).unwrap();
        assert_eq!(value["verificationMaterial"]["publicKey"]["hint"], one.public().fingerprint());
    }
}
