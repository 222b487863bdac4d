//! Many subjects in one `provenear batch`, looked up side by side: in which order they are answered, how hard endpoints are
//! asked, and what a run costs. Nothing is built: the engine answers, and no more.
#![cfg(all(unix, not(target_arch = "wasm32")))]
#![allow(clippy::unwrap_used)] // these are tests, helpers included

use std::os::unix::fs::PermissionsExt;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use provenear_tests::desk;
use provenear_tests::devnet::{Chain, Devnet, Fault, Where};
use provenear_tests::documents;
use provenear_tests::http::{Reply, Request, Response, Server};
use provenear_tests::peak::measure;
use provenear_tests::saying::saying;
use serde_json::{Value, json};

/// A desk with a list, and an engine that can build nothing.
struct Desk(desk::Desk);

impl Desk {
    fn new(list: &[String]) -> Desk {
        let desk = Desk(desk::Desk::new());
        desk.0.write("docker", "#!/bin/sh\n[ \"$1\" = version ] && echo 27.0.0 amd64\nexit 0\n");
        std::fs::set_permissions(desk.0.path("docker"), std::fs::Permissions::from_mode(0o755)).unwrap();
        desk.write(list);
        desk
    }

    fn write(&self, list: &[String]) {
        self.0.write("list", list.join("\n"));
    }

    fn command(&self, endpoints: &[&Devnet], words: &[&str]) -> Command {
        let batch = ["batch", "list", "--engine", "./docker", "--network", "devnet-test", "--out", "out"];
        let mut command = self.0.command(&batch);
        for endpoint in endpoints {
            command.args(["--rpc", &endpoint.url()]);
        }
        command.args(words).stdin(Stdio::null());
        command
    }

    fn run(&self, endpoints: &[&Devnet], words: &[&str]) -> Said {
        let since = Instant::now();
        let out = self.command(endpoints, words).output().unwrap();
        let stderr = String::from_utf8_lossy(&out.stderr).into_owned();
        let mut lines = documents::read_lines(&out.stdout).unwrap_or_else(|error| panic!("{error:#} {stderr}"));
        let summary = lines.pop().unwrap_or_else(|| panic!("{stderr}"));
        Said { lines, summary, stdout: out.stdout, stderr, took: since.elapsed() }
    }
}

/// What a run said.
struct Said {
    lines: Vec<Value>,
    summary: Value,
    stdout: Vec<u8>,
    stderr: String,
    took: Duration,
}

impl Said {
    fn subjects(&self) -> Vec<String> {
        self.lines.iter().map(subject).collect()
    }

    fn counts(&self) -> &Value {
        &self.summary["counts"]
    }
}

fn subject(line: &Value) -> String {
    line.pointer("/subject/name").and_then(Value::as_str).unwrap_or_else(|| panic!("{line}")).to_owned()
}

/// A chain with so many accounts, each with other code that claims nothing; and the list of them.
fn crowd(accounts: usize, size: usize) -> (Arc<Chain>, Vec<String>) {
    let chain = Chain::new("devnet-test");
    let devnet = Devnet::serve(chain.clone(), 0).unwrap();
    let list: Vec<String> = (0..accounts).map(|number| format!("app{number}.devnet")).collect();
    for (number, account) in list.iter().enumerate() {
        devnet.deploy(account, silent(number, size));
    }
    (chain, list)
}

/// A contract of about so many bytes that says nothing of itself.
fn silent(number: usize, size: usize) -> Vec<u8> {
    let data = format!("{number:08}").repeat(size.div_ceil(8));
    wat::parse_str(format!(r#"(module (memory 16) (data (i32.const 0) "{data}") (func (export "run")))"#)).unwrap()
}

/// A contract that claims a build which cannot begin, since nothing is served at that address.
fn claiming(number: usize, path: &str) -> Vec<u8> {
    let image = format!("x/y@sha256:{}", "a".repeat(64));
    let claim = json!({"version": "1.0.0", "link": null, "standards": [], "build_info": {
        "build_environment": image, "build_command": ["cargo", "near", "build"], "contract_path": path,
        "source_code_snapshot": format!("git+http://127.0.0.1:1/a/b?rev={}", "0123456789".repeat(4)),
        "output_wasm_path": null}});
    saying(&claim.to_string(), &number.to_string())
}

fn is_about(request: &Request, account: &str) -> bool {
    String::from_utf8_lossy(&request.body).contains(&format!("\"{account}\""))
}

fn pause(milliseconds: u64) {
    std::thread::sleep(Duration::from_millis(milliseconds));
}

#[test]
fn answers_are_in_the_order_of_the_list_whoever_is_looked_up_first() {
    let (chain, mut list) = crowd(24, 8);
    let finished = Arc::<Mutex<Vec<String>>>::default();
    let (noted, names) = (finished.clone(), list.clone());
    let devnet = Devnet::serve_through(chain, 0, move |request, answer| {
        let about = names.iter().find(|name| is_about(request, name));
        // The first of each six takes long.
        if about.is_some_and(|name| names.iter().position(|other| other == name).unwrap().is_multiple_of(6)) {
            pause(300);
        }
        let reply = answer();
        if String::from_utf8_lossy(&request.body).contains("view_access_key_list") {
            noted.lock().unwrap().extend(about.cloned());
        }
        reply
    });
    let devnet = devnet.unwrap();
    list.insert(3, "nobody.devnet".to_owned());
    list.insert(9, "NOT AN ACCOUNT".to_owned());
    list.push(list[0].clone());
    let desk = Desk::new(&list);
    let said = desk.run(&[&devnet], &["--lookups", "8"]);
    // What stands there twice is answered once.
    list.pop();
    assert_eq!(said.subjects(), list, "{}", said.stderr);
    assert_eq!(said.counts(), &json!({"not-rebuildable": 24, "unknown-account": 1, "usage": 1}));
    let finished = finished.lock().unwrap();
    assert_ne!(finished[0], list[0], "nobody overtook the first, so that nothing was shown");
}

#[test]
fn a_batch_that_is_killed_has_said_the_first_of_its_lines_and_the_next_run_says_each_once() {
    let (chain, list) = crowd(150, 8);
    let devnet = Devnet::serve_through(chain, 0, |request, answer| {
        // Each in another time, so that lines wait for others.
        pause(u64::from(request.body.iter().fold(0_u8, |sum, byte| sum.wrapping_add(*byte)) % 40));
        answer()
    });
    let devnet = devnet.unwrap();
    let desk = Desk::new(&list);
    let mut command = desk.command(&[&devnet], &["--lookups", "8", "--quiet"]);
    let file = desk.0.path("answers.jsonl");
    let mut killed = command.stdout(std::fs::File::create(&file).unwrap()).stderr(Stdio::null()).spawn().unwrap();
    let until = Instant::now() + Duration::from_secs(60);
    while std::fs::read(&file).unwrap().iter().filter(|byte| **byte == b'\n').count() < 30 {
        assert!(Instant::now() < until && killed.try_wait().unwrap().is_none(), "nothing was said, or all");
        pause(5);
    }
    killed.kill().unwrap();
    killed.wait().unwrap();
    let text = std::fs::read_to_string(&file).unwrap();
    let whole: Vec<&str> = text.split_inclusive('\n').filter(|line| line.ends_with('\n')).collect();
    let before: Vec<String> = whole.iter().map(|line| subject(&serde_json::from_str(line).unwrap())).collect();
    assert!((30..150).contains(&before.len()), "{}", before.len());
    assert_eq!(before, list[..before.len()]);

    let said = desk.run(&[&devnet], &["--lookups", "8"]);
    assert_eq!(said.subjects(), list);
    assert_eq!(said.summary["subjects"], 150);
    let left: Vec<_> = std::fs::read_dir(desk.0.path("out")).unwrap().collect();
    assert!(left.is_empty(), "{left:?}");
}

#[test]
fn subjects_side_by_side_are_answered_as_one_after_the_other_byte_for_byte() {
    let (chain, mut list) = crowd(10, 8);
    let devnet = Devnet::serve(chain.clone(), 0).unwrap();
    let twin = silent(7, 8);
    for (account, code) in [
        // The code of another, and one recipe in three contracts.
        ("twin.devnet", twin),
        ("one.devnet", claiming(1, "a")),
        ("two.devnet", claiming(2, "a")),
        ("same.devnet", claiming(1, "a")),
        ("other.devnet", claiming(3, "b")),
    ] {
        devnet.deploy(account, code);
        list.push(account.to_owned());
    }
    list.extend(["nobody.devnet", "NOT AN ACCOUNT"].map(ToOwned::to_owned));
    chain.freeze(chain.final_block().height);
    let desk = Desk::new(&list);
    let run = |lookups: &str| desk.run(&[&devnet], &["--lookups", lookups, "--allow-local-source"]);
    let alone = run("1");
    assert_eq!(alone.subjects(), list, "{}", alone.stderr);
    assert_eq!(alone.counts()["not-rebuildable"], 11, "{}", alone.summary);
    assert_eq!(alone.summary["rebuilds"], 0);
    for _ in 0..3 {
        let beside = run("16");
        assert_eq!(String::from_utf8_lossy(&beside.stdout), String::from_utf8_lossy(&alone.stdout));
    }
}

/// Counts how many are inside at once.
#[derive(Default)]
struct Counter {
    now: AtomicUsize,
    most: AtomicUsize,
}

impl Counter {
    fn during<T>(&self, work: impl FnOnce() -> T) -> T {
        self.most.fetch_max(self.now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
        let done = work();
        self.now.fetch_sub(1, Ordering::SeqCst);
        done
    }

    fn most(&self) -> usize {
        self.most.load(Ordering::SeqCst)
    }
}

#[test]
fn no_endpoint_and_no_store_has_more_requests_at_once_than_it_may() {
    let (chain, list) = crowd(60, 8);
    let counters = [(); 3].map(|()| Arc::<Counter>::default());
    let counted = |at: usize| {
        let counter = counters[at].clone();
        Devnet::serve_through(chain.clone(), 0, move |_, answer| {
            counter.during(|| {
                pause(20);
                answer()
            })
        })
    };
    let (one, other) = (counted(0).unwrap(), counted(1).unwrap());
    let counter = counters[2].clone();
    let store = Server::start(0, move |_| {
        counter.during(|| {
            pause(20);
            Reply::Answer(Response::new(404, "text/plain", ""))
        })
    });
    let store = store.unwrap();
    let desk = Desk::new(&list);
    let said = desk.run(&[&one, &other], &["--lookups", "5", "--store", &store.url()]);
    assert_eq!(said.counts(), &json!({"not-rebuildable": 60}), "{}", said.stderr);
    let most: Vec<usize> = counters.iter().map(|counter| counter.most()).collect();
    assert!(most.iter().all(|most| (2..=5).contains(most)), "{most:?}");
    assert!(most[..2].contains(&5), "what may be asked at once is: {most:?}");
}

/// A reply with HTTP 429.
fn refusal(retry_after: &str) -> Reply {
    Response::new(429, "text/html", "<h1>Too many requests</h1>").with("retry-after", retry_after).into()
}

#[test]
fn an_endpoint_that_asks_for_a_pause_has_it_and_every_subject_its_answer() {
    let (chain, list) = crowd(30, 8);
    let asked = AtomicUsize::new(0);
    let (refused, at) = [(); 2].map(|()| Arc::<Mutex<Vec<Instant>>>::default()).into();
    let (refused_at, asked_at) = (refused.clone(), at.clone());
    let devnet = Devnet::serve_through(chain, 0, move |_, answer| {
        asked_at.lock().unwrap().push(Instant::now());
        if (40..44).contains(&asked.fetch_add(1, Ordering::SeqCst)) {
            refused_at.lock().unwrap().push(Instant::now());
            return refusal("3");
        }
        pause(10);
        answer()
    });
    let devnet = devnet.unwrap();
    let said = Desk::new(&list).run(&[&devnet], &["--lookups", "4"]);
    assert_eq!(said.counts(), &json!({"not-rebuildable": 30}), "{}", said.stderr);
    let (refused, asked) = (refused.lock().unwrap(), at.lock().unwrap());
    let first = *refused.first().unwrap();
    // What was under way when the refusal came is not held against anybody.
    let early =
        asked.iter().filter(|at| **at > first + Duration::from_secs(1) && **at < first + Duration::from_millis(2950));
    assert_eq!(early.count(), 0);
    assert!(said.took < Duration::from_secs(30), "{:?}", said.took);
}

#[test]
fn a_pause_that_is_nonsense_or_a_year_is_not_waited_out() {
    let date = "Wed, 21 Oct 2015 07:28:00 GMT";
    for (retry_after, limited) in [
        ("31536000", 1),
        ("-5", 0),
        ("soon", 0),
        ("99999999999999999999", 0),
        (date, 0),
        ("Tue, 30 Nov 2100 00:00:00 GMT", 1),
    ] {
        let (chain, list) = crowd(6, 8);
        let asked = AtomicUsize::new(0);
        // The first call about the second account.
        let devnet = Devnet::serve_through(chain, 0, move |_, answer| {
            if asked.fetch_add(1, Ordering::SeqCst) == 6 { refusal(retry_after) } else { answer() }
        });
        let devnet = devnet.unwrap();
        let said = Desk::new(&list).run(&[&devnet], &["--lookups", "1"]);
        assert!(said.took < Duration::from_secs(15), "{retry_after}: {:?}", said.took);
        assert_eq!(said.subjects(), list);
        let failed = said.counts()["rpc-rate-limited"].as_u64().unwrap_or_default();
        assert_eq!(failed, limited, "{retry_after}: {}", said.summary);
        assert_eq!(said.counts()["not-rebuildable"], 6 - limited, "{retry_after}: {}", said.summary);
    }
    // From the first request on, and for ever.
    let (chain, list) = crowd(40, 8);
    let devnet = Devnet::serve_through(chain, 0, |_, _| refusal("31536000")).unwrap();
    let said = Desk::new(&list).run(&[&devnet], &["--lookups", "4"]);
    assert_eq!(said.counts(), &json!({"rpc-rate-limited": 40}));
    assert!(said.took < Duration::from_secs(15), "{:?}", said.took);
}

#[test]
fn one_dead_endpoint_of_two_is_waited_for_once() {
    let (chain, list) = crowd(60, 8);
    let (dead, alive) = (Devnet::serve(chain.clone(), 0).unwrap(), Devnet::serve(chain, 0).unwrap());
    dead.misbehave(Where::all(), Fault::Hang);
    let said = Desk::new(&list).run(&[&dead, &alive], &["--lookups", "4", "--quorum", "1"]);
    assert_eq!(said.counts(), &json!({"not-rebuildable": 60}), "{}", said.stderr);
    // One call takes 20 s, and the dead one is the first that is asked.
    assert!(said.took < Duration::from_secs(40), "{:?}", said.took);
    assert!(dead.calls().len() <= 4, "{}", dead.calls().len());
    assert_eq!(said.subjects(), list);
    // Whoever waits sees how far it is.
    assert!(said.stderr.contains(" of 60 answered, "), "{}", said.stderr);
}

#[test]
fn ten_times_the_subjects_take_no_more_memory() {
    let (chain, list) = crowd(2000, 20_000);
    let devnet = Devnet::serve(chain, 0).unwrap();
    let desk = Desk::new(&list);
    let peak = |subjects: usize| {
        desk.write(&list[..subjects]);
        let measured = measure(desk.command(&[&devnet], &["--quiet"])).unwrap();
        devnet.forget();
        let lines = documents::read_lines(&measured.output.stdout).unwrap();
        assert_eq!(lines[subjects]["counts"], json!({"not-rebuildable": subjects}));
        measured.peak >> 10
    };
    let (few, many) = (peak(200), peak(2000));
    println!("{few} kB for 200 subjects, {many} kB for 2,000");
    assert!(many < few + few / 4, "{few} kB for 200 subjects, {many} kB for 2,000");
}

/// Whoever runs a contract gives it the memory of a node, 64 MiB.
#[test]
fn looking_many_up_at_once_does_not_run_as_many_contracts_at_once() {
    let chain = Chain::new("devnet-test");
    let devnet = Devnet::serve(chain, 0).unwrap();
    let list: Vec<String> = (0..96).map(|number| format!("app{number}.devnet")).collect();
    for (number, account) in list.iter().enumerate() {
        devnet.deploy(account, claiming(number, "the same for all"));
    }
    let measured =
        measure(Desk::new(&list).command(&[&devnet], &["--quiet", "--lookups", "48", "--allow-local-source"])).unwrap();
    let lines = documents::read_lines(&measured.output.stdout).unwrap();
    assert_eq!(lines[96]["subjects"], 96);
    assert!(lines[..96].iter().all(|line| line["error"]["code"] == "commit-not-found"), "{}", lines[0]);
    assert!(measured.peak < 512 << 20, "{} MiB", measured.peak >> 20);
}

#[test]
fn an_archive_of_one_claim_is_not_taken_for_the_source_of_many() {
    let desk = Desk::new(&["app.devnet".to_owned()]);
    desk.0.write("source.tar", [0; 1024]);
    let out = desk.command(&[], &["--rpc", "http://127.0.0.1:9", "--source", "source.tar"]).output().unwrap();
    let trouble = String::from_utf8_lossy(&out.stderr).into_owned();
    assert_eq!((out.status.code(), out.stdout.len()), (Some(2), 0), "{trouble}");
    assert!(trouble.contains("give it to `rebuild`"), "{trouble}");
}
