//! Which function of one module is taken for which of the other, and what that rests on.
//! Not here: finding the pairs (`align`, `similar`).

/// What a pair rests on, the surest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Ground {
    /// Both are exported under one name.
    Export,
    /// Equal bodies, down through everything they call.
    Deep,
    /// Equal bodies with the numbers taken out.
    Body,
    /// Called at the same place of equal bodies.
    Called,
    /// Equal opcodes, and no other function has them.
    Shape,
    /// Alike only.
    Similar,
}

/// The pairs of defined functions, by index among the defined ones.
pub(super) struct Pairs {
    pub(super) of_a: Vec<Option<(u32, Ground)>>,
    pub(super) of_b: Vec<Option<u32>>,
    /// Class of each function: equal where they do the same down through everything they call.
    pub(super) class_a: Vec<u64>,
    pub(super) class_b: Vec<u64>,
}

impl Pairs {
    /// None of so many functions.
    pub(super) fn none(a: usize, b: usize) -> Pairs {
        Pairs { of_a: vec![None; a], of_b: vec![None; b], class_a: Vec::new(), class_b: Vec::new() }
    }

    fn free_a(&self, index: u32) -> bool {
        self.of_a.get(index as usize).is_some_and(Option::is_none)
    }

    fn free_b(&self, index: u32) -> bool {
        self.of_b.get(index as usize).is_some_and(Option::is_none)
    }

    /// Pairs two functions, if both are free.
    pub(super) fn join(&mut self, a: u32, b: u32, ground: Ground) -> bool {
        let free = self.free_a(a) && self.free_b(b);
        if free {
            self.of_a[a as usize] = Some((b, ground));
            self.of_b[b as usize] = Some(a);
        }
        free
    }

    /// Whether two defined functions are one and the same, or do the same down through everything they call.
    pub(super) fn same(&self, a: u32, b: u32) -> bool {
        let paired = self.of_a.get(a as usize).copied().flatten().is_some_and(|(partner, _)| partner == b);
        let class = self.class_a.get(a as usize);
        paired || class.is_some() && class == self.class_b.get(b as usize)
    }

    /// All pairs, in the order of the first module.
    pub(super) fn iter(&self) -> impl Iterator<Item = (u32, u32, Ground)> {
        self.of_a.iter().enumerate().filter_map(|(a, pair)| pair.map(|(b, ground)| (a as u32, b, ground)))
    }

    /// Functions of the first module without a partner, in order.
    pub(super) fn left_a(&self) -> Vec<u32> {
        (0..self.of_a.len() as u32).filter(|index| self.free_a(*index)).collect()
    }

    /// Functions of the second module without a partner, in order.
    pub(super) fn left_b(&self) -> Vec<u32> {
        (0..self.of_b.len() as u32).filter(|index| self.free_b(*index)).collect()
    }
}
