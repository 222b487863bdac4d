//! What a file would change, shown before it does. Whoever gives somebody a file of settings or keys could else bring in a
//! key of their own.

use leptos::prelude::*;
use provenear_shared::keys::KeyName;
use provenear_web_ui::ambient::Ambient;
use provenear_web_ui::settings::{Read, Settings, changes};
use provenear_web_ui::text::sentence;
use wasm_bindgen::JsCast as _;

use super::{Renewed, change};

/// Settings that wait for the reader's word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Offer {
    /// What they were held against.
    before: Settings,
    after: Settings,
    left_out: Vec<String>,
    /// What they are from, as in "the file".
    source: &'static str,
    /// The name that the reader gave to the keys.
    own: KeyName,
}

impl Offer {
    /// What was read, beside what the browser keeps.
    pub(super) fn of(read: Read, source: &'static str, own: KeyName) -> Self {
        Self { before: Settings::load().settings, after: read.settings, left_out: read.left_out, source, own }
    }
}

/// The list of changes with the two answers; nothing while nothing is offered.
pub(super) fn offer(ambient: Ambient, offered: RwSignal<Option<Offer>>) -> AnyView {
    let renewed = Renewed::get();
    let drawn = move || match offered.get() {
        None => ().into_any(),
        Some(offer) => draw(ambient, renewed, offered, offer),
    };
    view! { <div role="status">{drawn}</div> }.into_any()
}

fn draw(ambient: Ambient, renewed: Renewed, offered: RwSignal<Option<Offer>>, offer: Offer) -> AnyView {
    let said = changes(&offer.before, &offer.after, offer.source, &offer.own);
    let is_same = said.is_empty();
    let heading = match is_same {
        true => format!("Nothing in {} is new.", offer.source),
        false => format!("With {}, this browser:", offer.source),
    };
    let item =
        |mark: &'static str| move |text: String| view! { <li data-change=mark>{sentence(&text)}</li> }.into_any();
    let said: Vec<AnyView> = said.into_iter().map(item("change")).collect();
    let left_out: Vec<AnyView> = offer.left_out.iter().cloned().map(item("left-out")).collect();
    let apply = move |event: leptos::ev::MouseEvent| {
        leave(&event);
        offered.set(None);
        // In another tab the reader may have changed what the list was made against.
        if Settings::load().settings != offer.before {
            return ambient.announcement.set("Your settings have changed meanwhile: choose the file again.".to_owned());
        }
        change(ambient, |settings| *settings = offer.after.clone());
        renewed.tell();
    };
    let cancel = move |event: leptos::ev::MouseEvent| {
        leave(&event);
        offered.set(None);
    };
    view! {
        <div class="card ask" data-card="import">
            <p>{heading}</p>
            <ul>{said}{left_out}</ul>
            <p class="actions">
                <button type="button" data-action="apply-import" hidden=is_same on:click=apply>"Change these settings"</button>
                <button type="button" data-action="cancel-import" on:click=cancel>"Cancel"</button>
            </p>
        </div>
    }
    .into_any()
}

/// Both answers go with the question: the focus returns to where a file is picked.
fn leave(event: &web_sys::Event) {
    let answer = event.target().and_then(|target| target.dyn_into::<web_sys::Element>().ok());
    let card = answer.and_then(|answer| answer.closest("section").ok().flatten());
    let picker = card.and_then(|card| card.query_selector("input[type=file]").ok().flatten());
    if let Some(picker) = picker.and_then(|picker| picker.dyn_into::<web_sys::HtmlElement>().ok()) {
        // What takes no focus leaves it where it was.
        let _ = picker.focus();
    }
}
