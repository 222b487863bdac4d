//! What a file would change, shown before it does. Whoever gives somebody a file of settings or keys could else bring in a
//! key of their own.

use leptos::prelude::*;
use provenear_web_ui::ambient::Ambient;
use provenear_web_ui::settings::{Read, Settings, changes};
use provenear_web_ui::text::sentence;

use super::change;

/// Settings that wait for the reader's word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Offer {
    /// What they were held against.
    before: Settings,
    after: Settings,
    left_out: Vec<String>,
}

impl Offer {
    /// What was read, beside what the browser keeps.
    pub(super) fn of(read: Read) -> Self {
        Self { before: Settings::load().settings, after: read.settings, left_out: read.left_out }
    }
}

/// The list of changes with the two answers; nothing while nothing is offered.
pub(super) fn offer(ambient: Ambient, offered: RwSignal<Option<Offer>>) -> AnyView {
    let drawn = move || match offered.get() {
        None => ().into_any(),
        Some(offer) => shown(ambient, offered, offer),
    };
    view! { <div role="status">{drawn}</div> }.into_any()
}

fn shown(ambient: Ambient, offered: RwSignal<Option<Offer>>, offer: Offer) -> AnyView {
    let said = changes(&offer.before, &offer.after);
    let is_same = said.is_empty();
    let heading = if is_same { "This file changes nothing." } else { "With this file, this browser:" };
    let item =
        |mark: &'static str| move |text: String| view! { <li data-change=mark>{sentence(&text)}</li> }.into_any();
    let said: Vec<AnyView> = said.into_iter().map(item("change")).collect();
    let left_out: Vec<AnyView> = offer.left_out.iter().cloned().map(item("left-out")).collect();
    let apply = move |_| {
        offered.set(None);
        // In another tab the reader may have changed what the list was made against.
        if Settings::load().settings != offer.before {
            return ambient.announcement.set("Your settings have changed meanwhile: choose the file again.".to_owned());
        }
        change(ambient, |settings| *settings = offer.after.clone());
    };
    let cancel = move |_| offered.set(None);
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
