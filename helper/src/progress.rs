//! What a waiting person sees on stderr: one line per phase with the time that has passed, the build's own log with its
//! control characters taken out, and a heartbeat while nothing else is said.

pub mod runner;
mod screen;

use std::fmt;
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use anstyle::{AnsiColor, Style};
use provenear_shared::report::{Phase, PhaseReport};

use self::screen::Screen;
use crate::redact::redact;

/// How often the heartbeat looks whether something has to be said.
const TICK: Duration = Duration::from_secs(1);

/// Says what is being done and keeps the time.
#[derive(Debug)]
pub struct Progress {
    quiet: bool,
    started: Instant,
    current: Option<(Phase, Instant)>,
    done: Vec<PhaseReport>,
    heart: Option<Heart>,
}

impl Progress {
    /// Begins now.
    pub fn new(quiet: bool) -> Progress {
        Progress { quiet, started: Instant::now(), current: None, done: Vec::new(), heart: None }
    }

    /// From now on, a wait without any output is told of, if anything is.
    pub fn beat(&mut self) {
        if !self.quiet && self.heart.is_none() {
            self.heart = Some(Heart::start(self.started));
        }
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
            Screen::lock().line(&prefix_time(self.started.elapsed(), &redact(what)));
        }
    }

    /// Something that is good to know, and no more.
    pub fn note(&self, what: &str) {
        if !self.quiet {
            print_labelled("note", AnsiColor::Green.on_default(), what);
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

/// A line with the time that has passed before it.
fn prefix_time(passed: Duration, what: &str) -> String {
    format!("[{:5.1} s] {}", passed.as_secs_f64(), make_printable(what.as_bytes()).trim_end())
}

/// Why a command ends without what was asked for.
pub fn error(what: &str) {
    print_labelled("error", AnsiColor::Red.on_default(), what);
}

/// What a person should look at, although the command goes on; said in spite of `--quiet`.
pub fn warn(what: &str) {
    print_labelled("warning", AnsiColor::Yellow.on_default(), what);
}

/// In the manner of clap, whose errors stand beside ours.
fn print_labelled(label: &str, style: Style, what: &str) {
    let style = style.bold();
    Screen::lock().line(&format!("{style}{label}:{style:#} {}", make_printable(what.as_bytes())));
}

/// A line as it is.
pub fn line(text: &str) {
    Screen::lock().line(&make_printable(text.as_bytes()));
}

/// Takes away what stands on the terminal only as long as nothing else comes; before stdout is written.
pub fn clear() {
    Screen::lock().settle();
}

/// Shows a piece of the build's log. Nothing secret reaches a build.
pub fn show_log(bytes: &[u8]) {
    Screen::lock().log(&make_printable(bytes));
}

/// Tells of a silence as long as it lives. The thread ends with it.
struct Heart {
    stop: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Heart {
    fn start(started: Instant) -> Heart {
        let (stop, stopped) = mpsc::channel();
        let beat = move || {
            while stopped.recv_timeout(TICK) == Err(RecvTimeoutError::Timeout) {
                Screen::lock().beat(started, Instant::now());
            }
            Screen::lock().clear();
        };
        Heart { stop: Some(stop), thread: Some(std::thread::spawn(beat)) }
    }
}

impl Drop for Heart {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            // A heartbeat that broke down has said so, and nothing depends on it.
            let _ended = thread.join();
        }
    }
}

impl fmt::Debug for Heart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Heart")
    }
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
        redact(&String::from_utf8_lossy(&whole))
    }

    /// What is left.
    pub fn rest(self) -> String {
        redact(&String::from_utf8_lossy(&self.begun))
    }
}

/// Text that cannot move the cursor, clear the screen or name windows.
pub fn make_printable(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes).replace('\r', "\n");
    // The colours of a build's log are dropped; what would turn or hide text is shown as its code, as everywhere.
    let plain: String = text.chars().filter(|c| !c.is_control() || matches!(c, '\n' | '\t')).collect();
    provenear_shared::text::make_printable(&plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escape_sequences_do_not_reach_the_terminal() {
        assert_eq!(make_printable(b"a\x1b[2Jb\x07\r\nc\xff\xc2\x9bd"), "a[2Jb\n\nc\u{fffd}d");
        assert_eq!(make_printable("a\u{202e}b".as_bytes()), "a\\u{202e}b");
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
