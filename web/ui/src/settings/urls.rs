//! Addresses as this browser reads them: the opening of `shared::settings` to it.

use leptos::prelude::window;
use provenear_shared::settings::{Address, Url, Urls};

/// This browser, on this page.
pub(super) struct Browser;

impl Urls for Browser {
    fn parse(&self, text: &str) -> Option<Url> {
        web_sys::Url::new(text).ok().map(|url| Url {
            href: url.href(),
            origin: url.origin(),
            hostname: url.hostname(),
            has_user: !url.username().is_empty() || !url.password().is_empty(),
        })
    }

    fn join(&self, text: &str) -> Option<Url> {
        self.parse(&absolute(text)?)
    }

    fn origin(&self) -> Option<String> {
        window().location().origin().ok()
    }
}

/// An endpoint.
///
/// # Errors
/// One sentence.
pub fn parse_endpoint(text: &str) -> Result<Address, String> {
    Address::endpoint(text, &Browser)
}

/// A store.
///
/// # Errors
/// One sentence.
pub fn parse_store(text: &str) -> Result<Address, String> {
    Address::store(text, &Browser)
}

/// A URL made absolute against the page's own; only http and https.
pub fn absolute(url: &str) -> Option<String> {
    absolute_to(url, &window().document()?.base_uri().ok()??)
}

/// A URL made absolute against `base`; only http and https.
pub fn absolute_to(url: &str, base: &str) -> Option<String> {
    let url = web_sys::Url::new_with_base(url, base).ok()?;
    matches!(url.protocol().as_str(), "https:" | "http:").then(|| url.href())
}

/// Whether a URL leads to where the page itself is from.
pub fn is_same_origin(url: &str) -> bool {
    let own = window().location().origin().ok();
    web_sys::Url::new(url).ok().map(|url| url.origin()) == own
}
