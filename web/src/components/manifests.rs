//! Every line of every manifest, the ones that do not count included, each with its reason.

use leptos::prelude::*;
use provenear_shared::report::ManifestReport;

use super::intake;
use super::text::{card, hash, row, sentence, value};

/// The card of manifests, with the ways to bring more.
pub(crate) fn manifests(manifests: &[ManifestReport], code: Option<&str>) -> AnyView {
    let items: Vec<AnyView> = manifests.iter().map(|manifest| one(manifest, code)).collect();
    let none = manifests.is_empty().then(|| view! { <p class="quiet">"None was found in your stores."</p> });
    let body = view! { {none} <ul class="manifests">{items}</ul> {intake::manifest()} };
    card("manifests", "Signed rebuilds", body.into_any())
}

fn one(manifest: &ManifestReport, code: Option<&str>) -> AnyView {
    let from = match manifest.source.as_str() {
        "store" => "from a store",
        "url" => "from the link",
        _ => "given by you",
    };
    if let Some(rejection) = &manifest.rejection {
        let trust = (rejection.code == "key-untrusted").then(|| {
            view! { <p class="quiet">"Keys are trusted in " <a href="#/settings">"settings"</a> " alone."</p> }
        });
        return view! {
            <li class="rejected" data-rejection=rejection.code.clone()>
                <p><strong>"Does not count"</strong> ", " {from} ". " {sentence(&rejection.message)}</p>
                {trust}
            </li>
        }
        .into_any();
    }
    let same = manifest.artifact.as_deref() == code;
    let relation = match manifest.relation.as_deref() {
        Some("claimed") => "the claimed build",
        Some("claimed-other-image") => "the claimed build in another image",
        _ => "a build that the contract does not claim",
    };
    let says = if same { "gives these bytes" } else { "gives other bytes" };
    let authority = match manifest.authority.as_deref() {
        Some("full-access") => Some("a full-access key of"),
        Some("function-call") => Some("a function-call key of"),
        Some("not-a-key") => Some("no key of"),
        Some(_) | None => None,
    };
    view! {
        <li class=if same { "sound" } else { "broken" } data-accepted=same.to_string()>
            <p>
                <strong>{value(manifest.name.clone().unwrap_or_else(|| "A key of yours".to_owned()))}</strong>
                " says: " {relation} " " {says} " (" {from} ")."
            </p>
            <dl>
                {manifest.key.as_deref().map(|key| row("Key", hash(key)))}
                {manifest.artifact.as_deref().map(|artifact| row("Rebuilt", hash(artifact)))}
                {manifest.source_code_snapshot.clone().map(|source| row("Source", value(source)))}
                {manifest.reference.clone().map(|reference| row("Branch or tag", value(reference)))}
                {manifest.image.as_deref().map(|image| row("Image", hash(image)))}
                {manifest.finished_on.clone().map(|time| row("Finished", value(time)))}
                {authority.zip(manifest.signer_account.clone()).map(|(authority, account)| {
                    row("Signer", view! { {authority} " " {value(account)} }.into_any())
                })}
            </dl>
        </li>
    }
    .into_any()
}
