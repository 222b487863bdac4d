//! The ways in: one field that takes whatever a person has, a file picker, a box to paste a manifest into.

use leptos::prelude::*;

use super::element::{all, el, live};
use super::text::{actions, sentence};
use crate::dropped::{picked, take_files, take_text};
use crate::session::Session;
use crate::workbench::Page;

/// The field of the home view.
pub(crate) fn subject() -> AnyView {
    let session = Session::get();
    let text = RwSignal::new(String::new());
    let complaint = RwSignal::new(String::new());
    let submit = move |event: web_sys::Event| {
        event.prevent_default();
        let said = take_text(session, &text.get_untracked());
        complaint.set(said.err().unwrap_or_default());
    };
    let networks = move || {
        let settings = session.settings.get();
        let option = |id: String| {
            let chosen = if id == settings.network { Some("") } else { None };
            let option = el("option").attr("value", &id).text(&id);
            match chosen {
                Some(chosen) => option.attr("selected", chosen).end(),
                None => option.end(),
            }
        };
        all(settings.chain_ids().into_iter().map(option).collect())
    };
    let choose = move |event: web_sys::Event| {
        session.settings.update(|settings| settings.network = event_target_value(&event));
        session.settings.with_untracked(|settings| settings.save());
    };
    let input = el("input")
        .attr("id", "subject")
        .attr("name", "subject")
        .attr("type", "text")
        .attr("autocomplete", "off")
        .attr("autocapitalize", "none")
        .attr("spellcheck", "false")
        .attr("placeholder", "app.near")
        .attr("aria-describedby", "complaint")
        .bound(text);
    let select =
        el("select").attr("id", "network").attr("aria-label", "Network").on("change", choose).child(live(networks));
    let look = el("button").attr("type", "submit").class("primary").text("Look");
    let field = el("div").class("field").child(input.end()).child(select.end()).child(look.end());
    el("form")
        .class("subject")
        .on("submit", submit)
        .child(el("label").attr("for", "subject").text("Account, code hash, explorer link or manifest").end())
        .child(field.end())
        .child(complaints("complaint", complaint))
        .child(files("Or drop a .wasm or a manifest anywhere, or ", move |picked| take_files(session, picked)))
        .end()
}

/// Where a complaint stands, as a person reads it.
fn complaints(id: &'static str, complaint: RwSignal<String>) -> AnyView {
    let said = move || {
        let complaint = complaint.get();
        if complaint.is_empty() { ().into_any() } else { sentence(complaint.trim_end_matches('.')) }
    };
    el("p").attr("id", id).class("complaint").attr("role", "alert").child(live(said)).end()
}

/// A picker that looks like a sentence.
fn files(lead: &'static str, take: impl Fn(&web_sys::FileList) + 'static) -> AnyView {
    let pick = move |event: web_sys::Event| {
        if let Some(files) = picked(&event) {
            take(&files);
        }
    };
    let input = el("input").class("hidden-file").attr("type", "file").attr("multiple", "").on("change", pick);
    let label = el("label").class("link").text("pick a file").child(input.end());
    el("p").class("pick").text(lead).child(label.end()).text(".").end()
}

/// The box for one more manifest, in the second program.
pub(crate) fn manifest() -> AnyView {
    let Page(first) = expect_context();
    let text = RwSignal::new(String::new());
    let complaint = RwSignal::new(String::new());
    let add = move |_| match first.with_value(|first| first.bring(&text.get_untracked())) {
        None => {
            text.set(String::new());
            complaint.set(String::new());
        }
        Some(reason) => complaint.set(reason),
    };
    let area = el("textarea")
        .attr("id", "manifest")
        .attr("rows", "4")
        .attr("spellcheck", "false")
        .attr("dir", "ltr")
        .bound(text);
    let read = el("button").attr("type", "button").attr("id", "add-manifest").on("click", add).text("Read it");
    el("details")
        .class("intake")
        .child(el("summary").text("Bring a manifest").end())
        .child(el("label").attr("for", "manifest").text("Paste it here").end())
        .child(area.end())
        .child(complaints("manifest-complaint", complaint))
        .child(actions(vec![read.end()]))
        .child(files("Or drop it anywhere, or ", move |picked| first.with_value(|first| first.pick(picked))))
        .end()
}
