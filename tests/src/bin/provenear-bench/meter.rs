//! Stands between the browser and a server on loopback and counts the bytes that come back, headers included.

use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Counts for as long as the process lives.
pub(crate) struct Meter {
    /// `http://127.0.0.1:<port>`
    pub(crate) url: String,
    count: Arc<AtomicU64>,
}

impl Meter {
    /// In front of the server at `url`, which is `http://host:port`.
    pub(crate) fn start(url: &str) -> io::Result<Meter> {
        let target = url.trim_start_matches("http://").to_owned();
        let listener = TcpListener::bind(("127.0.0.1", 0))?;
        let url = format!("http://{}", listener.local_addr()?);
        let count = Arc::<AtomicU64>::default();
        let total = count.clone();
        std::thread::spawn(move || {
            for client in listener.incoming().flatten() {
                if let Ok(server) = TcpStream::connect(&target) {
                    // A connection that breaks is the browser's to notice.
                    let _ = forward(&client, &server, &total);
                }
            }
        });
        Ok(Meter { url, count })
    }

    /// Bytes since the last call.
    pub(crate) fn take(&self) -> u64 {
        self.count.swap(0, Ordering::SeqCst)
    }
}

fn forward(client: &TcpStream, server: &TcpStream, total: &Arc<AtomicU64>) -> io::Result<()> {
    let there = (client.try_clone()?, server.try_clone()?);
    let back = (server.try_clone()?, client.try_clone()?);
    let total = total.clone();
    std::thread::spawn(move || copy(there.0, there.1, |_| {}));
    let seen = move |bytes| {
        total.fetch_add(bytes as u64, Ordering::SeqCst);
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
