//! A bound on work that is the same on every machine.

/// How much work a comparison may take, in steps of about one operator or byte. Without a clock, so that the result
/// depends on the modules alone.
#[derive(Debug, Clone, Copy)]
pub struct Budget {
    left: u64,
}

impl Budget {
    /// `steps` operators or bytes.
    pub fn new(steps: u64) -> Budget {
        Budget { left: steps }
    }

    pub(super) fn spend(&mut self, steps: u64) -> bool {
        let enough = self.left >= steps;
        self.left = if enough { self.left - steps } else { 0 };
        enough
    }

    pub(super) fn is_spent(&self) -> bool {
        self.left == 0
    }
}

impl Default for Budget {
    /// Enough for two contracts of 4 MiB, and a few seconds at most.
    fn default() -> Budget {
        Budget::new(100_000_000)
    }
}
