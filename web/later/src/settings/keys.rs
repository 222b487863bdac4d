//! Trusted keys: pasted or imported, each with the reader's own name.

use leptos::prelude::*;
use provenear_shared::key::PublicKey;
use provenear_shared::keys::{KeyName, parse_keys};
use provenear_shared::text::Shown;
use provenear_web_ui::ambient::Ambient;
use provenear_web_ui::fields::{area, input};
use provenear_web_ui::files::picked_one;
use provenear_web_ui::settings::{MAX_THRESHOLD, Read, Settings, TrustedKey};
use provenear_web_ui::text::value;
use wasm_bindgen::JsCast as _;

use super::import::Offer;
use super::undo::{self, Undo};
use super::{change, import};
use crate::parts::hash::hash;

/// The card.
pub(super) fn keys() -> AnyView {
    let ambient = Ambient::get();
    let removed = RwSignal::new(None);
    let list = move || {
        let keys = ambient.settings.with(|settings| settings.keys.clone());
        if keys.is_empty() {
            return view! { <p class="quiet">"None yet. Until there is one, no answer can be green."</p> }.into_any();
        }
        let items: Vec<AnyView> = keys.into_iter().map(|key| one(ambient, key, removed)).collect();
        view! { <ul class="keys">{items}</ul> }.into_any()
    };
    let threshold = move |event: web_sys::Event| {
        let number =
            event_target_value(&event).parse().ok().filter(|number| (1..=MAX_THRESHOLD as usize).contains(number));
        match number {
            Some(number) => change(ambient, |settings| settings.threshold = number),
            None => ambient.announcement.set(format!("Not saved: enter a whole number from 1 to {MAX_THRESHOLD}.")),
        }
        let number = number.unwrap_or_else(|| ambient.settings.with_untracked(|settings| settings.threshold));
        // What was typed may not be what is kept.
        if let Some(input) = event.target().and_then(|input| input.dyn_into::<web_sys::HtmlInputElement>().ok()) {
            input.set_value(&number.to_string());
        }
    };
    view! {
        <section class="card" data-card="keys">
            <h2>"Keys that you trust"</h2>
            <p>
                "A rebuild counts only if one of these keys signed it. Get a key from its owner, by a way that you trust: in \
                 person, or from their own website. Do not take it from where you found the rebuild."
            </p>
            {list}
            {undo::offer(ambient, removed)}
            {add(ambient)}
            <p class="inline">
                <label for="threshold">"Keys that must agree"</label>
                <input
                    id="threshold"
                    type="number"
                    min="1"
                    max="99"
                    prop:value=move || ambient.settings.get().threshold.to_string()
                    on:change=threshold
                />
            </p>
        </section>
    }
    .into_any()
}

fn one(ambient: Ambient, key: TrustedKey, removed: RwSignal<Option<Undo>>) -> AnyView {
    let target = key.key;
    let text = key.key.to_near();
    let name = if key.name.as_str().is_empty() { "without a name".to_owned() } else { key.name.to_string() };
    let whose = format!("the key of {}", Shown(&name));
    let back = [format!("[data-key=\"{text}\"] button[data-action]"), "#key-name".to_owned()];
    let said = format!("the key `{}` was removed", Shown(&name));
    let remove = move |_| {
        undo::take(ambient, removed, said.clone(), back.clone(), None, |settings| {
            settings.keys.retain(|other| other.key != target);
        });
    };
    view! {
        <li data-key=text.clone()>
            <strong>{value(name)}</strong> {hash(&text, &whose)}
            <button type="button" data-action="remove-key" on:click=remove>"Remove"</button>
        </li>
    }
    .into_any()
}

/// `settings` with the keys of a text; those without a name of their own get `name`, and a single one in any case, if there is
/// one: what the reader calls it goes before what stands beside the key.
fn with_keys(settings: &Settings, text: &str, name: &str) -> Result<Settings, String> {
    let name = KeyName::parse(name).map_err(|error| super::plain_text(error.to_string()))?;
    let keys = parse_keys(text).map_err(|error| super::plain_text(error.to_string()))?;
    if keys.is_empty() {
        return Err("There is no key in this.".to_owned());
    }
    let mut settings = settings.clone();
    for (key, own) in keys {
        let is_called = is_one(text) && !name.as_str().is_empty();
        let name = if own.as_str().is_empty() || is_called { name.clone() } else { own };
        settings.keys.retain(|other| other.key != key);
        settings.keys.push(TrustedKey { key, name });
    }
    Ok(settings)
}

/// Where keys are from. One that the reader has typed or pasted is seen; of a list and of a file it is shown first what it would
/// do.
#[derive(Clone, Copy)]
enum From {
    Box,
    File,
}

fn is_one(text: &str) -> bool {
    PublicKey::parse(text).is_ok() || text.trim().lines().count() == 1
}

fn add(ambient: Ambient) -> AnyView {
    let text = RwSignal::new(String::new());
    let name = RwSignal::new(String::new());
    let complaint = RwSignal::new(String::new());
    let offered = RwSignal::new(None);
    let take = move |text: &str, name: &str, from: From| match with_keys(&Settings::load().settings, text, name) {
        Ok(after) => {
            complaint.set(String::new());
            let read = Read { settings: after, left_out: Vec::new() };
            match from {
                From::Box if is_one(text) => change(ambient, |settings| *settings = read.settings),
                From::Box => {
                    offered.set(Some(Offer::of(read, "the pasted list", KeyName::parse(name).unwrap_or_default())));
                }
                From::File => offered.set(Some(Offer::of(read, "the file", KeyName::default()))),
            }
            true
        }
        Err(reason) => {
            complaint.set(reason);
            false
        }
    };
    let submit = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        if take(&text.get_untracked(), name.get_untracked().trim(), From::Box) {
            text.set(String::new());
            name.set(String::new());
        }
    };
    let import = move |event: web_sys::Event| {
        let Some(file) = picked_one(&event) else { return };
        leptos::task::spawn_local(async move {
            let read = wasm_bindgen_futures::JsFuture::from(file.text()).await.ok().and_then(|text| text.as_string());
            // A file can be called anything; a name that is none is no reason to refuse the keys.
            let name = KeyName::parse(&file.name()).unwrap_or_default();
            take(&read.unwrap_or_default(), name.as_str(), From::File);
        });
    };
    view! {
        <form class="add-key" on:submit=submit>
            <label for="key-name">"Name of the key's owner"</label>
            {input("key-name", name).attr("placeholder", "a name of your own choice").end()}
            <label for="key">"The public key: ed25519:…, ssh-ed25519 … or PEM"</label>
            {area("key", "3", text).end()}
            <p class="complaint" role="alert">{move || complaint.get()}</p>
            <p class="actions">
                <button type="submit" class="primary" id="add-key">"Trust this key"</button>
                <label class="button">"Import a file"<input class="hidden-file" type="file" on:change=import /></label>
            </p>
            {import::offer(ambient, offered)}
        </form>
    }
    .into_any()
}
