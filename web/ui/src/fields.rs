//! Parts of forms that both drawers have.

use std::time::Duration;

use leptos::prelude::*;
use wasm_bindgen::JsCast as _;

use crate::element::{Element, el, live};
use crate::files::picked;
use crate::text::sentence;

/// Where a complaint stands, as a person reads it.
pub fn complaints(id: &str, complaint: RwSignal<String>) -> AnyView {
    let said = move || {
        let complaint = complaint.get();
        if complaint.is_empty() { ().into_any() } else { sentence(complaint.trim_end_matches('.')) }
    };
    el("p").attr("id", id).class("complaint").attr("role", "alert").child(live(said)).end()
}

/// A field of one line for `text`.
pub fn input(id: &str, text: RwSignal<String>) -> Element {
    el("input").attr("id", id).attr("type", "text").attr("autocomplete", "off").bound(text)
}

/// A field of several lines for `text`: keys, addresses, manifests, which no dictionary knows.
pub fn area(id: &str, rows: &'static str, text: RwSignal<String>) -> Element {
    el("textarea").attr("id", id).attr("rows", rows).attr("spellcheck", "false").attr("dir", "ltr").bound(text)
}

/// A picker that looks like a sentence.
pub fn files(lead: &'static str, take: impl Fn(&web_sys::FileList) + 'static) -> AnyView {
    let pick = move |event: web_sys::Event| picked(&event, &take);
    let input = el("input").class("hidden-file").attr("type", "file").attr("multiple", "").on("change", pick);
    let label = el("label").class("link").text("pick a file").child(input.end());
    el("p").class("pick").text(lead).child(label.end()).text(".").end()
}

/// Gives the focus to the first of `selectors` that is there once what changed is drawn: what had it may be gone.
pub fn focus(selectors: Vec<String>) {
    let give = move || {
        let found = selectors.iter().find_map(|selector| document().query_selector(selector).ok().flatten());
        if let Some(found) = found.and_then(|found| found.dyn_into::<web_sys::HtmlElement>().ok()) {
            // What takes no focus leaves it where it was.
            let _ = found.focus();
        }
    };
    set_timeout(give, Duration::ZERO);
}
