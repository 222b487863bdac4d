//! A module's bytes again, with the node's limits written into its memory, table and code, and nothing run in it that two
//! processors may compute differently (`code`).

use wasmparser::BinaryReader;

use super::super::node::{FIRST_MEMORY_PAGES, MAX_MEMORY_PAGES, MAX_TABLE_ELEMENTS};
use super::super::{Module, SectionKind};
use super::PlanError;
use super::code;
use super::meters::Meters;

/// Copies a module that a node takes, without custom sections. Exported by these names: its `memory`, and the global that
/// tells of steps and marks.
pub(super) fn rewrite(module: &Module<'_>, memory: Option<&str>, mark: &str, steps: i32) -> Result<Vec<u8>, PlanError> {
    let meters = Meters::new(module);
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
            SectionKind::Type => write_section(&mut bytes, id, &Meters::types(content)),
            // Without functions of its own nothing is metered, and there may be no code section.
            SectionKind::Function if module.function_count() > 0 => {
                write_section(&mut bytes, id, &meters.functions(content));
            }
            SectionKind::Global => {
                has_globals = true;
                write_section(&mut bytes, id, &Meters::globals(content, steps));
            }
            SectionKind::Export => {
                if !has_globals {
                    write_section(&mut bytes, SectionKind::Global.id(), &Meters::globals(&[0], steps));
                }
                let added = memory.map(|name| (name, 2, 0)).into_iter().chain([(mark, 3, meters.mark)]);
                write_section(&mut bytes, id, &exports(module, content, added));
            }
            SectionKind::Code if module.function_count() > 0 => {
                write_section(&mut bytes, id, &code::section(module, meters)?);
            }
            SectionKind::Import
            | SectionKind::Function
            | SectionKind::Tag
            | SectionKind::Start
            | SectionKind::Element
            | SectionKind::Code
            | SectionKind::DataCount
            | SectionKind::Data => write_section(&mut bytes, id, content),
        }
    }
    Ok(bytes)
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
    let mut body = more(content, added.len());
    for (name, kind, index) in added {
        write_u32(&mut body, name.len() as u32);
        body.extend_from_slice(name.as_bytes());
        body.push(kind);
        write_u32(&mut body, index);
    }
    body
}

/// A section's content, counted as having so many `items` more, which are to follow.
pub(super) fn more(content: &[u8], items: usize) -> Vec<u8> {
    let mut reader = BinaryReader::new(content, 0);
    let count = reader.read_var_u32().unwrap_or_default();
    let mut body = Vec::with_capacity(content.len() + 32);
    write_u32(&mut body, count + items as u32);
    body.extend_from_slice(&content[reader.current_position()..]);
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

pub(super) fn write_u32(out: &mut Vec<u8>, mut value: u32) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

pub(super) fn write_i32(out: &mut Vec<u8>, mut value: i32) {
    while !(-0x40..0x40).contains(&value) {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8 & 0x7f);
}
