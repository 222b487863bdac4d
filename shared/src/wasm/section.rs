//! The frame of a module: which sections lie where in the file, before any content is read.

use std::ops::Range;

use wasmparser::BinaryReader;

use super::{MAX_SECTIONS, ModuleError, Oddity};

/// The first eight bytes of a core module of version 1.
pub(super) const PREAMBLE: &[u8; 8] = b"\0asm\x01\0\0\0";

/// The kinds of section in the order in which the specification wants them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[allow(missing_docs)] // the names are the specification's
pub enum SectionKind {
    Custom,
    Type,
    Import,
    Function,
    Table,
    Memory,
    Tag,
    Global,
    Export,
    Start,
    Element,
    DataCount,
    Code,
    Data,
}

impl SectionKind {
    /// The kind with this id in the binary format.
    pub fn from_id(id: u8) -> Option<SectionKind> {
        Some(match id {
            0 => SectionKind::Custom,
            1 => SectionKind::Type,
            2 => SectionKind::Import,
            3 => SectionKind::Function,
            4 => SectionKind::Table,
            5 => SectionKind::Memory,
            6 => SectionKind::Global,
            7 => SectionKind::Export,
            8 => SectionKind::Start,
            9 => SectionKind::Element,
            10 => SectionKind::Code,
            11 => SectionKind::Data,
            12 => SectionKind::DataCount,
            13 => SectionKind::Tag,
            _ => return None,
        })
    }

    /// Its id in the binary format.
    pub fn id(self) -> u8 {
        (0..=13).find(|id| SectionKind::from_id(*id) == Some(self)).unwrap_or_default()
    }

    /// The specification's name, in lower case.
    pub fn name(self) -> &'static str {
        match self {
            SectionKind::Custom => "custom",
            SectionKind::Type => "type",
            SectionKind::Import => "import",
            SectionKind::Function => "function",
            SectionKind::Table => "table",
            SectionKind::Memory => "memory",
            SectionKind::Tag => "tag",
            SectionKind::Global => "global",
            SectionKind::Export => "export",
            SectionKind::Start => "start",
            SectionKind::Element => "element",
            SectionKind::DataCount => "data count",
            SectionKind::Code => "code",
            SectionKind::Data => "data",
        }
    }
}

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
