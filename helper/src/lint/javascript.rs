//! Contracts in JavaScript and TypeScript, built by near-sdk-js, which writes no claim into the code: all that can be said is that
//! nobody can check it.

use provenear_shared::finding::FindingCode;
use provenear_shared::text::Shown;
use serde_json::Value;

use super::contract::Names;
use super::finding::{Findings, Place};
use super::place;
use super::project::Project;

/// The library that makes a package a contract.
const SDK: &str = "near-sdk-js";

/// Looks for contracts in the folder that was named; their names and folders.
pub fn examine(project: &Project, names: &mut Names, findings: &mut Findings) -> Vec<(String, String)> {
    let mut contracts = Vec::new();
    for (path, text) in &project.texts {
        let folder = match path.rsplit_once('/') {
            Some((folder, "package.json")) => folder,
            None if path == "package.json" => "",
            Some(_) | None => continue,
        };
        let Ok(package) = serde_json::from_str::<Value>(text) else { continue };
        let depends = package.get("dependencies").and_then(|all| all.get(SDK)).is_some();
        if !project.is_within(folder) || !depends {
            continue;
        }
        let name = names.give(package.get("name").and_then(Value::as_str).unwrap_or("javascript"), folder);
        let place = match text.find(&format!("\"{SDK}\"")) {
            Some(at) => Place::line(path, place::of_offset(text, at)),
            None => Place::file(path),
        };
        let message =
            format!("`{}` is built by near-sdk-js, which does not write how a contract was built", Shown(&name));
        findings.about(&name, FindingCode::LanguageWithoutClaim, place, message, None);
        contracts.push((name, folder.to_owned()));
    }
    contracts
}
