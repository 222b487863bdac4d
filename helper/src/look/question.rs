//! From what was typed to a question that `shared::inspect` answers.

use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::Context;
use provenear_shared::deployment::{Endpoint, Place, Stored};
use provenear_shared::digest::Sha256Digest;
use provenear_shared::given::Given;
use provenear_shared::inspection::{ManifestOrigin, ManifestText, Question, Stores, Subject};
use provenear_shared::key::PublicKey;
use provenear_shared::keys::{KeyName, LineError, parse_keys};
use provenear_shared::manifest::{Policy, parse_images};
use provenear_shared::near::{BlockReference, Network, SubjectError, SubjectName, parse_subject};
use provenear_shared::source::names_one_host;
use provenear_shared::text::Shown;

use super::private::{PRIVATE, is_private, without_comments};
use super::{given, nearest};
use crate::args::Common;
use crate::failure::{Code, Failure, fail};
use crate::files::read_capped;
use crate::network::transport::{Http, MAX_MANIFESTS, is_url};

/// Bytes of a list of keys or images.
const MAX_LIST: u64 = 1 << 20;

/// Reads a subject; a file is read at once.
///
/// # Errors
/// [`Code::Usage`] for a text that is none, [`Code::Io`] for a file that cannot be read.
pub fn subject(text: &str) -> anyhow::Result<Subject> {
    match parse_subject(text).map_err(|why| not_a_subject(text, &why))? {
        SubjectName::Account(_) if nearest::is_file_rather(text) => fail(
            Code::Usage,
            format!("`{text}` is a file here and could be an account: write `./{text}` or `account:{text}`"),
        ),
        SubjectName::Account(account) => Ok(Subject::Account(account)),
        SubjectName::CodeHash(hash) => Ok(Subject::CodeHash(hash)),
        SubjectName::File(path) => {
            let bytes = given::read_module(&path)?;
            Ok(Subject::File { name: path, bytes })
        }
    }
}

/// Why a text names no subject, and what may have been meant by it.
pub fn not_a_subject(text: &str, why: &SubjectError) -> Failure {
    let small = text.trim().to_ascii_lowercase();
    let help = if Path::new(text).is_file() {
        format!("; for the file of that name write `./{}`", Shown(text))
    } else if small != text && parse_subject(&small).is_ok() {
        format!("; did you mean `{}`?", Shown(&small))
    } else {
        String::new()
    };
    Failure::new(Code::Usage, format!("{why}{help}"))
}

/// Everything that a look-up needs.
///
/// # Errors
/// [`Code::Usage`] for options that make no sense, [`Code::Io`] for files that cannot be read.
pub fn question(subject: Subject, common: &Common, http: &Http) -> anyhow::Result<Question> {
    let network = network(common)?;
    let manifests =
        common.signed.manifest.iter().map(|from| manifest(from, http)).collect::<anyhow::Result<Vec<_>>>()?;
    Ok(Question {
        place: place(&network, common, &subject)?,
        subject,
        policy: policy(common)?,
        manifests,
        stores: Stores::Asked(stores(common)?),
    })
}

/// The network asked about.
///
/// # Errors
/// [`Code::Usage`].
pub fn network(common: &Common) -> anyhow::Result<Network> {
    let name = common.place.network.as_deref().unwrap_or(&common.place.chosen.settings.network);
    match Network::parse(name) {
        Some(network) => Ok(network),
        None => fail(Code::Usage, format!("`{}` is not a chain id", name.escape_debug())),
    }
}

fn place(network: &Network, common: &Common, subject: &Subject) -> anyhow::Result<Place> {
    let chosen = common.place.chosen.settings.networks.get(network.chain_id()).filter(|_| common.place.rpc.is_empty());
    let endpoints: Vec<Endpoint> = match chosen {
        Some(chosen) => chosen.endpoint_urls().map(Endpoint::own).collect(),
        None if common.place.rpc.is_empty() => network.endpoints().iter().map(|url| Endpoint::own(*url)).collect(),
        None => common.place.rpc.iter().map(Endpoint::own).collect(),
    };
    // The quorum of a file is one of the file's endpoints.
    let quorum = common.place.quorum.or(chosen.and_then(|chosen| chosen.quorum));
    if let Some(endpoint) = endpoints.iter().find(|e| !is_url(&e.url) || !names_one_host(&e.url)) {
        return fail(Code::Usage, format!("`{}` is not a URL of an endpoint", endpoint.host().escape_debug()));
    }
    let asks_the_chain = !matches!(subject, Subject::File { .. });
    if endpoints.is_empty() && asks_the_chain {
        return fail(
            Code::Usage,
            format!("no endpoint is known for the network `{}`; name one with `--rpc`", network.chain_id()),
        );
    }
    let block = match common.place.block.as_deref() {
        None => BlockReference::Final,
        Some(text) => match BlockReference::parse(text) {
            Some(block) => block,
            None => return fail(Code::Usage, format!("`{}` is not a block height or hash", text.escape_debug())),
        },
    };
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let now_ms = u64::try_from(now.as_millis()).unwrap_or(u64::MAX);
    let place = Place { network: network.clone(), endpoints, quorum, block, now_ms };
    let hosts = place.own().len();
    if quorum.is_some_and(|quorum| quorum == 0 || (asks_the_chain && quorum > hosts)) {
        let what = if common.place.quorum.is_some() { "`--quorum`" } else { "the quorum of `--settings`" };
        let hosts = if hosts == 1 { "1 host".to_owned() } else { format!("{hosts} hosts") };
        return fail(Code::Usage, format!("{what} must be at least 1 and at most the {hosts} that can be asked"));
    }
    Ok(place)
}

/// What the reader trusts.
///
/// # Errors
/// [`Code::Usage`] for what is neither a key or digest nor a file of them.
pub fn policy(common: &Common) -> anyhow::Result<Policy> {
    let mut policy = Policy::new();
    let chosen = &common.place.chosen.settings;
    policy.threshold = common.accepted.threshold.unwrap_or(chosen.threshold);
    policy.accept_custom_build = common.accepted.accept_custom_build || chosen.accept_custom_build;
    policy.accept_local_source = common.accepted.allow_local_source;
    policy.keys.extend(chosen.keys.iter().map(|key| (key.key, key.name.clone())));
    if let Some(images) = &chosen.images {
        // The reader of the file has read each line of it already.
        policy.images = parse_images(images).unwrap_or_default();
    }
    for given in &common.signed.trust {
        let keys = match PublicKey::parse(given) {
            Ok(key) => vec![(key, KeyName::default())],
            Err(_) if is_private(given) => return fail(Code::Usage, format!("`--trust`: {PRIVATE}")),
            Err(error) if matches!(LineError::of(error, given), LineError::Other(_)) => {
                return fail(Code::Usage, format!("`--trust`: {}", LineError::of(error, given)));
            }
            // Misspelt, it must not be looked for as a file of that name.
            Err(error) if ["ed25519:", "ssh-", "-----BEGIN"].iter().any(|start| given.starts_with(start)) => {
                return fail(Code::Usage, format!("`--trust`: {error}"));
            }
            // A line of a list of signers in place of the list.
            Err(_) if given.contains("ssh-ed25519 ") => {
                parse_keys(given).map_err(|why| Failure::new(Code::Usage, format!("`--trust`: {why}")))?
            }
            Err(_) => {
                let text = list(given, "a key")?;
                if is_private(&without_comments(&text)) {
                    return fail(Code::Usage, format!("`--trust {}`: {PRIVATE}", given.escape_debug()));
                }
                let keys = parse_keys(&text);
                keys.map_err(|why| Failure::new(Code::Usage, format!("`{given}`: {why}")))?
            }
        };
        for (key, name) in keys {
            if !policy.keys.iter().any(|(known, _)| *known == key) {
                policy.keys.push((key, name));
            }
        }
    }
    for given in &common.accepted.accept_image {
        match Sha256Digest::from_oci(given) {
            Ok(digest) => policy.images.push(digest),
            Err(error) if given.starts_with("sha256:") => {
                return fail(Code::Usage, format!("`{}` is not an image digest: {error}", given.escape_debug()));
            }
            Err(_) => {
                let text = list(given, "an image digest")?;
                let bad = |line: String| {
                    Failure::new(Code::Usage, format!("`{given}`: `{}` is not a digest", line.escape_debug()))
                };
                policy.images.extend(parse_images(&text).map_err(bad)?);
            }
        }
    }
    Ok(policy)
}

/// The stores that are asked. A folder that is not there is a slip of the reader's: as a store without an answer it would be
/// easy to miss.
///
/// # Errors
/// [`Code::Usage`].
pub fn stores(common: &Common) -> anyhow::Result<Vec<String>> {
    if let Some(store) = common.signed.store.iter().find(|store| is_url(store) && !names_one_host(store)) {
        return fail(Code::Usage, format!("`--store {}`: this is not a URL", store.escape_debug()));
    }
    let missing = common.signed.store.iter().find(|store| !is_url(store) && !Path::new(store).is_dir());
    match missing {
        Some(store) => fail(Code::Usage, format!("`--store {}`: there is no such folder", store.escape_debug())),
        None => Ok(common.place.chosen.stores.iter().chain(&common.signed.store).cloned().collect()),
    }
}

fn list(given: &str, what: &str) -> anyhow::Result<String> {
    match read_capped(Path::new(given), MAX_LIST).map(String::from_utf8) {
        Ok(Ok(text)) => Ok(text),
        Ok(Err(error)) => {
            fail(Code::Usage, format!("`{given}` is not a list: this is {}", Given::of(error.as_bytes())))
        }
        Err(error) => {
            let meant = nearest::file(Path::new(given)).map(|file| format!("; did you mean `{file}`?"));
            let given = given.escape_debug();
            fail(
                Code::Usage,
                format!("`{given}` is neither {what} nor a file of them: {error}{}", meant.unwrap_or_default()),
            )
        }
    }
}

/// Manifests from a file or URL.
///
/// # Errors
/// When there is none.
pub fn manifest(from: &str, http: &Http) -> anyhow::Result<ManifestText> {
    if is_url(from) {
        return match http.get(from) {
            Ok(Stored::File(text)) => Ok(ManifestText { text, origin: ManifestOrigin::Url }),
            Ok(Stored::Absent) => fail(Code::Io, format!("there is no manifest at `{from}`")),
            Ok(Stored::WebPage) => fail(Code::Io, format!("`{from}` is a web page, not a manifest")),
            Err(error) => fail(Code::Io, format!("the manifest at `{from}` cannot be read: {error}")),
        };
    }
    let path = from.strip_prefix("file:").unwrap_or(from);
    let path = Path::new(path);
    let bytes = read_capped(path, MAX_MANIFESTS).with_context(|| nearest::unread("manifest ", path))?;
    given::manifest(from, bytes).map(|text| ManifestText { text, origin: ManifestOrigin::File })
}
