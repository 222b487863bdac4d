//! One module, resolved for comparing: what its numbers mean, and each of its functions with the numbers taken out.

use std::collections::BTreeMap;
use std::ops::Deref;

use wasmparser::ExternalKind;

use super::Budget;
use super::numbers::Numbers;
use super::summary::{self, Function};
use crate::wasm::Module;

/// A module, resolved.
pub(super) struct Context<'a> {
    numbers: Numbers<'a>,
    /// Each defined function.
    pub(super) functions: Vec<Function>,
}

impl<'a> Context<'a> {
    pub(super) fn of(module: &'a Module<'a>, budget: &mut Budget) -> Context<'a> {
        let numbers = Numbers::of(module);
        let bodies = module.bodies().iter().zip(module.function_types());
        let mut probes = BTreeMap::new();
        let mut functions: Vec<Function> =
            bodies.map(|(body, ty)| summary::function(&numbers, body, *ty, &mut probes, budget)).collect();
        for export in module.exports().iter().filter(|export| export.kind == ExternalKind::Func) {
            let index = export.index.checked_sub(numbers.imported).map(|index| index as usize);
            if let Some(function) = index.and_then(|index| functions.get_mut(index)) {
                function.exported = true;
            }
        }
        Context { numbers, functions }
    }
}

impl<'a> Deref for Context<'a> {
    type Target = Numbers<'a>;

    fn deref(&self) -> &Numbers<'a> {
        &self.numbers
    }
}
