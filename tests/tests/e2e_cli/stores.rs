//! What the reader is told of stores: which were asked, which could not be read, and that none was asked at all.

use std::path::Path;

use provenear_tests::devnet::Devnet;
use provenear_tests::fixtures::{COUNTER_PINNED, COUNTER_PINNED_CODE_HASH};
use provenear_tests::http::{Reply, Response, Server};
use provenear_tests::rows::{Row, trusted};
use serde_json::{Value, json};

use crate::asking::{Ended, ask, helper};

/// A chain with the accounts of the rows, and a folder to work in.
pub(crate) fn town() -> (tempfile::TempDir, Devnet, Vec<Row>) {
    let devnet = Devnet::start().unwrap();
    let rows = Row::all(&devnet);
    (tempfile::tempdir().unwrap(), devnet, rows)
}

fn states(found: &Ended) -> Vec<(Value, Value)> {
    let stores = found.json["stores"].as_array().unwrap();
    stores.iter().map(|store| (store["state"].clone(), store["lines"].clone())).collect()
}

/// A store at `host` whose answer depends on the first part of its path.
fn host(line: String) -> Server {
    Server::start(0, move |request| {
        let answer: Reply = match request.path.split('/').nth(1).unwrap_or_default() {
            "full" => Response::new(200, "text/plain", line.clone()).into(),
            "page" => Response::new(200, "text/html", "<!doctype html><p>Welcome").into(),
            "gone" => Response::new(410, "text/plain", "").into(),
            "absent" => Response::new(404, "text/html", "<!doctype html><p>No such file").into(),
            "forbidden" => Response::new(403, "text/plain", "").into(),
            "broken" => Response::new(503, "text/html", "<!doctype html><p>Try later").into(),
            "binary" => Response::new(200, "application/octet-stream", [0xff, 0xfe, 0]).into(),
            "large" => Response::new(200, "text/plain", vec![b'x'; (16 << 20) + 1]).into(),
            _ => Reply::Close,
        };
        answer
    })
    .unwrap()
}

#[test]
fn each_store_is_said_for_what_it_is() {
    let (folder, devnet, rows) = town();
    let manifest = Row::named(&rows, "honest").manifest.clone().unwrap();
    let server = host(manifest);
    let paths = ["full", "page", "gone", "absent", "forbidden", "broken", "binary", "large", "closed"];
    let host = server.url().replace("://", "://me:secret@");
    let stores = paths.map(|path| format!("{host}/{path}/"));
    let trust = trusted().public_key().to_near();
    let mut words = vec!["inspect", "honest.devnet", "--trust", &trust];
    words.extend(stores.iter().flat_map(|store| ["--store", store]));
    let found = ask(folder.path(), &[&devnet], &words);
    assert!(!found.json.to_string().contains("secret"), "{}", found.json["stores"]);
    assert_eq!(found.outcome(), ("reproduced", 0), "{}", found.json);
    let (silent, empty) = ((json!("unreachable"), json!(0)), (json!("empty"), json!(0)));
    let full = (json!("answered"), json!(1));
    let expected = [&full, &empty, &empty, &empty, &silent, &silent, &silent, &silent, &silent];
    assert_eq!(states(&found).iter().collect::<Vec<_>>(), expected, "{}", found.json["stores"]);
    // A silent store can hide a difference: it is said with the match.
    assert_eq!(found.codes("/notices"), [&["single-endpoint"][..], &["store-unreachable"; 5]].concat());
    assert_eq!(found.json["stores"][0]["url"], format!("{}/full/", server.url()));
    for (at, reason) in [(1, "web page"), (4, "HTTP 403"), (5, "HTTP 503"), (6, "not text"), (7, "16777216 bytes")] {
        let said = found.text(&format!("/stores/{at}/reason"));
        assert!(said.contains(reason), "{said} does not say {reason}");
    }
    let shown =
        text(folder.path(), &devnet, &["inspect", "honest.devnet", "--store", &stores[5], "--store", &stores[3]]);
    let (asked, silent) = (format!("{}/absent/", server.url()), format!("{}/broken/", server.url()));
    let sentence = format!("no signed rebuild found (asked: `{asked}`; could not be read: `{silent}`)");
    assert!(shown.contains(&sentence), "{shown}");
    assert!(shown.contains("store-unreachable"), "{shown}");
}

#[test]
fn a_store_that_is_silent_is_said_where_there_is_no_verdict() {
    let (folder, devnet, _) = town();
    let server = host(String::new());
    let store = format!("{}/broken", server.url());
    let found = ask(folder.path(), &[&devnet], &["inspect", COUNTER_PINNED_CODE_HASH, "--store", &store]);
    assert_eq!(found.outcome(), ("unknown-code", 4), "{}", found.json);
    assert_eq!(found.codes("/notices"), ["store-unreachable"]);
    // Where nothing is known to ask it by, it is not asked.
    let found = ask(folder.path(), &[&devnet], &["inspect", "nobody.devnet", "--store", &store]);
    assert_eq!(found.outcome(), ("unknown-account", 4), "{}", found.json);
    assert_eq!((states(&found), found.codes("/notices")), (vec![(json!("not-asked"), json!(0))], vec![]));
}

#[test]
fn a_store_that_cannot_be_meant_is_a_usage_error_and_one_that_cannot_be_read_is_told() {
    let (folder, devnet, _) = town();
    std::fs::write(folder.path().join("a-file"), "").unwrap();
    for missing in ["no-such-folder", "a-file"] {
        let found = ask(folder.path(), &[&devnet], &["inspect", "honest.devnet", "--store", missing]);
        assert_eq!((found.exit, found.text("/error/code")), (4, "io"), "{}", found.json);
        assert!(found.text("/error/message").contains(missing), "{}", found.json);
    }
    for unclear in [r"https://evil.example\@store.example/", "https://%65vil.example/", "http://\u{435}vil.example/"] {
        for option in ["--store", "--rpc"] {
            let found = ask(folder.path(), &[&devnet], &["inspect", "honest.devnet", option, unclear]);
            assert_eq!((found.exit, found.text("/error/code")), (2, "usage"), "{unclear}: {}", found.json);
        }
    }
    // A folder in the file's place cannot be read, whoever asks.
    let name = format!("{COUNTER_PINNED_CODE_HASH}.intoto.jsonl");
    std::fs::create_dir_all(folder.path().join("store").join(name)).unwrap();
    let found = ask(folder.path(), &[&devnet], &["inspect", "honest.devnet", "--store", "store"]);
    assert_eq!(states(&found), [(json!("unreachable"), json!(0))], "{}", found.json);
    assert!(found.codes("/notices").contains(&"store-unreachable"));
}

#[test]
fn a_file_says_which_stores_were_asked_and_that_none_was() {
    let (folder, devnet, _) = town();
    std::fs::write(folder.path().join("counter.wasm"), COUNTER_PINNED).unwrap();
    std::fs::create_dir(folder.path().join("store")).unwrap();
    let shown = text(folder.path(), &devnet, &["inspect", "counter.wasm"]);
    assert!(shown.contains("no store was asked for signed rebuilds; name one with `--store`"), "{shown}");
    let shown = text(folder.path(), &devnet, &["inspect", "counter.wasm", "--store", "store"]);
    assert!(shown.contains("no signed rebuild found (asked: `store`)"), "{shown}");
}

#[test]
fn junk_in_one_store_leaves_the_others_and_the_readers_own_files_alone() {
    let (folder, devnet, rows) = town();
    let line = Row::named(&rows, "honest").manifest.clone().unwrap();
    let name = format!("{COUNTER_PINNED_CODE_HASH}.intoto.jsonl");
    for (store, text) in [("junk", "{}\n".repeat(300_000) + &line), ("good", line.clone())] {
        std::fs::create_dir(folder.path().join(store)).unwrap();
        std::fs::write(folder.path().join(store).join(&name), text).unwrap();
    }
    let trust = trusted().public_key().to_near();
    let words = ["inspect", "honest.devnet", "--trust", &trust, "--store", "junk", "--store", "good"];
    let found = ask(folder.path(), &[&devnet], &words);
    assert_eq!(found.outcome(), ("reproduced", 0));
    assert_eq!(states(&found), [(json!("answered"), json!(256)), (json!("answered"), json!(1))]);
    assert_eq!((&found.json["stores"][0]["cut"], &found.json["stores"][1]["cut"]), (&json!(true), &json!(false)));
    assert!(found.codes("/notices").contains(&"store-cut"));
    assert_eq!(found.json["manifests"].as_array().unwrap().len(), 257);
    std::fs::write(folder.path().join("own.jsonl"), &line).unwrap();
    let words = ["inspect", "honest.devnet", "--trust", &trust, "--store", "junk", "--manifest", "own.jsonl"];
    assert_eq!(ask(folder.path(), &[&devnet], &words).outcome(), ("reproduced", 0));
}

/// What a person is shown.
pub(crate) fn text(folder: &Path, devnet: &Devnet, words: &[&str]) -> String {
    let mut command = helper(folder);
    command.args(words).args(["--network", "devnet-test", "--rpc", &devnet.url()]);
    String::from_utf8(command.output().unwrap().stdout).unwrap()
}
