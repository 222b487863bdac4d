//! The difference of two modules: its rung of the ladder, functions by kind, and what in particular is not the same.

use leptos::prelude::*;
use serde::Deserialize;

use crate::components::deployment::grouped;
use crate::components::text::{sentence, value};

/// What of `diff --json` is drawn.
#[derive(Clone, Deserialize)]
pub(super) struct Difference {
    class: String,
    message: String,
    functions: Counts,
    sections: Vec<Section>,
    items: Vec<Item>,
    data: Vec<Data>,
    changes: Vec<Change>,
    notes: Vec<String>,
}

#[derive(Clone, Deserialize)]
struct Counts {
    matched: usize,
    guessed: usize,
    changed: usize,
    added: usize,
    removed: usize,
}

#[derive(Clone, Deserialize)]
struct Section {
    name: String,
    a: Option<usize>,
    b: Option<usize>,
    same: bool,
}

#[derive(Clone, Deserialize)]
struct Item {
    kind: String,
    a: Option<String>,
    b: Option<String>,
}

#[derive(Clone, Deserialize)]
struct Data {
    kind: String,
    a: Option<(u64, String)>,
    b: Option<(u64, String)>,
}

#[derive(Clone, Deserialize)]
struct Change {
    status: String,
    a: Option<Side>,
    b: Option<Side>,
    similarity: Option<f64>,
}

#[derive(Clone, Deserialize)]
struct Side {
    index: u32,
    name: Option<String>,
    size: usize,
}

/// Most rows of one table.
const ROWS: usize = 200;

/// The rungs, from no difference to another program.
const LADDER: [(&str, &str); 7] = [
    ("identical", "Identical"),
    ("custom-sections", "Custom sections"),
    ("metadata", "Embedded claim"),
    ("data", "Data"),
    ("relocated", "Moved"),
    ("functions", "Functions"),
    ("unrelated", "Another program"),
];

/// The view.
pub(super) fn difference(found: Difference) -> AnyView {
    let rungs: Vec<AnyView> = LADDER
        .iter()
        .map(|(code, name)| {
            let current = (*code == found.class).then_some("true");
            view! { <li aria-current=current>{*name}</li> }.into_any()
        })
        .collect();
    let counts = [
        ("the same", found.functions.matched),
        ("changed", found.functions.changed),
        ("paired by a guess", found.functions.guessed),
        ("only in the first", found.functions.removed),
        ("only in the second", found.functions.added),
    ];
    let counts: Vec<AnyView> = counts
        .into_iter()
        .map(|(name, count)| view! { <li><strong>{grouped(count)}</strong> " " {name}</li> }.into_any())
        .collect();
    let notes: Vec<AnyView> = found.notes.iter().map(|note| view! { <p>{sentence(note)}</p> }.into_any()).collect();
    view! {
        <section class="card" data-class=found.class.clone()>
            <h2>{sentence(&found.message)}</h2>
            <ol class="ladder">{rungs}</ol>
            <h3>"Functions"</h3>
            <ul class="counts">{counts}</ul>
            {notes}
            {table("Sections", ["Section", "First", "Second", ""], found.sections.into_iter().map(section).collect())}
            {table("Imports, exports and limits", ["Kind", "First", "Second", ""], found.items.into_iter().map(item).collect())}
            {table("Data", ["Kind", "First", "Second", ""], found.data.into_iter().map(data).collect())}
            {table("Functions that are not the same", ["Kind", "First", "Second", "Alike"], found.changes.into_iter().map(change).collect())}
        </section>
    }
    .into_any()
}

fn section(section: Section) -> [String; 4] {
    let size = |size: Option<usize>| size.map(grouped).unwrap_or_default();
    let same = if section.same { "same" } else { "differs" };
    [section.name, size(section.a), size(section.b), same.to_owned()]
}

fn item(item: Item) -> [String; 4] {
    [item.kind, item.a.unwrap_or_default(), item.b.unwrap_or_default(), String::new()]
}

fn data(data: Data) -> [String; 4] {
    let text = |side: Option<(u64, String)>| side.map(|(at, text)| format!("{at:#x} {text}")).unwrap_or_default();
    [data.kind, text(data.a), text(data.b), String::new()]
}

fn change(change: Change) -> [String; 4] {
    let side = |side: Option<Side>| {
        side.map(|side| format!("#{} {} ({} bytes)", side.index, side.name.unwrap_or_default(), grouped(side.size)))
            .unwrap_or_default()
    };
    let alike = change.similarity.map(|alike| format!("{:.0} %", alike * 100.0)).unwrap_or_default();
    [change.status, side(change.a), side(change.b), alike]
}

fn table(title: &'static str, heads: [&'static str; 4], rows: Vec<[String; 4]>) -> Option<AnyView> {
    if rows.is_empty() {
        return None;
    }
    let more = rows.len().saturating_sub(ROWS);
    let count = rows.len();
    let heads: Vec<AnyView> = heads.iter().map(|head| view! { <th scope="col">{*head}</th> }.into_any()).collect();
    let rows: Vec<AnyView> = rows
        .into_iter()
        .take(ROWS)
        .map(|cells| {
            let cells: Vec<AnyView> =
                cells.into_iter().map(|cell| view! { <td>{value(cell)}</td> }.into_any()).collect();
            view! { <tr>{cells}</tr> }.into_any()
        })
        .collect();
    Some(
        view! {
            <details>
                <summary>{title} " (" {count} ")"</summary>
                <div class="table" tabindex="0" role="region" aria-label=title>
                    <table><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>
                </div>
                {(more > 0).then(|| view! { <p class="quiet">{more} " more are not shown."</p> })}
            </details>
        }
        .into_any(),
    )
}
