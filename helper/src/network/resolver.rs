//! Names of hosts, each asked for once a minute. The client asks for every request anew; a fetch sends hundreds, and a
//! resolver that is asked that often for one name loses questions, which are then waited for five seconds each.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use ureq::Error;
use ureq::config::Config;
use ureq::http::Uri;
use ureq::unversioned::resolver::{DefaultResolver, ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::NextTimeout;

/// How long an answer is kept: as curl, and with it cargo and git, keep it.
const KEPT: Duration = Duration::from_secs(60);

/// Where a host is, and since when that is known.
type Known = Arc<Mutex<Option<(Instant, ResolvedSocketAddrs)>>>;

/// The system's resolver with a memory.
#[derive(Default)]
pub(crate) struct Remembering<R = DefaultResolver> {
    asked: R,
    /// By scheme and authority. Each has its own lock: who is slow to be found keeps nobody else waiting.
    known: Mutex<HashMap<String, Known>>,
}

impl<R: Resolver> Resolver for Remembering<R> {
    fn resolve(&self, uri: &Uri, config: &Config, timeout: NextTimeout) -> Result<ResolvedSocketAddrs, Error> {
        let name = format!("{}://{}", uri.scheme_str().unwrap_or_default(), uri.authority().map_or("", |a| a.as_str()));
        let entry = self.known.lock().map_err(|_| Error::HostNotFound)?.entry(name).or_default().clone();
        let mut entry = entry.lock().map_err(|_| Error::HostNotFound)?;
        if let Some((since, addresses)) = &*entry
            && since.elapsed() < KEPT
        {
            return Ok(addresses.clone());
        }
        let found = self.asked.resolve(uri, config, timeout)?;
        *entry = Some((Instant::now(), found.clone()));
        Ok(found)
    }
}

impl<R> fmt::Debug for Remembering<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Remembering")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use ureq::unversioned::transport::time::Duration as Limit;

    /// Knows one host, and counts how often it is asked.
    #[derive(Debug, Default)]
    struct Counting(AtomicUsize);

    impl Resolver for Counting {
        fn resolve(&self, uri: &Uri, _: &Config, _: NextTimeout) -> Result<ResolvedSocketAddrs, Error> {
            self.0.fetch_add(1, Ordering::SeqCst);
            if uri.host() != Some("known.example") {
                return Err(Error::HostNotFound);
            }
            let mut found = self.empty();
            found.push("192.0.2.1:443".parse().unwrap());
            Ok(found)
        }
    }

    #[test]
    fn who_was_found_is_not_asked_for_again_and_who_was_not_is() {
        let resolver = Remembering::<Counting>::default();
        let ask = |url: &'static str| {
            let (per_read, per_write) = (None, None);
            let timeout =
                NextTimeout { after: Limit::NotHappening, reason: ureq::Timeout::Global, per_read, per_write };
            resolver.resolve(&Uri::from_static(url), &Config::default(), timeout).map(|found| found.to_vec())
        };
        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| assert_eq!(ask("https://known.example/a").unwrap().len(), 1));
            }
        });
        assert_eq!(resolver.asked.0.load(Ordering::SeqCst), 1);
        assert!(ask("https://other.example").is_err() && ask("https://other.example").is_err());
        assert_eq!(resolver.asked.0.load(Ordering::SeqCst), 3);
        ask("https://known.example:8443").unwrap();
        assert_eq!(resolver.asked.0.load(Ordering::SeqCst), 4);
    }
}
