//! The functions of both modules as a table to filter and sort, and one of them side by side.

use std::sync::Arc;

use leptos::prelude::*;
use serde::Deserialize;

use super::code::code;
use super::difference::Compared;
use crate::components::deployment::grouped;
use crate::components::gradually::gradually;
use crate::components::text::value;

/// A pair of functions, or one without a partner.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub(super) struct Function {
    status: String,
    a: Option<Side>,
    b: Option<Side>,
    similarity: Option<f64>,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
struct Side {
    index: u32,
    name: Option<String>,
    size: usize,
}

/// Rows that are shown at first, and how many more each time.
const ROWS: usize = 50;
/// Rows that are drawn in one task.
const AT_ONCE: usize = 5;

/// What can be shown of them, by status: each with its name.
const FILTERS: [(&str, &str); 7] = [
    ("differing", "All that differ"),
    ("changed", "Changed"),
    ("guess", "Paired by a guess"),
    ("added", "Only in the second"),
    ("removed", "Only in the first"),
    ("same", "The same"),
    ("all", "All"),
];
const ORDERS: [(&str, &str); 5] = [
    ("place", "Place in the file"),
    ("name", "Name"),
    ("alike", "Least alike first"),
    ("size", "Largest first"),
    ("grown", "Most grown or shrunk first"),
];

impl Function {
    fn is_same(&self) -> bool {
        matches!(self.status.as_str(), "exact" | "moved" | "relocated")
    }

    fn passes(&self, filter: &str, wanted: &str) -> bool {
        let status = match filter {
            "all" => true,
            "differing" => !self.is_same(),
            "same" => self.is_same(),
            filter => self.status == filter,
        };
        status && (wanted.is_empty() || self.names().any(|name| name.to_lowercase().contains(wanted)))
    }

    /// What it is found by: names and indices.
    fn names(&self) -> impl Iterator<Item = String> {
        let sides = [&self.a, &self.b].into_iter().flatten();
        sides.flat_map(|side| [side.name.clone().unwrap_or_default(), format!("#{}", side.index)])
    }

    fn size(&self) -> usize {
        [&self.a, &self.b].into_iter().flatten().map(|side| side.size).max().unwrap_or_default()
    }

    fn grown(&self) -> usize {
        let size = |side: &Option<Side>| side.as_ref().map_or(0, |side| side.size);
        size(&self.a).abs_diff(size(&self.b))
    }

    fn name(&self) -> Option<&str> {
        [&self.a, &self.b].into_iter().flatten().find_map(|side| side.name.as_deref())
    }
}

/// The positions of the functions that pass, in order.
fn sorted(functions: &[Function], filter: &str, wanted: &str, order: &str) -> Vec<usize> {
    let wanted = wanted.to_lowercase();
    let mut found: Vec<usize> = (0..functions.len()).filter(|at| functions[*at].passes(filter, &wanted)).collect();
    let of = |at: &usize| &functions[*at];
    match order {
        "name" => found.sort_by_key(|at| (of(at).name().is_none(), of(at).name())),
        "alike" => found.sort_by(|x, y| {
            let alike = |at: &usize| of(at).similarity.unwrap_or(if of(at).is_same() { 1.0 } else { 0.0 });
            alike(x).total_cmp(&alike(y))
        }),
        "size" => found.sort_by_key(|at| std::cmp::Reverse(of(at).size())),
        "grown" => found.sort_by_key(|at| std::cmp::Reverse(of(at).grown())),
        _ => {}
    }
    found
}

/// The card.
pub(super) fn functions(compared: Compared) -> AnyView {
    let found = compared.functions;
    let comparer = compared.comparer;
    let (filter, order) = (RwSignal::new("differing".to_owned()), RwSignal::new("place".to_owned()));
    let wanted = RwSignal::new(String::new());
    let most = RwSignal::new(ROWS);
    let shown = RwSignal::new(None::<usize>);
    let all = found.clone();
    let passing = Memo::new(move |_| {
        filter.with(|filter| wanted.with(|wanted| order.with(|order| sorted(&all, filter, wanted, order))))
    });
    let listed = found.clone();
    // What is shown stays when more is wanted.
    let rows = move || {
        let passing = passing.get();
        let page = |(page, rows): (usize, &[usize])| {
            let (listed, rows) = (listed.clone(), rows.to_vec());
            let is_wanted = Memo::new(move |_| most.get() > page * ROWS);
            let drawn = move || {
                let (listed, rows) = (listed.clone(), rows.clone());
                gradually(rows.len(), AT_ONCE, move |at| row(&listed, rows[at], shown))
            };
            (move || is_wanted.get().then(&drawn)).into_any()
        };
        passing.chunks(ROWS).enumerate().map(page).collect::<Vec<AnyView>>().into_any()
    };
    let count = move || passing.with(Vec::len);
    let left = move || count().saturating_sub(most.get());
    let side_by_side = move || {
        let at = shown.get()?;
        let function = found.get(at)?;
        let index = |side: &Option<Side>| side.as_ref().map(|side| side.index.to_string()).unwrap_or_default();
        Some(code(comparer, format!("{},{}", index(&function.a), index(&function.b))))
    };
    view! {
        <section class="card" data-card="functions">
            <h2>"Function by function"</h2>
            <p class="inline filters">
                <label for="filter">"Show"</label>
                {choice("filter", &FILTERS, filter)}
                <label for="order">"Order"</label>
                {choice("order", &ORDERS, order)}
                <label for="wanted">"Name or #index"</label>
                <input id="wanted" type="search" autocapitalize="none" spellcheck="false" prop:value=move || wanted.get()
                    on:input=move |event| wanted.set(event_target_value(&event)) />
            </p>
            <p class="quiet" role="status" data-count=move || count().to_string()>"Functions shown here: " {move || grouped(count())}</p>
            <p hidden=move || { count() > 0 }>"None is like that. Choose “All” to see every function."</p>
            <div class="table" tabindex="0" role="region" aria-label="Functions" hidden=move || count() == 0>
                <table class="functions">
                    <thead><tr><th scope="col">"What became of it"</th><th scope="col">"First"</th><th scope="col">"Second"</th><th scope="col">"Alike"</th><th scope="col"><span class="announcement">"Code"</span></th></tr></thead>
                    <tbody>{rows}</tbody>
                </table>
            </div>
            <p class="actions" hidden=move || left() == 0>
                <button type="button" data-action="more" on:click=move |_| most.update(|most| *most += ROWS)>"Show more (" {move || grouped(left())} " left)"</button>
            </p>
            {side_by_side}
        </section>
    }
    .into_any()
}

fn row(found: &Arc<Vec<Function>>, at: usize, shown: RwSignal<Option<usize>>) -> AnyView {
    let function = &found[at];
    let status = function.status.clone();
    let word = match status.as_str() {
        "exact" => "the same",
        "moved" => "moved",
        "relocated" => "renumbered",
        "changed" => "changed",
        "guess" => "a guess",
        "added" => "only second",
        _ => "only first",
    };
    let side = |side: &Option<Side>| match side {
        Some(side) => {
            let name = side.name.clone().map(value);
            view! { <td>"#" {side.index} " " {name} <span class="quiet">" " {grouped(side.size)} " bytes"</span></td> }
                .into_any()
        }
        None => view! { <td></td> }.into_any(),
    };
    // What is not the same is never wholly alike.
    let most = if function.is_same() { 100.0 } else { 99.0_f64 };
    let alike = function.similarity.map(|alike| format!("{:.0} %", (alike * 100.0).floor().min(most)));
    let label =
        format!("Show the code of {}", function.name().map_or_else(|| format!("row {}", at + 1), str::to_owned));
    let label = provenear_shared::text::printable(&label);
    view! {
        <tr data-status=status.clone()>
            <td><span class=format!("mark {status}")>{word}</span></td>
            {side(&function.a)}
            {side(&function.b)}
            <td>{alike}</td>
            <td><button type="button" data-action="show-code" aria-label=label aria-pressed=move || (shown.get() == Some(at)).to_string()
                on:click=move |_| shown.set(Some(at))>"Code"</button></td>
        </tr>
    }
    .into_any()
}

fn choice(id: &'static str, options: &'static [(&'static str, &'static str)], chosen: RwSignal<String>) -> AnyView {
    let options: Vec<AnyView> =
        options.iter().map(|(value, name)| view! { <option value=*value>{*name}</option> }.into_any()).collect();
    view! { <select id=id on:change=move |event| chosen.set(event_target_value(&event))>{options}</select> }.into_any()
}
