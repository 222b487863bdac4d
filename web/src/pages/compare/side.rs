//! One of the two modules to compare: a file that is picked, or an account or code hash that is looked up.

use js_sys::{Reflect, Uint8Array};
use leptos::prelude::*;
use leptos::task::spawn_local;
use provenear_shared::Report;
use provenear_shared::near::{Network, SubjectName, parse_subject};
use wasm_bindgen_futures::JsFuture;

use crate::ask::{Ask, AskSubject};
use crate::components::text::{hash, value};
use crate::session::Ambient;
use crate::workbench::Inspector;

/// A module at hand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Chosen {
    /// The answer whose code it is.
    pub(super) id: u32,
    name: String,
    code_hash: String,
}

/// The card of one side.
pub(super) fn side(id: &'static str, title: &'static str, chosen: RwSignal<Option<Chosen>>) -> AnyView {
    let (ambient, inspector) = (Ambient::get(), Inspector::get());
    let text = RwSignal::new(String::new());
    let complaint = RwSignal::new(String::new());
    let take = move |subject: Result<AskSubject, String>, bytes: Option<Uint8Array>| {
        complaint.set(String::new());
        spawn_local(async move {
            let found = match subject {
                Ok(subject) => look(ambient, inspector, subject, bytes).await,
                Err(reason) => Err(reason),
            };
            match found {
                Ok(found) => chosen.set(Some(found)),
                Err(reason) => complaint.set(reason),
            }
        });
    };
    let submit = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        let subject = match parse_subject(text.get_untracked().trim()) {
            Ok(SubjectName::Account(account)) => Ok(AskSubject::Account(account.to_string())),
            Ok(SubjectName::CodeHash(hash)) => Ok(AskSubject::Code(hash.to_base58())),
            Ok(SubjectName::File(_)) => Err("Pick the file with the button.".to_owned()),
            Err(reason) => Err(reason),
        };
        take(subject, None);
    };
    let pick = move |event: web_sys::Event| {
        let Some(file) = crate::dropped::picked(&event).and_then(|files| files.get(0)) else { return };
        spawn_local(async move {
            match JsFuture::from(file.array_buffer()).await {
                Ok(bytes) => take(Ok(AskSubject::File(file.name())), Some(Uint8Array::new(&bytes))),
                Err(_) => complaint.set("The file cannot be read.".to_owned()),
            }
        });
    };
    let shown = move || {
        chosen
            .get()
            .map(|chosen| view! { <p data-chosen=id>{value(chosen.name)} " " {hash(&chosen.code_hash)}</p> }.into_any())
    };
    view! {
        <section class="card" data-side=id>
            <h2>{title}</h2>
            <form on:submit=submit>
                <label for=id>"Account or code hash"</label>
                <p class="inline">
                    <input
                        id=id
                        type="text"
                        autocomplete="off"
                        autocapitalize="none"
                        spellcheck="false"
                        prop:value=move || text.get()
                        on:input=move |event| text.set(event_target_value(&event))
                    />
                    <button type="submit">"Look"</button>
                    <label class="button">"Pick a file"<input class="hidden-file" type="file" accept=".wasm" on:change=pick /></label>
                </p>
            </form>
            <p class="complaint" role="alert">{move || complaint.get()}</p>
            {shown}
        </section>
    }
    .into_any()
}

/// Looks up one module by the reader's own endpoints, or hashes the file.
async fn look(
    ambient: Ambient,
    inspector: Inspector,
    subject: AskSubject,
    bytes: Option<Uint8Array>,
) -> Result<Chosen, String> {
    let settings = ambient.settings.get_untracked();
    let network = Network::parse(&settings.network).unwrap_or_else(Network::mainnet);
    let own = settings.network(&network);
    let ask = Ask {
        subject,
        network: network.chain_id().to_owned(),
        endpoints: own.endpoints.into_iter().map(|url| (url, false)).collect(),
        quorum: own.quorum,
        block: "final".to_owned(),
        keys: String::new(),
        threshold: 1,
        images: String::new(),
        manifests: Vec::new(),
        stores: Vec::new(),
    };
    let message = ask.message(None, bytes.as_ref()).map_err(|_| "no message".to_owned())?;
    let answer = inspector.ask(&message).await?;
    let field = |name: &str| Reflect::get(&answer, &name.into()).unwrap_or_default();
    let report = field("report").as_string().unwrap_or_default();
    let report: Report = serde_json::from_slice(report.as_bytes()).map_err(|error| error.to_string())?;
    match (report.code, report.error) {
        (Some(code), None) => {
            let id = field("id").as_f64().unwrap_or_default() as u32;
            Ok(Chosen { id, name: report.subject.name, code_hash: code.code_hash })
        }
        (_, Some(error)) => Err(error.message),
        (None, None) => Err("There is no code there.".to_owned()),
    }
}
