//! A module's bytes again, with the node's limits written into its memory and table, and nothing in it that
//! two processors may compute differently.

use wasmparser::BinaryReader;

use super::super::node::{FIRST_MEMORY_PAGES, MAX_MEMORY_PAGES, MAX_TABLE_ELEMENTS, Operators};
use super::super::{Module, SectionKind};

/// The copy of a module.
pub(super) struct Rewritten {
    pub(super) bytes: Vec<u8>,
    /// Name of the global of the copy's own, see [`super::Plan::floats`].
    pub(super) floats: Option<String>,
}

/// Copies a module that a node takes, without custom sections. `memory` is exported under that name.
pub(super) fn rewrite(module: &Module<'_>, memory: Option<&str>) -> Rewritten {
    let code = without_nan(module);
    let floats = code.is_some().then(|| super::free_name(module, "floats"));
    let mut bytes = b"\0asm\x01\0\0\0".to_vec();
    let mut has_globals = false;
    for section in module.sections() {
        let content = &module.bytes()[section.content.clone()];
        let id = section.kind.id();
        match section.kind {
            SectionKind::Custom => {}
            SectionKind::Memory => {
                let mut body = vec![module.memories().len() as u8];
                for _ in module.memories() {
                    write_limits(&mut body, FIRST_MEMORY_PAGES, MAX_MEMORY_PAGES);
                }
                write_section(&mut bytes, id, &body);
            }
            SectionKind::Table => write_section(&mut bytes, id, &table(module, content)),
            SectionKind::Global if floats.is_some() => {
                has_globals = true;
                write_section(&mut bytes, id, &globals(module, content));
            }
            SectionKind::Export => {
                if floats.is_some() && !has_globals {
                    write_section(&mut bytes, SectionKind::Global.id(), &globals(module, &[0]));
                }
                let added = memory.map(|name| (name, 2, 0)).into_iter();
                let added = added.chain(floats.as_deref().map(|name| (name, 3, module.globals().len() as u32)));
                write_section(&mut bytes, id, &exports(module, content, added));
            }
            SectionKind::Code => write_section(&mut bytes, id, code.as_deref().unwrap_or(content)),
            SectionKind::Type
            | SectionKind::Import
            | SectionKind::Function
            | SectionKind::Tag
            | SectionKind::Global
            | SectionKind::Start
            | SectionKind::Element
            | SectionKind::DataCount
            | SectionKind::Data => write_section(&mut bytes, id, content),
        }
    }
    Rewritten { bytes, floats }
}

/// The code section with `global = 1; unreachable` in place of each operator that can make a NaN, if it has any. Which NaN it
/// makes is left to the engine, and its bits can choose a claim; the node has one for all (Cranelift's `nan_canonicalization`,
/// whose list of operators this is). Others move a NaN that there is, or give no float.
fn without_nan(module: &Module<'_>) -> Option<Vec<u8>> {
    // `i32.const 1`, `global.set`, `unreachable`: fits anywhere, as code after it is not reached.
    let mut mark = vec![0x41, 1, 0x24];
    write_u32(&mut mark, module.globals().len() as u32);
    mark.push(0);
    let mut section = Vec::new();
    write_u32(&mut section, module.bodies().len() as u32);
    let mut is_marked = false;
    for function in module.bodies() {
        let (bytes, start) = (function.as_bytes(), function.range().start);
        let (mut body, mut copied) = (Vec::with_capacity(bytes.len()), 0);
        for operator in Operators(function.get_binary_reader_for_operators().ok()?).flatten() {
            // `ceil` to `max` of both types, demotion, promotion.
            if matches!(operator.code, 0x8d..=0x97 | 0x9b..=0xa5 | 0xb6 | 0xbb) {
                let at = (operator.offset - start) as usize;
                body.extend_from_slice(&bytes[copied..at]);
                body.extend_from_slice(&mark);
                copied = at + 1;
                is_marked = true;
            }
        }
        body.extend_from_slice(&bytes[copied..]);
        write_u32(&mut section, body.len() as u32);
        section.extend_from_slice(&body);
    }
    is_marked.then_some(section)
}

/// The global section with an `i32` that can be set, 0 at first.
fn globals(module: &Module<'_>, content: &[u8]) -> Vec<u8> {
    let mut body = one_more(content, module.globals().len(), 1);
    body.extend_from_slice(&[0x7f, 1, 0x41, 0, 0x0b]);
    body
}

/// The table section with its maximum lowered: a node has at most one table.
fn table(module: &Module<'_>, content: &[u8]) -> Vec<u8> {
    let [table] = module.tables() else { return content.to_vec() };
    let most = u64::from(MAX_TABLE_ELEMENTS);
    let mut body = vec![1, 0x70];
    write_limits(&mut body, table.ty.initial as u32, table.ty.maximum.unwrap_or(most).min(most) as u32);
    body
}

/// The export section, with what the module keeps to itself.
fn exports<'a>(module: &Module<'_>, content: &[u8], added: impl Iterator<Item = (&'a str, u8, u32)>) -> Vec<u8> {
    let is_new = |name: &str| !module.exports().iter().any(|export| export.name == name);
    let added: Vec<_> = added.filter(|(name, ..)| is_new(name)).collect();
    let mut body = one_more(content, module.exports().len(), added.len());
    for (name, kind, index) in added {
        write_u32(&mut body, name.len() as u32);
        body.extend_from_slice(name.as_bytes());
        body.push(kind);
        write_u32(&mut body, index);
    }
    body
}

/// The items of a section that has `count` of them, after a count of `more`.
fn one_more(content: &[u8], count: usize, more: usize) -> Vec<u8> {
    let mut reader = BinaryReader::new(content, 0);
    let items = if reader.read_var_u32().is_ok() { &content[reader.current_position()..] } else { &[] };
    let mut body = Vec::with_capacity(content.len() + 32);
    write_u32(&mut body, (count + more) as u32);
    body.extend_from_slice(items);
    body
}

fn write_limits(out: &mut Vec<u8>, minimum: u32, maximum: u32) {
    out.push(1);
    write_u32(out, minimum);
    write_u32(out, maximum);
}

fn write_section(out: &mut Vec<u8>, id: u8, body: &[u8]) {
    out.push(id);
    write_u32(out, body.len() as u32);
    out.extend_from_slice(body);
}

fn write_u32(out: &mut Vec<u8>, mut value: u32) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}
