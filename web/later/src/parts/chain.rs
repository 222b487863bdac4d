//! The chain from source to deployment: the steps of a report, each with its state and its evidence, the weakest shown first.
//! Not here: what they say (`shared::chain`).

use leptos::prelude::*;
use provenear_shared::Report;
use provenear_shared::chain::{Evidence, Form, Step, StepName};
use provenear_shared::key::PublicKey;
use provenear_shared::manifest::Relation;
use provenear_shared::report::ManifestReport;
use provenear_shared::text::printable;
use provenear_web_ui::element::{all, el};
use provenear_web_ui::text::{card, elsewhere, row, sentence, value};

use super::hash::hash;

/// Most keys that are listed of those that the reader has not chosen: a store has room for any number.
const MOST_STRANGERS: usize = 4;

/// Draws the chain of a report that has a verdict and code.
pub(crate) fn chain(report: &Report) -> Option<AnyView> {
    let steps = report.chain.as_ref()?;
    let weakest = (0..steps.len()).min_by_key(|position| steps[*position].state).unwrap_or_default();
    let chosen = RwSignal::new(weakest);
    let mut buttons: Vec<AnyView> = Vec::new();
    let mut panels: Vec<AnyView> = Vec::new();
    for (position, step) in steps.iter().enumerate() {
        let is_chosen = move || chosen.get() == position;
        let choose = move || chosen.set(position);
        buttons.push(el("li").child(button(step, is_chosen, choose)).end());
        let rows = step.evidence.iter().map(evidence).chain(more(step.name, report)).collect();
        panels.push(el("dl").class("evidence").shown_while(is_chosen).children(rows).end());
    }
    let mut body = vec![el("ol").class("chain").children(buttons).end()];
    body.extend(panels);
    Some(card("chain", "From source to chain", all(body)))
}

fn button(step: &Step, is_chosen: impl Fn() -> bool + Send + 'static, choose: impl Fn() + 'static) -> AnyView {
    el("button")
        .attr("type", "button")
        .class(&format!("step {}", step.state.code()))
        .attr("data-step", step.name.title())
        .attr("data-state", step.state.code())
        .attr_live("aria-expanded", move || Some(is_chosen().to_string()))
        .on("click", move |_| choose())
        .child(el("span").class("name").text(step.name.title()).end())
        .child(el("span").class("word").text(&step.word).end())
        .child(el("bdi").class("short").text(&printable(&step.short)).end())
        .end()
}

/// What manifests add to a step besides: images that ran in place of the claimed one, and who signed without having been chosen.
fn more(step: StepName, report: &Report) -> Vec<AnyView> {
    match step {
        StepName::Image => ran(report),
        StepName::Signed => strangers(report),
        StepName::Source | StepName::Rebuilt | StepName::Deployed => Vec::new(),
    }
}

fn ran(report: &Report) -> Vec<AnyView> {
    let other = |manifest: &&ManifestReport| manifest.relation == Some(Relation::ClaimedOtherImage);
    let row = |manifest: &ManifestReport| {
        let image = match manifest.image {
            Some(image) => hash(&image.to_string()),
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
    let row = |key: &PublicKey| row("Not chosen by you", hash(&key.to_near()));
    keys.iter().take(MOST_STRANGERS).map(row).chain(more).collect()
}

fn evidence(evidence: &Evidence) -> AnyView {
    let shown = match (evidence.form, &evidence.url) {
        (_, Some(url)) => elsewhere(url, evidence.text.clone()),
        (Form::Sentence, None) => sentence(&evidence.text),
        (Form::Value, None) => value(evidence.text.clone()),
        (Form::Hash, None) => hash(&evidence.text),
    };
    row(&evidence.label, shown)
}
