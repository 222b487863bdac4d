//! `#/<network>/<account>`, `#/code/<hash>` and a dropped file: the answer about one subject. What is below it: `cards`.

use std::sync::Arc;
use std::time::Duration;

use leptos::prelude::*;
use provenear_shared::report::SubjectKind;
use provenear_web_protocol::{Answer, View};
use provenear_web_ui::element::{all, el, live};
use provenear_web_ui::route::Route;
use provenear_web_ui::text;

use crate::engine::Looking;
use crate::later::later;
use crate::session::Session;
use crate::{banner, block};

/// The view of `route`.
pub(crate) fn inspection(route: &Route) -> AnyView {
    let session = Session::get();
    let (kind, name) = match route {
        Route::Account(route) => (route.network.chain_id().to_owned(), route.account.to_string()),
        Route::Code(hash) => ("code".to_owned(), hash.to_base58()),
        Route::Proposal { network, dao, id } => (network.chain_id().to_owned(), format!("Proposal {id} of {dao}")),
        _ => {
            let name = session.file.get_untracked().map(|file| file.name.clone());
            ("file".to_owned(), name.unwrap_or_else(|| "no file".to_owned()))
        }
    };
    Effect::new(move || announce(&session));
    provenear_web_ui::recent::keep(route);
    let looking = session.engine.looking;
    let shown = shown(looking);
    let below = move || match shown.get() {
        Below::Answer(answer) => below(&session, &answer),
        Below::Due => el("div").attr("aria-busy", "true").end(),
        Below::Nothing => ().into_any(),
    };
    // What is there stays until the same question, put anew, is answered: the reader keeps their place.
    let is_old = move || matches!(looking.get(), Looking::Awaiting(_)) && !matches!(shown.get(), Below::Nothing);
    let old = move |mark: &'static str| move || is_old().then(|| mark.to_owned());
    let below = el("div").attr_live("inert", old("")).attr_live("aria-busy", old("true")).child(live(below)).end();
    // Of a proposal there is nothing to say until its code has come.
    let proposal = match route {
        Route::Proposal { network, dao, id } => {
            Some(later(View::Proposal { network: network.clone(), dao: dao.clone(), id: *id }))
        }
        _ => None,
    };
    let waits = proposal.is_some();
    let answer = move || {
        if waits && session.file.with(Option::is_none) { ().into_any() } else { looking.with(banner::banner) }
    };
    let known = match route {
        Route::Code(hash) => Some(later(View::Known(*hash))),
        _ => None,
    };
    let again = move || session.engine.again.get().map_or_else(|| ().into_any(), |found| banner::again(&found));
    let of = route.clone();
    let strip = move || {
        let Route::Account(of) = &of else { return ().into_any() };
        let strip = looking.with(|looking| match looking {
            Looking::Found(answer) => block::strip(of, answer.asked.as_ref()),
            Looking::Awaiting(_) | Looking::Failed(_) | Looking::Ended(_) => block::strip(of, None),
        });
        strip.unwrap_or_else(|| ().into_any())
    };
    let mut views = vec![
        el("p").class("eyebrow").text(&kind).end(),
        el("h1").class("name").child(text::value(name)).end(),
        live(strip),
    ];
    if let Route::Account(account) = route
        && !(account.endpoints.is_empty() && account.manifests.is_empty())
    {
        views.push(later(View::Linked(route.link())));
    }
    views.push(live(again));
    views.extend(proposal);
    views.extend([live(answer), below]);
    views.extend(known);
    all(views)
}

/// What is below the banner.
#[derive(Clone)]
enum Below {
    /// Nothing was answered.
    Nothing,
    /// An answer that is about to be drawn.
    Due,
    /// This answer.
    Answer(Arc<Answer>),
}

/// What of `looking` is shown below. Banner and what is below it are two tasks: a slow device listens in between.
fn shown(looking: RwSignal<Looking>) -> RwSignal<Below> {
    let shown = RwSignal::new(Below::Nothing);
    Effect::new(move || match looking.get() {
        Looking::Found(answer) => {
            shown.set(Below::Due);
            let draw = move || {
                let is_last = |now: &Looking| matches!(now, Looking::Found(last) if Arc::ptr_eq(last, &answer));
                if looking.with_untracked(is_last) {
                    shown.set(Below::Answer(answer));
                }
            };
            set_timeout(draw, Duration::ZERO);
        }
        Looking::Awaiting(_) => {}
        Looking::Failed(_) | Looking::Ended(_) => shown.set(Below::Nothing),
    });
    shown
}

/// What is offered below the answer: the second program draws it.
fn below(session: &Session, answer: &Answer) -> AnyView {
    if let Some(code_hash) = answer.code_hash {
        if session.route.get_untracked() == Route::File {
            session.rename(Route::Code(code_hash));
        }
        provenear_web_ui::recent::learn(&session.route.get_untracked(), &code_hash.to_base58());
    }
    let stores = (answer.kind == SubjectKind::File).then(|| ask_stores(*session));
    let cards = View::Cards { answer: session.engine.last_id(), report: answer.report.clone() };
    let cards = later(cards);
    all(stores.into_iter().chain([cards]).collect())
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

/// What a screen reader hears, and what the tab is called.
fn announce(session: &Session) {
    let (head, says, name) = session.engine.looking.with(|looking| match looking {
        Looking::Awaiting(_) => ("Looking".to_owned(), None, String::new()),
        Looking::Failed(reason) | Looking::Ended(reason) => {
            ("Could not check".to_owned(), Some(reason.clone()), String::new())
        }
        Looking::Found(answer) => {
            let (head, says) = match (&answer.verdict, &answer.error) {
                (Some(verdict), _) => (verdict.headline.clone(), Some(verdict.message.clone())),
                (None, Some(error)) => (banner::could_not(error.code).to_owned(), Some(error.message.clone())),
                (None, None) => (String::new(), None),
            };
            (head, says, answer.name.clone())
        }
    });
    let word = says.map_or_else(|| head.clone(), |says| format!("{head}: {}", says.replace('`', "")));
    let parts = [head.as_str(), &name, "Provenear"];
    let title = parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" · ");
    document().set_title(&provenear_shared::text::make_printable(&title));
    session.told.set(provenear_shared::text::make_printable(&word));
}
