//! What the numbers of one module mean: types, imports, globals, table slots, addresses.

use std::ops::Range;

use wasmparser::{ElementItems, ElementKind, FunctionBody, GlobalType, TypeRef};

use super::body::Token;
use super::hash;
use crate::wasm::Module;
use crate::wasm::memory_image::{MemoryImage, constant};

/// Zeroed statics after the data are believed to be this large at most.
const MAX_STATICS: u64 = 4 << 20;
/// Most slots of the table that are resolved; the node allows 10,000.
const MAX_SLOTS: usize = 100_000;
/// Most parameters and results of a type that are named.
const MAX_NAMED_VALUES: usize = 64;

/// A module with its numbers resolved.
pub(super) struct Numbers<'a> {
    pub(super) module: &'a Module<'a>,
    pub(super) image: MemoryImage,
    /// Functions imported; the first index of a defined one.
    pub(super) imported: u32,
    /// Hash of name and type of each imported function.
    imports: Vec<u64>,
    types: Vec<u64>,
    globals: Vec<u64>,
    /// Function in each slot of table 0.
    table: Vec<Option<u32>>,
    /// Addresses that data, or zeroed statics after it, may have.
    pub(super) addresses: Range<u64>,
    /// End of the data that the module carries.
    pub(super) data_end: u64,
}

impl<'a> Numbers<'a> {
    pub(super) fn of(module: &'a Module<'a>) -> Numbers<'a> {
        let image = module.memory_image();
        let start = image.runs().first().map_or(u64::MAX, |run| u64::from(run.address));
        let data_end = image.runs().last().map_or(0, |run| u64::from(run.address) + run.bytes.len() as u64);
        let pages = module.memories().first().map_or_else(|| imported_pages(module), |memory| memory.initial);
        let end = pages.saturating_mul(65_536).min(data_end + MAX_STATICS).max(data_end);
        let types: Vec<u64> = (0..module.types.len() as u32).map(|index| type_hash(module, index)).collect();
        let imports = module.imports().iter().filter_map(|import| match import.ty {
            TypeRef::Func(ty) | TypeRef::FuncExact(ty) => {
                let ty = types.get(ty as usize).copied().unwrap_or_default();
                Some(hash::words(&[hash::bytes(import.module.as_bytes()), hash::bytes(import.name.as_bytes()), ty]))
            }
            TypeRef::Table(_) | TypeRef::Memory(_) | TypeRef::Global(_) | TypeRef::Tag(_) => None,
        });
        let imports: Vec<u64> = imports.collect();
        let mut numbers = Numbers {
            module,
            imported: imports.len() as u32,
            imports,
            types,
            globals: Vec::new(),
            table: table(module),
            addresses: start..end.max(start),
            data_end,
            image,
        };
        numbers.globals = numbers.globals();
        numbers
    }

    /// Whether a number may be the address of something the module placed in memory.
    pub(super) fn is_address(&self, value: u64) -> bool {
        self.addresses.contains(&value)
    }

    /// The function in slot `value` of the table.
    pub(super) fn slot(&self, value: u64) -> Option<u32> {
        *self.table.get(usize::try_from(value).ok()?)?
    }

    /// Number of slots of the table that are resolved.
    pub(super) fn slots(&self) -> usize {
        self.table.len()
    }

    /// Hash of the structure of a type.
    pub(super) fn ty(&self, index: u32) -> u64 {
        self.types.get(index as usize).copied().unwrap_or(u64::MAX)
    }

    /// A type as text. A long one by its size: thousands of imports may name one type of thousands of parameters.
    pub(super) fn type_text(&self, index: u32) -> String {
        match self.module.function_type(index) {
            Some(ty) if ty.params().len() + ty.results().len() > MAX_NAMED_VALUES => format!(
                "(func of {} parameters and {} results, {:08x})",
                ty.params().len(),
                ty.results().len(),
                self.ty(index) as u32
            ),
            Some(ty) => ty.to_string(),
            None => "(func)".to_owned(),
        }
    }

    /// Hash of what a global is.
    pub(super) fn global(&self, index: u32) -> u64 {
        self.globals.get(index as usize).copied().unwrap_or(u64::MAX)
    }

    /// Hash of name and type of an imported function; `None` for a defined one.
    pub(super) fn import(&self, function: u32) -> Option<u64> {
        self.imports.get(function as usize).copied()
    }

    /// The bytes of the body of a defined function.
    pub(super) fn body(&self, function: usize) -> &FunctionBody<'a> {
        &self.module.bodies()[function]
    }

    /// The memory from `address` on, as far as data goes without a gap.
    pub(super) fn data_at(&self, address: u64) -> &[u8] {
        u32::try_from(address).ok().and_then(|address| self.image.from_address(address)).unwrap_or_default()
    }

    /// What each global is: its import, or its type, mutability and first value unless that is an address.
    fn globals(&self) -> Vec<u64> {
        let kind = |ty: &GlobalType| hash::bytes(format!("{} {}", ty.content_type, ty.mutable).as_bytes());
        let imported = self.module.imports().iter().filter_map(|import| match &import.ty {
            TypeRef::Global(ty) => Some(hash::words(&[kind(ty), hash::bytes(import.name.as_bytes())])),
            TypeRef::Func(_) | TypeRef::FuncExact(_) | TypeRef::Table(_) | TypeRef::Memory(_) | TypeRef::Tag(_) => None,
        });
        let defined = self.module.globals().iter().map(|global| {
            let first = match constant(self.module, &global.init_expr) {
                Some(value) if self.is_address(u64::from(value as u32)) => BLANK,
                Some(value) => u64::from(value as u32),
                None => u64::MAX,
            };
            hash::words(&[kind(&global.ty), first])
        });
        imported.chain(defined).collect()
    }
}

/// Stands for a number that was taken out.
pub(super) const BLANK: u64 = 1 << 33;

/// The number in a token that may be an address.
pub(super) fn number(token: Token) -> Option<u64> {
    match token {
        Token::Constant(value) => Some(u64::from(value as u32)),
        Token::Wide(value) => Some(value as u64),
        Token::Memory { offset, .. } => Some(offset),
        Token::Plain(_)
        | Token::Function { .. }
        | Token::Indirect { .. }
        | Token::Block { .. }
        | Token::Global { .. } => None,
    }
}

fn type_hash(module: &Module, index: u32) -> u64 {
    match module.function_type(index) {
        Some(ty) => hash::bytes(ty.to_string().as_bytes()),
        None => hash::words(&[BLANK, u64::from(index)]),
    }
}

fn imported_pages(module: &Module) -> u64 {
    let memory = module.imports().iter().find_map(|import| match &import.ty {
        TypeRef::Memory(memory) => Some(memory.initial),
        TypeRef::Func(_) | TypeRef::FuncExact(_) | TypeRef::Table(_) | TypeRef::Global(_) | TypeRef::Tag(_) => None,
    });
    memory.unwrap_or_default()
}

/// Table 0 as the active element segments fill it.
fn table(module: &Module) -> Vec<Option<u32>> {
    let mut table = Vec::new();
    for element in module.elements().into_iter().flatten().flatten() {
        let ElementKind::Active { table_index: None | Some(0), offset_expr } = &element.kind else {
            continue;
        };
        let Some(start) = constant(module, offset_expr).and_then(|start| usize::try_from(start).ok()) else {
            continue;
        };
        let functions: Vec<Option<u32>> = match element.items {
            ElementItems::Functions(items) => items.into_iter().map(Result::ok).collect(),
            ElementItems::Expressions(_, items) => items.into_iter().map(|item| function_of(&item.ok()?)).collect(),
        };
        let end = start.saturating_add(functions.len());
        if end <= MAX_SLOTS {
            table.resize(table.len().max(end), None);
            table[start..end].copy_from_slice(&functions);
        }
    }
    table
}

fn function_of(expression: &wasmparser::ConstExpr) -> Option<u32> {
    let mut reader = expression.get_binary_reader();
    (reader.read_u8().ok()? == 0xd2).then(|| reader.read_var_u32().ok()).flatten()
}
