//! What is inside a module: its methods as its ABI tells them, its sections to scale, what it imports, what built it.
//! Explains, never decides.

mod facts;
mod methods;

use leptos::prelude::*;
use leptos::task::spawn_local;
use serde::de::DeserializeOwned;

use crate::components::text::sentence;
use crate::workbench::Inspector;

/// The view of the code of an answer: `inside/<number of the answer>`.
pub(crate) fn inside(view: &str) -> AnyView {
    let Some(id) = view.strip_prefix("inside/").and_then(|id| id.parse().ok()) else { return ().into_any() };
    view! {
        <div class="cards">
            {worked("abi", vec![id], methods::methods)}
            {worked("facts", vec![id], facts::facts)}
        </div>
    }
    .into_any()
}

/// Lets the Worker do `work` and draws what comes of it.
pub(crate) fn worked<T: DeserializeOwned + Clone + 'static>(
    work: &'static str,
    ids: Vec<u32>,
    draw: fn(T) -> AnyView,
) -> AnyView {
    let shown = RwSignal::new_local(None::<Result<T, String>>);
    let inspector = Inspector::get();
    spawn_local(async move {
        let done = inspector.work(work, &ids).await;
        let read = done.and_then(|text| serde_json::from_slice(text.as_bytes()).map_err(|error| error.to_string()));
        shown.set(Some(read));
    });
    let drawn = move || match shown.get() {
        None => view! { <p class="quiet">"Reading…"</p> }.into_any(),
        Some(Ok(found)) => draw(found),
        Some(Err(reason)) => view! { <p class="quiet" data-none=work>{sentence(&reason)}</p> }.into_any(),
    };
    drawn.into_any()
}
