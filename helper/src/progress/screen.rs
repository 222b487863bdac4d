//! Stderr, which every thread of the helper writes to: what was said last and when, and the one line of a terminal that is
//! written over as long as nothing else comes.

use std::io::{IsTerminal, Write};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::{make_printable, prefix_time, runner};

/// After this long, a terminal shows that nothing new came, and counts on.
const SOON: Duration = Duration::from_secs(5);
/// In a file or a pipe, where nothing can be written over, it is said once in this long.
const SELDOM: Duration = Duration::from_secs(30);
/// Goes to the beginning of the line, and clears it.
const OVER: &str = "\r\u{1b}[2K";
/// Columns that every terminal has: a longer line could not be written over as a whole.
const COLUMNS: usize = 79;

/// Bytes of a line that waits for its end.
const MAX_LINE: usize = 64 << 10;

static SCREEN: Mutex<Screen> = Mutex::new(Screen::new());

/// What stands on stderr.
pub(super) struct Screen {
    /// When something was said.
    said: Option<Instant>,
    /// The last line with anything in it.
    last: String,
    /// When a silence was told of, if nothing was said since.
    beaten: Option<Instant>,
    /// Whether a line stands that is to be written over.
    is_standing: bool,
    /// Whether what was said last is only the beginning of a line.
    is_open: bool,
    /// That beginning, where a runner would read a command that was cut in two.
    begun: String,
}

impl Screen {
    const fn new() -> Screen {
        Screen {
            said: None,
            last: String::new(),
            beaten: None,
            is_standing: false,
            is_open: false,
            begun: String::new(),
        }
    }

    /// Nobody else writes meanwhile.
    pub(super) fn lock() -> MutexGuard<'static, Screen> {
        SCREEN.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Writes a line, with styles where those are wanted.
    pub(super) fn line(&mut self, text: &str) {
        self.log(&format!("{text}\n"));
    }

    /// Writes a piece of text that may begin or end within a line.
    pub(super) fn log(&mut self, text: &str) {
        self.clear();
        self.say(text, Instant::now());
        if runner::is_listening() {
            let whole = self.whole_lines(text);
            write(&runner::defuse(&whole), Kept::Styled);
        } else {
            write(text, Kept::Styled);
        }
    }

    /// Takes in a piece of text, and gives the lines that are whole by now.
    fn whole_lines(&mut self, text: &str) -> String {
        self.begun.push_str(text);
        if self.begun.len() > MAX_LINE && !self.begun.ends_with('\n') {
            self.begun.push('\n');
        }
        let end = self.begun.rfind('\n').map_or(0, |at| at + 1);
        self.begun.drain(..end).collect()
    }

    /// Takes away what is to be written over, and ends what waits for its end: something else is written.
    pub(super) fn settle(&mut self) {
        self.clear();
        if !self.begun.is_empty() {
            let rest = self.whole_lines("\n");
            write(&runner::defuse(&rest), Kept::Styled);
            self.is_open = false;
        }
    }

    /// Takes away what is to be written over.
    pub(super) fn clear(&mut self) {
        if std::mem::take(&mut self.is_standing) {
            write(OVER, Kept::AsItIs);
        }
    }

    /// Tells that nothing was said for long, if so.
    pub(super) fn beat(&mut self, started: Instant, now: Instant) {
        let is_terminal = std::io::stderr().is_terminal() && std::env::var_os("TERM").is_none_or(|term| term != "dumb");
        let Some(silence) = self.silence(now, if is_terminal { None } else { Some(SELDOM) }) else { return };
        let told = prefix_time(now.duration_since(started), &silence);
        if is_terminal {
            let told: String = told.chars().take(COLUMNS).collect();
            write(&format!("{}{OVER}{told}", self.line_end()), Kept::AsItIs);
            self.is_standing = true;
        } else {
            write(&format!("{}{told}\n", self.line_end()), Kept::AsItIs);
        }
    }

    /// Ends a line that was only begun.
    fn line_end(&mut self) -> &'static str {
        if std::mem::take(&mut self.is_open) { "\n" } else { "" }
    }

    fn say(&mut self, text: &str, now: Instant) {
        self.said = Some(now);
        self.is_open = !text.ends_with('\n');
        self.beaten = None;
        let plain = anstream::adapter::strip_str(text).to_string();
        let last = plain.lines().rev().map(str::trim).find(|line| !line.is_empty());
        self.last = last.map(str::to_owned).unwrap_or(std::mem::take(&mut self.last));
    }

    /// What is said of a silence, once in `every`, or whenever it is asked for.
    fn silence(&mut self, now: Instant, every: Option<Duration>) -> Option<String> {
        let silent = now.duration_since(self.said?);
        let since = self.beaten.map_or(silent, |beaten| now.duration_since(beaten));
        if silent < SOON || since < every.unwrap_or_default() {
            return None;
        }
        self.beaten = Some(now);
        // The time before a line of ours was true when it was said.
        let last = self.last.strip_prefix('[').and_then(|line| line.split_once(" s] ")).map_or(&*self.last, |it| it.1);
        let last: String = make_printable(last.as_bytes()).chars().take(160).collect();
        Some(format!("no output for {} s; the last was: {last}", silent.as_secs()))
    }
}

/// Whether a text is written with its escape sequences where colours are not wanted.
enum Kept {
    AsItIs,
    Styled,
}

fn write(text: &str, kept: Kept) {
    // A closed stderr is no reason to stop a build.
    let _unseen = match kept {
        Kept::AsItIs => std::io::stderr().write_all(text.as_bytes()),
        Kept::Styled => anstream::stderr().write_all(text.as_bytes()),
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_silence_is_told_of_with_its_length_and_the_last_line() {
        let (mut screen, start) = (Screen::new(), Instant::now());
        let after = |seconds| start + Duration::from_secs(seconds);
        assert_eq!(screen.silence(after(100), None), None, "nothing was begun");
        screen.say("[  1.0 s] running `cargo build`\n", start);
        screen.say("   Compiling near-sdk v5.24.0\n\n", start);
        assert_eq!(screen.silence(after(4), None), None);
        let told = "no output for 6 s; the last was: Compiling near-sdk v5.24.0";
        assert_eq!(screen.silence(after(6), None).as_deref(), Some(told));
        assert!(screen.silence(after(7), None).unwrap().contains("for 7 s"));
        screen.say("[ 90.0 s] reading `a.wasm`\n", after(90));
        assert_eq!(screen.silence(after(94), None), None);
        assert_eq!(
            screen.silence(after(99), None).as_deref(),
            Some("no output for 9 s; the last was: reading `a.wasm`")
        );
    }

    #[test]
    fn a_log_is_told_of_it_every_half_minute() {
        let (mut screen, start) = (Screen::new(), Instant::now());
        screen.say("a\n", start);
        let told = |screen: &mut Screen, from: u64, to: u64| {
            (from..to)
                .filter(|s| screen.silence(start + Duration::from_secs(*s), Some(SELDOM)).is_some())
                .collect::<Vec<_>>()
        };
        assert_eq!(told(&mut screen, 1, 100), [30, 60, 90]);
        screen.say("b\n", start + Duration::from_secs(100));
        assert_eq!(told(&mut screen, 101, 170), [130, 160]);
    }

    #[test]
    fn a_line_that_was_only_begun_is_ended_once() {
        let mut screen = Screen::new();
        screen.say("Fetch [==> ]", Instant::now());
        assert_eq!((screen.line_end(), screen.line_end()), ("\n", ""));
        screen.say("x\n", Instant::now());
        assert_eq!(screen.line_end(), "");
    }

    #[test]
    fn colours_are_no_part_of_the_last_line() {
        let mut screen = Screen::new();
        screen.say("\u{1b}[1mwarning:\u{1b}[0m x\n", Instant::now());
        assert_eq!(screen.last, "warning: x");
    }

    #[test]
    fn a_command_that_comes_in_pieces_is_one_line() {
        let mut screen = Screen::new();
        assert_eq!(screen.whole_lines("a\n:"), "a\n");
        assert_eq!(screen.whole_lines(":error"), "");
        assert_eq!(screen.whole_lines("::x\n##"), "::error::x\n");
        assert_eq!(screen.whole_lines("[group]\n"), "##[group]\n");
        let long = "x".repeat(MAX_LINE + 1);
        assert_eq!(screen.whole_lines(&long), format!("{long}\n"));
    }
}
