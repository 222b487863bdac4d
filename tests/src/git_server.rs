//! Repositories over smart HTTP on loopback: `git http-backend` as CGI over a folder of bare repositories,
//! with the ways in which a host can differ from the one that a claim was made for.

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex, MutexGuard};

use crate::http::{Reply, Request, Response, Server};

/// Which commits a client may ask for by their id.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Wants {
    /// Any object that is there, also one that no branch or tag reaches, as GitHub does.
    #[default]
    Any,
    /// Only what a branch or tag reaches (protocol version 0, where such a limit holds).
    Reachable,
    /// Only what a branch or tag points at (the default of git over protocol version 0).
    Tips,
}

type Hook = Box<dyn FnOnce() + Send>;

#[derive(Default)]
struct Desk {
    wants: Wants,
    redirect: Option<String>,
    credentials: Option<(String, String)>,
    before_fetch: Option<Hook>,
    hang: bool,
    requests: Vec<Request>,
}

/// A running git server.
pub struct GitServer {
    server: Server,
    desk: Arc<Mutex<Desk>>,
}

impl GitServer {
    /// Serves the bare repositories below `folder` at `port` (0: any free one): `<url>/<name>.git`.
    ///
    /// # Errors
    /// When the port is taken.
    pub fn start(folder: impl Into<PathBuf>, port: u16) -> io::Result<GitServer> {
        GitServer::with(folder.into(), |answer| Server::start(port, answer))
    }

    /// The same where containers reach it too.
    ///
    /// # Errors
    /// When this machine has no such address.
    pub fn start_for_containers(folder: impl Into<PathBuf>) -> io::Result<GitServer> {
        GitServer::with(folder.into(), Server::start_for_containers)
    }

    fn with(
        folder: PathBuf,
        start: impl FnOnce(Box<dyn Fn(Request) -> Reply + Send + Sync>) -> io::Result<Server>,
    ) -> io::Result<GitServer> {
        let desk = Arc::<Mutex<Desk>>::default();
        let its_desk = desk.clone();
        let server = start(Box::new(move |request| answer(&folder, &its_desk, request)))?;
        Ok(GitServer { server, desk })
    }

    /// `http://<address>:<port>`
    pub fn url(&self) -> String {
        self.server.url()
    }

    /// Limits which commits may be asked for by their id.
    pub fn set_wants(&self, wants: Wants) {
        lock(&self.desk).wants = wants;
    }

    /// Redirects every request to the same path at this address; `None` stops that.
    pub fn set_redirect(&self, base: Option<&str>) {
        lock(&self.desk).redirect = base.map(str::to_owned);
    }

    /// Answers 401 unless this user and password come with the request; `None` lets everybody in.
    pub fn set_credentials(&self, user_and_password: Option<(&str, &str)>) {
        lock(&self.desk).credentials = user_and_password.map(|(user, word)| (user.to_owned(), word.to_owned()));
    }

    /// Never answers again, until told otherwise.
    pub fn set_hang(&self, hang: bool) {
        lock(&self.desk).hang = hang;
    }

    /// Runs once, after the refs were looked up and before the first objects are handed out.
    pub fn before_fetch(&self, change: impl FnOnce() + Send + 'static) {
        lock(&self.desk).before_fetch = Some(Box::new(change));
    }

    /// Every request so far.
    pub fn requests(&self) -> Vec<Request> {
        lock(&self.desk).requests.clone()
    }
}

fn lock(desk: &Mutex<Desk>) -> MutexGuard<'_, Desk> {
    desk.lock().expect("no holder of this lock panics")
}

fn answer(folder: &Path, desk: &Mutex<Desk>, request: Request) -> Reply {
    let (wants, hook) = {
        let mut desk = lock(desk);
        desk.requests.push(request.clone());
        if desk.hang {
            return Reply::Hang;
        }
        if let Some(base) = &desk.redirect {
            let query = if request.query.is_empty() { String::new() } else { format!("?{}", request.query) };
            let to = format!("{base}{}{query}", request.path);
            return Response::new(302, "text/plain", "").with("location", &to).into();
        }
        if let Some((user, word)) = &desk.credentials {
            let expected = format!("Basic {}", basic(user, word));
            if request.header("authorization") != Some(expected.as_str()) {
                let refusal = Response::new(401, "text/plain", "authentication required");
                return refusal.with("www-authenticate", "Basic realm=\"git\"").into();
            }
        }
        let hook = if is_fetch(&request) { desk.before_fetch.take() } else { None };
        (desk.wants, hook)
    };
    if let Some(change) = hook {
        change();
    }
    match backend(folder, &request, wants) {
        Ok(response) => response.into(),
        Err(error) => Response::new(500, "text/plain", error.to_string()).into(),
    }
}

/// Whether objects are asked for, as opposed to refs. Bodies of fetches may be compressed, those of `ls-refs` are short.
fn is_fetch(request: &Request) -> bool {
    let lists_refs = request.body.windows(15).any(|window| window == b"command=ls-refs");
    request.method == "POST" && request.path.ends_with("/git-upload-pack") && !lists_refs
}

fn basic(user: &str, word: &str) -> String {
    use base64::{Engine, prelude::BASE64_STANDARD};
    BASE64_STANDARD.encode(format!("{user}:{word}"))
}

/// Runs `git http-backend` without the machine's own git settings.
fn backend(folder: &Path, request: &Request, wants: Wants) -> io::Result<Response> {
    let settings = [
        ("safe.directory", "*"),
        ("uploadpack.allowAnySHA1InWant", if wants == Wants::Any { "true" } else { "false" }),
        ("uploadpack.allowReachableSHA1InWant", if wants == Wants::Tips { "false" } else { "true" }),
        ("uploadpack.allowFilter", "true"),
    ];
    let mut command = Command::new("git");
    command
        .arg("http-backend")
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_CONFIG_COUNT", settings.len().to_string())
        .env("GIT_PROJECT_ROOT", folder)
        .env("GIT_HTTP_EXPORT_ALL", "1")
        .env("PATH_INFO", &request.path)
        .env("QUERY_STRING", &request.query)
        .env("REQUEST_METHOD", &request.method)
        .env("REMOTE_ADDR", "127.0.0.1")
        .env("CONTENT_LENGTH", request.body.len().to_string())
        .env("CONTENT_TYPE", request.header("content-type").unwrap_or_default())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    for (at, (name, value)) in settings.iter().enumerate() {
        command.env(format!("GIT_CONFIG_KEY_{at}"), name).env(format!("GIT_CONFIG_VALUE_{at}"), value);
    }
    if let Some(encoding) = request.header("content-encoding") {
        command.env("HTTP_CONTENT_ENCODING", encoding);
    }
    // Version 2 lets a client want any object, so a server with limits speaks version 0.
    if let (Some(protocol), Wants::Any) = (request.header("git-protocol"), wants) {
        command.env("GIT_PROTOCOL", protocol);
    }
    let mut child = command.spawn()?;
    let mut stdin = child.stdin.take().expect("stdin was asked for");
    let body = request.body.clone();
    let feed = std::thread::spawn(move || stdin.write_all(&body));
    let output = child.wait_with_output()?;
    // A broken pipe: the backend answered without reading everything.
    let _ = feed.join();
    parse(&output.stdout)
        .ok_or_else(|| io::Error::other(format!("git http-backend said: {}", String::from_utf8_lossy(&output.stderr))))
}

/// Reads a CGI answer: header lines, a blank line, the body.
fn parse(output: &[u8]) -> Option<Response> {
    let end = output.windows(4).position(|window| window == b"\r\n\r\n")?;
    let head = std::str::from_utf8(&output[..end]).ok()?;
    let mut response = Response::new(200, "", &output[end + 4..]);
    response.headers.clear();
    for line in head.split("\r\n") {
        let (name, value) = line.split_once(": ")?;
        if name == "Status" {
            response.status = value.split(' ').next()?.parse().ok()?;
        } else {
            response = response.with(&name.to_ascii_lowercase(), value);
        }
    }
    Some(response)
}
