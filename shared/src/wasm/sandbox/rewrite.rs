//! A module's bytes again, with the node's limits written into its memory, table and code, and nothing run in it that two
//! processors may compute differently (`code`).

use wasmparser::BinaryReader;

use super::super::node::{FIRST_MEMORY_PAGES, MAX_MEMORY_PAGES, MAX_STACK_HEIGHT, MAX_TABLE_ELEMENTS};
use super::super::{Module, SectionKind};
use super::PlanError;
use super::code::{self, Globals};

/// Copies a module that a node takes, without custom sections. Exported by these names: its `memory`, and the global that is
/// 0 until the copy ends the run itself.
pub(super) fn rewrite(module: &Module<'_>, memory: Option<&str>, mark: &str) -> Result<Vec<u8>, PlanError> {
    let first = module.globals().len() as u32;
    let own = Globals { stack: first, mark: first + 1 };
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
            SectionKind::Global => {
                has_globals = true;
                write_section(&mut bytes, id, &globals(module, content));
            }
            SectionKind::Export => {
                if !has_globals {
                    write_section(&mut bytes, SectionKind::Global.id(), &globals(module, &[0]));
                }
                let added = memory.map(|name| (name, 2, 0)).into_iter().chain([(mark, 3, own.mark)]);
                write_section(&mut bytes, id, &exports(module, content, added));
            }
            SectionKind::Code => write_section(&mut bytes, id, &code::section(module, own)?),
            SectionKind::Type
            | SectionKind::Import
            | SectionKind::Function
            | SectionKind::Tag
            | SectionKind::Start
            | SectionKind::Element
            | SectionKind::DataCount
            | SectionKind::Data => write_section(&mut bytes, id, content),
        }
    }
    Ok(bytes)
}

/// The global section with two `i32` more that can be set: the stack that is left, and the mark.
fn globals(module: &Module<'_>, content: &[u8]) -> Vec<u8> {
    let mut body = one_more(content, module.globals().len(), 2);
    for first in [MAX_STACK_HEIGHT, 0] {
        body.extend([0x7f, 1, 0x41]);
        write_signed(&mut body, first);
        body.push(0x0b);
    }
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

pub(super) fn write_u32(out: &mut Vec<u8>, mut value: u32) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

/// As a signed number that is not negative: bit 6 of the last byte is its sign.
pub(super) fn write_signed(out: &mut Vec<u8>, mut value: u32) {
    while value >= 0x40 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}
