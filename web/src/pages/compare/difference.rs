//! The difference of two modules: its rung of the ladder, counts, causes, the picture, the functions, and what else is not
//! the same.

use std::sync::Arc;

use leptos::prelude::*;
use provenear_shared::wasm::diff::Picture;
use serde::Deserialize;

use super::functions::{Function, functions};
use super::picture::picture;
use crate::comparer::Comparer;
use crate::components::deployment::grouped;
use crate::components::text::{sentence, value};

/// What the Worker gives, with the way to ask it for more.
#[derive(Clone)]
pub(super) struct Compared {
    pub(super) found: Arc<Found>,
    pub(super) comparer: Comparer,
    pub(super) ids: [u32; 2],
}

#[derive(Deserialize)]
pub(super) struct Found {
    report: Report,
    picture: Picture,
    pub(super) functions: Vec<Function>,
}

/// What of `diff --json` is drawn.
#[derive(Deserialize)]
struct Report {
    class: String,
    message: String,
    functions: Counts,
    sections: Vec<Section>,
    items: Vec<Item>,
    data: Vec<Data>,
    causes: Vec<Cause>,
    notes: Vec<String>,
}

#[derive(Deserialize)]
struct Counts {
    matched: usize,
    guessed: usize,
    changed: usize,
    added: usize,
    removed: usize,
}

#[derive(Deserialize)]
struct Section {
    name: String,
    a: Option<usize>,
    b: Option<usize>,
    same: bool,
}

#[derive(Deserialize)]
struct Item {
    kind: String,
    a: Option<String>,
    b: Option<String>,
}

#[derive(Deserialize)]
struct Data {
    kind: String,
    a: Option<(u64, String)>,
    b: Option<(u64, String)>,
}

#[derive(Deserialize)]
struct Cause {
    code: String,
    message: String,
    evidence: Vec<(Option<String>, Option<String>)>,
    next: String,
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

impl Compared {
    /// Reads what the Worker gave.
    ///
    /// # Errors
    /// When that is no comparison, which would be a fault of ours.
    pub(super) fn read(text: &str, comparer: Comparer, ids: [u32; 2]) -> Result<Self, String> {
        let found = serde_json::from_slice(text.as_bytes()).map_err(|error| error.to_string())?;
        Ok(Self { found: Arc::new(found), comparer, ids })
    }

    /// What a screen reader is told.
    pub(super) fn said(&self) -> String {
        format!("Compared: {}", self.found.report.message.replace('`', ""))
    }
}

/// The view.
pub(super) fn difference(compared: Compared) -> AnyView {
    let report = &compared.found.report;
    let rungs: Vec<AnyView> = LADDER
        .iter()
        .map(|(code, name)| {
            let current = (*code == report.class).then_some("true");
            view! { <li aria-current=current>{*name}</li> }.into_any()
        })
        .collect();
    let counts = [
        ("the same", report.functions.matched),
        ("changed", report.functions.changed),
        ("paired by a guess", report.functions.guessed),
        ("only in the first", report.functions.removed),
        ("only in the second", report.functions.added),
    ];
    let counts: Vec<AnyView> = counts
        .into_iter()
        .map(|(name, count)| view! { <li><strong>{grouped(count)}</strong> " " {name}</li> }.into_any())
        .collect();
    let notes: Vec<AnyView> = report.notes.iter().map(|note| view! { <p>{sentence(note)}</p> }.into_any()).collect();
    let tables = [
        table("Sections", ["Section", "First", "Second", ""], report.sections.iter().map(section).collect()),
        table("Imports, exports and limits", ["Kind", "First", "Second", ""], report.items.iter().map(item).collect()),
        table("Data", ["Kind", "First", "Second", ""], report.data.iter().map(data).collect()),
    ];
    let drawn = picture(&compared.found.picture);
    let class = report.class.clone();
    let causes = causes(&report.causes);
    view! {
        <section class="card" data-class=class>
            <h2>{sentence(&report.message)}</h2>
            <ol class="ladder">{rungs}</ol>
            <h3>"Functions"</h3>
            <ul class="counts">{counts}</ul>
            {notes}
        </section>
        {causes}
        {drawn}
        {functions(compared)}
        <section class="card" data-card="parts"><h2>"Everything else"</h2>{tables.into_iter().flatten().collect::<Vec<_>>()}</section>
    }
    .into_any()
}

/// Why, as far as something shows it. No cause without something to show.
fn causes(causes: &[Cause]) -> Option<AnyView> {
    if causes.is_empty() {
        return None;
    }
    let shown: Vec<AnyView> = causes
        .iter()
        .map(|cause| {
            let rows: Vec<AnyView> = cause
                .evidence
                .iter()
                .map(|(a, b)| {
                    let side = |side: &Option<String>| match side {
                        Some(text) => value(text.clone()),
                        None => view! { <span class="quiet">"nothing of it"</span> }.into_any(),
                    };
                    view! { <tr><td>{side(a)}</td><td>{side(b)}</td></tr> }.into_any()
                })
                .collect();
            view! {
                <li data-cause=cause.code.clone()>
                    <h3>{sentence(&cause.message)}</h3>
                    <table class="evidence-of"><thead><tr><th scope="col">"First"</th><th scope="col">"Second"</th></tr></thead><tbody>{rows}</tbody></table>
                    <p><strong>"Next: "</strong>{sentence(&cause.next)}</p>
                </li>
            }
            .into_any()
        })
        .collect();
    Some(
        view! {
            <section class="card" data-card="causes">
                <h2>"Likely reasons"</h2>
                <p class="quiet">"Each rests on what the modules show, which whoever made them could write as they liked: hints for the next try, not findings."</p>
                <ul class="plain-list">{shown}</ul>
            </section>
        }
        .into_any(),
    )
}

fn section(section: &Section) -> [String; 4] {
    let size = |size: Option<usize>| size.map(|size| format!("{} bytes", grouped(size))).unwrap_or_default();
    let same = if section.same { "same" } else { "differs" };
    [section.name.clone(), size(section.a), size(section.b), same.to_owned()]
}

fn item(item: &Item) -> [String; 4] {
    let side = |side: &Option<String>| side.clone().unwrap_or_default();
    [item.kind.clone(), side(&item.a), side(&item.b), String::new()]
}

fn data(data: &Data) -> [String; 4] {
    let text =
        |side: &Option<(u64, String)>| side.as_ref().map(|(at, text)| format!("{at:#x} {text}")).unwrap_or_default();
    [data.kind.clone(), text(&data.a), text(&data.b), String::new()]
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
