//! The functions of both modules as a table to filter and sort, and one of them side by side.

use std::sync::Arc;

use leptos::prelude::*;
use provenear_shared::wasm::diff::{FunctionChange, FunctionSide, Status};
use provenear_web_ui::text::value;

use super::code::code;
use super::difference::Compared;
use crate::parts::deployment::grouped;
use crate::parts::gradually::gradually;

/// Rows that are shown at first, and how many more each time.
const ROWS: usize = 50;
/// Rows that are drawn in one task.
const AT_ONCE: usize = 5;

/// What is shown of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Filter {
    Differing,
    Only(Status),
    Same,
    All,
}

/// What they are sorted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Order {
    Place,
    Name,
    Alike,
    Size,
    Grown,
}

/// What can be chosen: each with its value and its name.
type Choices<T> = [(T, &'static str, &'static str)];

const FILTERS: &Choices<Filter> = &[
    (Filter::Differing, "differing", "All that differ"),
    (Filter::Only(Status::Changed), Status::Changed.code(), "Changed"),
    (Filter::Only(Status::Guess), Status::Guess.code(), "Paired by a guess"),
    (Filter::Only(Status::Added), Status::Added.code(), "Only in the second"),
    (Filter::Only(Status::Removed), Status::Removed.code(), "Only in the first"),
    (Filter::Same, "same", "The same"),
    (Filter::All, "all", "All"),
];
const ORDERS: &Choices<Order> = &[
    (Order::Place, "place", "Place in the file"),
    (Order::Name, "name", "Name"),
    (Order::Alike, "alike", "Least alike first"),
    (Order::Size, "size", "Largest first"),
    (Order::Grown, "grown", "Most grown or shrunk first"),
];

fn is_same(status: Status) -> bool {
    match status {
        Status::Exact | Status::Moved | Status::Relocated => true,
        Status::Changed | Status::Guess | Status::Added | Status::Removed => false,
    }
}

fn sides(function: &FunctionChange) -> impl Iterator<Item = &FunctionSide> {
    [&function.a, &function.b].into_iter().flatten()
}

fn passes(function: &FunctionChange, filter: Filter, wanted: &str) -> bool {
    let status = match filter {
        Filter::All => true,
        Filter::Differing => !is_same(function.status),
        Filter::Same => is_same(function.status),
        Filter::Only(status) => function.status == status,
    };
    status && (wanted.is_empty() || names(function).any(|name| name.to_lowercase().contains(wanted)))
}

/// What a function is found by: names and indices.
fn names(function: &FunctionChange) -> impl Iterator<Item = String> {
    sides(function).flat_map(|side| [side.name.clone().unwrap_or_default(), format!("#{}", side.index)])
}

fn size(function: &FunctionChange) -> usize {
    sides(function).map(|side| side.size).max().unwrap_or_default()
}

fn grown(function: &FunctionChange) -> usize {
    let size = |side: &Option<FunctionSide>| side.as_ref().map_or(0, |side| side.size);
    size(&function.a).abs_diff(size(&function.b))
}

fn name(function: &FunctionChange) -> Option<&str> {
    sides(function).find_map(|side| side.name.as_deref())
}

/// The positions of the functions that pass, in order.
fn sorted(functions: &[FunctionChange], filter: Filter, wanted: &str, order: Order) -> Vec<usize> {
    let wanted = wanted.to_lowercase();
    let mut found: Vec<usize> = (0..functions.len()).filter(|at| passes(&functions[*at], filter, &wanted)).collect();
    let of = |at: &usize| &functions[*at];
    match order {
        Order::Place => {}
        Order::Name => found.sort_by_key(|at| (name(of(at)).is_none(), name(of(at)))),
        Order::Alike => found.sort_by(|x, y| {
            let alike = |at: &usize| of(at).similarity.unwrap_or(if is_same(of(at).status) { 1.0 } else { 0.0 });
            alike(x).total_cmp(&alike(y))
        }),
        Order::Size => found.sort_by_key(|at| std::cmp::Reverse(size(of(at)))),
        Order::Grown => found.sort_by_key(|at| std::cmp::Reverse(grown(of(at)))),
    }
    found
}

/// The card.
pub(super) fn functions(compared: Compared) -> AnyView {
    let found = compared.functions;
    let comparer = compared.comparer;
    let (filter, order) = (RwSignal::new(Filter::Differing), RwSignal::new(Order::Place));
    let wanted = RwSignal::new(String::new());
    let most = RwSignal::new(ROWS);
    let shown = RwSignal::new(None::<usize>);
    let all = found.clone();
    let passing = Memo::new(move |_| wanted.with(|wanted| sorted(&all, filter.get(), wanted, order.get())));
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
        let index = |side: &Option<FunctionSide>| side.as_ref().map(|side| side.index);
        Some(code(comparer, [index(&function.a), index(&function.b)]))
    };
    view! {
        <section class="card" data-card="functions">
            <h2>"Function by function"</h2>
            <p class="inline filters">
                <label for="filter">"Show"</label>
                {choice("filter", FILTERS, filter)}
                <label for="order">"Order"</label>
                {choice("order", ORDERS, order)}
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

fn row(found: &Arc<Vec<FunctionChange>>, at: usize, shown: RwSignal<Option<usize>>) -> AnyView {
    let function = &found[at];
    let status = function.status.code();
    let word = match function.status {
        Status::Exact => "the same",
        Status::Moved => "moved",
        Status::Relocated => "renumbered",
        Status::Changed => "changed",
        Status::Guess => "a guess",
        Status::Added => "only second",
        Status::Removed => "only first",
    };
    let side = |side: &Option<FunctionSide>| match side {
        Some(side) => {
            let name = side.name.clone().map(value);
            view! { <td>"#" {side.index} " " {name} <span class="quiet">" " {grouped(side.size)} " bytes"</span></td> }
                .into_any()
        }
        None => view! { <td></td> }.into_any(),
    };
    // What is not the same is never wholly alike.
    let most = if is_same(function.status) { 100.0 } else { 99.0_f64 };
    let alike = function.similarity.map(|alike| format!("{:.0} %", (alike * 100.0).floor().min(most)));
    let label = format!("Show the code of {}", name(function).map_or_else(|| format!("row {}", at + 1), str::to_owned));
    let label = provenear_shared::text::printable(&label);
    view! {
        <tr data-status=status>
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

fn choice<T: Copy + Send + Sync + 'static>(
    id: &'static str,
    choices: &'static Choices<T>,
    chosen: RwSignal<T>,
) -> AnyView {
    let options: Vec<AnyView> =
        choices.iter().map(|(_, value, name)| view! { <option value=*value>{*name}</option> }.into_any()).collect();
    let choose = move |event| {
        let value = event_target_value(&event);
        if let Some((choice, _, _)) = choices.iter().find(|(_, known, _)| *known == value) {
            chosen.set(*choice);
        }
    };
    view! { <select id=id on:change=choose>{options}</select> }.into_any()
}
