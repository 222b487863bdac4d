//! Which block a date means, by the word of the endpoint that is searched: guessed by the time between two blocks, then halved.

use std::sync::atomic::Ordering;

use provenear_shared::near::{parse_utc, rfc3339};
use provenear_web_protocol::{Done, Job};

use super::search::{MAX_SKIPPED, Search};
use crate::open::OTHER;

/// How far before a date its block may be: nobody means a date more exactly, and each halving less is a request less.
const NEAR_ENOUGH_MS: u64 = 60_000;
/// A first guess at the time between two blocks; mainnet's was 1.2 s in 2021 and is 0.6 s in 2026.
const BLOCK_MS: u64 = 1_000;

/// A place in the past, as the reader names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Moment {
    /// A block by its height.
    Height(u64),
    /// Milliseconds since 1970 UTC.
    Time(u64),
}

impl Moment {
    /// Reads a height, or a date with or without a time of day, in UTC.
    ///
    /// # Errors
    /// One sentence.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let text = text.trim();
        let time = || parse_utc(text).map(Self::Time);
        text.parse().ok().map(Self::Height).or_else(time).ok_or_else(|| {
            "name a block by its height, such as `120000000`, or by a date in UTC, such as `2024-06-30` or \
             `2024-06-30 14:05`"
                .to_owned()
        })
    }
}

/// A block with its time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Dated {
    pub(super) height: u64,
    pub(super) time_ms: u64,
}

impl Search {
    /// The height that is meant: for a time that of the last block before it, but never one after `newest`.
    ///
    /// # Errors
    /// One sentence.
    pub(super) async fn height(&self, moment: Moment, newest: Dated, asked: &mut usize) -> Result<u64, String> {
        let wanted = match moment {
            Moment::Height(height) => return Ok(height),
            Moment::Time(time) if time >= newest.time_ms => return Ok(newest.height),
            Moment::Time(time) => time,
        };
        let mut high = newest;
        // What is at `floor` or below is not later than what is wanted, as far as the endpoint has it.
        let (mut floor, mut low) = (0, None::<Dated>);
        let mut step = (high.time_ms - wanted) / BLOCK_MS + 1;
        let mut guesses = true;
        while high.height - floor > 1 && low.is_none_or(|low| wanted - low.time_ms > NEAR_ENOUGH_MS) {
            if self.stop.load(Ordering::Relaxed) {
                return Err("the search was stopped".to_owned());
            }
            let span = high.height - floor;
            let guess = match low {
                Some(low) if guesses => between(low, high, wanted),
                None if step < span => high.height - step,
                Some(_) | None => floor + span / 2,
            };
            (guesses, step) = (!guesses, step.saturating_mul(2));
            let guess = guess.clamp(floor + 1, high.height - 1);
            match self.dated(guess, floor, asked).await? {
                Some(at) if at.time_ms > wanted => high = at,
                Some(at) => (floor, low) = (guess, Some(at)),
                None => floor = guess,
            }
        }
        low.map(|low| low.height).ok_or_else(|| {
            let (height, time) = (high.height, rfc3339(high.time_ms));
            format!(
                "the oldest block that the endpoint has is `{height}` of `{time}`, later than `{}`",
                rfc3339(wanted)
            )
        })
    }

    /// The nearest block that the endpoint has at `height` or below, but above `floor`.
    async fn dated(&self, height: u64, floor: u64, asked: &mut usize) -> Result<Option<Dated>, String> {
        for height in (height.saturating_sub(MAX_SKIPPED).max(floor + 1)..=height).rev() {
            if let Some(time_ms) = self.time(height, asked).await? {
                return Ok(Some(Dated { height, time_ms }));
            }
        }
        Ok(None)
    }

    /// When the block at this height was made; `None` if the endpoint has none.
    ///
    /// # Errors
    /// One sentence.
    pub(super) async fn time(&self, height: u64, asked: &mut usize) -> Result<Option<u64>, String> {
        *asked += 1;
        let (done, _) = self.inspector.run(&Job::BlockTime { url: self.url.clone(), height }, None).await?;
        let Done::BlockTime(time) = done else { return Err(OTHER.to_owned()) };
        Ok(time)
    }
}

/// The height at which the time would be the wanted one if all blocks took as long.
fn between(low: Dated, high: Dated, wanted: u64) -> u64 {
    let (before, whole) = (wanted - low.time_ms, high.time_ms - low.time_ms);
    let part = u128::from(before) * u128::from(high.height - low.height) / u128::from(whole.max(1));
    low.height + part as u64
}
