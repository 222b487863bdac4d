//! The claim as something that can be rebuilt, or every reason why it cannot.

use leptos::prelude::*;
use provenear_shared::customary::hide_secrets;
use provenear_shared::gap::GapCode;
use provenear_shared::report::{Coded, RecipeReport};
use provenear_shared::text::make_printable;
use provenear_web_ui::element::{all, el};
use provenear_web_ui::text::{card, row, sentence, value};

use super::why::why;

/// How the claim is built in its image: folder, command and where the wasm is afterwards.
pub(crate) fn build(recipe: &RecipeReport) -> Vec<AnyView> {
    let path = if recipe.contract_path.is_empty() { "the root".to_owned() } else { recipe.contract_path.clone() };
    let command = el("bdi").text(&make_printable(&hide_secrets(&recipe.build_command).join(" "))).end();
    let rows = [row("Folder", value(path)), row("Command", el("code").class("argv").child(command).end())];
    let output = recipe.output_wasm_path.clone().map(|path| row("Gives", value(path)));
    rows.into_iter().chain(output).collect()
}

/// The card of what is missing.
pub(crate) fn gaps(gaps: &[Coded<GapCode>]) -> AnyView {
    let item = |gap: &Coded<GapCode>| {
        el("li").attr("data-gap", gap.code.code()).child(sentence(&gap.message)).child(why(gap.code.why())).end()
    };
    let body = vec![
        el("p").text("To make it rebuildable, the author must change:").end(),
        el("ul").class("gaps").children(gaps.iter().map(item).collect()).end(),
    ];
    card("gaps", "Why it cannot be rebuilt", all(body))
}
