//! What was just taken away can be had back, for as long as nothing else has changed.

use leptos::prelude::*;
use provenear_web_ui::ambient::Ambient;
use provenear_web_ui::fields::focus;
use provenear_web_ui::settings::Settings;
use provenear_web_ui::text::sentence;

use super::{Renewed, change};

/// What was taken away.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Undo {
    /// A sentence of the form of `shared`.
    said: String,
    before: Settings,
    after: Settings,
    /// What gets the focus when it is back: the first of these selectors that is there.
    back: [String; 2],
    /// Told when it is back, where boxes show it.
    renewed: Option<Renewed>,
}

/// Takes something away and offers it back.
pub(super) fn take(
    ambient: Ambient,
    undo: RwSignal<Option<Undo>>,
    said: String,
    back: [String; 2],
    renewed: Option<Renewed>,
    with: impl FnOnce(&mut Settings),
) {
    let before = Settings::load().settings;
    change(ambient, with);
    renewed.into_iter().for_each(Renewed::tell);
    let after = Settings::load().settings;
    undo.set((before != after).then_some(Undo { said, before, after, back, renewed }));
}

/// The offer, which gets the focus, because what had it may be gone.
pub(super) fn offer(ambient: Ambient, undo: RwSignal<Option<Undo>>) -> AnyView {
    let current = Memo::new(move |_| undo.get().filter(|undo| ambient.settings.with(|now| *now == undo.after)));
    let drawn = move || match current.get() {
        None => ().into_any(),
        Some(offered) => draw(ambient, undo, offered),
    };
    view! { <div role="status">{drawn}</div> }.into_any()
}

fn draw(ambient: Ambient, undo: RwSignal<Option<Undo>>, offered: Undo) -> AnyView {
    let said = sentence(&offered.said);
    let restore = move |_| {
        undo.set(None);
        // Another tab may have changed something that this one has not heard of yet.
        if Settings::load().settings != offered.after {
            return ambient.announcement.set("Your settings have changed meanwhile: nothing was undone.".to_owned());
        }
        change(ambient, |settings| *settings = offered.before.clone());
        offered.renewed.into_iter().for_each(Renewed::tell);
        focus(offered.back.to_vec());
    };
    focus(vec!["[data-action=undo]".to_owned()]);
    view! { <p class="actions" data-undo="">{said} <button type="button" data-action="undo" on:click=restore>"Undo"</button></p> }
        .into_any()
}
