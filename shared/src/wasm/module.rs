//! A module that was read: one pass over its sections, in the specification's order and names.
//! Not here: what is unusual about it (`oddity`), what a node takes (`node`).

use wasmparser::{
    BinaryReader, Data, DataKind, ExternalKind, FromReader, FuncType, FunctionBody, Global, GlobalType, Import,
    Imports, MemoryType, SectionLimited, Table, TypeRef,
};

use super::error::{MAX_ITEMS, ModuleError};
use super::{Feature, Initial, MAX_MODULE_SIZE, MemoryImage, Oddity, Section, SectionKind, node, section};

/// A module that was read. Borrows the bytes; code bodies are found but not decoded.
#[derive(Debug, Clone)]
pub struct Module<'a> {
    bytes: &'a [u8],
    sections: Vec<Section>,
    pub(super) types: Vec<FuncType>,
    imports: Vec<Import<'a>>,
    functions: Vec<u32>,
    tables: Vec<Table<'a>>,
    memories: Vec<MemoryType>,
    globals: Vec<Global<'a>>,
    /// Counted once: hostile modules have many globals that name others.
    pub(super) imported_global_count: usize,
    exports: Vec<wasmparser::Export<'a>>,
    start: Option<u32>,
    elements: Option<SectionLimited<'a, wasmparser::Element<'a>>>,
    /// One more than the greatest index of a function in an initial value.
    pub(super) named_functions: u64,
    bodies: Vec<FunctionBody<'a>>,
    data: Vec<Data<'a>>,
    oddities: Vec<Oddity>,
}

impl<'a> Module<'a> {
    /// Reads the sections of `bytes`. Of a section that stands twice the first is read; that it stands twice is an [`Oddity`].
    ///
    /// # Errors
    /// [`ModuleError`]: not a core module, cut short, malformed, or larger than the limits of this room.
    ///
    /// # Examples
    /// ```
    /// use provenear_shared::wasm::{Module, ModuleError};
    ///
    /// let bytes = wat::parse_str(r#"(module (func (export "get")))"#).unwrap();
    /// let module = Module::parse(&bytes).unwrap();
    /// assert_eq!(module.exported_function("get"), Some(0));
    /// // Nodes take what `refusal` says nothing against.
    /// assert_eq!(module.refusal(), None);
    /// assert_eq!(Module::parse(b"<html>").unwrap_err(), ModuleError::NotWasm);
    /// ```
    pub fn parse(bytes: &'a [u8]) -> Result<Module<'a>, ModuleError> {
        if bytes.len() > MAX_MODULE_SIZE {
            return Err(ModuleError::TooLarge { size: bytes.len() });
        }
        if !bytes.starts_with(section::PREAMBLE) {
            return Err(ModuleError::NotWasm);
        }
        let (sections, oddities) = section::split(bytes)?;
        let mut module = Module {
            bytes,
            sections: Vec::new(),
            types: Vec::new(),
            imports: Vec::new(),
            functions: Vec::new(),
            tables: Vec::new(),
            memories: Vec::new(),
            globals: Vec::new(),
            imported_global_count: 0,
            exports: Vec::new(),
            start: None,
            elements: None,
            named_functions: 0,
            bodies: Vec::new(),
            data: Vec::new(),
            oddities,
        };
        let mut seen = [false; 14];
        for section in &sections {
            let first = !std::mem::replace(&mut seen[section.kind as usize], true);
            if first || section.kind == SectionKind::Custom {
                module.read(section)?;
            }
        }
        module.sections = sections;
        module.imported_global_count = module.imported_globals().count();
        if module.functions.len() != module.bodies.len() {
            return Err(malformed_at(SectionKind::Code, 0, "function and code sections differ in length"));
        }
        module.oddities.extend(node::refusal(&module));
        Ok(module)
    }

    /// The one payload loop's body: every kind of section, in the specification's order.
    fn read(&mut self, section: &Section) -> Result<(), ModuleError> {
        let (bytes, kind) = (self.bytes, section.kind);
        match kind {
            SectionKind::Custom => self.oddities.push(Oddity::CustomSection {
                name: section.custom_name.clone().unwrap_or_default(),
                size: section.content.len(),
            }),
            SectionKind::Type => self.function_types_of(section)?,
            SectionKind::Import => {
                for group in items::<Imports>(bytes, section)? {
                    if !matches!(group, Imports::Single(..)) {
                        self.oddities.push(Feature::CompactImports.into());
                    }
                    for import in group {
                        within_limit(kind, self.imports.len())?;
                        self.imports.push(import.map_err(|error| malformed(kind, &error))?.1);
                    }
                }
            }
            SectionKind::Function => self.functions = items(bytes, section)?,
            SectionKind::Table => self.tables = self.initial(section, Initial::table)?,
            SectionKind::Memory => self.memories = items(bytes, section)?,
            SectionKind::Tag => self.oddities.push(Feature::Exceptions.into()),
            SectionKind::Global => self.globals = self.initial(section, Initial::global)?,
            SectionKind::Export => self.exports = items(bytes, section)?,
            SectionKind::Start => {
                let mut reader = reader(bytes, section);
                let function = reader.read_var_u32().map_err(|error| malformed(kind, &error))?;
                self.start = Some(function);
                self.oddities.push(Oddity::StartFunction { function });
            }
            SectionKind::Element => {
                self.initial(section, Initial::element)?;
                self.elements = Some(limited(bytes, section)?);
            }
            SectionKind::DataCount => {}
            SectionKind::Code => self.bodies = items(bytes, section)?,
            SectionKind::Data => self.data = self.initial(section, Initial::data)?,
        }
        Ok(())
    }

    /// Reads types up to the first that is none of a function: nothing reads on that takes the node's rules for its own.
    /// The parser's own reader brings all of garbage collection along.
    fn function_types_of(&mut self, section: &Section) -> Result<(), ModuleError> {
        let mut reader = reader(self.bytes, section);
        let malformed = |error| malformed(section.kind, &error);
        let count = reader.read_var_u32().map_err(malformed)?;
        within_limit(section.kind, (count as usize).saturating_sub(1))?;
        for _ in 0..count {
            match reader.read_u8().map_err(malformed)? {
                0x60 => self.types.push(reader.read().map_err(malformed)?),
                0x4c..=0x50 | 0x5d..=0x5f | 0x65 => {
                    self.oddities.push(Feature::GarbageCollection.into());
                    return Ok(());
                }
                _ => return Err(malformed_at(section.kind, reader.original_position(), "a type is of no known kind")),
            }
        }
        match reader.eof() {
            true => Ok(()),
            false => Err(malformed_at(section.kind, reader.original_position(), "there is more than its items")),
        }
    }

    fn initial<T>(
        &mut self,
        section: &Section,
        read: fn(&mut Initial<'a>) -> Result<T, ModuleError>,
    ) -> Result<Vec<T>, ModuleError> {
        let mut initial = Initial::new(self.bytes, section);
        let found = initial.all(read)?;
        self.oddities.extend(initial.beyond.map(Oddity::from));
        self.named_functions = self.named_functions.max(initial.named_functions);
        Ok(found)
    }

    /// The bytes that were read.
    pub fn bytes(&self) -> &'a [u8] {
        self.bytes
    }

    /// All sections, in the order of the file.
    pub fn sections(&self) -> &[Section] {
        &self.sections
    }

    /// The content of the first section of this kind.
    pub fn section(&self, kind: SectionKind) -> Option<&'a [u8]> {
        let section = self.sections.iter().find(|section| section.kind == kind)?;
        self.bytes.get(section.content.clone())
    }

    /// The content of the first custom section of this name, after the name.
    pub fn custom_section(&self, name: &str) -> Option<&'a [u8]> {
        let section = self.sections.iter().find(|section| section.custom_name.as_deref() == Some(name))?;
        let mut reader = reader(self.bytes, section);
        reader.skip_string().ok()?;
        self.bytes.get(section.content.start + reader.current_position()..section.content.end)
    }

    /// The imports, in order.
    pub fn imports(&self) -> &[Import<'a>] {
        &self.imports
    }

    /// The exports, in order.
    pub fn exports(&self) -> &[wasmparser::Export<'a>] {
        &self.exports
    }

    /// How many functions the module defines, without the imported ones.
    pub fn function_count(&self) -> usize {
        self.functions.len()
    }

    /// How many functions the module imports: the index of the first that it defines.
    pub fn imported_function_count(&self) -> usize {
        self.imported_functions().count()
    }

    /// How many functions there are, imported ones and its own: one more than the greatest index.
    pub(super) fn all_function_count(&self) -> usize {
        self.imported_function_count() + self.function_count()
    }

    /// The imported functions, in the order of their indices.
    pub fn imported_functions(&self) -> impl Iterator<Item = &Import<'a>> {
        self.imports.iter().filter(|import| matches!(import.ty, TypeRef::Func(_) | TypeRef::FuncExact(_)))
    }

    /// The bodies of the defined functions, in order.
    pub fn bodies(&self) -> &[FunctionBody<'a>] {
        &self.bodies
    }

    /// The type with this index, if it is one of a function.
    pub fn function_type(&self, index: u32) -> Option<&FuncType> {
        self.types.get(index as usize)
    }

    /// The type of the function with this index, imported functions first.
    pub fn type_of_function(&self, index: u32) -> Option<&FuncType> {
        let mut imported = 0;
        for import in self.imported_functions() {
            if imported == index {
                return match import.ty {
                    TypeRef::Func(ty) | TypeRef::FuncExact(ty) => self.function_type(ty),
                    TypeRef::Table(_) | TypeRef::Memory(_) | TypeRef::Global(_) | TypeRef::Tag(_) => None,
                };
            }
            imported += 1;
        }
        self.function_type(*self.functions.get((index - imported) as usize)?)
    }

    /// Index into the types of each defined function, in order.
    pub fn function_types(&self) -> &[u32] {
        &self.functions
    }

    /// The defined tables, in order.
    pub fn tables(&self) -> &[Table<'a>] {
        &self.tables
    }

    /// The defined memories, in order.
    pub fn memories(&self) -> &[MemoryType] {
        &self.memories
    }

    /// The defined globals, in order.
    pub fn globals(&self) -> &[Global<'a>] {
        &self.globals
    }

    /// The types of the imported globals, in order: the first indices.
    pub fn imported_globals(&self) -> impl Iterator<Item = &GlobalType> {
        self.imports.iter().filter_map(|import| match &import.ty {
            TypeRef::Global(ty) => Some(ty),
            TypeRef::Func(_) | TypeRef::FuncExact(_) | TypeRef::Table(_) | TypeRef::Memory(_) | TypeRef::Tag(_) => None,
        })
    }

    /// The element segments.
    pub fn elements(&self) -> Option<SectionLimited<'a, wasmparser::Element<'a>>> {
        self.elements.clone()
    }

    /// The data segments, in order.
    pub fn data(&self) -> &[Data<'a>] {
        &self.data
    }

    /// The function that runs at instantiation.
    pub fn start(&self) -> Option<u32> {
        self.start
    }

    /// Index of the function exported by this name.
    pub fn exported_function(&self, name: &str) -> Option<u32> {
        let export = self.exports.iter().find(|export| export.name == name && export.kind == ExternalKind::Func)?;
        Some(export.index)
    }

    /// What is unusual about the module, in the order of the file.
    pub fn oddities(&self) -> &[Oddity] {
        &self.oddities
    }

    /// The first oddity for which no node runs the module.
    pub fn refusal(&self) -> Option<&Oddity> {
        self.oddities.iter().find(|oddity| oddity.invalidates())
    }

    /// What the first memory holds at instantiation. Costs one copy of the data.
    pub fn memory_image(&self) -> MemoryImage {
        MemoryImage::of(self)
    }
}

pub(super) fn reader<'a>(bytes: &'a [u8], section: &Section) -> BinaryReader<'a> {
    BinaryReader::new(&bytes[section.content.clone()], section.content.start as u64)
}

fn limited<'a, T: FromReader<'a>>(bytes: &'a [u8], section: &Section) -> Result<SectionLimited<'a, T>, ModuleError> {
    let items = SectionLimited::new(reader(bytes, section)).map_err(|error| malformed(section.kind, &error))?;
    within_limit(section.kind, (items.count() as usize).saturating_sub(1))?;
    Ok(items)
}

/// Whether one more item may follow `count` of them.
pub(super) fn within_limit(kind: SectionKind, count: usize) -> Result<(), ModuleError> {
    if count >= MAX_ITEMS as usize {
        return Err(ModuleError::TooMany { section: kind.name(), count: count as u64 + 1, limit: MAX_ITEMS.into() });
    }
    Ok(())
}

fn items<'a, T: FromReader<'a>>(bytes: &'a [u8], section: &Section) -> Result<Vec<T>, ModuleError> {
    let mut found = Vec::new();
    for item in limited::<T>(bytes, section)? {
        found.push(item.map_err(|error| malformed(section.kind, &error))?);
    }
    Ok(found)
}

pub(super) fn malformed(kind: SectionKind, error: &wasmparser::Error) -> ModuleError {
    malformed_at(kind, error.offset(), error.message())
}

pub(super) fn malformed_at(kind: SectionKind, offset: u64, message: &str) -> ModuleError {
    ModuleError::Malformed { section: kind.name(), offset, message: message.to_owned() }
}

/// Whether a segment is placed at instantiation.
pub(crate) fn is_active(segment: &Data) -> bool {
    matches!(segment.kind, DataKind::Active { .. })
}
