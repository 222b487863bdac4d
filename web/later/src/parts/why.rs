//! Why a reservation matters, on demand. Not here: the words (`shared`), where the first program asks for them.

use leptos::prelude::*;
use provenear_web_ui::element::el;
use provenear_web_ui::text::WHY;

/// The words themselves.
pub(crate) fn words(why: &str) -> AnyView {
    el("p").class("quiet").text(why).end()
}

/// The words folded up, under the name that they have everywhere.
pub(crate) fn why(why: &str) -> AnyView {
    el("details").class("why").child(el("summary").text(WHY).end()).child(words(why)).end()
}
