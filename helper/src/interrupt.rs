//! Ctrl-C, SIGTERM and SIGHUP: noted here, looked at wherever the helper waits, so that everything it started is
//! taken down on the way out.

use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::task::{Context, Poll, Waker};

use crate::failure::{Code, Failure};

static REQUESTED: AtomicBool = AtomicBool::new(false);
/// Whoever awaits something, and wants to know, by a number of its own.
static WAITING: Mutex<BTreeMap<u64, Waker>> = Mutex::new(BTreeMap::new());
static NUMBER: AtomicU64 = AtomicU64::new(0);

/// Begins to listen. Called once, at the start, by a command that has something to take down: others end at once.
///
/// # Errors
/// When the signals cannot be listened to.
pub fn listen() -> anyhow::Result<()> {
    ctrlc::set_handler(|| {
        REQUESTED.store(true, Ordering::SeqCst);
        if let Ok(mut waiting) = WAITING.lock() {
            std::mem::take(&mut *waiting).into_values().for_each(Waker::wake);
        }
    })?;
    Ok(())
}

/// Ends once the user wants us to stop.
pub fn wait() -> Wait {
    Wait(NUMBER.fetch_add(1, Ordering::Relaxed))
}

/// What [`wait`] gives. Whoever drops it is forgotten: a batch awaits a million times.
#[derive(Debug)]
pub struct Wait(u64);

impl Future for Wait {
    type Output = ();

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        if let Ok(mut waiting) = WAITING.lock() {
            waiting.insert(self.0, context.waker().clone());
        }
        // Looked at last, so that nothing is missed in between.
        if is_requested() { Poll::Ready(()) } else { Poll::Pending }
    }
}

impl Drop for Wait {
    fn drop(&mut self) {
        if let Ok(mut waiting) = WAITING.lock() {
            waiting.remove(&self.0);
        }
    }
}

/// Whether the user wants us to stop.
pub fn is_requested() -> bool {
    REQUESTED.load(Ordering::SeqCst)
}

/// An error once the user wants us to stop.
///
/// # Errors
/// [`Code::Interrupted`] after Ctrl-C.
pub fn check() -> Result<(), Failure> {
    if is_requested() { Err(Failure::new(Code::Interrupted, "stopped on request")) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_does_not_wait_any_more_is_forgotten() {
        let waits = |number: u64| WAITING.lock().unwrap().contains_key(&number);
        let mut wait = wait();
        let number = wait.0;
        let mut context = Context::from_waker(Waker::noop());
        assert!(Pin::new(&mut wait).poll(&mut context).is_pending() && waits(number));
        drop(wait);
        assert!(!waits(number));
    }
}
