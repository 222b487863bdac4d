//! The difference of two modules: its rung of the ladder, counts, causes, the picture, the functions, and what else is not
//! the same.

use std::sync::Arc;

use leptos::prelude::*;
use provenear_shared::wasm::diff::{Cause, Class, DataChange, DiffReport, FunctionChange, ItemChange, SectionChange};
use provenear_web_protocol::{self as protocol, Comparison, Difference};
use provenear_web_ui::text::{sentence, value};

use super::functions::functions;
use super::picture::picture;
use crate::cards::folded;
use crate::comparer::{Code, Comparer};
use crate::open::OTHER;
use crate::parts::deployment::group_digits;
use crate::parts::gradually::{Turns, gradually, wait_for_paint};

/// What the Worker gives, with the way to ask it for more.
#[derive(Clone)]
pub(super) struct Compared {
    found: Arc<Difference>,
    pub(super) functions: Arc<Vec<FunctionChange>>,
    pub(super) comparer: Comparer,
}

/// Most rows of one table.
const ROWS: usize = 200;
/// Rows that are drawn in one task.
const AT_ONCE: usize = 8;

/// The rungs, from no difference to another program.
const LADDER: [(Class, &str); 7] = [
    (Class::Identical, "Identical"),
    (Class::CustomSections, "Custom sections"),
    (Class::Metadata, "Embedded claim"),
    (Class::Data, "Data"),
    (Class::Relocated, "Moved"),
    (Class::Functions, "Functions"),
    (Class::Unrelated, "Another program"),
];

impl Compared {
    /// Lets the Worker compare two modules; `heard` is told of each stage.
    ///
    /// # Errors
    /// One sentence; also when it was stopped.
    pub(super) async fn fetch(
        comparer: Comparer,
        modules: &[Code; 2],
        heard: &js_sys::Function,
    ) -> Result<Self, String> {
        let found = comparer.ask(Comparison::Difference, modules, Some(heard)).await?;
        let protocol::Compared::Difference(found) = found else { return Err(OTHER.to_owned()) };
        // There are thousands of functions: reading them is a task of its own.
        wait_for_paint().await;
        let functions = comparer.ask(Comparison::Functions, &[], None).await?;
        let protocol::Compared::Functions(functions) = functions else { return Err(OTHER.to_owned()) };
        wait_for_paint().await;
        Ok(Self { found: Arc::from(found), functions: Arc::new(functions), comparer })
    }

    /// Composes what a screen reader is told.
    pub(super) fn announce(&self) -> String {
        format!("Compared: {}", self.found.report.message.replace('`', ""))
    }
}

/// The view, one card after another.
pub(super) fn difference(compared: Compared) -> AnyView {
    let turns = Turns::new(5);
    let [first, second, third, last] = [(); 4].map(|()| compared.found.clone());
    let cards = [
        turns.place(0, move || summary(&first.report)),
        turns.place(1, move || causes(&second.report.causes).into_any()),
        turns.place(2, move || picture(&third.picture)),
        turns.place(3, move || functions(compared.clone())),
        turns.place(4, move || parts(&last)),
    ];
    cards.into_iter().collect::<Vec<AnyView>>().into_any()
}

fn summary(report: &DiffReport) -> AnyView {
    let rungs: Vec<AnyView> = LADDER
        .iter()
        .map(|(class, name)| {
            let current = (*class == report.class).then_some("true");
            view! { <li aria-current=current>{*name}</li> }.into_any()
        })
        .collect();
    let counts = [
        ("the same", report.counts.matched),
        ("changed", report.counts.changed),
        ("paired by a guess", report.counts.guessed),
        ("only in the first", report.counts.removed),
        ("only in the second", report.counts.added),
    ];
    let counts: Vec<AnyView> = counts
        .into_iter()
        .map(|(name, count)| view! { <li><strong>{group_digits(count)}</strong> " " {name}</li> }.into_any())
        .collect();
    let notes: Vec<AnyView> = report.notes().iter().map(|note| view! { <p>{sentence(note)}</p> }.into_any()).collect();
    view! {
        <section class="card" data-class=report.class.code()>
            <h2>{sentence(&report.message)}</h2>
            <p class="quiet">"From no difference at all to another program; these two are at the marked step."</p>
            <ol class="ladder">{rungs}</ol>
            <h3>"Functions"</h3>
            <ul class="counts">{counts}</ul>
            {notes}
        </section>
    }
    .into_any()
}

/// What else is not the same, each part on demand.
fn parts(found: &Arc<Difference>) -> AnyView {
    let report = &found.report;
    let [sections, items, data] = [found.clone(), found.clone(), found.clone()];
    let tables = [
        table("Sections", ["Section", "First", "Second", ""], report.sections.len(), move |at| {
            section(&sections.report.sections[at])
        }),
        table("Imports, exports and limits", ["Kind", "First", "Second", ""], report.items.len(), move |at| {
            item(&items.report.items[at])
        }),
        table("Data", ["Kind", "First", "Second", ""], report.data.len(), move |at| row_of_data(&data.report.data[at])),
    ];
    let tables: Vec<AnyView> = tables.into_iter().flatten().collect();
    view! { <section class="card" data-card="parts"><h2>"Everything else"</h2>{tables}</section> }.into_any()
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
                        None => view! { <span class="quiet">"not present"</span> }.into_any(),
                    };
                    view! { <tr><td>{side(a)}</td><td>{side(b)}</td></tr> }.into_any()
                })
                .collect();
            view! {
                <li data-cause=cause.code.code()>
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
                <p class="quiet">"Each rests on what the modules show, which the modules' authors could fake: hints for the next try, not findings."</p>
                <ul class="plain-list">{shown}</ul>
            </section>
        }
        .into_any(),
    )
}

fn section(section: &SectionChange) -> [String; 4] {
    let size = |size: Option<usize>| size.map(|size| format!("{} bytes", group_digits(size))).unwrap_or_default();
    let same = if section.same { "same" } else { "differs" };
    [section.name.clone(), size(section.a), size(section.b), same.to_owned()]
}

fn item(item: &ItemChange) -> [String; 4] {
    let side = |side: &Option<String>| side.clone().unwrap_or_default();
    [item.kind.code().to_owned(), side(&item.a), side(&item.b), String::new()]
}

fn row_of_data(data: &DataChange) -> [String; 4] {
    let text =
        |side: &Option<(u64, String)>| side.as_ref().map(|(at, text)| format!("{at:#x} {text}")).unwrap_or_default();
    [data.kind.code().to_owned(), text(&data.a), text(&data.b), String::new()]
}

/// The rows `0..count` as a table, made when it is opened.
fn table(
    title: &'static str,
    heads: [&'static str; 4],
    count: usize,
    cells: impl Fn(usize) -> [String; 4] + Send + Sync + 'static,
) -> Option<AnyView> {
    if count == 0 {
        return None;
    }
    let more = count.saturating_sub(ROWS);
    let cells = Arc::new(cells);
    let opened = move || {
        let cells = cells.clone();
        let heads: Vec<AnyView> = heads.iter().map(|head| view! { <th scope="col">{*head}</th> }.into_any()).collect();
        let rows = gradually(count.min(ROWS), AT_ONCE, move |at| {
            let cells: Vec<AnyView> =
                cells(at).into_iter().map(|cell| view! { <td>{value(cell)}</td> }.into_any()).collect();
            view! { <tr>{cells}</tr> }.into_any()
        });
        view! {
            <div class="table" tabindex="0" role="region" aria-label=title>
                <table><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>
            </div>
            {(more > 0).then(|| view! { <p class="quiet">{more} " more are not shown."</p> })}
        }
        .into_any()
    };
    Some(folded("fold", "part", &format!("{title} ({count})"), opened))
}
