//! The one way out of `shared`: a trait that page and helper fill in.
//! Not here: how bytes travel (the edges), what they mean (`rpc`).

use std::future::Future;

use thiserror::Error;

use crate::text::Shown;

/// The longest reply that an edge should read, in bytes: a contract of 4 MiB in base64, and then some.
pub const MAX_REPLY_SIZE: usize = 8 * 1024 * 1024;

/// What came back over HTTP.
#[derive(Debug, Clone)]
pub struct Reply {
    /// HTTP status.
    pub status: u16,
    /// `Retry-After` in seconds, where it was given as a number and could be read.
    pub retry_after: Option<u32>,
    /// At most [`MAX_REPLY_SIZE`] bytes.
    pub body: Vec<u8>,
}

/// Brings bytes to an endpoint and back, and manifests from a store. The only way out of `shared`.
///
/// # Examples
/// ```
/// # use futures_util::FutureExt as _;
/// use provenear_shared::transport::{Reply, Stored, Transport, TransportError};
///
/// /// One store, in memory.
/// struct Folder(&'static str, &'static str);
///
/// impl Transport for Folder {
///     async fn post(&self, url: &str, _body: Vec<u8>) -> Result<Reply, TransportError> {
///         Err(TransportError::Unreachable(format!("nothing answers at {url}")))
///     }
///
///     async fn load(&self, _store: &str, name: &str) -> Result<Stored, TransportError> {
///         Ok(if name == self.0 { Stored::File(self.1.to_owned()) } else { Stored::Absent })
///     }
/// }
///
/// let folder = Folder("a.intoto.jsonl", "{}");
/// assert_eq!(folder.load("", "a.intoto.jsonl").now_or_never(), Some(Ok(Stored::File("{}".to_owned()))));
/// assert_eq!(folder.load("", "b.intoto.jsonl").now_or_never(), Some(Ok(Stored::Absent)));
/// ```
pub trait Transport {
    /// Sends `body` by POST with `Content-Type: application/json` and no other header, and reads at most
    /// [`MAX_REPLY_SIZE`] bytes within the edge's time limit. Any HTTP status is a reply.
    fn post(&self, url: &str, body: Vec<u8>) -> impl Future<Output = Result<Reply, TransportError>>;

    /// Reads `name` from a store (URL, or a folder where the edge has folders). HTTP 404 and 410 are [`Stored::Absent`];
    /// whatever else is not a text file is an error, so that nobody takes a broken store for an empty one.
    fn load(&self, store: &str, name: &str) -> impl Future<Output = Result<Stored, TransportError>>;
}

/// What a store has under a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stored {
    /// A file, as text.
    File(String),
    /// Nothing.
    Absent,
    /// A web page in place of a file.
    WebPage,
}

/// Why nothing came back.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum TransportError {
    /// No connection, or one that broke. A browser does not tell a dead host from a refusal of cross-origin requests.
    #[error("{}", Shown(.0))]
    Unreachable(String),
    /// The time limit of one call, in seconds, ran out.
    #[error("no answer within {0} s")]
    Timeout(u32),
    /// Longer than the cap.
    #[error("the answer is longer than {0} bytes")]
    TooLarge(usize),
}
