//! A fast 64-bit hash for grouping. Not against an adversary: what it groups is compared token by token afterwards.

/// A running hash.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Hash(u64);

const SEED: u64 = 0x243f_6a88_85a3_08d3;
const FACTOR: u64 = 0x9e37_79b9_7f4a_7c15;

impl Hash {
    pub(super) fn new() -> Hash {
        Hash(SEED)
    }

    /// Mixes in one word: multiply to 128 bits and fold.
    pub(super) fn word(&mut self, word: u64) {
        let wide = u128::from(self.0 ^ word ^ FACTOR) * u128::from(FACTOR ^ self.0.rotate_left(23));
        self.0 = (wide as u64) ^ ((wide >> 64) as u64);
    }

    /// Mixes in bytes and their number.
    pub(super) fn bytes(&mut self, bytes: &[u8]) {
        let mut chunks = bytes.chunks_exact(8);
        for chunk in &mut chunks {
            self.word(chunk.iter().rev().fold(0, |word, byte| word << 8 | u64::from(*byte)));
        }
        let rest = chunks.remainder().iter().fold(0, |word, byte| word << 8 | u64::from(*byte));
        self.word(rest ^ (bytes.len() as u64) << 56);
    }

    pub(super) fn finish(self) -> u64 {
        let mut last = self;
        last.word(SEED);
        last.0
    }
}

/// The hash of some words.
pub(super) fn words(words: &[u64]) -> u64 {
    let mut hash = Hash::new();
    for word in words {
        hash.word(*word);
    }
    hash.finish()
}

/// The hash of some bytes.
pub(super) fn bytes(bytes: &[u8]) -> u64 {
    let mut hash = Hash::new();
    hash.bytes(bytes);
    hash.finish()
}
