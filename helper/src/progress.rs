//! What a waiting person sees on stderr: one line per phase with the time that has passed, and the build's own log with
//! its control characters taken out.

use std::io::Write;
use std::time::Instant;

use provenear_shared::report::{Phase, PhaseReport};

use crate::redact::redacted;

/// Says what is being done and keeps the time.
#[derive(Debug)]
pub struct Progress {
    quiet: bool,
    started: Instant,
    current: Option<(Phase, Instant)>,
    done: Vec<PhaseReport>,
}

impl Progress {
    /// Begins now.
    pub fn new(quiet: bool) -> Progress {
        Progress { quiet, started: Instant::now(), current: None, done: Vec::new() }
    }

    /// A new phase begins; the one before is over.
    pub fn phase(&mut self, name: Phase, what: &str) {
        self.finish();
        self.current = Some((name, Instant::now()));
        self.say(what);
    }

    /// One line.
    pub fn say(&self, what: &str) {
        if !self.quiet {
            eprintln!(
                "[{:5.1} s] {}",
                self.started.elapsed().as_secs_f64(),
                printable(redacted(what).as_bytes()).trim_end()
            );
        }
    }

    /// Whether nothing is to be shown.
    pub fn is_quiet(&self) -> bool {
        self.quiet
    }

    /// Ends the current phase and gives all that are over.
    pub fn finish(&mut self) -> Vec<PhaseReport> {
        if let Some((name, since)) = self.current.take() {
            let seconds = (since.elapsed().as_secs_f64() * 1000.0).round() / 1000.0;
            self.done.push(PhaseReport { name, seconds });
        }
        self.done.clone()
    }
}

/// Shows a piece of the build's log. Nothing secret reaches a build.
pub fn show_log(bytes: &[u8]) {
    // A closed stderr is no reason to stop a build.
    let _unseen = std::io::stderr().write_all(printable(bytes).as_bytes());
}

/// Shows what a program of the fetch says, line by line: it may know a proxy's password, and cut in two it would be missed.
#[derive(Debug, Default)]
pub struct Lines {
    begun: Vec<u8>,
}

/// Bytes of a line that is shown whole.
const MAX_LINE: usize = 64 << 10;

impl Lines {
    /// Takes what was said, and gives whole lines without credentials.
    pub fn take(&mut self, bytes: &[u8]) -> String {
        self.begun.extend_from_slice(bytes);
        let newline = self.begun.iter().rposition(|byte| *byte == b'\n').map(|at| at + 1);
        let whole = newline.unwrap_or(if self.begun.len() > MAX_LINE { self.begun.len() } else { 0 });
        let whole: Vec<u8> = self.begun.drain(..whole).collect();
        redacted(&String::from_utf8_lossy(&whole))
    }

    /// What is left.
    pub fn rest(self) -> String {
        redacted(&String::from_utf8_lossy(&self.begun))
    }
}

/// Text that cannot move the cursor, clear the screen or name windows.
pub fn printable(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes).replace('\r', "\n");
    // The colours of a build's log are dropped; what would turn or hide text is shown as its code, as everywhere.
    let plain: String = text.chars().filter(|c| !c.is_control() || matches!(c, '\n' | '\t')).collect();
    provenear_shared::text::printable(&plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escape_sequences_do_not_reach_the_terminal() {
        assert_eq!(printable(b"a\x1b[2Jb\x07\r\nc\xff\xc2\x9bd"), "a[2Jb\n\nc\u{fffd}d");
        assert_eq!(printable("a\u{202e}b".as_bytes()), "a\\u{202e}b");
    }

    #[test]
    fn a_credential_that_comes_in_pieces_is_not_shown() {
        let mut lines = Lines::default();
        let shown = [&b"a\nhttp://me:hun"[..], b"ter2@h/", b"x\nb"].map(|piece| lines.take(piece)).concat();
        assert_eq!((shown.as_str(), lines.rest().as_str()), ("a\nhttp://…@h/x\n", "b"));
    }

    #[test]
    fn phases_are_kept_in_order() {
        let mut progress = Progress::new(true);
        progress.phase(Phase::Source, "x");
        progress.phase(Phase::Build, "y");
        let names: Vec<_> = progress.finish().into_iter().map(|p| p.name).collect();
        assert_eq!(names, [Phase::Source, Phase::Build]);
    }
}
