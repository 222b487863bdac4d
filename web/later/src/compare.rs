//! `#/compare[?a=…&b=…]`: two modules, each a file, an account at a block, or a code hash, and why they differ. Explains,
//! never decides. The address names what a link can name; a file stays in this browser, so no link can.

mod code;
mod colours;
mod difference;
mod functions;
mod named;
mod picture;
mod running;
mod side;
mod table;

use leptos::prelude::*;
use named::{Named, link_of, read};
use provenear_web_ui::ambient::Ambient;
use provenear_web_ui::given::Offered;
use provenear_web_ui::route::Route;
use provenear_web_ui::settings::Settings;
use running::{Comparison, running};
use side::{Chosen, Wanted, look, offered, picked_module, side};

use crate::comparer::Code;
use crate::open::Inspector;

/// The view of a query.
pub(crate) fn compare(query: &str) -> AnyView {
    let (a, b) = (RwSignal::new_local(None::<Chosen>), RwSignal::new_local(None::<Chosen>));
    let usual = Ambient::get().settings.with_untracked(Settings::usual_network);
    let [first, second] = read(query, &usual);
    // A file that is dropped anywhere goes to the side that has nothing.
    let dropped = [RwSignal::new_local(None::<Offered>), RwSignal::new_local(None)];
    offered(move |file| dropped[usize::from(a.with_untracked(Option::is_some))].set(Some(file)));
    let comparison = Comparison::new();
    comparison.ready();
    Effect::new(move || {
        let sides = (a.get(), b.get());
        address(&sides);
        match sides {
            (Some(a), Some(b)) => comparison.start([a.code, b.code]),
            (_, _) => comparison.clear(),
        }
    });
    let note = move || {
        let files = [a, b].into_iter().filter(|side| side.with(|side| side.as_ref().is_some_and(Chosen::is_file)));
        match files.count() {
            0 => "The address of this view names both sides: whoever opens it sees the same comparison.",
            _ => "A file stays in this browser, so the address of this view cannot name it for others.",
        }
    };
    view! {
        <h1>"Compare two modules"</h1>
        <p class="lead">"Says why two modules differ, function by function. It explains a difference and never turns one into a match."</p>
        <div class="cards sides">
            {side("first", "First", a, first, dropped[0])}
            {side("second", "Second", b, second, dropped[1])}
        </div>
        <p class="quiet" data-shared="" hidden=move || a.with(Option::is_none) || b.with(Option::is_none)>{note}</p>
        {running(comparison)}
    }
    .into_any()
}

/// A local build held against the code of an answer, on the page of an account or a code hash.
pub(crate) fn local_build(answer: u32) -> AnyView {
    let chosen = RwSignal::new_local(None::<Chosen>);
    let complaint = RwSignal::new(String::new());
    let (ambient, inspector) = (Ambient::get(), Inspector::get());
    let comparison = Comparison::new();
    let take = move |file: Offered| {
        complaint.set(String::new());
        leptos::task::spawn_local(async move {
            match look(ambient, inspector, Wanted::File(file)).await {
                Ok(found) => {
                    comparison.start([Code::OfAnswer(answer), found.code.clone()]);
                    chosen.set(Some(found));
                }
                Err(reason) => complaint.set(reason),
            }
        });
    };
    let opened = RwSignal::new(false);
    offered(move |file| {
        opened.set(true);
        take(file);
    });
    let pick = move |event: web_sys::Event| picked_module(&event, complaint, take);
    let name = move || chosen.get().map(|chosen| chosen.shown());
    view! {
        <details class="inside" data-card="local-build" prop:open=move || opened.get()>
            <summary>"Compare with a build of your own"</summary>
            <p>"Drop a .wasm anywhere on this page, or pick one. It is the second, the code above the first. Nothing of it leaves this browser."</p>
            <p class="inline"><label class="button">"Pick a file"<input class="hidden-file" type="file" accept=".wasm" on:change=pick /></label></p>
            <p class="complaint" role="alert">{move || complaint.get()}</p>
            {name}
            {running(comparison)}
        </details>
    }
    .into_any()
}

/// Writes what a link can name into the address bar, without a step in the history.
fn address((a, b): &(Option<Chosen>, Option<Chosen>)) {
    let named = |side: &Option<Chosen>| side.as_ref().and_then(|side| side.named.clone());
    let (a, b): (Option<Named>, Option<Named>) = (named(a), named(b));
    if a.is_none() && b.is_none() {
        return;
    }
    let url = Route::Compare(link_of(a.as_ref(), b.as_ref())).link();
    // A browser that keeps the old address shows the same view all the same.
    let _ = window()
        .history()
        .and_then(|history| history.replace_state_with_url(&wasm_bindgen::JsValue::NULL, "", Some(&url)));
}
