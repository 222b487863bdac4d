//! What of a tree runs while its contract is built: build scripts and procedural macros of the packages that the contract
//! is made of, found by reading. Listed, not judged: honest repositories have both.

use provenear_shared::provenance::Tree;
use toml::{Table, Value};

use super::facts::Facts;
use super::reads_git::{scripts, wanted};

/// What a manifest says of the tree that the contract in `folder` was built from.
pub fn tree(facts: &Facts, folder: &str, cargo_config: Vec<String>) -> Tree {
    let wanted = wanted(facts, folder);
    let mut tree = Tree { cargo_config, ..Tree::default() };
    for (place, text) in facts.named("Cargo.toml") {
        let Ok(manifest) = toml::from_str::<Table>(text) else { continue };
        let Some(package) = manifest.get("package") else { continue };
        let name = package.get("name").and_then(Value::as_str).unwrap_or_default();
        if wanted.as_ref().is_some_and(|names| !names.contains(name)) {
            continue;
        }
        tree.build_scripts.extend(scripts(facts, place, package.get("build")));
        let is_macro = |library: &Value| {
            let says = |key: &str| library.get(key).and_then(Value::as_bool) == Some(true);
            let kinds = library.get("crate-type").or_else(|| library.get("crate_type")).and_then(Value::as_array);
            says("proc-macro") || says("proc_macro") || kinds.is_some_and(|kinds| kinds.contains(&"proc-macro".into()))
        };
        if manifest.get("lib").is_some_and(is_macro) {
            tree.proc_macros.push(if place.is_empty() { "." } else { place }.to_owned());
        }
    }
    tree.bounded()
}
