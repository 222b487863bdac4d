//! Moves bytes for `shared`: JSON-RPC by POST, manifests from URLs and folders. Every call is bounded in time and size,
//! and runs on a thread of its own, so that several endpoints are asked at once.

use std::future::Future;
use std::path::Path;
use std::pin::Pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use anyhow::Context;
use futures_channel::oneshot;
use jiff::Timestamp;
use jiff::fmt::rfc2822;
use provenear_shared::address;
use provenear_shared::deployment::{Endpoint, Stored, Transport, TransportError};
use provenear_shared::rpc::{MAX_REPLY_SIZE, Reply};
use ureq::config::{Config, ConfigBuilder};
use ureq::http::Response;
use ureq::tls::{Certificate, PemItem, RootCerts, TlsConfig, parse_pem};
use ureq::typestate::AgentScope;
use ureq::unversioned::transport::DefaultConnector;
use ureq::{Agent, Body};

use super::pace::{Came, Pace, Refusal};
use super::reach::{FIRST_QUESTION, Pinned, Reached};
use super::resolver::Remembering;
use crate::failure::{Code, fail};
use crate::files::read_capped;
use crate::interrupt;
use crate::proxies::is_loopback;
use crate::redact::redact;

/// Time for one call.
pub const CALL_LIMIT: Duration = Duration::from_secs(20);
/// Time for one file of a download.
const FILE_LIMIT: Duration = Duration::from_secs(600);
/// Bytes of one file of manifests.
pub const MAX_MANIFESTS: u64 = 16 << 20;

/// How a host answers a download.
#[derive(Debug)]
pub enum Answered {
    /// With the file.
    With(Vec<u8>),
    /// With another status than 200.
    Status(u16),
}

/// Over HTTP and from folders.
#[derive(Debug, Clone)]
pub struct Http {
    agent: Agent,
    /// Where many ask at once.
    pace: Option<Arc<Pace>>,
}

impl Http {
    /// A client that trusts the usual authorities and those of `ca_file`; `SSL_CERT_FILE` replaces the usual ones.
    ///
    /// # Errors
    /// When a certificate file cannot be read.
    pub fn new(ca_file: Option<&Path>) -> anyhow::Result<Http> {
        let agent = Agent::with_parts(config(ca_file)?, DefaultConnector::default(), <Remembering>::default());
        Ok(Http { agent, pace: None })
    }

    /// The same for many who ask: no host has more than `at_once` requests at one time, and who answers with HTTP 429 is asked
    /// again later.
    ///
    /// # Errors
    /// As [`Http::new`].
    pub fn paced(ca_file: Option<&Path>, at_once: usize) -> anyhow::Result<Http> {
        let config = keeping_connections(builder(ca_file)?, at_once).build();
        let agent = Agent::with_parts(config, DefaultConnector::default(), <Remembering>::default());
        Ok(Http { agent, pace: Some(Arc::new(Pace::new(at_once))) })
    }

    /// Puts endpoints last that were silent, or want to be left alone. Each stays where it is otherwise.
    pub fn put_silent_last(&self, endpoints: &mut [Endpoint]) {
        if let Some(pace) = &self.pace {
            endpoints.sort_by_cached_key(|endpoint| pace.is_last(&endpoint.url));
        }
    }

    /// Reads a text by its URL.
    ///
    /// # Errors
    /// When the host cannot be reached, answers with an error, or sends more than [`MAX_MANIFESTS`].
    pub fn get(&self, url: &str) -> Result<Stored, TransportError> {
        self.at_pace(url, || {
            let mut request = self.agent.get(url);
            if is_loopback_url(url) {
                request = request.config().proxy(None).build();
            }
            match request.call() {
                Ok(response) => Came { refusal: refusal(&response), answer: read_stored(response) },
                Err(error) => Came { refusal: None, answer: Err(reason(&error)) },
            }
        })
    }

    fn at_pace<T>(&self, url: &str, send: impl Fn() -> Came<T>) -> Result<T, TransportError> {
        match &self.pace {
            Some(pace) => pace.send(url, send),
            None => send().answer,
        }
    }

    /// The same for many files of one host, `at_once` at a time, each of which may take its time.
    ///
    /// # Errors
    /// As [`Http::new`].
    pub fn downloading(ca_file: Option<&Path>, at_once: usize) -> anyhow::Result<Http> {
        let builder = keeping_connections(builder(ca_file)?, at_once);
        let patient = builder.timeout_global(Some(FILE_LIMIT)).timeout_connect(Some(CALL_LIMIT));
        let config = patient.timeout_per_read(Some(CALL_LIMIT)).build();
        Ok(Http { agent: Agent::with_parts(config, DefaultConnector::default(), <Remembering>::default()), pace: None })
    }

    /// Reads at most `cap` bytes by their URL.
    ///
    /// # Errors
    /// When the host cannot be reached, or sends more.
    pub fn download(&self, url: &str, cap: u64) -> Result<Answered, TransportError> {
        let mut response = self.agent.get(url).call().map_err(|error| reason(&error))?;
        match response.status().as_u16() {
            200 => {
                let bytes = response.body_mut().with_config().limit(cap).read_to_vec();
                bytes.map(Answered::With).map_err(|error| reason(&error))
            }
            status => Ok(Answered::Status(status)),
        }
    }

    fn send(&self, url: &str, body: &[u8]) -> Result<Reply, TransportError> {
        let request = || {
            let request = self.agent.post(url).header("Content-Type", "application/json");
            // An endpoint answers itself: a question is not carried on to wherever it points.
            let mut request = request.config().max_redirects(0).build();
            if is_loopback_url(url) {
                request = request.config().proxy(None).build();
            }
            request.send(body)
        };
        self.at_pace(url, || match request() {
            Ok(response) => Came { refusal: refusal(&response), answer: reply(response) },
            Err(error) => Came { refusal: None, answer: Err(reason(&error)) },
        })
    }
}

fn reply(mut response: Response<Body>) -> Result<Reply, TransportError> {
    let retry_after = retry_after(&response);
    let status = response.status().as_u16();
    let limit = MAX_REPLY_SIZE as u64;
    let body = response.body_mut().with_config().limit(limit).read_to_vec().map_err(|error| reason(&error))?;
    Ok(Reply { status, retry_after, body })
}

fn read_stored(mut response: Response<Body>) -> Result<Stored, TransportError> {
    let status = response.status().as_u16();
    match status {
        200 => {}
        404 | 410 => return Ok(Stored::Absent),
        _ => return Err(TransportError::Unreachable(format!("HTTP {status}"))),
    }
    let html = response.headers().get("content-type").and_then(|v| v.to_str().ok()).unwrap_or_default();
    if html.contains("text/html") {
        return Ok(Stored::WebPage);
    }
    let bytes = response.body_mut().with_config().limit(MAX_MANIFESTS).read_to_vec();
    text(bytes.map_err(|error| reason(&error))?)
}

/// Whether an answer says that there were too many requests.
fn refusal(response: &Response<Body>) -> Option<Refusal> {
    (response.status().as_u16() == 429).then(|| Refusal { retry_after: retry_after(response) })
}

/// `Retry-After` in seconds.
fn retry_after(response: &Response<Body>) -> Option<u32> {
    seconds(response.headers().get("retry-after")?.to_str().ok()?, Timestamp::now())
}

/// From a number of seconds or a date, which are the two spellings of RFC 9110, 10.2.3. A date that is past means now.
fn seconds(text: &str, now: Timestamp) -> Option<u32> {
    let text = text.trim();
    if text.bytes().all(|byte| byte.is_ascii_digit()) {
        return text.parse().ok();
    }
    let left = rfc2822::parse(text).ok()?.timestamp().as_second().saturating_sub(now.as_second());
    u32::try_from(left.max(0)).ok()
}

/// How every call is made.
fn config(ca_file: Option<&Path>) -> anyhow::Result<Config> {
    Ok(builder(ca_file)?.build())
}

fn builder(ca_file: Option<&Path>) -> anyhow::Result<ConfigBuilder<AgentScope>> {
    let mut roots: Vec<Certificate<'static>> = Vec::new();
    let environment = std::env::var_os("SSL_CERT_FILE");
    match &environment {
        Some(file) => read_certificates(Path::new(file), &mut roots)?,
        None => {
            roots.extend(webpki_root_certs::TLS_SERVER_ROOT_CERTS.iter().map(|c| Certificate::from_der(c.as_ref())));
        }
    }
    if let Some(file) = ca_file {
        read_certificates(file, &mut roots)?;
    }
    let tls = TlsConfig::builder().root_certs(RootCerts::new_with_certs(&roots)).build();
    let builder = Agent::config_builder().http_status_as_error(false).timeout_global(Some(CALL_LIMIT));
    Ok(builder.tls_config(tls).max_redirects(3))
}

/// As many connections are kept as there are threads with each of two hosts: another handshake takes longer than most answers.
fn keeping_connections(builder: ConfigBuilder<AgentScope>, at_once: usize) -> ConfigBuilder<AgentScope> {
    builder.max_idle_connections_per_host(at_once).max_idle_connections(2 * at_once)
}

/// Where a git server redirects the first question of git, if it does.
///
/// # Errors
/// When it cannot be asked.
pub fn location(server: &Reached, ca_file: Option<&Path>) -> anyhow::Result<Option<String>> {
    let host = address::host(server.url.authority()).to_owned();
    let pinned = Pinned { host, addresses: server.addresses.clone() };
    let agent = Agent::with_parts(config(ca_file)?, DefaultConnector::default(), pinned);
    let mut request = agent.get(format!("{}{FIRST_QUESTION}", server.url.as_str())).config().max_redirects(0);
    if server.url.is_loopback() {
        request = request.proxy(None);
    }
    let response = request.build().call().with_context(|| format!("failed to ask `{}`", server.url.as_str()))?;
    let location = response.headers().get("location").filter(|_| response.status().is_redirection());
    Ok(location.and_then(|location| location.to_str().ok()).map(ToOwned::to_owned))
}

impl Transport for Http {
    async fn post(&self, url: &str, body: Vec<u8>) -> Result<Reply, TransportError> {
        let (client, url) = (self.clone(), url.to_owned());
        on_a_thread(move || client.send(&url, &body)).await
    }

    async fn load(&self, store: &str, name: &str) -> Result<Stored, TransportError> {
        let (client, store, name) = (self.clone(), store.to_owned(), name.to_owned());
        on_a_thread(move || {
            if is_url(&store) {
                client.get(&format!("{}/{name}", store.trim_end_matches('/')))
            } else {
                from_folder(&store, &name)
            }
        })
        .await
    }
}

/// Whether a text is a URL and no path.
pub fn is_url(text: &str) -> bool {
    text.starts_with("https://") || text.starts_with("http://")
}

fn is_loopback_url(url: &str) -> bool {
    let rest = url.split_once("://").map_or("", |(_, rest)| rest);
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    is_loopback(authority.rsplit('@').next().unwrap_or_default())
}

async fn on_a_thread<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, TransportError> + Send + 'static,
) -> Result<T, TransportError> {
    let (done, result) = oneshot::channel();
    std::thread::spawn(move || {
        // Nobody waits any more: then there is nobody to tell.
        let _unheard = done.send(work());
    });
    let (mut result, mut stopped) = (result, std::pin::pin!(interrupt::wait()));
    std::future::poll_fn(|context| {
        if stopped.as_mut().poll(context).is_ready() {
            return Poll::Ready(Err(TransportError::Unreachable("stopped on request".to_owned())));
        }
        let broke_down = |_| Err(TransportError::Unreachable("the request broke down".to_owned()));
        Pin::new(&mut result).poll(context).map(|done| done.unwrap_or_else(broke_down))
    })
    .await
}

/// A store is a folder with `manifests/` in it, or that folder itself.
fn from_folder(store: &str, name: &str) -> Result<Stored, TransportError> {
    for path in [Path::new(store).join("manifests").join(name), Path::new(store).join(name)] {
        match read_capped(&path, MAX_MANIFESTS) {
            Ok(bytes) => return text(bytes),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            Err(error) => return Err(TransportError::Unreachable(error.to_string())),
        }
    }
    Ok(Stored::Absent)
}

fn text(bytes: Vec<u8>) -> Result<Stored, TransportError> {
    if bytes.trim_ascii_start().starts_with(b"<") {
        return Ok(Stored::WebPage);
    }
    String::from_utf8(bytes)
        .map(Stored::File)
        .map_err(|_| TransportError::Unreachable("the answer is not text".to_owned()))
}

fn reason(error: &ureq::Error) -> TransportError {
    match error {
        ureq::Error::Timeout(_) => TransportError::Timeout(u32::try_from(CALL_LIMIT.as_secs()).unwrap_or(u32::MAX)),
        ureq::Error::BodyExceedsLimit(limit) => TransportError::TooLarge(usize::try_from(*limit).unwrap_or(usize::MAX)),
        other => TransportError::Unreachable(redact(&other.to_string())),
    }
}

fn read_certificates(file: &Path, into: &mut Vec<Certificate<'static>>) -> anyhow::Result<()> {
    let pem =
        read_capped(file, 16 << 20).with_context(|| format!("failed to read certificates `{}`", file.display()))?;
    let before = into.len();
    into.extend(
        parse_pem(&pem).filter_map(|item| if let Ok(PemItem::Certificate(found)) = item { Some(found) } else { None }),
    );
    if into.len() == before {
        return fail(Code::Usage, format!("`{}` does not contain a certificate", file.display()));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pause_is_read_in_both_spellings_and_from_nothing_else() {
        let now: Timestamp = "2026-11-30T12:00:00Z".parse().unwrap();
        for (text, read) in [
            ("7", Some(7)),
            (" 120 ", Some(120)),
            ("0", Some(0)),
            ("31536000", Some(31_536_000)),
            ("Mon, 30 Nov 2026 12:00:30 GMT", Some(30)),
            ("Tue, 30 Nov 2027 12:00:00 GMT", Some(31_536_000)),
            ("Wed, 21 Oct 2015 07:28:00 GMT", Some(0)),
            ("99999999999999999999", None),
            ("-1", None),
            ("+1", None),
            ("1.5", None),
            ("1e3", None),
            ("", None),
            ("soon", None),
            ("Mon, 30 Nov 9999999 12:00:30 GMT", None),
        ] {
            assert_eq!(seconds(text, now), read, "{text}");
        }
    }

    #[test]
    fn this_machine_is_known_by_name_and_number() {
        for (url, loopback) in [
            ("http://127.0.0.1:3030", true),
            ("http://localhost/x?y", true),
            ("http://[::1]:80/", true),
            ("http://user@127.1.2.3?x", true),
            ("https://rpc.example/127.0.0.1", false),
            ("http://localhost.example", false),
            ("http://localhost:x@rpc.example", false),
            ("127.0.0.1", false),
        ] {
            assert_eq!(is_loopback_url(url), loopback, "{url}");
        }
    }
}
