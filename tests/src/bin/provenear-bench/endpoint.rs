//! An endpoint that takes its time for each call, and counts them.

use anyhow::Result;
use provenear_tests::devnet::{Chain, Devnet};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

/// It ends with this.
pub(crate) struct Endpoint {
    devnet: Devnet,
    calls: Arc<AtomicUsize>,
}

impl Endpoint {
    /// Serves `chain` on loopback, each call after a pause.
    pub(crate) fn start(chain: &Arc<Chain>, pause: Duration) -> Result<Endpoint> {
        let calls = Arc::new(AtomicUsize::new(0));
        let counted = calls.clone();
        let devnet = Devnet::serve_through(chain.clone(), 0, move |_, answer| {
            counted.fetch_add(1, Ordering::SeqCst);
            std::thread::sleep(pause);
            answer()
        })?;
        Ok(Endpoint { devnet, calls })
    }

    /// Where it is.
    pub(crate) fn url(&self) -> String {
        self.devnet.url()
    }

    /// How many calls there were.
    pub(crate) fn calls(&self) -> usize {
        self.calls.load(Ordering::SeqCst)
    }
}
