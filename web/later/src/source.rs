//! The source that was rebuilt: the archive that a manifest names by its SHA-256, from a store or from the reader's hands.
//! Nothing of it is shown before its hash has been found to be the one that was signed.

mod file;
mod highlight;
mod tree;

use std::sync::Arc;

use js_sys::Uint8Array;
use leptos::prelude::*;
use leptos::task::spawn_local;
use provenear_shared::archive::{Entry, EntryKind, MAX_ARCHIVE_SIZE};
use provenear_shared::digest::Hex;
use provenear_web_browser::fetch;
use provenear_web_protocol::{Done, Job};
use provenear_web_ui::ambient::Ambient;
use provenear_web_ui::element::{all, el, live};
use provenear_web_ui::files::picked_one;
use provenear_web_ui::settings::absolute_to;
use provenear_web_ui::text::{actions, elsewhere, sentence, value};
use wasm_bindgen_futures::JsFuture;

use crate::open::{Inspector, OTHER};
use crate::parts::hash::hash;

/// One archive to look at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Named {
    /// SHA-256, as signed.
    pub(crate) sha256: Hex,
    /// Who signed that, by the reader's own name.
    pub(crate) by: String,
    /// The commit's tree at its forge, where that is a known one and the rebuild was of the claimed source.
    pub(crate) browse_url: Option<String>,
}

/// An archive whose hash fits.
#[derive(Clone)]
pub(super) struct Archive {
    pub(super) entries: Arc<Vec<Entry>>,
    pub(super) bytes: StoredValue<Uint8Array, LocalStorage>,
    pub(super) browse_url: Option<String>,
}

/// Where looking has come to.
#[derive(Clone)]
enum State {
    Looking,
    /// In no store; why each of them had nothing.
    Absent(Vec<String>),
    Refused(String),
    Shown(Archive),
}

/// The view.
pub(crate) fn source(named: Named) -> AnyView {
    let (ambient, inspector) = (Ambient::get(), Inspector::get());
    let state = RwSignal::new_local(State::Looking);
    let target = StoredValue::new(named.clone());
    let check = move |bytes: Uint8Array| async move {
        let Some(named) = target.try_get_value() else { return State::Looking };
        match inspector.run(&Job::Source(named.sha256), Some(&bytes)).await {
            Ok((Done::Source(entries), _)) => State::Shown(Archive {
                entries: Arc::new(entries),
                bytes: StoredValue::new_local(bytes),
                browse_url: named.browse_url,
            }),
            Ok(_) => State::Refused(OTHER.to_owned()),
            Err(why) => State::Refused(why),
        }
    };
    let stores = ambient.settings.with_untracked(|settings| settings.store_urls());
    let wanted = format!("../sources/{}.tar", named.sha256);
    spawn_local(async move {
        let mut absent = Vec::new();
        for url in stores.iter().filter_map(|store| absolute_to(&wanted, &with_slash(store))) {
            match fetch::file(&url, MAX_ARCHIVE_SIZE).await {
                Ok(Ok(bytes)) => return state.set(check(Uint8Array::from(bytes.as_slice())).await),
                Ok(Err(_)) => absent.push(format!("`{url}` does not exist")),
                Err(error) => absent.push(format!("`{url}`: {error}")),
            }
        }
        state.set(State::Absent(absent));
    });
    let pick = move |event: web_sys::Event| {
        let Some(file) = picked_one(&event) else { return };
        if file.size() > MAX_ARCHIVE_SIZE as f64 {
            return state.set(State::Refused("the archive is larger than 64 MiB".to_owned()));
        }
        state.set(State::Looking);
        spawn_local(async move {
            match JsFuture::from(file.array_buffer()).await {
                Ok(bytes) => state.set(check(Uint8Array::new(&bytes)).await),
                Err(_) => state.set(State::Refused("the file cannot be read".to_owned())),
            }
        });
    };
    let forge = named.browse_url.as_deref().map(|url| {
        el("p")
            .text("The same commit at its forge, which is not checked here: ")
            .child(elsewhere(url, url.to_owned()))
            .end()
    });
    let signed = el("p")
        .class("quiet")
        .child(value(named.by.clone()))
        .text(" signed that this archive was built: SHA-256 ")
        .child(hash(&named.sha256.to_string(), "the SHA-256 of the archive"))
        .end();
    let picker = el("input").class("hidden-file").attr("type", "file").attr("accept", ".tar").on("change", pick);
    let picker = el("label").class("button").text("Give the archive").child(picker.end()).end();
    let offered = el("div")
        .shown_while(move || state.with(|state| !matches!(state, State::Shown(_))))
        .child(actions(vec![picker]))
        .end();
    let shown = live_local(move || match state.get() {
        State::Looking => el("p").class("quiet").text("Looking for the archive, and hashing it…").end(),
        State::Absent(whys) => absent(&whys),
        State::Refused(why) => {
            el("p").class("complaint").attr("role", "alert").attr("data-source", "refused").child(sentence(&why)).end()
        }
        State::Shown(archive) => draw_archive(archive),
    });
    el("div").attr("data-card", "source").child(signed).maybe(forge).child(shown).child(offered).end()
}

/// `live` for what does not leave its thread.
fn live_local(view: impl Fn() -> AnyView + 'static) -> AnyView {
    let view = StoredValue::new_local(view);
    live(move || view.with_value(|view| view()))
}

fn with_slash(store: &str) -> String {
    if store.ends_with('/') { store.to_owned() } else { format!("{store}/") }
}

fn absent(whys: &[String]) -> AnyView {
    let why = |why: &String| el("li").child(sentence(why)).end();
    el("div")
        .attr("data-source", "absent")
        .child(el("p").text("None of your stores has it. A rebuild writes it beside the manifest; give it here.").end())
        .child(el("ul").class("quiet").children(whys.iter().map(why).collect()).end())
        .end()
}

fn draw_archive(archive: Archive) -> AnyView {
    let files = archive.entries.iter().filter(|entry| entry.kind != EntryKind::Folder).count();
    let chosen = RwSignal::new(tree::first(&archive.entries));
    let checked = format!("Its SHA-256 is the signed one. {files} files.");
    let shown = archive.clone();
    let shown = StoredValue::new_local(shown);
    let file = live(move || match chosen.get() {
        Some(entry) => shown.with_value(|archive| file::file(archive, entry)),
        None => el("p").class("quiet").text("Choose a file.").end(),
    });
    let tree = el("nav").class("tree").attr("aria-label", "Files").child(tree::tree(&archive.entries, chosen)).end();
    all(vec![
        el("p").attr("data-source", "checked").attr("role", "status").text(&checked).end(),
        el("div").class("source").child(tree).child(el("div").class("file").child(file).end()).end(),
    ])
}
