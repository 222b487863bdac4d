//! What the chain says: block, kind of contract, hash, and which endpoints vouch for it.

use leptos::prelude::*;
use provenear_shared::Report;
use provenear_shared::report::{Changeable, CodeReport, ContractReport, EndpointReport};

use super::text::{card, elsewhere, hash, row, sentence, value};

/// The card, where something was looked at.
pub(crate) fn deployment(report: &Report) -> Option<AnyView> {
    let endpoints = match &report.deployment {
        Some(deployment) => &deployment.endpoints,
        None => &report.endpoints,
    };
    if report.code.is_none() && endpoints.is_empty() && report.deployment.is_none() {
        return None;
    }
    let chain = report.deployment.as_ref().map(|deployment| {
        view! {
            {row("Network", value(deployment.network.clone()))}
            {row("Account", value(deployment.account_id.clone()))}
            {row("Block", view! { {deployment.block_height} " " {hash(&deployment.block_hash)} }.into_any())}
            {row("Block time", value(deployment.block_time.clone()))}
            {row("Contract", kind(&deployment.contract))}
        }
        .into_any()
    });
    let body = view! {
        <dl>
            {chain}
            {report.code.as_ref().map(code)}
            {report.changeable.as_ref().map(changeable)}
            {report.deployment.as_ref().and_then(|deployment| explorer(&deployment.network, &deployment.account_id))}
        </dl>
        {(!endpoints.is_empty()).then(|| asked(endpoints))}
    };
    Some(card("deployment", "What stands on chain", body.into_any()))
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
            view! { "a global contract of " {value(owner)} }.into_any()
        }
        "eth-implicit" => "the wallet contract that all 0x… accounts share".into_any(),
        other => value(other.to_owned()),
    }
}

fn code(code: &CodeReport) -> AnyView {
    view! {
        {row("Code hash", hash(&code.code_hash))}
        {row("SHA-256", hash(&code.sha256))}
        {row("Size", view! { {grouped(code.size)} " bytes, hashed in this browser" }.into_any())}
    }
    .into_any()
}

fn changeable(changeable: &Changeable) -> AnyView {
    let keys = match (changeable.full_access_keys, changeable.function_call_keys) {
        (Some(full), Some(call)) => format!("{full} with full access, {call} for calls only"),
        (_, _) => return ().into_any(),
    };
    let imports = if changeable.redeploy_imports.is_empty() {
        "no host function that could".to_owned()
    } else {
        format!("imports {}", changeable.redeploy_imports.join(", "))
    };
    view! {
        {row("Access keys", keys.into_any())}
        {row("Can replace itself", value(imports))}
        {changeable.owner.clone().map(|owner| row("Replaceable by", value(owner)))}
    }
    .into_any()
}

/// Every endpoint, those that failed included.
fn asked(endpoints: &[EndpointReport]) -> AnyView {
    let items: Vec<AnyView> = endpoints
        .iter()
        .map(|endpoint| {
            let (class, says) = match &endpoint.error {
                None if endpoint.agrees => ("sound", "agrees".into_any()),
                None => ("weak", "was not needed".into_any()),
                Some(error) => ("broken", sentence(&error.message)),
            };
            view! {
                <li class=class data-endpoint=endpoint.host.clone() data-agrees=endpoint.agrees.to_string()>
                    {value(endpoint.host.clone())} " " <span>{says}</span>
                </li>
            }
            .into_any()
        })
        .collect();
    view! { <h3>"Endpoints asked"</h3><ul class="endpoints">{items}</ul> }.into_any()
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
