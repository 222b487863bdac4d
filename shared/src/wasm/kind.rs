//! The kinds of section of a module.

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
