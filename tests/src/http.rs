//! One loopback HTTP server on a thread of its own, for the devnet, the git server and the static server.
//! A reply may also be what no honest server sends: a hang, a drip, an endless or a broken-off body.

use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use http_body_util::{BodyExt, Either, Full, Limited, channel::Channel};
use hyper::body::{Bytes, Incoming};
use hyper::header::{HeaderName, HeaderValue};
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::sync::oneshot;

/// What no test needs more than: a request body above this is answered with 413.
const MAX_REQUEST: usize = 64 << 20;

/// A request, read to its end. Header names are lower case.
#[derive(Clone, Debug)]
pub struct Request {
    /// `GET`, `POST`, `OPTIONS` …
    pub method: String,
    /// The path, percent-encoded as it came, without the query.
    pub path: String,
    /// What follows `?`, or nothing.
    pub query: String,
    /// In the order in which they came.
    pub headers: Vec<(String, String)>,
    /// The whole body.
    pub body: Vec<u8>,
}

impl Request {
    /// The first header of this (lower-case) name.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(n, _)| n == name).map(|(_, v)| v.as_str())
    }
}

/// What a server does with a request.
pub enum Reply {
    /// Answers.
    Answer(Response),
    /// Reads the request and never says anything; the connection stays open.
    Hang,
    /// Closes the connection without a word.
    Close,
}

/// Status, headers and body. `content-length` and `date` are added by the server.
pub struct Response {
    /// HTTP status.
    pub status: u16,
    /// Header lines.
    pub headers: Vec<(String, String)>,
    /// The body and how it is sent.
    pub body: Body,
}

impl Response {
    /// A response of one content type whose body is sent at once.
    pub fn new(status: u16, content_type: &str, body: impl Into<Vec<u8>>) -> Response {
        Response { status, headers: vec![("content-type".into(), content_type.into())], body: Body::Whole(body.into()) }
    }

    /// The same with one header line more.
    #[must_use]
    pub fn with(mut self, name: &str, value: &str) -> Response {
        self.headers.push((name.into(), value.into()));
        self
    }
}

impl From<Response> for Reply {
    fn from(response: Response) -> Reply {
        Reply::Answer(response)
    }
}

/// A body and its pace.
pub enum Body {
    /// All at once, with its length announced.
    Whole(Vec<u8>),
    /// Piece after piece without an announced length, as long as the iterator and the client last.
    Paced {
        /// The pieces; may be endless.
        pieces: Box<dyn Iterator<Item = Vec<u8>> + Send>,
        /// The time between two pieces.
        pause: Duration,
        /// What comes after the last piece.
        ending: Ending,
    },
}

/// How a paced body ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// As HTTP wants it.
    Complete,
    /// The connection breaks.
    Cut,
}

/// A running server; it ends when this is dropped.
pub struct Server {
    address: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Server {
    /// Listens on 127.0.0.1 at `port` (0: any free one) and answers with `answer`, which may block.
    ///
    /// # Errors
    /// When the port is taken or no thread can be had.
    pub fn start<F>(port: u16, answer: F) -> io::Result<Server>
    where
        F: Fn(Request) -> Reply + Send + Sync + 'static,
    {
        Server::listen(SocketAddr::from((Ipv4Addr::LOCALHOST, port)), answer)
    }

    /// Listens where containers reach it too: at the address by which this machine reaches others.
    ///
    /// # Errors
    /// When it has no such address, or as [`Server::start`].
    pub fn start_for_containers<F>(answer: F) -> io::Result<Server>
    where
        F: Fn(Request) -> Reply + Send + Sync + 'static,
    {
        // Nothing is sent: the kernel only says from where it would be.
        let way = std::net::UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0))?;
        way.connect((Ipv4Addr::new(192, 0, 2, 1), 9))?;
        Server::listen(SocketAddr::new(way.local_addr()?.ip(), 0), answer)
    }

    fn listen<F>(address: SocketAddr, answer: F) -> io::Result<Server>
    where
        F: Fn(Request) -> Reply + Send + Sync + 'static,
    {
        let listener = TcpListener::bind(address)?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let (stop, stopped) = oneshot::channel();
        let thread = std::thread::Builder::new().name(format!("http-{}", address.port())).spawn(move || {
            runtime.block_on(async {
                tokio::spawn(accept(listener, Arc::new(answer)));
                // Ends with an error when the sender is dropped, which is the signal.
                let _ = stopped.await;
            });
            runtime.shutdown_background();
        })?;
        Ok(Server { address, stop: Some(stop), thread: Some(thread) })
    }

    /// `http://<address>:<port>`, without a slash at the end.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The port that it listens on.
    pub fn port(&self) -> u16 {
        self.address.port()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            // A panic of the server's thread has been printed by then; nothing is left to do about it.
            let _ = thread.join();
        }
    }
}

type Answer = dyn Fn(Request) -> Reply + Send + Sync;
type Sent = Either<Full<Bytes>, Channel<Bytes, Broken>>;

/// Why a body was cut or a connection closed: because a test asked for it.
#[derive(Debug)]
struct Broken;

impl std::fmt::Display for Broken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("broken off on purpose")
    }
}

impl std::error::Error for Broken {}

async fn accept(listener: TcpListener, answer: Arc<Answer>) {
    let listener = tokio::net::TcpListener::from_std(listener).expect("the listener was made non-blocking");
    loop {
        // A client that went away before it was accepted is no reason to stop.
        let Ok((stream, _)) = listener.accept().await else {
            continue;
        };
        let answer = answer.clone();
        tokio::spawn(async move {
            let service = service_fn(|request| respond(request, answer.clone()));
            let http = hyper::server::conn::http1::Builder::new()
                .timer(TokioTimer::new())
                .serve_connection(TokioIo::new(stream), service);
            // Fails when the client leaves early or a reply is broken off, both of which tests do.
            let _ = http.await;
        });
    }
}

async fn respond(request: hyper::Request<Incoming>, answer: Arc<Answer>) -> Result<hyper::Response<Sent>, Broken> {
    let (head, body) = request.into_parts();
    let Ok(body) = Limited::new(body, MAX_REQUEST).collect().await else {
        return Ok(plain(413, "the request body is too large"));
    };
    let request = Request {
        method: head.method.to_string(),
        path: head.uri.path().to_owned(),
        query: head.uri.query().unwrap_or_default().to_owned(),
        headers: head
            .headers
            .iter()
            .map(|(n, v)| (n.to_string(), String::from_utf8_lossy(v.as_bytes()).into_owned()))
            .collect(),
        body: body.to_bytes().to_vec(),
    };
    match tokio::task::spawn_blocking(move || answer(request)).await {
        Ok(Reply::Answer(response)) => Ok(send(response)),
        Ok(Reply::Hang) => std::future::pending::<Result<_, Broken>>().await,
        Ok(Reply::Close) => Err(Broken),
        Err(_) => Ok(plain(500, "the server panicked")),
    }
}

fn plain(status: u16, text: &str) -> hyper::Response<Sent> {
    send(Response::new(status, "text/plain", text))
}

fn send(response: Response) -> hyper::Response<Sent> {
    let body = match response.body {
        Body::Whole(bytes) => Either::Left(Full::new(Bytes::from(bytes))),
        Body::Paced { pieces, pause, ending } => {
            let (mut sender, body) = Channel::new(1);
            tokio::spawn(async move {
                for piece in pieces {
                    // Fails when the client has had enough.
                    if sender.send_data(Bytes::from(piece)).await.is_err() {
                        return;
                    }
                    if pause.is_zero() { tokio::task::yield_now().await } else { tokio::time::sleep(pause).await }
                }
                if ending == Ending::Cut {
                    // What was sent must have left before the connection breaks.
                    tokio::time::sleep(Duration::from_millis(50)).await;
                    sender.abort(Broken);
                }
            });
            Either::Right(body)
        }
    };
    let mut sent = hyper::Response::new(body);
    *sent.status_mut() = hyper::StatusCode::from_u16(response.status).expect("tests use real status codes");
    for (name, value) in response.headers {
        let name = HeaderName::from_bytes(name.as_bytes()).expect("tests use real header names");
        sent.headers_mut().append(name, HeaderValue::from_str(&value).expect("tests use printable header values"));
    }
    sent
}
