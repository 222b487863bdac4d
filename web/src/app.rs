//! The frame around every view: route, navigation, drop target, announcements.
//! Not here: what a view shows (`pages`), what is asked (`session`).

use leptos::prelude::*;
use wasm_bindgen::JsCast as _;
use web_sys::{DragEvent, Worker};

use crate::components::text;
use crate::dropped;
use crate::pages;
use crate::route::Route;
use crate::session::{Ambient, Session};
use crate::settings::Settings;
use crate::workbench::{Workbench, later};

/// Puts the page into `#app`. `open(element, view)` draws a view of the second program.
pub fn mount(inspector: Worker, open: js_sys::Function) {
    let Some(place) = document().get_element_by_id("app") else { return };
    if let Some(boot) = document().get_element_by_id("boot") {
        boot.remove();
    }
    leptos::mount::mount_to(place.unchecked_into(), move || {
        let ambient = Ambient::new();
        provide_context(ambient);
        let session = Session::new(inspector, ambient);
        provide_context(session);
        provide_context(Workbench(StoredValue::new_local(open)));
        frame(session)
    })
    .forget();
}

fn frame(session: Session) -> AnyView {
    window_event_listener(leptos::ev::hashchange, move |_| {
        session.follow();
        // A new view begins at its top, for eyes and for screen readers.
        window().scroll_to_with_x_and_y(0.0, 0.0);
        if let Some(main) = document().get_element_by_id("main") {
            // A main part that takes no focus leaves it where it was.
            let _ = main.unchecked_into::<web_sys::HtmlElement>().focus();
        }
    });
    window_event_listener(leptos::ev::focus, move |_| session.look_again());
    // Settings are changed by the second program, or in another tab.
    window_event_listener(leptos::ev::storage, move |_| {
        session.settings.set(Settings::load());
    });
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
            dropped::take_files(session, &files);
        }
    });
    view! {
        <a class="skip" href="#main" on:click=skip>"Skip to the answer"</a>
        <header class="top">
            <a class="brand" href="#/">
                <svg viewBox="0 0 24 24" aria-hidden="true" focusable="false"><path d="M4 6.5 12 2l8 4.5v11L12 22l-8-4.5z" /><path d="m8 12 3 3 5-6" /></svg>
                "Provenear"
            </a>
            <nav aria-label="Main">
                {link(session, Route::Home, "Look up")}
                {link(session, Route::Compare, "Compare")}
                {link(session, Route::Settings, "Settings")}
                {link(session, Route::About, "About")}
            </nav>
        </header>
        <main id="main" tabindex="-1">{move || page(&session.route.get())}</main>
        <footer>
            <p>"Everything here runs in your browser. No server of ours is asked, nothing is counted, nobody is told."</p>
        </footer>
        <div class="dropzone" hidden=move || !over.get() aria-hidden="true"><p>"Drop a .wasm or a manifest"</p></div>
        <p class="announcement" role="status" aria-live="polite">{move || session.announcement.get()}</p>
    }
    .into_any()
}

/// The hash is taken by the routes, so the skip link moves the focus by itself.
fn skip(event: web_sys::MouseEvent) {
    event.prevent_default();
    if let Some(main) = document().get_element_by_id("main") {
        // A main part that takes no focus leaves it where it was.
        let _ = main.unchecked_into::<web_sys::HtmlElement>().focus();
    }
}

fn link(session: Session, route: Route, label: &'static str) -> AnyView {
    let href = route.link();
    let current = move || (session.route.get() == route).then_some("page");
    view! { <a href=href aria-current=current>{label}</a> }.into_any()
}

fn page(route: &Route) -> AnyView {
    match route {
        Route::Home => pages::home::home(),
        Route::Account(_) | Route::Code(_) | Route::File => pages::inspection::inspection(route),
        Route::Compare => later("compare"),
        Route::Settings => later("settings"),
        Route::About => later("about"),
        Route::Unknown(link) => view! {
            <h1>"This link leads nowhere"</h1>
            <p>{text::value(link.clone())} " names no account, code hash or view."</p>
            <p class="actions"><a class="button" href="#/">"Look up something else"</a></p>
        }
        .into_any(),
    }
}
