//! `#/settings`: all that the reader has set, kept in this browser alone. Trust is given here, and beside a line while nobody
//! was chosen yet (`parts/holders`).

mod import;
mod keys;
mod networks;
mod undo;

use leptos::prelude::*;
use provenear_shared::keys::KeyName;
use provenear_shared::manifest::{PUBLISHED_IMAGES, parse_images};
use provenear_shared::settings::Address;
use provenear_web_ui::ambient::{Ambient, save_file};
use provenear_web_ui::fields::area;
use provenear_web_ui::files::picked_one;
use provenear_web_ui::settings::{Read, Settings, parse_store};
use provenear_web_ui::text::value;

/// Tells every box that all settings may be others now: what was typed and not saved goes, or the next “Save” brings it back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Renewed(RwSignal<u32>);

impl Renewed {
    /// From the nearest context, which no listener has.
    fn get() -> Self {
        expect_context()
    }

    fn tell(self) {
        self.0.update(|renewed| *renewed += 1);
    }
}

/// The view.
pub(crate) fn settings() -> AnyView {
    provide_context(Renewed(RwSignal::new(0)));
    view! {
        <h1>"Settings"</h1>
        <p class="lead">"Kept in this browser alone. Nothing in a link can change them."</p>
        {shared_address()}
        {keys::keys()}
        {networks::networks()}
        {images()}
        {builds()}
        {stores()}
        {whole()}
    }
    .into_any()
}

/// A copy below another site's address shares its storage: whoever can write a page there can read and change trusted keys.
fn shared_address() -> Option<AnyView> {
    let location = window().location();
    let path = location.pathname().unwrap_or_default();
    let below = path.trim_start_matches('/').contains('/');
    let host = location.host().unwrap_or_default();
    below.then(|| {
        view! {
            <p class="card ask" data-warning="shared-address">
                "This copy of the page shares the address " {value(host)} " with other pages. Whoever can put a page there can \
                 read and change these settings, the keys that you trust included. Before you rely on them, use a copy that \
                 has an address to itself, or run one on your own machine."
            </p>
        }
        .into_any()
    })
}

/// Changes what the browser keeps at this moment, which another tab may have changed since it was read here; says so.
pub(crate) fn change(ambient: Ambient, with: impl FnOnce(&mut Settings)) {
    let mut settings = Settings::load().settings;
    with(&mut settings);
    let said = if settings.save() { "Saved." } else { "This browser refuses to keep settings: nothing was changed." };
    ambient.announcement.set(said.to_owned());
    if let Ok(event) = web_sys::Event::new("storage") {
        // Both programs hear of it as they do of a change in another tab.
        let _ = window().dispatch_event(&event);
    }
}

/// A box of lines that is checked before it is kept.
fn lines(
    id: &'static str,
    label: &'static str,
    shown: impl Fn() -> String + Send + Sync + 'static,
    keep: impl Fn(String) -> Result<(), String> + 'static,
) -> AnyView {
    let shown = Memo::new(move |_| shown());
    let text = RwSignal::new(shown.get_untracked());
    // A box with an old value would bring it back at the next “Save”.
    let Renewed(renewed) = Renewed::get();
    let complaint = RwSignal::new(String::new());
    Effect::new(move |_| {
        renewed.track();
        text.set(shown.get());
        complaint.set(String::new());
    });
    let save = move |_| complaint.set(keep(text.get_untracked()).err().unwrap_or_default());
    view! {
        <label for=id>{label}</label>
        {area(id, "5", text).end()}
        <p class="complaint" role="alert">{move || complaint.get()}</p>
        <p class="actions"><button type="button" data-save=id on:click=save>"Save"</button></p>
    }
    .into_any()
}

fn images() -> AnyView {
    let ambient = Ambient::get();
    let shown = move || ambient.settings.with(Settings::image_lines);
    let keep = move |text: String| {
        parse_images(&text).map_err(|line| format!("“{line}” is not sha256: and 64 hex digits."))?;
        let own = (text.trim() != PUBLISHED_IMAGES.trim()).then_some(text);
        change(ambient, |settings| settings.images = own);
        Ok(())
    };
    view! {
        <section class="card" data-card="images">
            <h2>"Accepted images"</h2>
            <p>
                "An image holds the build tools that a rebuild ran with; tools made by a stranger could slip something into the \
                 code. If a rebuild gives the same code in an image that is not listed here, this is shown with a reservation. \
                 At first the list holds the published cargo-near images."
            </p>
            {lines("images", "Digests, one a line", shown, keep)}
        </section>
    }
    .into_any()
}

/// Doubts about a build that the reader may accept for good.
fn builds() -> AnyView {
    let ambient = Ambient::get();
    let custom = move || ambient.settings.with(|settings| settings.accept_custom_build);
    let local = move || ambient.settings.with(|settings| settings.accept_local_source);
    view! {
        <section class="card" data-card="builds">
            <h2>"Accepted builds"</h2>
            <label>
                <input
                    type="checkbox"
                    data-accept="custom-build"
                    prop:checked=custom
                    on:change=move |event| {
                        change(ambient, |settings| settings.accept_custom_build = event_target_checked(&event))
                    }
                />
                " Accept other build commands, and source that replaces build tools or dependencies"
            </label>
            <p class="quiet">
                "Then the code that you read may not be the code that was compiled. Leave this off unless you have read what \
                 these builds run."
            </p>
            <label>
                <input
                    type="checkbox"
                    data-accept="local-source"
                    prop:checked=local
                    on:change=move |event| {
                        change(ambient, |settings| settings.accept_local_source = event_target_checked(&event))
                    }
                />
                " Accept source on this computer or a private network"
            </label>
            <p class="quiet">
                "For your own tests: nobody else can fetch such source. This one is kept in this browser alone and is not part \
                 of saved settings."
            </p>
        </section>
    }
    .into_any()
}

fn stores() -> AnyView {
    let ambient = Ambient::get();
    let shown = move || {
        ambient.settings.with(|settings| settings.stores.iter().map(Address::as_str).collect::<Vec<_>>().join("\n"))
    };
    let keep = move |text: String| {
        let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
        let stores = lines.map(|line| parse_store(line).map_err(plain_text)).collect::<Result<Vec<_>, _>>()?;
        change(ambient, |settings| settings.stores = stores);
        Ok(())
    };
    view! {
        <section class="card" data-card="stores">
            <h2>"Stores"</h2>
            <p>
                "A store is a folder on the web with signed rebuilds. “manifests/” is the one beside this page. A store only brings \
                 what others signed; whether that counts is decided by the keys above."
            </p>
            {lines("stores", "Addresses, one a line", shown, keep)}
        </section>
    }
    .into_any()
}

/// A sentence of the form of `shared` as a plain text.
pub(crate) fn plain_text(sentence: String) -> String {
    let mut is_open = false;
    let quote = |character| match character {
        '`' => {
            is_open = !is_open;
            if is_open { '“' } else { '”' }
        }
        other => other,
    };
    let text: String = sentence.chars().map(quote).collect();
    format!("{text}.")
}

/// All of it as a file, and back.
fn whole() -> AnyView {
    let ambient = Ambient::get();
    let complaint = RwSignal::new(String::new());
    let offered = RwSignal::new(None);
    let save = move |_| {
        let text = ambient.settings.with_untracked(Settings::to_file);
        let saved = save_file("provenear-settings.json", &text.into());
        complaint.set(saved.map_or_else(|why| format!("They could not be saved: {why}."), |()| String::new()));
    };
    let load = move |event: web_sys::Event| {
        let Some(file) = picked_one(&event) else { return };
        leptos::task::spawn_local(async move {
            let text = wasm_bindgen_futures::JsFuture::from(file.text()).await.ok().and_then(|text| text.as_string());
            let text = text.ok_or_else(|| "it could not be read".to_owned());
            match text.and_then(|text| Read::parse_file(&text)) {
                Ok(read) => {
                    complaint.set(String::new());
                    offered.set(Some(import::Offer::of(read, "the file", KeyName::default())));
                }
                Err(why) => complaint.set(plain_text(format!("This is not a Provenear settings file: {why}"))),
            }
        });
    };
    let (taken, renewed) = (RwSignal::new(None), Renewed::get());
    let reset = move |_| {
        let back = ["[data-action=reset-settings]".to_owned(), String::from("#main")];
        let said = "all settings and keys were forgotten".to_owned();
        undo::take(ambient, taken, said, back, Some(renewed), |settings| *settings = Settings::default());
    };
    view! {
        <section class="card" data-card="whole">
            <h2>"All settings, keys included"</h2>
            <p class="actions">
                <button type="button" data-action="save-settings" on:click=save>"Save to a file"</button>
                <label class="button">
                    "Read from a file"<input class="hidden-file" type="file" accept=".json" on:change=load />
                </label>
                <button type="button" data-action="reset-settings" on:click=reset>"Forget all settings and keys"</button>
            </p>
            {undo::offer(ambient, taken)}
            {import::offer(ambient, offered)}
            <p class="complaint" role="alert">{move || complaint.get()}</p>
        </section>
    }
    .into_any()
}
