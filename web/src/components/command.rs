//! The command with which the reader can check for themselves.

use leptos::prelude::*;
use provenear_shared::Report;

use super::element::{all, el};
use super::text::{card, copy_button};

/// The card of the helper's command; none where there is nothing to rebuild.
pub(crate) fn command(report: &Report) -> Option<AnyView> {
    report.recipe.as_ref()?;
    let line = match (&report.deployment, &report.code) {
        (Some(deployment), _) => {
            format!("provenear rebuild {} --network {}", deployment.account_id, deployment.network)
        }
        (None, Some(code)) => format!("provenear rebuild hash:{}", code.code_hash),
        (None, None) => return None,
    };
    let why = "Rebuilds it in a container on your own machine, compares the hash, and writes a manifest signed with your \
               key. Drop that manifest here.";
    let shown = el("p").class("command").child(el("code").text(&line).end()).child(copy_button(line));
    Some(card("command", "Check it yourself", all(vec![el("p").text(why).end(), shown.end()])))
}
