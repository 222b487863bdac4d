//! The linux/amd64 image behind the digest that was asked for, where that is an index of several platforms. Asked of the
//! registry through the engine, with its own login, once for each image; where nobody tells, the image's id stands in.

use std::time::Duration;

use serde_json::Value;

use super::{Engine, Kind};
use crate::command::Run;
use crate::failure::Code;

/// Time for one question to a registry.
const LIMIT: Duration = Duration::from_secs(20);

/// The digest of the amd64 manifest that the image `id` was made of, if it can be told.
pub fn digest(engine: &Engine, run: &str, id: &str, insecure: bool) -> Option<String> {
    let (name, asked) = run.split_once('@')?;
    let manifest = inspect(engine, run, insecure)?;
    resolved(asked, id, &manifest, |found| inspect(engine, &format!("{name}@{found}"), insecure))
}

/// An image's id is the digest of its configuration, or where the engine keeps its images in containerd, the one that was
/// asked for or the one that came of it.
fn resolved(asked: &str, id: &str, manifest: &Value, get: impl FnOnce(&str) -> Option<Value>) -> Option<String> {
    if manifest.get("manifests").is_none() {
        return (id == asked || config(manifest)? == id).then(|| asked.to_owned());
    }
    let found = of_amd64(manifest)?;
    let is_it = id == asked || id == found || config(&get(&found)?)? == id;
    is_it.then_some(found)
}

fn inspect(engine: &Engine, reference: &str, insecure: bool) -> Option<Value> {
    // Podman before 4.4 goes by its list of registries alone, and knows no such option.
    let options: &[&str] = match (engine.kind, insecure) {
        (Kind::Docker, true) => &["--insecure"],
        (Kind::Podman, true) => &["--tls-verify=false", ""],
        (Kind::Docker | Kind::Podman, false) => &[""],
    };
    options.iter().find_map(|option| {
        let words = ["manifest", "inspect", option, reference].into_iter().filter(|word| !word.is_empty());
        let out = Run::new(engine.argv(words)).limit(LIMIT, Code::EngineFailed).output().ok()?;
        out.status.success().then(|| serde_json::from_slice(&out.stdout).ok()).flatten()
    })
}

/// The configuration that a manifest of one platform names: the image's id.
fn config(manifest: &Value) -> Option<&str> {
    manifest.pointer("/config/digest")?.as_str()
}

/// The entry of an index for linux/amd64.
fn of_amd64(index: &Value) -> Option<String> {
    let is_ours = |entry: &&Value| {
        let says = |pointer: &str, word: &str| entry.pointer(pointer).and_then(Value::as_str) == Some(word);
        says("/platform/os", "linux") && says("/platform/architecture", "amd64")
    };
    let entry = index.get("manifests")?.as_array()?.iter().find(is_ours)?;
    let digest = entry.get("digest")?.as_str()?;
    let hex = digest.strip_prefix("sha256:")?;
    (hex.len() == 64 && hex.bytes().all(|b| b.is_ascii_hexdigit())).then(|| digest.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_image_that_runs_is_one_of_the_digest_that_was_asked_for() {
        let digest = |c: char| format!("sha256:{}", c.to_string().repeat(64));
        let (asked, amd64, made) = (digest('a'), digest('b'), digest('c'));
        let platform = json!({"os": "linux", "architecture": "amd64"});
        let index = json!({"manifests": [{"digest": amd64, "platform": platform}]});
        let plain = json!({"config": {"digest": made}});
        let of = |id: &str, manifest: &Value| resolved(&asked, id, manifest, |_| Some(plain.clone()));
        for id in [&made, &asked, &amd64] {
            assert_eq!(of(id, &index).as_ref(), Some(&amd64), "{id}");
        }
        assert_eq!(of(&digest('d'), &index), None);
        assert_eq!((of(&made, &plain), of(&digest('d'), &plain)), (Some(asked.clone()), None));
    }

    #[test]
    fn the_entry_for_our_platform_is_found() {
        let digest = format!("sha256:{}", "a".repeat(64));
        let index = json!({"manifests": [
            {"digest": format!("sha256:{}", "b".repeat(64)), "platform": {"os": "linux", "architecture": "arm64"}},
            {"digest": digest, "platform": {"os": "linux", "architecture": "amd64"}}]});
        assert_eq!(of_amd64(&index), Some(digest));
        assert_eq!(of_amd64(&json!({"manifests": []})), None);
        assert_eq!(
            of_amd64(
                &json!({"manifests": [{"digest": "sha256:--", "platform": {"os": "linux", "architecture": "amd64"}}]})
            ),
            None
        );
    }
}
