//! `#/<network>/<account>`, `#/code/<hash>` and a dropped file: everything about one subject, the answer first.

use leptos::prelude::*;
use provenear_shared::Report;
use provenear_shared::digest::Sha256Digest;

use crate::arrival;
use crate::components::element::{all, el, live};
use crate::components::{banner, chain, claim, command, deployment, linked, manifests, recipe, text};
use crate::engine::Looking;
use crate::route::Route;
use crate::session::Session;
use crate::workbench::later;

/// The view of `route`.
pub(crate) fn inspection(route: &Route) -> AnyView {
    let session = Session::get();
    let (kind, name, links) = match route {
        Route::Account(route) => {
            (route.network.chain_id().to_owned(), route.account.to_string(), route.manifests.clone())
        }
        Route::Code(hash) => ("code".to_owned(), hash.to_base58(), Vec::new()),
        _ => {
            let name = session.file.get_untracked().map(|file| file.name.clone());
            ("file".to_owned(), name.unwrap_or_else(|| "no file".to_owned()), Vec::new())
        }
    };
    Effect::new(move || session.look());
    Effect::new(move || told(&session));
    arrival::watch(session);
    crate::recent::keep(route);
    let looking = session.engine.looking;
    let cards = move || match looking.get() {
        Looking::Found(report) => cards(&report),
        Looking::Awaiting(_) | Looking::Failed(_) => ().into_any(),
    };
    let again = move || session.engine.again.get().map_or_else(|| ().into_any(), |found| banner::again(&found));
    all(vec![
        el("p").class("eyebrow").text(&kind).end(),
        el("h1").class("name").child(text::value(name)).end(),
        linked::linked(&links),
        live(again),
        live(move || looking.with(banner::banner)),
        live(cards),
    ])
}

fn cards(report: &Report) -> AnyView {
    let session = Session::get();
    if let (Some(code), Route::File) = (&report.code, session.route.get_untracked())
        && let Ok(hash) = Sha256Digest::from_base58(&code.code_hash)
    {
        session.rename(Route::Code(hash));
    }
    let sha256 = report.code.as_ref().map(|code| code.sha256.as_str());
    let shown = el("div")
        .class("cards")
        .maybe(deployment::deployment(report))
        .maybe(report.metadata.as_ref().map(claim::claim))
        .maybe(report.recipe.as_ref().map(recipe::recipe))
        .maybe((!report.gaps.is_empty()).then(|| recipe::gaps(&report.gaps)))
        .maybe(command::command(report));
    let has_manifests = report.code.is_some() || !report.manifests.is_empty();
    let shown = shown.maybe(has_manifests.then(|| manifests::manifests(&report.manifests, sha256)));
    let mut views: Vec<AnyView> = chain::chain(report).into_iter().collect();
    views.push(shown.end());
    if report.subject.kind == "file" {
        views.push(ask_stores(session));
    }
    if report.code.is_some() {
        let view = format!("inside/{}", session.engine.last_id());
        views.push(on_demand("inside", "Look inside: methods, sections, compiler, crates", view));
    }
    if let Some(at) = &report.deployment {
        let view = format!("history/{}/{}/{}", at.network, at.account_id, at.block_height);
        views.push(on_demand("past", "When the code changed", view));
    }
    views.push(export(session));
    all(views)
}

/// A view of the second program, once somebody wants it.
fn on_demand(name: &'static str, title: &'static str, view: String) -> AnyView {
    let opened = RwSignal::new(false);
    let part = move || if opened.get() { later(view.clone()) } else { ().into_any() };
    el("details")
        .class("inside")
        .attr("data-card", name)
        .on("toggle", move |_| opened.set(true))
        .child(el("summary").text(title).end())
        .child(live(part))
        .end()
}

/// A file is looked at without any network until the reader wants more.
fn ask_stores(session: Session) -> AnyView {
    let ask =
        text::button("ask-stores", "Look for signed rebuilds of this file", move |_| session.ask_stores.set(true));
    el("p")
        .class("actions")
        .shown_while(move || !session.ask_stores.get())
        .child(ask)
        .child(el("span").class("quiet").text("Nothing has left this browser so far.").end())
        .end()
}

fn export(session: Session) -> AnyView {
    let save = move |_| {
        if let Some(json) = session.engine.json() {
            crate::session::save_file("provenear-report.json", &json);
        }
    };
    let print = move |_| {
        // A browser without a printer has nothing to say to us.
        let _ = window().print();
    };
    text::actions(vec![text::button("export", "Save as JSON", save), text::button("print", "Print", print)])
}

/// What a screen reader hears, and what the tab is called.
fn told(session: &Session) {
    let (word, name) = session.engine.looking.with(|looking| match looking {
        Looking::Awaiting(_) => ("Looking".to_owned(), String::new()),
        Looking::Failed(reason) => (format!("Could not look: {reason}"), String::new()),
        Looking::Found(report) => {
            let word = match (&report.verdict, &report.error) {
                (Some(verdict), _) => format!("{}: {}", verdict.code, verdict.message.replace('`', "")),
                (None, Some(error)) => format!("Could not look: {}", error.message.replace('`', "")),
                (None, None) => String::new(),
            };
            (word, report.subject.name.clone())
        }
    });
    let head = word.split(':').next().unwrap_or_default();
    let parts = [head, &name, "Provenear"];
    let title = parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" · ");
    document().set_title(&provenear_shared::text::printable(&title));
    session.announcement.set(word);
}
