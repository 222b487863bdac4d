//! What of the reader's settings could not be read, above every view: a key that was left out is missed by nobody otherwise.

use leptos::prelude::*;
use provenear_web_ui::element::el;
use provenear_web_ui::text::sentence;

/// The warning; nothing where all of it was read.
pub(crate) fn left_out(sentences: &[String]) -> AnyView {
    if sentences.is_empty() {
        return ().into_any();
    }
    let item = |said: &String| el("li").child(sentence(said)).end();
    el("div")
        .class("card ask")
        .attr("data-warning", "left-out")
        .attr("role", "alert")
        .child(el("p").text("Some settings that this browser keeps cannot be read and are not used:").end())
        .child(el("ul").children(sentences.iter().map(item).collect()).end())
        .child(el("p").text("Check the others in Settings: somebody may have changed them.").end())
        .end()
}
