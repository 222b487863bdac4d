//! `#/<network>/<dao>/proposal/<number>`: what a DAO is asked to run. The code is brought to the first program, which
//! answers about it as about any file. Nothing here says how to vote.

use leptos::prelude::*;
use leptos::task::spawn_local;
use provenear_shared::near::{AccountId, Network};
use provenear_web_protocol::{AskSubject, Done, Job, Proposal};
use provenear_web_ui::ambient::Ambient;
use provenear_web_ui::element::{all, el, live};
use provenear_web_ui::text::{actions, button, card, row, sentence, value};

use crate::ask;
use crate::open::{Inspector, OTHER, Page};
use crate::parts::hash::hash;

/// The view of the proposal `id` of `dao`.
pub(crate) fn proposal(network: Network, dao: AccountId, id: u64) -> AnyView {
    let (ambient, inspector, page) = (Ambient::get(), Inspector::get(), Page::get());
    let found = RwSignal::new(None::<Result<Proposal, String>>);
    let (account, place) = (dao.clone(), network.clone());
    let look = move || {
        found.set(None);
        let subject = AskSubject::Account(account.to_string());
        let job = Job::Proposal { ask: ask::ask(ambient, &place, subject, &ask::at(None)), id };
        let name = format!("proposal {id} of {account}");
        spawn_local(async move {
            found.set(Some(match inspector.run(&job, None).await {
                Ok((Done::Proposal(proposal), code)) => {
                    if let Some(code) = code {
                        page.module(&name, &code);
                    }
                    Ok(*proposal)
                }
                Ok(_) => Err(OTHER.to_owned()),
                Err(why) => Err(why),
            }));
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
        Some(Ok(proposal)) => draw(&network, &dao, &proposal),
    })
}

fn draw(network: &Network, dao: &AccountId, proposal: &Proposal) -> AnyView {
    let account = |id: &AccountId| {
        let link = format!("#/{}/{id}", network.chain_id());
        el("a").attr("href", &link).child(value(id.to_string())).end()
    };
    let call = |receiver: &AccountId, method: &str| {
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
    let description = provenear_shared::text::make_printable(&proposal.description);
    let rows = el("dl")
        .child(row("Kind", value(proposal.kind.clone())))
        .child(row("Status", value(proposal.status.clone())))
        .child(row("Proposed by", account(&proposal.proposer)))
        .maybe(what)
        .maybe(proposal.code_hash.map(|code| row("Code", hash(&code.to_base58(), "the code hash"))))
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
