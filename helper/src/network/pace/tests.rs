//! Hosts that refuse, fall silent and come back, without any network.

use super::*;
use std::sync::Barrier;
use std::sync::atomic::{AtomicUsize, Ordering};

const URL: &str = "https://rpc.example";

fn answer(came: Result<u8, TransportError>) -> Came<u8> {
    Came { answer: came, refusal: None }
}

fn refusal(retry_after: Option<u32>) -> Came<u8> {
    Came { answer: Ok(0), refusal: Some(Refusal { retry_after }) }
}

#[test]
fn no_host_has_more_at_once_than_it_may() {
    let (pace, now, most) = (Pace::new(3), AtomicUsize::new(0), AtomicUsize::new(0));
    std::thread::scope(|scope| {
        for at in 0..24 {
            let (pace, now, most) = (&pace, &now, &most);
            // Two spellings of one host are one host.
            let url = if at % 2 == 0 { URL } else { "https://RPC.example:443/key" };
            scope.spawn(move || {
                pace.send(url, || {
                    most.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                    std::thread::sleep(Duration::from_millis(10));
                    now.fetch_sub(1, Ordering::SeqCst);
                    answer(Ok(1))
                })
            });
        }
    });
    assert_eq!(most.into_inner(), 3);
}

#[test]
fn a_refusal_is_waited_out_by_all_and_halves_what_is_sent() {
    let (pace, sent, together) = (Pace::new(8), AtomicUsize::new(0), Barrier::new(8));
    let (refused, after) = (Mutex::new(None::<Instant>), Mutex::new(Vec::new()));
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                let got = pace.send(URL, || {
                    if sent.fetch_add(1, Ordering::SeqCst) < 8 {
                        together.wait();
                        refused.lock().unwrap().get_or_insert_with(Instant::now);
                        return refusal(Some(1));
                    }
                    after.lock().unwrap().push(Instant::now());
                    answer(Ok(1))
                });
                assert_eq!(got, Ok(1));
            });
        }
    });
    let (refused, after) = (refused.into_inner().unwrap().unwrap(), after.into_inner().unwrap());
    assert!(after.len() == 8 && after.iter().all(|at| *at - refused >= Duration::from_secs(1)), "{after:?}");
    // Eight that were refused together are one refusal.
    assert!(!pace.is_last(URL));
    let host = pace.host(URL);
    let state = host.state();
    assert_eq!((state.pauses, state.pauses_in_a_row), (1, 0));
    assert!((4..8).contains(&state.allowed), "{state:?}");
}

#[test]
fn pauses_grow_and_end_and_nobody_waits_a_year() {
    let seconds = |said, before| pause(Refusal { retry_after: said }, before).map(|pause| pause.as_secs());
    let grown: Vec<_> = (0..5).map(|before| seconds(None, before)).collect();
    assert_eq!(grown, [1, 2, 4, 8, 16].map(Some));
    assert_eq!([seconds(Some(0), 0), seconds(Some(7), 0), seconds(Some(7), 4)], [1, 7, 16].map(Some));
    assert_eq!([seconds(Some(60), 0), seconds(Some(61), 0), seconds(Some(u32::MAX), 9)], [Some(60), None, None]);

    let (pace, began, sent) = (Pace::new(2), Instant::now(), AtomicUsize::new(0));
    for _ in 0..20 {
        let refused = pace.send(URL, || {
            sent.fetch_add(1, Ordering::SeqCst);
            refusal(Some(31_536_000))
        });
        assert_eq!(refused, Ok(0), "the refusal itself comes back");
    }
    assert!(began.elapsed() < Duration::from_secs(1));
    assert_eq!((sent.into_inner(), pace.is_last(URL)), (20, true));
    pace.send(URL, || answer(Ok(1))).unwrap();
    assert!(!pace.is_last(URL), "it answers again");
}

#[test]
fn a_host_that_refuses_for_ever_costs_its_pauses_once() {
    let mut state = Host::new(4).state.into_inner().unwrap();
    let now = Instant::now();
    for _ in 0..3 * MOST_PAUSES {
        state.refused(Refusal { retry_after: Some(60) }, now);
    }
    assert_eq!(state.pauses_in_a_row, MOST_PAUSES + 1);
    assert_eq!(state.paused_until, Some(now + LONGEST));
    assert_eq!(state.allowed, 1);
}

#[test]
fn who_waits_for_a_turn_does_not_wait_for_a_silence_again() {
    let (pace, sent) = (Pace::new(1), AtomicUsize::new(0));
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                let got = pace.send(URL, || {
                    sent.fetch_add(1, Ordering::SeqCst);
                    std::thread::sleep(Duration::from_millis(300));
                    answer(Err(TransportError::Timeout(20)))
                });
                assert_eq!(got, Err(TransportError::Timeout(20)));
            });
        }
    });
    // A thread may come late on a busy machine.
    assert!(sent.into_inner() < 4);
}

#[test]
fn a_host_that_is_silent_is_asked_last_until_it_answers() {
    let pace = Pace::new(2);
    let timeout = || answer(Err(TransportError::Timeout(20)));
    assert!(!pace.is_last(URL));
    for _ in 0..5 {
        assert!(pace.send(URL, timeout).is_err());
    }
    assert!(pace.is_last(URL) && !pace.is_last("https://other.example"));
    assert_eq!(pace.host(URL).state().silences_in_a_row, 1, "five at one time are one silence");
    pace.send(URL, || answer(Ok(1))).unwrap();
    assert!(!pace.is_last(URL));
    // While others are answered, one that is lost says nothing of the host.
    let lost = pace.send(URL, || {
        pace.send(URL, || answer(Ok(1))).unwrap();
        timeout()
    });
    assert!(lost.is_err() && !pace.is_last(URL));
    // Who refuses a connection costs nobody time.
    assert!(pace.send(URL, || answer(Err(TransportError::Unreachable("refused".to_owned())))).is_err());
    assert!(!pace.is_last(URL));
}
