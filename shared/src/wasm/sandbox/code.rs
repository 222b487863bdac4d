//! The code section of the copy. Every operator of the module stays, in its place and with what it finds there, so that an
//! engine checks the types of the code itself; between them stands what ends the run:
//!
//! - before an operator that can make a NaN, since which NaN it makes is left to the engine, and its bits can choose a claim;
//!   the node has one for all (Cranelift's `nan_canonicalization`, whose list of operators this is). Others move a NaN that there
//!   is, or give no float;
//! - where a function begins, if the stack that a node gives to calls within calls would not do for it.

use wasmparser::{FuncType, FunctionBody};

use super::super::node::{Operators, operands};
use super::super::{Feature, Module, Oddity};
use super::rewrite::write_u32;
use super::stack::Stack;
use super::{MARK_FLOAT, MARK_STACK, PlanError};

/// Most labels of a `br_table` that browsers read, besides the default: V8's limit, and JavaScriptCore's.
const MAX_JUMP: u32 = 65_520;

/// The globals that the copy has besides the module's: bytes of stack that are left, and why the run was ended.
#[derive(Clone, Copy)]
pub(super) struct Globals {
    pub(super) stack: u32,
    pub(super) mark: u32,
}

/// The code section.
pub(super) fn section(module: &Module<'_>, globals: Globals) -> Result<Vec<u8>, PlanError> {
    let mut stack = Stack::new(module);
    let mut section = Vec::new();
    write_u32(&mut section, module.bodies().len() as u32);
    for (function, ty) in module.bodies().iter().zip(module.function_types()) {
        let ty = module.function_type(*ty).ok_or(Feature::IllTyped)?;
        let body = body(function, ty, &mut stack, globals)?;
        write_u32(&mut section, body.len() as u32);
        section.extend_from_slice(&body);
    }
    Ok(section)
}

/// One function: a block around its own operators, so that it comes to its end however they leave it but by `return`.
fn body(
    function: &FunctionBody<'_>,
    ty: &FuncType,
    stack: &mut Stack<'_>,
    globals: Globals,
) -> Result<Vec<u8>, PlanError> {
    let (bytes, start) = (function.as_bytes(), function.range().start);
    let frame = stack.begin(ty, function)?;
    let reader = function.get_binary_reader_for_operators().map_err(|_| Feature::Unreadable)?;
    let first = (reader.original_position() - start) as usize;
    // Each place where something stands between the operators, and whether it gives the stack back.
    let mut places = Vec::new();
    // Where the run was ended, what follows is not reached, but for what is jumped to: the end of a block and an `else`.
    let mut is_ended = false;
    for operator in Operators(reader) {
        let operator = operator?;
        stack.next(&operator)?;
        if operator.code == 0x0e && operator.count > MAX_JUMP {
            return Err(PlanError::WideJump(operator.count));
        }
        let at = (operator.offset - start) as usize;
        is_ended &= !matches!(operator.code, 0x05 | 0x0b);
        match operator.code {
            // `ceil` to `max` of both types, demotion, promotion.
            0x8d..=0x97 | 0x9b..=0xa5 | 0xb6 | 0xbb if !is_ended => {
                places.push((at, false));
                is_ended = true;
            }
            0x0f => places.push((at, true)),
            // The function's end, if it is one: what stands elsewhere is not well-typed, with or without what is added.
            0x0b if at + 1 == bytes.len() => places.push((at + 1, true)),
            _ => {}
        }
    }
    operands(stack.most)?;
    let taken = frame + stack.most;
    let mut body = bytes[..first].to_vec();
    begin(&mut body, ty, taken as u32, globals);
    let mut copied = first;
    for (at, gives_back) in places {
        body.extend_from_slice(&bytes[copied..at]);
        copied = at;
        if gives_back {
            add(&mut body, 0x6a, taken as u32, globals);
        } else {
            end_the_run(&mut body, MARK_FLOAT, globals);
        }
    }
    body.extend_from_slice(&bytes[copied..]);
    if copied == bytes.len() {
        body.push(0x0b);
    }
    Ok(body)
}

/// `block (result …) (block (br_if 0 (i32.ge_u stack taken)) …) stack = stack - taken`.
fn begin(body: &mut Vec<u8>, ty: &FuncType, taken: u32, globals: Globals) {
    use wasmparser::ValType;
    let result = match ty.results().first() {
        None => 0x40,
        Some(ValType::I32) => 0x7f,
        Some(ValType::I64) => 0x7e,
        Some(ValType::F32) => 0x7d,
        Some(ValType::F64) => 0x7c,
        Some(ValType::V128 | ValType::Ref(_)) => 0x70,
    };
    body.extend([0x02, result, 0x02, 0x40, 0x23]);
    write_u32(body, globals.stack);
    write_i32(body, taken);
    body.extend([0x4f, 0x0d, 0]);
    end_the_run(body, MARK_STACK, globals);
    body.push(0x0b);
    add(body, 0x6b, taken, globals);
}

/// `stack = stack + taken`, or `-`.
fn add(body: &mut Vec<u8>, operator: u8, taken: u32, globals: Globals) {
    body.push(0x23);
    write_u32(body, globals.stack);
    write_i32(body, taken);
    body.extend([operator, 0x24]);
    write_u32(body, globals.stack);
}

/// `block (mark = …) unreachable end`: in a block of its own, since code after `unreachable` may be of any type.
fn end_the_run(body: &mut Vec<u8>, mark: u8, globals: Globals) {
    body.extend([0x02, 0x40, 0x41, mark, 0x24]);
    write_u32(body, globals.mark);
    body.extend([0x00, 0x0b]);
}

fn write_i32(body: &mut Vec<u8>, value: u32) {
    body.push(0x41);
    super::rewrite::write_signed(body, value);
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
