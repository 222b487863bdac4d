//! What a person drops, pastes or picks: a module, manifests, or a text that names a subject. Told apart by content.
//! Nothing given this way adds trust: a key is chosen by an act of its own, in settings or beside a line of its holder.

use std::sync::Arc;

use js_sys::{Array, Uint8Array};
use leptos::prelude::*;
use leptos::task::spawn_local;
use provenear_shared::inspection::{ManifestOrigin, ManifestText};
use provenear_shared::json::Object;
use provenear_shared::near::MAX_CONTRACT_SIZE;
use provenear_shared::wasm::MAX_MODULE_SIZE;
use provenear_web_ui::files::{OFFERED, read};
use provenear_web_ui::route::Route;
use provenear_web_ui::settings::Settings;
use web_sys::{File, FileList};

use crate::session::{GivenFile, Session};
use crate::subject_text::route_of;

/// Most bytes of manifests, or of whatever else is not a module.
const MAX_MANIFESTS: usize = 16 << 20;

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
    let too_large =
        || Err("The file is too large: at most 64 MiB of a module are read, and 16 MiB of manifests.".to_owned());
    // A module that is compared may have debug sections, which no chain takes.
    if file.size() > MAX_MODULE_SIZE as f64 {
        return too_large();
    }
    let read = read(file).await?;
    let bytes = read.to_vec();
    // A component, which has another layer in its header, is named below.
    if bytes.starts_with(b"\0asm") && bytes.get(6) != Some(&1) {
        // Whoever compares may still be on the way.
        session.drawn().await;
        if is_taken(&file.name(), &read) {
            return Ok(());
        }
        if bytes.len() > MAX_CONTRACT_SIZE {
            return Err("The module is larger than the 4 MiB that a node accepts.".to_owned());
        }
        session.file.set(Some(Arc::new(GivenFile { name: file.name(), bytes })));
        session.go(&Route::File);
        return Ok(());
    }
    if bytes.len() > MAX_MANIFESTS {
        return too_large();
    }
    let taken = match std::str::from_utf8(&bytes) {
        // Nobody has typed this, so it says more what it is than how an account is spelled.
        Ok(text) => take_text(session, text).map_err(|reason| if is_json(text) { reason } else { String::new() }),
        Err(_) => Err(String::new()),
    };
    taken.inspect_err(|reason| session.name(reason, &bytes))
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
/// One sentence that says what could be given instead; an empty one for JSON that is not a manifest, which the second program
/// names ([`Session::name`]).
pub(crate) fn take_text(session: Session, text: &str) -> Result<(), String> {
    let text = text.trim_start_matches('\u{feff}').trim();
    if text.is_empty() {
        return Err("Enter an account, a code hash or a link.".to_owned());
    }
    if is_json(text) {
        if !holds_manifest(text) {
            return Err(String::new());
        }
        let here = matches!(session.route.get_untracked(), Route::Account(_) | Route::Code(_) | Route::File);
        if !here {
            session.take_ahead(text.to_owned());
        }
        return if here {
            session.manifests.update(|manifests| manifests.push((text.to_owned(), false)));
            session.announcement.set("The manifest was read.".to_owned());
            Ok(())
        } else {
            Err("The manifest is kept. Now enter the account or the code hash that it is about.".to_owned())
        };
    }
    let route = route_of(text, session.settings.with_untracked(Settings::usual_network))?;
    if session.route.with_untracked(|shown| *shown == route) {
        // The address stays as it is, so nobody would hear of it.
        session.attempt.update(|attempt| *attempt += 1);
    } else {
        session.go(&route);
    }
    Ok(())
}

fn is_json(text: &str) -> bool {
    text.trim_start_matches(['\u{feff}', ' ', '\t', '\r', '\n']).starts_with(['{', '['])
}

/// Whether something in it can be a manifest: an object with a member of a DSSE envelope, or of a bundle around one. Whether it
/// counts is decided elsewhere.
fn holds_manifest(text: &str) -> bool {
    let file = ManifestText { text: text.to_owned(), origin: ManifestOrigin::File };
    let names = ["payload", "payloadType", "signatures", "dsseEnvelope"];
    let is_one = |object: Object<'_>| names.iter().any(|name| object.text(name).is_some());
    file.lines().0.into_iter().any(|item| Object::parse(item.as_bytes()).is_ok_and(is_one))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_that_can_be_a_manifest_is_told_apart() {
        let envelope = r#"{"payload":"e30=","payloadType":"x","signatures":[]}"#;
        let pretty = envelope.replace(',', ",\n");
        let after_another = format!("{{}}\n{envelope}");
        let (bundle, array) = (format!(r#"{{"dsseEnvelope":{envelope}}}"#), format!("[{envelope}]"));
        for text in [envelope, &pretty, &after_another, r#"{"payload":5}"#, &bundle, &array] {
            assert!(holds_manifest(text), "{text}");
        }
        for text in [r#"{"not":"a manifest"}"#, "{ nor JSON", "[]", r#"{"result":{"payload":"e30="}}"#] {
            assert!(!holds_manifest(text), "{text}");
        }
    }
}
