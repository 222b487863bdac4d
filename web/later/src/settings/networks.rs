//! Networks: which endpoints are asked, and how many of them must agree.

use leptos::prelude::*;
use provenear_shared::near::{AccountId, Network};
use provenear_shared::settings::Address;
use provenear_web_ui::ambient::Ambient;
use provenear_web_ui::fields::{area, input};
use provenear_web_ui::settings::{MAX_THRESHOLD, NetworkSettings, Settings, parse_endpoint};
use provenear_web_ui::text::value;

use super::undo::{self, Undo};
use super::{Renewed, change};

/// The card.
pub(super) fn networks() -> AnyView {
    let ambient = Ambient::get();
    let ids = Memo::new(move |_| ambient.settings.get().chain_ids());
    let forgotten = RwSignal::new(None);
    let list = move || ids.get().into_iter().map(|id| one(ambient, id, forgotten)).collect::<Vec<_>>().into_any();
    view! {
        <section class="card" data-card="networks">
            <h2>"Networks"</h2>
            <p>
                "Endpoints (RPC nodes) tell this page what stands on the chain. Each of them learns which accounts you look at. \
                 Two that agree are better than one, and a node of your own is best. An address begins with https://, or with \
                 http:// if it is this machine."
            </p>
            {list}
            {undo::offer(ambient, forgotten)}
            {add(ambient)}
        </section>
    }
    .into_any()
}

fn one(ambient: Ambient, id: String, taken: RwSignal<Option<Undo>>) -> AnyView {
    let Some(network) = Network::parse(&id) else { return ().into_any() };
    let shown_network = network.clone();
    let current = Memo::new(move |_| ambient.settings.with(|settings| settings.network(&network)));
    let (text, quorum, registry) =
        (RwSignal::new(String::new()), RwSignal::new(String::new()), RwSignal::new(String::new()));
    let fill = move |current: NetworkSettings| {
        text.set(lines(&current));
        quorum.set(current.quorum.map(|quorum| quorum.to_string()).unwrap_or_default());
        registry.set(current.registry.map(|registry| registry.to_string()).unwrap_or_default());
    };
    fill(current.get_untracked());
    // A box with an old value would bring it back at the next “Save”.
    let Renewed(renewed) = Renewed::get();
    let complaint = RwSignal::new(String::new());
    Effect::new(move |_| {
        renewed.track();
        fill(current.get());
        complaint.set(String::new());
    });
    let (kept, forgotten) = (id.clone(), id.clone());
    let save = move |_| match endpoints(&text.get_untracked()) {
        Ok(endpoints) if endpoints.is_empty() => complaint.set(NO_ENDPOINT.to_owned()),
        Ok(endpoints) => {
            let quorum = match quorum.get_untracked().trim() {
                "" => None,
                text => match text.parse().ok().filter(|quorum| (1..=MAX_THRESHOLD as usize).contains(quorum)) {
                    Some(quorum) => Some(quorum),
                    None => return complaint.set(format!("“{text}” is not a number from 1 to {MAX_THRESHOLD}.")),
                },
            };
            let named = registry.get_untracked().trim().to_owned();
            let registry = AccountId::parse(&named);
            if registry.is_none() && !named.is_empty() {
                return complaint.set(format!("“{named}” is not an account."));
            }
            complaint.set(String::new());
            change(ambient, |settings| {
                settings.networks.insert(kept.clone(), NetworkSettings { endpoints, quorum, registry });
            });
        }
        Err(reason) => complaint.set(reason),
    };
    let back = [format!("[data-network=\"{id}\"] [data-action=forget-network]"), "#network-id".to_owned()];
    let forget = move |_| {
        let said = format!("what you had set for `{forgotten}` was removed");
        undo::take(ambient, taken, said, back.clone(), None, |settings| {
            settings.networks.remove(&forgotten);
        });
        // What was typed and not saved goes, too.
        fill(current.get_untracked());
    };
    let (box_id, quorum_id, shown) = (format!("endpoints-{id}"), format!("quorum-{id}"), id.clone());
    let registry_id = format!("registry-{id}");
    let is_known = !Settings::default().network(&shown_network).endpoints.is_empty();
    let undo = if is_known { "Reset to default" } else { "Remove this network" };
    let known = provenear_shared::registry::account(&shown_network)
        .map_or_else(|| "none".to_owned(), |account| account.to_string());
    view! {
        <fieldset data-network=id>
            <legend>{value(shown)}</legend>
            <label for=box_id.clone()>"Endpoints, one a line, in the order in which they are asked"</label>
            {area(&box_id, "3", text).end()}
            <p class="inline">
                <label for=quorum_id.clone()>"How many must agree (left empty: two, or one if there is one)"</label>
                <input
                    id=quorum_id
                    type="number"
                    min="1"
                    prop:value=move || quorum.get()
                    on:input=move |event| quorum.set(event_target_value(&event))
                />
            </p>
            <p class="inline">
                <label for=registry_id.clone()>"Account of a registry to ask for records (decides nothing)"</label>
                {input(&registry_id, registry).attr("autocapitalize", "none").attr("spellcheck", "false").attr("placeholder", &known).end()}
            </p>
            <p class="complaint" role="alert">{move || complaint.get()}</p>
            <p class="actions">
                <button type="button" data-action="save-network" on:click=save>"Save"</button>
                <button type="button" data-action="forget-network" on:click=forget>{undo}</button>
            </p>
        </fieldset>
    }
    .into_any()
}

/// Of a box without one.
const NO_ENDPOINT: &str = "Name at least one endpoint: without one, nothing on this network can be looked up.";

/// A network that is not known here, such as a devnet.
fn add(ambient: Ambient) -> AnyView {
    let id = RwSignal::new(String::new());
    let url = RwSignal::new(String::new());
    let complaint = RwSignal::new(String::new());
    let submit = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        let network = Network::parse(id.get_untracked().trim());
        let said = match (network, endpoints(&url.get_untracked())) {
            (None, _) => Err("A chain id is 1 to 64 of a-z, 0-9, - and _.".to_owned()),
            (_, Err(reason)) => Err(reason),
            (_, Ok(endpoints)) if endpoints.is_empty() => Err(NO_ENDPOINT.to_owned()),
            (Some(network), Ok(endpoints)) => {
                change(ambient, |settings| {
                    let kept = NetworkSettings { endpoints, ..NetworkSettings::default() };
                    settings.networks.insert(network.chain_id().to_owned(), kept);
                });
                id.set(String::new());
                url.set(String::new());
                Ok(())
            }
        };
        complaint.set(said.err().unwrap_or_default());
    };
    view! {
        <form class="add-network" on:submit=submit>
            <label for="network-id">"Another network, by its chain id"</label>
            {input("network-id", id).attr("placeholder", "devnet").end()}
            <label for="network-url">"Its endpoint"</label>
            {input("network-url", url).attr("inputmode", "url").attr("placeholder", "http://127.0.0.1:3030").end()}
            <p class="complaint" role="alert">{move || complaint.get()}</p>
            <p class="actions"><button type="submit" id="add-network">"Add network"</button></p>
        </form>
    }
    .into_any()
}

fn lines(network: &NetworkSettings) -> String {
    network.endpoint_urls().collect::<Vec<_>>().join("\n")
}

/// Endpoint URLs, one a line.
fn endpoints(text: &str) -> Result<Vec<Address>, String> {
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    lines.map(|line| parse_endpoint(line).map_err(super::plain_text)).collect()
}
