//! What the chain says: block, kind of contract, hash, and which endpoints vouch for it.

use leptos::prelude::*;
use provenear_shared::Report;
use provenear_shared::report::{Changeable, ContractReport, EndpointReport};
use provenear_shared::text::printable;

use super::element::{all, el};
use super::hash::hash;
use super::text::{card, elsewhere, row, sentence, value};

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
        let block = vec![format!("{} ", deployment.block_height).into_any(), hash(&deployment.block_hash)];
        rows.push(row("Network", value(deployment.network.clone())));
        rows.push(row("Account", value(deployment.account_id.clone())));
        rows.push(row("Block", all(block)));
        rows.push(row("Block time", value(deployment.block_time.clone())));
        rows.push(row("Contract", kind(&deployment.contract)));
    }
    if let Some(code) = &report.code {
        rows.push(row("Code hash", hash(&code.code_hash)));
        rows.push(row("SHA-256", hash(&code.sha256)));
        rows.push(row("Size", format!("{} bytes, hashed in this browser", grouped(code.size)).into_any()));
    }
    rows.extend(report.changeable.as_ref().map(changeable).unwrap_or_default());
    rows.extend(report.deployment.as_ref().and_then(|it| explorer(&it.network, &it.account_id)));
    let has_rows = !rows.is_empty();
    let mut body = vec![el("dl").children(rows).end()];
    if !endpoints.is_empty() {
        if has_rows {
            body.push(el("h3").text("Endpoints asked").end());
        }
        body.push(el("ul").class("endpoints").children(endpoints.iter().map(asked).collect()).end());
    }
    let title = match (&report.deployment, &report.code) {
        (Some(_), _) => "On chain",
        (None, Some(_)) => "The code",
        (None, None) => "Who was asked",
    };
    Some(card("deployment", title, all(body)))
}

/// The same account in an explorer, which says nothing that is relied on here.
fn explorer(network: &str, account: &str) -> Option<AnyView> {
    let host = match network {
        "mainnet" => "nearblocks.io",
        "testnet" => "testnet.nearblocks.io",
        _ => return None,
    };
    let url = format!("https://{host}/address/{account}?tab=contract");
    Some(row("Elsewhere", elsewhere(&url, host.to_owned())))
}

fn kind(contract: &ContractReport) -> AnyView {
    match contract.kind.as_str() {
        "none" => "none".into_any(),
        "local" => "its own code".into_any(),
        "global" => "a global contract, named by its hash: it cannot be replaced under the account".into_any(),
        "global-by-account" => {
            let owner = contract.account_id.clone().unwrap_or_default();
            all(vec!["a global contract of ".into_any(), value(owner)])
        }
        "eth-implicit" => "the wallet contract that all 0x… accounts share".into_any(),
        other => value(other.to_owned()),
    }
}

fn changeable(changeable: &Changeable) -> Vec<AnyView> {
    let keys = changeable.full_access_keys.zip(changeable.function_call_keys);
    let keys = keys.map(|(full, call)| {
        let gas = changeable.gas_keys.filter(|gas| *gas > 0).map(|gas| format!(", {gas} of them gas keys"));
        let types = changeable.key_types.as_ref().filter(|types| types.iter().any(|name| name != "ed25519"));
        let types = types.map(|types| format!(" ({})", types.join(", ")));
        format!(
            "{full} with full access, {call} for calls only{}{}",
            gas.unwrap_or_default(),
            types.unwrap_or_default()
        )
    });
    let imports = if changeable.redeploy_imports.is_empty() {
        "it asks the node for nothing that could: strong evidence that it cannot".to_owned()
    } else {
        let imports = changeable.redeploy_imports.join(", ");
        format!(
            "it can ask the node for {imports}: weak evidence that it may, as most contracts can and never use it so"
        )
    };
    let mut rows: Vec<AnyView> = keys.map(|keys| row("Access keys", printable(&keys).into_any())).into_iter().collect();
    rows.push(row("Can replace itself", printable(&imports).into_any()));
    rows.extend(
        changeable
            .owner
            .clone()
            .map(|owner| row("Replaceable by", all(vec![value(owner), ", at any time".into_any()]))),
    );
    rows
}

/// One endpoint, whether it agreed or failed.
fn asked(endpoint: &EndpointReport) -> AnyView {
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

/// Digits in groups of three.
pub(crate) fn grouped(number: usize) -> String {
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
