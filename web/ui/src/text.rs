//! Small pieces of text: prose with values in it, short hashes, rows, cards, links to elsewhere.

use leptos::prelude::*;
use provenear_shared::text::{capitalize, make_printable};
use wasm_bindgen_futures::JsFuture;

use crate::ambient::Ambient;
use crate::element::{all, el, live};

/// What opens the words why a reservation matters.
pub const WHY: &str = "Why this matters";

/// A sentence of `shared` (lower case, values in backticks, no full stop) as a person reads it.
pub fn sentence(text: &str) -> AnyView {
    let text = make_printable(text);
    let mut pieces: Vec<AnyView> = Vec::new();
    for (position, piece) in text.split('`').enumerate() {
        if piece.is_empty() {
            continue;
        }
        let piece = piece.to_owned();
        pieces.push(match position % 2 {
            0 if position == 0 => capitalize(piece).into_any(),
            0 => piece.into_any(),
            _ if is_hash(&piece) => short_hash(&piece, &shorten(&piece), RwSignal::new(false)),
            _ => value(piece),
        });
    }
    pieces.push(".".into_any());
    all(pieces)
}

/// Long enough, and nothing but letters and digits: nobody reads it to its end.
fn is_hash(text: &str) -> bool {
    text.len() >= 32 && text.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

/// A foreign value: never obeyed, never turned around.
pub fn value(text: String) -> AnyView {
    el("bdi").class("value").text(&make_printable(&text)).end()
}

/// A hash: short, with the whole on demand (`whole`) and a button to copy it, which calls it `name`.
pub fn short_hash(full: &str, name: &str, whole: RwSignal<bool>) -> AnyView {
    let shown = make_printable(full);
    let short = shorten(&shown);
    let copied = copy_button(shown.clone(), name);
    let full = shown.clone();
    let text = move || if whole.get() { shown.clone() } else { short.clone() }.into_any();
    let reveal = el("button")
        .attr("type", "button")
        .class("reveal")
        .attr("title", "Show all of it")
        .attr_live("aria-expanded", move || Some(whole.get().to_string()))
        .on("click", move |_| whole.update(|whole| *whole = !*whole))
        .child(live(text));
    el("span").class("hash").attr("data-full", &full).child(reveal.end()).child(copied).end()
}

fn shorten(text: &str) -> String {
    let (prefix, rest) = match text.split_once(':') {
        Some((prefix, rest)) => (format!("{prefix}:"), rest),
        None => (String::new(), text),
    };
    if rest.chars().count() <= 20 {
        return text.to_owned();
    }
    let head: String = rest.chars().take(8).collect();
    let tail: String = rest.chars().skip(rest.chars().count() - 6).collect();
    format!("{prefix}{head}…{tail}")
}

/// A button that copies `text`, and says so by its `name`: a page has many of them.
pub fn copy_button(text: String, name: &str) -> AnyView {
    let (ambient, label) = (Ambient::get(), format!("Copy {name}"));
    let copy = move |_| {
        let promise = window().navigator().clipboard().write_text(&text);
        leptos::task::spawn_local(async move {
            let copied = JsFuture::from(promise).await.is_ok();
            ambient.announcement.set(if copied { "Copied." } else { "The browser did not allow copying." }.to_owned());
        });
    };
    el("button")
        .attr("type", "button")
        .class("copy")
        .attr("aria-label", &label)
        .attr("title", &label)
        .on("click", copy)
        .end()
}

/// One row of a description list.
pub fn row(label: &str, value: AnyView) -> AnyView {
    let (term, details) = (el("dt").text(label), el("dd").child(value));
    el("div").class("row").child(term.end()).child(details.end()).end()
}

/// A card with a heading.
pub fn card(name: &'static str, title: &'static str, body: AnyView) -> AnyView {
    el("section").class("card").attr("data-card", name).child(el("h2").text(title).end()).child(body).end()
}

/// A link to elsewhere, if it is an https one; else the text alone.
pub fn elsewhere(url: &str, text: String) -> AnyView {
    if !url.starts_with("https://") {
        return value(text);
    }
    el("a")
        .attr("href", url)
        .attr("rel", "noopener noreferrer external")
        .attr("target", "_blank")
        .child(value(text))
        .end()
}

/// A button.
pub fn button(action: &'static str, label: &str, press: impl FnMut(web_sys::Event) + 'static) -> AnyView {
    el("button").attr("type", "button").attr("data-action", action).on("click", press).text(label).end()
}

/// A row of buttons.
pub fn actions(buttons: Vec<AnyView>) -> AnyView {
    el("p").class("actions").children(buttons).end()
}
