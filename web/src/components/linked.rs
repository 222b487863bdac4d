//! Manifests that a link names: from here they are fetched, from elsewhere only after the reader said so.

use leptos::prelude::*;
use leptos::task::spawn_local;
use provenear_shared::deployment::Stored;

use super::element::{all, el};
use super::text::{actions, button, value};
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
    all(questions)
}

fn question(session: Session, url: String) -> AnyView {
    let asked = RwSignal::new(false);
    let target = url.clone();
    let go = move |_| {
        asked.set(true);
        fetch(session, target.clone());
    };
    let asks = el("p")
        .text("This link names a manifest that is kept elsewhere: ")
        .child(value(url))
        .text(". That host would learn that you look at this account.");
    el("section")
        .class("card ask")
        .attr("data-card", "linked")
        .shown_while(move || !asked.get())
        .child(asks.end())
        .child(actions(vec![button("fetch-manifest", "Fetch it", go)]))
        .end()
}

fn fetch(session: Session, url: String) {
    spawn_local(async move {
        match transport::text(&url).await {
            Ok(Stored::File(text)) => session.manifests.update(|manifests| manifests.push((text, true))),
            Ok(Stored::Absent | Stored::WebPage) => {
                session.announcement.set("The link's manifest does not exist.".to_owned())
            }
            Err(error) => session.announcement.set(format!("The link's manifest cannot be read: {error}.")),
        }
    });
}
