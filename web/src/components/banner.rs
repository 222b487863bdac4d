//! The answer: one sentence, who says so, at which block, what is unusual, and what it does not mean.

use leptos::prelude::*;
use provenear_shared::text::printable;

use super::element::el;
use super::text::{actions, button, copy_button, sentence, value};
use crate::answer::{Answer, Asked, Said};
use crate::engine::{Again, ENDED, Looking};
use crate::later::later;
use crate::session::Session;

/// The banner of any state. Its box is there from the beginning, so that nothing jumps.
pub(crate) fn banner(looking: &Looking) -> AnyView {
    match looking {
        Looking::Awaiting(step) => awaiting(step.as_deref()),
        Looking::Found(answer) => match (&answer.verdict, &answer.error) {
            (Some(verdict), _) => {
                let mut body = vec![el("p").class("says").child(sentence(&verdict.message)).end()];
                body.extend(answer.asked.as_ref().map(asked));
                body.extend(notices(&answer.notices));
                body.extend(answer.command.as_deref().map(check));
                body.push(limits(answer));
                frame("data-verdict", &verdict.code, &verdict.code, &printable(&verdict.headline), body)
            }
            (None, Some(error)) => {
                failed(&error.code, sentence(&error.message), advice(&error.code), notices(&answer.notices))
            }
            (None, None) => failed("no-answer", sentence("there is no answer"), "", None),
        },
        Looking::Failed(reason) => failed("settings", sentence(reason), "Open Settings.", None),
        Looking::Ended => failed("worker-ended", sentence(ENDED), "", None),
    }
}

/// What looking again has shown, above the answer that it is about.
pub(crate) fn again(found: &Again) -> AnyView {
    let session = Session::get();
    let look = move |_| session.attempt.update(|attempt| *attempt += 1);
    match found {
        Again::Same(block) => el("p")
            .class("again")
            .attr("data-again", "same")
            .text(&format!("Checked again at block {block}: nothing has changed."))
            .end(),
        Again::Moved => el("p")
            .class("again card")
            .attr("role", "alert")
            .attr("data-again", "moved")
            .child(el("strong").text("This account has changed since you looked.").end())
            .text(" Its code or the verdict is another now. ")
            .child(button("look-again", "Check again", look))
            .end(),
    }
}

/// The box that all states share.
fn frame(mark: &'static str, code: &str, class: &str, headline: &str, body: Vec<AnyView>) -> AnyView {
    let body = el("div").child(el("h2").text(headline).end()).children(body);
    el("section")
        .class(&format!("banner {class}"))
        .attr(mark, code)
        .attr("aria-label", "Verdict")
        .child(icon(class))
        .child(body.end())
        .end()
}

fn awaiting(step: Option<&str>) -> AnyView {
    let what = match step {
        None => "Starting",
        Some("deployment") => "Fetching the code and hashing it",
        Some("claim") => "Reading the contract's own claim",
        Some("manifests") => "Looking for signed rebuilds",
        Some("access-keys") => "Checking who can change the code",
        Some(_) => "Looking",
    };
    frame("data-state", "loading", "loading", "Looking", vec![el("p").class("says").text(&format!("{what}…")).end()])
}

fn failed(code: &str, says: AnyView, advice: &'static str, notices: Option<AnyView>) -> AnyView {
    let session = Session::get();
    let again = move |_| session.attempt.update(|attempt| *attempt += 1);
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
    frame("data-error", code, "error", could_not(code), body)
}

/// What was not done. An account that does not exist is an answer of its own.
pub(crate) fn could_not(code: &str) -> &'static str {
    if code == "unknown-account" { "No such account" } else { "Could not check" }
}

/// What a person can do about it.
fn advice(code: &str) -> &'static str {
    match code {
        "unknown-account" => "Check the spelling and the network.",
        "rpc-unreachable" | "rpc-timeout" => {
            "The endpoint may be down, or refuse browsers: add another one in Settings."
        }
        "rpc-rate-limited" => "Wait a little, or add another endpoint in Settings.",
        "rpc-malformed" | "code-hash-mismatch" => "The endpoint is broken or dishonest: add another one in Settings.",
        "rpc-disagreement" => "One of the endpoints is behind or dishonest.",
        "network-mismatch" => "Correct the endpoint in Settings.",
        "block-stale" => "Check the clock of this device, or add another endpoint in Settings.",
        "block-garbage-collected" | "unknown-block" => "Add an archival endpoint in Settings, or leave the block out.",
        "unknown-code" => "Drop the wasm file here, or look up an account that runs it.",
        "module-malformed" => "No node would run these bytes.",
        "sandbox-unavailable" => "Reload the page, close what keeps this device busy, or use another browser.",
        _ => "",
    }
}

fn asked(asked: &Asked) -> AnyView {
    el("p")
        .class("asked")
        .text(&format!("Checked at block {} ({}) with ", asked.block_height, asked.block_time))
        .child(value(asked.agreeing.join(", ")))
        .text(".")
        .end()
}

fn notices(notices: &[Said]) -> Option<AnyView> {
    if notices.is_empty() {
        return None;
    }
    let item = |notice: &Said| el("li").attr("data-notice", &notice.code).child(sentence(&notice.message)).end();
    let list = el("ul").children(notices.iter().map(item).collect());
    Some(el("div").class("notices").child(el("h3").text("Before you rely on this").end()).child(list.end()).end())
}

/// How to check it without this page.
fn check(command: &str) -> AnyView {
    let code = el("code").text(command).end();
    el("p").class("check").text("Check it yourself: ").child(code).child(copy_button(command.to_owned())).end()
}

/// What a verdict does not mean, always said. Who can replace the code the second program says.
fn limits(answer: &Answer) -> AnyView {
    let limit = |text: &str| el("li").text(text).end();
    let list = el("ul").children(vec![
        limit("Not an audit: published source can still be wrong or harmful."),
        el("li").child(later("replacement", Some(answer.json.clone()))).end(),
        limit("It does not say that the source is readable: a commit can contain precompiled code."),
        limit("A signature shows who vouches for a rebuild, not that it happened. You decide whom to trust."),
    ]);
    el("details").class("limits").child(el("summary").text("What this does not mean").end()).child(list.end()).end()
}

/// A shape of its own for every state, so that none depends on colour.
fn icon(code: &str) -> AnyView {
    let path = match code {
        "reproduced" => "M6 12.5l4 4 8-9",
        "reproduced-unvetted" => "M6 12.5l4 4 3-3.4M18 7v5M18 15.5v.5",
        "reproduced-unclaimed" => "M5 12h9M11 8l4 4-4 4M19 6v12",
        "not-rebuildable" => "M12 6v7M12 16.5v.5",
        "differs" => "M6 9.5h12M6 14.5h12M15 6l-6 12",
        "not-rebuilt" => "M7 12h.5M12 12h.5M17 12h.5",
        "no-contract" => "M7 12h10",
        "loading" => "M12 7v5l3 2",
        _ => "M8 8l8 8M16 8l-8 8",
    };
    view! {
        <svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
            <circle cx="12" cy="12" r="11" />
            <path d=path />
        </svg>
    }
    .into_any()
}
