//! What a node links, by near-vm-runner's own list of host functions. It is read out of its source: the feature that would tell
//! by running brings wasmtime along, and half an hour of compiling.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, ensure};
use near_parameters::vm::Config;
use provenear_shared::wasm::Module;
use provenear_shared::wasm::node::host_functions;

/// The host functions of one protocol version, each with its type as `provenear_shared::wasm::node` spells it.
pub(crate) struct Linked(BTreeMap<String, String>);

impl Linked {
    /// Reads the list, without what only test networks have.
    pub(crate) fn read(config: &Config) -> Result<Linked> {
        let source = fs::read_to_string(source()?).context("failed to read near-vm-runner's list of host functions")?;
        let (_, list) =
            source.split_once("\nimports! {\n").context("near-vm-runner lists its host functions otherwise")?;
        let (list, _) = list.split_once("\n}\n").context("the list has no end")?;
        let lines = list.lines().map(|line| line.split("//").next().unwrap_or_default());
        let text: String = lines.flat_map(str::chars).filter(|it| !it.is_whitespace()).collect();
        let enabled = format!("{config:?}");
        let mut functions = BTreeMap::new();
        for entry in text.split(">,").filter(|entry| !entry.is_empty()) {
            let (condition, entry) = match entry.strip_prefix("#[").and_then(|rest| rest.split_once(']')) {
                Some((condition, rest)) => (Some(condition), rest),
                None => (None, entry),
            };
            let is_enabled = match condition {
                Some(feature) if feature.starts_with('[') => false,
                Some(field) => enabled.contains(&format!("{field}: true")),
                None => true,
            };
            if !is_enabled || entry.starts_with("@in") {
                continue;
            }
            let (name, rest) = entry.split_once("<[").context("a host function without a type")?;
            let name = name.strip_prefix("@as").and_then(|rest| rest.split_once(':')).map_or(name, |(known, _)| known);
            let (takes, gives) = rest.split_once("]->[").context("a host function without a result")?;
            let gives = letters(gives.trim_end_matches(']'));
            let gives = if gives.is_empty() { gives } else { format!(">{gives}") };
            functions.insert(name.to_owned(), letters(takes) + &gives);
        }
        ensure!(functions.len() > 80, "only {} host functions were read", functions.len());
        Ok(Linked(functions))
    }

    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    /// Where our table says something else.
    pub(crate) fn differences(&self) -> Vec<String> {
        let ours: BTreeMap<&str, &str> = host_functions().collect();
        let missing = self.0.iter().filter(|(name, ty)| ours.get(name.as_str()) != Some(&ty.as_str()));
        let invented = ours.iter().filter(|(name, _)| !self.0.contains_key(**name));
        missing
            .map(|(name, ty)| format!("`{name}` is `{ty}` on the node"))
            .chain(invented.map(|(name, _)| format!("`{name}` is not on the node")))
            .collect()
    }

    /// Whether a node gives all that the module imports.
    pub(crate) fn takes(&self, bytes: &[u8]) -> bool {
        let Ok(module) = Module::parse(bytes) else { return true };
        (0..).zip(module.imported_functions()).all(|(index, import)| {
            let Some(ty) = module.type_of_function(index) else { return false };
            let letters = |types: &[_]| types.iter().map(|ty| letter(&format!("{ty}"))).collect::<String>();
            let gives = ty.results().iter().map(|ty| format!(">{}", letter(&ty.to_string())));
            self.0.get(import.name) == Some(&(letters(ty.params()) + &gives.collect::<String>()))
        })
    }
}

fn letters(list: &str) -> String {
    list.split(',').filter_map(|item| item.rsplit(':').next()).filter(|ty| !ty.is_empty()).map(letter).collect()
}

fn letter(ty: &str) -> char {
    match ty {
        "u64" | "i64" => 'I',
        "u32" | "i32" => 'i',
        _ => '?',
    }
}

fn source() -> Result<std::path::PathBuf> {
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(["metadata", "--format-version", "1", "--locked", "--features", "node", "--manifest-path"]);
    let asked = cargo.arg(concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml")).output()?;
    let metadata: serde_json::Value = serde_json::from_slice(&asked.stdout).context("cargo did not answer")?;
    let packages = metadata["packages"].as_array().context("cargo names no packages")?;
    let runner = packages.iter().find(|package| package["name"] == "near-vm-runner");
    let manifest =
        runner.and_then(|package| package["manifest_path"].as_str()).context("near-vm-runner is not there")?;
    Ok(Path::new(manifest).with_file_name("src").join("imports.rs"))
}
