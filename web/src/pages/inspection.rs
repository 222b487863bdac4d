//! `#/<network>/<account>`, `#/code/<hash>` and a dropped file: everything about one subject, the answer first.

use leptos::prelude::*;
use provenear_shared::Report;
use provenear_shared::digest::Sha256Digest;

use crate::arrival;
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
    view! {
        <p class="eyebrow">{kind}</p>
        <h1 class="name">{text::value(name)}</h1>
        {linked::linked(&links)}
        {move || session.engine.again.get().map(|found| banner::again(&found))}
        {move || looking.with(banner::banner)}
        {cards}
    }
    .into_any()
}

fn cards(report: &Report) -> AnyView {
    let session = Session::get();
    if let (Some(code), Route::File) = (&report.code, session.route.get_untracked())
        && let Ok(hash) = Sha256Digest::from_base58(&code.code_hash)
    {
        session.rename(Route::Code(hash));
    }
    let sha256 = report.code.as_ref().map(|code| code.sha256.as_str());
    view! {
        {chain::chain(report)}
        <div class="cards">
            {deployment::deployment(report)}
            {report.metadata.as_ref().map(claim::claim)}
            {report.recipe.as_ref().map(recipe::recipe)}
            {(!report.gaps.is_empty()).then(|| recipe::gaps(&report.gaps))}
            {command::command(report)}
            {(report.code.is_some() || !report.manifests.is_empty()).then(|| manifests::manifests(&report.manifests, sha256))}
        </div>
        {(report.subject.kind == "file").then(|| ask_stores(session))}
        {report.code.is_some().then(|| on_demand("inside", "Look inside: methods, sections, compiler, crates", format!("inside/{}", session.engine.last_id())))}
        {report.deployment.as_ref().map(|at| {
            on_demand("past", "When the code changed", format!("history/{}/{}/{}", at.network, at.account_id, at.block_height))
        })}
        {export(session)}
    }
    .into_any()
}

/// A view of the second program, once somebody wants it.
fn on_demand(name: &'static str, title: &'static str, view: String) -> AnyView {
    let opened = RwSignal::new(false);
    let part = move || opened.get().then(|| later(view.clone()));
    view! {
        <details class="inside" data-card=name on:toggle=move |_| opened.set(true)>
            <summary>{title}</summary>
            {part}
        </details>
    }
    .into_any()
}

/// A file is looked at without any network until the reader wants more.
fn ask_stores(session: Session) -> AnyView {
    view! {
        <p class="actions" hidden=move || session.ask_stores.get()>
            <button type="button" data-action="ask-stores" on:click=move |_| session.ask_stores.set(true)>
                "Look for signed rebuilds of this file"
            </button>
            <span class="quiet">"Nothing has left this browser so far."</span>
        </p>
    }
    .into_any()
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
    view! {
        <p class="actions export">
            <button type="button" data-action="export" on:click=save>"Save as JSON"</button>
            <button type="button" data-action="print" on:click=print>"Print"</button>
        </p>
    }
    .into_any()
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
    document().set_title(&provenear_shared::text::printable(&format!("{head} · {name} · Provenear")));
    session.announcement.set(word);
}
