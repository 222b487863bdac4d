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
use provenear_web_ui::fields::complaints;
use provenear_web_ui::files::Offered;
use provenear_web_ui::route::Route;
use provenear_web_ui::settings::Settings;
use provenear_web_ui::text::copy_button;
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
    view! {
        <h1>"Compare two modules"</h1>
        <p class="lead">"Says why two modules differ, function by function. It explains differences; it never changes a verdict."</p>
        <div class="cards sides">
            {side("first", "First", a, first, dropped[0])}
            {side("second", "Second", b, second, dropped[1])}
        </div>
        {move || draw_link(&(a.get(), b.get()))}
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
    let name = move || chosen.get().map(|chosen| chosen.draw());
    view! {
        <details class="inside" data-card="local-build" prop:open=move || opened.get()>
            <summary>"Compare with a build of your own"</summary>
            <p>"Drop a .wasm file anywhere on this page, or pick one. First is the code above; second is your file, which does not leave this browser."</p>
            <p class="inline"><label class="button">"Pick a file"<input class="hidden-file" type="file" accept=".wasm" on:change=pick /></label></p>
            {complaints("local-build-complaint", complaint)}
            {name}
            {running(comparison)}
        </details>
    }
    .into_any()
}

/// Draws how this comparison is shown to others: by a link, where it can name both sides.
fn draw_link(sides: &Sides) -> AnyView {
    let (Some(a), Some(b)) = sides else { return ().into_any() };
    let (Some(_), Some(_)) = (&a.named, &b.named) else {
        let why = "A file stays in this browser, so a link cannot name it: only you can see this comparison.";
        return view! { <p class="quiet" data-shared="no">{why}</p> }.into_any();
    };
    let of = |link: String, name: &'static str, copied: &str| {
        view! { <a href=link.clone()>{name}</a> {copy_button(absolute(&link), copied)} }.into_any()
    };
    let (newest, pinned) = (link(sides, |side| side.named.clone()), link(sides, Chosen::pinned));
    let at_blocks = (newest != pinned).then(|| {
        let link = of(pinned, "link to these blocks", "the link to these blocks");
        view! { " The code may have been replaced by then: the " {link} " keeps to what you see, if an endpoint still has those blocks." }
    });
    view! {
        <p class="quiet" data-shared="yes">
            "Whoever opens the " {of(newest, "link to this comparison", "the link to this comparison")} " compares both sides anew, with endpoints of their own." {at_blocks}
        </p>
    }
    .into_any()
}

/// Both sides, as far as they are there.
type Sides = (Option<Chosen>, Option<Chosen>);

/// The link that names the sides as `name` does.
fn link((a, b): &Sides, name: impl Fn(&Chosen) -> Option<Named>) -> String {
    let named = |side: &Option<Chosen>| side.as_ref().and_then(&name);
    Route::Compare(link_of(named(a).as_ref(), named(b).as_ref())).link()
}

/// A link of this page as one that can be opened from elsewhere.
fn absolute(link: &str) -> String {
    let location = window().location().href().unwrap_or_default();
    let page = location.split('#').next().unwrap_or_default();
    format!("{page}{link}")
}

/// Writes what a link can name into the address bar, without a step in the history.
fn address(sides: &Sides) {
    let is_named = |side: &Option<Chosen>| side.as_ref().is_some_and(|side| !side.is_file());
    if !is_named(&sides.0) && !is_named(&sides.1) {
        return;
    }
    let url = link(sides, |side| side.named.clone());
    // A browser that keeps the old address shows the same view all the same.
    let _ = window()
        .history()
        .and_then(|history| history.replace_state_with_url(&wasm_bindgen::JsValue::NULL, "", Some(&url)));
}
