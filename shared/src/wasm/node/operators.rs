//! The operators that a node takes, one by one, with as much of what follows each as is needed to find the next. By hand: the
//! parser's own decoder knows every proposal and would make the page's first download larger by several kilobytes.

use wasmparser::{BinaryReader, Result};

use super::{Feature, beyond_value, size};

/// Most labels of a `br_table` that the node's parser reads, besides the default.
const MAX_JUMP: u32 = 131_072;

/// One operator.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::wasm) struct Operator {
    /// Its first byte.
    pub(in crate::wasm) code: u8,
    /// Where in the module that byte is.
    pub(in crate::wasm) offset: u64,
    /// The first index that follows, the greatest label of a `br_table`, or what stands after the prefix `fc`; else 0.
    pub(in crate::wasm) index: u32,
    /// How many labels a `br_table` has besides its default, or how many bytes the result of a block is large; else 0.
    pub(in crate::wasm) count: u32,
}

/// Reads the operators of a function or of an initial value.
pub(in crate::wasm) struct Operators<'a>(pub(in crate::wasm) BinaryReader<'a>);

impl Iterator for Operators<'_> {
    type Item = std::result::Result<Operator, Feature>;

    /// The next one. What comes after an error means nothing.
    fn next(&mut self) -> Option<Self::Item> {
        if self.0.eof() {
            return None;
        }
        let mut next = Operator { code: 0, offset: self.0.original_position(), index: 0, count: 0 };
        Some(match read(&mut self.0, &mut next) {
            Ok(None) => Ok(next),
            Ok(Some(feature)) => Err(feature),
            Err(_) => Err(Feature::Unreadable),
        })
    }
}

/// Reads an operator, and says what no node takes of it.
fn read(reader: &mut BinaryReader<'_>, into: &mut Operator) -> Result<Option<Feature>> {
    into.code = reader.read_u8()?;
    let beyond = match into.code {
        0x02..=0x04 => block_type(reader, &mut into.count)?,
        0x0c | 0x0d | 0x10 | 0x20..=0x26 | 0xd2 => {
            into.index = reader.read_var_u32()?;
            None
        }
        0x0e => {
            into.count = reader.read_var_u32()?;
            for _ in 0..=into.count {
                into.index = into.index.max(reader.read_var_u32()?);
            }
            (into.count > MAX_JUMP).then_some(Feature::WideJump)
        }
        0x11 => {
            into.index = reader.read_var_u32()?;
            indices(reader, 1)?
        }
        0x1c => match reader.read_var_u32()? {
            1 => beyond_value(reader.read()?),
            _ => Some(Feature::MultiValue),
        },
        // Alignment and offset. Bit 6 says that the index of a memory stands between them.
        0x28..=0x3e => match reader.read_var_u32()? {
            0..=0x1f => indices(reader, 1)?,
            _ => Some(Feature::MultiMemory),
        },
        0x3f | 0x40 => (reader.read_u8()? != 0).then_some(Feature::MultiMemory),
        0x41 => reader.read_var_i32().map(|_| None)?,
        0x42 => reader.read_var_i64().map(|_| None)?,
        0x43 => reader.read_bytes(4).map(|_| None)?,
        0x44 => reader.read_bytes(8).map(|_| None)?,
        // Of the heap types only `func`.
        0xd0 => match reader.read_u8()? {
            0x70 => None,
            0x6f => Some(Feature::ExternRef),
            _ => Some(Feature::GarbageCollection),
        },
        0xfc => {
            into.index = reader.read_var_u32()?;
            match into.index {
                0..=7 => None,
                9 | 11 | 13 | 15..=17 => indices(reader, 1)?,
                8 | 10 | 12 | 14 => indices(reader, 2)?,
                19..=22 => Some(Feature::WideArithmetic),
                _ => Some(Feature::Unreadable),
            }
        }
        0x00 | 0x01 | 0x05 | 0x0b | 0x0f | 0x1a | 0x1b | 0x45..=0xc4 | 0xd1 => None,
        0x06..=0x0a | 0x18 | 0x19 | 0x1f => Some(Feature::Exceptions),
        0x12 | 0x13 => Some(Feature::TailCalls),
        0x14 | 0x15 | 0xd3..=0xd6 | 0xfb => Some(Feature::GarbageCollection),
        0xe0..=0xe6 => Some(Feature::StackSwitching),
        0xfd => Some(Feature::Simd),
        0xfe => Some(Feature::Threads),
        _ => Some(Feature::Unreadable),
    };
    Ok(beyond)
}

/// Nothing, or one value of that many bytes: an index names a type, which is of use for more values than that alone.
fn block_type(reader: &mut BinaryReader<'_>, bytes: &mut u32) -> Result<Option<Feature>> {
    let mut ahead = reader.clone();
    if ahead.read_u8()? == 0x40 {
        *reader = ahead;
        return Ok(None);
    }
    if reader.clone().read_var_s33()? >= 0 {
        return Ok(Some(Feature::MultiValue));
    }
    let ty = reader.read()?;
    *bytes = size(ty).into();
    Ok(beyond_value(ty))
}

fn indices(reader: &mut BinaryReader<'_>, count: u64) -> Result<Option<Feature>> {
    for _ in 0..count {
        reader.read_var_u32()?;
    }
    Ok(None)
}
