//! The frame of a module: which sections lie where in the file, before any content is read.

use std::ops::Range;

use wasmparser::BinaryReader;

use super::error::{MAX_SECTIONS, ModuleError};
use super::{Oddity, SectionKind};

/// The first eight bytes of a core module of version 1.
pub(super) const PREAMBLE: &[u8; 8] = b"\0asm\x01\0\0\0";

/// One section as it lies in the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Section {
    /// What it is.
    pub kind: SectionKind,
    /// Its name if it is a custom section; not always valid text, so replacement characters may stand in it.
    pub custom_name: Option<String>,
    /// Where its content is, without id and length; for a custom section with the name.
    pub content: Range<usize>,
}

/// Finds the sections. Stops, with an oddity, at bytes after the last section that are none.
pub(super) fn split(bytes: &[u8]) -> Result<(Vec<Section>, Vec<Oddity>), ModuleError> {
    let mut sections: Vec<Section> = Vec::new();
    let mut oddities = Vec::new();
    let mut last = SectionKind::Custom;
    let mut seen = [false; 14];
    let mut offset = PREAMBLE.len();
    while offset < bytes.len() {
        if sections.len() == MAX_SECTIONS {
            return Err(ModuleError::TooMany {
                section: "sections",
                count: MAX_SECTIONS as u64 + 1,
                limit: MAX_SECTIONS as u64,
            });
        }
        let Some(section) = at(bytes, offset) else {
            let expected = SectionKind::from_id(bytes[offset]).filter(|kind| *kind > last);
            if let Some(kind) = expected {
                return Err(ModuleError::Truncated { section: kind.name(), offset });
            }
            oddities.push(Oddity::TrailingBytes { offset, size: bytes.len() - offset });
            break;
        };
        let kind = section.kind;
        if kind != SectionKind::Custom {
            if std::mem::replace(&mut seen[kind as usize], true) {
                oddities.push(Oddity::DuplicateSection { kind });
            } else if kind < last {
                oddities.push(Oddity::SectionOutOfOrder { kind });
            }
            last = last.max(kind);
        }
        offset = section.content.end;
        sections.push(section);
    }
    Ok((sections, oddities))
}

/// The section whose id is at `offset`, if it is one and ends within `bytes`.
pub(super) fn at(bytes: &[u8], offset: usize) -> Option<Section> {
    let kind = SectionKind::from_id(*bytes.get(offset)?)?;
    let mut reader = BinaryReader::new(&bytes[offset + 1..], 0);
    let size = reader.read_var_u32().ok()?;
    let start = offset + 1 + reader.current_position();
    let content = start..start.saturating_add(size as usize);
    let payload = bytes.get(content.clone())?;
    let custom_name = match kind {
        SectionKind::Custom => Some(custom_name(payload)?),
        _ => None,
    };
    Some(Section { kind, custom_name, content })
}

fn custom_name(payload: &[u8]) -> Option<String> {
    let mut reader = BinaryReader::new(payload, 0);
    let size = reader.read_var_u32().ok()?;
    let name = reader.read_bytes(size as usize).ok()?;
    Some(String::from_utf8_lossy(name).into_owned())
}
