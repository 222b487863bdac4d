//! The image: pulled by digest and run by that digest, its user and environment read. Every engine checks the digest that
//! it is told to pull; nothing else that an engine or a registry says of an image tells which one it is.

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::Context;
use provenear_shared::digest::Sha256Digest;
use serde::Deserialize;
use serde_json::Value;

use super::complaint::{around_the_limit, find_blocking, is_rate_limit};
use super::{Engine, Kind};
use crate::command::Run;
use crate::failure::{Code, fail};
use crate::proxies;

/// The user of an image that names none, or root.
pub const USUAL_USER: &str = "1000:1000";

/// By what an image is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Identity {
    /// The digest under which the engine holds it beside a name. It decides every byte.
    Pulled(Sha256Digest),
    /// An id that the engine gave it, and no digest. Podman's and Docker's is that of a configuration, which can belong to
    /// other layers elsewhere.
    Local(Sha256Digest),
}

/// An image that the engine holds.
#[derive(Debug, Clone)]
pub struct Image {
    /// What the engine is told to run: a name with a digest, or the id of an image that has none.
    pub run: String,
    /// As asked for.
    pub reference: String,
    /// Which one it is.
    pub identity: Identity,
    /// Its environment.
    pub env: Vec<(String, String)>,
    /// Folders that a container of it keeps in volumes, beside what is counted against its limit of disk.
    pub volumes: Vec<String>,
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
    #[serde(rename = "Volumes", default)]
    volumes: Option<BTreeMap<String, Value>>,
}

impl Image {
    /// Finds the image on the engine, or pulls it.
    ///
    /// # Errors
    /// [`Code::ImageUnavailable`] when it cannot be had by its digest, or is not for linux/amd64.
    pub fn get(engine: &Engine, reference: &str, time: Duration, say: &mut dyn FnMut(&str)) -> anyhow::Result<Image> {
        if reference.is_empty()
            || reference.starts_with('-')
            || reference.chars().any(|c| c.is_whitespace() || c.is_control())
        {
            return fail(Code::ImageUnavailable, format!("`{}` is not an image", reference.escape_debug()));
        }
        let run = runnable(engine.kind, reference);
        if let Some(found) = inspect(engine, &run)? {
            return Image::from(found, reference, run);
        }
        say(&format!("pulling `{reference}`"));
        // Where a digest leads to an index with several images for linux/amd64 (variants), the engine takes one by rules of
        // its own. The digest is that of the index all the same: who accepts it accepts whatever it leads to.
        let mut words = vec!["pull", "--quiet", "--platform", "linux/amd64"];
        if engine.kind == Kind::Podman && is_loopback(&run) {
            words.push("--tls-verify=false");
        }
        words.push(&run);
        let out = Run::new(engine.argv(&words)).limit(time, Code::ImageUnavailable).output()?;
        if !out.status.success() {
            let complaint = out.complaint();
            let why = match find_blocking(&complaint) {
                Some(id) => explain_blocking(engine, id)?,
                None if is_rate_limit(&complaint) => {
                    format!("{complaint}; {}", around_the_limit(&engine.to_shell(), reference))
                }
                None => complaint,
            };
            return fail(Code::ImageUnavailable, format!("`{reference}` cannot be pulled: {why}"));
        }
        // What it holds under this very digest now, whatever it said of the pull.
        let found = inspect(engine, &run)?;
        let found = found.with_context(|| format!("the engine does not show `{reference}` after pulling it"))?;
        Image::from(found, reference, run)
    }

    fn from(found: Inspected, reference: &str, run: String) -> anyhow::Result<Image> {
        if found.os != "linux" || found.architecture != "amd64" {
            let what = format!("{}/{}", found.os, found.architecture);
            return fail(Code::ImageUnavailable, format!("`{reference}` is for {what}; builds need linux/amd64"));
        }
        let held = found.repo_digests.unwrap_or_default();
        let digest = |held: &str| Sha256Digest::from_oci(held.split_once('@')?.1).ok();
        let mut held = held.iter().filter_map(|held| Some((held, digest(held)?)));
        let (run, identity) = match reference.rsplit_once('@') {
            // An id in the place of the digest does not do: that an engine finds an image by it is no pull.
            Some((_, asked)) => {
                match Sha256Digest::from_oci(asked).ok().filter(|asked| held.any(|it| it.1 == *asked)) {
                    Some(digest) => (run, Identity::Pulled(digest)),
                    None => return fail(Code::ImageUnavailable, format!("the engine does not have `{asked}`")),
                }
            }
            // A tag may be given to another image meanwhile.
            None => match held.next() {
                Some((held, digest)) => (held.clone(), Identity::Pulled(digest)),
                None => {
                    let id = Sha256Digest::from_hex(found.id.strip_prefix("sha256:").unwrap_or(&found.id));
                    let id = id.context("the engine described the image in an unknown form")?;
                    (id.to_oci(), Identity::Local(id))
                }
            },
        };
        let config = found.config.unwrap_or_default();
        let env = config.env.unwrap_or_default();
        let env =
            env.iter().filter_map(|pair| pair.split_once('=')).map(|(n, v)| (n.to_owned(), v.to_owned())).collect();
        let volumes = config.volumes.unwrap_or_default().into_keys().collect();
        Ok(Image { run, reference: reference.to_owned(), identity, env, volumes, user: config.user })
    }

    /// The digest that it was pulled by, if it was: what a cache may be keyed by.
    pub fn pulled(&self) -> Option<&Sha256Digest> {
        match &self.identity {
            Identity::Pulled(digest) => Some(digest),
            Identity::Local(_) => None,
        }
    }

    /// The user as numbers: the image's own where it names numbers other than root's, else 1000:1000.
    pub fn user(&self) -> String {
        let named = self.user.as_deref().unwrap_or_default();
        let (user, group) = named.split_once(':').unwrap_or((named, ""));
        match (user.parse::<u32>(), group.parse::<u32>()) {
            (Ok(user), Ok(group)) if user > 0 && group > 0 => format!("{user}:{group}"),
            (Ok(user), _) if user > 0 => format!("{user}:{user}"),
            _ => USUAL_USER.to_owned(),
        }
    }

    /// The same image with another user, `uid:gid`.
    #[must_use]
    pub fn with_user(&self, user: &str) -> Image {
        Image { user: Some(user.to_owned()), ..self.clone() }
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

    /// An image that no engine holds, for tests of pure lists.
    #[cfg(test)]
    pub(crate) fn for_tests(run: &str, user: &str) -> Image {
        Image {
            run: run.to_owned(),
            reference: run.to_owned(),
            identity: Identity::Pulled(Sha256Digest::of(b"image")),
            env: Vec::new(),
            volumes: Vec::new(),
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

/// What an engine is told to run: by name and digest alone. A tag beside a digest decides nothing, and Podman refuses it. Podman also wants to be told
/// which registry an unqualified name means.
pub fn runnable(kind: Kind, reference: &str) -> String {
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

/// Says which image that is, and how to be rid of it.
fn explain_blocking(engine: &Engine, id: &str) -> anyhow::Result<String> {
    let names = inspect(engine, id)?.and_then(|found| found.repo_digests).unwrap_or_default();
    let names = if names.is_empty() { "without a name".to_owned() } else { format!("`{}`", names.join("`, `")) };
    let engine = engine.to_shell();
    Ok(format!(
        "another image on this engine has the same id and other content ({names}), so one of the two lies about its content; \
         `{engine} image rm --force {id}` makes room"
    ))
}

/// The digest of the linux/amd64 manifest that a container was made of, where the engine tells exactly that: Docker from
/// version 28 on, if it keeps its images in containerd. Evidence, by which nothing is accepted.
pub fn manifest_that_ran(container: &Value) -> Option<Sha256Digest> {
    let descriptor = container.get("ImageManifestDescriptor")?;
    let says = |pointer: &str| descriptor.pointer(pointer).and_then(Value::as_str);
    let digest = Sha256Digest::from_oci(says("/digest")?).ok()?;
    (says("/platform/architecture") == Some("amd64")).then_some(digest)
}

fn is_loopback(run: &str) -> bool {
    proxies::is_loopback(run.split('/').next().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::failure::code_of;
    use serde_json::json;

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

    /// An image as an engine describes it.
    fn found(id: &str, arch: &str, held: &[&str]) -> Inspected {
        let text = json!({"Id": id, "RepoDigests": held, "Architecture": arch, "Os": "linux"});
        serde_json::from_value(text).unwrap()
    }

    #[test]
    fn an_image_is_what_it_was_pulled_by_and_nothing_else() {
        let [held, id, other] = ["held", "id", "other"].map(|text| Sha256Digest::of(text.as_bytes()));
        let get = |reference: &str, held: &[&str]| {
            Image::from(found(&id.to_oci(), "amd64", held), reference, reference.to_owned())
        };
        let by =
            |reference: &str, held: &[&str]| get(reference, held).map(|image| (image.run, image.identity)).unwrap();
        let name = |digest: Sha256Digest| format!("x@{}", digest.to_oci());
        let (pulled, held) = (Identity::Pulled(held), name(held));
        assert_eq!(by(&held, &[&held]), (held.clone(), pulled.clone()));
        // What a tag names now is run by what it is.
        assert_eq!(by("x:latest", &[&held]), (held.clone(), pulled));
        assert_eq!(by("x:latest", &[]), (id.to_oci(), Identity::Local(id)));
        for (reference, held) in [(name(other), &[held.as_str()][..]), (name(id), &[&held]), (name(id), &[])] {
            assert_eq!(code_of(&get(&reference, held).unwrap_err()), Code::ImageUnavailable, "{reference} {held:?}");
        }
        let foreign = Image::from(found(&id.to_oci(), "arm64", &[&held]), &held, held.clone());
        assert_eq!(code_of(&foreign.unwrap_err()), Code::ImageUnavailable);
    }

    /// Docker with its images in containerd, which gives an image the id of its index: an index with an accepted image for
    /// another variant first. As Docker 28 prints it; no engine of the suite keeps its images so.
    #[test]
    fn an_index_is_not_taken_for_an_image_that_it_names() {
        let [index, accepted, ran] = ["index", "accepted", "ran"].map(|text| Sha256Digest::of(text.as_bytes()));
        let name = format!("x@{}", index.to_oci());
        let image = Image::from(found(&index.to_oci(), "amd64", &[&name]), &name, name.clone()).unwrap();
        assert_eq!((image.run, image.identity), (name.clone(), Identity::Pulled(index)));
        let other = format!("x@{}", accepted.to_oci());
        assert!(Image::from(found(&ran.to_oci(), "amd64", &[&name]), &other, other.clone()).is_err());
        let made = |of: Value| manifest_that_ran(&json!({"Image": accepted.to_oci(), "ImageManifestDescriptor": of}));
        let amd64 = json!({"architecture": "amd64", "os": "linux"});
        assert_eq!(made(json!({"digest": ran.to_oci(), "platform": amd64})), Some(ran));
        for told in [Value::Null, json!({"digest": "sha256:--", "platform": amd64}), json!({"digest": ran.to_oci()})] {
            assert_eq!(made(told.clone()), None, "{told}");
        }
    }
}
