//! A function's body as a row of tokens, with those set apart that a linker renumbers: calls, types, globals, addresses.

use wasmparser::{BinaryReader, BlockType, FunctionBody, MemArg, MemArgTarget, Operator, OperatorsReader};

/// One operator. What is renumbered stands as a value, the rest as the bytes of the module.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Token<'a> {
    /// Opcode and immediates as they are.
    Plain(&'a [u8]),
    /// `call`, `return_call` or `ref.func` of a function.
    Function { opcode: u8, index: u32 },
    /// `call_indirect` or `return_call_indirect` through a type.
    Indirect { opcode: u8, ty: u32, table: u32 },
    /// `block`, `loop` or `if` of a type in the type section.
    Block { opcode: u8, ty: u32 },
    /// `global.get` or `global.set`.
    Global { opcode: u8, index: u32 },
    /// `i32.const`.
    Constant(i32),
    /// `i64.const`, which wasm-opt makes of an address that is passed to the host.
    Wide(i64),
    /// A load or store.
    Memory { opcode: u8, align: u8, memory: u32, offset: u64 },
}

/// The tokens of a body. Ends early, and says so, where the bytes are no operators.
///
/// What compilers write is read here by opcode, because a comparison is little else than reading operators; the rest, and
/// whatever looks wrong, is left to the parser. Both give the same tokens.
pub(super) struct Tokens<'a> {
    bytes: &'a [u8],
    /// Where the first operator begins.
    start: usize,
    at: usize,
    malformed: bool,
}

impl<'a> Tokens<'a> {
    /// Begins after the declarations of locals.
    pub(super) fn of(body: &FunctionBody<'a>) -> Tokens<'a> {
        let bytes = body.as_bytes();
        let start = body.get_binary_reader_for_operators().ok();
        let malformed = start.is_none();
        let start = start.map_or(bytes.len(), |reader| bytes.len() - reader.bytes_remaining());
        Tokens { bytes, start, at: start, malformed }
    }

    /// Whether the body could not be read to its end.
    pub(super) fn malformed(&self) -> bool {
        self.malformed
    }

    #[cold]
    fn rare(&mut self, rest: &'a [u8]) -> Option<Token<'a>> {
        let read = parse(rest);
        self.malformed |= read.is_none();
        self.at = read.map_or(self.bytes.len(), |(_, size)| self.at + size);
        read.map(|(token, _)| token)
    }

    /// The declarations of locals, as they are.
    pub(super) fn locals(&self) -> &'a [u8] {
        self.bytes.get(..self.start).unwrap_or_default()
    }
}

impl<'a> Iterator for Tokens<'a> {
    type Item = Token<'a>;

    #[inline]
    fn next(&mut self) -> Option<Token<'a>> {
        let rest = self.bytes.get(self.at..).filter(|rest| !rest.is_empty())?;
        match fast(rest) {
            Some((token, size)) => {
                self.at += size;
                Some(token)
            }
            None => self.rare(rest),
        }
    }
}

/// The first token of `bytes` and its size, as the parser reads it. By itself: whether blocks are closed is for a
/// validator to say.
fn parse(bytes: &[u8]) -> Option<(Token<'_>, usize)> {
    let mut reader = OperatorsReader::new(BinaryReader::new(bytes, 0));
    let operator = reader.read().ok()?;
    let size = reader.original_position() as usize;
    Some((token(operator, bytes.get(..size)?), size))
}

/// The same without the parser; `None` for what is rare or looks wrong.
#[inline(always)]
fn fast(bytes: &[u8]) -> Option<(Token<'_>, usize)> {
    let opcode = *bytes.first()?;
    let plain = |size: usize| Some((Token::Plain(bytes.get(..size)?), size));
    match opcode {
        // Without immediates: control, drop, select, and all that computes.
        0x00 | 0x01 | 0x05 | 0x0b | 0x0f | 0x1a | 0x1b | 0x45..=0xc4 => plain(1),
        // `block`, `loop` and `if` of nothing or of one value.
        0x02..=0x04 => match bytes.get(1)? {
            0x40 | 0x7c..=0x7f => plain(2),
            _ => None,
        },
        // `br`, `br_if`, and locals.
        0x0c | 0x0d | 0x20..=0x22 => plain(unsigned(bytes, 1)?.1),
        0x10 => {
            let (index, size) = unsigned(bytes, 1)?;
            Some((Token::Function { opcode, index }, size))
        }
        0x11 => {
            let (ty, at) = unsigned(bytes, 1)?;
            let (table, size) = unsigned(bytes, at)?;
            Some((Token::Indirect { opcode, ty, table }, size))
        }
        0x23 | 0x24 => {
            let (index, size) = unsigned(bytes, 1)?;
            Some((Token::Global { opcode, index }, size))
        }
        0x28..=0x3e => {
            // Larger ones name a memory, or are wrong.
            let align = *bytes.get(1).filter(|align| **align < 8)?;
            let (offset, size) = unsigned(bytes, 2)?;
            Some((Token::Memory { opcode, align, memory: 0, offset: offset.into() }, size))
        }
        0x41 => {
            let (value, size) = read_signed(bytes, 1)?;
            Some((Token::Constant(i32::try_from(value).ok()?), size))
        }
        0x42 => {
            let (value, size) = read_signed(bytes, 1)?;
            Some((Token::Wide(value), size))
        }
        _ => None,
    }
}

/// An unsigned LEB128 number of at most 32 bits at `at`, and where it ends.
#[inline]
fn unsigned(bytes: &[u8], at: usize) -> Option<(u32, usize)> {
    // Most numbers are of one byte.
    if let Some(byte @ 0..0x80) = bytes.get(at).copied() {
        return Some((byte.into(), at + 1));
    }
    let mut value = 0;
    for (step, byte) in bytes.get(at..)?.iter().take(5).enumerate() {
        if step == 4 && *byte > 0x0f {
            return None;
        }
        value |= u32::from(byte & 0x7f) << (7 * step);
        if byte & 0x80 == 0 {
            return Some((value, at + step + 1));
        }
    }
    None
}

/// A signed LEB128 number of at most 35 bits at `at`, and where it ends; longer ones are rare.
#[inline]
fn read_signed(bytes: &[u8], at: usize) -> Option<(i64, usize)> {
    let mut value = 0;
    for (step, byte) in bytes.get(at..)?.iter().take(5).enumerate() {
        value |= i64::from(byte & 0x7f) << (7 * step);
        if byte & 0x80 == 0 {
            let unused = 64 - 7 * (step + 1);
            return Some((value << unused >> unused, at + step + 1));
        }
    }
    None
}

fn token<'a>(operator: Operator<'a>, bytes: &'a [u8]) -> Token<'a> {
    use Operator::*;
    let opcode = bytes[0];
    match operator {
        Call { function_index: index } | ReturnCall { function_index: index } | RefFunc { function_index: index } => {
            Token::Function { opcode, index }
        }
        CallIndirect { type_index: ty, table_index: table }
        | ReturnCallIndirect { type_index: ty, table_index: table } => Token::Indirect { opcode, ty, table },
        Block { blockty: BlockType::FuncType(ty) }
        | Loop { blockty: BlockType::FuncType(ty) }
        | If { blockty: BlockType::FuncType(ty) } => Token::Block { opcode, ty },
        GlobalGet { global_index: index } | GlobalSet { global_index: index } => Token::Global { opcode, index },
        I32Const { value } => Token::Constant(value),
        I64Const { value } => Token::Wide(value),
        other => memarg(&other).map_or(Token::Plain(bytes), |memarg| memory(opcode, memarg, bytes)),
    }
}

fn memory(opcode: u8, memarg: MemArg, bytes: &[u8]) -> Token<'_> {
    match memarg {
        MemArg { target: MemArgTarget::Memory(memory), ordering: None, align, offset, .. } => {
            Token::Memory { opcode, align, memory, offset }
        }
        _ => Token::Plain(bytes),
    }
}

/// Address and alignment of a load or store.
pub(super) fn memarg(operator: &Operator) -> Option<MemArg> {
    use Operator::*;
    match operator {
        I32Load { memarg }
        | I64Load { memarg }
        | F32Load { memarg }
        | F64Load { memarg }
        | I32Load8S { memarg }
        | I32Load8U { memarg }
        | I32Load16S { memarg }
        | I32Load16U { memarg }
        | I64Load8S { memarg }
        | I64Load8U { memarg }
        | I64Load16S { memarg }
        | I64Load16U { memarg }
        | I64Load32S { memarg }
        | I64Load32U { memarg }
        | I32Store { memarg }
        | I64Store { memarg }
        | F32Store { memarg }
        | F64Store { memarg }
        | I32Store8 { memarg }
        | I32Store16 { memarg }
        | I64Store8 { memarg }
        | I64Store16 { memarg }
        | I64Store32 { memarg } => Some(*memarg),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_read_fast_is_what_the_parser_reads() {
        let mut state = 1u64;
        let mut dice = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 56) as u8
        };
        let mut read = [0; 256];
        // `else` is refused by the parser where it stands alone.
        for opcode in (0..=255).filter(|opcode| *opcode != 0x05) {
            for tail in 0..2_000 {
                // Numbers of one byte to more than are allowed.
                let bits = [0x00, 0x80, 0xff][tail % 3];
                let mut bytes = vec![opcode];
                bytes.extend((0..tail % 12).map(|_| dice() | bits));
                bytes.push(dice() & 0x7f);
                if let Some((token, size)) = fast(&bytes) {
                    assert_eq!(Some((token, size)), parse(&bytes), "{bytes:x?}");
                    read[usize::from(opcode)] += 1;
                }
            }
        }
        let common = [0x02, 0x0b, 0x0d, 0x10, 0x11, 0x20, 0x23, 0x28, 0x3e, 0x41, 0x42, 0x6a, 0xc4];
        assert!(common.into_iter().all(|opcode: usize| read[opcode] > 5), "{read:?}");
    }
}
