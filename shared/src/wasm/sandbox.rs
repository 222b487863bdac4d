//! What a sandbox needs to run one export of an untrusted module: bytes with limits written into them, and the stubs to give.
//! Pure; the running is done by the edges, in the browser's own engine and in an interpreter, and both keep these rules:
//!
//! 1. Every function import is a stub that does nothing, returns zeros of its result types, and notes its **name** as called.
//! 2. Only `env.value_return` (length i64, address i64, both read as unsigned) is captured: the bytes there are copied out
//!    of the memory at once, and the last call wins. Longer than [`MAX_RETURNED`], or outside the memory: the run traps, as on the node.
//! 3. Nothing runs before the export is called: a module with a start function is refused (see [`PlanError::StartFunction`]).
//!    What active segments write at instantiation is no host call, so captures begin after instantiation by construction.
//! 4. The run ends by a limit of the edge's own (a time limit after compilation, or fuel). A trap or a limit is an outcome of
//!    its own, never an empty answer; what was captured before it does not count.
//! 5. Import names are hostile: a host keeps them in a map without a prototype, never in a plain object.

mod rewrite;

use serde::Serialize;
use thiserror::Error;
use wasmparser::{ExternalKind, MemoryType, TypeRef, ValType};

use super::{Module, Oddity};

/// Most pages of 64 KiB that a contract's memory may reach on the node.
pub const MAX_MEMORY_PAGES: u32 = 2_048;
/// Most elements that a contract's only table may have on the node.
pub const MAX_TABLE_ELEMENTS: u32 = 10_000;
/// Longest value that `value_return` takes on the node, in bytes.
pub const MAX_RETURNED: u64 = 4 << 20;
/// The only module that a contract may import from.
pub const HOST_MODULE: &str = "env";
/// The only host function whose arguments are looked at.
pub const VALUE_RETURN: &str = "value_return";

/// A type that a host can pass without knowing anything about the module.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
#[allow(missing_docs)] // the names are the specification's
pub enum ValueType {
    I32,
    I64,
    F32,
    F64,
}

/// A function to give as a stub.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct HostFunction {
    /// Always [`HOST_MODULE`].
    pub module: String,
    /// Its name, hostile text.
    pub name: String,
    /// Parameter types.
    pub params: Vec<ValueType>,
    /// Result types; return a zero of each.
    pub results: Vec<ValueType>,
}

/// Where the memory comes from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum HostMemory {
    /// The host makes it, with these limits in pages of 64 KiB, and gives it under this name of [`HOST_MODULE`].
    Imported {
        /// Name to give it under.
        name: String,
        /// Pages at the start.
        minimum: u32,
        /// Pages at most.
        maximum: u32,
    },
    /// The module makes it and exports it under this name (added to [`Plan::bytes`] where the module does not export it itself).
    Exported {
        /// Name to find it under.
        name: String,
    },
    /// There is none: a `value_return` of more than nothing traps.
    None,
}

/// All that a sandbox needs to run one export once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    bytes: Vec<u8>,
    export: String,
    functions: Vec<HostFunction>,
    memory: HostMemory,
}

/// Why an export of a module is not run.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum PlanError {
    /// The module has no such export: for a contract without metadata the usual case.
    #[error("the module has no export `{0}`")]
    ExportMissing(String),
    /// The export is there and is no function without parameters and results.
    #[error("the export `{0}` is not a function without parameters and results")]
    ExportType(String),
    /// The module has a start function. It would run before the export, where no call counts, and could prepare another
    /// answer for the node than for a sandbox that leaves it out; no toolchain for contracts makes one. So it is refused.
    #[error("the module has a start function, which would run before the export")]
    StartFunction,
    /// An import that the node would refuse as well: from another module than `env`, or neither function nor memory.
    #[error("the import `{module}.{name}` is none that a contract can have")]
    ForeignImport {
        /// Module imported from.
        module: String,
        /// Name imported.
        name: String,
    },
    /// One name imported with two types, so that no single stub fits.
    #[error("the import `{0}` stands twice with different types")]
    ConflictingImport(String),
    /// A parameter or result that is no number.
    #[error("the import `{0}` takes or returns something that is not a number")]
    ImportType(String),
    /// `value_return` with other parameters than the node's.
    #[error("the import `value_return` has not the type that the node gives it")]
    ValueReturnType,
    /// More than one memory, a shared or 64-bit one, or one that begins above the node's limit.
    #[error("the module's memory is none that the node would give")]
    Memory,
    /// More than one table, one of another type than functions, or one that begins above the node's limit.
    #[error("the module's table is none that the node would give")]
    Table,
    /// Sections repeated or out of order, bytes after the last, or more of something than the node takes.
    #[error("no node runs the module: {0}")]
    Refused(Oddity),
}

impl Plan {
    /// Plans to run `export` of `module`, which must be a function without parameters and results.
    ///
    /// # Errors
    /// [`PlanError`]: the export cannot be run, or the module asks for what the node would refuse.
    pub fn new(module: &Module, export: &str) -> Result<Plan, PlanError> {
        if let Some(oddity) = module.oddities().iter().find(|oddity| oddity.invalidates()) {
            return Err(PlanError::Refused(oddity.clone()));
        }
        let found = module.exports().iter().find(|found| found.name == export);
        let found = found.ok_or_else(|| PlanError::ExportMissing(export.to_owned()))?;
        let ty = (found.kind == ExternalKind::Func).then(|| module.type_of_function(found.index)).flatten();
        if !ty.is_some_and(|ty| ty.params().is_empty() && ty.results().is_empty()) {
            return Err(PlanError::ExportType(export.to_owned()));
        }
        if module.start().is_some() {
            return Err(PlanError::StartFunction);
        }
        let (functions, imported) = imports(module)?;
        let memory = match (imported, module.memories()) {
            (Some(memory), []) => memory,
            (None, []) => HostMemory::None,
            (None, [defined]) => {
                limits(defined)?;
                HostMemory::Exported { name: memory_export(module) }
            }
            _ => return Err(PlanError::Memory),
        };
        Ok(Plan { bytes: rewrite::rewrite(module, &memory)?, export: export.to_owned(), functions, memory })
    }

    /// The module to instantiate: without custom sections, its memory and table limited to what the node allows.
    /// Never the bytes to hash or to show.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The export to call.
    pub fn export(&self) -> &str {
        &self.export
    }

    /// The stubs to give, each name once.
    pub fn functions(&self) -> &[HostFunction] {
        &self.functions
    }

    /// Where the memory comes from.
    pub fn memory(&self) -> &HostMemory {
        &self.memory
    }
}

fn imports(module: &Module) -> Result<(Vec<HostFunction>, Option<HostMemory>), PlanError> {
    let mut functions: Vec<HostFunction> = Vec::new();
    let mut by_name = std::collections::BTreeMap::new();
    let mut memory = None;
    for import in module.imports() {
        let foreign = || PlanError::ForeignImport { module: import.module.to_owned(), name: import.name.to_owned() };
        if import.module != HOST_MODULE {
            return Err(foreign());
        }
        match import.ty {
            TypeRef::Func(ty) => {
                let ty = module.function_type(ty).ok_or_else(foreign)?;
                let function = HostFunction {
                    module: HOST_MODULE.to_owned(),
                    name: import.name.to_owned(),
                    params: numbers(ty.params(), import.name)?,
                    results: numbers(ty.results(), import.name)?,
                };
                if function.name == VALUE_RETURN
                    && (function.params != [ValueType::I64; 2] || !function.results.is_empty())
                {
                    return Err(PlanError::ValueReturnType);
                }
                match by_name.get(import.name) {
                    None => {
                        by_name.insert(import.name, functions.len());
                        functions.push(function);
                    }
                    Some(earlier) if functions[*earlier] == function => {}
                    Some(_) => return Err(PlanError::ConflictingImport(import.name.to_owned())),
                }
            }
            TypeRef::Memory(ty) if memory.is_none() => {
                let (minimum, maximum) = limits(&ty)?;
                memory = Some(HostMemory::Imported { name: import.name.to_owned(), minimum, maximum });
            }
            TypeRef::Memory(_) => return Err(PlanError::Memory),
            TypeRef::Table(_) | TypeRef::Global(_) | TypeRef::Tag(_) | TypeRef::FuncExact(_) => {
                return Err(foreign());
            }
        }
    }
    if let Some(HostMemory::Imported { name, .. }) = &memory
        && by_name.contains_key(name.as_str())
    {
        return Err(PlanError::ConflictingImport(name.clone()));
    }
    Ok((functions, memory))
}

fn numbers(types: &[ValType], import: &str) -> Result<Vec<ValueType>, PlanError> {
    types
        .iter()
        .map(|ty| match ty {
            ValType::I32 => Ok(ValueType::I32),
            ValType::I64 => Ok(ValueType::I64),
            ValType::F32 => Ok(ValueType::F32),
            ValType::F64 => Ok(ValueType::F64),
            ValType::V128 | ValType::Ref(_) => Err(PlanError::ImportType(import.to_owned())),
        })
        .collect()
}

/// First and largest size in pages, the latter at most the node's.
fn limits(memory: &MemoryType) -> Result<(u32, u32), PlanError> {
    let most = u64::from(MAX_MEMORY_PAGES);
    let plain = !memory.memory64 && !memory.shared && memory.page_size_log2.is_none();
    if !plain || memory.initial > most || memory.maximum.is_some_and(|maximum| maximum < memory.initial) {
        return Err(PlanError::Memory);
    }
    Ok((memory.initial as u32, memory.maximum.unwrap_or(most).min(most) as u32))
}

/// The name that memory 0 is exported under, or one that is free.
fn memory_export(module: &Module) -> String {
    let exports = module.exports();
    if let Some(export) = exports.iter().find(|export| export.kind == ExternalKind::Memory && export.index == 0) {
        return export.name.to_owned();
    }
    let mut name = "memory".to_owned();
    while exports.iter().any(|export| export.name == name) {
        name.push('_');
    }
    name
}
