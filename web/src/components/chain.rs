//! The chain from source to deployment, each link with its state and its evidence, the weakest shown first.

use leptos::prelude::*;
use provenear_shared::Report;
use provenear_shared::report::KeyReport;
use provenear_shared::text::printable;

use super::element::{all, el};
use super::hash::hash;
use super::text::{card, elsewhere, row, value};

/// How well a link holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum State {
    Broken,
    Missing,
    /// Said, and not checked by a rebuild.
    Claimed,
    Weak,
    Sound,
}

impl State {
    fn code(self) -> &'static str {
        match self {
            Self::Broken => "broken",
            Self::Missing => "missing",
            Self::Claimed => "claimed",
            Self::Weak => "weak",
            Self::Sound => "sound",
        }
    }

    fn word(self) -> &'static str {
        match self {
            Self::Broken => "does not hold",
            Self::Missing => "missing",
            Self::Claimed => "claimed",
            Self::Weak => "with reservations",
            Self::Sound => "holds",
        }
    }
}

struct Step {
    name: &'static str,
    state: State,
    short: String,
    evidence: Vec<AnyView>,
}

/// Draws the chain of a report that has a verdict and code.
pub(crate) fn chain(report: &Report) -> Option<AnyView> {
    let verdict = report.verdict.as_ref()?;
    report.code.as_ref()?;
    let steps = [source(report), image(report), rebuilt(report), signed(report, verdict.threshold), deployed(report)];
    let weakest = (0..steps.len()).min_by_key(|position| steps[*position].state).unwrap_or_default();
    let chosen = RwSignal::new(weakest);
    let mut buttons: Vec<AnyView> = Vec::new();
    let mut panels: Vec<AnyView> = Vec::new();
    for (position, step) in steps.into_iter().enumerate() {
        let is_chosen = move || chosen.get() == position;
        let button = el("button")
            .attr("type", "button")
            .class(&format!("step {}", step.state.code()))
            .attr("data-step", step.name)
            .attr("data-state", step.state.code())
            .attr_live("aria-expanded", move || Some(is_chosen().to_string()))
            .on("click", move |_| chosen.set(position))
            .child(el("span").class("name").text(step.name).end())
            .child(el("span").class("word").text(step.state.word()).end())
            .child(el("bdi").class("short").text(&printable(&step.short)).end());
        buttons.push(el("li").child(button.end()).end());
        panels.push(el("dl").class("evidence").shown_while(is_chosen).children(step.evidence).end());
    }
    let mut body = vec![el("ol").class("chain").children(buttons).end()];
    body.extend(panels);
    Some(card("chain", "From source to chain", all(body)))
}

fn has(report: &Report, code: &str) -> bool {
    report.notices.iter().any(|notice| notice.code == code)
}

fn source(report: &Report) -> Step {
    let name = "Source";
    let Some(recipe) = &report.recipe else {
        let evidence = vec![row("Commit", "The contract names no source that could be built.".into_any())];
        return Step { name, state: State::Missing, short: "not named".to_owned(), evidence };
    };
    let node_only = report.metadata.as_ref().is_some_and(|metadata| metadata.from == "rpc");
    let doubtful = node_only || has(report, "commit-not-on-a-ref") || has(report, "source-from-elsewhere");
    let commit = recipe.source.commit.clone();
    let shown = match &recipe.source.browse_url {
        Some(url) => elsewhere(url, commit.clone()),
        None => hash(&commit),
    };
    let evidence = vec![
        row("Repository", value(recipe.source.url.clone())),
        row("Commit", shown),
        row("Claimed by", if node_only { "a node alone" } else { "the code itself" }.into_any()),
    ];
    let state = claimed(report, doubtful);
    Step { name, state, short: commit.chars().take(10).collect(), evidence }
}

fn image(report: &Report) -> Step {
    let name = "Image";
    let Some(recipe) = &report.recipe else {
        let evidence = vec![row("Image", "The contract names no pinned build environment.".into_any())];
        return Step { name, state: State::Missing, short: "not named".to_owned(), evidence };
    };
    let doubtful = has(report, "unlisted-image") || has(report, "image-substituted");
    let mut evidence = vec![row("Image", value(recipe.image.name.clone()))];
    evidence.extend(recipe.image.tag.clone().map(|tag| row("Tag", value(tag))));
    evidence.push(row("Digest", hash(&recipe.image.digest)));
    let short = recipe.image.tag.clone().unwrap_or_else(|| recipe.image.digest.chars().skip(7).take(10).collect());
    Step { name, state: claimed(report, doubtful), short, evidence }
}

/// What the contract claims holds only as far as a rebuild of that claim gave the same bytes.
fn claimed(report: &Report, doubtful: bool) -> State {
    let ours = report.code.as_ref().map(|code| &code.sha256);
    let holds = report.manifests.iter().any(|manifest| {
        manifest.accepted && manifest.artifact.as_ref() == ours && manifest.relation.as_deref() != Some("unclaimed")
    });
    match (doubtful, holds) {
        (true, _) => State::Weak,
        (false, true) => State::Sound,
        (false, false) => State::Claimed,
    }
}

fn rebuilt(report: &Report) -> Step {
    let name = "Rebuilt";
    let ours = report.code.as_ref().map(|code| code.sha256.clone());
    let accepted: Vec<_> = report.manifests.iter().filter(|manifest| manifest.accepted).collect();
    let matching = accepted.iter().find(|manifest| manifest.artifact == ours);
    let (state, short, artifact) = match (matching, accepted.first()) {
        (Some(found), _) if found.relation.as_deref() == Some("unclaimed") => (State::Weak, "same bytes", Some(found)),
        (Some(found), _) => (State::Sound, "same bytes", Some(found)),
        (None, Some(other)) => (State::Broken, "other bytes", Some(other)),
        (None, None) => (State::Missing, "by nobody yet", None),
    };
    let mut evidence: Vec<AnyView> = ours.as_deref().map(|ours| row("These bytes", hash(ours))).into_iter().collect();
    match artifact {
        Some(manifest) => {
            evidence.extend(manifest.artifact.as_deref().map(|artifact| row("Rebuilt", hash(artifact))));
            evidence.extend(manifest.finished_on.clone().map(|time| row("Finished", value(time))));
        }
        None => evidence.push(row("Rebuilt", "No rebuild by a key that you trust.".into_any())),
    }
    Step { name, state, short: short.to_owned(), evidence }
}

fn signed(report: &Report, threshold: usize) -> Step {
    let keys = report.verdict.as_ref().map(|verdict| verdict.keys.as_slice()).unwrap_or_default();
    let state = match keys.len() {
        0 => State::Missing,
        some if some < threshold => State::Weak,
        _ => State::Sound,
    };
    let named = |key: &KeyReport| key.name.clone().unwrap_or_else(|| "a key of yours".to_owned());
    let mut evidence = vec![row("Keys", format!("{} of {threshold} that you ask for", keys.len()).into_any())];
    evidence
        .extend(keys.iter().map(|key| row("Signed by", all(vec![value(named(key)), " ".into_any(), hash(&key.key)]))));
    let dissent = report.verdict.as_ref().map(|verdict| verdict.dissent.as_slice()).unwrap_or_default();
    evidence.extend(dissent.iter().map(|key| {
        let label = if key.contradicts_itself { "Contradicts itself" } else { "Says otherwise" };
        row(label, all(vec![value(named(key)), " ".into_any(), hash(&key.key)]))
    }));
    let short = keys.first().map_or_else(|| "by nobody yet".to_owned(), named);
    Step { name: "Signed", state, short, evidence }
}

fn deployed(report: &Report) -> Step {
    let name = "Deployed";
    let Some(deployment) = &report.deployment else {
        let evidence = vec![row("Chain", "This is a file or a hash: no account was looked at.".into_any())];
        return Step { name, state: State::Missing, short: "not looked at".to_owned(), evidence };
    };
    let agreeing = deployment.endpoints.iter().filter(|endpoint| endpoint.agrees).count();
    let block = vec![format!("{} ", deployment.block_height).into_any(), hash(&deployment.block_hash)];
    let evidence = vec![
        row("Account", value(deployment.account_id.clone())),
        row("Block", all(block)),
        row("Endpoints", format!("{agreeing} agree").into_any()),
    ];
    let state = if agreeing > 1 { State::Sound } else { State::Weak };
    Step { name, state, short: format!("block {}", deployment.block_height), evidence }
}
