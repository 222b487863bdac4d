//! A comparison under way: its progress, the way to stop it, and what came of it.

use leptos::prelude::*;
use leptos::task::spawn_local;
use provenear_shared::wasm::diff::Stage;
use wasm_bindgen::prelude::*;

use super::difference::{Compared, difference};
use crate::comparer::Comparer;
use crate::components::text::{actions, button, sentence};

/// How far it has come.
#[derive(Clone)]
enum State {
    Idle,
    Running(usize),
    Stopped,
    Failed(String),
    Done(Compared),
}

/// One comparison after another; each ends the one before.
#[derive(Clone, Copy)]
pub(crate) struct Comparison {
    state: RwSignal<State, LocalStorage>,
    current: StoredValue<Option<Comparer>, LocalStorage>,
    last: StoredValue<Option<Comparer>, LocalStorage>,
    /// Counts the comparisons, so that a late end is not taken for the current one's.
    count: StoredValue<u32>,
}

impl Comparison {
    pub(super) fn new() -> Self {
        Self {
            state: RwSignal::new_local(State::Idle),
            current: StoredValue::new_local(None),
            last: StoredValue::new_local(None),
            count: StoredValue::new(0),
        }
    }

    /// Ends what is under way, whatever it is doing.
    pub(super) fn stop(self) {
        if let Some(Some(comparer)) = self.current.try_update_value(Option::take) {
            comparer.stop();
        }
        self.count.try_update_value(|count| *count += 1);
    }

    pub(super) fn clear(self) {
        self.stop();
        self.state.set(State::Idle);
    }

    pub(super) fn start(self, comparer: Comparer) {
        self.stop();
        self.current.set_value(Some(comparer));
        self.last.set_value(Some(comparer));
        self.state.set(State::Running(0));
        let number = self.count.get_value();
        let is_current = move || self.count.try_get_value() == Some(number);
        spawn_local(async move {
            let heard = Closure::<dyn FnMut(u32)>::new(move |stage: u32| {
                if is_current() {
                    self.state.set(State::Running(stage as usize));
                }
            });
            let done = comparer.ask("diff", "", Some(heard.as_ref().unchecked_ref())).await;
            let read = done.and_then(|text| Compared::read(&text, comparer));
            if is_current() {
                self.state.set(match read {
                    Ok(found) => State::Done(found),
                    Err(reason) => State::Failed(reason),
                });
            }
        });
    }

    fn again(self) {
        // The Worker that was stopped is gone, so it is another one that compares.
        if let Some(last) = self.last.get_value() {
            self.start(last.renewed());
        }
    }
}

/// Ends the Worker with the view that wanted it.
pub(super) fn ended_with_the_view(comparison: Comparison) {
    on_cleanup(move || comparison.stop());
}

/// What is seen of it.
pub(super) fn running(comparison: Comparison) -> AnyView {
    let drawn = move || match comparison.state.get() {
        State::Idle => ().into_any(),
        State::Running(stage) => progress(comparison, stage),
        State::Stopped => {
            let again = button("compare-again", "Compare again", move |_| comparison.again());
            view! { <div data-comparison="stopped"><p class="quiet">"Stopped. Nothing was compared."</p>{actions(vec![again])}</div> }.into_any()
        }
        State::Failed(reason) => {
            view! { <p class="complaint" role="alert" data-comparison="failed">{sentence(&reason)}</p> }.into_any()
        }
        State::Done(found) => difference(found),
    };
    view! { <div class="difference" aria-live="polite">{drawn}</div> }.into_any()
}

fn progress(comparison: Comparison, stage: usize) -> AnyView {
    let name = Stage::ALL.get(stage).map_or("Comparing", |stage| stage.name());
    let halt = button("cancel", "Stop", move |_| {
        comparison.stop();
        comparison.state.set(State::Stopped);
    });
    let most = Stage::ALL.len().to_string();
    view! {
        <section class="card" data-comparison="running">
            <label for="progress">{name} "…"</label>
            <p class="inline"><progress id="progress" max=most value=stage.to_string()></progress>{halt}</p>
        </section>
    }
    .into_any()
}
