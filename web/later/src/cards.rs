//! Everything about one subject below the answer: the chain from source to chain, a card for each part of the report, and
//! what is looked into on demand. A view of the second program, loaded when the first verdict stands.

use std::sync::Arc;
use std::time::Duration;

use leptos::prelude::*;
use provenear_shared::Report;
use provenear_shared::manifest::Relation;
use provenear_shared::report::SubjectKind;
use provenear_web_ui::ambient::Ambient;
use provenear_web_ui::element::{all, el, live};

use crate::arrival;
use crate::export::export;
use crate::paper::paper;
use crate::parts::gradually::Turns;
use crate::parts::{chain, claim, command, deployment, manifests, next, read_report, recipe};
use crate::records::About;
use crate::source::Named;
use crate::{compare, history, inside, records, source};

/// The view of the answer with this number, whose report is `given` as the Worker posted it.
pub(crate) fn cards(answer: u32, given: String) -> AnyView {
    // Beginning, reading and drawing are tasks of their own.
    let read = RwSignal::new(false);
    set_timeout(move || read.set(true), Duration::ZERO);
    live(move || if read.get() { draw(answer, &given) } else { el("div").attr("aria-busy", "true").end() })
}

fn draw(answer: u32, given: &str) -> AnyView {
    let Some(report) = read_report(given) else { return ().into_any() };
    let report = Arc::new(report);
    arrival::watch(answer, &report);
    let turns = Turns::new(PARTS.len() + 3);
    let place = |at: usize| {
        let report = report.clone();
        turns.place(at + 2, move || PARTS[at](&report).into_any())
    };
    let (first, all_of_it) = (report.clone(), report.clone());
    let given = given.to_owned();
    let chain = turns.place(1, move || chain::chain(&first).into_any());
    let parts = el("div").class("cards").children((0..PARTS.len()).map(place).collect()).end();
    let more = turns.place(PARTS.len() + 2, move || more(answer, &given, &all_of_it));
    // Columns are balanced anew for each card, and what moves is hard to read: they are shown together.
    let shown = el("div").attr_live("aria-busy", move || (!turns.over()).then(|| "true".to_owned()));
    all(vec![chain, shown.shown_while(move || turns.over()).child(parts).child(more).end()])
}

/// The cards, in order.
const PARTS: [fn(&Report) -> Option<AnyView>; 6] = [
    next::next,
    deployment::deployment,
    |report| report.metadata.as_ref().map(claim::claim),
    |report| (!report.gaps.is_empty()).then(|| recipe::gaps(&report.gaps)),
    command::command,
    |report| {
        let sha256 = report.code.as_ref().map(|code| code.sha256);
        let is_wanted = sha256.is_some() || !report.manifests.is_empty();
        is_wanted.then(|| manifests::manifests(report, sha256))
    },
];

/// What is looked into on demand.
fn more(answer: u32, given: &str, report: &Report) -> AnyView {
    let mut views: Vec<AnyView> = Vec::new();
    if report.code.is_some() {
        let draw = move || inside::inside(answer);
        views.push(on_demand("inside", "Look inside: methods, sections, compiler, crates", draw));
    }
    if report.subject.kind != SubjectKind::File && report.code.is_some() {
        views.push(compare::local_build(answer));
    }
    views.extend(
        sources(report)
            .into_iter()
            .map(|named| asking("sources", "Browse the rebuilt source", move || source::source(named.clone()))),
    );
    if let Some(at) = &report.deployment {
        let deployment = at.clone();
        let past = move || history::history(&deployment);
        views.push(on_demand("past", "Code history", past));
        let (network, account) = (at.network.clone(), at.account_id.clone());
        let hash = report.code.as_ref().map(|code| code.code_hash);
        views.push(asking("records", "SourceScan's record (unsigned)", move || {
            records::records(network.clone(), About::Account(account.clone(), hash))
        }));
    }
    views.push(export(answer, given.to_owned(), report));
    let network = report.deployment.as_ref().map(|at| at.network.clone());
    views.push(paper(network.unwrap_or_else(|| Ambient::get().settings.with_untracked(|it| it.usual_network()))));
    all(views)
}

/// The archives that manifests which count name, each once. A link to the forge only where the claimed source was rebuilt.
fn sources(report: &Report) -> Vec<Named> {
    let mut found: Vec<Named> = Vec::new();
    for manifest in report.manifests.iter().filter(|manifest| manifest.accepted) {
        let Some(sha256) = manifest.source_archive else { continue };
        if found.iter().any(|named| named.sha256 == sha256) {
            continue;
        }
        let claimed = manifest.relation.is_some_and(Relation::is_of_the_claim);
        let browse_url = report.recipe.as_ref().filter(|_| claimed).and_then(|recipe| recipe.source.browse_url.clone());
        let by = manifest.name.clone().unwrap_or_else(|| "A key of yours".to_owned());
        found.push(Named { sha256, by, browse_url });
    }
    found
}

/// What is only made once somebody wants it, a part of its own below the cards.
pub(crate) fn on_demand(
    name: &'static str,
    title: &'static str,
    draw: impl Fn() -> AnyView + Send + 'static,
) -> AnyView {
    folded("inside", name, title, draw)
}

/// As [`on_demand`], of what asks somebody when it is opened: it is opened by nobody but the reader.
fn asking(name: &'static str, title: &'static str, draw: impl Fn() -> AnyView + Send + 'static) -> AnyView {
    part("inside", name, title, Asks::Somebody, draw)
}

/// Draws a card that is only filled once somebody opens it.
pub(crate) fn folded(
    class: &'static str,
    name: &'static str,
    title: &str,
    draw: impl Fn() -> AnyView + Send + 'static,
) -> AnyView {
    part(class, name, title, Asks::Nobody, draw)
}

/// Whether anybody is asked when a part is opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Asks {
    Nobody,
    Somebody,
}

fn part(
    class: &'static str,
    name: &'static str,
    title: &str,
    asks: Asks,
    draw: impl Fn() -> AnyView + Send + 'static,
) -> AnyView {
    let opened = RwSignal::new(false);
    let part = move || if opened.get() { draw() } else { ().into_any() };
    // What is folded up and opened again is as it was left.
    let open = move |_| {
        if !opened.get_untracked() {
            opened.set(true);
        }
    };
    el("details")
        .class(class)
        .attr("data-card", name)
        .attr_live("data-asks", move || (asks == Asks::Somebody && !opened.get()).then(String::new))
        .on("toggle", open)
        .child(el("summary").text(title).end())
        .child(live(part))
        .end()
}
