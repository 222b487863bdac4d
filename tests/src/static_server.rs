//! A folder over loopback HTTP, as a static host serves it: the page and the manifest store in tests and demo.
//! Files are read at every request, so what is published meanwhile is seen. Not here: anything that writes.

use std::collections::HashMap;
use std::io::{self, Write};
use std::path::{Component, Path, PathBuf};
use std::sync::{Arc, LazyLock, Mutex};
use std::time::Duration;

use provenear_shared::digest::Sha256Digest;

use crate::http::{Body, Ending, Reply, Request, Response, Server};

/// How the folder is served.
#[derive(Clone, Debug, Default)]
pub struct StaticOptions {
    /// 0 for any free port.
    pub port: u16,
    /// The sub-path, such as `/org/page`; everything else is 404. Empty: the root.
    pub prefix: String,
    /// Unknown paths are answered with `index.html` and 200, as many hosts do, instead of 404.
    pub index_for_unknown: bool,
    /// `access-control-allow-origin: *` with every answer.
    pub cors: bool,
    /// Nothing is compressed: over loopback that only costs time.
    pub plain: bool,
    /// Paths below the prefix (such as `/manifests/x.jsonl`) that misbehave.
    pub faults: HashMap<String, FileFault>,
}

/// What is wrong with one file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileFault {
    /// The file, a byte at a time with this pause between two bytes.
    Slow(Duration),
    /// The file, then blanks without end.
    Endless,
    /// The first half of the file, then the connection breaks.
    Cut,
    /// No answer at all.
    Hang,
    /// The file for so many requests; from then on with this text behind it. No browser is to keep it.
    Turns(usize, &'static str),
}

/// A running static server.
pub struct StaticServer {
    server: Server,
    prefix: String,
    requests: Arc<Mutex<Vec<Request>>>,
}

impl StaticServer {
    /// Serves `folder`.
    ///
    /// # Errors
    /// When the port is taken.
    pub fn start(folder: impl Into<PathBuf>, options: StaticOptions) -> io::Result<StaticServer> {
        let site = Site { folder: folder.into(), options, answered: Mutex::default() };
        let prefix = site.options.prefix.clone();
        let requests = Arc::new(Mutex::new(Vec::new()));
        let log = requests.clone();
        let server = Server::start(site.options.port, move |request| {
            let reply = site.answer(&request);
            log.lock().expect("no holder of this lock panics").push(request);
            reply
        })?;
        Ok(StaticServer { server, prefix, requests })
    }

    /// The address of the folder, without a slash at the end.
    pub fn url(&self) -> String {
        self.server.url() + &self.prefix
    }

    /// Every request so far.
    pub fn requests(&self) -> Vec<Request> {
        self.requests.lock().expect("no holder of this lock panics").clone()
    }
}

struct Site {
    folder: PathBuf,
    options: StaticOptions,
    /// How often each file that turns was answered.
    answered: Mutex<HashMap<PathBuf, usize>>,
}

impl Site {
    fn answer(&self, request: &Request) -> Reply {
        if request.method != "GET" && request.method != "HEAD" {
            return Response::new(405, "text/plain", "method not allowed").with("allow", "GET, HEAD").into();
        }
        let Some(path) = request.path.strip_prefix(self.options.prefix.as_str()) else {
            return not_found();
        };
        if path.is_empty() {
            let to = format!("{}/", self.options.prefix);
            return Response::new(301, "text/plain", "").with("location", &to).into();
        }
        let fault = self.options.faults.get(path).copied();
        let Some(file) = self.find(path) else {
            return not_found();
        };
        let Ok(mut bytes) = std::fs::read(&file) else {
            return not_found();
        };
        if fault == Some(FileFault::Hang) {
            return Reply::Hang;
        }
        let mut response = Response::new(200, content_type(&file), []);
        if self.options.cors {
            response = response.with("access-control-allow-origin", "*");
        }
        // `no-cache` makes a browser ask again: a manifest may have arrived. What is named by its digest never changes.
        let name = file.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        let lasts = crate::weight::plain_name(name) != name;
        let turns = matches!(fault, Some(FileFault::Turns(..)));
        let caching = if turns {
            "no-store"
        } else if lasts {
            "public, max-age=31536000, immutable"
        } else {
            "no-cache"
        };
        response = response.with("cache-control", caching).with("vary", "accept-encoding");
        if let Some(FileFault::Turns(honest, behind)) = fault {
            let mut answered = self.answered.lock().expect("no holder of this lock panics");
            let before = answered.entry(file.clone()).or_default();
            if *before >= honest {
                bytes.extend_from_slice(behind.as_bytes());
            }
            *before += 1;
        }
        match fault {
            Some(fault) => response.body = faulty(bytes, fault),
            None => match encoding(request.header("accept-encoding").unwrap_or_default()) {
                Some(name) if !self.options.plain => {
                    response = response.with("content-encoding", name);
                    response.body = Body::Whole(compress(&bytes, name));
                }
                Some(_) | None => response.body = Body::Whole(bytes),
            },
        }
        response.into()
    }

    /// The file that `path` (which begins with a slash) stands for.
    fn find(&self, path: &str) -> Option<PathBuf> {
        let relative = PathBuf::from(percent_decode(&path[1..])?);
        if relative.components().any(|part| !matches!(part, Component::Normal(_))) {
            return None;
        }
        let mut file = self.folder.join(relative);
        if file.is_dir() {
            file = file.join("index.html");
        }
        if file.is_file() {
            Some(file)
        } else if self.options.index_for_unknown {
            Some(self.folder.join("index.html"))
        } else {
            None
        }
    }
}

type Compressed = HashMap<(Sha256Digest, &'static str), Vec<u8>>;

/// Compressed once in a process: brotli at its best takes seconds for the page's wasm, and every test serves the same page.
fn compress(bytes: &[u8], name: &'static str) -> Vec<u8> {
    static KNOWN: LazyLock<Mutex<Compressed>> = LazyLock::new(Mutex::default);
    let mut known = KNOWN.lock().expect("no holder of this lock panics");
    let encoded = || if name == "br" { brotli_of(bytes) } else { gzip_of(bytes) };
    known.entry((Sha256Digest::of(bytes), name)).or_insert_with(encoded).clone()
}

fn not_found() -> Reply {
    Response::new(404, "text/html; charset=utf-8", "<!doctype html><title>404</title><p>not found</p>").into()
}

fn faulty(bytes: Vec<u8>, fault: FileFault) -> Body {
    let one_by_one = |bytes: Vec<u8>| bytes.into_iter().map(|byte| vec![byte]);
    match fault {
        FileFault::Slow(pause) => Body::Paced { pieces: Box::new(one_by_one(bytes)), pause, ending: Ending::Complete },
        FileFault::Endless | FileFault::Hang => Body::Paced {
            pieces: Box::new(std::iter::once(bytes).chain(std::iter::repeat_with(|| vec![b' '; 1 << 16]))),
            pause: Duration::ZERO,
            ending: Ending::Complete,
        },
        FileFault::Turns(..) => Body::Whole(bytes),
        FileFault::Cut => Body::Paced {
            pieces: Box::new(std::iter::once(bytes[..bytes.len() / 2].to_vec())),
            pause: Duration::ZERO,
            ending: Ending::Cut,
        },
    }
}

/// The best encoding that the client asks for by name; `q=0` refuses one.
fn encoding(accepted: &str) -> Option<&'static str> {
    let accepts = |name: &str| {
        accepted.split(',').any(|part| {
            let (coding, weight) = part.split_once(';').unwrap_or((part, ""));
            coding.trim() == name && !matches!(weight.trim(), "q=0" | "q=0.0" | "q=0.00" | "q=0.000")
        })
    };
    ["br", "gzip"].into_iter().find(|name| accepts(name))
}

pub(crate) fn brotli_of(bytes: &[u8]) -> Vec<u8> {
    let mut out = brotli::CompressorWriter::new(Vec::new(), 1 << 16, 11, 22);
    out.write_all(bytes).expect("a vector takes all bytes");
    out.into_inner()
}

fn gzip_of(bytes: &[u8]) -> Vec<u8> {
    let mut out = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    out.write_all(bytes).expect("a vector takes all bytes");
    out.finish().expect("a vector takes all bytes")
}

fn percent_decode(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'%' {
            let digit = |c: Option<u8>| char::from(c?).to_digit(16);
            bytes.push((digit(rest.next())? * 16 + digit(rest.next())?) as u8);
        } else {
            bytes.push(byte);
        }
    }
    String::from_utf8(bytes).ok()
}

fn content_type(file: &Path) -> &'static str {
    match file.extension().and_then(|e| e.to_str()).unwrap_or_default() {
        "html" => "text/html; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "wasm" => "application/wasm",
        "json" => "application/json",
        "jsonl" => "application/jsonl",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "ico" => "image/x-icon",
        "woff2" => "font/woff2",
        "webmanifest" => "application/manifest+json",
        "txt" | "md" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}
