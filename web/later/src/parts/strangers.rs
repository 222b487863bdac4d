//! Endpoints that a link names. None is asked before the reader agrees: it would learn what is looked at, and with which
//! question. Not here: what its word is worth (`shared`).

use leptos::prelude::*;
use provenear_shared::deployment::{self, Endpoint};
use provenear_web_ui::ambient::Ambient;
use provenear_web_ui::element::{all, el};
use provenear_web_ui::route::AccountRoute;
use provenear_web_ui::settings::{absolute, parse_endpoint};
use provenear_web_ui::text::{actions, button, sentence, value};

use crate::open::Page;

/// A strip for each endpoint that would be asked. Those at a host of the reader's own are not.
pub(crate) fn strangers(route: &AccountRoute) -> AnyView {
    let own = Ambient::get().settings.with_untracked(|settings| settings.network(&route.network));
    let own: Vec<Endpoint> = own.endpoint_urls().map(Endpoint::own).collect();
    let linked: Vec<Endpoint> = route.endpoints.iter().filter_map(|url| absolute(url)).map(Endpoint::of_link).collect();
    let own: Vec<&Endpoint> = own.iter().collect();
    all(deployment::strangers(&own, &linked).into_iter().map(strip).collect())
}

fn strip(endpoint: &Endpoint) -> AnyView {
    let page = Page::get();
    let (url, agreed) = (endpoint.url.clone(), RwSignal::new(false));
    let asks = el("p").text("This link names an endpoint that is not one of yours: ");
    let asks = asks.child(value(endpoint.host().to_owned()));
    let (asks, offer) = match parse_endpoint(&url) {
        Err(refusal) => (asks.text(". It cannot be asked: ").child(sentence(&refusal)), None),
        Ok(_) => {
            let go = move |_| {
                agreed.set(true);
                page.agree(&url);
            };
            let says =
                ". It would learn that you look at this account. What it says can only object to your endpoints.";
            (asks.text(says), Some(actions(vec![button("ask-endpoint", "Ask it, too", go)])))
        }
    };
    el("section")
        .class("card ask")
        .attr("data-card", "stranger")
        .shown_while(move || !agreed.get())
        .child(asks.end())
        .maybe(offer)
        .end()
}
