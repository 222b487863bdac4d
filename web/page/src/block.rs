//! The strip above an answer about a block that was asked for: an old link must not pass for an answer about now.

use leptos::prelude::*;
use provenear_shared::near::BlockReference;
use provenear_shared::text::Duration;
use provenear_web_protocol::Asked;
use provenear_web_ui::element::el;
use provenear_web_ui::route::{AccountRoute, Route};
use provenear_web_ui::text::value;

/// Which block, how long ago, and the way to now; `None` for the newest final block.
pub(crate) fn strip(route: &AccountRoute, asked: Option<&Asked>) -> Option<AnyView> {
    let named = match route.block {
        BlockReference::Final => return None,
        BlockReference::Height(_) | BlockReference::Hash(_) => route.block.to_string(),
    };
    let block = asked.map_or(named, |asked| asked.block_height.to_string());
    let ago = asked.and_then(|asked| asked.age_seconds).map(|seconds| format!(", {} ago", Duration(seconds)));
    let now = Route::Account(AccountRoute { block: BlockReference::Final, ..route.clone() });
    let strip = el("p")
        .class("card block-strip")
        .attr("data-strip", "block")
        .text("Block ")
        .child(value(block))
        .text(&format!("{}. ", ago.unwrap_or_default()))
        .child(el("a").attr("href", &now.link()).text("See now").end());
    Some(strip.end())
}
