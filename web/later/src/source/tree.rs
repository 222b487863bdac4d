//! The files as a tree: folders open on demand, and are drawn then.

use std::collections::BTreeMap;
use std::sync::Arc;

use leptos::prelude::*;
use provenear_shared::archive::{Entry, EntryKind};
use provenear_web_ui::element::{el, live};
use provenear_web_ui::text::value;

/// One folder: its folders and its files, by name.
#[derive(Default, Clone)]
struct Folder {
    folders: BTreeMap<String, Arc<Folder>>,
    files: BTreeMap<String, usize>,
}

/// The file to begin with: a read-me, else the first of all.
pub(super) fn first(entries: &[Entry]) -> Option<usize> {
    let is_file = |entry: &Entry| entry.kind == EntryKind::File;
    let named = |name: &str| entries.iter().position(|entry| is_file(entry) && entry.path.eq_ignore_ascii_case(name));
    named("readme.md").or_else(|| named("cargo.toml")).or_else(|| entries.iter().position(is_file))
}

/// The tree; a press on a file sets `chosen` to its place in `entries`.
pub(super) fn tree(entries: &[Entry], chosen: RwSignal<Option<usize>>) -> AnyView {
    let mut root = Folder::default();
    for (place, entry) in entries.iter().enumerate() {
        let mut parts: Vec<&str> = entry.path.split('/').collect();
        let last = match entry.kind {
            EntryKind::Folder => None,
            EntryKind::File | EntryKind::Link(_) => parts.pop(),
        };
        // Nobody else holds a folder while the tree grows.
        let folder = parts
            .into_iter()
            .fold(&mut root, |folder, part| Arc::make_mut(folder.folders.entry(part.to_owned()).or_default()));
        if let Some(name) = last {
            folder.files.insert(name.to_owned(), place);
        }
    }
    draw_folder(&root, chosen)
}

fn draw_folder(folder: &Folder, chosen: RwSignal<Option<usize>>) -> AnyView {
    let mut items: Vec<AnyView> = folder.folders.keys().map(|name| inner(folder, name, chosen)).collect();
    items.extend(folder.files.iter().map(|(name, place)| file(name, *place, chosen)));
    el("ul").children(items).end()
}

fn inner(folder: &Folder, name: &str, chosen: RwSignal<Option<usize>>) -> AnyView {
    let Some(inner) = folder.folders.get(name) else { return ().into_any() };
    let opened = RwSignal::new(false);
    let inner = inner.clone();
    let part = move || if opened.get() { draw_folder(&inner, chosen) } else { ().into_any() };
    let details = el("details")
        .on("toggle", move |_| opened.set(true))
        .child(el("summary").child(value(format!("{name}/"))).end())
        .child(live(part));
    el("li").child(details.end()).end()
}

fn file(name: &str, place: usize, chosen: RwSignal<Option<usize>>) -> AnyView {
    let button = el("button")
        .attr("type", "button")
        .class("reveal")
        .attr("data-file", name)
        .attr_live("aria-current", move || (chosen.get() == Some(place)).then(|| "true".to_owned()))
        .on("click", move |_| chosen.set(Some(place)))
        .child(value(name.to_owned()));
    el("li").child(button.end()).end()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_read_me_comes_first() {
        let entry = |path: &str, kind| Entry { path: path.to_owned(), kind, offset: 0, size: 0 };
        let entries = [entry("a", EntryKind::Folder), entry("b", EntryKind::File), entry("README.md", EntryKind::File)];
        assert_eq!(first(&entries), Some(2));
        assert_eq!(first(&entries[..2]), Some(1));
        assert_eq!(first(&entries[..1]), None);
    }
}
