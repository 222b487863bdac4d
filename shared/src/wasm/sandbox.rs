//! What a sandbox needs to run one export of an untrusted module: bytes with limits written into them, and the stubs to give.
//! Pure; the running is done by the edges, in the browser's own engine and in an interpreter, and both keep these rules:
//!
//! 1. Every function import is a stub that does nothing, returns zeros of its result types, and notes its **name** as called.
//! 2. Only `env.value_return` (length i64, address i64, both read as unsigned) is captured: the bytes there are copied out
//!    of the memory at once, and the last call wins. Longer than [`MAX_RETURNED`], or outside the memory: the run traps, as on the node.
//! 3. Nothing runs before the export is called: a module with a start function is refused (see [`PlanError::StartFunction`]).
//!    What active segments write at instantiation is no host call, so captures begin after instantiation by construction.
//! 4. The run ends where [`MAX_STEPS`] are taken: the copy counts them, and the host takes some for what `value_return` hands
//!    over (see [`Plan::mark`]). A node goes further, so such a run says nothing about the code; neither does one that a slow
//!    browser ends before. A trap is an outcome of its own; what was captured before it, or before a limit, does not count.
//! 5. The memory is the node's: 1,024 pages at first and 2,048 at most, whatever the module declares.
//! 6. The copy ends the run itself before an operator that can make a NaN, and where calls within calls take more stack than a
//!    node has.
//! 7. Code that no engine takes is not well-typed, and no node takes it either: the copy leaves every operator as it is, and
//!    what engines know beyond the node is refused before.
//! 8. An engine that has less stack than the node says nothing about the code: the run did not begin.
//! 9. Import names are hostile: a host keeps them in a map without a prototype, never in a plain object.

mod code;
mod meters;
mod rewrite;
mod stack;

use std::collections::BTreeSet;

use serde::Serialize;
use thiserror::Error;
use wasmparser::{ExternalKind, TypeRef, ValType};

use super::node::HOST_MODULE;
use super::{Module, Oddity};

/// Longest value that `value_return` takes on the node, in bytes.
pub const MAX_RETURNED: u64 = 4 << 20;
/// The only host function whose arguments are looked at.
pub const VALUE_RETURN: &str = "value_return";
/// Steps of one run, most of them operators. Real contracts need some thousands, those with an interpreter inside some
/// millions; a node's gas does for more than a thousand million.
pub const MAX_STEPS: i32 = 50_000_000;
/// Steps that the host takes for a `value_return`, and for each four bytes of it: no fewer than what a node takes gas for.
pub const RETURN_STEPS: i32 = 150;
/// See [`RETURN_STEPS`]: 2 to that power.
pub const RETURN_SHIFT: u8 = 2;
/// Steps for a call of the host, or of what may be one, and for making memory or table larger.
const CALL_STEPS: u32 = 50;
/// What [`Plan::mark`] is where an operator was reached that can make a NaN: its bits differ from engine to engine.
pub const MARK_FLOAT: i32 = i32::MIN;
/// What it is where a node has no stack left.
pub const MARK_STACK: i32 = i32::MIN + 1;

/// A type of what host functions take and give.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
#[allow(missing_docs)] // the names are the specification's
pub enum ValueType {
    I32,
    I64,
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

/// All that a sandbox needs to run one export once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    bytes: Vec<u8>,
    export: String,
    functions: Vec<HostFunction>,
    memory: Option<String>,
    mark: String,
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
    /// A jump to more places than browsers take and fewer than nodes do. No compiler makes one.
    #[error("the code has a jump to `{0}` places, more than the `65520` that are run here")]
    WideJump(u32),
    /// No node takes the module: sections repeated or out of order, bytes after the last, or what [`super::node`] refuses.
    #[error("no node runs the module: {0}")]
    Refused(Oddity),
}

impl Plan {
    /// Plans to run `export` of `module`, which must be a function without parameters and results.
    ///
    /// # Errors
    /// [`PlanError`]: the export cannot be run, or the module asks for what the node would refuse.
    pub fn new(module: &Module, export: &str) -> Result<Plan, PlanError> {
        Self::within(module, export, MAX_STEPS)
    }

    /// The same, with so many steps.
    pub(crate) fn within(module: &Module, export: &str, steps: i32) -> Result<Plan, PlanError> {
        if let Some(oddity) = module.refusal() {
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
        let memory = (!module.memories().is_empty()).then(|| memory_export(module));
        let mark = free_name(module, "mark");
        let bytes = rewrite::rewrite(module, memory.as_deref(), &mark, steps)?;
        Ok(Plan { bytes, export: export.to_owned(), functions: imports(module), memory, mark })
    }

    /// The module to instantiate: without custom sections, memory, table and stack as on the node, no NaN made, steps counted.
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

    /// The name that the memory is exported under. Without one a `value_return` of more than nothing traps: on the node, which
    /// makes one all the same, there would be zeros, and those are neither a claim nor an ABI.
    pub fn memory(&self) -> Option<&str> {
        self.memory.as_deref()
    }

    /// The exported `i32` that is how many steps are left. Below 0 once the run was ended, by a trap: [`MARK_FLOAT`],
    /// [`MARK_STACK`], or something else where no steps were left. The host takes of it
    /// `RETURN_STEPS + (length >> RETURN_SHIFT)` at each `value_return`, and traps where it comes below 0.
    pub fn mark(&self) -> &str {
        &self.mark
    }
}

/// The functions to give. Nothing else is imported by a module that a node takes, and each name with one type of numbers.
fn imports(module: &Module) -> Vec<HostFunction> {
    let mut functions: Vec<HostFunction> = Vec::new();
    for import in module.imports() {
        let TypeRef::Func(ty) = import.ty else { continue };
        let Some(ty) = module.function_type(ty) else { continue };
        if functions.iter().all(|known| known.name != import.name) {
            functions.push(HostFunction {
                module: HOST_MODULE.to_owned(),
                name: import.name.to_owned(),
                params: ty.params().iter().filter_map(number).collect(),
                results: ty.results().iter().filter_map(number).collect(),
            });
        }
    }
    functions
}

fn number(ty: &ValType) -> Option<ValueType> {
    match ty {
        ValType::I32 => Some(ValueType::I32),
        ValType::I64 => Some(ValueType::I64),
        ValType::F32 | ValType::F64 | ValType::V128 | ValType::Ref(_) => None,
    }
}

/// The name that memory 0 is exported under, or one that is free.
fn memory_export(module: &Module) -> String {
    let is_it = |export: &&wasmparser::Export<'_>| export.kind == ExternalKind::Memory && export.index == 0;
    match module.exports().iter().find(is_it) {
        Some(export) => export.name.to_owned(),
        None => free_name(module, "memory"),
    }
}

/// `like`, or with the first number that no export has behind it.
fn free_name(module: &Module, like: &str) -> String {
    let mut taken = BTreeSet::new();
    // Not collected: that would sort them first, by kilobytes of code that nothing else before a verdict needs.
    taken.extend(module.exports().iter().map(|export| export.name).filter(|name| name.starts_with(like)));
    let mut name = like.to_owned();
    for number in 0_u32.. {
        if !taken.contains(name.as_str()) {
            break;
        }
        name = format!("{like}{number}");
    }
    name
}
