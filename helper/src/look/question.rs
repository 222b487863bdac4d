//! From what was typed to a question that `shared::inspect` answers.

use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::Context;
use provenear_shared::deployment::{ChainView, Endpoint, Stored};
use provenear_shared::digest::Sha256Digest;
use provenear_shared::given::Given;
use provenear_shared::inspection::{ManifestOrigin, ManifestText, Question, Stores, Subject};
use provenear_shared::key::PublicKey;
use provenear_shared::keys::{KeyName, LineError, parse_keys};
use provenear_shared::manifest::{Policy, parse_images};
use provenear_shared::near::link::{self, NoContract};
use provenear_shared::near::{
    BlockReference, MAX_CONTRACT_SIZE, Network, SubjectError, SubjectName, parse_subject, parse_subject_at,
};
use provenear_shared::source::names_one_host;
use provenear_shared::text::Shown;

use super::private::{PRIVATE, is_private, without_comments};
use super::{given, nearest};
use crate::args::Common;
use crate::failure::{Code, Failure, fail};
use crate::files::read_capped;
use crate::network::transport::{Http, MAX_MANIFESTS, is_url};
use crate::progress::Progress;

/// Bytes of a list of keys or images.
const MAX_LIST: u64 = 1 << 20;

/// What one text asks about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// Whose code.
    pub subject: Subject,
    /// The block behind an account, `app.near@120000000`.
    pub block: Option<BlockReference>,
    /// The network that a link to an explorer is about, with the link.
    pub network: Option<(Network, String)>,
}

impl From<Subject> for Asked {
    fn from(subject: Subject) -> Asked {
        Asked { subject, block: None, network: None }
    }
}

/// Reads a subject; a file is read at once, up to `most` bytes and one more, so that a longer one is known for that.
///
/// # Errors
/// [`Code::Usage`] for a text that is none, [`Code::Io`] for a file that cannot be read.
pub fn subject_up_to(text: &str, most: usize, progress: &Progress) -> anyhow::Result<Asked> {
    if let Some(link) = link::without_scheme(text) {
        let (network, account) = link::contract(link).map_err(|why| not_a_contract(text, why))?;
        let network = Some((network, text.to_owned()));
        return Ok(Asked { subject: Subject::Account(account), block: None, network });
    }
    let (name, block) = parse_subject_at(text).map_err(|why| not_a_subject(text, &why))?;
    let subject = match name {
        SubjectName::Account(_) if nearest::is_file_rather(text) => {
            let message =
                format!("`{text}` is a file here and could be an account: write `./{text}` or `account:{text}`");
            return fail(Code::Usage, message);
        }
        SubjectName::Account(account) => Subject::Account(account),
        SubjectName::CodeHash(hash) => Subject::CodeHash(hash),
        SubjectName::File(path) => {
            let bytes = given::read_module(&path, most, progress)?;
            Subject::File { name: path, bytes }
        }
    };
    Ok(Asked { block, ..subject.into() })
}

/// Reads a subject that a node could hold.
///
/// # Errors
/// As [`subject_up_to`].
pub fn subject(text: &str, progress: &Progress) -> anyhow::Result<Asked> {
    subject_up_to(text, MAX_CONTRACT_SIZE, progress)
}

/// Why a link is not a subject, and what would be.
pub fn not_a_contract(text: &str, why: NoContract) -> Failure {
    let why = match why {
        NoContract::Repository => "a repository does not say which accounts run its code; name the account",
        NoContract::TransactionOrBlock => {
            "a transaction or a block is not a contract; name the account that the transaction calls"
        }
        NoContract::NoAccount => "no account was found in this link; name the account itself",
    };
    Failure::new(Code::Usage, format!("`{}`: {why}", text.escape_debug()))
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
/// [`Code::Usage`] for options that make no sense, also beside the subject; [`Code::Io`] for files that cannot be read.
pub fn question(asked: impl Into<Asked>, common: &Common, http: &Http) -> anyhow::Result<Question> {
    let Asked { subject, block, network: linked } = asked.into();
    let network = network(common)?;
    if let Some((other, link)) = linked.filter(|(linked, _)| *linked != network) {
        let (link, other, network) = (link.escape_debug(), other.chain_id(), network.chain_id());
        return fail(Code::Usage, format!("`{link}` is about `{other}` and not about `{network}`: see `--network`"));
    }
    let manifests =
        common.signed.manifest.iter().map(|from| manifest(from, http)).collect::<anyhow::Result<Vec<_>>>()?;
    Ok(Question {
        chain: chain_view(&network, common, &subject, block)?,
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

fn chain_view(
    network: &Network,
    common: &Common,
    subject: &Subject,
    named: Option<BlockReference>,
) -> anyhow::Result<ChainView> {
    let chosen = common.place.chosen.settings.networks.get(network.chain_id()).filter(|_| common.place.rpc.is_empty());
    let endpoints: Vec<Endpoint> = match chosen {
        Some(chosen) => chosen.endpoint_urls().map(Endpoint::own).collect(),
        None if common.place.rpc.is_empty() => network.endpoints().iter().map(|url| Endpoint::own(*url)).collect(),
        None => common.place.rpc.iter().map(Endpoint::own).collect(),
    };
    // The quorum of a file is one of the file's endpoints.
    let quorum = common.place.quorum.or(chosen.and_then(|chosen| chosen.quorum));
    if let Some(endpoint) = endpoints.iter().find(|e| !is_url(&e.url) || !names_one_host(&e.url)) {
        return fail(
            Code::Usage,
            format!(
                "`{}` is not a URL of an endpoint, such as `https://rpc.example.com`",
                endpoint.host().escape_debug()
            ),
        );
    }
    let asks_the_chain = !matches!(subject, Subject::File { .. });
    if endpoints.is_empty() && asks_the_chain {
        return fail(
            Code::Usage,
            format!("no endpoint is known for the network `{}`; name one with `--rpc`", network.chain_id()),
        );
    }
    let block = block(common, named)?;
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let now_ms = u64::try_from(now.as_millis()).unwrap_or(u64::MAX);
    let chain = ChainView { network: network.clone(), endpoints, quorum, block, now_ms };
    let hosts = chain.own_endpoints().len();
    if quorum.is_some_and(|quorum| quorum == 0 || (asks_the_chain && quorum > hosts)) {
        let what = if common.place.quorum.is_some() { "`--quorum`" } else { "the quorum of `--settings`" };
        let hosts = if hosts == 1 { "1 host".to_owned() } else { format!("{hosts} hosts") };
        return fail(Code::Usage, format!("{what} must be at least 1 and at most the {hosts} that can be asked"));
    }
    Ok(chain)
}

/// The block of `--block`, or the one that stands behind the subject.
fn block(common: &Common, named: Option<BlockReference>) -> anyhow::Result<BlockReference> {
    let Some(text) = common.place.block.as_deref() else { return Ok(named.unwrap_or(BlockReference::Final)) };
    match (BlockReference::parse(text), named) {
        (None, _) => fail(Code::Usage, format!("`{}` is not a block height or hash", text.escape_debug())),
        (Some(option), Some(named)) if option != named => {
            let message = format!("the subject is at block `{named}`, and `--block` says `{option}`: name one of them");
            fail(Code::Usage, message)
        }
        (Some(option), _) => Ok(option),
    }
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
    for (key, name) in trusted_keys(&common.signed.trust)? {
        if !policy.keys.iter().any(|(known, _)| *known == key) {
            policy.keys.push((key, name));
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

/// The keys that `--trust` names, each with its name where a list has one.
///
/// # Errors
/// [`Code::Usage`], and when a list cannot be read.
pub fn trusted_keys(given: &[String]) -> anyhow::Result<Vec<(PublicKey, KeyName)>> {
    let mut all = Vec::new();
    for given in given {
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
                let keys = keys.map_err(|why| Failure::new(Code::Usage, format!("`{given}`: {why}")))?;
                // To trust nobody and to ask for nobody in particular are different things, and neither is meant by it.
                if keys.is_empty() {
                    let given = given.escape_debug();
                    return fail(
                        Code::Usage,
                        format!("`{given}` does not list a key: write one a line, as `ed25519:…`"),
                    );
                }
                keys
            }
        };
        all.extend(keys);
    }
    Ok(all)
}

/// The stores that are asked. A folder that is not there ends everything: as a store without an answer it would be easy to miss.
///
/// # Errors
/// [`Code::Io`] for such a folder, [`Code::Usage`] for what is not a URL.
pub fn stores(common: &Common) -> anyhow::Result<Vec<String>> {
    if let Some(store) = common.signed.store.iter().find(|store| is_url(store) && !names_one_host(store)) {
        return fail(Code::Usage, format!("`--store {}`: this is not a URL", store.escape_debug()));
    }
    let missing = common.signed.store.iter().find(|store| !is_url(store) && !Path::new(store).is_dir());
    match missing {
        Some(store) => fail(Code::Io, format!("`--store {}`: there is no such folder", store.escape_debug())),
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
