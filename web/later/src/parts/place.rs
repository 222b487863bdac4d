//! Keeps the reader's place while the answer is made anew after an act of theirs: how far the page is scrolled, which cards
//! are open, and where the focus goes. Not here: making it anew (`provenear-web-page`).

use std::time::Duration;

use leptos::prelude::*;
use wasm_bindgen::JsCast as _;
use web_sys::{Element, HtmlElement};

/// Milliseconds between two looks, and how many there are before the place is given up: an endpoint may hang.
const PAUSE: u64 = 50;
const MOST_LOOKS: u32 = 1_200;

/// A place in the view of a subject.
struct Kept {
    hash: String,
    /// What stays where it is on the screen, and how far below the page's top it was, in pixels.
    anchor: &'static str,
    top: f64,
    /// The cards that were open, by name.
    opened: Vec<String>,
    /// What gets the focus.
    focus: String,
}

/// Keeps the place of what `anchor` selects until the next answer is drawn. Then what `focus` selects has the focus.
pub(crate) fn keep(anchor: &'static str, focus: String) {
    let (Some(main), Some(top)) = (main_part(), top_of(anchor)) else { return };
    let opened = all("main details[data-card][open]").iter().filter_map(|it| it.get_attribute("data-card")).collect();
    // The page gets no shorter meanwhile, or the browser would scroll up.
    hold(&main, &format!("{}px", main.offset_height()), "none");
    wait(Kept { hash: hash(), anchor, top, opened, focus }, MOST_LOOKS);
}

fn wait(kept: Kept, looks: u32) {
    let look = move || {
        let is_over = looks == 0 || hash() != kept.hash || is_there(".banner[data-error]");
        let is_drawn = is_there(".banner[data-verdict]") && !is_there("main [aria-busy]");
        match (is_over, is_drawn) {
            (true, _) => release(),
            (false, true) => restore(&kept),
            (false, false) => wait(kept, looks - 1),
        }
    };
    set_timeout(look, Duration::from_millis(PAUSE));
}

fn restore(kept: &Kept) {
    for card in all("main details[data-card]") {
        let is_kept = card.get_attribute("data-card").is_some_and(|name| kept.opened.contains(&name));
        if is_kept {
            // It is an element's own attribute.
            let _ = card.set_attribute("open", "");
        }
    }
    let moved = top_of(kept.anchor).map_or(0.0, |top| top - kept.top);
    let (x, y) = (scrolled(window().scroll_x()), scrolled(window().scroll_y()));
    if let Some(focus) = all(&kept.focus).into_iter().next().and_then(|it| it.dyn_into::<HtmlElement>().ok()) {
        // What takes no focus leaves it where it was.
        let _ = focus.focus();
    }
    // The focus may have scrolled to what has it.
    window().scroll_to_with_x_and_y(x, y + moved);
    release();
}

fn release() {
    if let Some(main) = main_part() {
        hold(&main, "", "");
    }
}

fn hold(main: &HtmlElement, height: &str, anchoring: &str) {
    for (property, value) in [("min-height", height), ("overflow-anchor", anchoring)] {
        // A browser that does not know one of them does without.
        let _ = main.style().set_property(property, value);
    }
}

fn main_part() -> Option<HtmlElement> {
    document().get_element_by_id("main")?.dyn_into().ok()
}

/// How far what `css` selects is below the top of the page, in pixels.
fn top_of(css: &str) -> Option<f64> {
    let element = all(css).into_iter().next()?;
    Some(element.get_bounding_client_rect().top() + scrolled(window().scroll_y()))
}

fn scrolled(pixels: Result<f64, wasm_bindgen::JsValue>) -> f64 {
    pixels.unwrap_or_default()
}

fn is_there(css: &str) -> bool {
    !all(css).is_empty()
}

fn all(css: &str) -> Vec<Element> {
    let Ok(found) = document().query_selector_all(css) else { return Vec::new() };
    (0..found.length()).filter_map(|at| found.item(at)?.dyn_into().ok()).collect()
}

fn hash() -> String {
    window().location().hash().unwrap_or_default()
}
