//! `#/`: one question, one field.

use leptos::prelude::*;
use provenear_shared::near::Network;
use provenear_web_ui::element::{el, live};
use provenear_web_ui::fields::focus;
use provenear_web_ui::recent;
use provenear_web_ui::text;

use crate::early::Early;
use crate::intake;
use crate::session::Session;

/// The view, which goes on from the field that was there before.
pub(crate) fn home(early: Option<Early>) -> AnyView {
    crate::later::at_hand();
    let lead = "Provenear fetches a NEAR contract into your browser, hashes it here, reads what it says about its own \
                source, and looks for a rebuild signed by somebody you trust. No server of ours is asked.";
    let promises = [
        ("Fetched and hashed here", "From several endpoints that have to agree, at one block."),
        (
            "Read out of the bytes",
            "The claim about commit, image and command comes from the code itself, not from a database.",
        ),
        (
            "Rebuilt by people",
            "In a container, by anyone. A signed manifest says what came out. You choose whose word counts.",
        ),
    ];
    let promise =
        |(title, text): (&str, &str)| el("li").child(el("h2").text(title).end()).child(el("p").text(text).end()).end();
    el("div")
        .class("home")
        .child(el("h1").text("Is the code on chain the code in the source?").end())
        .child(el("p").class("lead").text(lead).end())
        .child(intake::subject(early))
        .child(recent())
        .child(examples())
        .child(el("ol").class("promise").children(promises.into_iter().map(promise).collect()).end())
        .end()
}

/// Accounts to begin with, on the chosen network.
fn examples() -> AnyView {
    let session = Session::get();
    let list = move || {
        let network = session.settings.with(|settings| Network::parse(&settings.network));
        let Some(network) = network.filter(|network| !network.examples().is_empty()) else { return ().into_any() };
        let item = |account: &&str| {
            let link = format!("#/{}/{account}", network.chain_id());
            el("li").child(el("a").attr("href", &link).text(account).end()).end()
        };
        el("section")
            .class("examples")
            .attr("aria-labelledby", "examples")
            .child(el("h2").attr("id", "examples").text("Or begin with one of these").end())
            .child(el("ul").children(network.examples().iter().map(item).collect()).end())
            .end()
    };
    live(list)
}

const UNDO: &str = "undo-forget";

/// What was looked up before, in this browser.
fn recent() -> AnyView {
    let links = RwSignal::new(recent::links());
    let forgotten = RwSignal::new(None);
    let forget = move |_| {
        forgotten.set(recent::forget());
        links.set(Vec::new());
        focus(vec![format!("[data-action={UNDO}]")]);
    };
    let undo = move |_| {
        forgotten.get_untracked().iter().for_each(|kept: &String| recent::restore(kept));
        links.set(recent::links());
        focus(vec!["[data-action=forget-recent]".to_owned()]);
    };
    let list = move || {
        let links = links.get();
        if links.is_empty() {
            let is_undone = || text::actions(vec!["Forgotten.".into_any(), text::button(UNDO, "Undo", undo)]);
            return forgotten.with(Option::is_some).then(is_undone).into_any();
        }
        let item = |link: String| {
            let shown = text::value(link.trim_start_matches("#/").to_owned());
            el("li").child(el("a").attr("href", &link).child(shown).end()).end()
        };
        el("section")
            .class("recent")
            .attr("aria-labelledby", "recent")
            .child(el("h2").attr("id", "recent").text("Looked up before").end())
            .child(el("ul").children(links.into_iter().map(item).collect()).end())
            .child(text::button("forget-recent", "Forget these", forget))
            .end()
    };
    live(list)
}
