//! `#/compare`: two modules, each a file or an account, and why they differ. Explains, never decides.

mod difference;
mod side;

use leptos::prelude::*;

use crate::pages::inside::worked;
use side::Chosen;

/// The view.
pub(crate) fn compare() -> AnyView {
    let (a, b) = (RwSignal::new(None::<Chosen>), RwSignal::new(None::<Chosen>));
    let drawn = move || match (a.get(), b.get()) {
        (Some(a), Some(b)) => worked("diff", vec![a.id, b.id], difference::difference),
        (_, _) => view! { <p class="quiet">"Choose two modules: the difference appears here."</p> }.into_any(),
    };
    view! {
        <h1>"Compare two modules"</h1>
        <p class="lead">"Says why two modules differ, function by function. It explains a difference and never turns one into a match."</p>
        <div class="cards sides">
            {side::side("first", "First", a)}
            {side::side("second", "Second", b)}
        </div>
        <div class="difference">{drawn}</div>
    }
    .into_any()
}
