//! The ways in: one field that takes whatever a person has, a file picker, a box to paste a manifest into.

use leptos::prelude::*;

use super::text::sentence;
use crate::dropped::{picked, take_files, take_text};
use crate::session::Session;

/// The field of the home view.
pub(crate) fn subject() -> AnyView {
    let session = Session::get();
    let text = RwSignal::new(String::new());
    let complaint = RwSignal::new(String::new());
    let submit = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        let said = take_text(session, &text.get_untracked());
        complaint.set(said.err().unwrap_or_default());
    };
    let ids = move || session.settings.get().chain_ids();
    let network = move || {
        let chosen = session.settings.get().network;
        let options = ids()
            .into_iter()
            .map(|id| {
                let (value, is_chosen) = (id.clone(), id == chosen);
                view! { <option value=value selected=is_chosen>{id}</option> }
            })
            .collect::<Vec<_>>();
        options.into_any()
    };
    let choose = move |event: web_sys::Event| {
        session.settings.update(|settings| settings.network = event_target_value(&event));
        session.settings.with_untracked(|settings| settings.save());
    };
    view! {
        <form class="subject" on:submit=submit>
            <label for="subject">"Account, code hash, explorer link or manifest"</label>
            <div class="field">
                <input
                    id="subject"
                    name="subject"
                    type="text"
                    autocomplete="off"
                    autocapitalize="none"
                    spellcheck="false"
                    placeholder="app.near"
                    aria-describedby="complaint"
                    prop:value=move || text.get()
                    on:input=move |event| text.set(event_target_value(&event))
                />
                <select id="network" aria-label="Network" on:change=choose>{network}</select>
                <button type="submit" class="primary">"Look"</button>
            </div>
            <p id="complaint" class="complaint" role="alert">{move || said(&complaint.get())}</p>
            {files("Or drop a .wasm or a manifest anywhere, or ", "pick a file")}
        </form>
    }
    .into_any()
}

/// A complaint as a person reads it.
fn said(complaint: &str) -> AnyView {
    if complaint.is_empty() { ().into_any() } else { sentence(complaint.trim_end_matches('.')) }
}

/// A picker that looks like a sentence.
fn files(lead: &'static str, link: &'static str) -> AnyView {
    let session = Session::get();
    let pick = move |event: web_sys::Event| {
        if let Some(files) = picked(&event) {
            take_files(session, &files);
        }
    };
    view! {
        <p class="pick">
            {lead} <label class="link">{link}<input class="hidden-file" type="file" multiple=true on:change=pick /></label> "."
        </p>
    }
    .into_any()
}

/// The box for one more manifest.
pub(crate) fn manifest() -> AnyView {
    let session = Session::get();
    let text = RwSignal::new(String::new());
    let complaint = RwSignal::new(String::new());
    let add = move |_| match take_text(session, &text.get_untracked()) {
        Ok(()) => {
            text.set(String::new());
            complaint.set(String::new());
        }
        Err(reason) => complaint.set(reason),
    };
    view! {
        <details class="intake">
            <summary>"Bring a manifest"</summary>
            <label for="manifest">"Paste it here"</label>
            <textarea
                id="manifest"
                rows="4"
                spellcheck="false"
                dir="ltr"
                prop:value=move || text.get()
                on:input=move |event| text.set(event_target_value(&event))
            ></textarea>
            <p class="complaint" role="alert">{move || said(&complaint.get())}</p>
            <p class="actions"><button type="button" id="add-manifest" on:click=add>"Read it"</button></p>
            {files("Or drop it anywhere, or ", "pick a file")}
        </details>
    }
    .into_any()
}
