//! Manifests that a link names: from here they are fetched, from elsewhere only after the reader said so.

use leptos::prelude::*;
use leptos::task::spawn_local;

use super::text::value;
use crate::session::Session;
use crate::settings::{absolute, is_same_origin};
use crate::transport;

/// Fetches those of the page's own origin; asks about each other one.
pub(crate) fn linked(urls: &[String]) -> AnyView {
    let session = Session::get();
    let mut questions: Vec<AnyView> = Vec::new();
    for url in urls.iter().filter_map(|url| absolute(url)) {
        if is_same_origin(&url) {
            fetch(session, url);
        } else {
            questions.push(question(session, url));
        }
    }
    questions.into_any()
}

fn question(session: Session, url: String) -> AnyView {
    let asked = RwSignal::new(false);
    let target = url.clone();
    let go = move |_| {
        asked.set(true);
        fetch(session, target.clone());
    };
    view! {
        <section class="card ask" data-card="linked" hidden=move || asked.get()>
            <p>"This link names a manifest that is kept elsewhere: " {value(url)} ". That host would learn that you look at this account."</p>
            <p class="actions"><button type="button" data-action="fetch-manifest" on:click=go>"Fetch it"</button></p>
        </section>
    }
    .into_any()
}

fn fetch(session: Session, url: String) {
    spawn_local(async move {
        match transport::text(&url).await {
            Ok(Some(text)) => session.manifests.update(|manifests| manifests.push((text, true))),
            Ok(None) => session.announcement.set("The link's manifest does not exist.".to_owned()),
            Err(error) => session.announcement.set(format!("The link's manifest cannot be read: {error}.")),
        }
    });
}
