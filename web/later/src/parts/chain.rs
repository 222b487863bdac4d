//! The chain from source to deployment: the steps of a report, each with its state and its evidence, the weakest shown first.
//! Not here: what they say (`shared::chain`).

use leptos::prelude::*;
use provenear_shared::Report;
use provenear_shared::chain::{Evidence, Form, Step};
use provenear_shared::text::printable;
use provenear_web_ui::element::{all, el};
use provenear_web_ui::text::{card, elsewhere, row, sentence, value};

use super::hash::hash;

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
        let rows = step.evidence.iter().map(evidence).collect();
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

fn evidence(evidence: &Evidence) -> AnyView {
    let shown = match (evidence.form, &evidence.url) {
        (_, Some(url)) => elsewhere(url, evidence.text.clone()),
        (Form::Sentence, None) => sentence(&evidence.text),
        (Form::Value, None) => value(evidence.text.clone()),
        (Form::Hash, None) => hash(&evidence.text),
    };
    row(&evidence.label, shown)
}
