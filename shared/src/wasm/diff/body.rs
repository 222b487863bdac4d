//! A function's body as a row of tokens, with those set apart that a linker renumbers: calls, types, globals, addresses.

use wasmparser::{BlockType, FunctionBody, MemArg, MemArgTarget, Operator, OperatorsReader};

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
pub(super) struct Tokens<'a> {
    bytes: &'a [u8],
    base: u64,
    reader: Option<OperatorsReader<'a>>,
    malformed: bool,
}

impl<'a> Tokens<'a> {
    /// Begins after the declarations of locals.
    pub(super) fn of(body: &FunctionBody<'a>) -> Tokens<'a> {
        let reader = body.get_operators_reader().ok();
        Tokens { bytes: body.as_bytes(), base: body.range().start, malformed: reader.is_none(), reader }
    }

    /// Whether the body could not be read to its end.
    pub(super) fn malformed(&self) -> bool {
        self.malformed
    }

    /// Bytes of the declarations of locals.
    pub(super) fn locals(body: &FunctionBody<'a>) -> &'a [u8] {
        let start = body.get_operators_reader().map_or(0, |reader| reader.original_position() - body.range().start);
        body.as_bytes().get(..start as usize).unwrap_or_default()
    }
}

impl<'a> Iterator for Tokens<'a> {
    type Item = Token<'a>;

    fn next(&mut self) -> Option<Token<'a>> {
        let reader = self.reader.as_mut().filter(|reader| !reader.eof())?;
        let start = (reader.original_position() - self.base) as usize;
        let Ok(operator) = reader.read() else {
            self.malformed = true;
            self.reader = None;
            return None;
        };
        let end = (reader.original_position() - self.base) as usize;
        let bytes = &self.bytes[start..end];
        Some(token(operator, bytes))
    }
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
