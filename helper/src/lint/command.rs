//! The build command of a section, and the variables that are passed to it. Not here: which options are customary
//! (`shared::customary`).

use provenear_shared::customary::{chooses_programs, is_customary, secrets};
use provenear_shared::finding::FindingCode;
use provenear_shared::text::Shown;

use super::contract::Contract;
use super::finding::Findings;
use super::fix::Change;
use super::image::Image;
use super::section::Section;

/// The key of the command.
const COMMAND: &str = "container_build_command";
/// The key of the variables.
const PASSED: &str = "passed_env";

/// What is wrong with the command of a section.
pub fn examine(contract: &Contract<'_>, section: &Section, image: Option<&Image>, findings: &mut Findings) {
    let name = contract.name();
    passed(contract, section, findings);
    let Some(command) = &section.command else { return };
    let place = || section.place(contract, COMMAND);
    let manifest = contract.manifest_path();
    let keys = section.keys(COMMAND);
    let is_odd = |word: &&String| word.chars().any(|it| !it.is_ascii() || it.is_ascii_control());
    if command.first().is_none_or(String::is_empty) {
        findings.about(&name, FindingCode::CommandMalformed, place(), "the build command is empty", None);
        return;
    }
    if let Some(word) = command.iter().find(is_odd) {
        let message = format!("`{}` of the build command is not printable ASCII", Shown(word));
        findings.about(&name, FindingCode::CommandMalformed, place(), message, None);
    }
    let is_cargo_near =
        command.first().is_some_and(|it| it == "cargo") && command.get(1).is_some_and(|it| it == "near");
    let has = |option: &str| command.iter().any(|word| word == option);
    if is_cargo_near && has("--no-locked") {
        let change = Change::replace_word(&manifest, &keys, "--no-locked", (!has("--locked")).then_some("--locked"));
        let message = "the build command has `--no-locked`";
        findings.about(&name, FindingCode::CommandNoLocked, place(), message, Some(change));
    } else if is_cargo_near && !has("--locked") && takes_locked(command, image) {
        let change = Change::append_word(&manifest, &keys, "--locked");
        findings.about(
            &name,
            FindingCode::CommandNotLocked,
            place(),
            "the build command does not have `--locked`",
            Some(change),
        );
    }
    if is_cargo_near && has("--manifest-path") {
        let message = "the build command has `--manifest-path`";
        findings.about(&name, FindingCode::CommandManifestPath, place(), message, None);
    } else if !is_customary(command) && !has("--no-locked") {
        let shown = shell_words::join(command);
        let message = format!("`{}` is not cargo-near's usual command", Shown(&shown));
        findings.about(&name, FindingCode::CustomBuildCommand, place(), message, None);
    }
    if is_cargo_near && let Some(option) = ["--no-abi", "--no-embed-abi"].into_iter().find(|option| has(option)) {
        let message = format!("the build command has `{option}`");
        findings.about(&name, FindingCode::AbiNotEmbedded, place(), message, None);
    }
}

/// Whether cargo-near of the image knows the option: before 0.13 it is what it does without it.
fn takes_locked(command: &[String], image: Option<&Image>) -> bool {
    let by_image = image.and_then(|image| image.versions.as_ref()).map(|versions| versions.takes_command());
    by_image.unwrap_or_else(|| command.iter().any(|word| word == "non-reproducible-wasm"))
}

fn passed(contract: &Contract<'_>, section: &Section, findings: &mut Findings) {
    let name = contract.name();
    if section.passed_env.is_empty() {
        return;
    }
    let place = section.place(contract, PASSED);
    for variable in &section.passed_env {
        // By its name alone: the value is not known yet.
        let setting = ["--env".to_owned(), format!("{variable}=x")];
        let shown = Shown(variable);
        let (code, message) = if !secrets(&setting).is_empty() {
            (FindingCode::PassedEnvSecret, format!("`{shown}` looks like a secret, and its value would become public"))
        } else if chooses_programs(variable) {
            (FindingCode::CustomBuildCommand, format!("`{shown}` chooses which programs run in the build"))
        } else {
            (FindingCode::PassedEnv, format!("the value of `{shown}` at your build would become part of the claim"))
        };
        findings.about(&name, code, place.clone(), message, None);
    }
}
