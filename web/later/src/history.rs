//! The code of one account at past blocks: where it changed, found by halving between two blocks, which are named by height or
//! by date. One endpoint's word, dates among it.

mod dates;
mod search;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use leptos::prelude::*;
use leptos::task::spawn_local;
use provenear_shared::near::{Network, parse_utc, rfc3339};
use provenear_shared::report::DeploymentReport;
use provenear_shared::text::Shown;
use provenear_web_ui::ambient::Ambient;
use provenear_web_ui::fields::input;
use provenear_web_ui::text::{card, sentence, value};

use crate::open::Inspector;
use crate::parts::hash::hash;
use dates::{Dated, Moment};
use search::{Found, Point, Search};

/// The view, up to the block of an answer.
pub(crate) fn history(at: &DeploymentReport) -> AnyView {
    let (ambient, inspector) = (Ambient::get(), Inspector::get());
    let own = ambient.settings.with_untracked(|settings| settings.network(&at.network));
    let endpoint = at.network.archival().map(str::to_owned).or_else(|| own.endpoint_urls().next()).unwrap_or_default();
    let url = RwSignal::new(endpoint);
    let from = RwSignal::new(String::new());
    let to = RwSignal::new(at.block_height.to_string());
    // A report has the time in the form that is read here.
    let newest = Dated { height: at.block_height, time_ms: parse_utc(&at.block_time).unwrap_or_default() };
    let state = RwSignal::new(None::<Result<Found, String>>);
    // Ends the newest search.
    let stop = StoredValue::new(Arc::new(AtomicBool::new(false)));
    let (place, account) = (at.network.clone(), at.account_id.clone());
    let submit = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        let moments = (Moment::parse(&from.get_untracked()), Moment::parse(&to.get_untracked()));
        let moments = match moments {
            (Ok(from), Ok(to)) => [from, to],
            (Err(why), _) | (_, Err(why)) => return state.set(Some(Err(why))),
        };
        // An earlier search ends, and tells nothing more.
        stop.with_value(|stop| stop.store(true, Ordering::Relaxed));
        let mine = Arc::new(AtomicBool::new(false));
        stop.set_value(mine.clone());
        state.set(Some(Ok(Found::default())));
        let search = Search { inspector, url: url.get_untracked(), account: account.clone(), stop: mine.clone() };
        spawn_local(async move {
            let is_newest = || stop.try_with_value(|newest| Arc::ptr_eq(newest, &mine)).unwrap_or_default();
            let tell = |said| {
                if is_newest() {
                    state.set(Some(said));
                }
            };
            if let Err(reason) = search.run(moments, newest, |found| tell(Ok(found.clone()))).await {
                tell(Err(reason));
            }
        });
    };
    let halt = move |_| stop.with_value(|stop| stop.store(true, Ordering::Relaxed));
    let drawn = move || match state.get() {
        None => ().into_any(),
        Some(Err(reason)) => view! { <p class="complaint" role="alert">{sentence(&reason)}</p> }.into_any(),
        Some(Ok(found)) => draw(&place, &found),
    };
    let body = view! {
        <p>
            "Finds the blocks at which this account's code was replaced, by binary search between two blocks. One endpoint is \
             asked; it has to keep old blocks (an “archival” one), and nobody else confirms what it says, dates included. Code \
             that was replaced and put back between two looks is missed."
        </p>
        <form class="history" on:submit=submit>
            {field("history-url", "Archival endpoint", "url", url)}
            {field("history-from", "From: a block height, or a date in UTC such as 2024-06-30 or 2024-06-30 14:05", "text", from)}
            {field("history-to", "To: a block height, or a date in UTC (a date alone means 00:00)", "text", to)}
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

fn draw(network: &Network, found: &Found) -> AnyView {
    let (progress, more) = match (found.done, found.is_cut) {
        (true, true) => ("The search was stopped before it had looked everywhere", ": there may be more changes"),
        (true, false) => ("The search has ended", ""),
        (false, _) => ("Searching", ""),
    };
    let items: Vec<AnyView> = found.points.iter().map(|point| item(network, &found.account, point)).collect();
    view! {
        <p class="quiet">{progress} ", after " {found.asked} " requests" {more} "."</p>
        <ol class="plain">{items}</ol>
    }
    .into_any()
}

fn item(network: &Network, account: &str, point: &Point) -> AnyView {
    let (id, block) = (network.chain_id(), point.block);
    let link = format!("#/{id}/{account}?block={block}");
    let time = point.time_ms.map(|time| {
        let time = rfc3339(time);
        let said = format!(" ({})", time.replace('T', " ").replace('Z', " UTC"));
        view! { <time datetime=time>{said}</time> }
    });
    let code = match &point.code {
        Some(code) => hash(code, &format!("the code hash since block {block}")),
        None => match &point.owner {
            Some(owner) => {
                sentence(&format!("whatever `{}` publishes; its replacements are not searched", Shown(owner)))
            }
            None => value(point.kind.to_owned()),
        },
    };
    let compared = point.code_before.filter(|_| point.code.is_some()).map(|before| {
        let link = format!("#/compare?a={id}/{account}%40{before}&b={id}/{account}%40{block}");
        let label = format!("Compare before and after block {block}");
        view! { " " <a href=link data-action="compare-change" aria-label=label>"Compare before and after"</a> }
    });
    view! {
        <li data-block=block.to_string()>"Block " <a href=link>{block}</a> {time} ": " {code} {compared}</li>
    }
    .into_any()
}
