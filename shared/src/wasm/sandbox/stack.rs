//! How much stack one call of a function takes on a node, which ends calls within calls by the sum: 64 bytes, its parameters
//! and local variables, and the most that its operands come to, as `finite-wasm` counts them for nearcore. The differential
//! holds this against the numbers that near-vm-runner writes into its own copy. Not here: whether the code is well-typed.

use wasmparser::{FuncType, FunctionBody, TypeRef};

use super::super::node::{Operator, size};
use super::super::{Feature, Module};

/// Counts one function after another.
pub(super) struct Stack<'m> {
    /// The types of all functions, imported ones first.
    functions: Vec<Option<&'m FuncType>>,
    module: &'m Module<'m>,
    globals: Vec<u8>,
    locals: Vec<u8>,
    /// Bytes of each operand, and of all.
    operands: Vec<u8>,
    height: u64,
    /// The most that `height` came to in this function.
    pub(super) most: u64,
    frames: Vec<Frame>,
}

struct Frame {
    /// Operands that stood before it.
    below: usize,
    /// Bytes of its result.
    result: u8,
    /// Whether what follows in it cannot be reached.
    is_dead: bool,
}

impl<'m> Stack<'m> {
    pub(super) fn new(module: &'m Module<'m>) -> Stack<'m> {
        let imported = module.imported_functions().map(|import| match import.ty {
            TypeRef::Func(ty) | TypeRef::FuncExact(ty) => ty,
            TypeRef::Table(_) | TypeRef::Memory(_) | TypeRef::Global(_) | TypeRef::Tag(_) => u32::MAX,
        });
        let functions = imported.chain(module.function_types().iter().copied());
        Stack {
            functions: functions.map(|ty| module.function_type(ty)).collect(),
            module,
            globals: module.globals().iter().map(|global| size(global.ty.content_type)).collect(),
            locals: Vec::new(),
            operands: Vec::new(),
            height: 0,
            most: 0,
            frames: Vec::new(),
        }
    }

    /// Begins a function; its bytes without operands.
    pub(super) fn begin(&mut self, ty: &FuncType, body: &FunctionBody<'_>) -> Result<u64, Feature> {
        self.locals.clear();
        self.locals.extend(ty.params().iter().map(|ty| size(*ty)));
        for declared in body.get_locals_reader().map_err(|_| Feature::Unreadable)? {
            let (count, ty) = declared.map_err(|_| Feature::Unreadable)?;
            self.locals.resize(self.locals.len() + count as usize, size(ty));
        }
        self.operands.clear();
        (self.height, self.most) = (0, 0);
        self.frames.clear();
        self.frames.push(Frame { below: 0, result: 0, is_dead: false });
        Ok(64 + self.locals.iter().map(|size| u64::from(*size)).sum::<u64>())
    }

    /// Goes on by one operator.
    ///
    /// # Errors
    /// A label that there is not: the copy has one more around each function, which no code may reach.
    pub(super) fn next(&mut self, operator: &Operator) -> Result<(), Feature> {
        match operator.code {
            0x0c..=0x0e if operator.index as usize >= self.frames.len() => return Err(Feature::IllTyped),
            0x02..=0x04 => {
                self.pop(usize::from(operator.code == 0x04));
                self.enter(operator.count as u8);
            }
            0x05 | 0x0b => {
                let Some(frame) = self.leave() else { return Ok(()) };
                if operator.code == 0x05 { self.enter(frame.result) } else { self.push(frame.result) }
            }
            0x00 | 0x0c | 0x0e | 0x0f => {
                if let Some(frame) = self.frames.last_mut() {
                    frame.is_dead = true;
                }
            }
            // The index of an indirect call is left where it is: so it is counted.
            0x10 | 0x11 => {
                let ty = match operator.code {
                    0x10 => self.functions.get(operator.index as usize).copied().flatten(),
                    _ => self.module.function_type(operator.index),
                };
                let ty = ty.ok_or(Feature::IllTyped)?;
                self.pop(ty.params().len());
                self.push(ty.results().first().map_or(0, |ty| size(*ty)));
            }
            _ => {
                let (popped, pushed) = self.effect(operator);
                self.pop(popped);
                self.push(pushed);
            }
        }
        Ok(())
    }

    /// How many operands an operator takes, and how large the one is that it gives. One that gives what it takes does neither.
    fn effect(&self, operator: &Operator) -> (usize, u8) {
        let index = operator.index as usize;
        match operator.code {
            0x20 => (0, self.locals.get(index).copied().unwrap_or(0)),
            0x23 => (0, self.globals.get(index).copied().unwrap_or(0)),
            0x3f | 0x41 | 0x43 => (0, 4),
            0x42 | 0x44 | 0xd0 | 0xd2 => (0, 8),
            0x0d | 0x1a | 0x21 | 0x24 | 0x6a..=0x78 | 0x7c..=0x8a | 0x92..=0x98 | 0xa0..=0xa6 => (1, 0),
            0x28 | 0x2a | 0x2c..=0x2f | 0x45 | 0x50 | 0xa7..=0xab | 0xb2..=0xb6 | 0xbc | 0xbe | 0xd1 => (1, 4),
            0x25 | 0x29 | 0x2b | 0x30..=0x35 | 0xac..=0xb1 | 0xb7..=0xbb | 0xbd | 0xbf => (1, 8),
            // What gives what it takes, but `finite-wasm` counts it, and there it may take the index of an indirect call.
            0xc0 | 0xc1 => (1, 4),
            0xc2..=0xc4 => (1, 8),
            0x1b | 0x1c | 0x26 | 0x36..=0x3e => (2, 0),
            0x46..=0x4f | 0x51..=0x66 => (2, 4),
            0xfc => match operator.index {
                0..=3 => (1, 4),
                4..=7 => (1, 8),
                8 | 10..=12 | 14 | 17 => (3, 0),
                15 => (2, 4),
                16 => (0, 4),
                _ => (0, 0),
            },
            _ => (0, 0),
        }
    }

    /// Whether what comes next cannot be reached.
    pub(super) fn is_dead(&self) -> bool {
        self.frames.last().is_some_and(|frame| frame.is_dead)
    }

    fn enter(&mut self, result: u8) {
        self.frames.push(Frame { below: self.operands.len(), result, is_dead: self.is_dead() });
    }

    /// Ends a block. The function's own frame stays.
    fn leave(&mut self) -> Option<Frame> {
        let frame = if self.frames.len() > 1 { self.frames.pop() } else { None }?;
        self.pop(self.operands.len().saturating_sub(frame.below));
        Some(frame)
    }

    fn push(&mut self, bytes: u8) {
        if bytes > 0 && !self.is_dead() {
            self.operands.push(bytes);
            self.height += u64::from(bytes);
            self.most = self.most.max(self.height);
        }
    }

    fn pop(&mut self, count: usize) {
        if !self.is_dead() {
            for bytes in self.operands.drain(self.operands.len().saturating_sub(count)..) {
                self.height -= u64::from(bytes);
            }
        }
    }
}
