//! What runs came to, by what was run: thousands of accounts have few codes among them, and each run begins with a node's 64 MiB of
//! memory, zeroed. No more of them at a time than there are processors: the others would only hold memory.

use std::collections::{HashMap, VecDeque};
use std::sync::{Condvar, LazyLock, Mutex, MutexGuard, PoisonError};

use provenear_shared::digest::Sha256Digest;
use provenear_shared::embedded::{SandboxEnd, SandboxRun};
use provenear_shared::wasm::sandbox::Plan;

/// Bytes of what is remembered, all in all. A claim has some hundred.
const MOST: usize = 32 << 20;

/// The bytes that ran, and the export that was called: nothing else decides what comes of it.
type Key = (Sha256Digest, String);

/// Gives what came of this plan before, or runs it.
pub(super) fn or_run(plan: &Plan, run: impl FnOnce() -> SandboxRun) -> SandboxRun {
    static KNOWN: LazyLock<Mutex<Known>> = LazyLock::new(Mutex::default);
    let key = (Sha256Digest::of(plan.bytes()), plan.export().to_owned());
    let known = || lock(&KNOWN).runs.get(&key).cloned();
    if let Some(known) = known() {
        return known;
    }
    let turn = Turn::take();
    // Somebody else may have had the same code, and the turn before.
    if let Some(known) = known() {
        return known;
    }
    let run = run();
    drop(turn);
    // What kept it from running lay in this machine, or in this moment.
    if !matches!(run.end, SandboxEnd::NotStarted(_)) {
        lock(&KNOWN).keep(key, run.clone(), MOST);
    }
    run
}

/// Nothing is half written under these locks, whoever panics.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[derive(Default)]
struct Known {
    runs: HashMap<Key, SandboxRun>,
    /// Oldest first.
    order: VecDeque<Key>,
    bytes: usize,
}

impl Known {
    fn keep(&mut self, key: Key, run: SandboxRun, most: usize) {
        let size = size(&run);
        if size > most || self.runs.contains_key(&key) {
            return;
        }
        while self.bytes + size > most {
            let Some(oldest) = self.order.pop_front() else { break };
            self.bytes -= self.runs.remove(&oldest).as_ref().map_or(0, self::size);
        }
        self.bytes += size;
        self.order.push_back(key.clone());
        self.runs.insert(key, run);
    }
}

fn size(run: &SandboxRun) -> usize {
    let words = match &run.end {
        SandboxEnd::Trapped(words) | SandboxEnd::NotStarted(words) => words.len(),
        _ => 0,
    };
    // And the key, twice, with what the collections hold beside it.
    256 + run.returned.as_ref().map_or(0, Vec::len)
        + run.called.iter().map(|name| 32 + name.len()).sum::<usize>()
        + words
}

/// The right to run, given back when it is dropped.
struct Turn;

static RUNNING: Mutex<usize> = Mutex::new(0);
static FREE: Condvar = Condvar::new();

impl Turn {
    fn take() -> Turn {
        let most = std::thread::available_parallelism().map_or(2, std::num::NonZero::get);
        let running = FREE.wait_while(lock(&RUNNING), |running| *running >= most);
        *running.unwrap_or_else(PoisonError::into_inner) += 1;
        Turn
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        *lock(&RUNNING) -= 1;
        FREE.notify_one();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use provenear_shared::wasm::Module;
    use std::cell::Cell;

    fn plan(number: u8) -> Plan {
        let bytes = wat::parse_str(format!(r#"(module (func (export "get") (drop (i32.const {number}))))"#)).unwrap();
        Plan::new(&Module::parse(&bytes).unwrap(), "get").unwrap()
    }

    fn run(returned: &[u8], end: SandboxEnd) -> SandboxRun {
        SandboxRun { returned: Some(returned.to_vec()), called: Vec::new(), end }
    }

    #[test]
    fn the_same_plan_runs_once_unless_it_never_began() {
        let runs = Cell::new(0);
        let count = |end: &SandboxEnd| {
            runs.set(runs.get() + 1);
            run(b"claim", end.clone())
        };
        for (number, end, expected) in
            [(101, SandboxEnd::Returned, 1), (102, SandboxEnd::NotStarted("no memory".into()), 3)]
        {
            let before = runs.get();
            for _ in 0..3 {
                assert_eq!(or_run(&plan(number), || count(&end)), run(b"claim", end.clone()));
            }
            assert_eq!(runs.get() - before, expected, "{end:?}");
        }
    }

    #[test]
    fn what_is_oldest_makes_room_and_what_is_too_large_is_not_kept() {
        let mut known = Known::default();
        let key = |number: u8| (Sha256Digest::of(&[number]), "get".to_owned());
        let most = 3 * size(&run(&[0; 100], SandboxEnd::Returned));
        for number in 0..5 {
            known.keep(key(number), run(&[0; 100], SandboxEnd::Returned), most);
            known.keep(key(number), run(&[0; 100], SandboxEnd::Returned), most);
        }
        assert_eq!(known.order, [key(2), key(3), key(4)]);
        known.keep(key(9), run(&vec![0; most], SandboxEnd::Returned), most);
        assert_eq!((known.runs.len(), known.bytes), (3, most));
    }
}
