//! A function with the numbers taken out that a linker gives, as a few hashes: what is equal there may be one function.

use std::collections::BTreeMap;

use wasmparser::FunctionBody;

use super::Budget;
use super::body::{Token, Tokens};
use super::hash::{self, Hash};
use super::numbers::{BLANK, Numbers, number};

/// Bytes of data that tell one referenced object from another.
const PROBE: usize = 32;
/// How many pointers are followed in that.
const DEPTH: u32 = 2;
/// Steps of the budget that this costs.
const PROBE_COST: u64 = 64;

/// A defined function with its numbers taken out.
#[derive(Debug, Clone, Default)]
pub(super) struct Function {
    /// Type by structure.
    pub(super) ty: u64,
    /// Body without call targets, with what addresses point at.
    pub(super) content: u64,
    /// The same without constants that could be slots of the table.
    pub(super) pointed: u64,
    /// Body without call targets and addresses.
    pub(super) strict: u64,
    /// Body without call targets, addresses, and constants that could be slots of the table.
    pub(super) normal: u64,
    /// Opcodes alone.
    pub(super) shape: u64,
    /// Functions named in the body, in order.
    pub(super) calls: Vec<u32>,
    /// Functions in the slots of the table that constants may mean, in order.
    pub(super) slots: Vec<u32>,
    /// Number of operators that were read.
    pub(super) operators: u32,
    /// Whether it is exported.
    pub(super) exported: bool,
}

/// Summarises one body. `probes` keeps what was found at each address.
pub(super) fn function(
    numbers: &Numbers,
    body: &FunctionBody,
    ty: u32,
    probes: &mut BTreeMap<u64, u64>,
    budget: &mut Budget,
) -> Function {
    let mut function = Function { ty: numbers.ty(ty), ..Function::default() };
    let mut shape = Hash::new();
    shape.word(function.ty);
    // What all but `shape` have in common, and what each of them adds.
    let mut normal = shape;
    let mut tokens = Tokens::of(body);
    normal.word(hash::bytes(tokens.locals()));
    let [mut data, mut slots] = [Hash::new(); 2];
    while budget.spend(1)
        && let Some(token) = tokens.next()
    {
        function.operators += 1;
        let (opcode, word) = describe(numbers, token);
        shape.word(opcode);
        if let Token::Function { index, .. } = token {
            function.calls.push(index);
        }
        if let Some(address) = number(token).filter(|number| numbers.is_address(*number)) {
            // Many functions refer to the same address; looking it up is bounded like the rest of the work.
            let probed = match probes.get(&address) {
                Some(probed) => *probed,
                None if budget.spend(PROBE_COST) => probe(numbers, address, DEPTH),
                None => BLANK,
            };
            probes.insert(address, probed);
            data.word(probed);
            normal.word(opcode ^ BLANK);
            continue;
        }
        let slot = match token {
            Token::Constant(value) => numbers.slot(u64::from(value as u32)),
            _ => None,
        };
        match slot {
            Some(slot) => {
                function.slots.push(slot);
                slots.word(word);
                normal.word(opcode ^ BLANK);
            }
            None => normal.word(word),
        }
    }
    if tokens.malformed() {
        // Not operators: only equal bytes are alike.
        shape.word(hash::bytes(body.as_bytes()));
        normal.word(hash::bytes(body.as_bytes()));
    }
    let (data, slots) = (data.finish(), slots.finish());
    function.normal = normal.finish();
    function.strict = hash::words(&[function.normal, slots]);
    function.pointed = hash::words(&[function.normal, data]);
    function.content = hash::words(&[function.normal, slots, data]);
    function.shape = shape.finish();
    function
}

/// The opcode of a token, and a word for all of it that does not depend on how the linker numbered things.
fn describe(numbers: &Numbers, token: Token) -> (u64, u64) {
    let (opcode, rest) = match token {
        Token::Plain(bytes) => {
            let word = if bytes.len() <= 8 { short(bytes) } else { hash::bytes(bytes) };
            return (opcode(bytes), word);
        }
        Token::Function { opcode, index } => (opcode, numbers.import(index).unwrap_or(BLANK)),
        Token::Indirect { opcode, ty, table } => (opcode, numbers.ty(ty) ^ u64::from(table)),
        Token::Block { opcode, ty } => (opcode, numbers.ty(ty)),
        Token::Global { opcode, index } => (opcode, numbers.global(index)),
        Token::Constant(value) => (0x41, u64::from(value as u32)),
        Token::Wide(value) => (0x42, value as u64),
        Token::Memory { opcode, align, memory, offset } => {
            (opcode, offset << 16 | u64::from(align) << 8 | u64::from(memory))
        }
    };
    // Mixed well by the hash that takes it in.
    (opcode.into(), rest.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ u64::from(opcode) << 32)
}

/// The opcode, with its second byte where it has one.
fn opcode(bytes: &[u8]) -> u64 {
    match bytes {
        [0xfc, second, ..] => 0xfc | u64::from(*second) << 8,
        [first, ..] => u64::from(*first),
        [] => 0,
    }
}

fn short(bytes: &[u8]) -> u64 {
    bytes.iter().fold(bytes.len() as u64, |word, byte| word << 8 | u64::from(*byte))
}

/// Hash of the first bytes at `address`; of words that are addresses, what they point at, `depth` times over.
fn probe(numbers: &Numbers, address: u64, depth: u32) -> u64 {
    let data = numbers.data_at(address);
    let data = &data[..data.len().min(PROBE)];
    let mut hash = Hash::new();
    for (at, word) in data.chunks(4).enumerate() {
        let value = word.iter().rev().fold(0, |value, byte| value << 8 | u64::from(*byte));
        let pointer = (address + at as u64 * 4).is_multiple_of(4) && numbers.is_address(value);
        hash.word(match pointer {
            true if depth > 0 => probe(numbers, value, depth - 1),
            true => BLANK,
            false => value,
        });
    }
    hash.finish()
}
