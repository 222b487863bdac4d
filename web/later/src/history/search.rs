//! Finds the blocks between which an account's code changed, by halving.
//! Not here: judging any of it. A node's word about the past is shown as such.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use provenear_shared::near::{AccountContract, AccountId};
use provenear_web_protocol::{Done, Job, Past};

use super::dates::{Dated, Moment};
use crate::open::{Inspector, OTHER};

/// Most requests of one search.
const MAX_REQUESTS: usize = 400;
/// How many heights without a block are stepped over, downwards.
pub(super) const MAX_SKIPPED: u64 = 8;

/// One search.
pub(super) struct Search {
    pub(super) inspector: Inspector,
    pub(super) url: String,
    pub(super) account: AccountId,
    /// Set to end it early.
    pub(super) stop: Arc<AtomicBool>,
}

/// What is known so far.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) account: String,
    /// Where the search began, then each change, in ascending order.
    pub(super) points: Vec<Point>,
    pub(super) asked: usize,
    pub(super) done: bool,
    /// Whether it was ended before it had looked everywhere.
    pub(super) is_cut: bool,
}

/// The code at one block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Point {
    pub(super) block: u64,
    pub(super) code: Option<String>,
    /// Whose global contract it runs, whatever that is at the time.
    pub(super) owner: Option<String>,
    pub(super) kind: &'static str,
    /// When the block was made, in milliseconds since 1970 UTC, where that was asked.
    pub(super) time_ms: Option<u64>,
    /// Of a change: the last block before it, if there was code.
    pub(super) code_before: Option<u64>,
}

impl Search {
    /// Searches between two moments, telling `progress` after each answer.
    ///
    /// # Errors
    /// One sentence.
    pub(super) async fn run(
        &self,
        moments: [Moment; 2],
        newest: Dated,
        progress: impl Fn(&Found),
    ) -> Result<(), String> {
        let mut found = Found { account: self.account.to_string(), ..Found::default() };
        let [one, other] = moments;
        let one = self.height(one, newest, &mut found.asked).await?;
        let other = self.height(other, newest, &mut found.asked).await?;
        let mut first = self.first(one.min(other), &mut found.asked).await?;
        let last = self.first(one.max(other), &mut found.asked).await?;
        first.time_ms = self.time(first.block, &mut found.asked).await?;
        found.points.push(first.clone());
        // Spans whose ends differ and that may hold more than one change: all heights up to the number belong to the first.
        let mut open = vec![(first.block, first, last)];
        while let Some((floor, low, mut high)) = open.pop() {
            if found.asked >= MAX_REQUESTS || self.stop.load(Ordering::Relaxed) {
                found.is_cut = true;
                break;
            }
            progress(&found);
            if low.runs() == high.runs() || high.block <= low.block {
                continue;
            }
            if high.block - floor <= 1 {
                high.time_ms = self.time(high.block, &mut found.asked).await?;
                high.code_before = low.code.is_some().then_some(low.block);
                found.points.push(high);
                continue;
            }
            let middle = floor + (high.block - floor) / 2;
            match self.at(middle, floor + 1, &mut found.asked).await? {
                Some(between) => {
                    // The later half waits, so that changes are found in order.
                    open.push((middle, between.clone(), high));
                    open.push((floor, low, between));
                }
                // There are no blocks between.
                None => open.push((middle, low, high)),
            }
        }
        found.done = true;
        progress(&found);
        Ok(())
    }

    /// The code at `height`, or shortly below it.
    async fn first(&self, height: u64, asked: &mut usize) -> Result<Point, String> {
        let found = self.at(height, 0, asked).await?;
        found.ok_or_else(|| format!("the endpoint has no block `{height}` and none before it"))
    }

    /// The code at `height`, or at the nearest block below it; `None` if there is none from `lowest` on.
    async fn at(&self, height: u64, lowest: u64, asked: &mut usize) -> Result<Option<Point>, String> {
        for block in (height.saturating_sub(MAX_SKIPPED).max(lowest)..=height).rev() {
            *asked += 1;
            let (url, account) = (self.url.clone(), self.account.clone());
            let (done, _) = self.inspector.run(&Job::Past { url, account, height: block }, None).await?;
            let Done::Past(past) = done else { return Err(OTHER.to_owned()) };
            let (code, owner, kind) = match past {
                Past::Account(contract) => describe(contract),
                Past::NoAccount => (None, None, "the account did not exist"),
                Past::NoBlock => continue,
            };
            return Ok(Some(Point { block, code, owner, kind, time_ms: None, code_before: None }));
        }
        if height.saturating_sub(MAX_SKIPPED) < lowest {
            return Ok(None);
        }
        Err(format!("the endpoint has no block `{height}` and none shortly before it: it may not keep blocks that old"))
    }
}

impl Point {
    /// What the account runs, as far as its record says.
    fn runs(&self) -> (Option<&str>, Option<&str>, &str) {
        (self.code.as_deref(), self.owner.as_deref(), self.kind)
    }
}

/// Describes what an account runs: hash, owner and kind.
fn describe(contract: AccountContract) -> (Option<String>, Option<String>, &'static str) {
    match contract {
        AccountContract::None | AccountContract::Uninitialized => (None, None, "no code"),
        AccountContract::Local(hash) => (Some(hash.to_base58()), None, "its own code"),
        AccountContract::Global(hash) => (Some(hash.to_base58()), None, "a global contract"),
        AccountContract::GlobalByAccount(owner) => (None, Some(owner.to_string()), "a global contract of an account"),
        AccountContract::EthImplicit(_) => (None, None, "the shared wallet contract"),
    }
}
