//! Both modules as bars to one scale, sections as colours, and between them what is which: stretches that are equal, moved,
//! changed or new. Each is read by pointing at it, or with the arrow keys; below, the same as a table.

use std::ops::Range;
use std::sync::Arc;

use leptos::prelude::*;
use provenear_shared::wasm::diff::{Picture, Run, RunKind, Stretch};
use provenear_web_ui::text::value;
use wasm_bindgen::JsCast as _;

use super::colours::Colours;
use crate::cards::folded;
use crate::parts::deployment::group_digits;
use crate::parts::gradually::gradually;

/// Units of the picture: its width, the height of a bar, and of what joins the two.
const WIDTH: f64 = 1000.0;
const BAR: f64 = 34.0;
const BETWEEN: f64 = 120.0;
/// Narrowest stretch that can still be seen and pointed at.
const NARROWEST: f64 = 1.5;
/// Stretches and rows that are drawn in one task.
const AT_ONCE: usize = 20;
const ROWS_AT_ONCE: usize = 8;

/// Most names of sections in the legend: a module can have a thousand custom ones.
const NAMED: usize = 20;

/// What became of a stretch, in words.
fn became(kind: RunKind) -> &'static str {
    match kind {
        RunKind::Equal => "the same, at the same place",
        RunKind::Moved => "the same, moved or renumbered",
        RunKind::Changed => "changed",
        RunKind::New => "only in one",
    }
}

/// The card.
pub(super) fn picture(picture: &Picture) -> AnyView {
    let scale = WIDTH / picture.sizes.into_iter().max().unwrap_or_default().max(1) as f64;
    let chosen = RwSignal::new(None::<usize>);
    let runs = Arc::new(picture.runs.clone());
    let count = runs.len();
    let drawn = runs.clone();
    let joins = gradually(count, AT_ONCE, move |at| join(&drawn[at], at, scale));
    let sized = |section: &'_ Stretch| section.at.end - section.at.start;
    let colours = Colours::of(
        picture.sections.each_ref().map(|bar| bar.iter().map(|section| (section.name.as_str(), sized(section)))),
    );
    let bars = [
        bar(&picture.sections[0], picture.sizes[0], 0.0, scale, &colours),
        bar(&picture.sections[1], picture.sizes[1], BAR + BETWEEN, scale, &colours),
    ];
    let key = move |event: web_sys::KeyboardEvent| {
        let now = chosen.get_untracked();
        let next = match event.key().as_str() {
            "ArrowRight" | "ArrowDown" => now.map_or(0, |now| (now + 1).min(count.saturating_sub(1))),
            "ArrowLeft" | "ArrowUp" => now.map_or(0, |now| now.saturating_sub(1)),
            "Home" => 0,
            "End" => count.saturating_sub(1),
            _ => return,
        };
        event.prevent_default();
        if count > 0 {
            chosen.set(Some(next));
        }
    };
    // One listener for all: there are hundreds of stretches.
    let point = move |event: web_sys::Event| {
        let path = event.target().and_then(|target| target.dyn_into::<web_sys::Element>().ok());
        if let Some(at) = path.and_then(|path| path.id().strip_prefix("run-")?.parse().ok()) {
            chosen.set(Some(at));
        }
    };
    Effect::new(move |before: Option<Option<usize>>| {
        let now = chosen.get();
        for (at, selected) in [(before.flatten(), "false"), (now, "true")] {
            if let Some(path) = at.and_then(|at| document().get_element_by_id(&format!("run-{at}"))) {
                // Selecting it is a help to the eye; the text says the same.
                let _ = path.set_attribute("aria-selected", selected);
            }
        }
        now
    });
    let said = runs.clone();
    let reading = move || match chosen.get().and_then(|at| said.get(at)) {
        Some(run) => value(describe(run)),
        None => "Point at a stretch, or move through them with the arrow keys.".into_any(),
    };
    let active = move || chosen.get().map(|at| format!("run-{at}"));
    let legend: Vec<AnyView> = RunKind::ALL
        .iter()
        .map(|kind| {
            let runs = picture.runs.iter().filter(|run| run.kind == *kind);
            let bytes: u64 = runs.map(|run| length(&run.a).max(length(&run.b))).sum();
            let class = format!("run {}", kind.code());
            view! { <li>{swatch(class)} {became(*kind)} <span class="quiet">" " {group_digits(bytes as usize)} " bytes"</span></li> }
                .into_any()
        })
        .collect();
    let unnamed = colours.names().len().saturating_sub(NAMED);
    let sections: Vec<AnyView> = colours
        .names()
        .iter()
        .take(NAMED)
        .map(|name| view! { <li>{swatch(colours.of_section(name))} {value(name.clone())}</li> }.into_any())
        .collect();
    let table = folded("fold", "runs", &format!("The picture as a table ({count})"), move || {
        let runs = runs.clone();
        let rows = gradually(count, ROWS_AT_ONCE, move |at| row(&runs[at]));
        view! {
            <div class="table" tabindex="0" role="region" aria-label="Stretches">
                <table>
                    <thead><tr><th scope="col">"What"</th><th scope="col">"Of"</th><th scope="col">"Bytes of the first"</th><th scope="col">"Bytes of the second"</th></tr></thead>
                    <tbody>{rows}</tbody>
                </table>
            </div>
        }
        .into_any()
    });
    let left_out = picture.left_out;
    view! {
        <section class="card" data-card="picture">
            <h2>"Both modules, to scale"</h2>
            <p class="quiet">"First above, " {group_digits(picture.sizes[0] as usize)} " bytes; second below, " {group_digits(picture.sizes[1] as usize)} " bytes."</p>
            <div class="picture" tabindex="0" role="listbox" aria-label="Stretches of both modules" aria-activedescendant=active on:keydown=key>
                <svg viewBox=format!("0 0 {WIDTH} {}", 2.0 * BAR + BETWEEN) preserveAspectRatio="none" role="presentation" focusable="false"
                    on:pointerover=move |event| point(event.into()) on:click=move |event| point(event.into())>
                    <defs>
                        <pattern id="hatched" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><rect class="hatch" width="3" height="6" /></pattern>
                    </defs>
                    {joins}
                    {bars.into_iter().collect::<Vec<_>>()}
                </svg>
            </div>
            <p class="reading" aria-live="polite" data-reading="">{reading}</p>
            <ul class="legend">{legend}</ul>
            <ul class="legend">{sections}</ul>
            {(unnamed > 0).then(|| view! { <p class="quiet">{unnamed} " more names of sections are not listed."</p> })}
            {(left_out > 0).then(|| view! { <p class="quiet">{left_out} " smaller stretches are left out."</p> })}
            {table}
        </section>
    }
    .into_any()
}

/// A stretch as a shape.
fn join(run: &Run, at: usize, scale: f64) -> AnyView {
    let class = format!("run {}", run.kind.code());
    let fill = (run.kind == RunKind::Changed).then_some("url(#hatched)");
    let text = provenear_shared::text::make_printable(&describe(run));
    view! {
        <path id=format!("run-{at}") class=class fill=fill d=shape(run, scale) role="option" aria-label=text aria-selected="false" />
    }
    .into_any()
}

fn length(range: &Option<Range<u64>>) -> u64 {
    range.as_ref().map_or(0, |range| range.end - range.start)
}

/// The outline of a stretch from the upper bar to the lower one; in one bar only, a wedge that ends halfway.
fn shape(run: &Run, scale: f64) -> String {
    let edges = |range: &Range<u64>| {
        let (from, to) = (range.start as f64 * scale, range.end as f64 * scale);
        (from, to.max(from + NARROWEST))
    };
    let (top, bottom, half) = (BAR, BAR + BETWEEN, BAR + BETWEEN / 2.0);
    match (&run.a, &run.b) {
        (Some(a), Some(b)) => {
            let ((from_a, to_a), (from_b, to_b)) = (edges(a), edges(b));
            format!(
                "M{from_a:.2} {top}L{to_a:.2} {top}C{to_a:.2} {half} {to_b:.2} {half} {to_b:.2} {bottom}L{from_b:.2} {bottom}C{from_b:.2} {half} {from_a:.2} {half} {from_a:.2} {top}Z"
            )
        }
        (Some(a), None) => {
            let (from, to) = edges(a);
            format!("M{from:.2} {top}L{to:.2} {top}L{:.2} {}Z", (from + to) / 2.0, half - 15.0)
        }
        (None, Some(b)) => {
            let (from, to) = edges(b);
            format!("M{from:.2} {bottom}L{to:.2} {bottom}L{:.2} {}Z", (from + to) / 2.0, half + 15.0)
        }
        (None, None) => String::new(),
    }
}

fn bar(sections: &[Stretch], size: u64, top: f64, scale: f64, colours: &Colours) -> AnyView {
    let parts: Vec<AnyView> = sections
        .iter()
        .map(|section| {
            let (x, width) = (section.at.start as f64 * scale, (section.at.end - section.at.start) as f64 * scale);
            let class = format!("sec {}", colours.of_section(&section.name));
            let title = format!("{}: {} bytes", section.name, group_digits((section.at.end - section.at.start) as usize));
            view! {
                <rect class=class x=format!("{x:.2}") y=top.to_string() width=format!("{:.2}", width.max(0.5)) height=BAR.to_string()>
                    <title>{provenear_shared::text::make_printable(&title)}</title>
                </rect>
            }
            .into_any()
        })
        .collect();
    let width = (size as f64 * scale).to_string();
    view! { <g><rect class="empty" x="0" y=top.to_string() width=width height=BAR.to_string() />{parts}</g> }.into_any()
}

fn swatch(class: String) -> AnyView {
    view! { <svg class="key" viewBox="0 0 10 10" aria-hidden="true" focusable="false"><rect class=class width="10" height="10" /></svg> }
        .into_any()
}

/// Describes a stretch in words.
fn describe(run: &Run) -> String {
    let place = |range: &Option<Range<u64>>| match range {
        Some(range) => {
            format!(
                "{} bytes from byte {}",
                group_digits((range.end - range.start) as usize),
                group_digits(range.start as usize)
            )
        }
        None => "nothing".to_owned(),
    };
    format!("{}, {}; in the first {}, in the second {}", what(run), became(run.kind), place(&run.a), place(&run.b))
}

fn what(run: &Run) -> String {
    let first = run.first.as_ref().map(|(index, name)| match name {
        Some(name) => format!("#{index} {name}"),
        None => format!("#{index}"),
    });
    match (run.functions, first) {
        (0, _) => format!("section {}", run.section),
        (1, Some(first)) => format!("function {first}"),
        (count, Some(first)) => format!("{count} functions from {first}"),
        (count, None) => format!("{count} functions"),
    }
}

fn row(run: &Run) -> AnyView {
    let place = |range: &Option<Range<u64>>| {
        range
            .as_ref()
            .map(|range| format!("{} to {}", group_digits(range.start as usize), group_digits(range.end as usize)))
    };
    view! {
        <tr data-run=run.kind.code()><td>{became(run.kind)}</td><td>{value(what(run))}</td><td>{place(&run.a)}</td><td>{place(&run.b)}</td></tr>
    }
    .into_any()
}
