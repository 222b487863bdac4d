//! `--settings`: what the page saved is used as the page uses it, what is given beside it goes first, and a file that is not
//! wholly understood is refused. That page and helper come to the same verdict by one file: `e2e_browser`.

use std::path::Path;

use provenear_tests::devnet::Devnet;
use provenear_tests::fixtures::COUNTER_PINNED_CODE_HASH;
use provenear_tests::notary::Notary;
use provenear_tests::rows::{Row, trusted};
use serde_json::{Value, json};

use crate::asking::{Ended, ended, helper};
use crate::stores::town;

const ACCOUNT: &str = "honest.devnet";

/// What a page saves for somebody who trusts Alice and asks this chain alone.
fn settings(devnet: &Devnet) -> Value {
    json!({
        "schema": "provenear/settings/v1",
        "page": "http://127.0.0.1:1/here/",
        "network": "devnet-test",
        "networks": {"devnet-test": {"endpoints": [devnet.url()], "quorum": null, "registry": null}},
        "keys": [{"key": trusted().public_key().to_near(), "name": "Alice"}],
        "threshold": 1,
        "images": null,
        "accept_custom_build": false,
        "stores": [],
    })
}

fn run(folder: &Path, settings: &Value, words: &[&str]) -> Ended {
    std::fs::write(folder.join("s.json"), settings.to_string()).unwrap();
    let mut command = helper(folder);
    command.args(words).args(["--json", "--allow-local-source", "--settings", "s.json"]);
    ended(&command.output().unwrap())
}

#[test]
fn a_saved_file_stands_for_the_options_and_options_go_first() {
    let (folder, devnet, rows) = town();
    let folder = folder.path();
    std::fs::write(folder.join("own.jsonl"), Row::named(&rows, "honest").manifest.as_ref().unwrap()).unwrap();
    let words = ["inspect", ACCOUNT, "--manifest", "own.jsonl"];
    let usual = settings(&devnet);
    let found = run(folder, &usual, &words);
    assert_eq!(found.outcome(), ("reproduced", 0), "{}", found.json);
    assert!(found.json.to_string().contains("Alice"), "{}", found.json);
    // As strictly as the file says, and less so by an option.
    let with = |field: &str, value: Value| {
        let mut changed = usual.clone();
        changed[field] = value;
        changed
    };
    assert_eq!(run(folder, &with("threshold", json!(2)), &words).outcome(), ("not-rebuilt", 3));
    let more = [&words[..], &["--threshold", "1"]].concat();
    assert_eq!(run(folder, &with("threshold", json!(2)), &more).outcome(), ("reproduced", 0));
    // A key beside the file is one more.
    let bob = Notary::named("bob").public_key().to_near();
    let others = json!([{"key": bob, "name": "Bob"}]);
    assert_eq!(run(folder, &with("keys", others.clone()), &words).outcome(), ("not-rebuilt", 3));
    let alice = trusted().public_key().to_near();
    let more = [&words[..], &["--trust", &alice]].concat();
    assert_eq!(run(folder, &with("keys", others), &more).outcome(), ("reproduced", 0));
    // Images in a file are all that are accepted, and `--accept-image` adds to them.
    let found = run(folder, &with("images", json!("")), &words);
    assert_eq!(found.outcome(), ("reproduced-unvetted", 3), "{}", found.json);
    let image = found.text("/manifests/0/image").to_owned();
    let found = run(folder, &with("images", json!("")), &[&words[..], &["--accept-image", &image]].concat());
    assert_eq!(found.outcome(), ("reproduced", 0), "{}", found.json);
    // Another network than the file's has the file's endpoints for it, or the known ones.
    let found = run(folder, &usual, &[&words[..], &["--network", "other-test"]].concat());
    assert_eq!((found.exit, found.text("/error/code")), (2, "usage"), "{}", found.json);
    // An endpoint beside the file is asked instead of the file's.
    let elsewhere = json!({"devnet-test": {"endpoints": ["http://127.0.0.1:1/"], "quorum": 1}});
    assert_eq!(run(folder, &with("networks", elsewhere.clone()), &words).exit, 4);
    let url = devnet.url();
    let more = [&words[..], &["--rpc", &url]].concat();
    assert_eq!(run(folder, &with("networks", elsewhere), &more).outcome(), ("reproduced", 0));
    // Stores are relative to the page that saved the file, and never folders of this machine.
    std::fs::create_dir(folder.join("manifests")).unwrap();
    let name = format!("manifests/{COUNTER_PINNED_CODE_HASH}.intoto.jsonl");
    std::fs::copy(folder.join("own.jsonl"), folder.join(name)).unwrap();
    let found = run(folder, &with("stores", json!(["manifests/"])), &["inspect", ACCOUNT]);
    assert_eq!(found.json["stores"][0]["url"], "http://127.0.0.1:1/here/manifests/", "{}", found.json);
    assert_eq!(found.outcome(), ("not-rebuilt", 3));
    let found = run(folder, &with("stores", json!(["manifests/"])), &["inspect", ACCOUNT, "--store", "manifests"]);
    assert_eq!((found.outcome(), found.json["stores"].as_array().unwrap().len()), (("reproduced", 0), 2));
}

#[test]
fn a_file_that_is_not_wholly_understood_is_refused_by_every_command() {
    let (folder, devnet, rows) = town();
    let folder = folder.path();
    std::fs::write(folder.join("own.jsonl"), Row::named(&rows, "honest").manifest.as_ref().unwrap()).unwrap();
    let mut unknown = settings(&devnet);
    unknown["accept_local_source"] = json!(true);
    std::fs::write(folder.join("s.json"), unknown.to_string()).unwrap();
    std::fs::write(folder.join("list"), ACCOUNT).unwrap();
    let commands: [&[&str]; 5] = [
        &["inspect", ACCOUNT],
        &["rebuild", ACCOUNT],
        &["verify", "own.jsonl"],
        &["diff", ACCOUNT, ACCOUNT],
        &["batch", "list"],
    ];
    for words in commands {
        let mut command = helper(folder);
        command.args(words).args(["--settings", "s.json", "--json"]);
        let output = command.output().unwrap();
        let json = provenear_tests::documents::read(&output.stdout).unwrap();
        let message = json["error"]["message"].as_str().unwrap();
        assert_eq!(output.status.code(), Some(2), "{words:?}: {json}");
        assert!(message.contains("`s.json`") && message.contains("`accept_local_source`"), "{words:?}: {message}");
    }
    let mut secret = settings(&devnet);
    let half = format!("ed25519:{}", "3".repeat(88));
    secret["keys"][0]["key"] = json!(half);
    let found = run(folder, &secret, &["inspect", ACCOUNT]);
    let message = found.text("/error/message");
    assert!(message.contains("`keys.0.key`") && message.contains("private key"), "{message}");
    assert!(!found.json.to_string().contains("33333") && !found.stderr.contains("33333"), "{message}");
}
