//! The code section of the copy. Every operator of the module stays, in its place and with what it finds there, so that an
//! engine checks the types of the code itself; between them stands what ends the run:
//!
//! - before an operator that can make a NaN, since which NaN it makes is left to the engine, and its bits can choose a claim;
//!   the node has one for all (Cranelift's `nan_canonicalization`, whose list of operators this is). Others move a NaN that there
//!   is, or give no float;
//! - where a function begins, if the stack that a node gives to calls within calls would not do for it;
//! - before operators that follow each other without a jump, if fewer steps are left than they take.

use wasmparser::{FuncType, FunctionBody, ValType};

use super::super::node::{Operator, Operators, operands};
use super::super::{Feature, Module, Oddity};
use super::meters::{METERS, Meter, Meters};
use super::rewrite::{more, write_u32};
use super::stack::Stack;
use super::{CALL_STEPS, MARK_FLOAT, PlanError};

/// Most labels of a `br_table` that browsers read, besides the default: V8's limit, and JavaScriptCore's.
const MAX_JUMP: u32 = 65_520;

/// The code section of a module that has functions.
pub(super) fn section(module: &Module<'_>, meters: Meters) -> Result<Vec<u8>, PlanError> {
    let mut stack = Stack::new(module);
    let imported = module.imported_function_count() as u32;
    let mut section = more(&[0], module.bodies().len() + METERS.len());
    for (function, ty) in module.bodies().iter().zip(module.function_types()) {
        let ty = module.function_type(*ty).ok_or(Feature::IllTyped)?;
        let body = body(function, ty, imported, &mut stack, meters)?;
        write_u32(&mut section, body.len() as u32);
        section.extend_from_slice(&body);
    }
    meters.code(&mut section);
    Ok(section)
}

/// What stands between two operators of the copy.
enum Added {
    /// The steps of the operators that follow.
    Spend(u32),
    /// The steps of a length that is the last operand, in bytes or in elements of the table.
    SpendBytes,
    SpendElements,
    /// The function's stack is given back.
    Leave,
    /// The end, for a NaN.
    Stop,
}

/// One function: a block around its own operators, so that it comes to its end however they leave it but by `return`.
fn body(
    function: &FunctionBody<'_>,
    ty: &FuncType,
    imported: u32,
    stack: &mut Stack<'_>,
    meters: Meters,
) -> Result<Vec<u8>, PlanError> {
    let (bytes, start) = (function.as_bytes(), function.range().start);
    let frame = stack.begin(ty, function)?;
    let reader = function.get_binary_reader_for_operators().map_err(|_| Feature::Unreadable)?;
    let first = (reader.original_position() - start) as usize;
    let mut added: Vec<(usize, Added)> = Vec::new();
    // Which of them takes the steps of what comes next, unless something is jumped over or to before it.
    let mut spending = None;
    // Where the run was ended, what follows is not reached, but for what is jumped to: the end of a block and an `else`.
    let mut is_ended = false;
    for operator in Operators(reader) {
        let operator = operator?;
        let is_dead = stack.is_dead();
        stack.next(&operator)?;
        if operator.code == 0x0e && operator.count > MAX_JUMP {
            return Err(PlanError::WideJump(operator.count));
        }
        let at = (operator.offset - start) as usize;
        is_ended &= !matches!(operator.code, 0x05 | 0x0b);
        let steps = steps(&operator, imported);
        if steps > 0 && !is_dead && !is_ended {
            let spent = *spending.get_or_insert_with(|| {
                added.push((at, Added::Spend(0)));
                added.len() - 1
            });
            if let Some((_, Added::Spend(sum))) = added.get_mut(spent) {
                *sum += steps;
            }
        }
        match (operator.code, operator.index) {
            // `ceil` to `max` of both types, demotion, promotion.
            (0x8d..=0x97 | 0x9b..=0xa5 | 0xb6 | 0xbb, _) if !is_ended => {
                added.push((at, Added::Stop));
                is_ended = true;
            }
            (0xfc, 8 | 10 | 11) if !is_dead => added.push((at, Added::SpendBytes)),
            (0xfc, 12 | 14 | 15 | 17) if !is_dead => added.push((at, Added::SpendElements)),
            (0x0f, _) if !is_dead => added.push((at, Added::Leave)),
            // The function's end, if it is one: what stands elsewhere is not well-typed, with or without what is added.
            (0x0b, _) if at + 1 == bytes.len() => added.push((at + 1, Added::Leave)),
            _ => {}
        }
        if matches!(operator.code, 0x03..=0x05 | 0x0b | 0x0d) {
            spending = None;
        }
    }
    operands(stack.most)?;
    let taken = (frame + stack.most) as i32;
    let mut body = bytes[..first].to_vec();
    body.extend([0x02, result(ty)]);
    meters.call(&mut body, Meter::Enter, taken);
    let mut copied = first;
    for (at, added) in added {
        body.extend_from_slice(&bytes[copied..at]);
        copied = at;
        match added {
            Added::Spend(steps) => meters.call(&mut body, Meter::Spend, steps as i32),
            Added::SpendBytes => meters.call_with_what_is_there(&mut body, Meter::SpendBytes),
            Added::SpendElements => meters.call_with_what_is_there(&mut body, Meter::SpendElements),
            Added::Leave => meters.call(&mut body, Meter::Leave, taken),
            Added::Stop => meters.call(&mut body, Meter::Stop, MARK_FLOAT),
        }
    }
    body.extend_from_slice(&bytes[copied..]);
    if copied == bytes.len() {
        body.push(0x0b);
    }
    Ok(body)
}

/// What a block is of that gives what the function gives.
fn result(ty: &FuncType) -> u8 {
    match ty.results().first() {
        None => 0x40,
        Some(ValType::I32) => 0x7f,
        Some(ValType::I64) => 0x7e,
        Some(ValType::F32) => 0x7d,
        Some(ValType::F64) => 0x7c,
        Some(ValType::V128 | ValType::Ref(_)) => 0x70,
    }
}

/// How many steps an operator is, besides those for a length. As on a node, the ends of blocks are none.
fn steps(operator: &Operator, imported: u32) -> u32 {
    match (operator.code, operator.index) {
        (0x01 | 0x02 | 0x05 | 0x0b, _) => 0,
        (0x11 | 0x40, _) | (0xfc, 12 | 14 | 15 | 17) => CALL_STEPS,
        (0x10, function) if function < imported => CALL_STEPS,
        _ => 1,
    }
}

impl From<Feature> for PlanError {
    fn from(feature: Feature) -> Self {
        PlanError::Refused(feature.into())
    }
}

impl From<Oddity> for PlanError {
    fn from(oddity: Oddity) -> Self {
        PlanError::Refused(oddity)
    }
}
