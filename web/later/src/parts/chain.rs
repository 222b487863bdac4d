//! The chain from source to deployment: the steps of a report, each with its state and its evidence, the weakest shown first.
//! Not here: what they say (`shared::chain`).

use leptos::prelude::*;
use provenear_shared::Report;
use provenear_shared::chain::{Evidence, Form, Step, StepName};
use provenear_shared::key::PublicKey;
use provenear_shared::manifest::Relation;
use provenear_shared::report::ManifestReport;
use provenear_shared::text::make_printable;
use provenear_web_ui::element::{all, el};
use provenear_web_ui::text::{card, elsewhere, row, sentence, value};
use wasm_bindgen::JsCast as _;

use super::hash::hash;
use super::recipe;
use crate::glossary::{Term, term_row};

/// Most keys that are listed of those that the reader has not chosen: a store has room for any number.
const MOST_STRANGERS: usize = 4;

/// Draws the chain of a report that has a verdict and code: a tab for each step, over its evidence.
pub(crate) fn chain(report: &Report) -> Option<AnyView> {
    let steps = report.chain.as_ref()?;
    let weakest = (0..steps.len()).min_by_key(|position| steps[*position].state).unwrap_or_default();
    let chosen = RwSignal::new(weakest);
    let mut tabs: Vec<AnyView> = Vec::new();
    let mut panels: Vec<AnyView> = Vec::new();
    for (position, step) in steps.iter().enumerate() {
        tabs.push(el("li").attr("role", "presentation").child(tab(step, position, chosen)).end());
        let rows = step.evidence.iter().map(evidence).chain(more(step.name, report)).collect();
        panels.push(
            el("div")
                .class("evidence")
                .attr("id", &panel_id(position))
                .attr("role", "tabpanel")
                .attr("aria-labelledby", &tab_id(position))
                .attr("tabindex", "0")
                .shown_while(move || chosen.get() == position)
                .child(el("dl").children(rows).end())
                .end(),
        );
    }
    let count = steps.len();
    let list = el("ol").class("chain").attr("role", "tablist").attr("aria-label", TITLE);
    let mut body = vec![list.on("keydown", move |event| walk(&event, chosen, count)).children(tabs).end()];
    body.extend(panels);
    Some(card("chain", TITLE, all(body)))
}

const TITLE: &str = "From source to chain";

fn tab_id(position: usize) -> String {
    format!("step-{position}")
}

fn panel_id(position: usize) -> String {
    format!("evidence-{position}")
}

fn tab(step: &Step, position: usize, chosen: RwSignal<usize>) -> AnyView {
    let is_chosen = move || chosen.get() == position;
    el("button")
        .attr("type", "button")
        .class(&format!("step {}", step.state.code()))
        .attr("id", &tab_id(position))
        .attr("role", "tab")
        .attr("aria-controls", &panel_id(position))
        .attr_live("aria-selected", move || Some(is_chosen().to_string()))
        .attr_live("tabindex", move || Some(if is_chosen() { "0" } else { "-1" }.to_owned()))
        .attr("data-step", step.name.title())
        .attr("data-state", step.state.code())
        .on("click", move |_| chosen.set(position))
        .child(el("span").class("name").text(step.name.title()).end())
        .child(el("span").class("word").text(&step.word).end())
        .child(el("bdi").class("short").text(&make_printable(&step.short)).end())
        .end()
}

/// What a step has besides: the claimed command, images that ran in place of the claimed one, and who signed without having
/// been chosen.
fn more(step: StepName, report: &Report) -> Vec<AnyView> {
    match step {
        StepName::Image => report.recipe.iter().flat_map(recipe::build).chain(ran(report)).collect(),
        StepName::Signed => strangers(report),
        StepName::Source | StepName::Rebuilt | StepName::Deployed => Vec::new(),
    }
}

fn ran(report: &Report) -> Vec<AnyView> {
    let other = |manifest: &&ManifestReport| manifest.relation == Some(Relation::ClaimedOtherImage);
    let row = |manifest: &ManifestReport| {
        let image = match manifest.image {
            Some(image) => hash(&image.to_string(), "the digest of the image that ran"),
            None => "an image without a digest".into_any(),
        };
        let by = manifest.name.clone().or_else(|| manifest.key.map(|key| key.to_near())).unwrap_or_default();
        row("Image that ran", all(vec![image, " (".into_any(), value(by), ")".into_any()]))
    };
    report.manifests.iter().filter(|manifest| manifest.accepted).filter(other).map(row).collect()
}

fn strangers(report: &Report) -> Vec<AnyView> {
    let mut keys = Vec::new();
    for holder in report.manifests.iter().filter_map(|manifest| manifest.holder.as_ref()) {
        if !keys.contains(&holder.key) {
            keys.push(holder.key);
        }
    }
    let more = keys.len().saturating_sub(MOST_STRANGERS);
    let more = (more > 0).then(|| row("Not chosen by you", format!("{more} more").into_any()));
    let row = |key: &PublicKey| row("Not chosen by you", hash(&key.to_near(), "the key not chosen by you"));
    keys.iter().take(MOST_STRANGERS).map(row).chain(more).collect()
}

/// From tab to tab by the arrow keys, around the ends. A narrow screen has them one below the other.
fn walk(event: &web_sys::Event, chosen: RwSignal<usize>, count: usize) {
    let (Some(event), now) = (event.dyn_ref::<web_sys::KeyboardEvent>(), chosen.get_untracked()) else { return };
    let next = match event.key().as_str() {
        "ArrowRight" | "ArrowDown" => (now + 1) % count,
        "ArrowLeft" | "ArrowUp" => (now + count - 1) % count,
        "Home" => 0,
        "End" => count - 1,
        _ => return,
    };
    event.prevent_default();
    chosen.set(next);
    if let Some(tab) = document().get_element_by_id(&tab_id(next)) {
        // A tab takes the focus.
        let _ = tab.unchecked_into::<web_sys::HtmlElement>().focus();
    }
}

fn evidence(evidence: &Evidence) -> AnyView {
    let shown = match (evidence.form, &evidence.url) {
        (_, Some(url)) => elsewhere(url, evidence.text.clone()),
        (Form::Sentence, None) => sentence(&evidence.text),
        (Form::Value, None) => value(evidence.text.clone()),
        (Form::Hash, None) => hash(&evidence.text, &name_copied(&evidence.label)),
    };
    match evidence.label.as_str() {
        label @ "Commit" => term_row(Term::Commit, label, shown),
        label @ "Image" => term_row(Term::Image, label, shown),
        label @ "Endpoints" => term_row(Term::Endpoint, label, shown),
        label => row(label, shown),
    }
}

/// Names what a button copies, by the label that it stands under.
fn name_copied(label: &str) -> String {
    match label {
        "This code" => "the hash of this code".to_owned(),
        "Gave" => "the hash of what came out".to_owned(),
        label => format!("the {}", label.to_lowercase()),
    }
}
