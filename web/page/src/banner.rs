//! The answer: one sentence, who says so, at which block, what is unusual, and what it does not mean.

use leptos::prelude::*;
use provenear_shared::deployment::LookCode;
use provenear_shared::inspection::Step;
use provenear_shared::notice::NoticeCode;
use provenear_shared::report::Coded;
use provenear_shared::text::make_printable;
use provenear_shared::verdict::VerdictCode;
use provenear_web_protocol::{Asked, View};
use provenear_web_ui::element::{el, live};
use provenear_web_ui::fields::focus;
use provenear_web_ui::text::{WHY, actions, button, copy_button, sentence, value};

use crate::engine::{Again, Looking};
use crate::later::later;
use crate::session::Session;

/// What a banner looks like.
#[derive(Clone, Copy)]
enum Face {
    Loading,
    Error,
    Verdict(VerdictCode),
}

impl Face {
    /// Its class.
    fn class(self) -> &'static str {
        match self {
            Self::Loading => "loading",
            Self::Error => "error",
            Self::Verdict(code) => code.code(),
        }
    }
}

/// The banner of any state. Its box is there from the beginning, so that nothing jumps.
pub(crate) fn banner(looking: &Looking) -> AnyView {
    match looking {
        Looking::Awaiting(step) => draw_step(*step),
        Looking::Found(answer) => match (&answer.verdict, &answer.error) {
            (Some(verdict), _) => {
                let mut body = vec![el("p").class("says").child(sentence(&verdict.message)).end()];
                body.extend(answer.asked.as_ref().map(draw_asked));
                body.extend(notices(&answer.notices));
                body.extend(answer.command.as_deref().map(check));
                body.push(el("div").class("asked").child(later(View::Replacement(answer.report.clone()))).end());
                body.push(limits());
                frame(
                    "data-verdict",
                    verdict.code.code(),
                    Face::Verdict(verdict.code),
                    &make_printable(&verdict.headline),
                    body,
                )
            }
            (None, Some(error)) => {
                let says = sentence(&error.message);
                draw_failure(
                    error.code.code(),
                    could_not(error.code),
                    says,
                    advice(error.code),
                    notices(&answer.notices),
                )
            }
            (None, None) => draw_failure("no-answer", COULD_NOT, sentence("there is no answer"), "", None),
        },
        Looking::Failed(reason) => draw_failure("settings", COULD_NOT, sentence(reason), "Open Settings.", None),
        Looking::Ended(reason) => draw_failure("worker-ended", COULD_NOT, sentence(reason), "", None),
    }
}

/// What looking again has shown, above the answer that it is about.
pub(crate) fn again(found: &Again) -> AnyView {
    let session = Session::get();
    let look = move |_| look_again(session);
    match found {
        Again::Same(block) => el("p")
            .class("again")
            .attr("data-again", "same")
            .text(&format!("Checked again at block {block}: the same code and the same verdict."))
            .end(),
        Again::Moved => el("p")
            .class("again card")
            .attr("role", "alert")
            .attr("data-again", "moved")
            .child(el("strong").text("This account has changed since you looked.").end())
            .text(" Its code, the verdict or the keys that can replace the code are not the same any more. ")
            .child(button("look-again", "Check again", look))
            .end(),
    }
}

/// The button goes with the answer that it stands in, so the focus goes to the view, where it is after a link.
fn look_again(session: Session) {
    session.attempt.update(|attempt| *attempt += 1);
    focus(vec!["#main".to_owned()]);
}

/// The box that all states share.
fn frame(mark: &'static str, code: &str, face: Face, headline: &str, body: Vec<AnyView>) -> AnyView {
    let body = el("div").child(el("h2").text(headline).end()).children(body);
    el("section")
        .class(&format!("banner {}", face.class()))
        .attr(mark, code)
        .attr("aria-label", "Verdict")
        .child(icon(face))
        .child(body.end())
        .end()
}

fn draw_step(step: Option<Step>) -> AnyView {
    let what = match step {
        None => "Starting",
        Some(Step::Deployment) => "Fetching the code and hashing it",
        Some(Step::Claim) => "Reading the contract's own claim",
        Some(Step::Manifests) => "Looking for signed rebuilds",
        Some(Step::AccessKeys) => "Checking who can change the code",
    };
    frame(
        "data-state",
        "loading",
        Face::Loading,
        "Looking",
        vec![el("p").class("says").text(&format!("{what}…")).end()],
    )
}

fn draw_failure(code: &str, headline: &str, says: AnyView, advice: &'static str, notices: Option<AnyView>) -> AnyView {
    let session = Session::get();
    let again = move |_| look_again(session);
    let mut body = vec![
        el("p").class("says").child(says).end(),
        el("p").text(&format!("{advice} This says nothing about the code.")).end(),
    ];
    body.extend(notices);
    body.push(actions(vec![
        button("retry", "Try again", again),
        el("a").class("button").attr("href", "#/settings").text("Settings").end(),
        el("code").class("code").text(code).end(),
    ]));
    frame("data-error", code, Face::Error, headline, body)
}

/// What was not done. An account that does not exist is an answer of its own.
pub(crate) fn could_not(code: LookCode) -> &'static str {
    if code == LookCode::UnknownAccount { "No such account" } else { COULD_NOT }
}

const COULD_NOT: &str = "Could not check";

/// What a person can do about it.
fn advice(code: LookCode) -> &'static str {
    match code {
        LookCode::UnknownAccount => "Check the spelling and the network.",
        LookCode::RpcUnreachable | LookCode::RpcTimeout => {
            "The endpoint may be down, or refuse browsers: add another one in Settings."
        }
        LookCode::RpcRateLimited => "Wait a little, or add another endpoint in Settings.",
        LookCode::RpcMalformed | LookCode::CodeHashMismatch => {
            "The endpoint is broken or dishonest: add another one in Settings."
        }
        LookCode::RpcDisagreement => "One of the endpoints is behind or dishonest.",
        LookCode::NetworkMismatch => "Correct the endpoint in Settings.",
        LookCode::BlockStale => "Check the clock of this device, or add another endpoint in Settings.",
        LookCode::BlockGarbageCollected | LookCode::UnknownBlock => {
            "Add an archival endpoint in Settings, or leave the block out."
        }
        LookCode::UnknownCode => {
            "Drop the wasm file here, or look up an account that runs it. If this is the hash of a transaction, look up the account that it calls."
        }
        LookCode::ModuleMalformed => "No node would run this code.",
        LookCode::SandboxUnavailable => "Reload the page, close what keeps this device busy, or use another browser.",
    }
}

fn draw_asked(asked: &Asked) -> AnyView {
    el("p")
        .class("asked")
        .text(&format!("Checked at block {} ({}) with ", asked.block_height, asked.block_time))
        .child(value(asked.agreeing.join(", ")))
        .text(".")
        .end()
}

fn notices(notices: &[Coded<NoticeCode>]) -> Option<AnyView> {
    if notices.is_empty() {
        return None;
    }
    let item = |notice: &Coded<NoticeCode>| {
        el("li").attr("data-notice", notice.code.code()).child(sentence(&notice.message)).child(why(notice.code)).end()
    };
    let list = el("ul").children(notices.iter().map(item).collect());
    Some(el("div").class("notices").child(el("h3").text("Before you rely on this").end()).child(list.end()).end())
}

/// Opened once, it is as it was left.
fn open(opened: RwSignal<bool>) {
    if !opened.get_untracked() {
        opened.set(true);
    }
}

/// Why it matters: the second program has the words, once somebody wants them.
fn why(notice: NoticeCode) -> AnyView {
    let opened = RwSignal::new(false);
    let words = live(move || if opened.get() { later(View::Why(notice)) } else { ().into_any() });
    let summary = el("summary").text(WHY).end();
    el("details").class("why").on("toggle", move |_| open(opened)).child(summary).child(words).end()
}

/// How to check it without this page.
fn check(command: &str) -> AnyView {
    let code = el("code").text(command).end();
    el("p")
        .class("check")
        .text("Check it yourself: ")
        .child(code)
        .child(copy_button(command.to_owned(), "the command"))
        .end()
}

/// What a verdict does not mean, always said.
fn limits() -> AnyView {
    let limit = |text: &str| el("li").text(text).end();
    let list = el("ul").children(vec![
        limit("Not an audit: published source can still be wrong or harmful."),
        limit("The code may be replaced later."),
        limit("It does not say that the source is readable: a commit can contain precompiled code."),
        limit("A signature shows who vouches for a rebuild, not that it happened. You decide whom to trust."),
    ]);
    el("details").class("limits").child(el("summary").text("What this does not mean").end()).child(list.end()).end()
}

/// A shape of its own for every state, so that none depends on colour.
fn icon(face: Face) -> AnyView {
    let path = match face {
        Face::Verdict(VerdictCode::Reproduced) => "M6 12.5l4 4 8-9",
        Face::Verdict(VerdictCode::ReproducedUnvetted) => "M6 12.5l4 4 3-3.4M18 7v5M18 15.5v.5",
        Face::Verdict(VerdictCode::ReproducedUnclaimed) => "M5 12h9M11 8l4 4-4 4M19 6v12",
        Face::Verdict(VerdictCode::NotRebuildable) => "M12 6v7M12 16.5v.5",
        Face::Verdict(VerdictCode::Differs) => "M6 9.5h12M6 14.5h12M15 6l-6 12",
        Face::Verdict(VerdictCode::NotRebuilt) => "M7 12h.5M12 12h.5M17 12h.5",
        Face::Verdict(VerdictCode::NoContract) => "M7 12h10",
        Face::Loading => "M12 7v5l3 2",
        Face::Error => "M8 8l8 8M16 8l-8 8",
    };
    view! {
        <svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
            <circle cx="12" cy="12" r="11" />
            <path d=path />
        </svg>
    }
    .into_any()
}
