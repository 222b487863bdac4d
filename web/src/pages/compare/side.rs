//! One of the two modules to compare: a file that is picked or dropped, or an account or code hash that is looked up.

use js_sys::{Reflect, Uint8Array};
use leptos::prelude::*;
use leptos::task::spawn_local;
use provenear_shared::Report;
use provenear_shared::near::{MAX_CONTRACT_SIZE, Network};
use wasm_bindgen::JsCast as _;
use wasm_bindgen_futures::JsFuture;

use super::named::Named;
use crate::ask::{Ask, AskSubject};
use crate::components::hash::hash;
use crate::components::text::value;
use crate::session::Ambient;
use crate::workbench::Inspector;

pub(super) use web_sys::File;

/// A module at hand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Chosen {
    /// The answer whose code it is.
    pub(super) id: u32,
    /// What a link can call it; nothing for a file.
    pub(super) named: Option<Named>,
    name: String,
    code_hash: String,
    size: usize,
    /// The block that was looked at.
    block: Option<u64>,
}

impl Chosen {
    /// Whether it is a file of the reader's.
    pub(super) fn is_file(&self) -> bool {
        self.named.is_none()
    }

    /// Its name, hash and block.
    pub(super) fn shown(&self) -> AnyView {
        let block = self.block.map(|block| format!(", at block {block}"));
        let size = format!("{} bytes", crate::components::deployment::grouped(self.size));
        view! { <p data-chosen="">{value(self.name.clone())} " " {hash(&self.code_hash)} <span class="quiet">{size} {block}</span></p> }
            .into_any()
    }
}

/// The card of one side. `named` is what the link says; `dropped` a file that was dropped for it.
pub(super) fn side(
    id: &'static str,
    title: &'static str,
    chosen: RwSignal<Option<Chosen>>,
    named: Option<Result<Named, String>>,
    dropped: RwSignal<Option<File>, LocalStorage>,
) -> AnyView {
    let (ambient, inspector) = (Ambient::get(), Inspector::get());
    let text = RwSignal::new(String::new());
    let complaint = RwSignal::new(String::new());
    let looking = RwSignal::new(false);
    let take = move |subject: Option<Named>, file: Option<File>| {
        complaint.set(String::new());
        looking.set(true);
        spawn_local(async move {
            match look(ambient, inspector, subject, file).await {
                Ok(found) => chosen.set(Some(found)),
                Err(reason) => {
                    chosen.set(None);
                    complaint.set(reason);
                }
            }
            looking.set(false);
        });
    };
    match named {
        Some(Ok(named)) => {
            text.set(named.text());
            take(Some(named), None);
        }
        Some(Err(reason)) => complaint.set(reason),
        None => {}
    }
    Effect::new(move || {
        if let Some(file) = dropped.get() {
            take(None, Some(file));
        }
    });
    let submit = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        let usual = ambient.settings.with_untracked(|settings| settings.network.clone());
        match Named::parse(&text.get_untracked(), &Network::parse(&usual).unwrap_or_else(Network::mainnet)) {
            Ok(named) => take(Some(named), None),
            Err(reason) => complaint.set(reason),
        }
    };
    let pick = move |event: web_sys::Event| {
        if let Some(file) = crate::dropped::picked_one(&event) {
            take(None, Some(file));
        }
    };
    let shown = move || chosen.get().map(|chosen| chosen.shown());
    let help = format!("{id}-help");
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
                        aria-describedby=help.clone()
                        prop:value=move || text.get()
                        on:input=move |event| text.set(event_target_value(&event))
                    />
                    <button type="submit">"Look"</button>
                    <label class="button">"Pick a file"<input class="hidden-file" type="file" accept=".wasm" on:change=pick /></label>
                </p>
                <p class="quiet" id=help>"One block of an account: " <code>"app.near@120000000"</code></p>
            </form>
            <p class="complaint" role="alert">{move || complaint.get()}</p>
            <p class="quiet" hidden=move || !looking.get()>"Looking…"</p>
            {shown}
        </section>
    }
    .into_any()
}

/// Takes every module that is dropped on the page while the view is there.
pub(super) fn offered(take: impl Fn(File) + 'static) {
    let heard = leptos::ev::Custom::<web_sys::CustomEvent>::new(crate::dropped::OFFERED);
    let handle = window_event_listener(heard, move |event| {
        if let Ok(file) = event.detail().dyn_into::<File>() {
            event.prevent_default();
            take(file);
        }
    });
    on_cleanup(move || handle.remove());
}

/// Looks up one module by the reader's own endpoints, or hashes the file.
///
/// # Errors
/// One sentence.
pub(super) async fn look(
    ambient: Ambient,
    inspector: Inspector,
    named: Option<Named>,
    file: Option<File>,
) -> Result<Chosen, String> {
    let settings = ambient.settings.get_untracked();
    let usual = Network::parse(&settings.network).unwrap_or_else(Network::mainnet);
    let (subject, network, block) = match (&named, &file) {
        (Some(Named::Account { network, account, block }), _) => {
            (AskSubject::Account(account.to_string()), network.clone(), block.to_string())
        }
        (Some(Named::Code(hash)), _) => (AskSubject::Code(hash.to_base58()), usual, "final".to_owned()),
        (None, Some(file)) => (AskSubject::File(file.name()), usual, "final".to_owned()),
        (None, None) => return Err("Name an account or a code hash, or pick a file.".to_owned()),
    };
    let bytes = match &file {
        Some(file) if file.size() > MAX_CONTRACT_SIZE as f64 => {
            return Err("The file is larger than the 4 MiB that a node accepts.".to_owned());
        }
        Some(file) => {
            let bytes = JsFuture::from(file.array_buffer()).await.map_err(|_| "The file cannot be read.".to_owned())?;
            Some(Uint8Array::new(&bytes))
        }
        None => None,
    };
    let own = settings.network(&network);
    let ask = Ask {
        subject,
        network: network.chain_id().to_owned(),
        endpoints: if file.is_some() { Vec::new() } else { own.endpoint_urls().map(|url| (url, false)).collect() },
        quorum: own.quorum,
        block,
        keys: Vec::new(),
        threshold: 1,
        images: String::new(),
        accept_custom_build: false,
        accept_local_source: false,
        manifests: Vec::new(),
        stores: Vec::new(),
        asks_stores: false,
    };
    let message = ask.message(None, bytes.as_ref()).map_err(|_| "no message".to_owned())?;
    let answer = inspector.ask(&message).await?;
    let field = |name: &str| Reflect::get(&answer, &name.into()).unwrap_or_default();
    let report = field("report").as_string().unwrap_or_default();
    let report: Report = serde_json::from_slice(report.as_bytes()).map_err(|error| error.to_string())?;
    match (report.code, report.error) {
        (Some(code), None) => Ok(Chosen {
            id: field("id").as_f64().unwrap_or_default() as u32,
            named,
            name: report.subject.name,
            code_hash: code.code_hash.to_base58(),
            size: code.size,
            block: report.deployment.map(|deployment| deployment.block_height),
        }),
        (_, Some(error)) => Err(error.message),
        (None, None) => Err("There is no code there.".to_owned()),
    }
}
