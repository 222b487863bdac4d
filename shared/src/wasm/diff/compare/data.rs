//! What the data of two modules holds at the addresses that stand at the same place of paired functions: equal bytes
//! (pointers followed, table slots resolved), or changed data. What nothing refers to is compared by content.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::ops::Range;

use super::Budget;
use super::context::Context;
use super::flat::Flat;
use super::verify::{Both, Reference};

/// Bytes that two objects must have in common to be believed the same one.
const PROBE: usize = 16;
/// Most differences that are listed.
const MAX_LISTED: usize = 1_000;

/// A difference in the data: a piece of either, or of both, from the first byte that differs to the end of the object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Difference {
    pub(super) a: Option<Range<u64>>,
    pub(super) b: Option<Range<u64>>,
    /// Bytes of the object before that, equal in both.
    pub(super) before: u64,
}

impl Difference {
    fn size(&self) -> u64 {
        let size = |range: &Option<Range<u64>>| range.as_ref().map_or(0, |range| range.end - range.start);
        size(&self.a).max(size(&self.b))
    }
}

/// The comparison of the data.
#[derive(Debug, Clone, Default)]
pub(super) struct Compared {
    /// In the order of the addresses.
    pub(super) differences: Vec<Difference>,
    /// Bytes in all differences, listed or not.
    pub(super) bytes: u64,
}

/// Finds functions that refer to other data than before although the data did not move or change: those are changed themselves.
pub(super) fn find_strays(both: &Both, references: &[Reference]) -> BTreeSet<u32> {
    let (a, b) = (both.a, both.b);
    let unmoved = a.image == b.image;
    let stray = |reference: &&Reference| {
        let (at_a, at_b) = (a.data_at(reference.a), b.data_at(reference.b));
        if reference.a == reference.b {
            return false;
        }
        if unmoved || at_a.is_empty() != at_b.is_empty() {
            return !both.same_slot(reference.a, reference.b);
        }
        if at_a.is_empty() {
            // Statics after the data move only with the end of the data.
            return a.data_end == b.data_end;
        }
        !alike(both, reference.a, reference.b) && alike_in_place(a, b, reference.a)
    };
    references.iter().filter(stray).map(|reference| reference.function).collect()
}

fn alike(both: &Both, at_a: u64, at_b: u64) -> bool {
    let (data_a, data_b) = (both.a.data_at(at_a), both.b.data_at(at_b));
    let size = PROBE.min(data_a.len()).min(data_b.len());
    (0..size).step_by(4).all(|at| {
        let (x, y) = (&data_a[at..size.min(at + 4)], &data_b[at..size.min(at + 4)]);
        x == y || same_word(both, x, y).is_some()
    })
}

/// Whether the data at one address is the same in both modules, byte for byte.
fn alike_in_place(a: &Context, b: &Context, at: u64) -> bool {
    let (data_a, data_b) = (a.data_at(at), b.data_at(at));
    data_a.get(..PROBE.min(data_a.len())) == data_b.get(..PROBE.min(data_b.len()))
}

/// How two different words can be the same: as addresses (which are then compared too) or as slots.
fn same_word(both: &Both, x: &[u8], y: &[u8]) -> Option<Option<(u64, u64)>> {
    let (x, y) = (u32::from_le_bytes(x.try_into().ok()?).into(), u32::from_le_bytes(y.try_into().ok()?).into());
    if both.a.is_address(x) && both.b.is_address(y) { Some(Some((x, y))) } else { both.same_slot(x, y).then_some(None) }
}

/// Compares all data, beginning at `references`.
pub(super) fn compare(both: &Both, references: &[Reference], budget: &mut Budget) -> Compared {
    if both.a.image == both.b.image && same_tables(both) {
        return Compared::default();
    }
    let mut walk = Walk {
        both,
        a: Flat::of(&both.a.image),
        b: Flat::of(&both.b.image),
        to_b: BTreeMap::new(),
        to_a: BTreeMap::new(),
        queue: VecDeque::new(),
        found: Vec::new(),
    };
    let mut votes: BTreeMap<(u64, u64), usize> = BTreeMap::new();
    for reference in references {
        *votes.entry((reference.a, reference.b)).or_default() += 1;
    }
    let mut sorted: Vec<_> = votes.into_iter().collect();
    sorted.sort_by_key(|(pair, count)| (std::cmp::Reverse(*count), *pair));
    for ((a, b), _) in sorted {
        walk.join(a, b);
    }
    // What follows claim and ABI is another object, even if nothing refers to it.
    for (a, b) in both.literals_a.ranges().zip(both.literals_b.ranges()) {
        if let (Some(a), Some(b)) = (a, b) {
            walk.join(a.start, b.start);
            walk.join(a.end, b.end);
        }
    }
    let (runs_a, runs_b) = (both.a.image.runs(), both.b.image.runs());
    if runs_a.len() == runs_b.len() {
        for (a, b) in runs_a.iter().zip(runs_b) {
            walk.join(a.address.into(), b.address.into());
        }
    }
    while let Some((a, b)) = walk.queue.pop_front() {
        walk.object(a, b, budget);
    }
    let (rest_a, rest_b) = (walk.a.list_uncovered(), walk.b.list_uncovered());
    let mut found = walk.found;
    found.extend(unreferenced(&walk.a, rest_a, &walk.b, rest_b));
    found.sort_by_key(|difference| {
        (
            difference.a.as_ref().or(difference.b.as_ref()).map(|range| range.start),
            difference.b.as_ref().map(|range| range.start),
        )
    });
    let bytes = found.iter().map(Difference::size).sum();
    found.truncate(MAX_LISTED);
    Compared { differences: found, bytes }
}

fn same_tables(both: &Both) -> bool {
    let slots = both.a.slots();
    slots == both.b.slots()
        && (0..slots as u64).all(|slot| {
            both.a.slot(slot) == both.b.slot(slot) && both.a.slot(slot).is_none() || both.same_slot(slot, slot)
        })
}

struct Walk<'w, 'c, 'a> {
    both: &'w Both<'c, 'a>,
    a: Flat<'w>,
    b: Flat<'w>,
    to_b: BTreeMap<u64, u64>,
    to_a: BTreeMap<u64, u64>,
    queue: VecDeque<(u64, u64)>,
    found: Vec<Difference>,
}

impl Walk<'_, '_, '_> {
    /// Takes two addresses for the same object, unless either is taken.
    fn join(&mut self, a: u64, b: u64) {
        if !self.to_b.contains_key(&a) && !self.to_a.contains_key(&b) {
            self.to_b.insert(a, b);
            self.to_a.insert(b, a);
            self.a.start(a);
            self.b.start(b);
            self.queue.push_back((a, b));
        }
    }

    /// Compares from the start of two objects on, into what follows, as long as nothing says that something else follows.
    fn object(&mut self, start_a: u64, start_b: u64, budget: &mut Budget) {
        let (Some(mut in_a), Some(mut in_b)) = (self.a.index(start_a), self.b.index(start_b)) else {
            return;
        };
        let (first_a, first_b) = (in_a, in_b);
        let mut object_a = start_a;
        while budget.spend(1) {
            let (Some(word_a), Some(word_b)) = (self.a.open(in_a), self.b.open(in_b)) else {
                break;
            };
            let (at_a, at_b) = (start_a + (in_a - first_a) as u64, start_b + (in_b - first_b) as u64);
            if self.a.is_start(in_a) || self.b.is_start(in_b) {
                if self.to_b.get(&at_a) != Some(&at_b) {
                    break;
                }
                object_a = at_a;
            }
            let next = |flat: &Flat, at: usize| (1..4).any(|step| flat.is_start(at + step));
            let aligned = at_a % 4 == 0
                && at_b % 4 == 0
                && word_a.len() == 4
                && word_b.len() == 4
                && !next(&self.a, in_a)
                && !next(&self.b, in_b);
            let step = if aligned && word_a == word_b {
                let word = u32::from_le_bytes([word_a[0], word_a[1], word_a[2], word_a[3]]).into();
                if self.both.a.is_address(word) && self.both.b.is_address(word) {
                    self.join(word, word);
                }
                4
            } else if let Some(pointer) = aligned.then(|| same_word(self.both, word_a, word_b)).flatten() {
                if let Some((a, b)) = pointer {
                    self.join(a, b);
                }
                4
            } else if word_a[0] == word_b[0] {
                1
            } else {
                let (end_a, end_b) = (self.a.end_of_object(in_a), self.b.end_of_object(in_b));
                self.a.cover(in_a..end_a);
                self.b.cover(in_b..end_b);
                let (size_a, size_b) = ((end_a - in_a) as u64, (end_b - in_b) as u64);
                self.found.push(Difference {
                    a: Some(at_a..at_a + size_a),
                    b: Some(at_b..at_b + size_b),
                    before: at_a - object_a,
                });
                break;
            };
            self.a.cover(in_a..in_a + step);
            self.b.cover(in_b..in_b + step);
            in_a += step;
            in_b += step;
        }
    }
}

/// Pieces that nothing paired refers to: equal ones cancel, the rest was added or removed. Zeros are padding.
fn unreferenced(a: &Flat, rest_a: Vec<Range<u64>>, b: &Flat, rest_b: Vec<Range<u64>>) -> Vec<Difference> {
    let mut by_content: BTreeMap<Vec<u8>, Vec<Range<u64>>> = BTreeMap::new();
    for range in rest_b {
        let bytes = b.trim(&range);
        if !bytes.is_empty() {
            by_content.entry(bytes.to_vec()).or_default().push(range);
        }
    }
    let mut found = Vec::new();
    for range in rest_a {
        let bytes = a.trim(&range);
        if !bytes.is_empty() && by_content.get_mut(bytes).and_then(Vec::pop).is_none() {
            found.push(Difference { a: Some(range), b: None, before: 0 });
        }
    }
    found.extend(by_content.into_values().flatten().map(|range| Difference { a: None, b: Some(range), before: 0 }));
    found
}
