//! What a person drops, pastes or picks: a module, manifests, or a text that names a subject. Told apart by content.
//! Nothing given this way adds trust: a key is chosen by an act of its own, in settings or beside a line of its holder.

use std::sync::Arc;

use js_sys::{Array, Uint8Array};
use leptos::prelude::*;
use leptos::task::spawn_local;
use provenear_shared::json::Object;
use provenear_shared::near::MAX_CONTRACT_SIZE;
use provenear_web_ui::given::{OFFERED, TOO_LARGE, read};
use provenear_web_ui::route::Route;
use provenear_web_ui::settings::Settings;
use web_sys::{File, FileList};

use crate::session::{GivenFile, Session};
use crate::typed::route_of;

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
    if text.is_empty() {
        return Err("Enter an account, a code hash or a link.".to_owned());
    }
    if text.starts_with('{') {
        check_manifest(text)?;
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

#[cfg(test)]
mod tests {
    use super::*;

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
}
