//! The first program's way to the second: a place that one of its views fills, and the wish to have it at hand.
//! Not here: the second program (`provenear-web-later`), how it is fetched (`boot.js`).

use js_sys::Promise;
use leptos::html::Div;
use leptos::prelude::*;
use provenear_web_protocol::View;
use wasm_bindgen::{JsCast as _, JsValue};
use wasm_bindgen_futures::JsFuture;

/// The function of `boot.js` that loads the second program and lets it draw: `(element, view)`. Without an
/// element it only sees to it that the program is at hand.
#[derive(Clone, Copy)]
pub(crate) struct Later(pub(crate) StoredValue<js_sys::Function, LocalStorage>);

impl Later {
    /// Lets the second program say by the way what these bytes are. They cross as text, a character each.
    pub(crate) fn name(self, given: &[u8]) {
        let view = View::Given(given.iter().map(|byte| char::from(*byte)).collect()).to_json();
        if let Ok(place) = document().create_element("div") {
            let _ = self.0.with_value(|open| open.call2(&JsValue::NULL, &place, &view.into()));
        }
    }

    /// Waits until the second program has drawn what it was asked for before this, or cannot be had.
    pub(crate) async fn drawn(self) {
        if let Ok(fetched) = self.0.with_value(|open| open.call0(&JsValue::NULL)) {
            let _ = JsFuture::from(fetched.unchecked_into::<Promise>()).await;
        }
    }
}

/// A place that the second program fills with `view`.
pub(crate) fn later(view: View) -> AnyView {
    let view = view.to_json();
    let Later(open) = expect_context();
    let place = NodeRef::<Div>::new();
    Effect::new(move || {
        if let Some(place) = place.get() {
            // What goes wrong with it, `boot.js` says in the place itself.
            let _ = open.with_value(|open| open.call2(&JsValue::NULL, &place, &view.as_str().into()));
        }
    });
    view! { <div node_ref=place class="later" aria-busy="true"></div> }.into_any()
}

/// Fetches the second program while there is nothing else to do, so that what comes next needs no network.
pub(crate) fn at_hand() {
    let Later(open) = expect_context();
    // What cannot be fetched now is fetched when it is wanted.
    let _ = open.with_value(|open| open.call0(&JsValue::NULL));
}
