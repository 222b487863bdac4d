//! What a batch has to do: subjects that wait to be looked up, in the order of the list, and what is to be built of those that
//! were. Whoever finds nothing stays while others are at work: a subject whose recipe somebody else builds comes back, and so
//! does what an engine had that is lost.

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::interrupt;

/// How often a worker without work looks whether to stop.
const LOOK: Duration = Duration::from_millis(50);

/// A line of the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Subject<'a> {
    /// Its place among them, from 0.
    pub(super) place: usize,
    pub(super) name: &'a str,
}

/// Shared by all workers.
pub(super) struct Queue<'a, B> {
    state: Mutex<State<'a, B>>,
    changed: Condvar,
}

struct State<'a, B> {
    subjects: VecDeque<Subject<'a>>,
    builds: VecDeque<B>,
    looking: usize,
    building: usize,
    builders: usize,
}

/// How many are at what.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct AtWork {
    pub(super) looking: usize,
    pub(super) building: usize,
}

/// Something that somebody has; its end is the end of this.
pub(super) struct Turn<'q, 'a, B> {
    queue: &'q Queue<'a, B>,
    end: fn(&mut State<'a, B>),
}

impl<'a, B> Queue<'a, B> {
    /// The subjects in this order, for so many who build.
    pub(super) fn new(subjects: impl Iterator<Item = Subject<'a>>, builders: usize) -> Queue<'a, B> {
        let (subjects, builds) = (subjects.collect(), VecDeque::new());
        let state = State { subjects, builds, looking: 0, building: 0, builders };
        Queue { state: Mutex::new(state), changed: Condvar::new() }
    }

    /// The next to look up; `None` when all are answered, or the person who waits wants to stop. What was looked up takes room
    /// until it is built, so there is none while as many wait for that as can build.
    pub(super) fn next_subject(&self) -> Option<(Subject<'a>, Turn<'_, 'a, B>)> {
        self.next(|state| {
            let has_room = state.builders == 0 || state.builds.len() < state.builders;
            let subject = if has_room { state.subjects.pop_front() } else { None }?;
            state.looking += 1;
            Some((subject, Turn { queue: self, end: |state| state.looking -= 1 }))
        })
    }

    /// The next to build; `None` as for [`Queue::next_subject`].
    pub(super) fn next_build(&self) -> Option<(B, Turn<'_, 'a, B>)> {
        self.next(|state| {
            let build = state.builds.pop_front()?;
            state.building += 1;
            Some((build, Turn { queue: self, end: |state| state.building -= 1 }))
        })
    }

    fn next<T>(&self, take: impl Fn(&mut State<'a, B>) -> Option<T>) -> Option<T> {
        let mut state = self.state();
        while !interrupt::is_requested() {
            if let Some(taken) = take(&mut state) {
                return Some(taken);
            }
            let State { subjects, builds, looking, building, builders: _ } = &*state;
            if subjects.is_empty() && builds.is_empty() && *looking == 0 && *building == 0 {
                return None;
            }
            state = self.changed.wait_timeout(state, LOOK).unwrap_or_else(PoisonError::into_inner).0;
        }
        None
    }

    /// For whoever builds.
    ///
    /// # Errors
    /// What was given, when nobody can build any more.
    pub(super) fn put_build(&self, build: B) -> Result<(), B> {
        let mut state = self.state();
        if state.builders == 0 {
            return Err(build);
        }
        state.builds.push_back(build);
        self.changed.notify_all();
        Ok(())
    }

    /// To be looked up before all others.
    pub(super) fn put_back(&self, subjects: Vec<Subject<'a>>) {
        let mut state = self.state();
        subjects.into_iter().rev().for_each(|subject| state.subjects.push_front(subject));
        self.changed.notify_all();
    }

    /// One who builds cannot any more: what that one had is for others. Gives all that is to be built when there are none.
    pub(super) fn leave(&self, build: B) -> Vec<B> {
        let mut state = self.state();
        state.builds.push_front(build);
        state.builders -= 1;
        self.changed.notify_all();
        if state.builders == 0 { state.builds.drain(..).collect() } else { Vec::new() }
    }

    /// How many are at what.
    pub(super) fn at_work(&self) -> AtWork {
        let state = self.state();
        AtWork { looking: state.looking, building: state.building }
    }

    fn state(&self) -> MutexGuard<'_, State<'a, B>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<B> Drop for Turn<'_, '_, B> {
    fn drop(&mut self) {
        (self.end)(&mut self.queue.state());
        self.queue.changed.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn queue(builders: usize) -> Queue<'static, &'static str> {
        let names = ["a", "b", "c", "d"].into_iter().enumerate();
        Queue::new(names.map(|(place, name)| Subject { place, name }), builders)
    }

    #[test]
    fn who_finds_nothing_waits_for_what_may_come_back() {
        let queue = queue(2);
        let turns: Vec<_> = (0..4).map(|_| queue.next_subject().unwrap()).collect();
        assert_eq!(turns.iter().map(|(subject, _)| subject.place).collect::<Vec<_>>(), [0, 1, 2, 3]);
        queue.put_build("a's").unwrap();
        let (first, build) = (turns[0].0, queue.next_build().unwrap());
        assert_eq!(build.0, "a's");
        drop(turns);
        std::thread::scope(|scope| {
            let looking = scope.spawn(|| queue.next_subject().map(|(subject, _)| subject));
            let building = scope.spawn(|| queue.next_build().map(|(build, _)| build));
            std::thread::sleep(Duration::from_millis(120));
            assert!(!looking.is_finished() && !building.is_finished());
            queue.put_back(vec![first]);
            drop(build);
            assert_eq!((looking.join().unwrap(), building.join().unwrap()), (Some(first), None));
        });
        assert!(queue.next_subject().is_none() && queue.next_build().is_none());
    }

    #[test]
    fn no_more_is_looked_up_than_waits_to_be_built() {
        let queue = queue(1);
        let (_, turn) = queue.next_subject().unwrap();
        queue.put_build("a's").unwrap();
        drop(turn);
        std::thread::scope(|scope| {
            let looking = scope.spawn(|| queue.next_subject().map(|(subject, _)| subject.place));
            std::thread::sleep(Duration::from_millis(120));
            assert!(!looking.is_finished());
            let (_, turn) = queue.next_build().unwrap();
            assert_eq!(looking.join().unwrap(), Some(1));
            drop(turn);
        });
    }

    #[test]
    fn who_leaves_last_leaves_all_that_is_to_be_built() {
        let queue = queue(2);
        queue.put_build("a's").unwrap();
        queue.put_build("b's").unwrap();
        let (build, turn) = queue.next_build().unwrap();
        assert_eq!(queue.leave(build), Vec::<&str>::new());
        drop(turn);
        let (build, _turn) = queue.next_build().unwrap();
        assert_eq!(queue.leave(build), ["a's", "b's"]);
        assert_eq!(queue.put_build("c's"), Err("c's"));
        // What needs no rebuild is looked up all the same.
        assert_eq!(queue.next_subject().map(|(subject, _)| subject.name), Some("a"));
    }
}
