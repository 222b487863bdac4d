//! The functions of both modules as a table to filter and sort, and the code of one of them below its row.
//! Not here: what passes and what is open (`table`).

use leptos::prelude::*;
use provenear_shared::text::make_printable;
use provenear_shared::wasm::diff::{FunctionSide, Status};
use provenear_web_ui::text::value;

use super::code::code;
use super::difference::Compared;
use super::table::{Filter, Order, ROWS, Table, title};
use crate::comparer::Comparer;
use crate::parts::deployment::group_digits;
use crate::parts::gradually::gradually;

/// Rows that are drawn in one task.
const AT_ONCE: usize = 5;
/// Columns of the table.
const COLUMNS: &str = "5";

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

/// The card.
pub(super) fn functions(compared: Compared) -> AnyView {
    let (table, comparer) = (Table::new(compared.functions), compared.comparer);
    let (passing, most, wanted) = (table.passing, table.most, table.wanted);
    let listed = table.clone();
    // What is shown stays when more is wanted.
    let rows = move || {
        let passing = passing.get();
        let page = |(page, rows): (usize, &[usize])| {
            let (listed, rows) = (listed.clone(), rows.to_vec());
            let is_wanted = Memo::new(move |_| most.get() > page * ROWS);
            let drawn = move || {
                let (listed, rows) = (listed.clone(), rows.clone());
                gradually(rows.len(), AT_ONCE, move |at| row(&listed, comparer, rows[at]))
            };
            (move || is_wanted.get().then(&drawn)).into_any()
        };
        passing.chunks(ROWS).enumerate().map(page).collect::<Vec<AnyView>>().into_any()
    };
    let count = move || passing.with(Vec::len);
    let left = move || count().saturating_sub(most.get());
    view! {
        <section class="card" data-card="functions">
            <h2>"Function by function"</h2>
            <p class="inline filters">
                <label for="filter">"Show"</label>
                {choice("filter", FILTERS, table.filter)}
                <label for="order">"Order"</label>
                {choice("order", ORDERS, table.order)}
                <label for="wanted">"Name or #index"</label>
                <input id="wanted" type="search" autocapitalize="none" spellcheck="false" prop:value=move || wanted.get()
                    on:input=move |event| wanted.set(event_target_value(&event)) />
            </p>
            <p class="quiet" role="status" data-count=move || count().to_string()>"Functions shown here: " {move || group_digits(count())}</p>
            <p hidden=move || { count() > 0 }>"No functions match. Choose “All” to see every function."</p>
            <div class="table" tabindex="0" role="region" aria-label="Functions" hidden=move || count() == 0>
                <table class="functions">
                    <thead><tr><th scope="col">"Status"</th><th scope="col">"First"</th><th scope="col">"Second"</th><th scope="col">"Alike"</th><th scope="col"><span class="announcement">"Code"</span></th></tr></thead>
                    <tbody>{rows}</tbody>
                </table>
            </div>
            <p class="actions" hidden=move || left() == 0>
                <button type="button" data-action="more" on:click=move |_| most.update(|most| *most += ROWS)>"Show more (" {move || group_digits(left())} " left)"</button>
            </p>
        </section>
    }
    .into_any()
}

/// The row of one function, and below it its code while it is open.
fn row(table: &Table, comparer: Comparer, at: usize) -> AnyView {
    let function = &table.functions[at];
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
    let [first, second] = function.names();
    let label = make_printable(&format!("Code of {}", title(function)));
    let (whose, press, drawn) = (table.clone(), table.clone(), table.clone());
    let is_open = Memo::new(move |_| whose.is_open(at));
    let code = move || {
        let drawn = drawn.clone();
        is_open
            .get()
            .then(|| view! { <tr class="opened"><td colspan=COLUMNS>{code(drawn, comparer, at)}</td></tr> }.into_any())
    };
    view! {
        <tr data-status=status data-function=at.to_string()>
            <td><span class=format!("mark {status}")>{word}</span></td>
            {side(&function.a, first)}
            {side(&function.b, second)}
            <td>{function.alike()}</td>
            <td><button type="button" data-action="show-code" aria-label=label aria-expanded=move || is_open.get().to_string()
                on:click=move |_| press.toggle(at)>"Code"</button></td>
        </tr>
        {code}
    }
    .into_any()
}

/// The function in one of the modules.
fn side(side: &Option<FunctionSide>, name: Option<&str>) -> AnyView {
    let Some(side) = side else { return view! { <td></td> }.into_any() };
    let name = name.map(|name| value(name.to_owned()));
    view! { <td>"#" {side.index} " " {name} <span class="quiet">" " {group_digits(side.size)} " bytes"</span></td> }
        .into_any()
}

fn choice<T: Copy + PartialEq + Send + Sync + 'static>(
    id: &'static str,
    choices: &'static Choices<T>,
    chosen: RwSignal<T>,
) -> AnyView {
    let option = |(choice, value, name): &'static (T, &'static str, &'static str)| {
        // The choice may be made for the reader: one function is looked for among all.
        let selected = move || chosen.get() == *choice;
        view! { <option value=*value prop:selected=selected>{*name}</option> }.into_any()
    };
    let options: Vec<AnyView> = choices.iter().map(option).collect();
    let choose = move |event| {
        let value = event_target_value(&event);
        if let Some((choice, _, _)) = choices.iter().find(|(_, known, _)| *known == value) {
            chosen.set(*choice);
        }
    };
    view! { <select id=id on:change=choose>{options}</select> }.into_any()
}
