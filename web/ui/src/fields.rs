//! Parts of forms that both drawers have.

use leptos::prelude::*;

use crate::element::{el, live};
use crate::given::picked;
use crate::text::sentence;

/// Where a complaint stands, as a person reads it.
pub fn complaints(id: &'static str, complaint: RwSignal<String>) -> AnyView {
    let said = move || {
        let complaint = complaint.get();
        if complaint.is_empty() { ().into_any() } else { sentence(complaint.trim_end_matches('.')) }
    };
    el("p").attr("id", id).class("complaint").attr("role", "alert").child(live(said)).end()
}

/// A picker that looks like a sentence.
pub fn files(lead: &'static str, take: impl Fn(&web_sys::FileList) + 'static) -> AnyView {
    let pick = move |event: web_sys::Event| picked(&event, &take);
    let input = el("input").class("hidden-file").attr("type", "file").attr("multiple", "").on("change", pick);
    let label = el("label").class("link").text("pick a file").child(input.end());
    el("p").class("pick").text(lead).child(label.end()).text(".").end()
}
