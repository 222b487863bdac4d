//! What others have written down about an account or some bytes: SourceScan's registry contract.
//! One party's unsigned word: shown as that, and read by nothing that decides.

use leptos::prelude::*;
use leptos::task::spawn_local;
use provenear_shared::digest::Sha256Digest;
use provenear_shared::near::{AccountId, Network};
use provenear_shared::registry::Record;
use provenear_shared::text::Shown;
use provenear_web_protocol::{AskSubject, Done, Job, Records};
use provenear_web_ui::ambient::Ambient;
use provenear_web_ui::element::{all, el, live};
use provenear_web_ui::text::{button, row, sentence, value};

use crate::ask;
use crate::open::{Inspector, OTHER};
use crate::parts::hash::hash;

/// What is asked about.
#[derive(Clone)]
pub(crate) enum About {
    /// An account, and the hash of the code that stands there.
    Account(AccountId, Option<Sha256Digest>),
    /// Some bytes.
    Code(Sha256Digest),
}

/// The part of the page, on `network`.
pub(crate) fn records(network: Network, about: About) -> AnyView {
    let (ambient, inspector) = (Ambient::get(), Inspector::get());
    let registry = ambient.settings.with_untracked(|settings| settings.registry(&network));
    let lead = "What somebody else has written down. It is one party's word without a signature, and no verdict here rests on it.";
    let mut body = vec![el("p").class("quiet").text(lead).end()];
    match registry {
        Some(registry) => body.push(ask(ambient, inspector, network, about, registry)),
        None => body.push(el("p").attr("data-none", "registry").text("No registry is known for this network.").end()),
    }
    all(body)
}

fn ask(ambient: Ambient, inspector: Inspector, network: Network, about: About, registry: String) -> AnyView {
    let found = RwSignal::new(None::<Result<Records, String>>);
    let (subject, here) = match &about {
        About::Account(account, here) => (AskSubject::Account(account.to_string()), *here),
        About::Code(hash) => (AskSubject::Code(hash.to_base58()), Some(*hash)),
    };
    let (asks, place) = (registry.clone(), network.clone());
    let look = move || {
        found.set(None);
        let ask = ask::ask(ambient, &place, subject.clone(), &ask::at(None));
        let job = AccountId::parse(&asks).map(|registry| Job::Registry { ask, registry });
        let no_account = format!("`{}` is not an account id", Shown(&asks));
        spawn_local(async move {
            let Some(job) = job else { return found.set(Some(Err(no_account))) };
            found.set(Some(match inspector.run(&job, None).await {
                Ok((Done::Registry(records), _)) => Ok(records),
                Ok(_) => Err(OTHER.to_owned()),
                Err(why) => Err(why),
            }));
        });
    };
    look();
    let again = StoredValue::new_local(look);
    let title = el("h3").text("SourceScan").end();
    let shown = live(move || match found.get() {
        None => el("p").class("quiet").text("Asking…").end(),
        Some(Err(why)) => all(vec![
            el("p").attr("data-record", "error").child(sentence(&why)).end(),
            button("ask-registry", "Ask again", move |_| again.with_value(|look| look())),
        ]),
        Some(Ok(found)) => draw(&network, found, here.as_ref()),
    });
    let registry = el("p").class("quiet").text("Registry contract ").child(value(registry)).end();
    el("div").attr("data-card", "registry").attr("role", "status").child(title).child(registry).child(shown).end()
}

fn draw(network: &Network, found: Records, here: Option<&Sha256Digest>) -> AnyView {
    let Records { records, asked } = found;
    let mut shown = Vec::new();
    if records.is_empty() {
        shown.push(el("p").attr("data-record", "none").text("It has no record.").end());
    }
    shown.extend(records.iter().map(|record| one(network, record, here)));
    let at = format!("Said at block {}, {}, by way of ", asked.block_height, asked.block_time);
    shown.push(el("p").class("quiet").text(&at).child(value(asked.hosts.join(", "))).text(".").end());
    all(shown)
}

fn one(network: &Network, record: &Record, here: Option<&Sha256Digest>) -> AnyView {
    let same = here.map(|here| *here == record.code_hash);
    let (mark, word) = match same {
        Some(true) => ("same", "It says that it verified the code that stands here."),
        Some(false) => ("other", "It says that it verified other code than the code above."),
        None => ("unknown", "It says that it verified some code of this account."),
    };
    let account = |account: &AccountId| {
        let link = format!("#/{}/{account}", network.chain_id());
        row("Account", el("a").attr("href", &link).child(value(account.to_string())).end())
    };
    let rows = el("dl")
        .maybe(record.account_id.as_ref().map(account))
        .child(row("Code", hash(&record.code_hash.to_base58(), "the recorded code hash")))
        .child(row("Source on IPFS", value(record.cid.clone())))
        .child(row("Language", value(record.lang.clone())))
        .maybe(record.block_height.map(|height| row("Its block", height.to_string().into_any())));
    el("div").attr("data-record", mark).child(el("p").text(word).end()).child(rows.end()).end()
}
