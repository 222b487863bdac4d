//! The frame around every view: route, navigation, drop target, announcements.
//! Not here: what a view shows, what is asked (`session`).

use std::cell::Cell;
use std::sync::Arc;
use std::time::Duration;

use js_sys::Uint8Array;
use leptos::prelude::*;
use provenear_web_protocol::View;
use provenear_web_ui::ambient::{Ambient, meta};
use provenear_web_ui::element::{all, el, live};
use provenear_web_ui::route::Route;
use provenear_web_ui::text;
use wasm_bindgen::JsCast as _;
use web_sys::{DragEvent, FileList, Worker};

use crate::early::Early;
use crate::later::{Later, later};
use crate::session::{GivenFile, Session};
use crate::{home, input, inspection, intake, left_out, toast};

thread_local! {
    /// For what the second program asks of the first.
    static SESSION: Cell<Option<Session>> = const { Cell::new(None) };
}

/// Takes a pasted manifest; says what is wrong with it.
pub fn bring(text: &str) -> Option<String> {
    input::take_text(SESSION.get()?, text).err()
}

/// Takes files that were picked.
pub fn pick(files: &FileList) {
    if let Some(session) = SESSION.get() {
        input::take_files(session, files);
    }
}

/// Takes a manifest that the link names.
pub fn manifest(text: String) {
    if let Some(session) = SESSION.get() {
        session.manifests.update(|manifests| manifests.push((text, true)));
    }
}

/// Asks an endpoint of the link that is shown, too.
pub fn agree(url: String) {
    if let Some(session) = SESSION.get() {
        session.agreed.update(|agreed| agreed.push(url));
    }
}

/// Shows a message by the way.
pub fn say(text: String) {
    if let Some(session) = SESSION.get() {
        session.announcement.set(text);
    }
}

/// Whether the answer with this number is shown.
pub fn shows(answer: u32) -> bool {
    SESSION.get().is_some_and(|session| session.shows(answer))
}

/// Puts the question of that answer once more, if it is shown.
pub fn ask_again(answer: u32) {
    if let Some(session) = SESSION.get().filter(|session| session.shows(answer)) {
        session.attempt.update(|attempt| *attempt += 1);
    }
}

/// Takes the code of the proposal that is shown.
pub fn module(name: String, bytes: &Uint8Array) {
    if let Some(session) = SESSION.get()
        && matches!(session.route.get_untracked(), Route::Proposal { .. })
    {
        session.ask_stores.set(true);
        session.file.set(Some(Arc::new(GivenFile { name, bytes: bytes.to_vec() })));
    }
}

/// Puts the page into `#app`. `open(element, view)` draws a view of the second program.
pub fn mount(inspector: Worker, open: js_sys::Function) {
    let Some(place) = document().get_element_by_id("app") else { return };
    leptos::mount::mount_to(place.unchecked_into(), move || {
        let ambient = Ambient::load();
        provide_context(ambient);
        let later = Later(StoredValue::new_local(open));
        let session = Session::new(inspector, ambient, later);
        provide_context(session);
        SESSION.set(Some(session));
        provide_context(later);
        let over = listen(session, ambient);
        // Of the page and not of a view: the view that is left and the one that comes would each put the question.
        Effect::new(move || session.look());
        // Beginning, frame and view, with what it would push away, are three tasks: a slow device listens in between.
        let (begun, framed) = (RwSignal::new(false), RwSignal::new(false));
        let begin = move || {
            begun.set(true);
            set_timeout(move || framed.set(true), Duration::ZERO);
        };
        set_timeout(begin, Duration::ZERO);
        live(move || if begun.get() { frame(session, ambient, over, framed) } else { ().into_any() })
    })
    .forget();
}

/// Follows what happens to the window; gives whether something is dragged over it.
fn listen(session: Session, ambient: Ambient) -> RwSignal<bool> {
    window_event_listener(leptos::ev::hashchange, move |_| {
        session.follow();
        // A new view begins at its top, for eyes and for screen readers.
        window().scroll_to_with_x_and_y(0.0, 0.0);
        focus_main();
    });
    window_event_listener(leptos::ev::focus, move |_| session.look_again());
    ambient.follow();
    let over = RwSignal::new(false);
    window_event_listener(leptos::ev::dragover, move |event: DragEvent| {
        event.prevent_default();
        over.set(true);
    });
    window_event_listener(leptos::ev::dragleave, move |event: DragEvent| {
        if event.related_target().is_none() {
            over.set(false);
        }
    });
    window_event_listener(leptos::ev::drop, move |event: DragEvent| {
        event.prevent_default();
        over.set(false);
        if let Some(files) = event.data_transfer().and_then(|transfer| transfer.files()) {
            input::take_files(session, &files);
        }
    });
    over
}

fn frame(session: Session, ambient: Ambient, over: RwSignal<bool>, framed: RwSignal<bool>) -> AnyView {
    if let Some(boot) = document().get_element_by_id("boot") {
        boot.remove();
    }
    let brand = view! {
        <a class="brand" href="#/">
            <svg viewBox="0 0 24 24" aria-hidden="true" focusable="false">
                <path d="M4 6.5 12 2l8 4.5v11L12 22l-8-4.5z" />
                <path d="m8 12 3 3 5-6" />
            </svg>
            "Provenear"
        </a>
    }
    .into_any();
    let links = [
        (Route::Home, "Look up"),
        (Route::Compare(String::new()), "Compare"),
        (Route::Settings, "Settings"),
        (Route::About, "About"),
    ];
    let links = links.into_iter().map(|(route, label)| link(session, route, label)).collect();
    let header = el("header")
        .class("top")
        .child(brand)
        .child(intake::find(session))
        .child(el("nav").attr("aria-label", "Main").children(links).end());
    let view = move || if framed.get() { page(&session.route.get()) } else { ().into_any() };
    let main = el("main").attr("id", "main").attr("tabindex", "-1").child(live(view));
    let footer = move || if framed.get() { footer() } else { ().into_any() };
    let drop = el("div").class("dropzone").attr("aria-hidden", "true").shown_while(move || over.get());
    let told = live(move || session.told.get().into_any());
    all(vec![
        el("a").class("skip").attr("href", "#main").on("click", skip).text("Skip to the content").end(),
        header.end(),
        live(move || ambient.left_out.with(|sentences| left_out::left_out(sentences))),
        main.end(),
        live(footer),
        drop.child(el("p").text("Drop a .wasm or a manifest").end()).end(),
        el("p").class("announcement").attr("role", "status").attr("aria-live", "polite").child(told).end(),
        toast::toast(session.announcement),
    ])
}

fn footer() -> AnyView {
    let promise = "Everything here runs in your browser. No tracking: only the endpoints and stores that you chose see what you \
                   look up.";
    let commit: String = meta("commit").chars().take(10).collect();
    let commit = if commit.is_empty() { commit } else { format!(", commit {commit}") };
    let version = format!("Provenear {}{commit}", env!("CARGO_PKG_VERSION"));
    let build = el("p").child(el("a").attr("href", "#/about").text(&version).end()).end();
    el("footer").child(el("p").text(promise).end()).child(build).end()
}

/// The hash is taken by the routes, so the skip link moves the focus by itself.
fn skip(event: web_sys::Event) {
    event.prevent_default();
    focus_main();
}

fn focus_main() {
    if let Some(main) = document().get_element_by_id("main") {
        // A main part that takes no focus leaves it where it was.
        let _ = main.unchecked_into::<web_sys::HtmlElement>().focus();
    }
}

fn link(session: Session, route: Route, label: &'static str) -> AnyView {
    let href = route.link();
    let same = move |now: &Route| match (now, &route) {
        (Route::Compare(_), Route::Compare(_)) => true,
        (now, route) => now == route,
    };
    let current = move || session.route.with(&same).then(|| "page".to_owned());
    el("a").attr("href", &href).attr_live("aria-current", current).text(label).end()
}

fn page(route: &Route) -> AnyView {
    // A view of a subject names itself.
    document().set_title(match route {
        Route::Compare(_) => "Compare two modules · Provenear",
        Route::Settings => "Settings · Provenear",
        Route::About => "About · Provenear",
        Route::Unknown(_) => "This link leads nowhere · Provenear",
        Route::Home | Route::Account(_) | Route::Code(_) | Route::File | Route::Proposal { .. } => {
            "Provenear: is the code on chain the code in the source?"
        }
    });
    let early = Early::take();
    match route {
        Route::Home => home::home(early),
        Route::Account(_) | Route::Code(_) | Route::File | Route::Proposal { .. } => inspection::inspection(route),
        Route::Compare(query) => later(View::Compare(query.clone())),
        Route::Settings => later(View::Settings),
        Route::About => later(View::About),
        Route::Unknown(link) => all(vec![
            el("h1").text("This link leads nowhere").end(),
            el("p").child(text::value(link.clone())).text(" is not an account, a code hash or a view.").end(),
            el("p")
                .class("actions")
                .child(el("a").class("button").attr("href", "#/").text("Look up something else").end())
                .end(),
        ]),
    }
}
