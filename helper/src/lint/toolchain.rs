//! The toolchain file that rustup obeys in the folder of a contract, beside the Rust of the image. Not here: which file that is
//! (`source::facts`).

use provenear_shared::finding::FindingCode;
use provenear_shared::text::Shown;
use toml::Table;

use super::contract::Contract;
use super::finding::Findings;
use super::image::Image;
use crate::source::cargo_config::names_toolchain_by_path;
use crate::source::facts::TOOLCHAIN;
use crate::source::paths::join;
use crate::source::toolchain::{channel, is_exact};

/// What is wrong with the toolchain file of a contract.
pub fn examine(contract: &Contract<'_>, image: Option<&Image>, findings: &mut Findings) {
    let facts = &contract.project.facts;
    let Some(file) = facts.upwards(contract.folder, &TOOLCHAIN).next() else { return };
    let name = TOOLCHAIN
        .into_iter()
        .map(|name| join(file.folder, name))
        .find(|path| facts.kept.contains_key(path) || facts.unread.contains(path) || facts.links.contains(path));
    let Some(path) = name else { return };
    let is_table = file.text.is_some_and(|text| toml::from_str::<Table>(text).is_ok());
    let keys: &[&str] = if is_table { &["toolchain", "channel"] } else { &[] };
    let place = contract.project.at_key(&path, keys);
    let contract_name = contract.name();
    if names_toolchain_by_path(facts, contract.folder) {
        let message = format!("`{}` names a toolchain by its path, or cannot be read", Shown(&path));
        findings.about(&contract_name, FindingCode::ToolchainPath, place, message, None);
        return;
    }
    let Some(channel) = file.text.and_then(channel) else { return };
    let rust = image.and_then(|image| image.versions.as_ref()).map(|versions| versions.rust.to_string());
    let is_same = rust.as_ref() == Some(&channel);
    let shown = Shown(&channel);
    // Without a section there is no image, and nothing to compare with.
    let Some(image) = image else { return };
    if image.is_published {
        if let Some(rust) = rust.filter(|_| !is_same && is_exact(&channel)) {
            let message = format!("`{}` names Rust {shown}, and the image has {rust}", Shown(&path));
            findings.about(&contract_name, FindingCode::ToolchainDiffers, place, message, None);
        }
        return;
    }
    if !is_exact(&channel) {
        let message = format!("`{}` names `{shown}`, which is another compiler from time to time", Shown(&path));
        findings.about(&contract_name, FindingCode::ToolchainNotPinned, place.clone(), message, None);
    }
    if !is_same {
        let message = format!("`{}` names Rust {shown}, and nothing says that the image has it", Shown(&path));
        findings.about(&contract_name, FindingCode::ToolchainOverrides, place, message, None);
    }
}
