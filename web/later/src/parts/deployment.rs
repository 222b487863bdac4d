//! What the chain says: block, kind of contract, hash, and which endpoints vouch for it.

use leptos::prelude::*;
use provenear_shared::Report;
use provenear_shared::near::{AccountId, AccountKind, Network};
use provenear_shared::report::EndpointReport;
use provenear_web_ui::element::{all, el};
use provenear_web_ui::text::{card, elsewhere, row, sentence, value};

use super::hash::hash;
use crate::glossary::{Term, term, term_row};

/// The card, where something was looked at.
pub(crate) fn deployment(report: &Report) -> Option<AnyView> {
    let endpoints = match &report.deployment {
        Some(deployment) => &deployment.endpoints,
        None => &report.endpoints,
    };
    if report.code.is_none() && endpoints.is_empty() && report.deployment.is_none() {
        return None;
    }
    let mut rows: Vec<AnyView> = Vec::new();
    if let Some(deployment) = &report.deployment {
        let block = vec![
            format!("{} ", deployment.block_height).into_any(),
            hash(&deployment.block_hash.to_base58(), "the block hash"),
        ];
        rows.push(row("Network", value(deployment.network.chain_id().to_owned())));
        let kind = deployment.account_kind.and_then(AccountKind::describe).map(|kind| format!(", {kind}").into_any());
        rows.push(row("Account", all([value(deployment.account_id.to_string())].into_iter().chain(kind).collect())));
        rows.push(row("Block", all(block)));
        rows.push(row("Block time", value(deployment.block_time.clone())));
        rows.push(row("Contract", sentence(deployment.contract.message.as_deref().unwrap_or_default())));
    }
    if let Some(code) = &report.code {
        rows.push(term_row(Term::CodeHash, "Code hash", hash(&code.code_hash.to_base58(), "the code hash")));
        rows.push(row("Size", format!("{} bytes, hashed in this browser", group_digits(code.size)).into_any()));
    }
    let keys = report.changeable.as_ref().and_then(|changeable| changeable.keys_message.as_ref());
    rows.extend(keys.map(|keys| row("Access keys", sentence(keys))));
    rows.extend(report.deployment.as_ref().and_then(|it| explorer(&it.network, &it.account_id)));
    let has_rows = !rows.is_empty();
    let mut body = vec![el("dl").children(rows).end()];
    if !endpoints.is_empty() {
        if has_rows {
            body.push(el("h3").text("Endpoints asked").end());
        }
        body.push(term(Term::Endpoint, "What is an endpoint?"));
        body.push(el("ul").class("endpoints").children(endpoints.iter().map(draw_endpoint).collect()).end());
    }
    let title = match (&report.deployment, &report.code) {
        (Some(_), _) => "On chain",
        (None, Some(_)) => "The code",
        (None, None) => "Who was asked",
    };
    Some(card("deployment", title, all(body)))
}

/// The same account in an explorer, which says nothing that is relied on here.
fn explorer(network: &Network, account: &AccountId) -> Option<AnyView> {
    let host = match network.chain_id() {
        "mainnet" => "nearblocks.io",
        "testnet" => "testnet.nearblocks.io",
        _ => return None,
    };
    let url = format!("https://{host}/address/{account}?tab=contract");
    Some(row("Elsewhere", elsewhere(&url, host.to_owned())))
}

/// The view `replacement`: who can replace the code, which a match is no promise about.
pub(crate) fn replacement(given: &str) -> AnyView {
    let message = super::read_report(given).and_then(|report| report.changeable?.message);
    let says = sentence(message.as_deref().unwrap_or("the code may be replaced later"));
    el("p").attr("data-replacement", "").child(says).end()
}

/// Draws one endpoint, whether it agreed or failed.
fn draw_endpoint(endpoint: &EndpointReport) -> AnyView {
    let (class, says) = match &endpoint.error {
        None if endpoint.agrees => ("sound", "agrees".into_any()),
        None => ("weak", "was not needed".into_any()),
        Some(error) => ("broken", sentence(&error.message)),
    };
    el("li")
        .class(class)
        .attr("data-endpoint", &endpoint.host)
        .attr("data-agrees", if endpoint.agrees { "true" } else { "false" })
        .child(value(endpoint.host.clone()))
        .text(" ")
        .child(says)
        .end()
}

/// Groups digits by three.
pub(crate) fn group_digits(number: usize) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (position, digit) in digits.chars().enumerate() {
        if position > 0 && (digits.len() - position).is_multiple_of(3) {
            out.push('\u{202f}');
        }
        out.push(digit);
    }
    out
}
