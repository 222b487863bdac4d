//! Many requests to few hosts: how many of them are with one host at once, how long it is left alone once it says that they
//! are too many (HTTP 429), and which hosts are asked last. Not here: what is sent, and how (`transport`).

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use provenear_shared::deployment::{Endpoint, TransportError};

use crate::interrupt;

/// The longest pause that a host can ask for. Whoever asks for more is not waited for: other hosts may answer, and where
/// none does, the answer that it gave says for how long.
const LONGEST: Duration = Duration::from_secs(60);
/// The first pause where a host names none; each that follows without an answer between is twice as long.
const FIRST: Duration = Duration::from_secs(1);
/// Pauses in a row without one answer. After them nobody waits for this host, so that all that it can cost a run is
/// this many times [`LONGEST`].
const MOST_PAUSES: u32 = 5;
/// How long a host is asked last that is silent; each further time twice as long, up to [`MOST_DOUBLED`] times.
const SILENCE: Duration = Duration::from_secs(60);
/// A quarter of an hour is the longest for a host that may be back.
const MOST_DOUBLED: u32 = 4;
/// How often whoever waits looks whether to stop.
const LOOK: Duration = Duration::from_millis(200);

/// What came of a request.
#[derive(Debug)]
pub(crate) struct Came<T> {
    /// The answer; of a refusal, too.
    pub(crate) answer: Result<T, TransportError>,
    /// Whether it is a refusal.
    pub(crate) refusal: Option<Refusal>,
}

/// HTTP 429.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Refusal {
    /// `Retry-After` in seconds, where it could be read.
    pub(crate) retry_after: Option<u32>,
}

/// The pace at which hosts are asked.
#[derive(Debug)]
pub(crate) struct Pace {
    at_once: usize,
    hosts: Mutex<Vec<(Endpoint, Arc<Host>)>>,
}

#[derive(Debug)]
struct Host {
    at_once: usize,
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug)]
struct State {
    in_flight: usize,
    /// As many as `at_once`, halved by each refusal and won back one by one.
    allowed: usize,
    /// Answers since `allowed` was changed.
    answers: usize,
    /// Nothing is sent before.
    paused_until: Option<Instant>,
    /// How many pauses there were. What is sent together is refused together, and is one reason for a pause.
    pauses: u64,
    /// Pauses without an answer since.
    pauses_in_a_row: u32,
    last_answer: Option<Instant>,
    silence: Option<Silence>,
    silences_in_a_row: u32,
}

/// A request timed out, and none was answered from when it was sent.
#[derive(Debug, Clone, Copy)]
struct Silence {
    since: Instant,
    /// Asked last before.
    until: Instant,
    /// The limit that ran out, in seconds.
    limit: u32,
}

/// What is known of a request when it is sent.
#[derive(Debug, Clone, Copy)]
struct Sent {
    at: Instant,
    /// How many pauses there were by then.
    pauses: u64,
}

impl Pace {
    /// At most `at_once` requests with each host.
    pub(crate) fn new(at_once: usize) -> Pace {
        Pace { at_once: at_once.max(1), hosts: Mutex::default() }
    }

    /// Sends a request as soon as its host may have one more, and again after a refusal.
    ///
    /// # Errors
    /// Those of `send`, or when the user wants to stop.
    pub(crate) fn send<T>(&self, url: &str, send: impl Fn() -> Came<T>) -> Result<T, TransportError> {
        let host = self.host(url);
        let mut refused = 0;
        loop {
            let sent = host.wait()?;
            let came = send();
            refused += 1;
            if !host.ended(sent, &came) || refused > MOST_PAUSES {
                return came.answer;
            }
        }
    }

    /// Whether others should be asked first: it is silent, or wants to be left alone.
    pub(crate) fn is_last(&self, url: &str) -> bool {
        let (host, now) = (self.host(url), Instant::now());
        let state = host.state();
        let is_ahead = |until: Option<Instant>| until.is_some_and(|until| until > now);
        is_ahead(state.paused_until)
            || is_ahead(state.silence.map(|silence| silence.until))
            || state.pauses_in_a_row > MOST_PAUSES
    }

    fn host(&self, url: &str) -> Arc<Host> {
        let named = Endpoint::own(url);
        let mut hosts = self.hosts.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, host)) = hosts.iter().find(|(known, _)| known.is_same_host(&named)) {
            return host.clone();
        }
        let host = Arc::new(Host::new(self.at_once));
        hosts.push((named, host.clone()));
        host
    }
}

impl Host {
    fn new(at_once: usize) -> Host {
        let state = State {
            in_flight: 0,
            allowed: at_once,
            answers: 0,
            paused_until: None,
            pauses: 0,
            pauses_in_a_row: 0,
            last_answer: None,
            silence: None,
            silences_in_a_row: 0,
        };
        Host { at_once, state: Mutex::new(state), changed: Condvar::new() }
    }

    /// Waits until one more request may be sent. Whoever waited while the host let others time out has waited long enough.
    fn wait(&self) -> Result<Sent, TransportError> {
        let (mut state, since) = (self.state(), Instant::now());
        loop {
            if interrupt::is_requested() {
                return Err(TransportError::Unreachable("stopped on request".to_owned()));
            }
            if let Some(silence) = state.silence.filter(|silence| silence.since >= since) {
                return Err(TransportError::Timeout(silence.limit));
            }
            let now = Instant::now();
            let pause = state.paused_until.map(|until| until.saturating_duration_since(now));
            let pause = pause.filter(|pause| !pause.is_zero());
            if pause.is_none() && state.in_flight < state.allowed {
                state.in_flight += 1;
                return Ok(Sent { at: now, pauses: state.pauses });
            }
            let longest = pause.unwrap_or(LOOK).min(LOOK);
            state = self.changed.wait_timeout(state, longest).unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// Notes what came of a request; whether to send it again.
    fn ended<T>(&self, sent: Sent, came: &Came<T>) -> bool {
        let (mut state, now) = (self.state(), Instant::now());
        state.in_flight -= 1;
        let again = match (came.refusal, &came.answer) {
            (Some(refusal), _) => {
                if state.pauses == sent.pauses {
                    state.refused(refusal, now);
                }
                state.pauses_in_a_row <= MOST_PAUSES
            }
            (None, Err(TransportError::Timeout(limit))) => {
                state.timed_out(sent.at, now, *limit);
                false
            }
            (None, Err(TransportError::Unreachable(_) | TransportError::TooLarge(_))) => false,
            (None, Ok(_)) => {
                state.answered(self.at_once, now);
                false
            }
        };
        drop(state);
        self.changed.notify_all();
        again
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn answered(&mut self, at_once: usize, now: Instant) {
        (self.pauses_in_a_row, self.silences_in_a_row) = (0, 0);
        (self.last_answer, self.silence) = (Some(now), None);
        self.answers += 1;
        if self.answers >= self.allowed && self.allowed < at_once {
            (self.allowed, self.answers) = (self.allowed + 1, 0);
        }
    }

    fn refused(&mut self, refusal: Refusal, now: Instant) {
        self.pauses += 1;
        (self.allowed, self.answers) = ((self.allowed / 2).max(1), 0);
        match pause(refusal, self.pauses_in_a_row) {
            Some(pause) if self.pauses_in_a_row < MOST_PAUSES => {
                self.pauses_in_a_row += 1;
                self.paused_until = Some(now + pause);
            }
            Some(_) | None => self.pauses_in_a_row = MOST_PAUSES + 1,
        }
    }

    fn timed_out(&mut self, sent: Instant, now: Instant, limit: u32) {
        // Those that were sent together time out together.
        let is_known = self.silence.is_some_and(|silence| silence.until > now);
        if is_known || self.last_answer.is_some_and(|at| at >= sent) {
            return;
        }
        let until = now + SILENCE * 2_u32.pow(self.silences_in_a_row.min(MOST_DOUBLED));
        self.silence = Some(Silence { since: now, until, limit });
        self.silences_in_a_row += 1;
    }
}

/// How long to leave a host alone after so many pauses in a row: as long as it asks for and no shorter than without its word,
/// since who says "at once" refuses at once again; `None` if it asks for too long.
fn pause(refusal: Refusal, before: u32) -> Option<Duration> {
    let ours = FIRST * 2_u32.pow(before.min(MOST_PAUSES));
    let wanted = Duration::from_secs(refusal.retry_after.unwrap_or_default().into());
    (wanted <= LONGEST).then(|| wanted.max(ours))
}

#[cfg(test)]
mod tests;
