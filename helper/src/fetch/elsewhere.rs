//! What a lock file names that is not on crates.io: git dependencies and other registries. cargo fetches them, that of the
//! image, in a container with network that is thrown away; so the image has to be one that the reader accepts, unless its
//! user trusts it with the network. cargo runs nothing of the repository, and is started outside of it, so that it reads no
//! configuration of it. What goes on is checked on this machine.

use std::io::Read;
use std::path::{Path, PathBuf};

use anyhow::Context;
use provenear_shared::digest::{Hex, Sha256Digest};
use provenear_shared::recipe::SOURCE_MOUNT;

use super::cache::{Cache, Item};
use super::home::is_public;
use super::{Dependencies, Fetch, ImageNetwork, git_dependencies, unpack_items};
use crate::command::{Output, pass_on};
use crate::engine::container::{Container, Exec, Plan};
use crate::engine::entries::Entries;
use crate::failure::{Code, fail};
use crate::progress::{Lines, Progress, show_log};
use crate::proxies::PROXIES;
use crate::source::lock_files::Locked;
use crate::source::workspace;

/// Bytes that a fetch may bring in all, and in one file.
const MAX_FETCHED: u64 = 4 << 30;
const MAX_FILE: u64 = 512 << 20;
/// What goes on from `CARGO_HOME`. What cargo unpacked never does, since cargo does not check it again.
const KEPT: [&str; 3] = ["registry/cache", "registry/index", "git/db"];
/// Bytes of what cargo said last that are kept for a sentence.
const KEPT_OUTPUT: usize = 16 << 10;
/// Where the certificates are put.
const CERTIFICATES: &str = "/etc/provenear-ca.pem";

/// The files that the build gets besides those of crates.io, which are `public`: from the cache, or fetched now.
///
/// # Errors
/// [`Code::NetworkNeeded`] when they cannot be fetched, or only by an image that may not use the network.
pub(super) fn dependencies<'a>(
    fetch: &Fetch<'a>,
    public: &[Item],
    cache: &Cache,
    may_fetch: bool,
    progress: &Progress,
) -> anyhow::Result<Dependencies<'a>> {
    // The index that goes on is the work of the image's own cargo, so it is kept for images of that digest alone. An id does
    // not do: a stranger's image can have the id of a published one, and its cargo writes what it likes.
    let key = fetch.image.pulled().map(|digest| fetch.locked.key(digest));
    let items = key.as_deref().map(|key| cache.recall(key)).unwrap_or_default();
    // Against the lock files again, each time: the list is only a list.
    let is_held = |item: &Item| is_wanted(item, fetch.locked) && cache.holds(item);
    if !items.is_empty() && items.iter().all(is_held) {
        progress.say("what is not on crates.io is cached");
        return Ok(Dependencies { items, container: None });
    }
    if !may_fetch {
        progress.say("not all dependencies are cached, and fetching them is switched off");
        return Ok(Dependencies { items: items.into_iter().filter(is_held).collect(), container: None });
    }
    may_use_network(fetch)?;
    let (items, container) = fetch_by_cargo(fetch, public, cache, progress)?;
    if let Some(key) = key {
        cache.remember(&key, &items)?;
    }
    Ok(Dependencies { items, container: Some(container) })
}

/// # Errors
/// [`Code::NetworkNeeded`] for an image that may not.
fn may_use_network(fetch: &Fetch<'_>) -> anyhow::Result<()> {
    match fetch.image_network {
        ImageNetwork::Accepted | ImageNetwork::Trusted => Ok(()),
        ImageNetwork::Refused => {
            let place = fetch.locked.places.first().map(|place| place.split('#').next().unwrap_or(place));
            let place = place.unwrap_or("a package without a checksum");
            let accepting =
                fetch.image.pulled().map(|digest| format!(", or accept it: `--accept-image {}`", digest.to_oci()));
            fail(
                Code::NetworkNeeded,
                format!(
                    "the lock file names `{place}`, which only the image's own cargo can fetch, and you do not accept this \
                     image; `--trust-image-network` lets it use the network{}",
                    accepting.unwrap_or_default()
                ),
            )
        }
    }
}

fn fetch_by_cargo<'a>(
    fetch: &Fetch<'a>,
    public: &[Item],
    cache: &Cache,
    progress: &Progress,
) -> anyhow::Result<(Vec<Item>, Container<'a>)> {
    let certificates = certificates(fetch.ca_file)?;
    let cargo_home = fetch.image.cargo_home();
    let folders = ["/home/near", SOURCE_MOUNT, cargo_home.as_str()];
    let files: Vec<(&str, &[u8])> = certificates.iter().map(|pem| (CERTIFICATES, pem.as_slice())).collect();
    let plan = Plan {
        run: fetch.run,
        purpose: "fetch",
        owner: fetch.owner,
        work: fetch.work,
        image: fetch.image,
        network: true,
        limits: fetch.limits,
        allow_unlimited: fetch.allow_unlimited,
        folders: &folders,
        files: &files,
        more: &[],
    };
    let container = Container::start(fetch.engine, &plan)?;
    container.unpack_file(SOURCE_MOUNT, &fetch.checkout.archive)?;
    if !public.is_empty() {
        unpack_items(&container, &cargo_home, cache, public)?;
    }
    let governing = workspace::lock_folder(&fetch.checkout.facts, fetch.contract_path);
    let passed = proxies(fetch.image_network);
    let cargo = Cargo { container: &container, fetch, passed: &passed, env: &environment(certificates.is_some()) };
    for folder in &fetch.locked.folders {
        let Err(said) = cargo.fetch(folder, progress)? else { continue };
        let what = format!("the dependencies of `{}` could not be fetched", manifest(folder));
        if governing.as_ref() == Some(folder) {
            return fail(Code::NetworkNeeded, format!("{what}: {said}"));
        }
        progress.say(&format!("{what}; the build may not need them: {said}"));
    }
    let mut arguments = vec!["-C".to_owned(), cargo_home, "--".to_owned()];
    arguments.extend(KEPT.map(ToOwned::to_owned));
    let items = container.tar(&arguments, |from| sort_out(from, fetch.locked, cache))?;
    git_dependencies::check(&items, &fetch.locked.commits, cache, fetch.work)?;
    Ok((items, container))
}

/// The variables of ours that cargo gets by name. A proxy's password is only for code that the reader accepts.
fn proxies(network: ImageNetwork) -> Vec<&'static str> {
    let has_secret = |value: &std::ffi::OsStr| value.to_string_lossy().contains('@');
    let is_passed = |name: &&str| match (std::env::var_os(name), network) {
        (None, _) | (_, ImageNetwork::Refused) => false,
        (Some(_), ImageNetwork::Accepted) => true,
        (Some(value), ImageNetwork::Trusted) => !has_secret(&value),
    };
    PROXIES.into_iter().filter(is_passed).collect()
}

/// The cargo of the image, in the container of the fetch.
struct Cargo<'a, 'f> {
    container: &'a Container<'f>,
    fetch: &'a Fetch<'f>,
    passed: &'a [&'a str],
    env: &'a [(String, String)],
}

impl Cargo<'_, '_> {
    /// Runs it outside of the source, on the manifest of a folder; gives the end of its complaint where it fails.
    fn fetch(&self, folder: &str, progress: &Progress) -> anyhow::Result<Result<(), String>> {
        let limits = self.fetch.limits;
        let manifest = manifest(folder);
        let command = ["cargo", "fetch", "--locked", "--manifest-path", &manifest].map(ToOwned::to_owned);
        let exec =
            Exec { workdir: "/", env: self.env, passed: self.passed, command: &command, until: self.fetch.until };
        let (mut said, mut complaint, quiet) = (Lines::default(), Lines::default(), progress.is_quiet());
        let mut end = Vec::new();
        let show = |text: String| {
            if !quiet {
                show_log(text.as_bytes());
            }
        };
        let keep = |bytes: &[u8]| {
            let text = complaint.take(bytes);
            end.extend_from_slice(text.as_bytes());
            let from = end.len().saturating_sub(KEPT_OUTPUT);
            end.drain(..from);
            show(text);
            Ok(())
        };
        let hear = |bytes: &[u8]| {
            show(said.take(bytes));
            Ok(())
        };
        let status = self.container.exec(&exec, pass_on(limits.output, hear), pass_on(limits.output, keep))?;
        show(said.rest());
        let rest = complaint.rest();
        end.extend_from_slice(rest.as_bytes());
        show(rest);
        if status.success() {
            return Ok(Ok(()));
        }
        Ok(Err(Output { status, stdout: Vec::new(), stderr: end }.complaint()))
    }
}

/// The manifest of a folder of the source.
fn manifest(folder: &str) -> String {
    if folder.is_empty() { format!("{SOURCE_MOUNT}/Cargo.toml") } else { format!("{SOURCE_MOUNT}/{folder}/Cargo.toml") }
}

/// The certificates of this machine that the fetch may trust besides the image's.
fn certificates(ca_file: Option<&Path>) -> anyhow::Result<Option<Vec<u8>>> {
    let environment = std::env::var_os("SSL_CERT_FILE").map(PathBuf::from);
    let mut all = Vec::new();
    for path in [environment.as_deref(), ca_file].into_iter().flatten() {
        let pem = std::fs::read(path).with_context(|| format!("failed to read certificates `{}`", path.display()))?;
        all.extend(only_certificates(&String::from_utf8_lossy(&pem)).into_bytes());
    }
    Ok((!all.is_empty()).then_some(all))
}

/// Without what else stands in a file of certificates, such as the key of one of them.
fn only_certificates(pem: &str) -> String {
    // Where files were put together without a newline, one line has an end and a beginning.
    let pem = pem.replace("----------", "-----\n-----");
    let mut kept = String::new();
    let mut begun: Option<(String, String)> = None;
    for line in pem.lines().map(str::trim_end) {
        if let Some(kind) = line.strip_prefix("-----BEGIN ") {
            // A block that another one begins in has no end of its own: it is dropped.
            begun = kind.ends_with("CERTIFICATE-----").then(|| (format!("-----END {kind}"), String::new()));
        }
        let Some((end, block)) = &mut begun else { continue };
        block.push_str(line);
        block.push('\n');
        if line.starts_with("-----END ") {
            if line == end {
                kept.push_str(block);
            }
            begun = None;
        }
    }
    kept
}

/// The environment of cargo.
fn environment(certificates: bool) -> Vec<(String, String)> {
    let mut env: Vec<(String, String)> = Vec::new();
    if certificates {
        for name in ["CARGO_HTTP_CAINFO", "SSL_CERT_FILE", "GIT_SSL_CAINFO"] {
            env.push((name.to_owned(), CERTIFICATES.to_owned()));
        }
    }
    env.push(("CARGO_TERM_COLOR".to_owned(), "never".to_owned()));
    env
}

/// Whether a file may go into a container: at a plain path of a kind that is kept and not the helper's own to write, and
/// where it is an archive, one that a lock file names byte for byte.
fn is_wanted(item: &Item, locked: &Locked) -> bool {
    let path = item.path.as_str();
    let is_plain = !path.split('/').any(|part| part.is_empty() || part == "." || part == "..");
    let is_kept = KEPT.iter().any(|kept| path.starts_with(&format!("{kept}/"))) && !path.contains("/hooks/");
    let name = path.rsplit('/').next().unwrap_or_default();
    let is_archive = path.starts_with("registry/cache/");
    is_plain && is_kept && !is_public(path) && (!is_archive || locked.allows(name, &item.sha256.0))
}

/// Keeps plain files at plain paths; of the archives only those that a lock file names.
fn sort_out(from: &mut dyn Read, locked: &Locked, cache: &Cache) -> anyhow::Result<Vec<Item>> {
    let mut tar = tar::Archive::new(from);
    let mut items = Vec::new();
    let mut total = 0;
    let mut entries = Entries::of(&mut tar)?;
    while let Some((path, mut entry)) = entries.advance()? {
        if !entry.header().entry_type().is_file() {
            continue;
        }
        let path = String::from_utf8(path).context("cargo wrote a path that is not text")?;
        total += entry.size();
        if entry.size() > MAX_FILE || total > MAX_FETCHED {
            return fail(Code::LimitExceeded, format!("the dependencies are larger than {MAX_FETCHED} bytes"));
        }
        let mut bytes = Vec::new();
        (&mut entry).take(MAX_FILE).read_to_end(&mut bytes)?;
        let item = Item { sha256: Hex(Sha256Digest::of(&bytes)), path };
        if is_wanted(&item, locked) {
            cache.put(&bytes)?;
            items.push(item);
        }
    }
    Ok(items)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_file_of_certificates_nothing_secret_goes_on() {
        let block = |kind: &str| format!("-----BEGIN {kind}-----\nAAAA\n-----END {kind}-----\n");
        let (one, other) = (block("CERTIFICATE"), block("TRUSTED CERTIFICATE"));
        let file = format!("# mine\n{one}{}{}{other}", block("PRIVATE KEY"), block("RSA PRIVATE KEY"));
        assert_eq!(only_certificates(&file), format!("{one}{other}"));
        assert_eq!(only_certificates(&file.replace('\n', "\r\n")), format!("{one}{other}"));
        // One that does not end takes nothing along, whether the next block or its end is there or not.
        let (endless, key) = (one.replace("-----END CERTIFICATE-----\n", ""), block("PRIVATE KEY"));
        let headless = key.replace("-----BEGIN PRIVATE KEY-----\n", "");
        for file in
            [format!("{endless}{key}{other}"), format!("{endless}{headless}{other}"), format!("{other}{endless}")]
        {
            assert_eq!(only_certificates(&file), other, "{file}");
        }
        let joined = format!("{}{}{other}", one.trim_end(), key.trim_end());
        assert_eq!(only_certificates(&joined), format!("{one}{other}"));
    }

    #[test]
    fn only_what_a_lock_file_names_goes_on() {
        let good = Sha256Digest::of(b"good");
        let mut locked = Locked::default();
        locked.archives.entry("a-1.0.0.crate".into()).or_default().insert(good);
        let mut tar = tar::Builder::new(Vec::new());
        for (path, bytes) in [
            ("registry/cache/r-1/a-1.0.0.crate", &b"good"[..]),
            ("registry/cache/r-2/a-1.0.0.crate", b"evil"),
            ("registry/cache/r-1/b-1.0.0.crate", b"good"),
            ("registry/src/r-1/a-1.0.0/build.rs", b"evil"),
            ("registry/index/r-1/.cache/a/a", b"index"),
            // What stands for crates.io is the helper's own.
            ("registry/index/index.crates.io-1949cf8c6b5b557f/.cache/a/a", b"evil"),
            ("registry/cache/index.crates.io-6f17d22bba15001f/a-1.0.0.crate", b"good"),
            ("git/db/x-1/hooks/post-checkout", b"evil"),
            ("bin/cargo", b"evil"),
        ] {
            let mut header = tar::Header::new_gnu();
            header.set_size(bytes.len() as u64);
            header.set_mode(0o644);
            tar.append_data(&mut header, path, bytes).unwrap();
        }
        let bytes = tar.into_inner().unwrap();
        let folder = tempfile::tempdir().unwrap();
        let items = sort_out(&mut bytes.as_slice(), &locked, &Cache::at(folder.path().into())).unwrap();
        let paths: Vec<&str> = items.iter().map(|i| i.path.as_str()).collect();
        assert_eq!(paths, ["registry/cache/r-1/a-1.0.0.crate", "registry/index/r-1/.cache/a/a"]);
        // Nor does a list that was altered bring anything else in.
        for path in ["registry/cache/r-1/b-1.0.0.crate", "registry/index/../../bin/cargo", "registry/src/r-1/a/lib.rs"]
        {
            assert!(!is_wanted(&Item { path: path.into(), sha256: Hex(good) }, &locked), "{path}");
        }
    }
}
