//! A comparison under way: its progress, the way to stop it, and what came of it.

use leptos::prelude::*;
use leptos::task::spawn_local;
use provenear_shared::wasm::diff::Stage;
use provenear_web_protocol::from_js;
use provenear_web_ui::ambient::Ambient;
use provenear_web_ui::text::{actions, button, sentence};
use wasm_bindgen::prelude::*;

use super::difference::{Compared, difference};
use crate::comparer::{Code, Comparer};
use crate::open::Inspector;

/// How far it has come.
#[derive(Clone)]
enum State {
    Idle,
    Running(Stage),
    Stopped,
    Failed(String),
    Done(Compared),
}

/// One comparison after another; each ends the one before.
#[derive(Clone, Copy)]
pub(crate) struct Comparison {
    inspector: Inspector,
    ambient: Ambient,
    state: RwSignal<State, LocalStorage>,
    worker: StoredValue<Option<Comparer>, LocalStorage>,
    last: StoredValue<Option<[Code; 2]>, LocalStorage>,
    /// Counts the comparisons, so that a late end is not taken for the current one's.
    count: StoredValue<u32>,
}

impl Comparison {
    /// Ends with the view that wants it.
    pub(super) fn new() -> Self {
        let comparison = Self {
            inspector: Inspector::get(),
            ambient: Ambient::get(),
            state: RwSignal::new_local(State::Idle),
            worker: StoredValue::new_local(None),
            last: StoredValue::new_local(None),
            count: StoredValue::new(0),
        };
        on_cleanup(move || comparison.end());
        comparison
    }

    /// Starts the Worker ahead.
    pub(super) fn ready(self) -> Comparer {
        let worker = self.worker.get_value().unwrap_or_else(|| Comparer::new(self.inspector));
        self.worker.set_value(Some(worker));
        worker
    }

    fn end(self) {
        self.count.try_update_value(|count| *count += 1);
        if let Some(Some(worker)) = self.worker.try_update_value(Option::take) {
            worker.stop();
        }
    }

    /// Ends what is under way, whatever it is doing.
    fn stop(self) {
        if matches!(self.state.get_untracked(), State::Running(_)) {
            self.end();
        }
    }

    pub(super) fn clear(self) {
        self.stop();
        self.state.set(State::Idle);
    }

    /// Compares two modules.
    pub(super) fn start(self, modules: [Code; 2]) {
        self.stop();
        let comparer = self.ready();
        self.last.set_value(Some(modules.clone()));
        self.state.set(State::Running(Stage::Reading));
        self.count.update_value(|count| *count += 1);
        let number = self.count.get_value();
        let is_current = move || self.count.try_get_value() == Some(number);
        spawn_local(async move {
            let heard = Closure::<dyn FnMut(JsValue)>::new(move |stage: JsValue| {
                if is_current()
                    && let Ok(stage) = from_js(stage)
                {
                    self.state.set(State::Running(stage));
                }
            });
            let read = Compared::fetch(comparer, &modules, heard.as_ref().unchecked_ref()).await;
            if is_current() {
                self.state.set(match read {
                    Ok(found) => {
                        self.ambient.announcement.set(found.announce());
                        State::Done(found)
                    }
                    Err(reason) => State::Failed(reason),
                });
            }
        });
    }
}

/// What is seen of it.
pub(super) fn running(comparison: Comparison) -> AnyView {
    let drawn = move || match comparison.state.get() {
        State::Idle => ().into_any(),
        State::Running(stage) => progress(comparison, stage),
        State::Stopped => {
            let again = button("compare-again", "Compare again", move |_| {
                comparison.last.get_value().into_iter().for_each(|modules| comparison.start(modules));
            });
            view! { <div data-comparison="stopped"><p class="quiet">"Stopped. Nothing was compared."</p>{actions(vec![again])}</div> }.into_any()
        }
        State::Failed(reason) => {
            view! { <p class="complaint" role="alert" data-comparison="failed">{sentence(&reason)}</p> }.into_any()
        }
        State::Done(found) => difference(found),
    };
    view! { <div class="difference">{drawn}</div> }.into_any()
}

fn progress(comparison: Comparison, stage: Stage) -> AnyView {
    let halt = button("cancel", "Stop", move |_| {
        comparison.stop();
        comparison.state.set(State::Stopped);
    });
    let most = Stage::ALL.len().to_string();
    view! {
        <section class="card" data-comparison="running">
            <label for="progress">{stage.name()} "…"</label>
            <p class="inline"><progress id="progress" max=most value=(stage as usize).to_string()></progress>{halt}</p>
        </section>
    }
    .into_any()
}
