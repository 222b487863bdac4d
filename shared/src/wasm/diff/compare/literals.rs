//! Where the data holds the NEP-330 claim and the ABI, so that a difference there can be told from one of the program.

use std::ops::Range;

use serde_json::Value;

use crate::wasm::{MemoryImage, Module};

/// The export that returns the ABI.
const ABI_EXPORT: &str = "__contract_abi";
/// How a zstd frame begins.
const ZSTD: &[u8] = b"\x28\xb5\x2f\xfd";
/// Longest claim that is looked for.
const MAX_CLAIM: usize = 64 << 10;
/// Most places that are tried.
const MAX_TRIED: usize = 32;

/// Addresses of claim and ABI.
#[derive(Debug, Clone, Default)]
pub(super) struct Literals {
    pub(super) claim: Option<Range<u64>>,
    pub(super) abi: Option<Range<u64>>,
    /// The claim, parsed.
    pub(super) json: Option<Value>,
}

impl Literals {
    /// Looks for JSON that has the keys of a claim, and for zstd where there is an export that returns an ABI.
    pub(super) fn of(module: &Module, image: &MemoryImage) -> Literals {
        let claim = search(image);
        let bytes = claim
            .clone()
            .and_then(|range| image.from_address(range.start as u32)?.get(..(range.end - range.start) as usize));
        Literals {
            json: bytes.and_then(|bytes| serde_json::from_slice(bytes).ok()),
            claim,
            abi: module.exported_function(ABI_EXPORT).and_then(|_| search_zstd(image)),
        }
    }

    /// Whether `x` here and `y` there are the lengths of the claim, or of the ABI.
    pub(super) fn are_lengths(&self, other: &Literals, x: u64, y: u64) -> bool {
        let both = |mine: &Option<Range<u64>>, theirs: &Option<Range<u64>>| match (mine, theirs) {
            (Some(mine), Some(theirs)) => mine.end - mine.start == x && theirs.end - theirs.start == y,
            (Some(_), None) | (None, Some(_)) | (None, None) => false,
        };
        both(&self.claim, &other.claim) || both(&self.abi, &other.abi)
    }

    /// Claim and ABI, in this order.
    pub(super) fn ranges(&self) -> impl Iterator<Item = Option<&Range<u64>>> {
        [self.claim.as_ref(), self.abi.as_ref()].into_iter()
    }
}

/// near-sdk writes the claim as one literal that begins with `version` and has `standards`.
fn search(image: &MemoryImage) -> Option<Range<u64>> {
    const START: &[u8] = b"{\"version\":";
    let places = image.runs().iter().flat_map(|run| {
        let found =
            run.bytes.windows(START.len()).enumerate().filter(|(_, window)| window[0] == START[0] && *window == START);
        found.map(move |(at, _)| {
            (u64::from(run.address) + at as u64, &run.bytes[at..run.bytes.len().min(at + MAX_CLAIM)])
        })
    });
    for (start, text) in places.take(MAX_TRIED) {
        let mut values = serde_json::Deserializer::from_slice(text).into_iter::<Value>();
        if let Some(Ok(Value::Object(object))) = values.next()
            && object.contains_key("standards")
        {
            return Some(start..start + values.byte_offset() as u64);
        }
    }
    None
}

/// The first zstd frame in the data.
fn search_zstd(image: &MemoryImage) -> Option<Range<u64>> {
    image.runs().iter().find_map(|run| {
        let places = run.bytes.windows(ZSTD.len()).enumerate().filter(|(_, window)| *window == ZSTD).take(MAX_TRIED);
        let mut frames =
            places.filter_map(|(at, _)| Some((u64::from(run.address) + at as u64, frame(&run.bytes[at..])?)));
        frames.next().map(|(start, size)| start..start + size as u64)
    })
}

/// Length of the zstd frame (RFC 8878, 3.1.1) at the start of `bytes`, from its headers alone.
fn frame(bytes: &[u8]) -> Option<usize> {
    let descriptor = *bytes.get(ZSTD.len())?;
    let single_segment = descriptor & 0x20 != 0;
    let window = usize::from(!single_segment);
    let dictionary = [0, 1, 2, 4][usize::from(descriptor & 3)];
    let content = match descriptor >> 6 {
        0 => usize::from(single_segment),
        1 => 2,
        2 => 4,
        _ => 8,
    };
    let mut at = ZSTD.len() + 1 + window + dictionary + content;
    loop {
        let header = bytes.get(at..at + 3)?;
        let header = u32::from_le_bytes([header[0], header[1], header[2], 0]);
        // A block of one repeated byte holds that byte alone, whatever its size says.
        let size = if header >> 1 & 3 == 1 { 1 } else { (header >> 3) as usize };
        at += 3 + size;
        if header & 1 == 1 {
            break;
        }
    }
    let end = at + if descriptor & 4 != 0 { 4 } else { 0 };
    (end <= bytes.len()).then_some(end)
}

#[cfg(test)]
mod tests {
    use super::frame;

    #[test]
    fn the_end_of_a_frame_is_read_off_its_headers() {
        // `hello` as one raw block of five bytes in a single segment, as any zstd writes it; with a checksum the second.
        let plain = b"\x28\xb5\x2f\xfd\x20\x05\x29\x00\x00hello";
        assert_eq!(frame(&[plain, &b"and more"[..]].concat()), Some(plain.len()));
        let summed = b"\x28\xb5\x2f\xfd\x24\x05\x29\x00\x00helloSUM!";
        assert_eq!(frame(summed), Some(summed.len()));
        // A run of 256 bytes is one byte.
        assert_eq!(frame(b"\x28\xb5\x2f\xfd\x60\x00\x00\x03\x08\x00a...."), Some(11));
        assert_eq!(frame(&plain[..plain.len() - 1]), None);
        assert_eq!(frame(b"\x28\xb5\x2f\xfd"), None);
    }
}
