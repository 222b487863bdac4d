//! The image: pulled by digest, resolved to linux/amd64, its user and environment read.

use std::time::Duration;

use anyhow::Context;
use serde::Deserialize;

use super::{Engine, Kind};
use crate::command::Run;
use crate::failure::{Code, fail};
use crate::transport;

/// Time for a pull.
const PULL: Duration = Duration::from_secs(3600);

/// An image that the engine holds.
#[derive(Debug, Clone)]
pub struct Image {
    /// What the engine is told to run.
    pub run: String,
    /// As asked for.
    pub reference: String,
    /// The digest that it was pulled by, `sha256:…`; the image's own id where it was never in a registry.
    pub digest: String,
    /// The digest of its configuration, `sha256:…`: what really runs, whatever index led to it.
    pub id: String,
    /// The digest of its linux/amd64 manifest, `sha256:…`, where somebody told it.
    pub platform: Option<String>,
    /// `amd64`, unless the engine holds another.
    pub architecture: String,
    /// Its environment.
    pub env: Vec<(String, String)>,
    user: Option<String>,
}

#[derive(Deserialize)]
struct Inspected {
    #[serde(rename = "Id")]
    id: String,
    #[serde(rename = "RepoDigests", default)]
    repo_digests: Option<Vec<String>>,
    #[serde(rename = "Architecture", default)]
    architecture: String,
    #[serde(rename = "Os", default)]
    os: String,
    #[serde(rename = "Config", default)]
    config: Option<Config>,
}

#[derive(Deserialize, Default)]
struct Config {
    #[serde(rename = "User", default)]
    user: Option<String>,
    #[serde(rename = "Env", default)]
    env: Option<Vec<String>>,
}

impl Image {
    /// Finds the image on the engine, or pulls it.
    ///
    /// # Errors
    /// [`Code::ImageUnavailable`] when it cannot be had by its digest, or is not for linux/amd64.
    pub fn get(engine: &Engine, reference: &str, say: &mut dyn FnMut(&str)) -> anyhow::Result<Image> {
        if reference.is_empty()
            || reference.starts_with('-')
            || reference.chars().any(|c| c.is_whitespace() || c.is_control())
        {
            return fail(Code::ImageUnavailable, format!("`{}` is no image", reference.escape_debug()));
        }
        let run = runnable(engine.kind, reference);
        let digest = reference.rsplit_once('@').map(|(_, digest)| digest);
        if let Some(found) = inspect(engine, &run)? {
            return Image::from(found, reference, run, digest);
        }
        say(&format!("pulling `{reference}`"));
        let mut words = vec!["pull", "--quiet", "--platform", "linux/amd64"];
        if engine.kind == Kind::Podman && is_loopback(&run) {
            words.push("--tls-verify=false");
        }
        words.push(&run);
        let out = Run::new(engine.argv(&words)).limit(PULL, Code::ImageUnavailable).output()?;
        if !out.status.success() {
            return fail(Code::ImageUnavailable, format!("`{reference}` cannot be pulled: {}", out.complaint()));
        }
        let found = inspect(engine, &run)?;
        let found = found.with_context(|| format!("the engine does not show `{reference}` after pulling it"))?;
        Image::from(found, reference, run, digest)
    }

    fn from(found: Inspected, reference: &str, run: String, digest: Option<&str>) -> anyhow::Result<Image> {
        if found.os != "linux" || found.architecture != "amd64" {
            let what = format!("{}/{}", found.os, found.architecture);
            return fail(
                Code::ImageUnavailable,
                format!("`{reference}` is for {what}, and builds are for linux/amd64"),
            );
        }
        let id = if found.id.starts_with("sha256:") { found.id } else { format!("sha256:{}", found.id) };
        let held = found.repo_digests.unwrap_or_default();
        let digest = match digest {
            Some(digest) if digest == id || held.iter().any(|h| h.ends_with(&format!("@{digest}"))) => {
                digest.to_owned()
            }
            Some(digest) => {
                return fail(Code::ImageUnavailable, format!("the engine does not hold `{digest}`"));
            }
            None => held.first().and_then(|h| h.split_once('@')).map_or_else(|| id.clone(), |(_, d)| d.to_owned()),
        };
        let config = found.config.unwrap_or_default();
        let env = config.env.unwrap_or_default();
        let env =
            env.iter().filter_map(|pair| pair.split_once('=')).map(|(n, v)| (n.to_owned(), v.to_owned())).collect();
        Ok(Image {
            run,
            reference: reference.to_owned(),
            digest,
            id,
            platform: None,
            architecture: found.architecture,
            env,
            user: config.user,
        })
    }

    /// Asks the registry for the digest of the linux/amd64 manifest.
    pub fn platform_digest(&self, engine: &Engine) -> Option<String> {
        super::platform::digest(engine, &self.run, &self.id, is_loopback(&self.run))
    }

    /// The user as numbers: the image's own where it names numbers other than root's, else 1000:1000.
    pub fn user(&self) -> String {
        let named = self.user.as_deref().unwrap_or_default();
        let (user, group) = named.split_once(':').unwrap_or((named, ""));
        match (user.parse::<u32>(), group.parse::<u32>()) {
            (Ok(user), Ok(group)) if user > 0 && group > 0 => format!("{user}:{group}"),
            (Ok(user), _) if user > 0 => format!("{user}:{user}"),
            _ => "1000:1000".to_owned(),
        }
    }

    /// The user's and group's number.
    pub fn user_ids(&self) -> (u64, u64) {
        let user = self.user();
        let (user, group) = user.split_once(':').unwrap_or(("1000", "1000"));
        (user.parse().unwrap_or(1000), group.parse().unwrap_or(1000))
    }

    /// A variable of its environment.
    pub fn variable(&self, name: &str) -> Option<&str> {
        self.env.iter().find(|(n, _)| n == name).map(|(_, v)| v.as_str())
    }

    /// Where cargo keeps its registry: the image's `CARGO_HOME`, or below its `HOME`, or where NEP-330 puts it.
    pub fn cargo_home(&self) -> String {
        match (self.variable("CARGO_HOME"), self.variable("HOME")) {
            (Some(cargo_home), _) if cargo_home.starts_with('/') => cargo_home.to_owned(),
            (_, Some(home)) if home.starts_with('/') => {
                format!("{}/.cargo", home.trim_end_matches('/'))
            }
            _ => "/home/near/.cargo".to_owned(),
        }
    }

    /// An image that no engine was asked about: for commands that a person will run.
    pub fn named(kind: Kind, reference: &str) -> Image {
        Image {
            run: runnable(kind, reference),
            reference: reference.to_owned(),
            digest: reference.rsplit_once('@').map(|(_, digest)| digest.to_owned()).unwrap_or_default(),
            id: String::new(),
            platform: None,
            architecture: "amd64".to_owned(),
            env: Vec::new(),
            user: None,
        }
    }

    /// An image that no engine holds, for tests of pure lists.
    #[cfg(test)]
    pub(crate) fn for_tests(run: &str, user: &str) -> Image {
        Image {
            run: run.to_owned(),
            reference: run.to_owned(),
            digest: "sha256:aa".to_owned(),
            id: "sha256:bb".to_owned(),
            platform: None,
            architecture: "amd64".to_owned(),
            env: Vec::new(),
            user: Some(user.to_owned()),
        }
    }
}

fn inspect(engine: &Engine, run: &str) -> anyhow::Result<Option<Inspected>> {
    let words = ["image", "inspect", run];
    let out = Run::new(engine.argv(words)).limit(super::SHORT, Code::EngineFailed).output()?;
    if !out.status.success() {
        return Ok(None);
    }
    let found: Vec<Inspected> =
        serde_json::from_slice(&out.stdout).context("the engine described the image in an unknown form")?;
    Ok(found.into_iter().next())
}

/// By name and digest alone: a tag beside a digest decides nothing, and Podman refuses it. Podman also wants to be told
/// which registry an unqualified name means.
fn runnable(kind: Kind, reference: &str) -> String {
    let (name, digest) = match reference.split_once('@') {
        Some((name, digest)) => (name, Some(digest)),
        None => (reference, None),
    };
    let (path, last) = name.rsplit_once('/').map_or(("", name), |(p, l)| (p, l));
    let name = match (digest, last.split_once(':')) {
        (Some(_), Some((bare, _tag))) if path.is_empty() => bare.to_owned(),
        (Some(_), Some((bare, _tag))) => format!("{path}/{bare}"),
        _ => name.to_owned(),
    };
    let first = name.split('/').next().unwrap_or_default();
    let qualified = name.contains('/') && (first.contains(['.', ':']) || first == "localhost");
    let name = match kind {
        Kind::Podman if !qualified && digest.is_some() => format!("docker.io/{name}"),
        Kind::Podman | Kind::Docker => name,
    };
    digest.map_or_else(|| name.clone(), |digest| format!("{name}@{digest}"))
}

fn is_loopback(run: &str) -> bool {
    transport::is_loopback(run.split('/').next().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_beside_a_digest_is_dropped_and_podman_gets_full_names() {
        let rows = [
            (
                "sourcescan/cargo-near:0.13.4@sha256:aa",
                "sourcescan/cargo-near@sha256:aa",
                "docker.io/sourcescan/cargo-near@sha256:aa",
            ),
            ("localhost:5097/x/y:t@sha256:aa", "localhost:5097/x/y@sha256:aa", "localhost:5097/x/y@sha256:aa"),
            ("ghcr.io/x/y@sha256:aa", "ghcr.io/x/y@sha256:aa", "ghcr.io/x/y@sha256:aa"),
            ("tiny:latest", "tiny:latest", "tiny:latest"),
        ];
        for (reference, docker, podman) in rows {
            assert_eq!(runnable(Kind::Docker, reference), docker);
            assert_eq!(runnable(Kind::Podman, reference), podman);
        }
    }

    #[test]
    fn users_are_numbers_and_never_root() {
        for (named, user) in [
            ("near", "1000:1000"),
            ("", "1000:1000"),
            ("0", "1000:1000"),
            ("0:0", "1000:1000"),
            ("7", "7:7"),
            ("7:8", "7:8"),
            ("7:near", "7:7"),
        ] {
            assert_eq!(Image::for_tests("x", named).user(), user, "{named}");
        }
    }

    #[test]
    fn an_image_of_another_platform_or_digest_is_refused() {
        let found = |arch: &str| Inspected {
            id: "sha256:bb".into(),
            repo_digests: Some(vec!["x@sha256:aa".into()]),
            architecture: arch.into(),
            os: "linux".into(),
            config: None,
        };
        let get = |arch, digest| Image::from(found(arch), "x", "x".into(), digest);
        assert_eq!(get("amd64", Some("sha256:aa")).unwrap().digest, "sha256:aa");
        assert_eq!(get("amd64", None).unwrap().digest, "sha256:aa");
        assert!(get("arm64", Some("sha256:aa")).is_err());
        assert!(get("amd64", Some("sha256:cc")).is_err());
    }
}
