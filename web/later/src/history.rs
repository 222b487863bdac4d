//! The code of one account at past blocks: where it changed, found by halving between two blocks. One endpoint's word.

mod search;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use leptos::prelude::*;
use leptos::task::spawn_local;
use provenear_shared::near::{AccountId, Network};
use provenear_web_ui::ambient::Ambient;
use provenear_web_ui::fields::input;
use provenear_web_ui::text::{card, sentence, value};

use crate::open::Inspector;
use crate::parts::hash::hash;
use search::{Found, Search};

/// The view, up to the block of an answer.
pub(crate) fn history(network: &Network, account: &AccountId, block: u64) -> AnyView {
    let (ambient, inspector) = (Ambient::get(), Inspector::get());
    let own = ambient.settings.with_untracked(|settings| settings.network(network));
    let endpoint = network.archival().map(str::to_owned).or_else(|| own.endpoint_urls().next()).unwrap_or_default();
    let url = RwSignal::new(endpoint);
    let from = RwSignal::new(String::new());
    let to = RwSignal::new(block.to_string());
    let state = RwSignal::new(None::<Result<Found, String>>);
    let stop = Arc::new(AtomicBool::new(false));
    let stopped = stop.clone();
    let (place, account) = (network.clone(), account.clone());
    let submit = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        let blocks = (from.get_untracked().trim().parse::<u64>(), to.get_untracked().trim().parse::<u64>());
        let (Ok(from), Ok(to)) = blocks else {
            return state.set(Some(Err("a block is named by its height, such as `120000000`".to_owned())));
        };
        stop.store(false, Ordering::Relaxed);
        state.set(Some(Ok(Found::default())));
        let search = Search { inspector, url: url.get_untracked(), account: account.clone(), stop: stop.clone() };
        spawn_local(async move {
            let found = search.run(from.min(to), from.max(to), |found| state.set(Some(Ok(found.clone())))).await;
            if let Err(reason) = found {
                state.set(Some(Err(reason)));
            }
        });
    };
    let halt = move |_| stopped.store(true, Ordering::Relaxed);
    let drawn = move || match state.get() {
        None => ().into_any(),
        Some(Err(reason)) => view! { <p class="complaint" role="alert">{sentence(&reason)}</p> }.into_any(),
        Some(Ok(found)) => shown(&place, &found),
    };
    let body = view! {
        <p>
            "Finds the blocks at which this account's code was replaced, by looking at fewer and fewer blocks between two. One \
             endpoint is asked; it has to keep old blocks (an “archival” one), and nobody else is asked whether it is right. \
             Code that was replaced and put back between two looks is missed."
        </p>
        <form class="history" on:submit=submit>
            {field("history-url", "Archival endpoint", "url", url)}
            {field("history-from", "From block, by its number (height)", "numeric", from)}
            {field("history-to", "To block", "numeric", to)}
            <p class="actions">
                <button type="submit" class="primary">"Search"</button>
                <button type="button" on:click=halt>"Stop"</button>
            </p>
        </form>
        <div role="status">{drawn}</div>
    };
    card("history", "Search the past", body.into_any())
}

fn field(id: &'static str, label: &'static str, mode: &'static str, text: RwSignal<String>) -> AnyView {
    view! {
        <label for=id>{label}</label>
        {input(id, text).attr("inputmode", mode).end()}
    }
    .into_any()
}

fn shown(network: &Network, found: &Found) -> AnyView {
    let progress = if found.done { "The search has ended" } else { "Searching" };
    let items: Vec<AnyView> = found
        .points
        .iter()
        .map(|point| {
            let link = format!("#/{}/{}?block={}", network.chain_id(), found.account, point.block);
            let code = match &point.code {
                Some(code) => hash(code, &format!("the code hash since block {}", point.block)),
                None => value(point.kind.to_owned()),
            };
            view! { <li data-block=point.block.to_string()>"Since block " <a href=link>{point.block}</a> " or a few blocks before: " {code}</li> }.into_any()
        })
        .collect();
    view! {
        <p class="quiet">{progress} ", after " {found.asked} " requests."</p>
        <ol class="plain">{items}</ol>
    }
    .into_any()
}
