//! Where the data holds the NEP-330 claim and the ABI, so that a difference there can be told from one of the program.

use std::ops::Range;

use serde_json::Value;

use super::Side;
use crate::wasm::MemoryImage;

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
    /// Looks for what the sandbox returned, and without it for JSON that has the keys of a claim.
    pub(super) fn of(side: &Side, image: &MemoryImage) -> Literals {
        let claim = match side.claim {
            Some(claim) => find(image, claim),
            None => search(image),
        };
        let bytes = claim
            .clone()
            .and_then(|range| image.from_address(range.start as u32)?.get(..(range.end - range.start) as usize));
        Literals {
            json: side.claim.or(bytes).and_then(|bytes| serde_json::from_slice(bytes).ok()),
            claim,
            abi: side.abi.and_then(|abi| find(image, abi)),
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

fn find(image: &MemoryImage, bytes: &[u8]) -> Option<Range<u64>> {
    if bytes.is_empty() {
        return None;
    }
    image.runs().iter().find_map(|run| {
        let at = run.bytes.windows(bytes.len()).position(|window| window[0] == bytes[0] && window == bytes)?;
        let start = u64::from(run.address) + at as u64;
        Some(start..start + bytes.len() as u64)
    })
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
