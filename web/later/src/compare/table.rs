//! What the table of functions shows: which pass, in which order, and whose code is open. Not here: drawing it (`functions`).

use std::sync::Arc;

use leptos::prelude::*;
use provenear_shared::wasm::diff::{FunctionChange, FunctionSide, Status};
use provenear_web_ui::ambient::Ambient;
use provenear_web_ui::fields::focus;

/// Rows that are shown at first, and how many more each time.
pub(super) const ROWS: usize = 50;

/// What is shown of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Filter {
    Differing,
    Only(Status),
    Same,
    All,
}

/// What they are sorted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Order {
    Place,
    Name,
    Alike,
    Size,
    Grown,
}

/// The functions of both modules, and what a reader wants to see of them.
#[derive(Clone)]
pub(super) struct Table {
    pub(super) functions: Arc<Vec<FunctionChange>>,
    pub(super) filter: RwSignal<Filter>,
    pub(super) order: RwSignal<Order>,
    pub(super) wanted: RwSignal<String>,
    /// Rows that are drawn at most.
    pub(super) most: RwSignal<usize>,
    /// Positions of the functions that pass, in order.
    pub(super) passing: Memo<Vec<usize>>,
    /// Whose code was opened, by position: the last is open, those before it are the callers that led there.
    trail: RwSignal<Vec<usize>>,
    /// Whether the code that is drawn next takes the focus: not when the table is filtered around it.
    takes_focus: StoredValue<bool>,
    ambient: Ambient,
}

impl Table {
    pub(super) fn new(functions: Arc<Vec<FunctionChange>>) -> Self {
        let (filter, order) = (RwSignal::new(Filter::Differing), RwSignal::new(Order::Place));
        let wanted = RwSignal::new(String::new());
        let all = functions.clone();
        let passing = Memo::new(move |_| wanted.with(|wanted| select(&all, filter.get(), wanted, order.get())));
        Self {
            functions,
            filter,
            order,
            wanted,
            most: RwSignal::new(ROWS),
            passing,
            trail: RwSignal::new(Vec::new()),
            takes_focus: StoredValue::new(false),
            ambient: Ambient::get(),
        }
    }

    /// Whether the code of the function at this position is open.
    pub(super) fn is_open(&self, at: usize) -> bool {
        self.trail.with(|trail| trail.last() == Some(&at))
    }

    /// The caller that led to the code that is open.
    pub(super) fn caller(&self) -> Option<&FunctionChange> {
        let at = self.trail.with_untracked(|trail| trail.iter().rev().nth(1).copied())?;
        self.functions.get(at)
    }

    /// Whether the code that is drawn now is to take the focus.
    pub(super) fn take_focus(&self) -> bool {
        self.takes_focus.try_update_value(std::mem::take).unwrap_or_default()
    }

    /// Opens the code of a row, or closes it.
    pub(super) fn toggle(&self, at: usize) {
        match self.trail.with_untracked(|trail| trail.last() == Some(&at)) {
            true => self.close(),
            false => self.show(vec![at]),
        }
    }

    /// Closes the code that is open, and gives the focus back to the button that opens it.
    pub(super) fn close(&self) {
        let at = self.trail.with_untracked(|trail| trail.last().copied());
        self.trail.set(Vec::new());
        focus(at.map(button).into_iter().collect());
    }

    /// Goes to the function with this index in one of the modules, which the code that is open calls.
    pub(super) fn follow(&self, of: usize, index: u32) {
        let is_it =
            |function: &FunctionChange| [&function.a, &function.b][of].as_ref().is_some_and(|side| side.index == index);
        match self.functions.iter().position(is_it) {
            Some(at) => {
                let mut trail = self.trail.get_untracked();
                // One that calls itself, or comes round again, leads back no further.
                let known = trail.iter().position(|before| *before == at).unwrap_or(trail.len());
                trail.truncate(known);
                trail.push(at);
                self.show(trail);
            }
            None => self.ambient.announcement.set("This function is not in the list.".to_owned()),
        }
    }

    /// Goes back to the caller.
    pub(super) fn back(&self) {
        let mut trail = self.trail.get_untracked();
        trail.pop();
        self.show(trail);
    }

    /// Opens the last of these, in a row that is there: where the table leaves it out, it is looked for by its index.
    fn show(&self, trail: Vec<usize>) {
        let Some(at) = trail.last().copied() else { return };
        let place = self.passing.with_untracked(|passing| passing.iter().position(|it| *it == at));
        if place.is_none_or(|place| place >= self.most.get_untracked()) {
            self.filter.set(Filter::All);
            self.wanted.set(sides(&self.functions[at]).next().map(shown_index).unwrap_or_default());
        }
        self.takes_focus.set_value(true);
        self.trail.set(trail);
        // Where it was open already, nothing is drawn anew.
        focus(vec![format!("{} + tr h3", row(at))]);
    }
}

/// The selector of the row of a function, by position.
pub(super) fn row(at: usize) -> String {
    format!("tr[data-function=\"{at}\"]")
}

fn button(at: usize) -> String {
    format!("{} [data-action=show-code]", row(at))
}

fn shown_index(side: &FunctionSide) -> String {
    format!("#{}", side.index)
}

pub(super) fn sides(function: &FunctionChange) -> impl Iterator<Item = &FunctionSide> {
    [&function.a, &function.b].into_iter().flatten()
}

/// What it is called in either module.
pub(super) fn name(function: &FunctionChange) -> Option<&str> {
    function.names().into_iter().flatten().next()
}

/// What it is called, with its index.
pub(super) fn title(function: &FunctionChange) -> String {
    let index = sides(function).next().map(shown_index).unwrap_or_default();
    name(function).map_or_else(|| index.clone(), |name| format!("{index} {name}"))
}

fn passes(function: &FunctionChange, filter: Filter, wanted: &str) -> bool {
    let status = match filter {
        Filter::All => true,
        Filter::Differing => !function.status.is_same(),
        Filter::Same => function.status.is_same(),
        Filter::Only(status) => function.status == status,
    };
    let is_named = |name: &str| name.to_lowercase().contains(wanted);
    let is_found =
        || function.names().into_iter().flatten().any(is_named) || sides(function).any(|it| shown_index(it) == wanted);
    status && (wanted.is_empty() || is_found())
}

fn size(function: &FunctionChange) -> usize {
    sides(function).map(|side| side.size).max().unwrap_or_default()
}

fn grown(function: &FunctionChange) -> usize {
    let size = |side: &Option<FunctionSide>| side.as_ref().map_or(0, |side| side.size);
    size(&function.a).abs_diff(size(&function.b))
}

/// Selects the functions that pass: their positions, in order.
fn select(functions: &[FunctionChange], filter: Filter, wanted: &str, order: Order) -> Vec<usize> {
    let wanted = wanted.trim().to_lowercase();
    let mut found: Vec<usize> = (0..functions.len()).filter(|at| passes(&functions[*at], filter, &wanted)).collect();
    let of = |at: &usize| &functions[*at];
    match order {
        Order::Place => {}
        Order::Name => found.sort_by_key(|at| (name(of(at)).is_none(), name(of(at)))),
        Order::Alike => found.sort_by(|x, y| {
            let alike = |at: &usize| of(at).similarity.unwrap_or(if of(at).status.is_same() { 1.0 } else { 0.0 });
            alike(x).total_cmp(&alike(y))
        }),
        Order::Size => found.sort_by_key(|at| std::cmp::Reverse(size(of(at)))),
        Order::Grown => found.sort_by_key(|at| std::cmp::Reverse(grown(of(at)))),
    }
    found
}
