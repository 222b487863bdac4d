//! What the code says about itself (NEP-330), from the bytes and from the node.

use leptos::prelude::*;
use provenear_shared::report::MetadataReport;
use provenear_shared::verdict::ClaimBasis;
use provenear_web_ui::element::{all, el};
use provenear_web_ui::text::{card, row, value};

use crate::glossary::{Term, term};

/// The card of a claim.
pub(crate) fn claim(metadata: &MetadataReport) -> AnyView {
    let from = match metadata.from {
        ClaimBasis::Code => "the code itself, run in this browser",
        ClaimBasis::Node => "a node alone: the code does not give it by itself",
    };
    let agree = match metadata.agree {
        Some(true) => "the node says the same",
        Some(false) => "the node says something else",
        None => "not compared with a node",
    };
    let text = |name: &str| {
        let found = metadata.nep330.as_ref()?.get(name)?.as_str()?;
        Some(value(found.to_owned()))
    };
    let verbatim = |title: &'static str, shown: Option<String>| {
        let shown = provenear_shared::text::make_printable(&shown?);
        let shown = el("pre")
            .attr("dir", "ltr")
            .attr("tabindex", "0")
            .attr("role", "region")
            .attr("aria-label", title)
            .text(&shown);
        Some(el("details").child(el("summary").text(title).end()).child(shown.end()).end())
    };
    let rows = el("dl")
        .child(row("Said by", from.into_any()))
        .child(row("Compared", agree.into_any()))
        .maybe(text("version").map(|version| row("Version", version)))
        .maybe(text("link").map(|link| row("Link", link)));
    let mut body = vec![term(Term::Claim, "What is a claim?"), rows.end()];
    body.extend(verbatim("As the code says it", metadata.code.as_ref().map(|claim| format!("{claim:#}"))));
    body.extend(verbatim("As the node says it", metadata.rpc.as_ref().map(|claim| format!("{claim:#}"))));
    card("claim", "The contract's own claim (NEP-330)", all(body))
}
