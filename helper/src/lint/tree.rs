//! Files that have no place in a source, or that readers are told of. Not here: what git says of them (`git`).

use provenear_shared::finding::FindingCode;
use provenear_shared::text::Shown;

use super::finding::{Findings, Place};
use super::project::Project;

/// What is in the tree.
pub fn examine(project: &Project, findings: &mut Findings) {
    let facts = &project.facts;
    let of_git = |paths: &[String]| paths.iter().filter(|path| project.is_tracked(path)).cloned().collect::<Vec<_>>();
    let mut several = |code: FindingCode, paths: &[String], what: (&str, &str)| {
        let Some((first, rest)) = paths.split_first() else { return };
        let message = match rest.len() {
            0 => format!("`{}` is {}", Shown(first), what.0),
            more => format!("`{}` and {more} more are {}", Shown(first), what.1),
        };
        findings.add(code, Place::file(first), message);
    };
    several(FindingCode::PrebuiltWasmInTree, &of_git(&facts.wasm), ("a wasm module", "wasm modules"));
    several(FindingCode::BuildOutputInTree, &of_git(&facts.build_output), ("build output", "build output"));
    let unread: Vec<String> = facts.unread.iter().cloned().collect();
    several(FindingCode::NotExamined, &unread, ("too large, or not text", "too large, or not text"));
    several(FindingCode::SubmoduleNotExamined, &facts.submodules, ("a submodule", "submodules"));
    let broken = project.manifests.iter().filter(|(_, manifest)| manifest.is_empty()).filter_map(|(folder, _)| {
        let path = crate::source::paths::join(folder, "Cargo.toml");
        let text = facts.kept.get(&path)?;
        toml::from_str::<toml::Table>(text).is_err().then_some(path)
    });
    several(FindingCode::NotExamined, &broken.collect::<Vec<_>>(), ("not a manifest", "not manifests"));
}
