//! What else is known about some bytes: the accounts at which this browser has seen them, and what a registry says of them.
//! Below the answer about a code hash. Explains, never decides.

use leptos::prelude::*;
use provenear_shared::digest::Sha256Digest;
use provenear_web_ui::ambient::Ambient;
use provenear_web_ui::element::el;
use provenear_web_ui::recent;
use provenear_web_ui::settings::Settings;
use provenear_web_ui::text::{card, value};

use crate::cards::on_demand;
use crate::records::{About, records};

/// The view of some code.
pub(crate) fn known(hash: Sha256Digest) -> AnyView {
    let links = recent::with_code(&hash.to_base58());
    let item = |link: &String| {
        let name = value(link.trim_start_matches("#/").to_owned());
        el("li").child(el("a").attr("href", link).child(name).end()).end()
    };
    let seen = match links.is_empty() {
        true => {
            el("p").class("quiet").attr("data-none", "accounts").text("None of those that you looked up here.").end()
        }
        false => el("ul").attr("data-known", "accounts").children(links.iter().map(item).collect()).end(),
    };
    let network = Ambient::get().settings.with_untracked(Settings::usual_network);
    let said =
        on_demand("records", "SourceScan's record (unsigned)", move || records(network.clone(), About::Code(hash)));
    el("div").child(card("known", "Accounts that ran this code when you looked", seen)).child(said).end()
}
