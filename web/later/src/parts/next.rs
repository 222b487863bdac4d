//! What a reader can do next, for every verdict: ask for a rebuild, tell the author, compare, get the helper. Each a text to be
//! sent or typed as it stands. Not here: the command itself (`command`).

use leptos::prelude::*;
use provenear_shared::Report;
use provenear_shared::report::SubjectKind;
use provenear_shared::text::{capitalize, make_printable};
use provenear_shared::verdict::VerdictCode;
use provenear_web_ui::element::{all, el};
use provenear_web_ui::text::{card, copy_button};

/// Where the project has its public home; empty as long as it has none, so that no link leads nowhere.
const HOME: &str = "";
/// Installs the helper from a checkout of the project, with Rust at hand.
const INSTALL: &str = "cargo install --locked --path helper";

/// The card; none where there is no verdict.
pub(crate) fn next(report: &Report) -> Option<AnyView> {
    let verdict = report.verdict.as_ref()?;
    let mut steps: Vec<AnyView> = Vec::new();
    match verdict.code {
        VerdictCode::Reproduced => {
            steps.push(paragraph("Read the source at that commit: that it is public does not make it good."));
            steps.extend(helper(report));
        }
        VerdictCode::ReproducedUnvetted => {
            steps.push(paragraph(
                "Decide whether the reservations above matter to you, or ask somebody else for a rebuild without them.",
            ));
            steps.extend(ask(report));
            steps.extend(helper(report));
        }
        VerdictCode::ReproducedUnclaimed => {
            steps.push(paragraph(
                "Ask the author to let the contract claim this build, so that everybody can check it.",
            ));
            steps.push(letter("tell-author", "A message to the author", tell(report)));
        }
        VerdictCode::NotRebuilt => {
            steps.push(paragraph("Ask somebody whom you trust for a rebuild, or make one yourself."));
            steps.extend(ask(report));
            steps.extend(helper(report));
        }
        VerdictCode::NotRebuildable => {
            steps.push(paragraph(
                "Only the author can change that. Until then, this code cannot be checked against a source.",
            ));
            steps.push(letter("tell-author", "A message to the author", tell(report)));
        }
        VerdictCode::Differs => {
            steps.push(paragraph("Do not rely on this contract until its author has explained the difference."));
            steps.extend(compare(report));
            steps.push(letter("tell-author", "A message to the author", tell(report)));
        }
        VerdictCode::NoContract => {
            let again = el("a").attr("href", "#/").text("Look up another account").end();
            steps.push(el("p").child(again).text(". This one runs no code.").end());
        }
    }
    Some(card("next", "What next", all(steps)))
}

fn paragraph(text: &str) -> AnyView {
    el("p").text(text).end()
}

/// A text to be sent as it stands.
fn letter(action: &'static str, title: &str, text: String) -> AnyView {
    // Much of it is what somebody else wrote.
    let text = make_printable(&text);
    let shown = el("pre").attr("dir", "auto").attr("tabindex", "0").attr("role", "region").attr("aria-label", title);
    el("details")
        .attr("data-next", action)
        .child(el("summary").text(title).end())
        .child(shown.text(&text).end())
        .child(el("p").class("actions").child(copy_button(text, "the text above")).end())
        .end()
}

/// How to come by the helper.
fn helper(report: &Report) -> Option<AnyView> {
    report.recipe.as_ref()?;
    let (from, line) = match HOME {
        "" => ("In a checkout of Provenear, with Rust:", INSTALL.to_owned()),
        home => ("With Rust:", format!("cargo install --locked --git {home} provenear-helper")),
    };
    let command = el("p")
        .class("command")
        .child(el("code").text(&line).end())
        .child(copy_button(line, "the command that gets the helper"));
    let body = el("details")
        .attr("data-next", "helper")
        .child(el("summary").text("Get the helper, which rebuilds on your own machine").end())
        .child(el("p").text(from).end())
        .child(command.end());
    Some(body.end())
}

/// A request to whoever rebuilds.
fn ask(report: &Report) -> Option<AnyView> {
    let recipe = report.recipe.as_ref()?;
    let image = format!("{}@{}", recipe.image.name, recipe.image.digest);
    let text = format!(
        "Please rebuild this NEAR contract and publish a signed manifest.\n\n{}Repository: {}\nCommit: {}\nImage: {image}\n\
         Command: {}\n",
        subject(report),
        recipe.source.url,
        recipe.source.commit,
        super::command::line(report)?
    );
    Some(letter("ask", "A request for a rebuild", text))
}

/// What an author would have to change, or to explain.
fn tell(report: &Report) -> String {
    let about = subject(report);
    let gaps: String =
        report.gaps.iter().map(|gap| format!("- {}.\n", capitalize(gap.message.replace('`', "\"")))).collect();
    // Its sentence has names that only this reader knows.
    let verdict = report.verdict.as_ref().map(|verdict| verdict.headline.clone()).unwrap_or_default();
    let what = if gaps.is_empty() {
        format!("{}.\n", capitalize(verdict))
    } else {
        format!(
            "It cannot be rebuilt from what it says about its build (NEP-330). To make it rebuildable, this must change:\n{gaps}"
        )
    };
    format!("I tried to check your NEAR contract against its source.\n\n{about}\n{what}")
}

/// Compare, with this code on one side.
fn compare(report: &Report) -> Option<AnyView> {
    let link = match (&report.deployment, &report.code) {
        (Some(at), _) => format!("#/compare?a={}/{}%40{}", at.network.chain_id(), at.account_id, at.block_height),
        (None, Some(code)) if report.subject.kind == SubjectKind::CodeHash => {
            format!("#/compare?a=code/{}", code.code_hash.to_base58())
        }
        (None, _) => return None,
    };
    let link = el("a").attr("href", &link).text("Compare this code with what the rebuild gave").end();
    let what = ": the helper leaves that beside the manifest, and rebuilders can send it to you.";
    Some(el("p").attr("data-next", "compare").child(link).text(what).end())
}

/// Account and code, a line each.
fn subject(report: &Report) -> String {
    let account = report.deployment.as_ref().map(|deployment| {
        let (account, network) = (&deployment.account_id, deployment.network.chain_id());
        format!("Account: {account} ({network}, block {})\n", deployment.block_height)
    });
    let code = report.code.as_ref().map(|code| format!("Code hash: {}\n", code.code_hash.to_base58()));
    account.into_iter().chain(code).collect()
}
