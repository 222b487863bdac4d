//! `#/<network>/<dao>/proposal/<number>`: what a DAO is asked to run. The code is brought to the first program, which
//! answers about it as about any file. Nothing here says how to vote.

use leptos::prelude::*;
use leptos::task::spawn_local;
use provenear_shared::near::Network;

use crate::ask::AskSubject;
use crate::components::element::{all, el, live};
use crate::components::hash::hash;
use crate::components::text::{actions, button, card, row, sentence, value};
use crate::errand::{self, Errand, Proposal};
use crate::session::Ambient;
use crate::workbench::{Inspector, Page};

/// The view `proposal/<network>/<dao>/<number>`.
pub(crate) fn proposal(view: &str) -> AnyView {
    let parts: Vec<&str> = view.split('/').collect();
    let [_, network, dao, id] = parts.as_slice() else { return ().into_any() };
    let (Some(network), Ok(id)) = (Network::parse(network), id.parse::<u64>()) else { return ().into_any() };
    let (ambient, inspector, page) = (Ambient::get(), Inspector::get(), Page::get());
    let found = RwSignal::new(None::<Result<Proposal, String>>);
    let (dao, place) = ((*dao).to_owned(), network.clone());
    let account = dao.clone();
    let look = move || {
        found.set(None);
        let subject = AskSubject::Account(account.clone());
        let errand = Errand::Proposal { ask: errand::ask(ambient, &place, subject, &errand::at(None)).text(), id };
        let name = format!("proposal {id} of {account}");
        spawn_local(async move {
            let looked = match inspector.run(&errand, None).await {
                Ok(answer) => read(&answer.into()),
                Err(why) => Err(why),
            };
            found.set(Some(looked.map(|(proposal, code)| {
                if let Some(code) = code {
                    page.module(&name, &code);
                }
                proposal
            })));
        });
    };
    look();
    let again = StoredValue::new_local(look);
    live(move || match found.get() {
        None => el("p").class("quiet").text("Asking the DAO…").end(),
        Some(Err(why)) => el("section")
            .class("card ask")
            .attr("data-proposal", "error")
            .attr("role", "alert")
            .child(el("p").child(sentence(&why)).end())
            .child(actions(vec![button("ask-dao", "Ask again", move |_| again.with_value(|look| look()))]))
            .end(),
        Some(Ok(proposal)) => shown(&network, &dao, &proposal),
    })
}

/// The JSON, and the code if it could be had.
fn read(answer: &js_sys::Array) -> Result<(Proposal, Option<js_sys::Uint8Array>), String> {
    use wasm_bindgen::JsCast as _;
    let text = answer.get(0).as_string().ok_or_else(|| "no answer".to_owned())?;
    let proposal = serde_json::from_slice(text.as_bytes()).map_err(|error| error.to_string())?;
    Ok((proposal, answer.get(1).dyn_into().ok()))
}

fn shown(network: &Network, dao: &str, proposal: &Proposal) -> AnyView {
    let account = |id: &str| {
        let link = format!("#/{}/{id}", network.chain_id());
        el("a").attr("href", &link).child(value(id.to_owned())).end()
    };
    let call = |receiver: &str, method: &str| {
        all(vec![account(receiver), ", by its method ".into_any(), value(method.to_owned())])
    };
    let (title, what) = match (&proposal.code_hash, &proposal.receiver) {
        (None, None) => ("This proposal is not about code", None),
        (None, Some((receiver, methods))) => {
            ("This proposal is about more than one code", Some(row("Would be called", call(receiver, methods))))
        }
        (Some(_), None) => ("The DAO itself would run this code", Some(row("Would change", account(dao)))),
        (Some(_), Some((receiver, method))) => {
            ("Another account would be given this code", Some(row("Would be called", call(receiver, method))))
        }
    };
    let description = provenear_shared::text::printable(&proposal.description);
    let rows = el("dl")
        .child(row("Kind", value(proposal.kind.clone())))
        .child(row("Status", value(proposal.status.clone())))
        .child(row("Proposed by", account(&proposal.proposer)))
        .maybe(what)
        .maybe(proposal.code_hash.as_deref().map(|code| row("Code", hash(code))))
        .child(row("Description", el("p").class("doc").attr("dir", "auto").text(&description).end()));
    let asked = format!("Read at block {}, {}; the same from ", proposal.asked.block_height, proposal.asked.block_time);
    let hosts = value(proposal.asked.hosts.join(", "));
    let trouble = proposal.trouble.as_deref().map(|why| {
        let advice = match &proposal.code_hash {
            Some(_) => "Without its code nothing can be said about it. If you have the file, drop it: the page shows its hash, which has to be the one above.",
            None => "Nothing is said about any of them here. Ask for one proposal for each, or drop the files one by one.",
        };
        el("div")
            .class("complaint")
            .attr("data-proposal", "no-code")
            .attr("role", "alert")
            .child(el("p").child(sentence(why)).end())
            .child(el("p").text(advice).end())
            .end()
    });
    let below = "What is said below is about this code, not about the rest of the proposal.";
    let below = proposal.code_hash.as_ref().map(|_| el("p").text(below).end());
    let body = el("div")
        .attr("data-proposal", if proposal.code_hash.is_some() { "code" } else { "other" })
        .child(rows.end())
        .child(el("p").class("quiet").text(&asked).child(hosts).text(".").end())
        .maybe(trouble.or(below));
    card("proposal", title, body.end())
}
