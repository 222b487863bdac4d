//! One of the two modules to compare: a file that is picked or dropped, or an account or code hash that is looked up.

use leptos::prelude::*;
use leptos::task::spawn_local;
use provenear_shared::digest::Sha256Digest;
use provenear_web_protocol::{Ask, AskSubject, Done, Job};
use provenear_web_ui::ambient::Ambient;
use provenear_web_ui::fields::complaints;
use provenear_web_ui::files::{OFFERED, Offered, picked_one, read_module};
use provenear_web_ui::settings::Settings;
use provenear_web_ui::text::value;

use super::named::Named;
use crate::ask;
use crate::comparer::Code;
use crate::given;
use crate::open::{Inspector, OTHER};
use crate::parts::hash::hash;

/// What is to be compared.
#[derive(Debug, Clone)]
pub(super) enum Wanted {
    Named(Named),
    File(Offered),
}

/// A module at hand.
#[derive(Debug, Clone)]
pub(super) struct Chosen {
    pub(super) code: Code,
    /// What a link can call it; nothing for a file.
    pub(super) named: Option<Named>,
    name: String,
    code_hash: Sha256Digest,
    size: usize,
    /// The block that was looked at.
    block: Option<u64>,
}

impl Chosen {
    /// Whether it is a file of the reader's.
    pub(super) fn is_file(&self) -> bool {
        self.named.is_none()
    }

    /// What a link can call it for ever: an account at the block that was looked at.
    pub(super) fn pinned(&self) -> Option<Named> {
        self.named.as_ref().map(|named| named.at(self.block))
    }

    /// Draws its name, hash and block.
    pub(super) fn draw(&self) -> AnyView {
        let block = self.block.map(|block| format!(", at block {block}"));
        let size = format!("{} bytes", crate::parts::deployment::group_digits(self.size));
        view! { <p data-chosen="">{value(self.name.clone())} " " {hash(&self.code_hash.to_base58(), "the code hash")} <span class="quiet">{size} {block}</span></p> }
            .into_any()
    }
}

/// The card of one side. `named` is what the link says; `dropped` a file that was dropped for it.
pub(super) fn side(
    id: &'static str,
    title: &'static str,
    chosen: RwSignal<Option<Chosen>, LocalStorage>,
    named: Option<Result<Named, String>>,
    dropped: RwSignal<Option<Offered>, LocalStorage>,
) -> AnyView {
    let (ambient, inspector) = (Ambient::get(), Inspector::get());
    let text = RwSignal::new(String::new());
    let complaint = RwSignal::new(String::new());
    let looking = RwSignal::new(false);
    let take = move |wanted: Wanted| {
        complaint.set(String::new());
        looking.set(true);
        spawn_local(async move {
            match look(ambient, inspector, wanted).await {
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
            take(Wanted::Named(named));
        }
        Some(Err(reason)) => complaint.set(reason),
        None => {}
    }
    Effect::new(move || {
        if let Some(file) = dropped.get() {
            take(Wanted::File(file));
        }
    });
    let submit = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        let usual = ambient.settings.with_untracked(Settings::usual_network);
        match Named::parse(&text.get_untracked(), &usual) {
            Ok(named) => take(Wanted::Named(named)),
            Err(reason) => complaint.set(reason),
        }
    };
    let pick = move |event: web_sys::Event| {
        picked_module(&event, complaint, move |file| take(Wanted::File(file)));
    };
    let shown = move || chosen.get().map(|chosen| chosen.draw());
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
                        aria-describedby=format!("{help} {id}-complaint")
                        prop:value=move || text.get()
                        on:input=move |event| text.set(event_target_value(&event))
                    />
                    <button type="submit">"Check"</button>
                    <label class="button">"Pick a file"<input class="hidden-file" type="file" accept=".wasm" on:change=pick /></label>
                </p>
                <p class="quiet" id=help>"At a block: " <code>"app.near@120000000"</code></p>
            </form>
            {complaints(&format!("{id}-complaint"), complaint)}
            <p class="quiet" hidden=move || !looking.get()>"Fetching the code and hashing it…"</p>
            {shown}
        </section>
    }
    .into_any()
}

/// Takes every module that is dropped on the page while the view is there.
pub(super) fn offered(take: impl Fn(Offered) + 'static) {
    let heard = leptos::ev::Custom::<web_sys::CustomEvent>::new(OFFERED);
    let handle = window_event_listener(heard, move |event| {
        if let Some(file) = Offered::of(&event) {
            event.prevent_default();
            take(file);
        }
    });
    on_cleanup(move || handle.remove());
}

/// Reads the module that was picked, or says why it is not one.
pub(super) fn picked_module(event: &web_sys::Event, complaint: RwSignal<String>, take: impl Fn(Offered) + 'static) {
    let Some(file) = picked_one(event) else { return };
    complaint.set(String::new());
    spawn_local(async move {
        match read_module(&file).await {
            Ok(file) => match given::instead_of_module(&file.bytes.to_vec()) {
                None => take(file),
                Some(reason) => complaint.set(reason),
            },
            Err(reason) => complaint.set(reason),
        }
    });
}

/// Looks up one module by the reader's own endpoints, or hashes the file.
///
/// # Errors
/// One sentence.
pub(super) async fn look(ambient: Ambient, inspector: Inspector, wanted: Wanted) -> Result<Chosen, String> {
    let usual = ambient.settings.with_untracked(Settings::usual_network);
    let (name, ask) = match &wanted {
        Wanted::Named(Named::Account { network, account, block }) => {
            let subject = AskSubject::Account(account.to_string());
            (account.to_string(), ask::ask(ambient, network, subject, &block.to_string()))
        }
        Wanted::Named(Named::Code { network, code_hash }) => {
            let name = code_hash.to_base58();
            (name.clone(), ask::ask(ambient, network, AskSubject::Code(name), "final"))
        }
        Wanted::File(file) => {
            let ask = ask::ask(ambient, &usual, AskSubject::File(file.name.clone()), "final");
            (file.name.clone(), Ask { endpoints: Vec::new(), ..ask })
        }
    };
    let (named, bytes) = match wanted {
        Wanted::Named(named) => (Some(named), None),
        Wanted::File(file) => (None, Some(file.bytes)),
    };
    let (Done::Module(found), Some(code)) = inspector.run(&Job::Module(ask), bytes.as_ref()).await? else {
        return Err(OTHER.to_owned());
    };
    Ok(Chosen {
        size: code.length() as usize,
        code: Code::Given(code),
        named,
        name,
        code_hash: found.code_hash,
        block: found.block_height,
    })
}
