//! The static server answers as static hosts do, and misbehaves only where it is told to.

use std::collections::HashMap;
use std::io::{Read, Write};
use std::time::{Duration, Instant};

use provenear_tests::static_server::{FileFault, StaticOptions, StaticServer};

fn get(url: &str, encoding: Option<&str>) -> ureq::http::Response<ureq::Body> {
    let mut request = crate::ask::agent().get(url);
    if let Some(encoding) = encoding {
        request = request.header("accept-encoding", encoding);
    }
    request.call().unwrap()
}

/// The head of an answer as it is sent, lower-case: a client that knows gzip hides that header.
fn head(url: &str, encoding: &str) -> String {
    let (host, path) = url.trim_start_matches("http://").split_once('/').unwrap();
    let mut stream = std::net::TcpStream::connect(host).unwrap();
    let request =
        format!("GET /{path} HTTP/1.1\r\nhost: {host}\r\naccept-encoding: {encoding}\r\nconnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    let end = answer.windows(4).position(|window| window == b"\r\n\r\n").unwrap();
    String::from_utf8(answer[..end + 2].to_vec()).unwrap().to_lowercase()
}

fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("index.html"), "<!doctype html><title>page</title>").unwrap();
    std::fs::create_dir(folder.path().join("manifests")).unwrap();
    std::fs::write(folder.path().join("manifests/a.intoto.jsonl"), "{}\n".repeat(1000)).unwrap();
    std::fs::write(folder.path().join("a b.wasm"), b"\0asm").unwrap();
    folder
}

fn header(response: &ureq::http::Response<ureq::Body>, name: &str) -> String {
    response.headers().get(name).map(|v| v.to_str().unwrap().to_owned()).unwrap_or_default()
}

#[test]
fn serves_below_its_prefix_with_content_types() {
    let folder = folder();
    let options = StaticOptions { prefix: "/org/page".into(), ..StaticOptions::default() };
    let server = StaticServer::start(folder.path(), options).unwrap();
    let mut page = get(&format!("{}/", server.url()), None);
    assert_eq!((page.status().as_u16(), header(&page, "content-type").as_str()), (200, "text/html; charset=utf-8"));
    assert!(page.body_mut().read_to_string().unwrap().contains("<title>page"));
    let mut wasm = get(&format!("{}/a%20b.wasm", server.url()), None);
    assert_eq!(header(&wasm, "content-type"), "application/wasm");
    assert_eq!(wasm.body_mut().read_to_vec().unwrap(), b"\0asm");
    assert_eq!(header(&get(&server.url(), None), "location"), "/org/page/");
    let root = server.url().replace("/org/page", "");
    assert_eq!(get(&format!("{root}/index.html"), None).status(), 404);
    assert_eq!(get(&format!("{}/missing.jsonl", server.url()), None).status(), 404);
    assert_eq!(get(&format!("{}/%2e%2e/{}", server.url(), "etc/passwd"), None).status(), 404);
    assert_eq!(server.requests().len(), 6);
}

#[test]
fn compresses_only_when_asked() {
    let folder = folder();
    let server = StaticServer::start(folder.path(), StaticOptions::default()).unwrap();
    let url = format!("{}/manifests/a.intoto.jsonl", server.url());
    assert_eq!(header(&get(&url, None), "content-encoding"), "");
    let head = head(&url, "br;q=0, gzip");
    assert!(head.contains("content-encoding: gzip\r\n"), "{head}");
    let mut small = get(&url, Some("gzip, deflate, br"));
    assert_eq!(header(&small, "content-encoding"), "br");
    let mut text = String::new();
    let bytes = small.body_mut().read_to_vec().unwrap();
    brotli::Decompressor::new(&bytes[..], 4096).read_to_string(&mut text).unwrap();
    assert_eq!(text, "{}\n".repeat(1000));
}

#[test]
fn sees_what_is_published_meanwhile() {
    let folder = folder();
    let server = StaticServer::start(folder.path(), StaticOptions::default()).unwrap();
    let url = format!("{}/manifests/b.intoto.jsonl", server.url());
    assert_eq!(get(&url, None).status(), 404);
    std::fs::write(folder.path().join("manifests/b.intoto.jsonl"), "x").unwrap();
    assert_eq!(get(&url, None).body_mut().read_to_string().unwrap(), "x");
}

#[test]
fn an_absent_file_may_come_back_as_the_page() {
    let folder = folder();
    let options = StaticOptions { index_for_unknown: true, cors: true, ..StaticOptions::default() };
    let server = StaticServer::start(folder.path(), options).unwrap();
    let answer = get(&format!("{}/manifests/none.intoto.jsonl", server.url()), None);
    assert_eq!((answer.status().as_u16(), header(&answer, "content-type").as_str()), (200, "text/html; charset=utf-8"));
    assert_eq!(header(&answer, "access-control-allow-origin"), "*");
}

#[test]
fn misbehaves_where_told() {
    let folder = folder();
    let faults = [
        ("/index.html", FileFault::Endless),
        ("/a b.wasm", FileFault::Hang),
        ("/manifests/a.intoto.jsonl", FileFault::Cut),
    ];
    let faults: HashMap<_, _> = faults.map(|(path, fault)| (path.to_owned(), fault)).into();
    let server = StaticServer::start(folder.path(), StaticOptions { faults, ..StaticOptions::default() }).unwrap();

    let mut body = Vec::new();
    let mut endless = get(&format!("{}/index.html", server.url()), None);
    endless.body_mut().as_reader().take(1 << 20).read_to_end(&mut body).unwrap();
    assert_eq!(body.len(), 1 << 20);
    drop(endless);

    let mut cut = get(&format!("{}/manifests/a.intoto.jsonl", server.url()), None);
    assert!(cut.body_mut().read_to_vec().is_err());

    // The fault is named by the path as it came: this one is percent-encoded and so is served.
    assert_eq!(get(&format!("{}/a%20b.wasm", server.url()), None).status(), 200);

    let slow = FileFault::Slow(Duration::from_millis(100));
    let faults = HashMap::from([("/a%20b.wasm".to_owned(), slow)]);
    let server = StaticServer::start(folder.path(), StaticOptions { faults, ..StaticOptions::default() }).unwrap();
    let start = Instant::now();
    assert_eq!(get(&format!("{}/a%20b.wasm", server.url()), None).body_mut().read_to_vec().unwrap(), b"\0asm");
    assert!(start.elapsed() >= Duration::from_millis(300), "{:?}", start.elapsed());

    let faults = HashMap::from([("/a%20b.wasm".to_owned(), FileFault::Hang)]);
    let server = StaticServer::start(folder.path(), StaticOptions { faults, ..StaticOptions::default() }).unwrap();
    let agent = crate::ask::patient(Duration::from_millis(300));
    assert!(agent.get(format!("{}/a%20b.wasm", server.url())).call().is_err());
}
