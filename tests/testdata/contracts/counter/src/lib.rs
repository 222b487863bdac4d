//! A counter that anybody may read and count up, and only its own account may reset.

use near_sdk::near;

/// The state: one number.
#[near(contract_state, contract_metadata())]
#[derive(Default)]
pub struct Counter {
    count: u64,
}

#[near]
impl Counter {
    /// The count so far.
    pub fn get(&self) -> u64 {
        self.count
    }

    /// Counts one up and returns the new count.
    pub fn increment(&mut self) -> u64 {
        self.count += 1;
        self.count
    }

    /// Starts again at nought.
    #[private]
    pub fn reset(&mut self) {
        self.count = 0;
    }
}
