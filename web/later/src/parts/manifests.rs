//! Every line of every manifest, the ones that do not count included, each with its reason.

use leptos::prelude::*;
use provenear_shared::Report;
use provenear_shared::digest::{Hex, Oci};
use provenear_shared::inspection::{Authority, ManifestOrigin};
use provenear_shared::key::PublicKey;
use provenear_shared::manifest::{Rejection, Relation};
use provenear_shared::provenance::Tree;
use provenear_shared::report::{HolderReport, ManifestReport, StoreReport};
use provenear_web_ui::element::{all, el};
use provenear_web_ui::text::{card, row, sentence, value};

use super::hash::hash;
use super::holders::Way;
use super::{holders, intake};
use crate::glossary::{Term, term};

/// The card of manifests, with the ways to bring more.
pub(crate) fn manifests(report: &Report, code: Option<Hex>) -> AnyView {
    let is_chosen = report.verdict.as_ref().is_none_or(|verdict| verdict.trusted > 0);
    let claimed = report.recipe.as_ref().map(|recipe| recipe.image.digest);
    let mut offered: Vec<PublicKey> = Vec::new();
    let items = report.manifests.iter().map(|manifest| match &manifest.holder {
        Some(holder) => {
            let is_new = !offered.contains(&holder.key);
            offered.push(holder.key);
            let way = match (is_chosen, is_new) {
                (true, _) => Way::Settings,
                (false, true) => Way::Here,
                (false, false) => Way::Above,
            };
            let rebuilt = row("Rebuilt", rebuilt(holder.artifact, code));
            let image = holder.image.map(|ran| row("Image", image(ran, claimed)));
            strangers_line(manifest, holder, [rebuilt].into_iter().chain(image).collect(), way)
        }
        None => one(manifest, code, claimed),
    });
    let items = items.collect();
    let none = report.no_manifest().map(|none| el("p").class("quiet").child(sentence(&none)).end());
    let mut body: Vec<AnyView> = vec![term(Term::Manifest, "What is a manifest?")];
    body.extend((!is_chosen).then(|| holders::choosing(report.recipe.is_some())));
    body.extend(none);
    body.push(el("ul").class("manifests").children(items).end());
    body.push(el("ul").class("stores quiet").children(report.stores.iter().map(store).collect()).end());
    body.push(intake::manifest());
    card("manifests", "Signed rebuilds (manifests)", all(body))
}

fn store(store: &StoreReport) -> AnyView {
    el("li")
        .attr("data-store", store.state.code())
        .child(value(store.url.clone()))
        .text(": ")
        .child(sentence(&store.outcome()))
        .end()
}

/// How a line came here.
fn origin(manifest: &ManifestReport) -> &'static str {
    match manifest.source {
        ManifestOrigin::Store => "from a store",
        ManifestOrigin::Url => "from the link",
        ManifestOrigin::File => "given by you",
    }
}

fn strangers_line(manifest: &ManifestReport, holder: &HolderReport, built: Vec<AnyView>, way: Way) -> AnyView {
    let code = manifest.rejection.as_ref().map_or(Rejection::KeyUntrusted, |rejection| rejection.code);
    let settings = || el("a").attr("href", "#/settings").text("Settings").end();
    let know = (way == Way::Settings).then(|| {
        el("p").class("quiet").text("If you know this signer, add their key in ").child(settings()).text(".").end()
    });
    holders::line(manifest, holder, origin(manifest), built, way)
        .class("rejected")
        .attr("data-rejection", code.code())
        .attr("data-holder", &holder.key.to_near())
        .maybe(know)
        .end()
}

fn one(manifest: &ManifestReport, code: Option<Hex>, claimed: Option<Oci>) -> AnyView {
    let from = origin(manifest);
    if let Some(rejection) = &manifest.rejection {
        let says = el("p")
            .child(el("strong").text("Does not count").end())
            .text(&format!(", {from}. "))
            .child(sentence(&rejection.message));
        return el("li").class("rejected").attr("data-rejection", rejection.code.code()).child(says.end()).end();
    }
    let same = manifest.artifact == code;
    let built = match manifest.relation {
        Some(Relation::Claimed) => "rebuilt what the contract claims",
        Some(Relation::ClaimedOtherImage) => "rebuilt what the contract claims, not in the claimed image",
        Some(Relation::ClaimedByNode) => "rebuilt what only a node claims",
        Some(Relation::Unclaimed) | None => "ran a build that the contract does not claim",
    };
    let got = if same { "got this code" } else { "got different code" };
    // Only a rebuild of the claim, in the claimed image, can show a difference.
    let class = match (same, manifest.relation) {
        (true, Some(Relation::Claimed | Relation::ClaimedOtherImage)) => "sound",
        (true, Some(Relation::ClaimedByNode | Relation::Unclaimed) | None) => "weak",
        (false, Some(Relation::Claimed)) => "broken",
        (false, Some(Relation::ClaimedOtherImage | Relation::ClaimedByNode | Relation::Unclaimed) | None) => "beside",
    };
    let authority = manifest.authority.map(|authority| match authority {
        Authority::FullAccess => "a full-access key of",
        Authority::FunctionCall => "a function-call key of",
        Authority::NotAKey => "not a key of",
    });
    let name = manifest.name.clone().unwrap_or_else(|| "A key of yours".to_owned());
    let line = el("p").child(el("strong").child(value(name)).end()).text(&format!(" {built} and {got} ({from})."));
    let listed_by = manifest.authority_from.clone().unwrap_or_default();
    let signer = authority.zip(manifest.signer_account.clone()).map(|(authority, account)| {
        let said = [format!("{authority} ").into_any(), value(account), ", as ".into_any(), value(listed_by.clone())];
        row("Signer", all(said.into_iter().chain([" lists its keys".into_any()]).collect()))
    });
    let rows = el("dl")
        .maybe(manifest.key.map(|key| row("Key", hash(&key.to_near(), "the key"))))
        .maybe(manifest.artifact.map(|artifact| row("Rebuilt", rebuilt(artifact, code))))
        .maybe(
            manifest.source_code_snapshot.as_deref().map(|source| row("Source", built_from(source, manifest.relation))),
        )
        .maybe(manifest.reference.clone().map(|reference| row("Branch or tag", value(reference))))
        .children(images(manifest, claimed))
        .maybe(manifest.image_linux_amd64.map(|image| {
            row("Image for linux/amd64, unverified", hash(&image.to_string(), "the image digest for linux/amd64"))
        }))
        .maybe(manifest.finished_on.clone().map(|time| row("Finished", value(time))))
        .maybe(signer)
        .children(manifest.tree.as_ref().map(tree).unwrap_or_default());
    el("li")
        .class(class)
        .attr("data-accepted", if same { "true" } else { "false" })
        .attr("tabindex", "-1")
        .attr("data-signer", &manifest.key.map(|key| key.to_near()).unwrap_or_default())
        .child(line.end())
        .child(rows.end())
        .end()
}

/// The image that ran, beside the claimed one where that is another.
fn images(manifest: &ManifestReport, claimed: Option<Oci>) -> Vec<AnyView> {
    let other = manifest.relation == Some(Relation::ClaimedOtherImage);
    let Some(digest) = claimed.filter(|_| other) else {
        return manifest.image.map(|ran| row("Image", image(ran, claimed))).into_iter().collect();
    };
    let ran = manifest.image.map(|ran| image(ran, claimed)).unwrap_or_else(|| "an image without a digest".into_any());
    vec![row("Image that ran", ran), row("Claimed image", hash(&digest.to_string(), "the claimed image digest"))]
}

/// What came out of a rebuild, spelled as everywhere; the code of the answer by that name.
pub(crate) fn rebuilt(artifact: Hex, code: Option<Hex>) -> AnyView {
    if code == Some(artifact) {
        return "this code".into_any();
    }
    hash(&artifact.0.to_base58(), "the hash of the rebuilt code")
}

/// What a rebuilder says that they built; the claimed source, which stands above, by that name.
fn built_from(source: &str, relation: Option<Relation>) -> AnyView {
    let is_claimed = relation.is_some_and(Relation::is_of_the_claim);
    if is_claimed { "the claimed one".into_any() } else { value(source.to_owned()) }
}

/// The image that ran; the claimed one, which stands above, by that name.
pub(crate) fn image(ran: Oci, claimed: Option<Oci>) -> AnyView {
    if claimed == Some(ran) { "the claimed one".into_any() } else { hash(&ran.to_string(), "the image digest") }
}

/// What of the source took part in the build. Listed, not judged.
fn tree(tree: &Tree) -> Vec<AnyView> {
    let lists = [
        ("Cargo configuration", &tree.cargo_config),
        ("Build scripts", &tree.build_scripts),
        ("Procedural macros", &tree.proc_macros),
    ];
    let entry = |entry: &String| el("li").child(value(entry.clone())).end();
    let list = |list: &Vec<String>| el("ul").class("plain").children(list.iter().map(entry).collect()).end();
    lists.into_iter().filter(|(_, found)| !found.is_empty()).map(|(name, found)| row(name, list(found))).collect()
}
