//! Scenarios: what `inspect` answers to the evidence in the body (see `provenear_tests::scenario`). `expect` is the
//! verdict's code or, where we could not look, the error's; lists are complete and in order.

use provenear_shared::Report;
use provenear_shared::deployment::EndpointOutcome;
use provenear_shared::digest::Sha256Digest;
use provenear_shared::inspection::{Inspection, Subject};
use provenear_shared::manifest::{Rejection, Relation};
use provenear_shared::near::Network;
use provenear_shared::report::ManifestReport;
use provenear_tests::notary::Notary;
use provenear_tests::scenario::Scenario;
use provenear_tests::vector::{Vector, same};

pub(crate) const HEADERS: &[&str] = &["expect", "exit", "gap", "notice", "line", "keys", "dissent", "authority", "store", "says", "warns", "chain", "headline", "contract", "keys-said", "replacement", "accused", "holder", "holder-said"];

pub(crate) fn check(vector: &Vector) -> Result<(), String> {
    let inspection = Scenario::parse(&vector.text()?)?.inspect()?;
    let lines: Vec<&str> = inspection
        .lines
        .iter()
        .map(|line| match (&line.opened, line.relation) {
            (Ok(_), Some(relation)) => relation.code(),
            (Ok(_), None) => "accepted",
            (Err(rejection), _) => rejection.code(),
        })
        .collect();
    same("the list of lines", &lines.join(" "), &vector.headers("line").join(" "))?;
    let notices: Vec<&str> = inspection.notices.iter().map(|notice| notice.code().code()).collect();
    let mut expected = vector.headers("notice");
    let (mut found, _) = (notices, expected.sort_unstable());
    found.sort_unstable();
    same("the list of notices", &found.join(" "), &expected.join(" "))?;
    let messages: Vec<String> = inspection.notices.iter().map(ToString::to_string).collect();
    if let Some(part) = vector.headers("warns").iter().find(|part| !messages.iter().any(|it| it.contains(*part))) {
        return Err(format!("no notice of {messages:?} says `{part}`"));
    }
    let authorities: Vec<&str> = inspection.lines.iter().filter_map(|line| line.authority.map(|it| it.code())).collect();
    same("the list of authorities", &authorities.join(" "), &vector.headers("authority").join(" "))?;

    let chain = provenear_shared::chain::chain(&inspection).unwrap_or_default();
    let steps: Vec<String> =
        chain.iter().map(|step| format!("{}={}", step.name.code(), step.state.code())).collect();
    same("the chain", &steps.join(" "), &vector.headers("chain").join(" "))?;
    let headline = inspection.outcome().map(|verdict| verdict.headline(inspection.moment())).unwrap_or_default();
    #[cfg(not(target_arch = "wasm32"))]
    if !headline.is_empty() {
        vector.record("headline", &headline)?;
    }
    same("the headline", &headline, &vector.headers("headline").join(" "))?;
    let stores: Vec<String> = inspection
        .stores
        .iter()
        .map(|store| {
            let cut = if store.is_cut { " cut" } else { "" };
            format!("{} {}{cut}", store.state.code(), store.lines)
        })
        .collect();
    if !vector.headers("store").is_empty() || stores.len() > 1 {
        same("the list of stores", &stores.join(", "), &vector.headers("store").join(", "))?;
    }

    // Each endpoint that does not agree, with the code of what is said of it.
    let refused = |it: &EndpointOutcome| it.error.as_ref().map(|error| format!("{} {}", it.host, error.code().code()));
    let accused: Vec<String> = inspection.endpoints.iter().filter(|it| !it.agrees).filter_map(refused).collect();
    if !vector.headers("accused").is_empty() {
        same("the list of accused", &accused.join(", "), &vector.headers("accused").join(", "))?;
    }
    said(vector, &inspection)?;
    let expect = vector.header("expect")?;
    let text = match inspection.outcome() {
        Err(error) => {
            same("the error", error.code().code(), expect)?;
            error.to_string()
        }
        Ok(verdict) => {
            same("the verdict", verdict.code().code(), expect)?;
            same("the exit code", &verdict.exit_code().to_string(), vector.header("exit")?)?;
            let names = |witnesses: &[provenear_shared::verdict::Witness]| {
                witnesses.iter().map(|witness| witness.name.as_str()).collect::<Vec<_>>().join(" ")
            };
            let (keys, dissent) = verdict.backing().map_or_else(Default::default, |it| (names(&it.keys), names(&it.dissent)));
            same("the list of keys", &keys, &vector.headers("keys").join(" "))?;
            same("the list of dissenters", &dissent, &vector.headers("dissent").join(" "))?;
            let gaps = inspection.read().and_then(|read| read.recipe.as_ref().err()).map(Vec::as_slice).unwrap_or_default();
            let gaps: Vec<&str> = gaps.iter().map(|gap| gap.code().code()).collect();
            same("the list of gaps", &gaps.join(" "), &vector.headers("gap").join(" "))?;
            verdict.to_string()
        }
    };
    match vector.headers("says").iter().find(|part| !text.contains(*part)) {
        Some(part) => Err(format!("`{text}` does not say `{part}`")),
        None => Ok(()),
    }
}

/// What the report says of the account: `contract` (kind and words), `keys-said` and `replacement`, where a vector asks.
fn said(vector: &Vector, inspection: &Inspection) -> Result<(), String> {
    let subject = Subject::CodeHash(Sha256Digest::of(b""));
    let mut report = Report::of(inspection, &subject, &Network::mainnet());
    report.fill_words();
    let written = serde_json::to_string(&report).map_err(|error| error.to_string())?;
    let read: Report = serde_json::from_slice(written.as_bytes()).map_err(|error| format!("{error} in {written}"))?;
    if read != report {
        return Err(format!("the report is read back as {read:?}"));
    }
    let contract = report.deployment.as_ref().map(|it| format!("{}: {}", it.contract.kind.code(), it.contract.message.clone().unwrap()));
    let changeable = report.changeable;
    held(vector, &report.manifests)?;
    let keys = changeable.as_ref().and_then(|it| it.keys_message.clone());
    for (name, said) in [("contract", contract), ("keys-said", keys), ("replacement", changeable.and_then(|it| it.message))] {
        if let Some(expected) = vector.headers(name).first() {
            same(&format!("what is said of `{name}`"), &said.unwrap_or_default(), expected)?;
        }
    }
    Ok(())
}

/// What strangers say, in order: `holder` is who, how it stands to the claim and when it ended; `holder-said` is part of
/// the sentence. Whoever is not one leaves neither a key nor a name.
fn held(vector: &Vector, manifests: &[ManifestReport]) -> Result<(), String> {
    let (mut holders, mut said) = (Vec::new(), String::new());
    for manifest in manifests {
        let is_named = manifest.key.is_some() || manifest.name.is_some() || manifest.artifact.is_some();
        if is_named != manifest.accepted {
            return Err(format!("a line that does not count has a key: {manifest:?}"));
        }
        let is_untrusted = manifest.rejection.as_ref().is_some_and(|it| it.code == Rejection::KeyUntrusted);
        if is_untrusted != manifest.holder.is_some() {
            return Err(format!("a line has a holder and another rejection: {manifest:?}"));
        }
        let Some(holder) = &manifest.holder else { continue };
        let who = ["alice", "bob", "mallory"].into_iter().find(|name| Notary::named(name).public_key() == holder.key);
        let relation = holder.relation.map_or("unread", Relation::code);
        holders.push(format!("{} {relation} {}", who.unwrap_or("nobody"), holder.finished_on));
        said += &format!("{}\n", holder.message.as_ref().ok_or("a holder without a sentence")?);
    }
    same("the list of holders", &holders.join(", "), &vector.headers("holder").join(", "))?;
    match vector.headers("holder-said").iter().find(|part| !said.contains(*part)) {
        Some(part) => Err(format!("`{said}` does not say `{part}`")),
        None => Ok(()),
    }
}
