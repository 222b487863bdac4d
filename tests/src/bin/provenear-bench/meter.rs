//! Stands between the browser and a server on loopback and counts the bytes that come back, headers included.

use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

/// Counts for as long as the process lives.
pub(crate) struct Meter {
    /// `http://127.0.0.1:<port>`
    pub(crate) url: String,
    count: Arc<AtomicU64>,
    last_us: Arc<AtomicU64>,
}

impl Meter {
    /// In front of the server at `url`, which is `http://host:port`.
    pub(crate) fn start(url: &str) -> io::Result<Meter> {
        let target = url.trim_start_matches("http://").to_owned();
        let listener = TcpListener::bind(("127.0.0.1", 0))?;
        let url = format!("http://{}", listener.local_addr()?);
        let count = Arc::<AtomicU64>::default();
        let total = count.clone();
        let last_us = Arc::<AtomicU64>::default();
        let at = last_us.clone();
        std::thread::spawn(move || {
            for client in listener.incoming().flatten() {
                if let Ok(server) = TcpStream::connect(&target) {
                    // A connection that breaks is the browser's to notice.
                    let _ = forward(&client, &server, &total, &at);
                }
            }
        });
        Ok(Meter { url, count, last_us })
    }

    /// Bytes since the last call.
    pub(crate) fn take(&self) -> u64 {
        self.count.swap(0, Ordering::SeqCst)
    }

    /// When the last byte went to the browser, in milliseconds since 1970.
    pub(crate) fn last_ms(&self) -> f64 {
        self.last_us.load(Ordering::SeqCst) as f64 / 1000.0
    }
}

fn forward(client: &TcpStream, server: &TcpStream, total: &Arc<AtomicU64>, at: &Arc<AtomicU64>) -> io::Result<()> {
    let there = (client.try_clone()?, server.try_clone()?);
    let back = (server.try_clone()?, client.try_clone()?);
    let (total, at) = (total.clone(), at.clone());
    std::thread::spawn(move || copy(there.0, there.1, |_| {}));
    let seen = move |bytes| {
        total.fetch_add(bytes as u64, Ordering::SeqCst);
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        at.store(now.as_micros() as u64, Ordering::SeqCst);
    };
    std::thread::spawn(move || copy(back.0, back.1, seen));
    Ok(())
}

fn copy(mut from: TcpStream, mut to: TcpStream, seen: impl Fn(usize)) {
    let mut bytes = [0; 1 << 16];
    while let Ok(length @ 1..) = from.read(&mut bytes) {
        seen(length);
        if to.write_all(&bytes[..length]).is_err() {
            break;
        }
    }
    // One side has ended: the other need not wait.
    let _ = to.shutdown(Shutdown::Write);
}
