//! Walks two bodies side by side: are they the same once functions, types, globals and addresses are read as what they
//! stand for? Addresses are only collected here; `data` says afterwards what they point at.

use super::body::{Token, Tokens};
use super::context::Context;
use super::literals::Literals;
use super::numbers::number;
use super::pairs::Pairs;

/// An address in each module at the same place of a pair of functions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Reference {
    pub(super) a: u64,
    pub(super) b: u64,
    /// Function of the first module that the two stand in.
    pub(super) function: u32,
}

/// Both modules and what is known of them.
pub(super) struct Both<'c, 'a> {
    pub(super) a: &'c Context<'a>,
    pub(super) b: &'c Context<'a>,
    pub(super) pairs: &'c Pairs,
    pub(super) literals_a: &'c Literals,
    pub(super) literals_b: &'c Literals,
}

impl Both<'_, '_> {
    /// Whether two function indices, imports counted, stand for the same.
    pub(super) fn same_function(&self, x: u32, y: u32) -> bool {
        match (self.a.import(x), self.b.import(y)) {
            (Some(x), Some(y)) => x == y,
            (None, None) => self.pairs.same(x - self.a.imported, y - self.b.imported),
            (Some(_), None) | (None, Some(_)) => false,
        }
    }

    /// Whether two numbers are different slots of the table with the same function in them.
    pub(super) fn same_slot(&self, x: u64, y: u64) -> bool {
        matches!((self.a.slot(x), self.b.slot(y)), (Some(x), Some(y)) if self.same_function(x, y))
    }

    /// Whether two defined functions are the same, given the addresses that are appended to `references`.
    pub(super) fn same_body(&self, x: u32, y: u32, references: &mut Vec<Reference>) -> bool {
        let (body_a, body_b) = (self.a.body(x as usize), self.b.body(y as usize));
        let (function_a, function_b) = (&self.a.functions[x as usize], &self.b.functions[y as usize]);
        let (mut of_a, mut of_b) = (Tokens::of(body_a), Tokens::of(body_b));
        if function_a.ty != function_b.ty || of_a.locals() != of_b.locals() {
            return false;
        }
        let kept = references.len();
        let same = loop {
            match (of_a.next(), of_b.next()) {
                (Some(in_a), Some(in_b)) => {
                    if !self.same_token(in_a, in_b) {
                        break false;
                    }
                    if let (Some(a), Some(b)) = (number(in_a), number(in_b))
                        && self.a.is_address(a)
                        && self.b.is_address(b)
                    {
                        references.push(Reference { a, b, function: x });
                    }
                }
                (None, None) => {
                    break !of_a.malformed() && !of_b.malformed() || body_a.as_bytes() == body_b.as_bytes();
                }
                (Some(_), None) | (None, Some(_)) => break false,
            }
        };
        if !same {
            references.truncate(kept);
        }
        same
    }

    fn same_token(&self, x: Token, y: Token) -> bool {
        match (x, y) {
            (Token::Plain(x), Token::Plain(y)) => x == y,
            (Token::Function { opcode: x, index: in_a }, Token::Function { opcode: y, index: in_b }) => {
                x == y && self.same_function(in_a, in_b)
            }
            (
                Token::Indirect { opcode: x, ty: ty_a, table: in_a },
                Token::Indirect { opcode: y, ty: ty_b, table: in_b },
            ) => x == y && in_a == in_b && self.a.ty(ty_a) == self.b.ty(ty_b),
            (Token::Block { opcode: x, ty: ty_a }, Token::Block { opcode: y, ty: ty_b }) => {
                x == y && self.a.ty(ty_a) == self.b.ty(ty_b)
            }
            (Token::Global { opcode: x, index: in_a }, Token::Global { opcode: y, index: in_b }) => {
                x == y && self.a.global(in_a) == self.b.global(in_b)
            }
            (Token::Constant(x), Token::Constant(y)) => {
                let (x, y) = (u64::from(x as u32), u64::from(y as u32));
                self.same_number(x, y) || self.same_slot(x, y)
            }
            (Token::Wide(x), Token::Wide(y)) => self.same_number(x as u64, y as u64),
            (
                Token::Memory { opcode: x, align: align_a, memory: in_a, offset: at_a },
                Token::Memory { opcode: y, align: align_b, memory: in_b, offset: at_b },
            ) => x == y && align_a == align_b && in_a == in_b && self.same_number(at_a, at_b),
            _ => false,
        }
    }

    /// Equal, or both addresses, or both the length of the embedded claim or ABI.
    fn same_number(&self, x: u64, y: u64) -> bool {
        x == y || self.a.is_address(x) && self.b.is_address(y) || self.literals_a.are_lengths(self.literals_b, x, y)
    }
}
