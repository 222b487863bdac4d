//! Ctrl-C, SIGTERM and SIGHUP: noted here, looked at wherever the helper waits, so that everything it started is
//! taken down on the way out.

use std::sync::atomic::{AtomicBool, Ordering};

use crate::failure::{Code, fail};

static ASKED: AtomicBool = AtomicBool::new(false);

/// Begins to listen. Called once, at the start.
///
/// # Errors
/// When the signals cannot be listened to.
pub fn listen() -> anyhow::Result<()> {
    ctrlc::set_handler(|| ASKED.store(true, Ordering::SeqCst))?;
    Ok(())
}

/// Whether the user wants us to stop.
pub fn asked() -> bool {
    ASKED.load(Ordering::SeqCst)
}

/// An error once the user wants us to stop.
///
/// # Errors
/// [`Code::Interrupted`] after Ctrl-C.
pub fn check() -> anyhow::Result<()> {
    if asked() { fail(Code::Interrupted, "stopped on request") } else { Ok(()) }
}
