//! What the page says by the way, of either program: seen and heard, for some seconds, or for as long as somebody points at
//! its button or has the focus there. It covers nothing that has the focus, and takes no click but on that button.

use std::time::Duration;

use leptos::prelude::*;
use provenear_web_ui::element::{el, live};
use wasm_bindgen::JsCast as _;
use web_sys::{Element, HtmlElement};

/// Long enough for two sentences. What cannot be read in time can be held by pointer or focus on its button.
const SHOWN: Duration = Duration::from_secs(7);
/// Between two looks at whether somebody still holds it.
const HELD: Duration = Duration::from_secs(1);
const AT: &str = "data-at";

/// The place of the messages that `text` brings.
pub(crate) fn toast(text: RwSignal<String>) -> AnyView {
    // A newer message has its own time.
    let newest = StoredValue::new(0_u32);
    Effect::new(move || {
        if text.with(|text| !text.is_empty()) {
            newest.update_value(|newest| *newest += 1);
            place();
            end_after(SHOWN, text, newest, newest.get_value());
        }
    });
    for event in ["focusin", "scroll"] {
        let moved = leptos::ev::Custom::<web_sys::Event>::new(event);
        let heard = window_event_listener(moved, move |_| {
            if text.with_untracked(|text| !text.is_empty()) {
                place();
            }
        });
        on_cleanup(move || heard.remove());
    }
    let before = StoredValue::new_local(None::<HtmlElement>);
    let entered = move |event: web_sys::Event| {
        let from = event.dyn_into::<web_sys::FocusEvent>().ok().and_then(|event| event.related_target());
        before.set_value(from.and_then(|from| from.dyn_into().ok()));
    };
    let dismiss = move |_| {
        text.set(String::new());
        if let Some(before) = before.get_value() {
            // What has left the page meanwhile takes no focus.
            let _ = before.focus();
        }
    };
    let said = el("p").attr("role", "status").attr("aria-live", "polite").child(live(move || text.get().into_any()));
    let close = el("button").attr("type", "button").attr("aria-label", "Dismiss").on("click", dismiss).text("✕");
    el("div").class("toast").on("focusin", entered).child(said.end()).child(close.end()).end()
}

fn end_after(time: Duration, text: RwSignal<String>, newest: StoredValue<u32>, mine: u32) {
    let end = move || {
        if newest.try_get_value() != Some(mine) {
            return;
        }
        if element().is_some_and(|toast| toast.matches(":hover, :focus-within").unwrap_or_default()) {
            return end_after(HELD, text, newest, mine);
        }
        text.set(String::new());
    };
    set_timeout(end, time);
}

fn element() -> Option<Element> {
    document().query_selector(".toast").ok()?
}

/// At the bottom of the window, or at its top where the element that has the focus would be covered.
fn place() {
    let Some(toast) = element() else { return };
    let focused = document().active_element();
    // Where nothing in particular has the focus, it is on the whole of the page.
    let focused = focused.filter(|it| !toast.contains(Some(it)) && !it.matches("body, main").unwrap_or_default());
    // An attribute of ours is always taken.
    let _ = toast.remove_attribute(AT);
    let Some(focused) = focused else { return };
    let (toast_box, focused_box) = (toast.get_bounding_client_rect(), focused.get_bounding_client_rect());
    if focused_box.bottom() > toast_box.top() && focused_box.top() < toast_box.bottom() {
        let _ = toast.set_attribute(AT, "top");
    }
}
