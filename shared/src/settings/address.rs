//! Addresses that the reader names: of endpoints and of stores. What a browser would quietly take for another address than
//! the one that is shown is not one.
//! Not here: reading a URL as browsers do, which page and helper have by them ([`Urls`]).

use crate::text::{Shown, make_printable};

/// The URL of an endpoint or a store, as the reader wrote it, which is how the browser asks it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address(String);

/// A URL as it is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Url {
    /// All of it, normalized.
    pub href: String,
    /// Scheme, host and port.
    pub origin: String,
    /// The host alone.
    pub hostname: String,
    /// Whether it names a user or a password.
    pub has_user: bool,
}

/// Reads URLs as the URL standard has it.
pub trait Urls {
    /// A text that is a whole URL.
    fn parse(&self, text: &str) -> Option<Url>;

    /// A text that is one when it is read on the page: an `http` or `https` URL, whole or relative.
    fn join(&self, text: &str) -> Option<Url>;

    /// The origin of the page.
    fn origin(&self) -> Option<String>;
}

impl Address {
    /// An endpoint: https, or http on this machine.
    ///
    /// # Errors
    /// One sentence.
    pub fn endpoint(text: &str, urls: &dyn Urls) -> Result<Self, String> {
        let text = plain(text)?;
        let url = urls.parse(text).ok_or_else(|| no_address(text))?;
        if !is_safe(&url) {
            return Err(refusal(text));
        }
        as_asked(&url, text)?;
        Ok(Self(text.to_owned()))
    }

    /// A store: as an endpoint, or relative to the page.
    ///
    /// # Errors
    /// One sentence.
    pub fn store(text: &str, urls: &dyn Urls) -> Result<Self, String> {
        let text = plain(text)?;
        let url = urls.join(text).ok_or_else(|| no_address(text))?;
        // A browser's `fetch` refuses addresses with a user name, so such an entry could never be asked.
        let is_ours = urls.origin().as_ref() == Some(&url.origin) && !url.has_user;
        if !is_safe(&url) && !is_ours {
            return Err(refusal(text));
        }
        // A relative address shows no host, so it leads to none but the page's own.
        match urls.parse(text) {
            None if is_ours && !text.contains('\\') => {}
            Some(_) | None => as_asked(&url, text)?,
        }
        Ok(Self(text.to_owned()))
    }

    /// As the reader wrote it.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A text without white space and without characters that nobody sees: a URL parser drops line ends, and two addresses in
/// one entry would be shown as another one than is asked.
fn plain(text: &str) -> Result<&str, String> {
    let text = text.trim_matches(' ');
    let is_plain = !text.is_empty() && !text.chars().any(char::is_whitespace) && make_printable(text) == text;
    if is_plain { Ok(text) } else { Err(no_address(text)) }
}

/// Refuses a text that a browser reads as another address: `https://a.example\@b.example` is asked at `a.example`.
fn as_asked(url: &Url, text: &str) -> Result<(), String> {
    let asked = &url.href;
    if asked == text || asked.strip_suffix('/') == Some(text) {
        return Ok(());
    }
    Err(format!(
        "`{}` is asked at `{}`: write it like that if this is the address that you mean",
        Shown(text),
        Shown(asked)
    ))
}

fn no_address(text: &str) -> String {
    format!("`{}` is not a web address", Shown(text))
}

fn is_safe(url: &Url) -> bool {
    let is_here = matches!(url.hostname.as_str(), "localhost" | "127.0.0.1");
    let is_private = url.href.starts_with("https:") || (url.href.starts_with("http:") && is_here);
    is_private && !url.has_user
}

fn refusal(text: &str) -> String {
    format!("`{}` is neither https nor http on this machine, or holds a user name", Shown(text))
}
