//! One module, resolved for comparing: what its numbers mean (types, imports, globals, table slots, addresses), and a
//! summary of each function with those numbers taken out.

use std::ops::Range;

use wasmparser::{ElementItems, ElementKind, FunctionBody, GlobalType, TypeRef};

use super::Budget;
use super::body::{Token, Tokens};
use super::hash::{self, Hash};
use crate::wasm::Module;
use crate::wasm::memory::{MemoryImage, constant};

/// Bytes of data that tell one referenced object from another.
const PROBE: u32 = 16;
/// Zeroed statics after the data are believed to be this large at most.
const MAX_STATICS: u64 = 4 << 20;
/// Most slots of the table that are resolved; the node allows 10,000.
const MAX_SLOTS: usize = 100_000;

/// A module with its numbers resolved.
pub(super) struct Context<'a> {
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
    /// Each defined function.
    pub(super) functions: Vec<Function>,
}

/// A defined function with its numbers taken out.
#[derive(Debug, Clone, Default)]
pub(super) struct Function {
    /// Type by structure.
    pub(super) ty: u64,
    /// Body without call targets, with what addresses point at.
    pub(super) content: u64,
    /// Body without call targets and addresses.
    pub(super) strict: u64,
    /// Body without call targets, addresses, and constants that could be slots of the table.
    pub(super) normal: u64,
    /// Opcodes alone.
    pub(super) shape: u64,
    /// Functions named in the body, in order.
    pub(super) calls: Vec<u32>,
    /// Number of operators; 0 if the budget was used up before.
    pub(super) operators: u32,
}

impl<'a> Context<'a> {
    pub(super) fn of(module: &'a Module<'a>, budget: &mut Budget) -> Context<'a> {
        let image = module.memory_image();
        let start = image
            .runs()
            .first()
            .map_or(u64::MAX, |run| u64::from(run.address));
        let data_end = image
            .runs()
            .last()
            .map_or(0, |run| u64::from(run.address) + run.bytes.len() as u64);
        let pages = module
            .memories()
            .first()
            .map_or_else(|| imported_pages(module), |memory| memory.initial);
        let end = pages
            .saturating_mul(65_536)
            .min(data_end + MAX_STATICS)
            .max(data_end);
        let types: Vec<u64> = (0..module.types.len() as u32)
            .map(|index| type_hash(module, index))
            .collect();
        let imports = module
            .imports()
            .iter()
            .filter_map(|import| match import.ty {
                TypeRef::Func(ty) | TypeRef::FuncExact(ty) => {
                    let ty = types.get(ty as usize).copied().unwrap_or_default();
                    Some(hash::words(&[
                        hash::bytes(import.module.as_bytes()),
                        hash::bytes(import.name.as_bytes()),
                        ty,
                    ]))
                }
                TypeRef::Table(_) | TypeRef::Memory(_) | TypeRef::Global(_) | TypeRef::Tag(_) => {
                    None
                }
            });
        let imports: Vec<u64> = imports.collect();
        let mut context = Context {
            module,
            imported: imports.len() as u32,
            imports,
            types,
            globals: Vec::new(),
            table: table(module),
            addresses: start..end.max(start),
            data_end,
            functions: Vec::new(),
            image,
        };
        context.globals = context.globals();
        let bodies = module.bodies().iter().zip(module.function_types());
        context.functions = bodies
            .map(|(body, ty)| context.function(body, *ty, budget))
            .collect();
        context
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

    /// Hash of what a global is.
    pub(super) fn global(&self, index: u32) -> u64 {
        self.globals
            .get(index as usize)
            .copied()
            .unwrap_or(u64::MAX)
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
        u32::try_from(address)
            .ok()
            .and_then(|address| self.image.from_address(address))
            .unwrap_or_default()
    }

    /// Hash of the first bytes at `address`, with words that are addresses left out.
    fn probe(&self, address: u64) -> u64 {
        let data = self.data_at(address);
        let data = &data[..data.len().min(PROBE as usize)];
        let mut hash = Hash::new();
        for (at, word) in data.chunks(4).enumerate() {
            let value = word
                .iter()
                .rev()
                .fold(0, |value, byte| value << 8 | u64::from(*byte));
            let aligned = (address + at as u64 * 4) % 4 == 0;
            hash.word(if aligned && self.is_address(value) {
                1 << 40
            } else {
                value
            });
        }
        hash.finish()
    }

    fn function(&self, body: &FunctionBody<'a>, ty: u32, budget: &mut Budget) -> Function {
        let mut function = Function {
            ty: self.ty(ty),
            ..Function::default()
        };
        let locals = hash::bytes(Tokens::locals(body));
        let [mut content, mut strict, mut normal, mut shape] = [Hash::new(); 4];
        for hash in [&mut content, &mut strict, &mut normal, &mut shape] {
            hash.word(function.ty);
        }
        for hash in [&mut content, &mut strict, &mut normal] {
            hash.word(locals);
        }
        let mut tokens = Tokens::of(body);
        while budget.spend(1)
            && let Some(token) = tokens.next()
        {
            function.operators += 1;
            let (opcode, word) = self.word(token);
            shape.word(opcode);
            let blank = hash::words(&[opcode, BLANK]);
            match token {
                Token::Function { index, .. } => function.calls.push(index),
                Token::Plain(_)
                | Token::Indirect { .. }
                | Token::Block { .. }
                | Token::Global { .. }
                | Token::Constant(_)
                | Token::Wide(_)
                | Token::Memory { .. } => {}
            }
            match number(token).filter(|number| self.is_address(*number)) {
                Some(address) => {
                    content.word(self.probe(address));
                    strict.word(blank);
                    normal.word(blank);
                }
                None => {
                    content.word(word);
                    strict.word(word);
                    let slot = matches!(token, Token::Constant(value) if value > 0 && (value as usize) < self.table.len());
                    normal.word(if slot { blank } else { word });
                }
            }
        }
        if tokens.malformed() {
            // Not operators: only equal bytes are alike.
            let bytes = hash::bytes(body.as_bytes());
            for hash in [&mut content, &mut strict, &mut normal, &mut shape] {
                hash.word(bytes);
            }
        }
        [
            function.content,
            function.strict,
            function.normal,
            function.shape,
        ] = [content, strict, normal, shape].map(Hash::finish);
        function
    }

    /// The opcode of a token, and a word for all of it that does not depend on how the linker numbered things.
    fn word(&self, token: Token) -> (u64, u64) {
        let (opcode, rest) = match token {
            Token::Plain(bytes) => {
                let word = if bytes.len() <= 8 {
                    short(bytes)
                } else {
                    hash::bytes(bytes)
                };
                return (
                    u64::from(bytes[0]) | u64::from(bytes[0] == 0xfc) << 8 | prefixed(bytes),
                    word,
                );
            }
            Token::Function { opcode, index } => (opcode, self.import(index).unwrap_or(BLANK)),
            Token::Indirect { opcode, ty, table } => (opcode, self.ty(ty) ^ u64::from(table)),
            Token::Block { opcode, ty } => (opcode, self.ty(ty)),
            Token::Global { opcode, index } => (opcode, self.global(index)),
            Token::Constant(value) => (0x41, u64::from(value as u32)),
            Token::Wide(value) => (0x42, value as u64),
            Token::Memory {
                opcode,
                align,
                memory,
                offset,
            } => (
                opcode,
                offset << 16 | u64::from(align) << 8 | u64::from(memory),
            ),
        };
        (opcode.into(), hash::words(&[opcode.into(), rest]))
    }

    /// What each global is: its import, or its type, mutability and first value unless that is an address.
    fn globals(&self) -> Vec<u64> {
        let kind =
            |ty: &GlobalType| hash::bytes(format!("{} {}", ty.content_type, ty.mutable).as_bytes());
        let imported = self
            .module
            .imports()
            .iter()
            .filter_map(|import| match &import.ty {
                TypeRef::Global(ty) => Some(hash::words(&[
                    kind(ty),
                    hash::bytes(import.name.as_bytes()),
                ])),
                TypeRef::Func(_)
                | TypeRef::FuncExact(_)
                | TypeRef::Table(_)
                | TypeRef::Memory(_)
                | TypeRef::Tag(_) => None,
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

const BLANK: u64 = 1 << 33;

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

fn short(bytes: &[u8]) -> u64 {
    bytes.iter().fold(bytes.len() as u64, |word, byte| {
        word << 8 | u64::from(*byte)
    })
}

/// The second byte of an opcode that has two.
fn prefixed(bytes: &[u8]) -> u64 {
    if bytes[0] == 0xfc {
        u64::from(bytes.get(1).copied().unwrap_or_default()) << 16
    } else {
        0
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
        TypeRef::Func(_)
        | TypeRef::FuncExact(_)
        | TypeRef::Table(_)
        | TypeRef::Global(_)
        | TypeRef::Tag(_) => None,
    });
    memory.unwrap_or_default()
}

/// Table 0 as the active element segments fill it.
fn table(module: &Module) -> Vec<Option<u32>> {
    let mut table = Vec::new();
    for element in module.elements().into_iter().flatten().flatten() {
        let ElementKind::Active {
            table_index: None | Some(0),
            offset_expr,
        } = &element.kind
        else {
            continue;
        };
        let Some(start) =
            constant(module, offset_expr).and_then(|start| usize::try_from(start).ok())
        else {
            continue;
        };
        let functions: Vec<Option<u32>> = match element.items {
            ElementItems::Functions(items) => items.into_iter().map(Result::ok).collect(),
            ElementItems::Expressions(_, items) => items
                .into_iter()
                .map(|item| function_of(&item.ok()?))
                .collect(),
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
    (reader.read_u8().ok()? == 0xd2)
        .then(|| reader.read_var_u32().ok())
        .flatten()
}
