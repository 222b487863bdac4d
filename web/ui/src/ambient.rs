//! What both drawers have while the page is open: the settings, and what is said by the way. It travels by context.

use leptos::prelude::*;
use wasm_bindgen::JsCast as _;

use crate::settings::Settings;

/// What both programs have.
#[derive(Clone, Copy)]
pub struct Ambient {
    /// The reader's settings.
    pub settings: RwSignal<Settings>,
    /// What of the kept settings could not be read.
    pub left_out: RwSignal<Vec<String>>,
    /// What is said by the way, to everybody.
    pub announcement: RwSignal<String>,
}

impl Ambient {
    /// As this browser keeps them.
    pub fn load() -> Self {
        let read = Settings::load();
        Self {
            settings: RwSignal::new(read.settings),
            left_out: RwSignal::new(read.left_out),
            announcement: RwSignal::new(String::new()),
        }
    }

    /// From the nearest context.
    pub fn get() -> Self {
        expect_context()
    }

    /// Follows the settings that the browser keeps, whichever program or tab changes them, until the view ends.
    pub fn follow(self) {
        let heard = window_event_listener(leptos::ev::storage, move |_| {
            let read = Settings::load();
            self.settings.set(read.settings);
            self.left_out.set(read.left_out);
        });
        on_cleanup(move || heard.remove());
    }
}

/// What `index.html` says under a name that it gives to whoever builds or serves the page; empty where it says nothing.
pub fn meta(name: &str) -> String {
    let meta = document().query_selector(&format!("meta[name={name}]")).ok().flatten();
    meta.and_then(|meta| meta.get_attribute("content")).unwrap_or_default()
}

/// Offers a text or bytes as a file. What to say when the browser did not take it.
pub fn save_file(name: &str, content: &wasm_bindgen::JsValue) -> Result<(), &'static str> {
    let parts = js_sys::Array::of1(content);
    web_sys::Blob::new_with_str_sequence(&parts)
        .and_then(|blob| web_sys::Url::create_object_url_with_blob(&blob))
        .and_then(|url| {
            let link = document().create_element("a")?;
            link.set_attribute("href", &url)?;
            link.set_attribute("download", name)?;
            link.unchecked_into::<web_sys::HtmlElement>().click();
            web_sys::Url::revoke_object_url(&url)
        })
        .map_err(|_| "the browser did not take the file")
}
