//! The methods of a contract as its ABI tells them, with a search.

use leptos::prelude::*;
use provenear_shared::abi::{Abi, AbiFunction, AbiType};
use provenear_web_ui::text::{card, sentence, value};

/// The card.
pub(super) fn methods(abi: Abi) -> AnyView {
    let label = format!("Search {} methods", abi.functions.len());
    let text = |function: &AbiFunction| format!("{} {}", function.name, function.doc.as_deref().unwrap_or_default());
    let list = draw_searchable("method", label, abi.functions, text, one);
    let by = [abi.name, abi.version, abi.compiler, abi.builder].into_iter().flatten().collect::<Vec<_>>().join(" · ");
    let mut differ: Vec<AnyView> = Vec::new();
    if !abi.exports_not_described.is_empty() {
        differ.push(
            view! { <p>"Can be called but is not described here: " {value(abi.exports_not_described.join(", "))}</p> }
                .into_any(),
        );
    }
    if !abi.functions_not_exported.is_empty() {
        differ.push(
            view! { <p>"Is described here but cannot be called: " {value(abi.functions_not_exported.join(", "))}</p> }
                .into_any(),
        );
    }
    let body = view! {
        <p class="quiet">{value(by)}</p>
        {abi.note.as_deref().map(|note| view! { <p>{sentence(note)}</p> })}
        {list}
        {types(abi.types)}
        {differ}
    };
    card("abi", "Methods", body.into_any())
}

/// The named types, folded.
fn types(types: Vec<AbiType>) -> Option<AnyView> {
    if types.is_empty() {
        return None;
    }
    let title = format!("Types ({})", types.len());
    let list = draw_searchable("type", "Search types".to_owned(), types, |found| found.name.clone(), draw_type);
    Some(view! { <details data-part="types"><summary>{title}</summary>{list}</details> }.into_any())
}

/// Draws a list with a search: an item is shown while its text holds what is wanted.
fn draw_searchable<T: Send + 'static>(
    id: &'static str,
    label: String,
    items: Vec<T>,
    text: fn(&T) -> String,
    draw: fn(&T) -> AnyView,
) -> AnyView {
    let wanted = RwSignal::new(String::new());
    let list = move || {
        let wanted = wanted.get().to_lowercase();
        let hit = |item: &&T| text(item).to_lowercase().contains(&wanted);
        let found: Vec<AnyView> = items.iter().filter(hit).map(draw).collect();
        let none = found.is_empty().then(|| view! { <p class="quiet">"None has this in its name or text."</p> });
        view! { {none} <ul class="methods">{found}</ul> }.into_any()
    };
    view! {
        <label for=id>{label}</label>
        <input
            id=id
            type="search"
            autocomplete="off"
            spellcheck="false"
            prop:value=move || wanted.get()
            on:input=move |event| wanted.set(event_target_value(&event))
        />
        {list}
    }
    .into_any()
}

fn draw_type(found: &AbiType) -> AnyView {
    let fields: Vec<AnyView> = found
        .fields
        .iter()
        .map(|field| view! { <li>{value(format!("{}: {}", field.name, field.type_name))}</li> }.into_any())
        .collect();
    view! {
        <li data-type=found.name.clone()>
            <p class="signature"><strong>{value(found.name.clone())}</strong> " " {value(found.type_name.clone())}</p>
            {found.doc.clone().map(|doc| view! { <p class="doc" dir="auto">{provenear_shared::text::make_printable(&doc)}</p> })}
            <ul class="plain">{fields}</ul>
        </li>
    }
    .into_any()
}

fn one(function: &AbiFunction) -> AnyView {
    let params: Vec<String> =
        function.params.iter().map(|param| format!("{}: {}", param.name, param.type_name)).collect();
    let result = function.result.as_ref().map(|result| format!(" → {result}")).unwrap_or_default();
    let tags: Vec<AnyView> = std::iter::once(&function.kind)
        .chain(&function.modifiers)
        .chain(function.serialization.iter().filter(|kind| *kind != "json"))
        .map(|tag| view! { <span class="tag">{value(tag.clone())}</span> }.into_any())
        .collect();
    view! {
        <li data-method=function.name.clone()>
            <p class="signature"><strong>{value(function.name.clone())}</strong>{value(format!("({}){result}", params.join(", ")))} {tags}</p>
            {function.doc.clone().map(|doc| view! { <p class="doc" dir="auto">{provenear_shared::text::make_printable(&doc)}</p> })}
        </li>
    }
    .into_any()
}
