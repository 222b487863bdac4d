//! The subjects of a batch that wait for a worker. A worker that finds none stays while others are at work: their engine
//! may be lost, and what they had comes back.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::interrupt;

/// How often a worker without work looks again.
const LOOK: Duration = Duration::from_millis(50);

/// Shared by all workers.
pub(super) struct Queue<'a>(Mutex<State<'a>>);

struct State<'a> {
    names: VecDeque<&'a str>,
    busy: usize,
}

/// A subject that somebody has; its end is the end of this.
pub(super) struct Turn<'q, 'a> {
    pub(super) name: &'a str,
    queue: &'q Queue<'a>,
}

impl<'a> Queue<'a> {
    /// In this order.
    pub(super) fn new(names: impl Iterator<Item = &'a str>) -> Queue<'a> {
        Queue(Mutex::new(State { names: names.collect(), busy: 0 }))
    }

    /// The next one; `None` when all are answered, or the person who waits wants to stop.
    pub(super) fn next(&self) -> Option<Turn<'_, 'a>> {
        while !interrupt::asked() {
            let mut state = self.state();
            if let Some(name) = state.names.pop_front() {
                state.busy += 1;
                return Some(Turn { name, queue: self });
            }
            if state.busy == 0 {
                return None;
            }
            drop(state);
            std::thread::sleep(LOOK);
        }
        None
    }

    /// For other workers, before all others.
    pub(super) fn put_back(&self, names: Vec<&'a str>) {
        let mut state = self.state();
        names.into_iter().rev().for_each(|name| state.names.push_front(name));
    }

    /// What no worker took.
    pub(super) fn left(&self) -> Vec<&'a str> {
        self.state().names.drain(..).collect()
    }

    fn state(&self) -> MutexGuard<'_, State<'a>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Turn<'_, '_> {
    fn drop(&mut self) {
        self.queue.state().busy -= 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_worker_without_work_waits_for_what_may_come_back() {
        let queue = Queue::new(["a", "b"].into_iter());
        let (first, second) = (queue.next().unwrap(), queue.next().unwrap());
        assert_eq!((first.name, second.name), ("a", "b"));
        std::thread::scope(|scope| {
            let other = scope.spawn(|| queue.next().map(|turn| turn.name));
            drop(second);
            std::thread::sleep(Duration::from_millis(120));
            assert!(!other.is_finished());
            queue.put_back(vec![first.name]);
            drop(first);
            assert_eq!(other.join().unwrap(), Some("a"));
        });
        assert!(queue.next().is_none());
    }
}
