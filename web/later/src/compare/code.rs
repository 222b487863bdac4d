//! Two functions side by side: WebAssembly text, aligned, with the words marked that differ. Asked of the Worker when a
//! reader wants to see one.

use leptos::prelude::*;
use leptos::task::spawn_local;
use provenear_shared::text::printable;
use provenear_shared::wasm::diff::{Cell, Row, RowKind, SideBySide};
use provenear_web_protocol::{Compared, Comparison};
use provenear_web_ui::text::{sentence, value};

use crate::comparer::Comparer;
use crate::open::OTHER;

/// Lines that are the same and are shown before and after what differs.
const AROUND: usize = 4;
/// Most lines that are drawn; a browser is slow with more.
const MOST: usize = 2_000;
/// Deepest indentation that is drawn, so that hostile nesting does not push the text away.
const DEEPEST: u16 = 24;

/// The functions with these indices.
pub(super) fn code(comparer: Comparer, indices: [Option<u32>; 2]) -> AnyView {
    let found = RwSignal::new_local(None::<Result<SideBySide, String>>);
    spawn_local(async move {
        found.set(Some(match comparer.ask(Comparison::SideBySide(indices), &[], None).await {
            Ok(Compared::SideBySide(rows)) => Ok(rows),
            Ok(Compared::Difference(_) | Compared::Functions(_)) => Err(OTHER.to_owned()),
            Err(reason) => Err(reason),
        }));
    });
    let drawn = move || match found.get() {
        None => view! { <p class="quiet">"Reading…"</p> }.into_any(),
        Some(Ok(found)) => shown(found),
        Some(Err(reason)) => view! { <p class="complaint" role="alert">{sentence(&reason)}</p> }.into_any(),
    };
    view! { <div data-card="code">{drawn}</div> }.into_any()
}

fn shown(found: SideBySide) -> AnyView {
    let whole = RwSignal::new(false);
    let head = |head: &Option<String>| match head {
        Some(head) => value(head.clone()),
        None => view! { <span class="quiet">"no such function"</span> }.into_any(),
    };
    let heads = (head(&found.a), head(&found.b));
    let rows = found.rows;
    let differing = rows.iter().filter(|row| row.kind != RowKind::Same).count();
    let hidden = rows.len() - pieces(&rows, false).iter().map(|(from, to)| to - from).sum::<usize>();
    let drawn = move || {
        let mut views: Vec<AnyView> = Vec::new();
        let (mut last, mut count) = (0, 0);
        for (from, to) in pieces(&rows, whole.get()) {
            if from > last {
                views.push(view! { <p class="skipped">{from - last} " lines that are the same"</p> }.into_any());
            }
            let fits = to.min(from + MOST - count);
            views.extend(rows[from..fits].iter().map(line));
            count += fits - from;
            if fits < to {
                views.push(view! { <p class="skipped">"More lines than are drawn here: see "<code>"provenear diff --function"</code>"."</p> }.into_any());
                return views.into_any();
            }
            last = to;
        }
        if rows.len() > last {
            views.push(view! { <p class="skipped">{rows.len() - last} " lines that are the same"</p> }.into_any());
        }
        views.into_any()
    };
    let more = view! {
        <p class="actions" hidden=move || hidden == 0 || whole.get()>
            <button type="button" data-action="whole" on:click=move |_| whole.set(true)>"Show every line"</button>
        </p>
    };
    view! {
        <h3>"Side by side"</h3>
        <p class="quiet">"Lines that differ: " {differing} ". The words in which they do are marked; numbers that only the linker gives are not."</p>
        {more}
        <div class="lines" tabindex="0" role="region" aria-label="Code of both functions">
            <p class="line heads"><span class="number"></span><span class="text a">{heads.0}</span><span class="number"></span><span class="text b">{heads.1}</span></p>
            {drawn}
        </div>
        {found.cut.then(|| view! { <p class="quiet">"The rest is not shown: the function is too long, or cannot be read."</p> })}
    }
    .into_any()
}

/// What is drawn, from line to line: all of it, or what differs with some lines around.
fn pieces(rows: &[Row], whole: bool) -> Vec<(usize, usize)> {
    if whole || rows.iter().all(|row| row.kind == RowKind::Same) {
        return vec![(0, rows.len())];
    }
    let mut pieces: Vec<(usize, usize)> = Vec::new();
    for (at, _) in rows.iter().enumerate().filter(|(_, row)| row.kind != RowKind::Same) {
        let (from, to) = (at.saturating_sub(AROUND), (at + AROUND + 1).min(rows.len()));
        match pieces.last_mut() {
            Some(last) if last.1 >= from => last.1 = to,
            Some(_) | None => pieces.push((from, to)),
        }
    }
    pieces
}

fn line(row: &Row) -> AnyView {
    let (number_a, text_a) = cell(row.a.as_ref());
    let (number_b, text_b) = cell(row.b.as_ref());
    let kind = row.kind.code();
    let word = match row.kind {
        RowKind::Same => "",
        RowKind::Changed => "!",
        RowKind::Removed => "−",
        RowKind::Added => "+",
    };
    view! {
        <p class=format!("line {kind}") data-row=kind>
            <span class="number">{number_a}</span><span class="text a">{text_a}</span>
            <span class="number" data-mark=word>{number_b}</span><span class="text b">{text_b}</span>
        </p>
    }
    .into_any()
}

fn cell(cell: Option<&Cell>) -> (String, Option<AnyView>) {
    let Some(cell) = cell else { return (String::new(), None) };
    let mut words: Vec<AnyView> = vec!["  ".repeat(cell.depth.min(DEEPEST).into()).into_any()];
    for (at, (word, marked)) in cell.words.iter().enumerate() {
        let space = if at > 0 { " " } else { "" };
        let word = printable(word);
        words.push(match marked {
            true => view! { {space}<mark>{word}</mark> }.into_any(),
            false => view! { {space}<span>{word}</span> }.into_any(),
        });
    }
    (cell.line.to_string(), Some(view! { <bdi>{words}</bdi> }.into_any()))
}
