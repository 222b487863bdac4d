//! What a person drops, pastes or picks: a module, manifests, or a text that names a subject. Told apart by content.
//! Nothing given this way adds trust: a key is chosen by an act of its own, in settings or beside a line of its holder.

use std::sync::Arc;

use js_sys::{Array, Uint8Array};
use leptos::prelude::*;
use leptos::task::spawn_local;
use provenear_shared::json::Object;
use provenear_shared::near::{MAX_CONTRACT_SIZE, Network, SubjectName, parse_subject};
use provenear_web_ui::given::{OFFERED, TOO_LARGE, read};
use provenear_web_ui::route::{AccountRoute, Route, guess};
use provenear_web_ui::settings::Settings;
use web_sys::{File, FileList};

use crate::session::{GivenFile, Session};

/// Most bytes of a file that is read at all: a module or a store of manifests.
const MAX_FILE: f64 = 16.0 * 1024.0 * 1024.0;

/// Reads every file of a drop or a picker.
pub(crate) fn take_files(session: Session, files: &FileList) {
    for position in 0..files.length() {
        if let Some(file) = files.get(position) {
            spawn_local(async move {
                if let Err(reason) = take_file(session, &file).await {
                    session.announcement.set(reason);
                }
            });
        }
    }
}

async fn take_file(session: Session, file: &File) -> Result<(), String> {
    if file.size() > MAX_FILE {
        return Err("The file is larger than 16 MiB, more than any contract or manifest.".to_owned());
    }
    let read = read(file).await?;
    let bytes = read.to_vec();
    if bytes.starts_with(b"\0asm") {
        if bytes.len() > MAX_CONTRACT_SIZE {
            return Err(TOO_LARGE.to_owned());
        }
        if is_taken(&file.name(), &read) {
            return Ok(());
        }
        session.file.set(Some(Arc::new(GivenFile { name: file.name(), bytes })));
        session.go(&Route::File);
        return Ok(());
    }
    match String::from_utf8(bytes) {
        Ok(text) => take_text(session, &text),
        Err(_) => Err("Not a .wasm module or a manifest.".to_owned()),
    }
}

fn is_taken(name: &str, bytes: &Uint8Array) -> bool {
    let init = web_sys::CustomEventInit::new();
    init.set_cancelable(true);
    init.set_detail(&Array::of2(&name.into(), bytes));
    let event = web_sys::CustomEvent::new_with_event_init_dict(OFFERED, &init);
    // A browser that makes no event has told nobody.
    event.and_then(|event| window().dispatch_event(&event)).is_ok_and(|nobody_took_it| !nobody_took_it)
}

/// Takes a pasted or typed text.
///
/// # Errors
/// One sentence that says what could be given instead.
pub(crate) fn take_text(session: Session, text: &str) -> Result<(), String> {
    let text = text.trim();
    if text.starts_with('{') {
        check_manifest(text)?;
        let here = matches!(session.route.get_untracked(), Route::Account(_) | Route::Code(_) | Route::File);
        session.manifests.update(|manifests| manifests.push((text.to_owned(), false)));
        return if here {
            session.announcement.set("The manifest was read.".to_owned());
            Ok(())
        } else {
            Err("The manifest is kept. Now say which account or code it is about.".to_owned())
        };
    }
    let route = route_of(text, session.settings.with_untracked(Settings::usual_network))?;
    session.file.set(None);
    session.go(&route);
    Ok(())
}

/// That something in it can be a manifest: an object with a member of a DSSE envelope, alone or on a line of its own. Whether
/// it counts is decided elsewhere.
fn check_manifest(text: &str) -> Result<(), String> {
    let objects: Vec<Object<'_>> = match Object::parse(text.as_bytes()) {
        Ok(object) => vec![object],
        Err(_) => text.lines().filter_map(|line| Object::parse(line.as_bytes()).ok()).collect(),
    };
    let has = |names: &[&str]| objects.iter().any(|object| names.iter().any(|name| object.text(name).is_some()));
    if has(&["payload", "payloadType", "signatures"]) {
        return Ok(());
    }
    Err(if objects.is_empty() {
        "This is not JSON, so it is not a manifest."
    } else if has(&["dsseEnvelope"]) {
        "This is a Sigstore bundle. Take the .intoto.jsonl file beside it, or what its “dsseEnvelope” holds."
    } else {
        "This is JSON, but not a manifest: a manifest has “payload” and “signatures”."
    }
    .to_owned())
}

/// The view that a text asks for: a link to this page or to an explorer, an account id (of the `usual` network, if its name
/// does not tell), a code hash.
fn route_of(text: &str, usual: Network) -> Result<Route, String> {
    if let Some((_, hash)) = text.split_once("#/") {
        let route = Route::parse(hash);
        if !matches!(route, Route::Unknown(_)) {
            return Ok(route);
        }
    }
    if let Some(found) = proposal_link(text).or_else(|| explorer_link(text)) {
        return Ok(found);
    }
    match parse_subject(text)? {
        SubjectName::Account(account) => Ok(Route::Account(AccountRoute::new(guess(usual, account.as_str()), account))),
        SubjectName::CodeHash(hash) => Ok(Route::Code(hash)),
        SubjectName::File(_) => Err("Drop the file itself, or pick it with the button.".to_owned()),
    }
}

/// The proposal in a link to where DAOs vote: `https://app.astrodao.com/dao/<dao>/proposals/<dao>-<number>` (Astro) and
/// `https://trezu.app/<dao>/requests/<number>` (NEAR Treasury), as their own pages write them.
fn proposal_link(text: &str) -> Option<Route> {
    let parts: Vec<&str> = text.strip_prefix("https://")?.split(['/', '?', '#']).collect();
    let (network, dao, id) = match parts.as_slice() {
        ["app.astrodao.com", "dao", dao, "proposals", id, ..] => {
            ("mainnet", *dao, id.strip_prefix(dao)?.strip_prefix('-')?)
        }
        ["testnet.app.astrodao.com", "dao", dao, "proposals", id, ..] => {
            ("testnet", *dao, id.strip_prefix(dao)?.strip_prefix('-')?)
        }
        ["trezu.app", dao, "requests", id, ..] => ("mainnet", *dao, *id),
        _ => return None,
    };
    let route = Route::parse(&format!("#/{network}/{dao}/proposal/{id}"));
    matches!(route, Route::Proposal { .. }).then_some(route)
}

/// The account in a link to an explorer: the first path part after `address`, `account` or `accounts`.
fn explorer_link(text: &str) -> Option<Route> {
    let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"))?;
    let mut parts = rest.split(['/', '?', '#']);
    let host = parts.next()?;
    let account = parts.by_ref().find(|part| matches!(*part, "address" | "account" | "accounts")).and(parts.next())?;
    let network = Network::parse(if host.contains("testnet") { "testnet" } else { "mainnet" })?;
    let account = provenear_shared::near::AccountId::parse(account)?;
    Some(Route::Account(AccountRoute::new(network, account)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_asks_for_a_view() {
        for (text, link) in [
            ("app.near", "#/mainnet/app.near"),
            ("app.testnet", "#/testnet/app.testnet"),
            ("hash:11111111111111111111111111111111", "#/code/11111111111111111111111111111111"),
            ("https://provenear.example/page/#/testnet/a.testnet?block=7", "#/testnet/a.testnet?block=7"),
            ("https://nearblocks.io/address/app.near?tab=contract", "#/mainnet/app.near"),
            ("https://testnet.nearblocks.io/address/app.testnet", "#/testnet/app.testnet"),
            ("https://explorer.near.org/accounts/app.near", "#/mainnet/app.near"),
            ("https://trezu.app/dao.sputnik-dao.near/requests/12", "#/mainnet/dao.sputnik-dao.near/proposal/12"),
            (
                "https://app.astrodao.com/dao/dao.sputnik-dao.near/proposals/dao.sputnik-dao.near-3",
                "#/mainnet/dao.sputnik-dao.near/proposal/3",
            ),
        ] {
            assert_eq!(route_of(text, Network::mainnet()).unwrap().link(), link, "{text}");
        }
        // The network that is set counts where the name of the account does not tell.
        let own = Network::parse("devnet-1").unwrap();
        assert_eq!(route_of("app.devnet", own).unwrap().link(), "#/devnet-1/app.devnet");
    }

    #[test]
    fn json_that_is_not_a_manifest_is_told_apart() {
        let envelope = r#"{"payload":"e30=","payloadType":"x","signatures":[]}"#;
        let pretty = envelope.replace(',', ",\n");
        let after_another = format!("{{}}\n{envelope}");
        let broken = r#"{"payload":5}"#;
        for text in [envelope, &pretty, &after_another, broken] {
            assert_eq!(check_manifest(text), Ok(()), "{text}");
        }
        let bundle = format!(r#"{{"dsseEnvelope":{envelope}}}"#);
        for (text, said) in
            [(r#"{"not":"a manifest"}"#, "not a manifest"), ("{ nor JSON", "not JSON"), (&bundle, "Sigstore bundle")]
        {
            assert!(check_manifest(text).unwrap_err().contains(said), "{text}");
        }
    }

    #[test]
    fn a_text_that_asks_for_nothing_is_answered() {
        for text in
            ["build/app.wasm", "Not An Account", "https://nearblocks.io/txns/abc", "https://nearblocks.io/address/"]
        {
            assert!(route_of(text, Network::mainnet()).is_err(), "{text}");
        }
    }
}
