//! Two functions side by side: WebAssembly text, aligned, with the words marked that differ. Asked of the Worker when a
//! reader wants to see one.

use leptos::prelude::*;
use leptos::task::spawn_local;
use provenear_shared::text::make_printable;
use provenear_shared::wasm::diff::{Cell, FunctionSide, Row, RowKind, SideBySide};
use provenear_web_protocol::{Compared, Comparison};
use provenear_web_ui::fields::focus;
use provenear_web_ui::text::{actions, button, sentence, value};

use super::table::{Table, row, title};
use crate::comparer::Comparer;
use crate::open::OTHER;
use crate::parts::gradually::wait_for_paint;

/// Lines that are the same and are shown before and after what differs.
const AROUND: usize = 4;
/// Most lines that are drawn; a browser is slow with more.
const MOST: usize = 2_000;
/// Deepest indentation that is drawn, so that hostile nesting does not push the text away.
const DEEPEST: u16 = 24;

/// The code of the function at this position of the table, which takes the focus when a reader has asked for it.
pub(super) fn code(table: Table, comparer: Comparer, at: usize) -> AnyView {
    let function = &table.functions[at];
    let index = |side: &Option<FunctionSide>| side.as_ref().map(|side| side.index);
    let indices = [index(&function.a), index(&function.b)];
    let named = title(function);
    let found = RwSignal::new_local(None::<Result<SideBySide, String>>);
    let is_asked_for = table.take_focus();
    if is_asked_for {
        focus(vec![format!("{} + tr h3", row(at))]);
    }
    spawn_local(async move {
        let read = match comparer.ask(Comparison::SideBySide(indices), &[], None).await {
            Ok(Compared::SideBySide(rows)) => Ok(rows),
            Ok(Compared::Difference(_) | Compared::Functions(_)) => Err(OTHER.to_owned()),
            Err(reason) => Err(reason),
        };
        // It may have been closed meanwhile.
        found.try_set(Some(read));
        wait_for_paint().await;
        if is_asked_for {
            bring_into_view(at);
        }
    });
    let (followed, back, close) = (table.clone(), table.clone(), table.clone());
    let drawn = move || match found.get() {
        None => view! { <p class="quiet">"Reading…"</p> }.into_any(),
        Some(Ok(found)) => draw_code(&followed, found),
        Some(Err(reason)) => view! { <p class="complaint" role="alert">{sentence(&reason)}</p> }.into_any(),
    };
    let caller = table.caller().map(|caller| make_printable(&format!("Back to {}", title(caller))));
    let buttons = [
        caller.map(|caller| button("back", &caller, move |_| back.back())),
        Some(button("close-code", "Close", move |_| close.close())),
    ];
    view! {
        <div data-card="code">
            <h3 tabindex="-1">"Code of " {value(named)}</h3>
            {actions(buttons.into_iter().flatten().collect())}
            {drawn}
        </div>
    }
    .into_any()
}

/// Shows as much of the code as fits, and the row that it belongs to above it.
fn bring_into_view(at: usize) {
    let find = |selector: String| document().query_selector(&selector).ok().flatten();
    let row = row(at);
    let (Some(code), Some(row)) = (find(format!("{row} + tr")), find(row)) else { return };
    let height = window().inner_height().ok().and_then(|height| height.as_f64());
    if height.is_some_and(|height| code.get_bounding_client_rect().bottom() > height) {
        row.scroll_into_view_with_bool(true);
    }
}

fn draw_code(table: &Table, found: SideBySide) -> AnyView {
    let whole = RwSignal::new(false);
    let head = |head: &Option<String>| match head {
        Some(head) => value(head.clone()),
        None => view! { <span class="quiet">"not in this module"</span> }.into_any(),
    };
    let heads = (head(&found.a), head(&found.b));
    let rows = found.rows;
    let differing = rows.iter().filter(|row| row.kind != RowKind::Same).count();
    let hidden = rows.len() - pieces(&rows, false).iter().map(|(from, to)| to - from).sum::<usize>();
    let table = table.clone();
    let drawn = move || {
        let mut views: Vec<AnyView> = Vec::new();
        let (mut last, mut count) = (0, 0);
        for (from, to) in pieces(&rows, whole.get()) {
            if from > last {
                views.push(view! { <p class="skipped">{from - last} " equal lines"</p> }.into_any());
            }
            let fits = to.min(from + MOST - count);
            views.extend(rows[from..fits].iter().map(|row| line(&table, row)));
            count += fits - from;
            if fits < to {
                views.push(view! { <p class="skipped">"More lines than fit here: run "<code>"provenear diff --function"</code>"."</p> }.into_any());
                return views.into_any();
            }
            last = to;
        }
        if rows.len() > last {
            views.push(view! { <p class="skipped">{rows.len() - last} " equal lines"</p> }.into_any());
        }
        views.into_any()
    };
    let more = view! {
        <p class="actions" hidden=move || hidden == 0 || whole.get()>
            <button type="button" data-action="whole" on:click=move |_| whole.set(true)>"Show every line"</button>
        </p>
    };
    view! {
        <p class="quiet">"Lines that differ: " {differing} ". Words that differ are marked; addresses assigned by the linker are ignored."</p>
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

fn line(table: &Table, row: &Row) -> AnyView {
    let (number_a, text_a) = cell(table, 0, row.a.as_ref());
    let (number_b, text_b) = cell(table, 1, row.b.as_ref());
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

/// The line of one of the modules; what it calls leads to that function.
fn cell(table: &Table, of: usize, cell: Option<&Cell>) -> (String, Option<AnyView>) {
    let Some(cell) = cell else { return (String::new(), None) };
    let mut words: Vec<AnyView> = vec!["  ".repeat(cell.depth.min(DEEPEST).into()).into_any()];
    for (at, (word, marked)) in cell.words.iter().enumerate() {
        let space = if at > 0 { " " } else { "" };
        let word = make_printable(word);
        let word = match cell.calls {
            Some(index) if at == 1 => {
                let table = table.clone();
                let follow = move |_| table.follow(of, index);
                view! { <button type="button" class="reveal" data-calls=index.to_string() on:click=follow>{word}</button> }.into_any()
            }
            Some(_) | None => word.into_any(),
        };
        words.push(match marked {
            true => view! { {space}<mark>{word}</mark> }.into_any(),
            false => view! { {space}<span>{word}</span> }.into_any(),
        });
    }
    (cell.line.to_string(), Some(view! { <bdi>{words}</bdi> }.into_any()))
}
