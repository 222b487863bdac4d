//! Finds the blocks between which an account's code changed, by halving.
//! Not here: judging any of it. A node's word about the past is shown as such.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use provenear_shared::near::{AccountContract, AccountId};
use provenear_web_protocol::{Done, Job, Past};

use crate::open::{Inspector, OTHER};

/// Most requests of one search.
const MAX_REQUESTS: usize = 400;
/// How many heights without a block are stepped over, downwards.
const MAX_SKIPPED: u64 = 8;

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
    /// Points in ascending order; two neighbours with other code are as near as the search has come.
    pub(super) points: Vec<Point>,
    pub(super) asked: usize,
    pub(super) done: bool,
}

/// The code at one block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Point {
    pub(super) block: u64,
    pub(super) code: Option<String>,
    pub(super) kind: &'static str,
}

impl Search {
    /// Searches from `low` to `high`, telling `progress` after each answer.
    ///
    /// # Errors
    /// One sentence.
    pub(super) async fn run(&self, low: u64, high: u64, progress: impl Fn(&Found)) -> Result<(), String> {
        let mut found = Found { account: self.account.to_string(), ..Found::default() };
        let first = self.at(low, &mut found.asked).await?;
        let last = self.at(high, &mut found.asked).await?;
        // Spans whose ends differ and that may hold more than one change.
        let mut open = vec![(first.clone(), last)];
        found.points.push(first);
        while let Some((low, high)) = open.pop() {
            if found.asked >= MAX_REQUESTS || self.stop.load(Ordering::Relaxed) {
                break;
            }
            progress(&found);
            if (low.code == high.code && low.kind == high.kind) || high.block <= low.block {
                continue;
            }
            let middle = low.block + (high.block - low.block) / 2;
            let between = if middle > low.block { Some(self.at(middle, &mut found.asked).await?) } else { None };
            match between {
                Some(between) if between.block > low.block => {
                    // The later half waits, so that changes are found in order.
                    open.push((between.clone(), high));
                    open.push((low, between));
                }
                _ => found.points.push(high),
            }
        }
        found.done = true;
        progress(&found);
        Ok(())
    }

    /// The code at `height`, or at the nearest block below it.
    async fn at(&self, height: u64, asked: &mut usize) -> Result<Point, String> {
        for block in (height.saturating_sub(MAX_SKIPPED)..=height).rev() {
            *asked += 1;
            let (url, account) = (self.url.clone(), self.account.clone());
            let (done, _) = self.inspector.run(&Job::Past { url, account, height: block }, None).await?;
            let Done::Past(past) = done else { return Err(OTHER.to_owned()) };
            let (code, kind) = match past {
                Past::Account(contract) => named(&contract),
                Past::NoAccount => (None, "no such account"),
                Past::NoBlock => continue,
            };
            return Ok(Point { block, code, kind });
        }
        Err(format!("the endpoint has no block `{height}` and none shortly before it: it may not keep blocks that old"))
    }
}

fn named(contract: &AccountContract) -> (Option<String>, &'static str) {
    match contract {
        AccountContract::None | AccountContract::Uninitialized => (None, "no code"),
        AccountContract::Local(hash) => (Some(hash.to_base58()), "its own code"),
        AccountContract::Global(hash) => (Some(hash.to_base58()), "a global contract"),
        AccountContract::GlobalByAccount(owner) => (Some(owner.to_string()), "a global contract of an account"),
        AccountContract::EthImplicit(_) => (None, "the shared wallet contract"),
    }
}
