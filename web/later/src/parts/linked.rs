//! What a link names: endpoints (`strangers`) and manifests, which are fetched from here, and from elsewhere only after the
//! reader said so.

use leptos::prelude::*;
use leptos::task::spawn_local;
use provenear_shared::deployment::Stored;
use provenear_web_ui::ambient::Ambient;
use provenear_web_ui::element::{all, el};
use provenear_web_ui::route::Route;
use provenear_web_ui::settings::{absolute, is_same_origin};
use provenear_web_ui::text::{actions, button, value};

use super::strangers::strangers;
use crate::open::Page;

/// The view `linked` of a link: what of it is asked about, endpoints and manifests. Manifests of the page's own origin are
/// fetched at once.
pub(crate) fn linked(link: &str) -> AnyView {
    let Route::Account(route) = Route::parse(link) else { return ().into_any() };
    let mut asked = vec![strangers(&route)];
    for url in route.manifests.iter().filter_map(|url| absolute(url)) {
        if is_same_origin(&url) {
            fetch(Page::get(), Ambient::get(), url);
        } else {
            asked.push(question(url));
        }
    }
    all(asked)
}

fn question(url: String) -> AnyView {
    let (page, ambient) = (Page::get(), Ambient::get());
    let asked = RwSignal::new(false);
    let target = url.clone();
    let go = move |_| {
        asked.set(true);
        fetch(page, ambient, target.clone());
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

fn fetch(page: Page, ambient: Ambient, url: String) {
    spawn_local(async move {
        let said = match provenear_web_browser::fetch::text(&url).await {
            Ok(Stored::File(text)) => return page.manifest(text),
            Ok(Stored::Absent | Stored::WebPage) => "The link's manifest does not exist.".to_owned(),
            Err(error) => format!("The link's manifest cannot be read: {error}."),
        };
        // The view may have ended meanwhile.
        let _ = ambient.announcement.try_set(said);
    });
}
