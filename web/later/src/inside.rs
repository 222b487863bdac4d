//! What is inside a module: its methods as its ABI tells them, its sections to scale, what it imports, what built it.
//! Explains, never decides.

mod facts;
mod methods;

use leptos::prelude::*;
use leptos::task::spawn_local;
use provenear_web_protocol::{Done, Job};
use provenear_web_ui::text::sentence;

use crate::open::Inspector;

/// The view of the code of an answer.
pub(crate) fn inside(answer: u32) -> AnyView {
    view! {
        <div class="cards">
            {run_job("abi", Job::Abi, answer)}
            {run_job("facts", Job::Facts, answer)}
        </div>
    }
    .into_any()
}

/// Has the Worker do `job` and draws what comes of it.
fn run_job(name: &'static str, job: Job, answer: u32) -> AnyView {
    let shown = RwSignal::new_local(None::<Result<Done, String>>);
    let inspector = Inspector::get();
    spawn_local(async move { shown.set(Some(inspector.of_code(&job, answer).await)) });
    let drawn = move || match shown.get() {
        None => view! { <p class="quiet">"Reading…"</p> }.into_any(),
        Some(Ok(Done::Abi(abi))) => methods::methods(*abi),
        Some(Ok(Done::Facts(facts))) => facts::facts(*facts),
        // Jobs of other places.
        Some(Ok(
            Done::Code
            | Done::Module(_)
            | Done::Registry(_)
            | Done::Proposal(_)
            | Done::Source(_)
            | Done::Past(_)
            | Done::BlockTime(_),
        )) => ().into_any(),
        Some(Err(reason)) => view! { <p class="quiet" data-none=name>{sentence(&reason)}</p> }.into_any(),
    };
    drawn.into_any()
}
