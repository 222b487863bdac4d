//! The field of `index.html` itself, which is there before any program is: what is typed into it goes on in the page's own.

use leptos::prelude::*;
use wasm_bindgen::JsCast as _;
use web_sys::{HtmlElement, HtmlInputElement};

/// What a person did before the page was there.
#[derive(Debug, Clone)]
pub(crate) struct Early {
    /// What was typed.
    pub(crate) text: String,
    /// Whether they were still typing.
    pub(crate) is_focused: bool,
    /// Whether they asked already: `boot.js` notes that.
    pub(crate) is_submitted: bool,
}

impl Early {
    /// Takes the field away; `None` where there was none.
    pub(crate) fn take() -> Option<Self> {
        let field: HtmlElement = document().get_element_by_id("early")?.unchecked_into();
        let input: HtmlInputElement = field.query_selector("input").ok()??.unchecked_into();
        let is_focused = document().active_element().is_some_and(|focused| focused == **input);
        let (text, is_submitted) = (input.value(), field.has_attribute("data-submitted"));
        field.remove();
        Some(Self { text, is_focused, is_submitted })
    }
}
