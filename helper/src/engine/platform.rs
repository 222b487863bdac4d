//! The linux/amd64 image behind the digest that was asked for, where that is an index of several platforms. Asked of the
//! registry through the engine, with its own login, once for each image; where nobody tells, the image's id stands in.

use std::time::Duration;

use serde_json::Value;

use super::{Engine, Kind};
use crate::command::Run;
use crate::failure::Code;

/// Time for one question to a registry.
const LIMIT: Duration = Duration::from_secs(20);

/// The digest of the amd64 manifest whose configuration is `id`, if it can be told.
pub fn digest(engine: &Engine, run: &str, id: &str, insecure: bool) -> Option<String> {
    let (name, asked) = run.split_once('@')?;
    let manifest = inspect(engine, run, insecure)?;
    if manifest.get("manifests").is_none() {
        return (config(&manifest)? == id).then(|| asked.to_owned());
    }
    let found = of_amd64(&manifest)?;
    let inner = inspect(engine, &format!("{name}@{found}"), insecure)?;
    (config(&inner)? == id).then_some(found)
}

fn inspect(engine: &Engine, reference: &str, insecure: bool) -> Option<Value> {
    let mut words = vec!["manifest", "inspect"];
    match (engine.kind, insecure) {
        (Kind::Docker, true) => words.push("--insecure"),
        (Kind::Podman, true) => words.push("--tls-verify=false"),
        (Kind::Docker | Kind::Podman, false) => {}
    }
    words.push(reference);
    let out = Run::new(engine.argv(words)).limit(LIMIT, Code::EngineFailed).output().ok()?;
    out.status.success().then(|| serde_json::from_slice(&out.stdout).ok()).flatten()
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
