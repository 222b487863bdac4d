//! Draws much, a piece in each frame, so that the page listens in between: no task keeps a person waiting.

use std::sync::Arc;
use std::time::Duration;

use leptos::prelude::*;

/// Places that are filled one after another, each in a task of its own: the first now, the rest frame after frame.
#[derive(Clone, Copy)]
pub(crate) struct Turns {
    due: RwSignal<usize>,
    count: usize,
}

impl Turns {
    /// So many places.
    pub(crate) fn new(count: usize) -> Self {
        let turns = Self { due: RwSignal::new(1), count };
        turns.wait();
        turns
    }

    /// The place number `at`.
    pub(crate) fn place(self, at: usize, draw: impl Fn() -> AnyView + Send + 'static) -> AnyView {
        let due = Memo::new(move |_| self.due.get() > at);
        (move || due.get().then(&draw)).into_any()
    }

    /// Whether all are filled.
    pub(crate) fn over(self) -> bool {
        self.due.get() >= self.count
    }

    /// Waits until what is there has been painted, and goes on unless the view has ended.
    fn wait(self) {
        let is_over = self.due.try_get_untracked().is_none_or(|due| due >= self.count);
        if !is_over {
            after_paint(move || {
                self.due.try_update(|due| *due += 1);
                self.wait();
            });
        }
    }
}

/// `count` items, `at_once` of them in one task.
pub(crate) fn gradually(
    count: usize,
    at_once: usize,
    item: impl Fn(usize) -> AnyView + Send + Sync + 'static,
) -> AnyView {
    let item = Arc::new(item);
    let pieces = count.div_ceil(at_once);
    let turns = Turns::new(pieces);
    let piece = |piece: usize| {
        let item = item.clone();
        turns.place(piece, move || {
            let items = piece * at_once..count.min((piece + 1) * at_once);
            items.map(|at| item(at)).collect::<Vec<AnyView>>().into_any()
        })
    };
    (0..pieces).map(piece).collect::<Vec<AnyView>>().into_any()
}

/// Lets the browser show what there is before it goes on.
pub(crate) async fn wait_for_paint() {
    let promise = js_sys::Promise::new(&mut |done, _| {
        // What resolves a promise throws nothing.
        after_paint(move || drop(done.call0(&wasm_bindgen::JsValue::NULL)));
    });
    // Nobody rejects it.
    let _ = wasm_bindgen_futures::JsFuture::from(promise).await;
}

/// Runs `then` in a task of its own after the next frame; at once where no frames are drawn.
fn after_paint(then: impl FnOnce() + 'static) {
    match document().hidden() {
        true => set_timeout(then, Duration::ZERO),
        false => request_animation_frame(move || set_timeout(then, Duration::ZERO)),
    }
}
