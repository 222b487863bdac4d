//! `#/compare`: two modules side by side.

use leptos::prelude::*;

/// The view.
pub(crate) fn compare() -> AnyView {
    view! { <h1>"Compare two modules"</h1> }.into_any()
}
