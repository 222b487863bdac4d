//! A module's bytes again, with the node's limits written into its memory and table.

use wasmparser::BinaryReader;

use super::super::{Module, SectionKind};
use super::{HostMemory, MAX_TABLE_ELEMENTS, PlanError, limits};

/// `module` without custom sections, with the limits of the node.
pub(super) fn rewrite(module: &Module, memory: &HostMemory) -> Result<Vec<u8>, PlanError> {
    let mut out = b"\0asm\x01\0\0\0".to_vec();
    for section in module.sections() {
        let content = &module.bytes()[section.content.clone()];
        match section.kind {
            SectionKind::Custom => {}
            SectionKind::Memory => {
                let mut body = vec![module.memories().len() as u8];
                for memory in module.memories() {
                    let (minimum, maximum) = limits(memory)?;
                    write_limits(&mut body, minimum, maximum);
                }
                write_section(&mut out, 5, &body);
            }
            SectionKind::Table => write_section(&mut out, 4, &table(module, content)?),
            SectionKind::Export => write_section(&mut out, 7, &exports(module, content, memory)),
            SectionKind::Type
            | SectionKind::Import
            | SectionKind::Function
            | SectionKind::Tag
            | SectionKind::Global
            | SectionKind::Start
            | SectionKind::Element
            | SectionKind::DataCount
            | SectionKind::Code
            | SectionKind::Data => write_section(&mut out, section.kind.id(), content),
        }
    }
    Ok(out)
}

/// The table section with its maximum lowered: one plain table of functions, as the node allows.
fn table(module: &Module, content: &[u8]) -> Result<Vec<u8>, PlanError> {
    let table = match module.tables() {
        [] => return Ok(content.to_vec()),
        [table] => &table.ty,
        _ => return Err(PlanError::Table),
    };
    let most = u64::from(MAX_TABLE_ELEMENTS);
    // One table, then 0x70 for `funcref`: anything else there is an encoding that the node refuses.
    if content.get(1) != Some(&0x70) || table.table64 || table.shared || table.initial > most {
        return Err(PlanError::Table);
    }
    let maximum = table.maximum.unwrap_or(most).min(most).max(table.initial);
    let mut body = vec![1, 0x70];
    write_limits(&mut body, table.initial as u32, maximum as u32);
    Ok(body)
}

/// The export section, with the memory added where the module keeps it to itself.
fn exports(module: &Module, content: &[u8], memory: &HostMemory) -> Vec<u8> {
    let HostMemory::Exported { name } = memory else {
        return content.to_vec();
    };
    if module.exports().iter().any(|export| export.name == name) {
        return content.to_vec();
    }
    let mut reader = BinaryReader::new(content, 0);
    let items = match reader.read_var_u32() {
        Ok(_) => &content[reader.current_position()..],
        Err(_) => return content.to_vec(),
    };
    let mut body = Vec::with_capacity(content.len() + 16);
    write_u32(&mut body, module.exports().len() as u32 + 1);
    body.extend_from_slice(items);
    write_u32(&mut body, name.len() as u32);
    body.extend_from_slice(name.as_bytes());
    body.extend_from_slice(&[2, 0]);
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
