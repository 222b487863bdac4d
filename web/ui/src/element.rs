//! The one way in which the first program makes elements. A view that is typed by its shape makes the compiler write a
//! program for every shape, ten times as much to download; these are all of one type.

use leptos::attr::any_attribute::{AnyAttribute, IntoAnyAttribute};
use leptos::attr::custom::custom_attribute;
use leptos::ev;
use leptos::html::custom;
use leptos::prelude::*;

/// An element in the making.
pub struct Element {
    tag: &'static str,
    attributes: Vec<AnyAttribute>,
    children: Vec<AnyView>,
}

/// Begins an element.
pub fn el(tag: &'static str) -> Element {
    Element { tag, attributes: Vec::new(), children: Vec::new() }
}

/// A list of views as one.
pub fn all(views: Vec<AnyView>) -> AnyView {
    views.into_any()
}

/// A view that follows what it reads.
pub fn live(view: impl Fn() -> AnyView + Send + 'static) -> AnyView {
    fn boxed(view: Box<dyn Fn() -> AnyView + Send>) -> AnyView {
        (move || view()).into_any()
    }
    boxed(Box::new(view))
}

impl Element {
    /// With an attribute.
    pub fn attr(mut self, name: &'static str, value: &str) -> Self {
        self.attributes.push(custom_attribute(name, value.to_owned()).into_any_attr());
        self
    }

    /// With classes.
    pub fn class(self, names: &str) -> Self {
        self.attr("class", names)
    }

    /// With an attribute that follows what it reads, and is absent for `None`.
    pub fn attr_live(self, name: &'static str, value: impl Fn() -> Option<String> + Send + 'static) -> Self {
        fn boxed(mut it: Element, name: &'static str, value: Box<dyn Fn() -> Option<String> + Send>) -> Element {
            it.attributes.push(custom_attribute(name, value).into_any_attr());
            it
        }
        boxed(self, name, Box::new(value))
    }

    /// Shown only while `shown` says so.
    pub fn shown_while(self, shown: impl Fn() -> bool + Send + 'static) -> Self {
        self.attr_live("hidden", move || (!shown()).then(String::new))
    }

    /// With a listener.
    pub fn on(self, event: &'static str, heard: impl FnMut(web_sys::Event) + 'static) -> Self {
        fn boxed(mut it: Element, event: &'static str, heard: Box<dyn FnMut(web_sys::Event)>) -> Element {
            it.attributes.push(ev::on(ev::Custom::<web_sys::Event>::new(event), heard).into_any_attr());
            it
        }
        boxed(self, event, Box::new(heard))
    }

    /// As a field whose text is `text`.
    pub fn bound(mut self, text: RwSignal<String>) -> Self {
        self.attributes.push(leptos::tachys::html::property::prop("value", move || text.get()).into_any_attr());
        self.on("input", move |event| text.set(event_target_value(&event)))
    }

    /// With some text.
    pub fn text(mut self, text: &str) -> Self {
        self.children.push(text.to_owned().into_any());
        self
    }

    /// With a child.
    pub fn child(mut self, view: AnyView) -> Self {
        self.children.push(view);
        self
    }

    /// With a child, if there is one.
    pub fn maybe(mut self, view: Option<AnyView>) -> Self {
        self.children.extend(view);
        self
    }

    /// With children.
    pub fn children(mut self, views: Vec<AnyView>) -> Self {
        self.children.extend(views);
        self
    }

    /// Made.
    pub fn end(self) -> AnyView {
        custom(self.tag).child(self.children).add_any_attr(self.attributes).into_any()
    }
}
