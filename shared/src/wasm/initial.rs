//! What has initial values: tables, globals, elements and data. Read by hand, because the parser's own readers of these bring
//! its decoder of every operator along, 15 kB in the page's first download.

use wasmparser::{
    BinaryReader, ConstExpr, Data, DataKind, Element, ElementItems, ElementKind, ExternalKind, FromReader, Global,
    RefType, SectionLimited, Table, TableInit, ValType,
};

use super::Feature;
use super::node::{Operators, beyond_value};
use super::section::Section;
use super::{ModuleError, SectionKind, malformed, malformed_at, reader, within_limit};

/// Reads one section.
pub(super) struct Initial<'a> {
    kind: SectionKind,
    reader: BinaryReader<'a>,
    /// The first thing in it that no node takes.
    pub(super) beyond: Option<Feature>,
    /// One more than the greatest index of a function in it.
    pub(super) named_functions: u64,
}

impl<'a> Initial<'a> {
    pub(super) fn new(bytes: &'a [u8], section: &Section) -> Initial<'a> {
        Initial { kind: section.kind, reader: reader(bytes, section), beyond: None, named_functions: 0 }
    }

    /// All items of the section.
    pub(super) fn all<T>(&mut self, read: fn(&mut Self) -> Result<T, ModuleError>) -> Result<Vec<T>, ModuleError> {
        let count = self.read::<u32>()?;
        within_limit(self.kind, (count as usize).saturating_sub(1))?;
        let mut found = Vec::new();
        for _ in 0..count {
            found.push(read(self)?);
        }
        if self.reader.eof() { Ok(found) } else { Err(self.malformed("there is more than its items")) }
    }

    pub(super) fn table(&mut self) -> Result<Table<'a>, ModuleError> {
        let mut ahead = self.reader.clone();
        // `40 00` before a table of which every element begins as a value other than null.
        let has_value = ahead.read_u8().is_ok_and(|first| first == 0x40) && ahead.read_u8().is_ok_and(|next| next == 0);
        if has_value {
            self.reader = ahead;
        }
        let ty = self.read()?;
        let init = if has_value { TableInit::Expr(self.constant()?) } else { TableInit::RefNull };
        Ok(Table { ty, init })
    }

    pub(super) fn global(&mut self) -> Result<Global<'a>, ModuleError> {
        Ok(Global { ty: self.read()?, init_expr: self.constant()? })
    }

    pub(super) fn element(&mut self) -> Result<Element<'a>, ModuleError> {
        let start = self.reader.original_position();
        let flags = self.read::<u32>()?;
        let kind = match flags {
            0 | 4 => ElementKind::Active { table_index: None, offset_expr: self.constant()? },
            2 | 6 => ElementKind::Active { table_index: Some(self.read()?), offset_expr: self.constant()? },
            1 | 5 => ElementKind::Passive,
            3 | 7 => ElementKind::Declared,
            _ => return Err(self.malformed("an element segment is of no known kind")),
        };
        let has_expressions = flags & 4 != 0;
        let mut ty = RefType::FUNCREF;
        match (flags & 3, has_expressions) {
            (0, _) => {}
            (_, true) => ty = self.read()?,
            (_, false) => match self.read()? {
                ExternalKind::Func | ExternalKind::FuncExact => {}
                ExternalKind::Table | ExternalKind::Memory | ExternalKind::Global | ExternalKind::Tag => {
                    return Err(self.malformed("an element segment holds something else than functions"));
                }
            },
        }
        self.refuse(beyond_value(ValType::Ref(ty)));
        let items = self.reader.clone();
        let first = items.original_position();
        for _ in 0..self.read::<u32>()? {
            if has_expressions {
                self.constant()?;
            } else {
                let function = self.read()?;
                self.names(function);
            }
        }
        let end = self.reader.original_position();
        let items = self.since(items, (end - first) as usize)?;
        let items = if has_expressions {
            ElementItems::Expressions(ty, SectionLimited::new(items).map_err(|error| malformed(self.kind, &error))?)
        } else {
            ElementItems::Functions(SectionLimited::new(items).map_err(|error| malformed(self.kind, &error))?)
        };
        Ok(Element { kind, items, range: start..end })
    }

    pub(super) fn data(&mut self) -> Result<Data<'a>, ModuleError> {
        let start = self.reader.original_position();
        let kind = match self.read::<u32>()? {
            0 => DataKind::Active { memory_index: 0, offset_expr: self.constant()? },
            1 => DataKind::Passive,
            2 => DataKind::Active { memory_index: self.read()?, offset_expr: self.constant()? },
            _ => return Err(self.malformed("a data segment is of no known kind")),
        };
        let size = self.read::<u32>()? as usize;
        let data = self.reader.read_bytes(size).map_err(|error| malformed(self.kind, &error))?;
        Ok(Data { kind, data, range: start..self.reader.original_position() })
    }

    /// An initial value. Engines compute more of them than the node does.
    fn constant(&mut self) -> Result<ConstExpr<'a>, ModuleError> {
        let first = self.reader.clone();
        let mut operators = Operators(self.reader.clone());
        loop {
            let feature = match operators.next() {
                Some(Ok(operator)) => match operator.code {
                    0x0b => break,
                    // `i32.const` to `f64.const`, `ref.null`, `ref.func`.
                    0x41..=0x44 | 0xd0 => continue,
                    0xd2 => {
                        self.names(operator.index);
                        continue;
                    }
                    // A block has an end of its own, and no engine computes one.
                    0x02..=0x04 => Feature::Unreadable,
                    _ => {
                        self.refuse(Some(Feature::ExtendedConst));
                        continue;
                    }
                },
                Some(Err(feature)) => feature,
                None => Feature::Unreadable,
            };
            return Err(self.malformed(feature.name()));
        }
        let size = operators.0.original_position() - first.original_position();
        self.reader = operators.0;
        self.since(first, size as usize).map(ConstExpr::new)
    }

    /// The `size` bytes from where `first` stands.
    fn since(&self, mut first: BinaryReader<'a>, size: usize) -> Result<BinaryReader<'a>, ModuleError> {
        let offset = first.original_position();
        let bytes = first.read_bytes(size).map_err(|error| malformed(self.kind, &error))?;
        Ok(BinaryReader::new(bytes, offset))
    }

    fn read<T: FromReader<'a>>(&mut self) -> Result<T, ModuleError> {
        self.reader.read().map_err(|error| malformed(self.kind, &error))
    }

    fn names(&mut self, function: u32) {
        self.named_functions = self.named_functions.max(u64::from(function) + 1);
    }

    fn refuse(&mut self, beyond: Option<Feature>) {
        self.beyond = self.beyond.or(beyond);
    }

    fn malformed(&self, message: &str) -> ModuleError {
        malformed_at(self.kind, self.reader.original_position(), message)
    }
}
