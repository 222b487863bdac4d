//! The claim as something that can be rebuilt, or every reason why it cannot.

use leptos::prelude::*;
use provenear_shared::report::{Coded, RecipeReport};

use super::text::{card, elsewhere, hash, row, sentence, value};

/// The card of a recipe.
pub(crate) fn recipe(recipe: &RecipeReport) -> AnyView {
    let source = &recipe.source;
    let commit = match &source.browse_url {
        Some(url) => elsewhere(url, source.commit.clone()),
        None => hash(&source.commit),
    };
    let image = match &recipe.image.tag {
        Some(tag) => format!("{}:{tag}", recipe.image.name),
        None => recipe.image.name.clone(),
    };
    let path = if recipe.contract_path.is_empty() { "the root".to_owned() } else { recipe.contract_path.clone() };
    let body = view! {
        <dl>
            {row("Repository", value(source.url.clone()))}
            {row("Commit", commit)}
            {row("Image", value(image))}
            {row("Image digest", hash(&recipe.image.digest))}
            {row("Folder", value(path))}
            {row("Command", view! { <code class="argv"><bdi>{provenear_shared::text::printable(&recipe.build_command.join(" "))}</bdi></code> }.into_any())}
            {recipe.output_wasm_path.clone().map(|path| row("Gives", value(path)))}
        </dl>
    };
    card("recipe", "How it is said to be built", body.into_any())
}

/// The card of what is missing.
pub(crate) fn gaps(gaps: &[Coded]) -> AnyView {
    let items: Vec<AnyView> = gaps
        .iter()
        .map(|gap| view! { <li data-gap=gap.code.clone()>{sentence(&gap.message)}</li> }.into_any())
        .collect();
    let body = view! { <p>"For a rebuild, its author would have to change:"</p><ul class="gaps">{items}</ul> };
    card("gaps", "Why it cannot be rebuilt", body.into_any())
}
