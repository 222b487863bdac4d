//! The question that was put, as `shared` answers it. Not here: its text (`provenear-web-protocol`), answering it (`inspector`).

use provenear_shared::deployment::{ChainView, Endpoint};
use provenear_shared::digest::Sha256Digest;
use provenear_shared::inspection::{ManifestOrigin, ManifestText, Question, Stores, Subject};
use provenear_shared::key::PublicKey;
use provenear_shared::keys::KeyName;
use provenear_shared::manifest::{Policy, parse_images};
use provenear_shared::near::{AccountId, BlockReference, Network};
use provenear_shared::text::Shown;
use provenear_web_protocol::{Ask, AskSubject};

/// The question that `shared` answers.
///
/// # Errors
/// What cannot be read, as one sentence: settings that somebody wrote by hand.
pub(crate) fn question(ask: Ask, bytes: Vec<u8>, now_ms: u64) -> Result<Question, String> {
    let network =
        Network::parse(&ask.network).ok_or_else(|| format!("`{}` is not a known network", Shown(&ask.network)))?;
    let subject = match ask.subject {
        AskSubject::Account(account) => Subject::Account(
            AccountId::parse(&account).ok_or_else(|| format!("`{}` is not an account id", Shown(&account)))?,
        ),
        AskSubject::Code(hash) => {
            Subject::CodeHash(Sha256Digest::from_base58(&hash).map_err(|error| error.to_string())?)
        }
        AskSubject::File(name) => Subject::File { name, bytes },
    };
    let endpoints = ask.endpoints.into_iter().map(|(url, from_link)| Endpoint { url, from_link }).collect();
    let block = BlockReference::parse(&ask.block)
        .ok_or_else(|| format!("`{}` is not a block height or hash", Shown(&ask.block)))?;
    let images = parse_images(&ask.images).map_err(|line| format!("`{}` is not an image digest", Shown(&line)))?;
    let origin = |from_url| if from_url { ManifestOrigin::Url } else { ManifestOrigin::File };
    let key = |(key, name): &(String, String)| {
        let key = PublicKey::parse(key).map_err(|error| error.to_string())?;
        Ok((key, KeyName::parse(name).map_err(|error| error.to_string())?))
    };
    let keys = ask.keys.iter().map(key).collect::<Result<Vec<_>, String>>()?;
    Ok(Question {
        subject,
        chain: ChainView { network, endpoints, quorum: ask.quorum, block, now_ms },
        policy: Policy {
            keys,
            threshold: ask.threshold.max(1),
            images,
            accept_custom_build: ask.accept_custom_build,
            accept_local_source: ask.accept_local_source,
        },
        manifests: ask
            .manifests
            .into_iter()
            .map(|(text, from_url)| ManifestText { text, origin: origin(from_url) })
            .collect(),
        stores: if ask.asks_stores { Stores::Asked(ask.stores) } else { Stores::NotYet(ask.stores) },
    })
}
