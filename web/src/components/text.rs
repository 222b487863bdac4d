//! Small pieces of text: prose with values in it, short hashes, rows, cards, links to elsewhere.

use leptos::prelude::*;
use provenear_shared::text::printable;
use wasm_bindgen_futures::JsFuture;

use crate::session::Ambient;

/// A sentence of `shared` (lower case, values in backticks, no full stop) as a person reads it.
pub(crate) fn sentence(text: &str) -> AnyView {
    let text = printable(text);
    let mut pieces: Vec<AnyView> = Vec::new();
    for (position, piece) in text.split('`').enumerate() {
        if piece.is_empty() {
            continue;
        }
        let piece = piece.to_owned();
        pieces.push(if position % 2 == 1 { value(piece) } else { capital(piece, position == 0).into_any() });
    }
    pieces.push(".".into_any());
    pieces.into_any()
}

fn capital(text: String, first: bool) -> String {
    let mut characters = text.chars();
    match characters.next().filter(|_| first) {
        Some(character) => character.to_uppercase().chain(characters).collect(),
        None => text,
    }
}

/// A foreign value: never obeyed, never turned around.
pub(crate) fn value(text: String) -> AnyView {
    view! { <bdi class="value">{printable(&text)}</bdi> }.into_any()
}

/// A hash: short, with the whole on demand and a button to copy it.
pub(crate) fn hash(full: &str) -> AnyView {
    let whole = RwSignal::new(false);
    let shown = printable(full);
    let short = shorten(&shown);
    let copied = shown.clone();
    view! {
        <span class="hash">
            <button
                type="button"
                class="reveal"
                title="Show all of it"
                aria-expanded=move || whole.get().to_string()
                on:click=move |_| whole.update(|whole| *whole = !*whole)
            >
                {move || if whole.get() { shown.clone() } else { short.clone() }}
            </button>
            {copy_button(copied)}
        </span>
    }
    .into_any()
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

/// A button that copies `text`.
pub(crate) fn copy_button(text: String) -> AnyView {
    let ambient = Ambient::get();
    let copy = move |_| {
        let promise = window().navigator().clipboard().write_text(&text);
        leptos::task::spawn_local(async move {
            let copied = JsFuture::from(promise).await.is_ok();
            ambient.announcement.set(if copied { "Copied." } else { "The browser did not allow copying." }.to_owned());
        });
    };
    view! { <button type="button" class="copy" aria-label="Copy" title="Copy" on:click=copy></button> }.into_any()
}

/// One row of a description list.
pub(crate) fn row(label: &'static str, value: AnyView) -> AnyView {
    view! { <div class="row"><dt>{label}</dt><dd>{value}</dd></div> }.into_any()
}

/// A card with a heading.
pub(crate) fn card(name: &'static str, title: &'static str, body: AnyView) -> AnyView {
    view! { <section class="card" data-card=name><h2>{title}</h2>{body}</section> }.into_any()
}

/// A link to elsewhere, if it is an https one; else the text alone.
pub(crate) fn elsewhere(url: &str, text: String) -> AnyView {
    if !url.starts_with("https://") {
        return value(text);
    }
    view! { <a href=url.to_owned() rel="noopener noreferrer external" target="_blank"><bdi class="value">{text}</bdi></a> }
        .into_any()
}
