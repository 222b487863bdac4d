//! The limit of disk: engines have none of their own on most file systems, so what a container wrote is looked at, the
//! oftener the less is left. One file alone is stopped by the kernel (`Limits::file_size` is never above the whole).

use std::time::{Duration, Instant};

use super::Limits;
use crate::failure::{Code, fail};

/// How fast a disk is taken to be at most: by this the next look comes before the limit can be reached.
const FASTEST: u64 = 2 << 30;
/// Between two looks.
const SHORTEST: Duration = Duration::from_millis(200);
/// Looking makes the engine count every file, on processors that the build could use.
const LONGEST: Duration = Duration::from_secs(10);
/// Most that is waited because a look took long.
const RESPITE: Duration = Duration::from_secs(3);
/// Looks in a row that the engine may leave without an answer.
const PATIENCE: u32 = 3;

/// Watches what one container writes.
#[derive(Debug)]
pub struct Watch<F> {
    written: F,
    limit: u64,
    next: Instant,
    silent: u32,
}

impl<F: FnMut() -> Option<u64>> Watch<F> {
    /// Asks `written` for the bytes written so far.
    pub fn new(limits: &Limits, written: F) -> Watch<F> {
        Watch { written, limit: limits.disk, next: Instant::now() + SHORTEST, silent: 0 }
    }

    /// Looks, if it is time to.
    ///
    /// # Errors
    /// [`Code::LimitExceeded`] when more was written than the limit, or the engine no longer tells.
    pub fn tick(&mut self) -> anyhow::Result<()> {
        if Instant::now() < self.next { Ok(()) } else { self.look() }
    }

    /// Looks now.
    ///
    /// # Errors
    /// As [`Watch::tick`].
    pub fn look(&mut self) -> anyhow::Result<()> {
        let since = Instant::now();
        let pause = match (self.written)() {
            Some(bytes) if bytes > self.limit => {
                let limit = self.limit;
                return fail(Code::LimitExceeded, format!("the container wrote {bytes} bytes, more than {limit}"));
            }
            Some(bytes) => {
                self.silent = 0;
                // Counting many files takes the engine a while: it is left as much time to build.
                pause(self.limit - bytes).max(since.elapsed().min(RESPITE))
            }
            None => {
                self.silent += 1;
                if self.silent >= PATIENCE {
                    return fail(Code::LimitExceeded, "the engine no longer tells how much the container wrote");
                }
                SHORTEST
            }
        };
        self.next = Instant::now() + pause;
        Ok(())
    }
}

/// Until the next look, with so many bytes left.
fn pause(left: u64) -> Duration {
    Duration::from_millis(left.saturating_mul(1000) / FASTEST).clamp(SHORTEST, LONGEST)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::failure::code_of;

    #[test]
    fn the_less_is_left_the_sooner_it_is_looked_at() {
        assert_eq!(pause(20 << 30), LONGEST);
        assert_eq!(pause(1 << 30), Duration::from_millis(500));
        assert_eq!(pause(0), SHORTEST);
    }

    #[test]
    fn too_much_and_silence_both_end_it() {
        let limits = Limits { disk: 10, ..Limits::default() };
        assert!(Watch::new(&limits, || Some(10)).look().is_ok());
        assert_eq!(code_of(&Watch::new(&limits, || Some(11)).look().unwrap_err()), Code::LimitExceeded);
        let mut silent = Watch::new(&limits, || None);
        assert!(silent.look().is_ok() && silent.look().is_ok());
        assert_eq!(code_of(&silent.look().unwrap_err()), Code::LimitExceeded);
    }
}
