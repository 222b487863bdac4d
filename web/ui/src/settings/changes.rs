//! What settings out of a file would change, said before they do: keys by all of their name and fingerprint, because a key
//! that is shown shortened can look like another.

use provenear_shared::keys::KeyName;
use provenear_shared::manifest::parse_images;
use provenear_shared::near::Network;
use provenear_shared::settings::{Address, TrustedKey};
use provenear_shared::text::Shown;

use super::Settings;

/// One sentence for each change from `old` to `new`, in the form of `shared`; none where they mean the same. A name that is not
/// the reader's `own` is said to be of the `source`, as in "the file": anybody can write any name into one.
pub fn changes(old: &Settings, new: &Settings, source: &str, own: &KeyName) -> Vec<String> {
    let mut said = Vec::new();
    keys(&old.keys, &new.keys, source, own, &mut said);
    if old.threshold != new.threshold {
        said.push(format!("keys that must agree: `{}` instead of `{}`", new.threshold, old.threshold));
    }
    let mut ids = old.chain_ids();
    ids.extend(new.chain_ids().into_iter().filter(|id| !old.chain_ids().contains(id)));
    for network in ids.iter().filter_map(|id| Network::parse(id)) {
        one_network(old, new, &network, &mut said);
    }
    if old.network != new.network {
        said.push(format!("looks at the network `{}` instead of `{}`", new.network, old.network));
    }
    let images = |settings: &Settings| -> Vec<String> {
        let images = parse_images(&settings.image_lines()).unwrap_or_default();
        images.iter().map(|image| image.to_oci()).collect()
    };
    list("accepts the image", "no longer accepts the image", &images(old), &images(new), &mut said);
    match (old.accept_custom_build, new.accept_custom_build) {
        (false, true) => said.push("accepts other build commands and replaced build tools".to_owned()),
        (true, false) => said.push("no longer accepts other build commands and replaced build tools".to_owned()),
        (false, false) | (true, true) => {}
    }
    let stores = |settings: &Settings| texts(&settings.stores);
    list("asks the store", "no longer asks the store", &stores(old), &stores(new), &mut said);
    said
}

fn keys(old: &[TrustedKey], new: &[TrustedKey], source: &str, own: &KeyName, said: &mut Vec<String>) {
    let whole = |key: &TrustedKey| format!("`{}` (`{}`)", key.key.to_near(), key.key.fingerprint());
    let named = |key: &TrustedKey| match key.name.as_str() {
        "" => "without a name".to_owned(),
        name => format!("named `{}`", Shown(name)),
    };
    let given = |key: &TrustedKey| match key.name.as_str() {
        name if name.is_empty() || key.name == *own => named(key),
        _ => format!("{} by {source}", named(key)),
    };
    for key in new {
        match old.iter().find(|known| known.key == key.key) {
            None => said.push(format!("trusts the key {}, {}", whole(key), given(key))),
            Some(known) if known.name != key.name => {
                said.push(format!("the key {}, {} so far, is then {}", whole(key), named(known), given(key)));
            }
            Some(_) => {}
        }
    }
    for key in old.iter().filter(|key| new.iter().all(|kept| kept.key != key.key)) {
        said.push(format!("no longer trusts the key {}, {}", whole(key), named(key)));
    }
}

fn one_network(old: &Settings, new: &Settings, network: &Network, said: &mut Vec<String>) {
    let (was, is) = (old.network(network), new.network(network));
    let id = network.chain_id();
    let (asks, asks_no_longer) =
        (format!("on `{id}` asks the endpoint"), format!("on `{id}` no longer asks the endpoint"));
    list(&asks, &asks_no_longer, &texts(&was.endpoints), &texts(&is.endpoints), said);
    let number = |quorum: Option<usize>| quorum.map_or("the usual number".to_owned(), |quorum| quorum.to_string());
    if was.quorum != is.quorum {
        let (is, was) = (number(is.quorum), number(was.quorum));
        said.push(format!("endpoints of `{id}` that must agree: `{is}` instead of `{was}`"));
    }
    let name = |settings: &Settings| settings.registry(network).unwrap_or_else(|| "none".to_owned());
    if name(old) != name(new) {
        said.push(format!("the registry of `{id}`: `{}` instead of `{}`", name(new), name(old)));
    }
}

fn texts(addresses: &[Address]) -> Vec<String> {
    // All of it, because what is cut off could be the difference, and no backtick: no value may end its quotation by itself.
    addresses.iter().map(|address| address.as_str().replace('`', "%60")).collect()
}

/// What is new, what is gone, and another order, in which the first are asked first.
fn list(adds: &str, removes: &str, old: &[String], new: &[String], said: &mut Vec<String>) {
    said.extend(new.iter().filter(|text| !old.contains(text)).map(|text| format!("{adds} `{text}`")));
    said.extend(old.iter().filter(|text| !new.contains(text)).map(|text| format!("{removes} `{text}`")));
    let common = |list: &[String], other: &[String]| -> Vec<String> {
        list.iter().filter(|text| other.contains(text)).cloned().collect()
    };
    if common(old, new) != common(new, old) {
        said.push(format!("{adds} and others in another order"));
    }
}
