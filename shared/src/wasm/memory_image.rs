//! What a module's first memory holds at instantiation: its active data segments, joined where the gap is small,
//! because wasm-opt splits data at runs of zeros.

use wasmparser::{ConstExpr, DataKind};

use super::{Module, is_active};

/// Gaps up to this many bytes between two segments are filled with zeros, as the memory is.
const MAX_GAP: u64 = 64 << 10;
/// Most zeros that are filled in altogether, so that a hostile layout cannot cost memory.
const MAX_FILL: u64 = 16 << 20;

/// A piece of memory without larger gaps.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Run {
    /// Address of the first byte.
    pub address: u32,
    /// The bytes, zeros filled in where no segment is.
    pub bytes: Vec<u8>,
}

/// The initial content of memory 0, as runs in the order of their addresses.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MemoryImage {
    runs: Vec<Run>,
}

impl MemoryImage {
    pub(super) fn of(module: &Module) -> MemoryImage {
        let segments: Vec<(u64, &[u8])> = module
            .data()
            .iter()
            .filter(|segment| is_active(segment) && !segment.data.is_empty())
            .filter_map(|segment| Some((address_of(module, &segment.kind)?, segment.data)))
            .collect();
        let mut spans: Vec<(u64, u64)> =
            segments.iter().map(|(start, data)| (*start, start + data.len() as u64)).collect();
        spans.sort_unstable();
        let mut joined: Vec<(u64, u64)> = Vec::new();
        let mut fill = MAX_FILL;
        for (start, end) in spans {
            match joined.last_mut() {
                Some((_, last)) if start.saturating_sub(*last) <= MAX_GAP.min(fill) => {
                    fill -= start.saturating_sub(*last);
                    *last = end.max(*last);
                }
                _ => joined.push((start, end)),
            }
        }
        let mut runs: Vec<Run> = joined
            .iter()
            .map(|(start, end)| Run { address: *start as u32, bytes: vec![0; (end - start) as usize] })
            .collect();
        // Later segments overwrite earlier ones, as the specification has it.
        for (start, data) in segments {
            let at = joined.partition_point(|(run, _)| *run <= start) - 1;
            let from = (start - joined[at].0) as usize;
            runs[at].bytes[from..from + data.len()].copy_from_slice(data);
        }
        MemoryImage { runs }
    }

    /// The pieces, by address, none overlapping another.
    pub fn runs(&self) -> &[Run] {
        &self.runs
    }

    /// The run that holds `address`, and the bytes from there to its end.
    pub fn from_address(&self, address: u32) -> Option<&[u8]> {
        let at = self.runs.partition_point(|run| run.address <= address).checked_sub(1)?;
        let run = &self.runs[at];
        run.bytes.get((address - run.address) as usize..).filter(|bytes| !bytes.is_empty())
    }
}

/// Where an active segment of memory 0 goes, if that can be said without running anything.
fn address_of(module: &Module, kind: &DataKind) -> Option<u64> {
    match kind {
        DataKind::Passive => None,
        DataKind::Active { memory_index: 0, offset_expr } => {
            constant(module, offset_expr).map(|value| u64::from(value as u32))
        }
        DataKind::Active { .. } => None,
    }
}

/// The value of an initial expression that is one i32 constant, or one immutable global that is.
pub(crate) fn constant(module: &Module, expression: &ConstExpr) -> Option<i32> {
    match only_operator(expression)? {
        Initial::Constant(value) => Some(value),
        Initial::Global(index) => {
            let global = module.globals().get((index as usize).checked_sub(module.imported_global_count)?)?;
            match only_operator(&global.init_expr)? {
                Initial::Constant(value) if !global.ty.mutable => Some(value),
                Initial::Constant(_) | Initial::Global(_) => None,
            }
        }
    }
}

enum Initial {
    Constant(i32),
    Global(u32),
}

/// Reads the two forms by hand: decoding any operator would make the page's first download larger.
fn only_operator(expression: &ConstExpr) -> Option<Initial> {
    let mut reader = expression.get_binary_reader();
    let initial = match reader.read_u8().ok()? {
        0x41 => Initial::Constant(reader.read_var_i32().ok()?),
        0x23 => Initial::Global(reader.read_var_u32().ok()?),
        _ => return None,
    };
    (reader.read_u8().ok()? == 0x0b && reader.eof()).then_some(initial)
}
