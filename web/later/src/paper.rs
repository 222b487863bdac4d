//! What a print says besides what is seen: where it is from, when it was made, which copy of the page drew it, and whom and
//! what the reader had set to be trusted and asked. Somebody who holds the paper alone can look the same up again.
//! Not here: what is printed of the answer, which is the style sheet's.

use leptos::prelude::*;
use provenear_shared::near::{Network, rfc3339};
use provenear_web_ui::ambient::{Ambient, meta};
use provenear_web_ui::element::{all, el, live};
use provenear_web_ui::settings::{Settings, TrustedKey};
use provenear_web_ui::text::{row, value};
use wasm_bindgen::JsCast as _;

const ADDRESS: &str = "[data-paper=address]";
const TIME: &str = "[data-paper=time]";

/// The part that only a printer sees. `network` is where the subject was looked up.
pub(crate) fn paper(network: Network) -> AnyView {
    let ambient = Ambient::get();
    let begins = window_event_listener_untyped("beforeprint", move |_| {
        open_all();
        // The address can have been renamed since this was drawn.
        set_text(ADDRESS, &window().location().href().unwrap_or_default());
        set_text(TIME, &rfc3339(js_sys::Date::now() as u64));
    });
    on_cleanup(move || begins.remove());
    let settings = live(move || ambient.settings.with(|settings| draw_settings(settings, &network)));
    el("section")
        .class("card paper")
        .attr("data-card", "paper")
        .child(el("h2").text("This print").end())
        .child(el("dl").children(vec![copy(), settings]).end())
        .end()
}

/// Opens what is folded and asks nobody when it is opened, so that all evidence that is at hand is printed.
pub(crate) fn open_all() {
    let folded = "main details:not(.intake):not([open]):not([data-asks])";
    let Ok(folded) = document().query_selector_all(folded) else { return };
    for place in 0..folded.length() {
        if let Some(Ok(details)) = folded.item(place).map(|node| node.dyn_into::<web_sys::Element>()) {
            // An element of the page takes an attribute.
            let _ = details.set_attribute("open", "");
        }
    }
}

fn set_text(place: &str, text: &str) {
    if let Ok(Some(element)) = document().query_selector(place) {
        element.set_text_content(Some(text));
    }
}

fn copy() -> AnyView {
    let filled = |name| el("bdi").class("value").attr("data-paper", name).end();
    let commit = match meta("commit") {
        commit if commit.is_empty() => "of an unknown commit".to_owned(),
        commit => format!("of commit {commit}"),
    };
    all(vec![
        row("Address", filled("address")),
        row("Printed", filled("time")),
        row("Page", value(format!("Provenear {}, {commit}, as this copy says", env!("CARGO_PKG_VERSION")))),
    ])
}

/// Draws the settings, as far as an answer about this network depends on them.
fn draw_settings(settings: &Settings, network: &Network) -> AnyView {
    let own = settings.network(network);
    let lines = |lines: Vec<String>, none: &'static str| match lines.is_empty() {
        true => none.into_any(),
        false => all(lines.into_iter().map(|line| el("div").child(value(line)).end()).collect()),
    };
    let key = |it: &TrustedKey| {
        let name = if it.name.as_str().is_empty() { "without a name" } else { it.name.as_str() };
        format!("{name}: {} ({})", it.key.to_near(), it.key.fingerprint())
    };
    let keys = settings.keys.iter().map(key).collect();
    let quorum =
        own.quorum.map_or("the usual number: 2, or 1 where there is one".to_owned(), |quorum| quorum.to_string());
    let images = match &settings.images {
        None => vec![format!("the published ones that Provenear {} lists", env!("CARGO_PKG_VERSION"))],
        Some(images) => images.lines().filter(|line| !line.trim().is_empty()).map(str::to_owned).collect(),
    };
    let accepts = |accepts: bool| value(if accepts { "accepted" } else { "not accepted" }.to_owned());
    all(vec![
        row("Network", value(network.chain_id().to_owned())),
        row("Endpoints", lines(own.endpoint_urls().collect(), "none")),
        row("Endpoints that must agree", value(quorum)),
        row("Trusted keys", lines(keys, "none")),
        row("Keys that must agree", value(settings.threshold.to_string())),
        row("Accepted images", lines(images, "none")),
        row("Stores", lines(settings.store_urls(), "none")),
        row("Custom builds", accepts(settings.accept_custom_build)),
        row("Local sources", accepts(settings.accept_local_source)),
    ])
}
