//! One file of the archive: text with line numbers, in colours where the language is known; anything else in a sentence.

use leptos::html::Code;
use leptos::prelude::*;
use provenear_shared::archive::{Entry, EntryKind};
use provenear_shared::text::make_printable;
use provenear_web_ui::element::{all, el};
use provenear_web_ui::text::{elsewhere, value};

use super::highlight::{Token, tokens};
use super::{Archive, highlight};
use crate::parts::deployment::group_digits;

/// Most bytes of a file that are drawn.
const MAX_SHOWN: usize = 1 << 20;
/// Most bytes of a file that get colours.
const MAX_COLOURED: usize = 256 << 10;
/// How many pieces are drawn before the page may do something else.
const AT_ONCE: usize = 1_000;

/// The file at `place` of the list of entries.
pub(super) fn file(archive: &Archive, place: usize) -> AnyView {
    let Some(entry) = archive.entries.get(place) else { return ().into_any() };
    let forge = archive.browse_url.as_deref().map(|url| {
        let link = format!("{url}/{}", encode_path(&entry.path));
        el("p").class("quiet").child(elsewhere(&link, "This file at its forge".to_owned())).end()
    });
    let name = el("h3").child(value(entry.path.clone())).end();
    let body = match &entry.kind {
        EntryKind::Folder => note("A folder."),
        EntryKind::Link(target) => {
            let says = "A link, which is not followed. It names: ";
            el("p").attr("data-shown", "link").text(says).child(value(target.clone())).end()
        }
        EntryKind::File => content(archive, entry),
    };
    el("div").attr("data-open", &entry.path).child(name).maybe(forge).child(body).end()
}

fn note(text: &str) -> AnyView {
    el("p").attr("data-shown", "note").text(text).end()
}

fn content(archive: &Archive, entry: &Entry) -> AnyView {
    let size = group_digits(entry.size);
    if entry.size > MAX_SHOWN {
        return note(&format!("{size} bytes, more than is shown here."));
    }
    let (from, to) = (entry.offset as u32, (entry.offset + entry.size) as u32);
    let bytes = archive.bytes.with_value(|bytes| bytes.subarray(from, to).to_vec());
    let text = match String::from_utf8(bytes) {
        Ok(text) if !text.contains('\0') => text,
        Ok(_) | Err(_) => return note(&format!("{size} bytes that are no text.")),
    };
    if text.is_empty() {
        return note("An empty file.");
    }
    // Invisible characters and those that turn text around are shown as what they are.
    let text = make_printable(&text.replace("\r\n", "\n"));
    let lines = text.lines().count();
    let numbers: String = (1..=lines).map(|line| format!("{line}\n")).collect();
    let code = NodeRef::<Code>::new();
    let path = entry.path.clone();
    Effect::new(move || {
        if let Some(code) = code.get() {
            let pieces =
                if text.len() > MAX_COLOURED { vec![(Token::Plain, text.as_str())] } else { tokens(&path, &text) };
            let pieces = pieces.into_iter().map(|(token, piece)| (token, piece.to_owned())).collect();
            draw(code, StoredValue::new(pieces), 0);
        }
    });
    let numbers = el("pre").class("numbers").attr("aria-hidden", "true").text(&numbers).end();
    let code = view! { <pre class="text-lines"><code node_ref=code></code></pre> }.into_any();
    let note = el("p").class("quiet").text(&format!("Lines: {}, bytes: {size}.", group_digits(lines))).end();
    let box_ = el("div")
        .class("code-box")
        .attr("data-shown", "text")
        .attr("tabindex", "0")
        .attr("role", "region")
        .attr("aria-label", &entry.path)
        .attr("dir", "ltr")
        .child(numbers)
        .child(code);
    all(vec![note, box_.end()])
}

/// Draws some pieces, and the rest of them when the page has had time for other things.
fn draw(code: web_sys::HtmlElement, pieces: StoredValue<Vec<(highlight::Token, String)>>, from: usize) {
    let more = pieces.try_with_value(|pieces| {
        for (token, piece) in pieces.iter().skip(from).take(AT_ONCE) {
            let Ok(span) = document().create_element("span") else { return false };
            span.set_class_name(token.class());
            span.set_text_content(Some(piece));
            // The place is ours and takes what we put into it.
            let _ = code.append_child(&span);
        }
        from + AT_ONCE < pieces.len()
    });
    // A file that was left by now needs no more of it.
    if more == Some(true) {
        set_timeout(move || draw(code, pieces, from + AT_ONCE), std::time::Duration::ZERO);
    }
}

/// Encodes a path as part of a URL.
fn encode_path(path: &str) -> String {
    path.split('/').map(|part| String::from(js_sys::encode_uri_component(part))).collect::<Vec<_>>().join("/")
}
