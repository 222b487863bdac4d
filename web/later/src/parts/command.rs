//! The command with which the reader can check for themselves, and the commands behind it.

use leptos::prelude::*;
use provenear_shared::Report;
use provenear_shared::container::{ScriptOptions, compose_script};
use provenear_shared::nep330::ContractSourceMetadata;
use provenear_shared::recipe::Recipe;
use provenear_shared::report::SubjectKind;
use provenear_web_ui::element::{all, el};
use provenear_web_ui::text::{card, copy_button};

/// The card of the helper's command; none where there is nothing to rebuild.
pub(crate) fn command(report: &Report) -> Option<AnyView> {
    let line = line(report)?;
    let why = "Rebuilds it in a container on your own machine, compares the hash, and writes a manifest signed with your \
               key. Drop that manifest here.";
    let shown = el("p").class("command").child(el("code").text(&line).end()).child(copy_button(line, "the command"));
    let body = [Some(el("p").text(why).end()), Some(shown.end()), script(report)];
    Some(card("command", "Check it yourself", all(body.into_iter().flatten().collect())))
}

/// What to type; `None` where there is nothing to rebuild.
pub(crate) fn line(report: &Report) -> Option<String> {
    report.recipe.as_ref()?;
    Some(match (&report.deployment, &report.code) {
        (Some(deployment), _) => {
            // Who was shown one block rebuilds what stood there.
            let block = deployment.age_seconds.map(|_| format!(" --block {}", deployment.block_height));
            let (account, network) = (&deployment.account_id, deployment.network.chain_id());
            format!("provenear rebuild {account} --network {network}{}", block.unwrap_or_default())
        }
        (None, Some(code)) if report.subject.kind == SubjectKind::CodeHash => {
            format!("provenear rebuild hash:{}", code.code_hash.to_base58())
        }
        (None, Some(code)) => format!("provenear rebuild {}", file_name(&code.code_hash.to_base58())),
        (None, None) => return None,
    })
}

/// Under which name code is saved, and called in commands.
pub(crate) fn file_name(code_hash: &str) -> String {
    format!("{code_hash}.wasm")
}

/// The commands that the helper would run, for those who want to do without it.
fn script(report: &Report) -> Option<AnyView> {
    let claim = report.metadata.as_ref()?.nep330.as_ref()?.to_string();
    let metadata = ContractSourceMetadata::parse(claim.as_bytes()).ok()?;
    let recipe = Recipe::from_metadata(&metadata).ok()?;
    let script = compose_script(&recipe, &ScriptOptions::from_claim(&recipe));
    let why = "Paste this into a shell with git and Docker. It builds in the same sandbox, without network, and prints the \
               SHA-256 of the result. Compare it with the hash under “On chain”, shown as hex.";
    let copied = copy_button(script.clone(), "the script");
    let shown = el("pre").class("script").attr("tabindex", "0").child(el("code").text(&script).end());
    let summary = el("summary").text("Or without Provenear").end();
    let inside = el("details").attr("data-card", "by-hand").child(summary).child(el("p").text(why).child(copied).end());
    Some(inside.child(shown.end()).end())
}
