//! The names that a compiler left in a module as the truth about which function is which.

use provenear_shared::wasm::diff::{DiffReport, Status};
use provenear_shared::wasm::{Module, SectionKind};
use std::collections::BTreeMap;
use wasmparser::{BinaryReader, Name, NameSectionReader};

/// The module without its custom sections.
pub(crate) fn stripped(wasm: &[u8]) -> Vec<u8> {
    let module = Module::parse(wasm).unwrap();
    let mut out = b"\0asm\x01\0\0\0".to_vec();
    for section in module.sections().iter().filter(|section| section.kind != SectionKind::Custom) {
        out.push(section.kind.id());
        let content = &wasm[section.content.clone()];
        let mut size = content.len();
        while size >= 0x80 {
            out.push(size as u8 | 0x80);
            size >>= 7;
        }
        out.push(size as u8);
        out.extend_from_slice(content);
    }
    out
}

/// The name of each function, imports counted, without the hash that rustc appends.
pub(crate) fn names(wasm: &[u8]) -> Vec<String> {
    let module = Module::parse(wasm).unwrap();
    let mut names = vec![String::new(); module.imported_function_count() + module.function_count()];
    let section = module.custom_section("name").expect("the names were left in");
    for name in NameSectionReader::new(BinaryReader::new(section, 0)) {
        if let Name::Function(functions) = name.unwrap() {
            for naming in functions {
                let naming = naming.unwrap();
                names[naming.index as usize] = format!("{:#}", rustc_demangle::demangle(naming.name));
            }
        }
    }
    names
}

/// How many pairs are right, by what they rest on. Functions whose name several have, or which is in one module only,
/// say nothing.
#[derive(Debug, Default)]
pub(crate) struct Accuracy {
    /// Exact, moved or relocated, and one name.
    pub(crate) matched_right: usize,
    /// Exact, moved or relocated, and two names.
    pub(crate) matched_wrong: Vec<(String, String)>,
    /// Changed, and one name.
    pub(crate) changed_right: usize,
    /// Changed, and two names.
    pub(crate) changed_wrong: Vec<(String, String)>,
    /// Guessed, and one name.
    pub(crate) guessed_right: usize,
    /// Guessed, and two names.
    pub(crate) guessed_wrong: usize,
    /// Called added or removed although the other module has one of that name.
    pub(crate) missed: Vec<String>,
}

impl Accuracy {
    pub(crate) fn of(report: &DiffReport, names_a: &[String], names_b: &[String]) -> Accuracy {
        let (count_a, count_b) = (counts(names_a), counts(names_b));
        let single = |name: &str| count_a.get(name) == Some(&1) && count_b.get(name) == Some(&1);
        let mut accuracy = Accuracy::default();
        for pair in &report.pairs {
            let name_a = pair.a.map(|index| names_a[index as usize].as_str());
            let name_b = pair.b.map(|index| names_b[index as usize].as_str());
            let (Some(a), Some(b)) = (name_a, name_b) else {
                accuracy.missed.extend(name_a.or(name_b).filter(|name| single(name)).map(str::to_owned));
                continue;
            };
            if !single(a) && !single(b) {
                continue;
            }
            let wrong = || (a.to_owned(), b.to_owned());
            match (pair.status, a == b) {
                (Status::Exact | Status::Moved | Status::Relocated, true) => accuracy.matched_right += 1,
                (Status::Exact | Status::Moved | Status::Relocated, false) => accuracy.matched_wrong.push(wrong()),
                (Status::Changed, true) => accuracy.changed_right += 1,
                (Status::Changed, false) => accuracy.changed_wrong.push(wrong()),
                (Status::Guess, true) => accuracy.guessed_right += 1,
                (Status::Guess, false) => accuracy.guessed_wrong += 1,
                (Status::Added | Status::Removed, _) => unreachable!("neither has two sides"),
            }
        }
        accuracy
    }
}

fn counts(names: &[String]) -> BTreeMap<&str, usize> {
    let mut counts = BTreeMap::new();
    for name in names {
        *counts.entry(name.as_str()).or_default() += 1;
    }
    counts
}

/// How many of `names` are not among `others`, each name as often as it stands.
pub(crate) fn only_in(names: &[String], others: &[String]) -> usize {
    let others = counts(others);
    counts(names)
        .into_iter()
        .map(|(name, count)| count.saturating_sub(others.get(name).copied().unwrap_or_default()))
        .sum()
}
