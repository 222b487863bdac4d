//! How long a step may take. Where the helper waits or works long it looks here, and at whether its user wants it to stop.

use std::io::{self, Write};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::{Duration, Instant};

use crate::failure::{Code, Failure};
use crate::interrupt;

/// How often the clock is looked at.
const TICK: Duration = Duration::from_millis(50);

/// The end of a step that has begun.
#[derive(Debug, Clone, Copy)]
pub struct Deadline {
    since: Instant,
    time: Duration,
    code: Code,
}

impl Deadline {
    /// This long from now; what is not done by then ends with this code.
    pub fn after(time: Duration, code: Code) -> Deadline {
        Deadline { since: Instant::now(), time, code }
    }

    /// The same end with another code.
    #[must_use]
    pub fn with(self, code: Code) -> Deadline {
        Deadline { code, ..self }
    }

    /// The failure of a step that is not done yet, once its time is over.
    pub fn over(&self) -> Option<Failure> {
        let is_over = self.since.elapsed() > self.time;
        is_over.then(|| Failure::new(self.code, format!("ended after the limit of {} s", self.time.as_secs())))
    }

    /// Goes on, unless the time is over or the user wants us to stop.
    ///
    /// # Errors
    /// With its code, or [`Code::Interrupted`].
    pub fn check(&self) -> Result<(), Failure> {
        interrupt::check()?;
        self.over().map_or(Ok(()), Err)
    }

    /// Waits for what cannot be broken off, such as a name server, on a thread that is let go: one that says nothing must
    /// keep nobody from stopping.
    ///
    /// # Errors
    /// As [`Deadline::check`], or what `ask` says.
    pub fn wait<T: Send + 'static>(self, ask: impl FnOnce() -> io::Result<T> + Send + 'static) -> io::Result<T> {
        let (sender, answer) = mpsc::channel();
        // Nobody waits any more: then there is nobody to tell.
        std::thread::spawn(move || drop(sender.send(ask())));
        loop {
            match answer.recv_timeout(TICK) {
                Ok(found) => return found,
                Err(RecvTimeoutError::Timeout) => self.check().map_err(io::Error::other)?,
                Err(RecvTimeoutError::Disconnected) => return Err(io::Error::other("what was waited for broke down")),
            }
        }
    }
}

/// Writes on until the deadline.
pub struct Until<W> {
    inner: W,
    deadline: Deadline,
}

impl<W: Write> Until<W> {
    /// Around another writer.
    pub fn new(inner: W, deadline: Deadline) -> Until<W> {
        Until { inner, deadline }
    }

    /// The other writer.
    pub fn into_inner(self) -> W {
        self.inner
    }
}

impl<W: Write> Write for Until<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.deadline.check().map_err(io::Error::other)?;
        self.inner.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::failure::code_of;

    #[test]
    fn what_is_over_ends_with_its_code_also_through_a_writer() {
        let over = Deadline::after(Duration::ZERO, Code::LimitExceeded);
        std::thread::sleep(Duration::from_millis(1));
        assert_eq!(over.check().unwrap_err().code, Code::LimitExceeded);
        let written = Until::new(Vec::new(), over.with(Code::BuildTimeout)).write_all(b"x");
        assert_eq!(code_of(&anyhow::Error::from(written.unwrap_err())), Code::BuildTimeout);
        let open = Deadline::after(Duration::from_secs(60), Code::LimitExceeded);
        assert!(open.check().is_ok() && Until::new(Vec::new(), open).write_all(b"x").is_ok());
    }

    #[test]
    fn a_name_server_that_says_nothing_keeps_nobody() {
        let (since, (_open, never)) = (Instant::now(), mpsc::channel::<()>());
        let deadline = Deadline::after(Duration::from_millis(100), Code::LimitExceeded);
        let error = deadline.wait(move || never.recv().map_err(io::Error::other)).unwrap_err();
        assert_eq!(code_of(&error.into()), Code::LimitExceeded);
        assert!(since.elapsed() < Duration::from_secs(5));
        assert_eq!(Deadline::after(Duration::from_secs(60), Code::Io).wait(|| Ok(7)).unwrap(), 7);
    }
}
