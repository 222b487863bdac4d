//! What a node takes: the features and limits of one protocol version, after nearcore's parameters and near-vm-runner's
//! `prepare`. They are checked again at each call, whatever was so when the code was deployed: outside of them a module can
//! be deployed and never be called. `cargo xtask differential` holds this against near-vm-runner itself.
//! Not here: whether code is well-typed, which every engine checks alike in the sandbox's copy, and two limits that take more
//! than one look: of operands, which that copy is made by (`sandbox::stack`), and of the size that the node's instrumentation
//! comes to. What initial values may be is checked where they are read (`initial`).

mod host_functions;
mod operators;

use wasmparser::{ExternalKind, RefType, TableInit, TypeRef, ValType};

use super::{Feature, Module, Oddity, SectionKind, reader};
pub(crate) use host_functions::is_harmless;
pub use host_functions::{HARMLESS, host_functions};
pub(in crate::wasm) use operators::{Operator, Operators};

/// Pages of 64 KiB that every contract's memory begins with, whatever the module declares.
pub const FIRST_MEMORY_PAGES: u32 = 1_024;
/// Most pages that it may reach.
pub const MAX_MEMORY_PAGES: u32 = 2_048;
/// Most elements of a contract's only table.
pub const MAX_TABLE_ELEMENTS: u32 = 10_000;
/// The only module that a contract may import from.
pub const HOST_MODULE: &str = "env";
/// Bytes of stack that calls within calls may take: of each its operands, local variables and 64 bytes more.
pub const MAX_STACK_HEIGHT: u32 = 262_144;

/// The limits, by the names of nearcore's parameters.
const MAX_CONTRACT_SIZE: u64 = 4_194_304;
const MAX_TYPES_PER_CONTRACT: u64 = 1_024;
const MAX_FUNCTIONS_NUMBER_PER_CONTRACT: u64 = 10_000;
const MAX_FUNCTION_BODY_SIZE: u64 = 196_608;
const MAX_LOCALS_PER_CONTRACT: u64 = 1_000_000;
const MIN_CONTRACT_SIZE_PER_LOCAL: u64 = 2;
const MAX_PARAMS_PER_FUNCTION: u64 = 64;
const MAX_PARAMS_PER_CONTRACT: u64 = 50_000;
const MAX_BLOCKS_PER_FUNCTION: u64 = 5_000;
const MAX_BLOCKS_PER_CONTRACT: u64 = 50_000;
const MAX_OPERAND_STACK_BYTES_PER_FUNCTION: u64 = 8_192;
/// Limits of its parser.
const MAX_SEGMENTS: u64 = 100_000;
const MAX_LOCALS_PER_FUNCTION: u64 = 50_000;
const MAX_DECLARED_PAGES: u64 = 65_536;

/// The first thing for which no node runs `module`, in the order of its sections.
pub(super) fn refusal(module: &Module<'_>) -> Option<Oddity> {
    declarations(module).and_then(|()| code(module)).err()
}

/// All but the code.
fn declarations(module: &Module<'_>) -> Result<(), Oddity> {
    within("bytes", module.bytes().len() as u64, MAX_CONTRACT_SIZE)?;
    let is_named = |section: &super::Section| reader(module.bytes(), section).read_string().is_ok();
    let mut custom = module.sections().iter().filter(|section| section.kind == SectionKind::Custom);
    refuse((!custom.all(is_named)).then_some(Feature::Unreadable))?;

    within("types", module.types.len() as u64, MAX_TYPES_PER_CONTRACT)?;
    for ty in &module.types {
        refuse((ty.results().len() > 1).then_some(Feature::MultiValue))?;
        values(ty.params().iter().chain(ty.results()))?;
    }
    for import in module.imports() {
        let why = match import.ty {
            TypeRef::Func(ty) if import.module == HOST_MODULE => {
                host_functions::refusal(import.name, module.function_type(ty))
            }
            _ => Some("a node gives functions of `env` alone"),
        };
        why.map_or(Ok(()), |why| {
            Err(Oddity::ForeignImport { module: import.module.into(), name: import.name.into(), why })
        })?;
    }
    let functions = module.all_function_count();
    within("functions", functions as u64, MAX_FUNCTIONS_NUMBER_PER_CONTRACT)?;

    refuse((module.tables().len() > 1).then_some(Feature::MultiTable))?;
    for table in module.tables() {
        let ty = &table.ty;
        refuse(ty.table64.then_some(Feature::Memory64))?;
        refuse(ty.shared.then_some(Feature::Threads))?;
        values([&ValType::Ref(ty.element_type)])?;
        refuse(matches!(table.init, TableInit::Expr(_)).then_some(Feature::GarbageCollection))?;
        within("elements in the table", ty.initial, MAX_TABLE_ELEMENTS.into())?;
        in_order(ty.initial, ty.maximum)?;
    }
    refuse((module.memories().len() > 1).then_some(Feature::MultiMemory))?;
    for memory in module.memories() {
        refuse(memory.memory64.then_some(Feature::Memory64))?;
        refuse(memory.shared.then_some(Feature::Threads))?;
        refuse(memory.page_size_log2.is_some().then_some(Feature::CustomPageSizes))?;
        within("pages of memory", memory.maximum.unwrap_or(memory.initial), MAX_DECLARED_PAGES)?;
        in_order(memory.initial, memory.maximum)?;
    }
    for global in module.globals() {
        refuse(global.ty.shared.then_some(Feature::Threads))?;
        values([&global.ty.content_type])?;
    }
    let elements = module.elements().map_or(0, |elements| elements.count());
    within("element segments", elements.into(), MAX_SEGMENTS)?;
    within("data segments", module.data().len() as u64, MAX_SEGMENTS)?;
    let mut named = module.named_functions;
    for export in module.exports() {
        match export.kind {
            ExternalKind::Global => there_is(module, export.index)?,
            ExternalKind::Func => named = named.max(u64::from(export.index) + 1),
            _ => {}
        }
    }
    refuse((named > functions as u64).then_some(Feature::IllTyped))?;
    Ok(())
}

/// The functions, operator by operator.
fn code(module: &Module<'_>) -> Result<(), Oddity> {
    let size = module.bytes().len() as u64;
    let functions = module.all_function_count() as u64;
    let (mut all_locals, mut all_params, mut all_blocks) = (0, 0, 0);
    for (body, ty) in module.bodies().iter().zip(module.function_types()) {
        within("bytes in one function", body.range().end - body.range().start, MAX_FUNCTION_BODY_SIZE)?;
        let params = module.function_type(*ty).map_or(0, |ty| ty.params().len() as u64);
        within("parameters of one function", params, MAX_PARAMS_PER_FUNCTION)?;
        all_params += params;
        let mut locals = 0;
        let mut declared = body.get_locals_reader().map_err(|_| Feature::Unreadable)?;
        for _ in 0..declared.get_count() {
            let (count, ty) = declared.read().map_err(|_| Feature::Unreadable)?;
            values([&ty])?;
            locals += u64::from(count);
        }
        within("parameters and local variables of one function", params + locals, MAX_LOCALS_PER_FUNCTION)?;
        all_locals += locals;
        let mut blocks = 0;
        for operator in Operators(declared.get_binary_reader()) {
            let Operator { code, index, .. } = operator?;
            match code {
                0x02..=0x04 => blocks += 1,
                0x23 | 0x24 => there_is(module, index)?,
                0xd2 => refuse((u64::from(index) >= functions).then_some(Feature::IllTyped))?,
                _ => {}
            }
        }
        within("blocks in one function", blocks, MAX_BLOCKS_PER_FUNCTION)?;
        all_blocks += blocks;
    }
    within("blocks", all_blocks, MAX_BLOCKS_PER_CONTRACT)?;
    within("parameters of all functions", all_params, MAX_PARAMS_PER_CONTRACT)?;
    within("local variables", all_locals, MAX_LOCALS_PER_CONTRACT)?;
    within("local variables for its size", all_locals, size / MIN_CONTRACT_SIZE_PER_LOCAL)
}

/// Whether a function has no more operands at once than a node takes.
pub(in crate::wasm) fn operands(bytes: u64) -> Result<(), Oddity> {
    within("bytes of operands in one function", bytes, MAX_OPERAND_STACK_BYTES_PER_FUNCTION)
}

fn within(what: &'static str, count: u64, limit: u64) -> Result<(), Oddity> {
    if count > limit { Err(Oddity::BeyondNode { what, count, limit }) } else { Ok(()) }
}

fn refuse(beyond: Option<Feature>) -> Result<(), Feature> {
    beyond.map_or(Ok(()), Err)
}

/// The copy for the sandbox has limits of its own, so no engine sees that these cannot be.
fn in_order(initial: u64, maximum: Option<u64>) -> Result<(), Feature> {
    refuse(maximum.is_some_and(|maximum| maximum < initial).then_some(Feature::Unreadable))
}

/// The copy for the sandbox has globals of its own, which the module's code must not reach.
fn there_is(module: &Module<'_>, global: u32) -> Result<(), Feature> {
    refuse((global as usize >= module.globals().len()).then_some(Feature::Unreadable))
}

fn values<'a>(types: impl IntoIterator<Item = &'a ValType>) -> Result<(), Feature> {
    refuse(types.into_iter().find_map(|ty| beyond_value(*ty)))
}

/// What a type of values belongs to, if no node has values of it.
pub(super) fn beyond_value(ty: ValType) -> Option<Feature> {
    match ty {
        ValType::I32 | ValType::I64 | ValType::F32 | ValType::F64 => None,
        ValType::Ref(RefType::FUNCREF) => None,
        ValType::Ref(RefType::EXTERNREF) => Some(Feature::ExternRef),
        ValType::V128 => Some(Feature::Simd),
        ValType::Ref(_) => Some(Feature::GarbageCollection),
    }
}

/// How many bytes a value takes on the stack, as a node counts it.
pub(in crate::wasm) fn size(ty: ValType) -> u8 {
    match ty {
        ValType::I32 | ValType::F32 => 4,
        ValType::I64 | ValType::F64 | ValType::Ref(_) => 8,
        ValType::V128 => 16,
    }
}
