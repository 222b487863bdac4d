//! The data of a module as one row of bytes, of which some are ticked off.

use std::ops::Range;

use crate::wasm::MemoryImage;

/// The runs of an image one after another.
pub(super) struct Flat<'a> {
    /// Address, index of the first byte in the row, bytes.
    runs: Vec<(u64, usize, &'a [u8])>,
    covered: Vec<bool>,
    /// Where an object is known to begin.
    starts: Vec<bool>,
}

impl<'a> Flat<'a> {
    pub(super) fn of(image: &'a MemoryImage) -> Flat<'a> {
        let mut runs = Vec::new();
        let mut length = 0;
        for run in image.runs() {
            runs.push((u64::from(run.address), length, run.bytes.as_slice()));
            length += run.bytes.len();
        }
        Flat { runs, covered: vec![false; length], starts: vec![false; length] }
    }

    /// Index in the row of an address.
    pub(super) fn index(&self, address: u64) -> Option<usize> {
        let (start, index, bytes) = self.runs.get(self.runs.partition_point(|run| run.0 <= address).checked_sub(1)?)?;
        let at = (address - start) as usize;
        (at < bytes.len()).then_some(index + at)
    }

    fn run_at(&self, index: usize) -> Option<&(u64, usize, &'a [u8])> {
        self.runs.get(self.runs.partition_point(|run| run.1 <= index).checked_sub(1)?)
    }

    /// Up to four bytes from `index` to the end of its run, unless the first is ticked off.
    pub(super) fn open(&self, index: usize) -> Option<&'a [u8]> {
        let (_, first, bytes) = self.run_at(index)?;
        if *self.covered.get(index)? {
            return None;
        }
        let at = index - first;
        let rest = bytes.get(at..bytes.len().min(at + 4))?;
        (!rest.is_empty()).then_some(rest)
    }

    /// Notes that an object begins at an address.
    pub(super) fn start(&mut self, address: u64) {
        if let Some(index) = self.index(address) {
            self.starts[index] = true;
        }
    }

    /// Whether an object is known to begin at this index in the row.
    pub(super) fn is_start(&self, index: usize) -> bool {
        self.starts.get(index).copied().unwrap_or_default()
    }

    /// Ticks bytes off.
    pub(super) fn cover(&mut self, range: Range<usize>) {
        let end = range.end.min(self.covered.len());
        self.covered[range.start.min(end)..end].fill(true);
    }

    /// Index where the object that holds `index` ends: where the next begins, or its run ends.
    pub(super) fn end_of_object(&self, index: usize) -> usize {
        let end = self.run_at(index).map_or(index + 1, |(_, first, bytes)| first + bytes.len());
        (index + 1..end).find(|at| self.starts[*at]).unwrap_or(end)
    }

    /// What is not ticked off, cut where an object begins.
    pub(super) fn list_uncovered(&self) -> Vec<Range<u64>> {
        let mut ranges: Vec<Range<u64>> = Vec::new();
        for (start, first, bytes) in &self.runs {
            for at in 0..bytes.len() {
                let address = start + at as u64;
                if self.covered[first + at] {
                    continue;
                }
                match ranges.last_mut() {
                    Some(last) if last.end == address && !self.starts[first + at] => last.end += 1,
                    _ => ranges.push(address..address + 1),
                }
            }
        }
        ranges
    }

    /// The bytes of a range without zeros at its ends.
    pub(super) fn trim(&self, range: &Range<u64>) -> &'a [u8] {
        let Some((_, first, bytes)) = self.index(range.start).and_then(|index| self.run_at(index)) else {
            return &[];
        };
        let Some(index) = self.index(range.start) else {
            return &[];
        };
        let at = index - first;
        let bytes = bytes.get(at..at + (range.end - range.start) as usize).unwrap_or_default();
        let from = bytes.iter().position(|byte| *byte != 0).unwrap_or(bytes.len());
        let to = bytes.iter().rposition(|byte| *byte != 0).map_or(from, |at| at + 1);
        &bytes[from..to]
    }
}
