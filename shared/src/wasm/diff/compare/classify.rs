//! The rung of the ladder, and the parts of a report that need no alignment: sections, imports, exports, limits, texts.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use wasmparser::{ExternalKind, TypeRef};

use super::context::Context;
use super::data::Compared;
use super::literals::Literals;
use super::report::{Class, DataChange, DataKind, DiffReport, ItemChange, ItemKind, SectionChange, Status};
use super::verify::Both;
use crate::wasm::memory_image::constant;
use crate::wasm::{Module, Section, SectionKind};

/// Share of equal code, in bytes, under which two modules may be called unrelated.
const UNRELATED_CODE: f64 = 0.5;
/// Share of common exports under which they are.
const UNRELATED_EXPORTS: f64 = 0.34;
/// Longest text of a piece of data, and how much of what is equal stands before the difference.
const MAX_TEXT: usize = 200;
const MAX_BEFORE: u64 = 48;

/// Every section of either module.
pub(super) fn sections(a: &Module, b: &Module) -> Vec<SectionChange> {
    let (of_a, of_b) = (sections_by_name(a), sections_by_name(b));
    let mut changes: Vec<(usize, SectionChange)> = Vec::new();
    for (key, (at, section)) in &of_a {
        let other = of_b.get(key).map(|(_, section)| *section);
        changes.push((
            *at,
            SectionChange {
                name: key.0.clone(),
                a: Some(section.content.len()),
                b: other.map(|section| section.content.len()),
                same: other.is_some_and(|other| a.bytes()[section.content.clone()] == b.bytes()[other.content.clone()]),
            },
        ));
    }
    for (key, (at, section)) in of_b.iter().filter(|(key, _)| !of_a.contains_key(key)) {
        let size = Some(section.content.len());
        changes.push((a.sections().len() + at, SectionChange { name: key.0.clone(), a: None, b: size, same: false }));
    }
    changes.sort_by_key(|(at, _)| *at);
    changes.into_iter().map(|(_, change)| change).collect()
}

/// Sections by name and how often that name stood before, with their place in the file.
fn sections_by_name<'m>(module: &'m Module) -> BTreeMap<(String, usize), (usize, &'m Section)> {
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    let keyed = module.sections().iter().enumerate().map(|(at, section)| {
        let name = match &section.custom_name {
            Some(name) => format!("custom {name}"),
            None => section.kind.name().to_owned(),
        };
        let count = seen.entry(name.clone()).or_default();
        *count += 1;
        ((name, *count), (at, section))
    });
    keyed.collect()
}

/// Imports, exports and limits that differ.
pub(super) fn items(a: &Context, b: &Context) -> Vec<ItemChange> {
    let (mut of_a, of_b) = (describe_items(a), describe_items(b));
    let mut changes = Vec::new();
    for ((kind, name), in_b) in of_b {
        match of_a.remove(&(kind, name.clone())) {
            Some(in_a) if in_a == in_b => {}
            in_a => changes.push(ItemChange { kind, a: in_a, b: Some(in_b) }),
        }
    }
    changes.extend(of_a.into_iter().map(|((kind, _), in_a)| ItemChange { kind, a: Some(in_a), b: None }));
    changes
}

/// Text of each import, export and limit, by kind and name.
fn describe_items(context: &Context) -> BTreeMap<(ItemKind, String), String> {
    let module = context.module;
    let mut found = BTreeMap::new();
    for import in module.imports() {
        let name = format!("{}.{}", import.module, import.name);
        let ty = match import.ty {
            TypeRef::Func(ty) | TypeRef::FuncExact(ty) => context.type_text(ty),
            TypeRef::Table(_) => "(table)".to_owned(),
            TypeRef::Memory(_) => "(memory)".to_owned(),
            TypeRef::Global(ty) => format!("(global {})", ty.content_type),
            TypeRef::Tag(_) => "(tag)".to_owned(),
        };
        found.insert((ItemKind::Import, name.clone()), format!("{name} {ty}"));
    }
    for export in module.exports() {
        let kind = match export.kind {
            ExternalKind::Func | ExternalKind::FuncExact => "func",
            ExternalKind::Table => "table",
            ExternalKind::Memory => "memory",
            ExternalKind::Global => "global",
            ExternalKind::Tag => "tag",
        };
        found.insert((ItemKind::Export, export.name.to_owned()), format!("{} ({kind})", export.name));
    }
    for (at, memory) in module.memories().iter().enumerate() {
        let maximum = memory.maximum.map_or_else(|| "none".to_owned(), |pages| pages.to_string());
        found.insert(
            (ItemKind::Memory, at.to_string()),
            format!("maximum {maximum}, shared {}, 64-bit {}", memory.shared, memory.memory64),
        );
    }
    // The value of a global that is an address moves with the data; only how many there are is compared then.
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    for global in module.globals() {
        let value = match constant(module, &global.init_expr) {
            Some(value) if context.is_address(u64::from(value as u32)) => "an address".to_owned(),
            Some(value) => value.to_string(),
            None => "another expression".to_owned(),
        };
        let mutable = if global.ty.mutable { "mutable " } else { "" };
        let text = format!("{mutable}{} = {value}", global.ty.content_type);
        let count = seen.entry(text.clone()).or_default();
        *count += 1;
        found.insert((ItemKind::Global, format!("{text} {count}")), text);
    }
    if let Some(start) = module.start() {
        found.insert((ItemKind::Start, String::new()), format!("a start function of type {}", context.ty(start)));
    }
    found
}

/// The pieces of data that differ, with what they are.
pub(super) fn data(both: &Both, compared: &Compared) -> Vec<DataChange> {
    let changes = compared.differences.iter().map(|difference| {
        let kind = [both.literals_a, both.literals_b].map(Literals::ranges).into_iter();
        let places = [&difference.a, &difference.b];
        let mut inside = [true, true];
        for (ranges, place) in kind.zip(places) {
            for (range, inside) in ranges.zip(&mut inside) {
                *inside &= place.as_ref().is_none_or(|place| range.is_some_and(|range| range.contains(&place.start)));
            }
        }
        let before = difference.before.min(MAX_BEFORE);
        let text =
            |context: &Context, range: &Range<u64>| (range.start, text(context, &(range.start - before..range.end)));
        DataChange {
            kind: match inside {
                [true, _] => DataKind::Claim,
                [false, true] => DataKind::Abi,
                [false, false] => DataKind::Data,
            },
            a: difference.a.as_ref().map(|range| text(both.a, range)),
            b: difference.b.as_ref().map(|range| text(both.b, range)),
        }
    });
    changes.collect()
}

fn text(context: &Context, range: &Range<u64>) -> String {
    let bytes = context.data_at(range.start);
    let size = usize::try_from(range.end - range.start).unwrap_or(MAX_TEXT).min(MAX_TEXT).min(bytes.len());
    bytes[..size].iter().map(|byte| if (b' '..=b'~').contains(byte) { char::from(*byte) } else { '.' }).collect()
}

/// The rung.
pub(super) fn class(both: &Both, report: &DiffReport) -> Class {
    let (a, b) = (both.a.module, both.b.module);
    if a.bytes() == b.bytes() {
        return Class::Identical;
    }
    fn standard<'a>(module: &'a Module) -> impl Iterator<Item = (SectionKind, &'a [u8])> {
        let sections = module.sections().iter().filter(|section| section.kind != SectionKind::Custom);
        sections.map(|section| (section.kind, &module.bytes()[section.content.clone()]))
    }
    if standard(a).eq(standard(b)) {
        return Class::CustomSections;
    }
    let counts = &report.counts;
    if counts.changed + counts.guessed + counts.added + counts.removed == 0 && report.items.is_empty() {
        return if report.data.is_empty() {
            Class::Relocated
        } else if report.data.iter().all(|change| change.kind != DataKind::Data) {
            Class::Metadata
        } else {
            Class::Data
        };
    }
    if matched_share(both, report) < UNRELATED_CODE && export_share(a, b) < UNRELATED_EXPORTS {
        Class::Unrelated
    } else {
        Class::Functions
    }
}

/// Share of the code of both modules, in bytes, that is the same.
fn matched_share(both: &Both, report: &DiffReport) -> f64 {
    let size = |context: &Context, index: Option<u32>| {
        index.map_or(0, |index| context.body((index - context.imported) as usize).as_bytes().len())
    };
    let (mut matched, mut total) = (0, 0);
    for pair in &report.pairs {
        let size = size(both.a, pair.a) + size(both.b, pair.b);
        total += size;
        if matches!(pair.status, Status::Exact | Status::Moved | Status::Relocated) {
            matched += size;
        }
    }
    if total == 0 { 0.0 } else { matched as f64 / total as f64 }
}

/// Share of the exported functions of both modules that both have.
fn export_share(a: &Module, b: &Module) -> f64 {
    let names = |module: &Module| -> BTreeSet<String> {
        let exports = module.exports().iter().filter(|export| export.kind == ExternalKind::Func);
        exports.map(|export| export.name.to_owned()).collect()
    };
    let (a, b) = (names(a), names(b));
    a.intersection(&b).count() as f64 / a.union(&b).count().max(1) as f64
}

/// One sentence on a report.
pub(super) fn message(report: &DiffReport) -> String {
    let counts = &report.counts;
    match report.class {
        Class::Identical => "the modules are identical".to_owned(),
        Class::CustomSections => "only custom sections differ, which do nothing when the module runs".to_owned(),
        Class::Metadata => "only the embedded claim or ABI differs".to_owned(),
        Class::Data => "only data differs; every function is the same".to_owned(),
        Class::Relocated => "the same functions and data, at other places".to_owned(),
        Class::Functions => {
            let mut text = format!(
                "functions: `{}` changed, `{}` added, `{}` removed",
                counts.changed, counts.added, counts.removed
            );
            if counts.guessed > 0 {
                text.push_str(&format!(", `{}` paired by a guess", counts.guessed));
            }
            let imports = report.items.iter().filter(|item| item.kind == ItemKind::Import && item.a.is_none()).count();
            if imports > 0 {
                text.push_str(&format!("; `{imports}` host functions are newly imported"));
            }
            text
        }
        Class::Unrelated => format!("another program: `{}` of its functions are the same ones", counts.matched),
    }
}
