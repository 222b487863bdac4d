//! The way in of the home view: one field that takes whatever a person has, and a file picker.

use std::time::Duration;

use leptos::prelude::*;
use provenear_web_ui::element::{all, el, live};
use provenear_web_ui::fields::{complaints, files, focus};
use provenear_web_ui::route::Route;

use crate::early::Early;
use crate::input::{take_files, take_text};
use crate::session::Session;

/// The field in the header of every other view: what it cannot take is said by the way.
pub(crate) fn find(session: Session) -> AnyView {
    let text = RwSignal::new(String::new());
    let submit = move |event: web_sys::Event| {
        event.prevent_default();
        match take_text(session, &text.get_untracked()) {
            Ok(()) => text.set(String::new()),
            Err(reason) => {
                session.announcement.set(reason.replace('`', "\""));
                session.name(&reason, text.get_untracked().as_bytes());
            }
        }
    };
    let input = el("input")
        .attr("type", "search")
        .attr("id", "find")
        .attr("aria-label", "Account, code hash or link")
        .attr("placeholder", "account, hash or link")
        .attr("autocomplete", "off")
        .attr("autocapitalize", "none")
        .attr("spellcheck", "false")
        .bound(text);
    el("form")
        .class("find")
        .attr("role", "search")
        .on("submit", submit)
        .shown_while(move || session.route.with(|route| *route != Route::Home))
        .child(input.end())
        .child(el("button").attr("type", "submit").text("Check").end())
        .end()
}

/// The field of the home view, with what was done in the one before it.
pub(crate) fn subject(early: Option<Early>) -> AnyView {
    let session = Session::get();
    let text = RwSignal::new(early.as_ref().map(|early| early.text.clone()).unwrap_or_default());
    let complaint = RwSignal::new(String::new());
    let look = move || {
        let said = take_text(session, &text.get_untracked());
        complaint.set(
            said.inspect_err(|reason| session.name(reason, text.get_untracked().as_bytes())).err().unwrap_or_default(),
        );
    };
    let submit = move |event: web_sys::Event| {
        event.prevent_default();
        look();
    };
    if let Some(early) = early {
        set_timeout(
            move || {
                if early.is_submitted {
                    look();
                } else if early.is_focused {
                    focus(vec!["#subject".to_owned()]);
                }
            },
            Duration::ZERO,
        );
    }
    let networks = move || {
        let settings = session.settings.get();
        let option = |id: String| {
            let chosen = if id == settings.network { Some("") } else { None };
            let option = el("option").attr("value", &id).text(&id);
            match chosen {
                Some(chosen) => option.attr("selected", chosen).end(),
                None => option.end(),
            }
        };
        all(settings.chain_ids().into_iter().map(option).collect())
    };
    let choose = move |event: web_sys::Event| {
        session.settings.update(|settings| settings.network = event_target_value(&event));
        session.settings.with_untracked(|settings| settings.save());
    };
    let input = el("input")
        .attr("id", "subject")
        .attr("name", "subject")
        .attr("type", "text")
        .attr("autocomplete", "off")
        .attr("autocapitalize", "none")
        .attr("spellcheck", "false")
        .attr("placeholder", "app.near")
        .attr("aria-describedby", "complaint")
        .bound(text);
    let select =
        el("select").attr("id", "network").attr("aria-label", "Network").on("change", choose).child(live(networks));
    let look = el("button").attr("type", "submit").class("primary").text("Check");
    let field = el("div").class("field").child(input.end()).child(select.end()).child(look.end());
    el("form")
        .class("subject")
        .on("submit", submit)
        .child(el("label").attr("for", "subject").text("Account, code hash, explorer link or manifest").end())
        .child(field.end())
        .child(complaints("complaint", complaint))
        .child(files("Or drop a .wasm or a manifest anywhere, or ", move |picked| take_files(session, picked)))
        .end()
}
