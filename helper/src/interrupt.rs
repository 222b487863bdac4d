//! Ctrl-C, SIGTERM and SIGHUP: noted here, looked at wherever the helper waits, so that everything it started is
//! taken down on the way out.

use std::future::Future;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Poll, Waker};

use crate::failure::{Code, Failure};

static ASKED: AtomicBool = AtomicBool::new(false);
/// Whoever awaits something, and wants to know.
static WAITING: Mutex<Vec<Waker>> = Mutex::new(Vec::new());

/// Begins to listen. Called once, at the start, by a command that has something to take down: others end at once.
///
/// # Errors
/// When the signals cannot be listened to.
pub fn listen() -> anyhow::Result<()> {
    ctrlc::set_handler(|| {
        ASKED.store(true, Ordering::SeqCst);
        if let Ok(mut waiting) = WAITING.lock() {
            waiting.drain(..).for_each(Waker::wake);
        }
    })?;
    Ok(())
}

/// Ends once the user wants us to stop.
pub fn awaited() -> impl Future<Output = ()> {
    std::future::poll_fn(|context| {
        if let Ok(mut waiting) = WAITING.lock()
            && !waiting.iter().any(|waker| waker.will_wake(context.waker()))
        {
            waiting.push(context.waker().clone());
        }
        // Looked at last, so that nothing is missed in between.
        if asked() { Poll::Ready(()) } else { Poll::Pending }
    })
}

/// Whether the user wants us to stop.
pub fn asked() -> bool {
    ASKED.load(Ordering::SeqCst)
}

/// An error once the user wants us to stop.
///
/// # Errors
/// [`Code::Interrupted`] after Ctrl-C.
pub fn check() -> Result<(), Failure> {
    if asked() { Err(Failure::new(Code::Interrupted, "stopped on request")) } else { Ok(()) }
}
