//! The claim as something that can be rebuilt, or every reason why it cannot.

use leptos::prelude::*;
use provenear_shared::customary::shown;
use provenear_shared::gap::GapCode;
use provenear_shared::report::{Coded, RecipeReport};
use provenear_shared::text::printable;
use provenear_web_ui::element::{all, el};
use provenear_web_ui::text::{card, elsewhere, row, sentence, value};

use super::hash::hash;
use super::why::why;

/// The card of a recipe.
pub(crate) fn recipe(recipe: &RecipeReport) -> AnyView {
    let source = &recipe.source;
    let commit = match &source.browse_url {
        Some(url) => elsewhere(url, source.commit.clone()),
        None => hash(&source.commit, "the commit"),
    };
    let image = match &recipe.image.tag {
        Some(tag) => format!("{}:{tag}", recipe.image.name),
        None => recipe.image.name.clone(),
    };
    let path = if recipe.contract_path.is_empty() { "the root".to_owned() } else { recipe.contract_path.clone() };
    let command = el("bdi").text(&printable(&shown(&recipe.build_command).join(" "))).end();
    let rows = el("dl")
        .child(row("Repository", value(source.url.clone())))
        .child(row("Commit", commit))
        .child(row("Image", value(image)))
        .child(row("Image digest", hash(&recipe.image.digest.to_string(), "the image digest")))
        .child(row("Folder", value(path)))
        .child(row("Command", el("code").class("argv").child(command).end()))
        .maybe(recipe.output_wasm_path.clone().map(|path| row("Gives", value(path))));
    card("recipe", "Claimed build", rows.end())
}

/// The card of what is missing.
pub(crate) fn gaps(gaps: &[Coded<GapCode>]) -> AnyView {
    let item = |gap: &Coded<GapCode>| {
        el("li").attr("data-gap", gap.code.code()).child(sentence(&gap.message)).child(why(gap.code.why())).end()
    };
    let body = vec![
        el("p").text("For a rebuild, its author would have to change:").end(),
        el("ul").class("gaps").children(gaps.iter().map(item).collect()).end(),
    ];
    card("gaps", "Why it cannot be rebuilt", all(body))
}
