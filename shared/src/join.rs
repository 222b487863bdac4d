//! Awaits a handful of futures at once. `futures::join_all` is several kilobytes more to download before any verdict.

use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::task::Poll;

use futures_util::future::{MaybeDone, maybe_done};

/// Awaits all at once; what came of each, in the order given. Each is polled whenever one of them is awake.
pub(crate) async fn join_all<F: Future>(futures: impl IntoIterator<Item = F>) -> Vec<F::Output> {
    let mut all: Vec<Pin<Box<MaybeDone<F>>>> = futures.into_iter().map(|future| Box::pin(maybe_done(future))).collect();
    poll_fn(|context| {
        let mut awaited = Poll::Ready(());
        for future in &mut all {
            if future.as_mut().poll(context).is_pending() {
                awaited = Poll::Pending;
            }
        }
        awaited
    })
    .await;
    all.iter_mut().filter_map(|future| future.as_mut().take_output()).collect()
}

/// Awaits `first`, and lets `other` go on meanwhile, if there is one.
pub(crate) async fn meanwhile<F, O>(first: F, other: &mut Option<MaybeDone<Pin<Box<O>>>>) -> F::Output
where
    F: Future,
    O: Future + ?Sized,
{
    let mut first = pin!(first);
    poll_fn(|context| {
        if let Some(other) = other {
            // What comes of it is kept in it.
            let _ = Pin::new(other).poll(context);
        }
        first.as_mut().poll(context)
    })
    .await
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use futures_util::FutureExt as _;

    use super::join_all;

    #[test]
    fn all_are_awaited_and_come_back_in_order() {
        // The first waits for what the last does, so that one after the other would never end.
        let turns = Cell::new(0);
        let first = poll_once_after(&turns, 1);
        let last = async { turns.set(1) };
        let both: Vec<std::pin::Pin<Box<dyn Future<Output = ()> + '_>>> = vec![Box::pin(first), Box::pin(last)];
        assert_eq!(join_all(both).now_or_never(), None, "the first was not ready yet");
        assert_eq!(turns.get(), 1, "the last was polled all the same");
        assert_eq!(join_all([std::future::ready(1), std::future::ready(2)]).now_or_never(), Some(vec![1, 2]));
        assert_eq!(join_all(Vec::<std::future::Ready<u8>>::new()).now_or_never(), Some(vec![]));
    }

    async fn poll_once_after(turns: &Cell<i32>, wanted: i32) {
        std::future::poll_fn(|_| match turns.get() == wanted {
            true => std::task::Poll::Ready(()),
            false => std::task::Poll::Pending,
        })
        .await;
    }
}
