//! Sections to scale, imports and exports, embedded modules, and what the bytes tell about compiler and crates.

use leptos::prelude::*;
use provenear_shared::wasm::ModuleFacts;
use provenear_shared::wasm::facts::SectionFact;
use provenear_web_ui::text::{card, row, sentence, value};

use crate::parts::deployment::group_digits;
use crate::parts::hash::hash;

/// Width of the picture, in its own units.
const WIDTH: f64 = 1000.0;

/// The card.
pub(super) fn facts(facts: ModuleFacts) -> AnyView {
    let made = &facts.fingerprint;
    let rustc = made.compiler();
    let crates: Vec<String> = made.crates.iter().map(|found| format!("{} {}", found.name, found.version)).collect();
    let git: Vec<String> = made.git.iter().map(|found| format!("{} at {}", found.repository, found.rev)).collect();
    let language = made.language.as_ref().map(|language| format!("{} ({})", language.name.code(), language.evidence));
    let place = made.build_place.as_ref().map(|place| format!(" ({})", place.code())).unwrap_or_default();
    let inner: Vec<AnyView> = facts
        .embedded
        .iter()
        .map(|inner| {
            let code_hash = inner.code_hash.to_base58();
            let link = format!("#/code/{code_hash}");
            let claim = inner.metadata.as_ref().map(|claim| {
                let shown = provenear_shared::text::make_printable(&format!("{claim:#}"));
                view! { <details><summary>"Its own claim (NEP-330)"</summary><pre dir="ltr" tabindex="0">{shown}</pre></details> }
            });
            let none = claim.is_none().then_some(" It does not say where it comes from.");
            view! {
                <li data-embedded=code_hash.clone()>
                    {hash(&code_hash, "the code hash of the inner module")} " " {group_digits(inner.size)} " bytes, " <a href=link>"look it up"</a> {none} {claim}
                </li>
            }
                .into_any()
        })
        .collect();
    let odd: Vec<AnyView> = facts
        .oddities
        .iter()
        .map(|odd| view! { <li data-oddity=odd.code.code()>{sentence(&odd.message)}</li> }.into_any())
        .collect();
    let body = view! {
        <p class="quiet">"The parts of the file, to scale: “code” is the program, “data” its constants and texts."</p>
        {picture(&facts.sections)}
        <dl>
            {row("Functions", group_digits(facts.functions).into_any())}
            {language.map(|language| row("Language", value(language)))}
            {rustc.map(|rustc| row("Compiler", value(rustc)))}
            {made.build_home.clone().map(|home| row("Built in folder", value(home + &place)))}
            {row("Data", format!("{} bytes in {} pieces", group_digits(facts.data.size), group_digits(facts.data.segments)).into_any())}
        </dl>
        {draw_list("Rust libraries named in the bytes", crates)}
        {draw_list("Libraries taken from git", git)}
        {draw_list("What it can ask of the node (host functions)", facts.imports)}
        {draw_list("What can be called from outside (exports)", facts.exports)}
        {(!inner.is_empty()).then(|| view! { <h3>"Other code that it carries"</h3><p>"Whole modules are stored inside this one; it could deploy them to accounts."</p><ul>{inner}</ul> })}
        {(!odd.is_empty()).then(|| view! { <h3>"What is unusual about it"</h3><ul>{odd}</ul> })}
    };
    card("module", "Inside the module", body.into_any())
}

/// Most items that are drawn of a list: a module may have hundreds of thousands.
const MOST_LISTED: usize = 1_000;

fn draw_list(title: &'static str, items: Vec<String>) -> Option<AnyView> {
    if items.is_empty() {
        return None;
    }
    let count = items.len();
    let rest = count.saturating_sub(MOST_LISTED);
    let items: Vec<AnyView> =
        items.into_iter().take(MOST_LISTED).map(|item| view! { <li>{value(item)}</li> }.into_any()).collect();
    Some(
        view! {
            <details>
                <summary>{title} " (" {count} ")"</summary>
                <ul class="plain">{items} {(rest > 0).then(|| view! { <li>"and " {rest} " more"</li> })}</ul>
            </details>
        }
        .into_any(),
    )
}

/// The sections as one bar, to scale, and a legend with their sizes.
pub(crate) fn picture(sections: &[SectionFact]) -> AnyView {
    let total = sections.iter().map(|section| section.size).sum::<usize>().max(1) as f64;
    let mut at = 0.0;
    let mut bars: Vec<AnyView> = Vec::new();
    let mut legend: Vec<AnyView> = Vec::new();
    for (position, section) in sections.iter().enumerate() {
        let width = section.size as f64 / total * WIDTH;
        let class = format!("bar bar-{}", position % 6);
        let share = format!("{:.1} %", section.size as f64 / total * 100.0);
        bars.push(
            view! { <rect class=class.clone() x=at.to_string() y="0" width=width.to_string() height="40" /> }
                .into_any(),
        );
        legend.push(
            view! {
                <li>
                    <svg class="key" viewBox="0 0 10 10" aria-hidden="true" focusable="false"><rect class=class width="10" height="10" /></svg>
                    {value(section.name.clone())} " " <span class="quiet">{group_digits(section.size)} " bytes, " {share}</span>
                </li>
            }
            .into_any(),
        );
        at += width;
    }
    view! {
        <svg class="scale" viewBox="0 0 1000 40" preserveAspectRatio="none" role="img" aria-label="Sections to scale">{bars}</svg>
        <ul class="legend">{legend}</ul>
    }
    .into_any()
}
