//! `#/`: one question, one field.

use leptos::prelude::*;

use crate::components::{intake, text};
use crate::recent;

/// The view.
pub(crate) fn home() -> AnyView {
    view! {
        <div class="home">
            <h1>"Is the code on chain the code in the source?"</h1>
            <p class="lead">
                "Provenear fetches a NEAR contract into your browser, hashes it here, reads what it says about its own source, \
                 and looks for a rebuild signed by somebody you trust. No server of ours is asked."
            </p>
            {intake::subject()}
            {recent()}
            <ol class="promise">
                <li><h2>"Fetched and hashed here"</h2><p>"From several endpoints that have to agree, at one block."</p></li>
                <li><h2>"Read out of the bytes"</h2><p>"The claim about commit, image and command comes from the code itself, not from a database."</p></li>
                <li><h2>"Rebuilt by people"</h2><p>"In a container, by anyone. A signed manifest says what came out. You choose whose word counts."</p></li>
            </ol>
        </div>
    }
    .into_any()
}

/// What was looked up before, in this browser.
fn recent() -> AnyView {
    let links = RwSignal::new(recent::links());
    let forget = move |_| {
        recent::forget();
        links.set(Vec::new());
    };
    let list = move || {
        let links = links.get();
        if links.is_empty() {
            return ().into_any();
        }
        let items: Vec<AnyView> = links
            .into_iter()
            .map(|link| {
                let shown = link.trim_start_matches("#/").to_owned();
                view! { <li><a href=link>{text::value(shown)}</a></li> }.into_any()
            })
            .collect();
        view! {
            <section class="recent" aria-labelledby="recent">
                <h2 id="recent">"Looked up before"</h2>
                <ul>{items}</ul>
                <button type="button" data-action="forget-recent" on:click=forget>"Forget these"</button>
            </section>
        }
        .into_any()
    };
    list.into_any()
}
