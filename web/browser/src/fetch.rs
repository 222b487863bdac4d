//! Brings bytes to an endpoint and back with the browser's `fetch`, bounded in time and size while they arrive.
//! No credentials, no referrer, no redirects: where a question goes is what the reader named, and nothing else.

use std::pin::Pin;

use gloo_net::http::{RequestBuilder, Response};
use provenear_shared::transport::{MAX_REPLY_SIZE, Reply, Stored, Transport, TransportError};
use wasm_bindgen::{JsCast as _, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    AbortSignal, DomException, ReadableStreamDefaultReader, ReferrerPolicy, RequestCache, RequestCredentials,
    RequestRedirect,
};

/// Seconds for one call, from connecting to the last byte.
const TIME_LIMIT: u32 = 20;
/// Most bytes of a manifest file.
const MAX_STORE_FILE: usize = 16 << 20;

/// The browser's `fetch`.
pub struct Fetch;

/// Every call awaits this one type: the state of a call written into each place that awaits it would be most of the program.
type Answer<T> = Pin<Box<dyn Future<Output = Result<T, TransportError>>>>;

impl Transport for Fetch {
    fn post(&self, url: &str, body: Vec<u8>) -> impl Future<Output = Result<Reply, TransportError>> {
        let answer: Answer<Reply> = Box::pin(post(url.to_owned(), body));
        answer
    }

    fn load(&self, store: &str, name: &str) -> impl Future<Output = Result<Stored, TransportError>> {
        let slash = if store.ends_with('/') { "" } else { "/" };
        let url = format!("{store}{slash}{name}");
        let answer: Answer<Stored> = Box::pin(async move { text(&url).await });
        answer
    }
}

async fn post(url: String, body: Vec<u8>) -> Result<Reply, TransportError> {
    let request = strict(RequestBuilder::new(&url).method(gloo_net::http::Method::POST), RequestCache::NoStore)
        .header("Content-Type", "application/json")
        .body(js_sys::Uint8Array::from(body.as_slice()))
        .map_err(|error| TransportError::Unreachable(error.to_string()))?;
    let response = request.send().await.map_err(unreachable)?;
    let retry_after = response.headers().get("retry-after").and_then(|seconds| seconds.parse().ok());
    Ok(Reply { status: response.status(), retry_after, body: read(&response, MAX_REPLY_SIZE).await? })
}

/// Reads a text file.
///
/// # Errors
/// When nothing came back.
pub async fn text(url: &str) -> Result<Stored, TransportError> {
    match file(url, MAX_STORE_FILE).await? {
        Ok(bytes) if bytes.trim_ascii_start().starts_with(b"<") => Ok(Stored::WebPage),
        Ok(bytes) => String::from_utf8(bytes)
            .map(Stored::File)
            .map_err(|_| TransportError::Unreachable("the answer is not text".to_owned())),
        Err(instead) => Ok(instead),
    }
}

/// Reads a file of at most `most` bytes; the inner `Err` says what there is in its place.
///
/// # Errors
/// When nothing came back.
pub async fn file(url: &str, most: usize) -> Result<Result<Vec<u8>, Stored>, TransportError> {
    let response = strict(RequestBuilder::new(url), RequestCache::NoCache).send().await.map_err(unreachable)?;
    match response.status() {
        200 => {}
        404 | 410 => return Ok(Err(Stored::Absent)),
        status => return Err(TransportError::Unreachable(format!("HTTP {status}"))),
    }
    let is_page = response.headers().get("content-type").is_some_and(|kind| kind.starts_with("text/html"));
    if is_page { Ok(Err(Stored::WebPage)) } else { read(&response, most).await.map(Ok) }
}

fn strict(request: RequestBuilder, cache: RequestCache) -> RequestBuilder {
    request
        .credentials(RequestCredentials::Omit)
        .referrer_policy(ReferrerPolicy::NoReferrer)
        .redirect(RequestRedirect::Error)
        .cache(cache)
        .abort_signal(Some(&AbortSignal::timeout_with_u32(TIME_LIMIT * 1000)))
}

async fn read(response: &Response, most: usize) -> Result<Vec<u8>, TransportError> {
    let mut bytes = Vec::new();
    let Some(stream) = response.body() else { return Ok(bytes) };
    let reader: ReadableStreamDefaultReader = stream.get_reader().unchecked_into();
    loop {
        let piece = JsFuture::from(reader.read()).await.map_err(explain_exception)?;
        let field = |name: &str| js_sys::Reflect::get(&piece, &name.into()).unwrap_or_default();
        if field("done").is_truthy() {
            return Ok(bytes);
        }
        let piece: js_sys::Uint8Array = field("value").unchecked_into();
        let start = bytes.len();
        let end = start + piece.length() as usize;
        if end > most {
            // Nobody waits for what becomes of the rest.
            let _ = reader.cancel();
            return Err(TransportError::TooLarge(most));
        }
        bytes.resize(end, 0);
        piece.copy_to(&mut bytes[start..]);
    }
}

fn unreachable(error: gloo_net::Error) -> TransportError {
    match error {
        gloo_net::Error::JsError(error) => explain(&error.name, &error.message),
        gloo_net::Error::GlooError(message) => explain("", &message),
    }
}

fn explain_exception(error: JsValue) -> TransportError {
    match error.dyn_ref::<DomException>() {
        Some(exception) => explain(&exception.name(), &exception.message()),
        None => explain("", "the connection broke"),
    }
}

/// Explains what a browser says of a call that came to nothing.
fn explain(name: &str, message: &str) -> TransportError {
    // Nothing but the time limit ends a call from here, and Firefox calls that an abort while the body arrives.
    if matches!(name, "TimeoutError" | "AbortError") {
        return TransportError::Timeout(TIME_LIMIT);
    }
    // Firefox ends its sentences with a full stop, and we end ours.
    TransportError::Unreachable(message.trim_end_matches([' ', '.']).to_owned())
}
