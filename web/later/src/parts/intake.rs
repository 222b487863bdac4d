//! The box for one more manifest.

use leptos::prelude::*;
use provenear_web_ui::element::el;
use provenear_web_ui::fields::{area, complaints, files};
use provenear_web_ui::text::actions;

use crate::given;
use crate::open::Page;

/// The box.
pub(crate) fn manifest() -> AnyView {
    let Page(first) = expect_context();
    let text = RwSignal::new(String::new());
    let complaint = RwSignal::new(String::new());
    let add = move |_| match first.with_value(|first| first.bring(&text.get_untracked())) {
        None => {
            text.set(String::new());
            complaint.set(String::new());
        }
        Some(reason) if reason.is_empty() => complaint.set(given::describe(text.get_untracked().as_bytes())),
        Some(reason) => complaint.set(reason),
    };
    let read = el("button").attr("type", "button").attr("id", "add-manifest").on("click", add).text("Add");
    el("details")
        .class("intake")
        .child(el("summary").text("Add a signed rebuild (manifest)").end())
        .child(el("label").attr("for", "manifest").text("Paste it here").end())
        .child(area("manifest", "4", text).end())
        .child(complaints("manifest-complaint", complaint))
        .child(actions(vec![read.end()]))
        .child(files("Or drop it anywhere, or ", move |picked| first.with_value(|first| first.pick(picked))))
        .end()
}
